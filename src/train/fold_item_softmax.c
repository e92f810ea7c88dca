/* Steps on a new item's row of a softmax method, the users held.
 *
 * Notation: U the item's users, n of them; A samples, one of these users each, who has the item as positive and M negatives; B samples
 * of other users, each with one of its positives and M negatives, the first of which is the item. All are drawn once: without the item
 * nothing in them changes. In an epoch of training with M negatives the item would be drawn b = |D| M q times, |D| interactions, q its
 * chance in a draw. By a = -dL/dc of fold_pulls.c,
 *   G = n/A Σ_A a û + b/B Σ_B a û,   then (G - (G . q̂) q̂) / n, a step of Adam's, and back to length 1. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "sampler/alias.h"
#include "train/draw.h"
#include "train/fold_item_softmax.h"
#include "train/fold_pulls.h"
#include "train/optimizer.h"

enum { NEGATIVES = 32, LEAST_SAMPLES = 32, LEAST_OTHERS = 128, MOST_SAMPLES = 256 };

typedef struct one_item {
    const folding *f;
    const fold_row *row;
    size_t stride;
    fold_pulls pulls;         /* of the sample that is looked at */
    int64_t own, others, met; /* A, B; and how many users of the latter kind were found */
    double drawn;             /* b */
    float bias, offset, *q;
    int32_t *user, *zero;     /* per sample: who; 0 */
    float *of_user;           /* per sample: what its positive weighs */
    float *negative, *positive; /* per sample: scores over τ1, of padded negatives and of the positive */
    float *score, *pull;      /* per sample: of the item */
    float *gradient, *first, *second;
} one_item;

/* The score of an item of the model's over τ1. */
static float score_of(const one_item *o, int32_t user, int32_t item)
{
    const tamis_model *m = o->f->run.model;
    const float score = o->f->run.kernel->dot(m->user_factors + (size_t)user * o->stride, m->item_factors + (size_t)item * o->stride, o->stride);
    return (score + (m->item_bias ? m->item_bias[item] : 0)) / (float)o->pulls.terms.temperature;
}

static void draw_negatives(const one_item *o, int64_t sample, int64_t from, base_stream *stream)
{
    const train_run *run = &o->f->run;
    const int32_t u = o->user[sample];
    float *score = o->negative + sample * o->pulls.padded;
    for (int64_t j = from; j < o->pulls.padded; j++) score[j] = FOLD_LEFT_OUT;
    for (int64_t j = from; j < o->pulls.negatives; j++) {
        const int32_t item = (int32_t)alias_draw(run->slot, (uint32_t)o->f->item.count, stream);
        if (matrix_find(o->f->log.matrix, u, item) < 0) score[j] = score_of(o, u, item) + folding_offset(o->f, run->item_clicks[item]);
    }
}

static void draw_samples_once(one_item *o)
{
    double sum = 0;
    const matrix *m = o->f->log.matrix;
    const uint64_t seed = base_mix(o->f->run.options.seed ^ o->row->key);
    for (int64_t k = 0; k < o->own; k++) {
        base_stream stream = base_stream_key(seed, BASE_FOR_SAMPLE, 0, (uint64_t)k);
        const int64_t at = draw_permuted(k % o->row->count, o->row->count, o->row->key);
        o->user[k] = o->row->index[at];
        o->of_user[k] = o->row->weight ? o->row->weight[at] : 1;
        sum += (double)o->of_user[k];
        draw_negatives(o, k, 0, &stream);
    }
    for (int64_t k = 0; k < o->own; k++) o->of_user[k] = (float)((double)o->of_user[k] * (double)o->own / sum);
    for (int64_t k = o->own; k < o->own + o->others; k++) {
        base_stream stream = base_stream_key(seed, BASE_FOR_SAMPLE, 0, (uint64_t)k);
        const int64_t at = folding_other(o->f, o->row, &stream), next = o->own + o->met;
        if (at < 0) continue;
        o->user[next] = matrix_row_at(m, at);
        o->positive[next] = score_of(o, o->user[next], m->index[at]);
        o->of_user[next] = 1;
        draw_negatives(o, next, 1, &stream);
        o->met++;
    }
}

