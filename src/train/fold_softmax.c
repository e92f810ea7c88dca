/* Steps on a new user's row of a softmax method, the items held: the loss of train/softmax.c over one row.
 *
 * Notation: û of length 1, c_i = û . q̂_i + b_i; H the user's n items, M negatives j drawn anew each step, those that are in H left
 * out; Z = Σ_j e^{c_j/τ1}. Along û, by the loss's gradient,
 *   G = Σ_H a_i q̂_i + w Σ_j e^{c_j/τ1} q̂_j,   then (G - (G . û) û), a step of Adam's, and back to length 1.
 * softmax, bsl: a_i = c / τ1, or where positives are pooled by batch, that of a share of their sum; w = -τ2 Σ c / (τ1 Z).
 * slatk: a_i as train/softmax_scores.c has it, β the K-th of the scores at hand; psl: powers in the place of exponentials. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "kernel/scalar.h"
#include "method/softmax.h"
#include "sampler/alias.h"
#include "train/draw.h"
#include "train/fold_softmax.h"
#include "train/optimizer.h"

enum { STEPS = 40, MOST_NEGATIVES = 256, MOST_POWERS = 1024, LEAST_NEGATIVES = 16 };
static const double first_step = 0.15; /* as a share of the root mean square of a row's factors */

typedef struct one_row {
    const folding *f;
    const fold_row *row;
    softmax_terms terms;
    size_t stride;
    int64_t negatives, padded; /* M, and the next multiple of 16 */
    int32_t *item, *zero;  /* the negatives'; as many zeros, or as H has items */
    float *score, *of_positive; /* c_j / τ1 plus offset, then w e; c_i / τ1, then a */
    float *best;           /* room for the K largest scores */
    float *gradient, *pull, *first, *second;
    int64_t pool;          /* positives that a batch of training has of such a user */
    float *p;
} one_row;

/* ln (1 / (N q_j)) of an item that is drawn with chance q_j. */
static void offsets(const one_row *r)
{
    const train_run *run = &r->f->run;
    for (int64_t j = 0; j < r->negatives && run->sampler->weight; j++) {
        const double w = run->sampler->weight(run->item_clicks[r->item[j]], &run->options);
        if (w > 0) r->score[j] += (float)log(r->f->drawn / ((double)r->f->item.count * w));
    }
}

static bool has(const fold_row *row, int32_t item)
{
    int64_t low = 0, high = row->count;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (row->index[middle] < item)
            low = middle + 1;
        else
            high = middle;
    }
    return low < row->count && row->index[low] == item;
}

/* Draws the negatives; all scores in units of the temperature. How many negatives are left. */
static int64_t take_scores(const one_row *r, int t)
{
    const train_run *run = &r->f->run;
    const fold_row *row = r->row;
    const float *bias = run->model->item_bias, scale = (float)(1 / r->terms.temperature);
    base_stream stream = base_stream_key(base_mix(run->options.seed ^ row->key), BASE_FOR_TILE, (uint64_t)t, 0);
    int64_t left = 0;
    for (int64_t j = 0; j < r->negatives; j++) r->item[j] = (int32_t)alias_draw(run->slot, (uint32_t)r->f->item.count, &stream);
    run->kernel->scores(r->p, r->zero, r->f->item.rows, r->item, r->negatives, r->stride, r->score);
    run->kernel->scores(r->p, r->zero, r->f->item.rows, row->index, row->count, r->stride, r->of_positive);
    for (int64_t j = 0; j < r->negatives; j++) r->score[j] = (r->score[j] + (bias ? bias[r->item[j]] : 0)) * scale;
    for (int64_t k = 0; k < row->count; k++) r->of_positive[k] = (r->of_positive[k] + (bias ? bias[row->index[k]] : 0)) * scale;
    offsets(r);
    for (int64_t j = 0; j < r->negatives; j++) {
        const bool own = has(row, r->item[j]);
        if (own) r->score[j] = -1e30f;
        left += !own;
    }
    for (int64_t j = r->negatives; j < r->padded; j++) r->score[j] = -1e30f;
    return left;
}

static float weight_of(const one_row *r, int64_t k)
{
    return r->row->weight ? r->row->weight[k] : 1;
}

