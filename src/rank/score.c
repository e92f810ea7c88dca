/* Exact scores, and the margin of approximate ones.
 *
 * Notation: p user row, q item row, d factors, b item bias, u = 2^-24 the unit roundoff, γ_n = n u / (1 - n u).
 * Any order of summation, with fused multiply-add or without, gives
 *   |fl(p.q) - p.q| <= γ_d Σ |p_k q_k| <= γ_d |p| |q|   (Higham, Accuracy and Stability, 2nd ed., section 3.1)
 * and adding b rounds once more. Two such results thus differ by at most
 *   2 γ_{d+10} (|p| max|q_i| + max|b_i|) + what underflow loses
 * where the 10 pays for the bias and for a product that is summed in parts. */
#include <math.h>

#include "base/status.h"
#include "base/watch.h"
#include "rank/score.h"

rank_factors rank_factors_of(const tamis_model *m)
{
    return (rank_factors){m->user_factors, m->item_factors, m->item_bias, m->stride, m->factors, m->items,
                          m->factors ? NULL : &m->neighbours, m->items, NULL};
}

rank_factors rank_factors_of_items(const float *score, int64_t items)
{
    static const model_neighbours none = {0};
    return (rank_factors){.bias = score, .neighbours = &none, .rows = items, .items = items};
}

int64_t rank_row(const rank_factors *f, int64_t i)
{
    return f->subset ? f->subset[i] : i;
}

/* Eight sums, which a compiler may keep in one register. */
double rank_dot(const float *a, const float *b, size_t stride)
{
    double sum[8] = {0}, total = 0;
    for (size_t k = 0; k < stride; k += 8)
        for (size_t lane = 0; lane < 8; lane++) sum[lane] += (double)a[k + lane] * (double)b[k + lane];
    for (size_t lane = 0; lane < 8; lane++) total += sum[lane];
    return total;
}

void rank_scorer_start(rank_scorer *scorer, const rank_factors *factors)
{
    *scorer = (rank_scorer){.f = *factors, .kernel = kernel_choose()};
}

void rank_scorer_measure(rank_scorer *scorer)
{
    const rank_factors *f = &scorer->f;
    double longest = 0, bias = 0;
    for (int64_t i = 0; i < f->rows; i++) {
        const float *q = f->item ? f->item + (size_t)i * f->stride : NULL; /* an item-item model has none */
        double size = q ? rank_dot(q, q, f->stride) : 0, shift = f->bias ? fabs((double)f->bias[i]) : 0;
        if (size > longest || isnan(size)) longest = size; /* a NaN stays */
        if (shift > bias || isnan(shift)) bias = shift;
    }
    scorer->longest_item = sqrt(longest);
    scorer->largest_bias = bias;
}

const float *rank_user(const rank_scorer *scorer, int64_t user, float *room)
{
    const rank_factors *f = &scorer->f;
    const model_neighbours *n = f->neighbours;
    if (!n) return f->user + (size_t)user * f->stride;
    for (int64_t i = 0; i < f->rows; i++) room[i] = f->bias ? f->bias[i] : 0.0f;
    if (!n->items) return room;
    const int64_t *start = n->items->start;
    for (int64_t h = n->history->start[user]; h < n->history->start[user + 1]; h++) {
        const int32_t j = n->history->index[h];
        const float weight = n->weight ? n->weight[h] : 1.0f;
        for (int64_t k = start[j]; k < start[j + 1]; k++) room[n->items->index[k]] += weight * n->value[k];
    }
    return room;
}

size_t rank_user_room(const rank_factors *factors)
{
    return factors->neighbours ? (size_t)factors->rows : 0;
}

float rank_score(const rank_scorer *scorer, const float *p, int64_t item)
{
    const rank_factors *f = &scorer->f;
    const int64_t row = rank_row(f, item);
    float s = f->neighbours ? p[row] : scorer->kernel->dot(p, f->item + (size_t)row * f->stride, f->stride) +
                                       (f->bias ? f->bias[row] : 0.0f);
    return isnan(s) ? -INFINITY : s;
}

double rank_margin(const rank_scorer *scorer, const float *p)
{
    if (scorer->f.neighbours) return (double)INFINITY;
    double user = sqrt(rank_dot(p, p, scorer->f.stride)), item = scorer->longest_item, d = (double)scorer->f.factors;
    double size = user * item + scorer->largest_bias;
    if (!(size < 1e37)) return (double)INFINITY;
    /* the last term: numbers below 2^-126 may count as 0, in a factor or in a product */
    return 2.02 * (d + 10) * 0x1p-24 * size + d * 0x1p-124 * (1 + user + item);
}

bool rank_scores(const rank_scorer *scorer, const float *p, int64_t first, int64_t width, float *scores)
{
    bool finite = true;
    for (int64_t i = 0; i < width; i++) {
        scores[i] = rank_score(scorer, p, first + i);
        finite = finite && isfinite(scores[i]);
    }
    return finite;
}

tamis_status rank_overflow(tamis_error *error)
{
    return base_fail(error, TAMIS_DATA, "the model's factors are so large that scores overflow, and nothing can be ranked by them; "
                                        "train it anew, with less of a learning rate or more regularization");
}

tamis_status rank_stopped(const base_watch *watch, tamis_error *error)
{
    return base_stopped(watch) ? base_fail(error, TAMIS_STOPPED, "stopped while items were ranked") : TAMIS_OK;
}
