/* Chance by drawing: the permutation test of paired values, and the bootstrap.
 *
 * Permutation: if neither of two is better, a difference d_k is as likely as -d_k, so p is the share of the 2^n choices
 * of signs with |Σ ± d_k| >= |Σ d_k|. Up to 2^20 are all tried; of more, B are drawn and p = (1 + those) / (B + 1),
 * which is valid for any B (Phipson, Smyth, Statistical Applications in Genetics and Molecular Biology 9, 2010).
 * Bootstrap: the spread of a mean over users drawn with replacement from those there are; the interval is between its
 * percentiles (Efron, Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13).
 * Draw number b has a stream of its own, so that neither threads nor other draws matter. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/order.h"
#include "base/random.h"
#include "base/status.h"
#include "base/threads.h"
#include "rank/resample.h"

enum { ALL_SIGNS = 20, HALF = 10, GROUP = 4, GROUP_SUMS = 1 << GROUP };

/* Σ ± d over all signs of n <= HALF differences. */
static void all_sums(const double *d, int64_t n, double *sum)
{
    for (int64_t signs = 0; signs < (int64_t)1 << n; signs++) {
        sum[signs] = 0;
        for (int64_t k = 0; k < n; k++) sum[signs] += signs >> k & 1 ? -d[k] : d[k];
    }
}

static double all_signs(const double *d, int64_t n, double bar)
{
    double low[1 << HALF], high[1 << HALF];
    int64_t half = n / 2, reached = 0;
    all_sums(d, half, low);
    all_sums(d + half, n - half, high);
    for (int64_t i = 0; i < (int64_t)1 << half; i++)
        for (int64_t j = 0; j < (int64_t)1 << (n - half); j++) reached += fabs(low[i] + high[j]) >= bar;
    return (double)reached / (double)((int64_t)1 << n);
}

/* sums[g * GROUP_SUMS + signs] of the g-th GROUP differences; d is filled up with zeros. */
static double draw_signs(const double *sums, int64_t groups, base_stream stream)
{
    double total = 0;
    uint64_t bits = 0;
    for (int64_t g = 0; g < groups; g++, bits >>= GROUP) {
        if (g % (64 / GROUP) == 0) bits = base_next(&stream);
        total += sums[g * GROUP_SUMS + (int64_t)(bits & (GROUP_SUMS - 1))];
    }
    return total;
}

static tamis_status drawn_signs(const double *d, int64_t n, double bar, const resample_draws *draws, double *p,
                                tamis_error *error)
{
    int64_t groups = n / GROUP, reached = 0;
    double *sums = base_alloc_raw((size_t)groups, GROUP_SUMS * sizeof *sums);
    if (!sums) return base_no_memory(error, "a permutation test", (size_t)groups, GROUP_SUMS * sizeof *sums);
    for (int64_t g = 0; g < groups; g++) all_sums(d + g * GROUP, GROUP, sums + g * GROUP_SUMS);
#pragma omp parallel for schedule(static) num_threads(base_team(draws->threads)) reduction(+ : reached)
    for (int64_t b = 0; b < draws->count; b++)
        reached += fabs(draw_signs(sums, groups, base_stream_key(draws->seed, BASE_FOR_PERMUTATION, (uint64_t)b, 0))) >= bar;
    base_free(sums);
    *p = (double)(1 + reached) / (double)(1 + draws->count);
    return TAMIS_OK;
}

tamis_status resample_signs(const double *difference, int64_t count, const resample_draws *draws, double *p, bool *exact,
                            tamis_error *error)
{
    double *d = base_alloc((size_t)count + GROUP, sizeof *d), sum = 0, size = 0;
    int64_t n = 0;
    if (!d) return base_no_memory(error, "differences", (size_t)count + GROUP, sizeof *d);
    for (int64_t k = 0; k < count; k++) { /* a zero has no sign */
        if (difference[k] != 0) d[n++] = difference[k];
        sum += difference[k];
        size += fabs(difference[k]);
    }
    double bar = fabs(sum) - 1e-12 * size; /* the same sum in another order of addition is reached too */
    tamis_status status = TAMIS_OK;
    *exact = n <= ALL_SIGNS;
    if (*exact) *p = all_signs(d, n, bar);
    else
        status = drawn_signs(d, (n + GROUP - 1) / GROUP * GROUP, bar, draws, p, error);
    base_free(d);
    return status;
}

void resample_means(const resample_rows *rows, const resample_draws *draws, double *mean)
{
    const size_t columns = rows->columns;
#pragma omp parallel for schedule(static) num_threads(base_team(draws->threads))
    for (int64_t b = 0; b < draws->count; b++) {
        base_stream stream = base_stream_key(draws->seed, BASE_FOR_BOOTSTRAP, (uint64_t)b, 0);
        double *sum = mean + (size_t)b * columns;
        for (size_t c = 0; c < columns; c++) sum[c] = 0;
        for (int64_t k = 0; k < rows->rows; k++) {
            const double *row = rows->value + (size_t)base_below(&stream, (uint32_t)rows->rows) * columns;
            for (size_t c = 0; c < columns; c++) sum[c] += row[c];
        }
        for (size_t c = 0; c < columns; c++) sum[c] /= (double)rows->rows;
    }
}

/* Between the two nearest of n sorted values. */
static double quantile(const double *sorted, int64_t n, double share)
{
    double position = share * (double)(n - 1);
    int64_t below = (int64_t)position;
    if (below + 1 >= n) return sorted[n - 1];
    return sorted[below] + (position - (double)below) * (sorted[below + 1] - sorted[below]);
}

void resample_interval(const double *value, int64_t count, size_t step, double confidence, double *scratch,
                       double interval[2])
{
    int64_t n = 0;
    for (int64_t k = 0; k < count; k++)
        if (isfinite(value[(size_t)k * step])) scratch[n++] = value[(size_t)k * step];
    interval[0] = interval[1] = (double)NAN;
    if (n == 0) return;
    qsort(scratch, (size_t)n, sizeof *scratch, base_ascending_double);
    interval[0] = quantile(scratch, n, (1 - confidence) / 2);
    interval[1] = quantile(scratch, n, (1 + confidence) / 2);
}