/* Positives' a where those of a batch are pooled: in sets of `pool`, drawn anew. */
static void pool_positives(const one_row *r, int t)
{
    const int64_t n = r->row->count;
    const uint64_t key = base_mix(r->row->key + (uint64_t)t);
    for (int64_t first = 0; first < n; first += r->pool) {
        const int64_t end = first + r->pool < n ? first + r->pool : n;
        double weights = 0, sum = 0;
        float most = -INFINITY;
        for (int64_t k = first; k < end; k++) {
            const int64_t at = draw_permuted(k, n, key);
            weights += (double)weight_of(r, at);
            most = r->of_positive[at] > most ? r->of_positive[at] : most;
        }
        for (int64_t k = first; k < end; k++) {
            float *a = &r->of_positive[draw_permuted(k, n, key)];
            *a = scalar_exp_negative(*a - most);
            sum += (double)*a;
        }
        for (int64_t k = first; k < end; k++) r->of_positive[draw_permuted(k, n, key)] *= (float)(weights / (sum * r->terms.temperature));
    }
}

/* The K-th largest of the scores at hand, without the temperature. */
static float threshold(const one_row *r)
{
    int64_t count = 0, k = r->terms.top;
    for (int64_t from = 0; from < r->negatives + r->row->count; from++) {
        const float score = from < r->negatives ? r->score[from] : r->of_positive[from - r->negatives];
        if (count == k && !(score > r->best[k - 1])) continue;
        int64_t at = count < k ? count++ : k - 1;
        for (; at > 0 && r->best[at - 1] < score; at--) r->best[at] = r->best[at - 1];
        r->best[at] = score;
    }
    return count ? r->best[count - 1] * (float)r->terms.temperature : 0;
}

/* Positives' a where they weigh σ((c - β) / τw), l = ln Z; gives the sum of their weights. */
static double weigh_positives(const one_row *r, double l)
{
    const float t = (float)r->terms.temperature, tw = (float)r->terms.weight_temperature, beta = threshold(r);
    double weights = 0;
    for (int64_t k = 0; k < r->row->count; k++) {
        const float score = r->of_positive[k], w = scalar_sigmoid((score * t - beta) / tw), own = weight_of(r, k);
        const float through = r->terms.held ? 0 : w * (1 - w) / tw * ((float)l - score);
        r->of_positive[k] = own * (w / t - through);
        weights += (double)(own * w);
    }
    return weights;
}

static double plain_positives(const one_row *r, int t)
{
    double sum = 0;
    for (int64_t k = 0; k < r->row->count; k++) sum += (double)weight_of(r, k);
    if (r->terms.pooled && r->pool > 1)
        pool_positives(r, t);
    else
        for (int64_t k = 0; k < r->row->count; k++) r->of_positive[k] = weight_of(r, k) / (float)r->terms.temperature;
    return sum;
}

static void by_exponentials(const one_row *r, int t)
{
    float top = 0;
    for (int64_t j = 0; j < r->negatives; j++) top = r->score[j] > top ? r->score[j] : top;
    for (int64_t j = 0; j < r->padded && r->terms.weight_temperature > 0; j++) r->pull[j] = r->score[j];
    double l = 0, n;
    if (r->terms.weight_temperature > 0) { /* β is of scores, which are overwritten */
        const double sum = (double)r->f->run.kernel->exp_sum(r->pull, r->padded, top);
        l = log(sum) + (double)top;
        n = weigh_positives(r, l);
    } else {
        n = plain_positives(r, t);
    }
    const double sum = (double)r->f->run.kernel->exp_sum(r->score, r->padded, top);
    const float w = (float)(-n * r->terms.power / (r->terms.temperature * sum));
    for (int64_t j = 0; j < r->negatives; j++) r->score[j] *= w;
}

