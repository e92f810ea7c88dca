/* From ranks to weights. Noise that is uniform over items has uniform r: density 1 everywhere. With a share π of it the
 * density is f = π + (1 - π) g, g that of true interactions, which falls with r. So π / f(r) is the chance that an
 * interaction at r is noise: near 0 where f is high, near 1 in its tail. Where f is flat nothing can be told apart: all chances
 * are alike, and so are the weights. */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/order.h"
#include "train/distrust.h"

double distrust_share(const double *r, int64_t count)
{
    static const double least[] = {0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9};
    double share = 1;
    for (size_t k = 0; k < BASE_COUNT(least); k++) {
        int64_t above = 0, n = 0;
        for (int64_t j = 0; j < count; j++) {
            above += r[j] > least[k];
            n += !isnan(r[j]);
        }
        if (n) share = fmin(share, (double)above / ((double)n * (1 - least[k])));
    }
    return share;
}

/* A corner of the majorant: below or at r, so many interactions. */
typedef struct corner {
    double r;
    int64_t below;
} corner;

static double slope(const corner *a, const corner *b)
{
    return (double)(b->below - a->below) / (b->r - a->r);
}

/* The corners from (0, 0) on; sorted r. Returns how many there are behind the first. */
static int64_t majorant(const double *sorted, int64_t n, corner *c)
{
    int64_t last = 0;
    c[0] = (corner){0, 0};
    for (int64_t k = 0; k < n; k++) {
        if (k + 1 < n && sorted[k + 1] == sorted[k]) continue;
        const corner next = {sorted[k], k + 1};
        while (last > 0 && slope(&c[last - 1], &c[last]) <= slope(&c[last], &next)) last--;
        c[++last] = next;
    }
    return last;
}

/* The corner that ends the segment which holds r. */
static int64_t segment_of(const corner *c, int64_t last, double r)
{
    int64_t low = 1;
    while (low < last) {
        const int64_t middle = (low + last) / 2;
        if (c[middle].r < r)
            low = middle + 1;
        else
            last = middle;
    }
    return low;
}

bool distrust_density(const double *r, int64_t count, double *density)
{
    double *sorted = base_alloc_raw((size_t)count + 1, sizeof *sorted);
    corner *c = base_alloc_raw((size_t)count + 1, sizeof *c);
    int64_t n = 0;
    if (sorted && c) {
        for (int64_t k = 0; k < count; k++)
            if (!isnan(r[k])) sorted[n++] = r[k];
        qsort(sorted, (size_t)n, sizeof *sorted, base_ascending_double);
        const int64_t last = majorant(sorted, n, c);
        for (int64_t k = 0; k < count; k++) {
            const int64_t at = isnan(r[k]) ? 0 : segment_of(c, last, r[k]);
            density[k] = at ? slope(&c[at - 1], &c[at]) / (double)n : 1;
        }
    }
    const bool done = sorted && c;
    base_free(sorted);
    base_free(c);
    return done;
}

bool distrust_weights(const double *r, int64_t count, double strength, double *share, float *weight)
{
    double *density = base_alloc_raw((size_t)count + 1, sizeof *density), sum = 0;
    const bool done = density && distrust_density(r, count, density);
    *share = distrust_share(r, count);
    for (int64_t k = 0; k < count && done; k++) {
        const double noise = isnan(r[k]) ? 0 : fmin(1, *share / density[k]);
        density[k] = 1 - strength * noise; /* the weight from here on */
        sum += density[k];
    }
    for (int64_t k = 0; k < count && done; k++) weight[k] = (float)(density[k] * (double)count / sum);
    base_free(density);
    return done;
}
