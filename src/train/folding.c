/* What folding in takes of a model: its options and weights of items as a training would begin with them, Gram matrices, how long rows
 * are, and priors of exposure. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/status.h"
#include "method/als.h"
#include "sampler/sampler.h"
#include "train/draw.h"
#include "train/estimate.h"
#include "train/folding.h"
#include "train/gram.h"
#include "train/look_up.h"
#include "train/optimizer.h"
#include "train/told.h"
#include "train/weigh.h"

enum { ROUNDS = 20 /* of an item's prior, which is settled long before */, TRIES = 16 };
#define FIRST_STEP 0.15

static int length_class(int64_t interactions)
{
    int k = 0;
    while (k < FOLD_LENGTHS - 1 && (INT64_C(2) << k) - 1 <= interactions) k++;
    return k;
}

double folding_length(const fold_side *side, int64_t interactions)
{
    return side->length[length_class(interactions)];
}

float folding_offset(const folding *f, int64_t interactions)
{
    const sampler *by = f->run.sampler;
    const double weight = by->weight ? by->weight(interactions, &f->run.options) : 0;
    return weight > 0 ? (float)log(f->drawn / ((double)f->item.count * weight)) : 0;
}

bool folding_row_has(const fold_row *row, int32_t index)
{
    int64_t low = 0, high = row->count;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (row->index[middle] < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low < row->count && row->index[low] == index;
}

kernel_step folding_step(double root_mean_square, double regularization, int t, int steps)
{
    static const tamis_train_options adam = {.optimizer = TAMIS_OPTIMIZER_ADAM};
    return optimizer_constants(&adam, root_mean_square * FIRST_STEP * (1 - (double)t / steps), regularization, t + 1);
}

int64_t folding_other(const folding *f, const fold_row *row, base_stream *stream)
{
    const matrix *m = f->log.matrix;
    for (int tries = 0; tries < TRIES; tries++) {
        const int64_t at = (int64_t)(base_uniform(stream) * (double)m->nnz);
        if (!folding_row_has(row, matrix_row_at(m, at))) return at;
    }
    return -1;
}

double folding_bias(const folding *f, int64_t interactions)
{
    const float *bias = f->run.model->item_bias;
    const int k = length_class(interactions);
    double sum = 0, n = 0;
    for (int64_t i = 0; bias && i < f->item.count; i++) {
        const bool alike = length_class(f->run.item_clicks[i]) == k;
        sum += alike ? (double)bias[i] : 0;
        n += alike;
    }
    return n > 0 ? sum / n : 0;
}

/* Classes without rows take the nearest one's length, that of fewer interactions first. */
static void measure_lengths(fold_side *side, const int64_t *count, size_t stride, const kernel_tier *kernel)
{
    double sum[FOLD_LENGTHS] = {0};
    int64_t rows[FOLD_LENGTHS] = {0};
    for (int64_t r = 0; r < side->count; r++) {
        const float *row = side->rows + (size_t)r * stride;
        const int k = length_class(count[r]);
        if (count[r] == 0) continue; /* untrained */
        sum[k] += sqrt((double)kernel->dot(row, row, stride));
        rows[k]++;
    }
    for (int k = 0; k < FOLD_LENGTHS; k++)
        for (int away = 0; away < FOLD_LENGTHS && !(side->length[k] > 0); away++)
            for (int sign = -1; sign <= 1; sign += 2) {
                const int from = k + sign * away;
                if (from >= 0 && from < FOLD_LENGTHS && rows[from] && !(side->length[k] > 0))
                    side->length[k] = sum[from] / (double)rows[from];
            }
}

static bool measure(fold_side *side, const float *rows, int64_t count, const int64_t *interactions, const train_run *run)
{
    const size_t stride = run->model->stride;
    *side = (fold_side){.rows = rows, .count = count, .gram = base_alloc(stride * stride, sizeof *side->gram),
                        .mean = base_alloc(stride, sizeof *side->mean)};
    if (!side->gram || !side->mean || !interactions) return false;
    gram_fill(rows, count, stride, run->kernel->ridge, side->gram);
    for (int64_t r = 0; r < count; r++)
        for (size_t k = 0; k < stride; k++) side->mean[k] += (double)rows[(size_t)r * stride + k];
    for (size_t k = 0; k < stride && count; k++) side->mean[k] /= (double)count;
    measure_lengths(side, interactions, stride, run->kernel);
    return true;
}

static float *mean_row(const float *rows, int64_t count, size_t stride)
{
    float *mean = base_alloc(stride, sizeof *mean);
    for (size_t k = 0; mean && k < stride; k++) {
        double sum = 0;
        for (int64_t r = 0; r < count; r++) sum += (double)rows[(size_t)r * stride + k];
        mean[k] = count ? (float)(sum / (double)count) : 0;
    }
    return mean;
}

static bool mean_flips(folding *f, const tamis_model *model)
{
    f->flip = mean_row(model->flip_user, model->users, model->flip_stride);
    f->item_flip = mean_row(model->flip_item, model->items, model->flip_stride);
    return f->flip && f->item_flip;
}

/* μ_i is where the prior and the expected exposures of all users, by the scores as they are, agree. */
static bool infer_exposure(folding *f, const tamis_model *model)
{
    const method_als *how = f->run.method->family;
    const int64_t users = model->users;
    als_exposure exposure;
    how->describe(f->run.options.param, &exposure);
    matrix *of_items = matrix_transpose(f->log.matrix);
    float *score = base_alloc((size_t)users, sizeof *score), *weight = base_alloc((size_t)users, sizeof *weight);
    int32_t *user = base_alloc((size_t)users, sizeof *user), *item = base_alloc((size_t)users, sizeof *item);
    f->exposure = base_alloc((size_t)model->items, sizeof *f->exposure);
    const bool done = of_items && score && weight && user && item && f->exposure;
    for (int64_t u = 0; done && u < users; u++) user[u] = (int32_t)u;
    for (int64_t i = 0; done && i < model->items; i++) {
        for (int64_t u = 0; u < users; u++) item[u] = (int32_t)i;
        f->run.kernel->scores(model->user_factors, user, model->item_factors, item, users, model->stride, score);
        float prior = (float)exposure.start;
        for (int round = 0; round < ROUNDS; round++) {
            double exposed = 0;
            how->expect(&exposure, score, &prior, 0, users, weight, NULL);
            for (int64_t k = of_items->start[i]; k < of_items->start[i + 1]; k++) weight[of_items->index[k]] = (float)exposure.precision;
            for (int64_t u = 0; u < users; u++) exposed += (double)weight[u];
            prior = (float)how->prior(&exposure, exposed / exposure.precision, users);
        }
        f->exposure[i] = prior;
    }
    matrix_drop(of_items);
    void *const arrays[] = {score, weight, user, item};
    for (size_t k = 0; k < BASE_COUNT(arrays); k++) base_free(arrays[k]);
    return done;
}

static void clear(model_extra *extra)
{
    folding *f = (folding *)extra;
    void *const arrays[] = {f->run.item_clicks, f->run.slot, f->run.weights, f->run.pair_weights, f->run.negative_scale,
                            f->user.gram, f->user.mean, f->item.gram, f->item.mean, f->flip, f->item_flip, f->exposure};
    for (size_t k = 0; k < BASE_COUNT(arrays); k++) base_free(arrays[k]);
    base_free(f);
}

static int64_t *row_counts(const matrix *m)
{
    int64_t *count = base_alloc((size_t)m->rows, sizeof *count);
    for (int64_t r = 0; count && r < m->rows; r++) count[r] = m->start[r + 1] - m->start[r];
    return count;
}

static tamis_status fill(folding *f, const tamis_model *model, tamis_error *error)
{
    train_run *run = &f->run;
    if (model->partial)
        return base_fail(error, TAMIS_USAGE, "the model was loaded for some users, and others can only be folded into all of it");
    tamis_status status = told_options(model, &run->options, error);
    if (status) return status;
    if (told_note(model, "own-loss"))
        return base_fail(error, TAMIS_USAGE, "the model was trained with a loss of its caller's own, \"%.60s\", which no file holds; train "
                                             "with the new rows", told_note(model, "own-loss"));
    f->log = (tamis_log){.users = model->users, .items = model->items, .user_ids = model->user_ids, .item_ids = model->item_ids,
                         .matrix = (matrix *)(uintptr_t)model_trained(model)};
    run->seen = run->log = &f->log;
    run->model = (tamis_model *)(uintptr_t)model; /* only looked at */
    run_look_up(run);
    if (!model->factors) return TAMIS_OK;
    status = weigh_samples(run, error);
    if (status) return status;
    for (int64_t i = 0; i < model->items && run->sampler->weight; i++) f->drawn += run->sampler->weight(run->item_clicks[i], &run->options);
    int64_t *of_users = row_counts(f->log.matrix);
    bool done = measure(&f->item, model->item_factors, model->items, run->item_clicks, run);
    done = done && measure(&f->user, model->user_factors, model->users, of_users, run) && draw_fill_slots(run);
    if (done && model->flip_factors) done = mean_flips(f, model);
    if (done && run->method->trainer == METHOD_BY_ALS && ((const method_als *)run->method->family)->describe)
        done = infer_exposure(f, model);
    base_free(of_users);
    return done ? TAMIS_OK : base_no_memory(error, "folding in", (size_t)(model->items + model->users), sizeof(float));
}

void folding_takes(const tamis_model *model, const tamis_log *log, estimate *e)
{
    const double stride = (double)model->stride, items = (double)model->items, rows = (double)log->matrix->nnz;
    estimate_keep(e, "folding in", sizeof(folding) + 2 * (stride * stride + stride) * sizeof(double) + items * (sizeof(int64_t) + sizeof(alias_slot)));
    estimate_work(e, "the log by items", ((double)log->items + 1) * sizeof(int64_t) + rows * sizeof(int32_t));
}

tamis_status folding_of(const tamis_model *model, const folding **out, tamis_error *error)
{
    tamis_model *of = model->lender ? model->lender : (tamis_model *)(uintptr_t)model;
    model_extra *there = atomic_load(&of->folding);
    *out = (const folding *)there;
    if (there) return TAMIS_OK;
    folding *f = base_alloc(1, sizeof *f);
    if (!f) return base_no_memory(error, "folding in", 1, sizeof *f);
    f->extra.free = clear;
    const tamis_status status = fill(f, of, error);
    if (status) {
        clear(&f->extra);
        return status;
    }
    if (atomic_compare_exchange_strong(&of->folding, &there, &f->extra)) {
        *out = f;
    } else { /* another thread was first */
        clear(&f->extra);
        *out = (const folding *)there;
    }
    return TAMIS_OK;
}
