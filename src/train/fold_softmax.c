/* Steps on a new user's row of a softmax method, the items held: the loss of train/softmax.c over one row.
 *
 * Notation: û of length 1, c_i = û . q̂_i + b_i; H the user's n items, M negatives j drawn anew each step, those that are in H left
 * out. By the loss's gradient along û, G = Σ_H a_i q̂_i + Σ_j a_j q̂_j with a = -dL/dc of fold_pulls.c;
 * then (G - (G . û) û), a step of Adam's, and back to length 1. */
#include <math.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "sampler/alias.h"
#include "train/fold_pulls.h"
#include "train/fold_softmax.h"
#include "train/optimizer.h"

enum { MOST_NEGATIVES = 256 };

typedef struct one_row {
    const folding *f;
    const fold_row *row;
    size_t stride;
    fold_pulls pulls;      /* scores and what becomes of them */
    int32_t *item, *zero;  /* the negatives'; as many zeros, or as H has items */
    float *gradient, *push, *first, *second;
    float *p;
} one_row;

/* Draws the negatives; all scores in units of the temperature. How many negatives are left. */
static int64_t take_scores(const one_row *r, int t)
{
    const train_run *run = &r->f->run;
    const fold_row *row = r->row;
    const fold_pulls *of = &r->pulls;
    const float *bias = run->model->item_bias, scale = (float)(1 / of->terms.temperature);
    base_stream stream = base_stream_key(base_mix(run->options.seed ^ row->key), BASE_FOR_TILE, (uint64_t)t, 0);
    int64_t left = 0;
    for (int64_t j = 0; j < of->negatives; j++) r->item[j] = (int32_t)alias_draw(run->slot, (uint32_t)r->f->item.count, &stream);
    run->kernel->scores(r->p, r->zero, r->f->item.rows, r->item, of->negatives, r->stride, of->score);
    run->kernel->scores(r->p, r->zero, r->f->item.rows, row->index, row->count, r->stride, of->of_positive);
    for (int64_t k = 0; k < row->count; k++) of->of_positive[k] = (of->of_positive[k] + (bias ? bias[row->index[k]] : 0)) * scale;
    for (int64_t j = 0; j < of->negatives; j++) {
        const int32_t item = r->item[j];
        const bool own = folding_row_has(row, item);
        of->score[j] = own ? FOLD_LEFT_OUT : (of->score[j] + (bias ? bias[item] : 0)) * scale + folding_offset(r->f, run->item_clicks[item]);
        left += !own;
    }
    for (int64_t j = of->negatives; j < of->padded; j++) of->score[j] = FOLD_LEFT_OUT;
    return left;
}

static void step(const one_row *r, int t)
{
    const train_run *run = &r->f->run;
    const double size = sqrt(1 / (double)run->model->factors);
    const kernel_step c = folding_step(size, 0, t, FOLD_STEPS);
    if (take_scores(r, t) == 0) return; /* all that was drawn is the user's */
    fold_pulls_of_scores(&r->pulls, t);
    run->kernel->combine(r->f->item.rows, r->row->index, r->pulls.of_positive, r->row->count, r->stride, r->gradient);
    run->kernel->combine(r->f->item.rows, r->item, r->pulls.score, r->pulls.negatives, r->stride, r->push);
    run->kernel->axpy(r->gradient, 1, r->push, r->stride);
    run->kernel->tangent(r->gradient, r->p, r->stride, 1 / (float)r->row->count);
    run->kernel->adam(r->p, r->first, r->second, r->gradient, r->stride, &c);
    run->kernel->normalize(r->p, r->stride, r->p);
}

static void *make_room(one_row *r)
{
    fold_pulls *of = &r->pulls;
    const size_t negatives = (size_t)of->padded, positives = (size_t)r->row->count;
    const base_part parts[] = {{&r->item, negatives}, {&r->zero, positives > negatives ? positives : negatives},
                               {&of->score, negatives}, {&of->room, negatives}, {&of->of_positive, positives},
                               {&of->best, fold_pulls_best(of)}, {&r->gradient, r->stride}, {&r->push, r->stride},
                               {&r->first, r->stride}, {&r->second, r->stride}};
    return base_alloc_parts(parts, BASE_COUNT(parts));
}

tamis_status fold_softmax(const folding *f, const fold_row *row, float *p, tamis_error *error)
{
    const train_run *run = &f->run;
    one_row r = {.f = f, .row = row, .stride = run->model->stride, .p = p};
    fold_pulls_open(&r.pulls, f, row, MOST_NEGATIVES);
    void *memory = make_room(&r);
    if (!memory) return base_no_memory(error, "folding in", (size_t)r.pulls.padded, sizeof *p);
    run->kernel->normalize(p, r.stride, p);
    for (int t = 0; t < FOLD_STEPS; t++) step(&r, t);
    base_free(memory);
    return TAMIS_OK;
}
