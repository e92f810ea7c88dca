/* Scores: exactly for one pair, nearly for a block of users and items, and by how much "nearly" may be wrong.
 *
 * Notation: p user row, q item row, d factors, b item bias, u = 2^-24 the unit roundoff, γ_n = n u / (1 - n u).
 * Any order of summation, with fused multiply-add or without, gives
 *   |fl(p.q) - p.q| <= γ_d Σ |p_k q_k| <= γ_d |p| |q|   (Higham, Accuracy and Stability, 2nd ed., section 3.1)
 * and adding b rounds once more. Two such results thus differ by at most
 *   2 γ_{d+10} (|p| max|q_i| + max|b_i|) + what underflow loses
 * where the 10 pays for the bias and for a product that is summed in parts. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/watch.h"
#include "kernel/kernel.h"
#include "rank/blas.h"
#include "rank/rank.h"

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
    *scorer = (rank_scorer){.f = *factors, .dot = kernel_choose()->dot, .loops = rank_loops_choose(),
                              .product = rank_product_choose()};
    scorer->blas = rank_product_blas(scorer->product);
}

void rank_scorer_measure(rank_scorer *scorer)
{
    const rank_factors *f = &scorer->f;
    double longest = 0, bias = 0;
    for (int64_t i = 0; i < f->items; i++) {
        const float *q = f->item + (size_t)i * f->stride;
        double size = rank_dot(q, q, f->stride), shift = f->bias ? fabs((double)f->bias[i]) : 0;
        if (size > longest || isnan(size)) longest = size; /* once NaN, it stays */
        if (shift > bias || isnan(shift)) bias = shift;
    }
    scorer->longest_item = sqrt(longest);
    scorer->largest_bias = bias;
}

float rank_score(const rank_scorer *scorer, const float *p, int64_t item)
{
    const rank_factors *f = &scorer->f;
    float s = scorer->dot(p, f->item + (size_t)item * f->stride, f->stride) + (f->bias ? f->bias[item] : 0.0f);
    return isnan(s) ? -INFINITY : s;
}

double rank_margin(const rank_scorer *scorer, const float *p)
{
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

void rank_mask(float *scores, int64_t first, int64_t width, const int32_t *mask, int64_t *next, int64_t end)
{
    for (; *next < end && mask[*next] < first + width; ++*next) scores[mask[*next] - first] = NAN;
}

tamis_status rank_stopped(const base_watch *watch, tamis_error *error)
{
    return base_stopped(watch) ? base_fail(error, TAMIS_STOPPED, "stopped while items were ranked") : TAMIS_OK;
}

void rank_worked(const rank_scorer *scorer, int64_t count, int64_t width)
{
    if (omp_get_thread_num() == 0) base_worked(scorer->watch, count * width * (int64_t)scorer->f.stride);
}

size_t rank_work_bytes(size_t stride, int64_t k)
{
    const size_t a_user = RANK_ITEMS * sizeof(float) + sizeof(float) + sizeof(uint32_t) + (size_t)k * sizeof(tamis_hit);
    return (RANK_USERS + RANK_PACKED) * stride * sizeof(float) + RANK_USERS * a_user;
}

rank_work *rank_work_new(const rank_scorer *scorer, int64_t blocks, int *threads, tamis_error *error)
{
    const size_t stride = scorer->f.stride;
    if (scorer->blas && *threads > scorer->blas->most_threads) *threads = scorer->blas->most_threads;
    if (*threads > blocks) *threads = blocks < 1 ? 1 : (int)blocks;
    rank_work *work = base_alloc((size_t)*threads, sizeof *work);
    bool complete = work != NULL;
    for (int k = 0; k < *threads && complete; k++) {
        work[k].users = base_alloc(RANK_USERS, stride * sizeof(float));
        work[k].scores = base_alloc(RANK_USERS, RANK_ITEMS * sizeof(float));
        work[k].packed = base_alloc(RANK_PACKED, stride * sizeof(float));
        work[k].low = base_alloc_raw(RANK_USERS, sizeof(float));
        work[k].high = base_alloc(RANK_USERS, sizeof(uint32_t));
        complete = work[k].users && work[k].scores && work[k].packed && work[k].low && work[k].high;
        for (int u = 0; complete && u < RANK_USERS; u++) work[k].low[u] = -INFINITY;
    }
    if (complete) return work;
    rank_work_free(work, *threads);
    (void)base_no_memory(error, "blocks of scores", (size_t)*threads * RANK_USERS,
                         (stride + RANK_ITEMS) * sizeof(float));
    return NULL;
}

void rank_work_free(rank_work *work, int threads)
{
    for (int k = 0; work && k < threads; k++) {
        base_free(work[k].users);
        base_free(work[k].scores);
        base_free(work[k].packed);
        base_free(work[k].low);
        base_free(work[k].high);
    }
    base_free(work);
}
