/* What the softmax methods' loss over one user's row pulls at each item with.
 *
 * Notation: c_i the scores of n positives, c_j of M negatives, Z = Σ_j e^{c_j/τ1}; -dL/dc_i = a_i, -dL/dc_j = w e^{c_j/τ1}.
 * softmax, bsl: a_i = c / τ1, or where positives are pooled by batch, that of a share of their sum; w = -τ2 Σ c / (τ1 Z).
 * slatk: a_i as train/softmax_scores.c has it, β the K-th of the scores at hand; psl: powers in the place of exponentials. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "kernel/scalar.h"
#include "train/draw.h"
#include "train/fold_pulls.h"

enum { MOST_POWERS = 1024, LEAST_NEGATIVES = 16 };

void fold_pulls_open(fold_pulls *r, const folding *f, const fold_row *row, int64_t most)
{
    const train_run *run = &f->run;
    const int64_t negatives = run->options.negatives;
    const double pooled = (double)run->options.batch_size * (double)row->count / (double)run->seen->matrix->nnz;
    *r = (fold_pulls){.kernel = run->kernel, .weight = row->weight, .positives = row->count, .key = row->key,
                      .pool = pooled < 1.5 ? 1 : (int64_t)(pooled + 0.5), .negatives = negatives < most ? negatives : most};
    ((const softmax_family *)run->method->family)->terms(run->options.param, &r->terms);
    if (r->terms.exponent > 0 && r->negatives * row->count > MOST_POWERS)
        r->negatives = MOST_POWERS / row->count > LEAST_NEGATIVES ? MOST_POWERS / row->count : LEAST_NEGATIVES;
    r->padded = BASE_PADDED(r->negatives);
}

size_t fold_pulls_best(const fold_pulls *r)
{
    const size_t top = BASE_PADDED((size_t)r->terms.top), negatives = (size_t)r->padded;
    return top > negatives ? top : negatives;
}

static float weight_of(const fold_pulls *r, int64_t k)
{
    return r->weight ? r->weight[k] : 1;
}

/* Positives' a where those of a batch are pooled: in sets of `pool`, drawn anew. */
static void pool_positives(const fold_pulls *r, int t)
{
    const int64_t n = r->positives;
    const uint64_t key = base_mix(r->key + (uint64_t)t);
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
static float threshold(const fold_pulls *r)
{
    int64_t count = 0, k = r->terms.top;
    for (int64_t from = 0; from < r->negatives + r->positives; from++) {
        const float score = from < r->negatives ? r->score[from] : r->of_positive[from - r->negatives];
        if (count == k && !(score > r->best[k - 1])) continue;
        int64_t at = count < k ? count++ : k - 1;
        for (; at > 0 && r->best[at - 1] < score; at--) r->best[at] = r->best[at - 1];
        r->best[at] = score;
    }
    return count ? r->best[count - 1] * (float)r->terms.temperature : 0;
}

/* Positives' a where they weigh σ((c - β) / τw), l = ln Z; gives the sum of their weights. */
static double weigh_positives(const fold_pulls *r, double l)
{
    const float t = (float)r->terms.temperature, tw = (float)r->terms.weight_temperature, beta = threshold(r);
    double weights = 0;
    for (int64_t k = 0; k < r->positives; k++) {
        const float score = r->of_positive[k], w = scalar_sigmoid((score * t - beta) / tw), own = weight_of(r, k);
        const float through = r->terms.held ? 0 : w * (1 - w) / tw * ((float)l - score);
        r->of_positive[k] = own * (w / t - through);
        weights += (double)(own * w);
    }
    return weights;
}

static double plain_positives(const fold_pulls *r, int t)
{
    double sum = 0;
    for (int64_t k = 0; k < r->positives; k++) sum += (double)weight_of(r, k);
    if (r->terms.pooled && r->pool > 1)
        pool_positives(r, t);
    else
        for (int64_t k = 0; k < r->positives; k++) r->of_positive[k] = weight_of(r, k) / (float)r->terms.temperature;
    return sum;
}

static void by_exponentials(const fold_pulls *r, int t)
{
    float top = 0;
    for (int64_t j = 0; j < r->negatives; j++) top = r->score[j] > top ? r->score[j] : top;
    for (int64_t j = 0; j < r->padded && r->terms.weight_temperature > 0; j++) r->room[j] = r->score[j];
    double l = 0, n;
    if (r->terms.weight_temperature > 0) { /* β is of scores, which are overwritten */
        const double sum = (double)r->kernel->exp_sum(r->room, r->padded, top);
        l = log(sum) + (double)top;
        n = weigh_positives(r, l);
    } else {
        n = plain_positives(r, t);
    }
    const double sum = (double)r->kernel->exp_sum(r->score, r->padded, top);
    const float w = (float)(-n * r->terms.power / (r->terms.temperature * sum));
    for (int64_t j = 0; j < r->negatives; j++) r->score[j] *= w;
}

/* psl: z_j = max(0, 1 + (c_j - c_i) / 2), L_i = ln Σ_j z_j^p. */
static void by_powers(const fold_pulls *r)
{
    const float power = (float)r->terms.exponent - 1;
    float *pull = r->room, *z = r->best;
    memset(pull, 0, (size_t)r->padded * sizeof *pull);
    for (int64_t k = 0; k < r->positives; k++) {
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

void fold_pulls_of_scores(const fold_pulls *r, int t)
{
    if (r->terms.exponent > 0)
        by_powers(r);
    else
        by_exponentials(r, t);
}