/* What pulls at the item in sample k. */
static float pull_of(one_item *o, int64_t k, int t)
{
    const bool own = k < o->own;
    const float score = (o->score[k] + o->bias) / (float)o->pulls.terms.temperature;
    memcpy(o->pulls.score, o->negative + k * o->pulls.padded, (size_t)o->pulls.padded * sizeof(float));
    o->pulls.weight = o->of_user + k;
    o->pulls.of_positive[0] = own ? score : o->positive[k];
    if (!own) o->pulls.score[0] = score + o->offset;
    fold_pulls_of_scores(&o->pulls, t);
    return own ? o->pulls.of_positive[0] * (float)((double)o->row->count / (double)o->own)
               : o->pulls.score[0] * (float)(o->drawn / (double)o->met);
}

static void step(one_item *o, int t)
{
    const train_run *run = &o->f->run;
    const float *users = run->model->user_factors;
    const double size = sqrt(1 / (double)run->model->factors);
    const kernel_step c = folding_step(size, 0, t, FOLD_STEPS);
    const int64_t samples = o->own + o->met;
    run->kernel->scores(users, o->user, o->q, o->zero, samples, o->stride, o->score);
    for (int64_t k = 0; k < samples; k++) o->pull[k] = pull_of(o, k, t);
    run->kernel->combine(users, o->user, o->pull, samples, o->stride, o->gradient);
    run->kernel->tangent(o->gradient, o->q, o->stride, 1 / (float)o->row->count);
    run->kernel->adam(o->q, o->first, o->second, o->gradient, o->stride, &c);
    run->kernel->normalize(o->q, o->stride, o->q);
}

static void *make_room(one_item *o)
{
    fold_pulls *of = &o->pulls;
    const size_t samples = (size_t)(o->own + o->others), padded = (size_t)of->padded;
    const base_part parts[] = {{&o->of_user, samples}, {&o->positive, samples}, {&o->score, samples}, {&o->pull, samples},
                               {&o->user, samples}, {&o->zero, samples}, {&o->negative, samples * padded}, {&of->score, padded},
                               {&of->room, padded}, {&of->best, fold_pulls_best(of)}, {&of->of_positive, 1},
                               {&o->gradient, o->stride}, {&o->first, o->stride}, {&o->second, o->stride}};
    return base_alloc_parts(parts, BASE_COUNT(parts));
}

tamis_status fold_item_softmax(const folding *f, const fold_row *row, float bias, float *q, tamis_error *error)
{
    const train_run *run = &f->run;
    const fold_row one = {.count = 1, .key = row->key};
    const double weight = run->sampler->weight ? run->sampler->weight(row->count, &run->options) : 1;
    const double all = run->sampler->weight ? f->drawn : (double)f->item.count;
    const int64_t samples = row->count < LEAST_SAMPLES ? LEAST_SAMPLES : row->count < MOST_SAMPLES ? row->count : MOST_SAMPLES;
    one_item o = {.f = f, .row = row, .stride = run->model->stride, .bias = bias, .q = q, .own = samples,
                  .others = row->count == f->log.users ? 0 : samples > LEAST_OTHERS ? samples : LEAST_OTHERS, .offset = folding_offset(f, row->count)};
    fold_pulls_open(&o.pulls, f, &one, NEGATIVES);
    o.drawn = (double)run->seen->matrix->nnz * (double)o.pulls.negatives * weight / (weight + all);
    void *memory = make_room(&o);
    if (!memory) return base_no_memory(error, "folding in", (size_t)samples, (size_t)o.pulls.padded * sizeof *q);
    draw_samples_once(&o);
    run->kernel->normalize(q, o.stride, q);
    for (int t = 0; t < FOLD_STEPS; t++) step(&o, t);
    base_free(memory);
    return TAMIS_OK;
}