/* psl: z_j = max(0, 1 + (c_j - c_i) / 2), L_i = ln Σ_j z_j^p. */
static void by_powers(const one_row *r)
{
    const float power = (float)r->terms.exponent - 1;
    float *pull = r->pull, *z = r->best;
    memset(pull, 0, (size_t)r->padded * sizeof *pull);
    for (int64_t k = 0; k < r->row->count; k++) {
        float most = 0, all = 0;
        double sum = 0;
        for (int64_t j = 0; j < r->negatives; j++) {
            z[j] = 1 + (r->score[j] - r->of_positive[k]) / 2;
            most = z[j] > most ? z[j] : most;
        }
        for (int64_t j = 0; j < r->negatives && most > 0; j++) {
            const float share = z[j] / most;
            z[j] = share > 0 ? scalar_exp_negative(power * scalar_log(share)) : 0;
            sum += (double)(z[j] * share);
        }
        const float by = most > 0 ? (float)((double)weight_of(r, k) * r->terms.exponent / 2 / ((double)most * sum)) : 0;
        for (int64_t j = 0; j < r->negatives && by > 0; j++) {
            pull[j] -= by * z[j];
            all += by * z[j];
        }
        r->of_positive[k] = all;
    }
    memcpy(r->score, pull, (size_t)r->padded * sizeof *pull);
}

static void step(const one_row *r, int t)
{
    const train_run *run = &r->f->run;
    const tamis_train_options adam = {.optimizer = TAMIS_OPTIMIZER_ADAM};
    const double size = sqrt(1 / (double)run->model->factors);
    const kernel_step c = optimizer_constants(&adam, size * first_step * (1 - (double)t / STEPS), 0, t + 1);
    if (take_scores(r, t) == 0) return; /* all that was drawn is the user's */
    if (r->terms.exponent > 0)
        by_powers(r);
    else
        by_exponentials(r, t);
    run->kernel->combine(r->f->item.rows, r->row->index, r->of_positive, r->row->count, r->stride, r->gradient);
    run->kernel->combine(r->f->item.rows, r->item, r->score, r->negatives, r->stride, r->pull);
    run->kernel->axpy(r->gradient, 1, r->pull, r->stride);
    run->kernel->tangent(r->gradient, r->p, r->stride, 1 / (float)r->row->count);
    run->kernel->adam(r->p, r->first, r->second, r->gradient, r->stride, &c);
    run->kernel->normalize(r->p, r->stride, r->p);
}

static float *make_room(one_row *r)
{
    const size_t negatives = (size_t)r->padded, positives = ((size_t)r->row->count + 15) / 16 * 16;
    const size_t zeros = positives > negatives ? positives : negatives;
    const size_t best = (size_t)r->terms.top > negatives ? ((size_t)r->terms.top + 15) / 16 * 16 : negatives;
    const size_t pull = r->stride > negatives ? r->stride : negatives;
    float *memory = base_alloc(2 * negatives + positives + zeros + best + pull + 3 * r->stride, sizeof *memory), *at = memory;
    if (!memory) return NULL;
    r->item = (int32_t *)at;
    r->zero = (int32_t *)(at += negatives);
    r->score = at += zeros;
    r->of_positive = at += negatives;
    r->best = at += positives;
    r->pull = at += best;
    r->gradient = at += pull;
    r->first = at += r->stride;
    r->second = at + r->stride;
    return memory;
}

tamis_status fold_softmax(const folding *f, const fold_row *row, float *p, tamis_error *error)
{
    const train_run *run = &f->run;
    const double batches = (double)run->options.batch_size * (double)row->count / (double)run->seen->matrix->nnz;
    one_row r = {.f = f, .row = row, .stride = run->model->stride, .negatives = run->options.negatives, .p = p,
                 .pool = batches < 1.5 ? 1 : (int64_t)(batches + 0.5)};
    ((const softmax_family *)run->method->family)->terms(run->options.param, &r.terms);
    if (r.negatives > MOST_NEGATIVES) r.negatives = MOST_NEGATIVES;
    if (r.terms.exponent > 0 && r.negatives * row->count > MOST_POWERS)
        r.negatives = MOST_POWERS / row->count > LEAST_NEGATIVES ? MOST_POWERS / row->count : LEAST_NEGATIVES;
    r.padded = (r.negatives + 15) / 16 * 16;
    float *memory = make_room(&r);
    if (!memory) return base_no_memory(error, "folding in", (size_t)r.padded, sizeof *memory);
    run->kernel->normalize(p, r.stride, p);
    for (int t = 0; t < STEPS; t++) step(&r, t);
    base_free(memory);
    return TAMIS_OK;
}
