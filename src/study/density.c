/* Bounds on the share of noise from the positions r of a log's interactions (study/audit.c).
 *
 * Notation. π: the share of noise, whose r is uniform on [0,1]; f: the density of r of true interactions; h = π + (1 - π) f
 * that of all.
 *
 * At most. n(r > λ) / (n (1 - λ)) estimates π from above for each λ: true interactions there are counted, too. The larger λ,
 * the fewer they are where f falls, and the larger the chance error: the bound is the least over λ, chance error included.
 * Interactions of unknown position may all be noise.
 * Source: Storey, "A direct approach to false discovery rates", JRSS B 2002.
 *
 * At least. h alone tells nothing: f might end as evenly as noise does. Assumed is that f falls at the end at least as fast as
 * the power law through its densities in A = [0.15, 0.3) and B = [0.3, 0.6), which are octaves, so that neither counts for more
 * on the axis of log r. If π is the share of noise, g = h - π is what true interactions have, and the power law leaves
 *     x(π) = g_B (g_B / g_A)^k,   k = log(c_C / c_B) / log(c_B / c_A),   c: the middle of a range on that axis
 * of them in C = [0.8, 1], the end. So h_C <= π + x(π). The smallest π for which that holds, two standard errors granted, is the
 * bound. h_C is the least density of the twentieths from 0.8 on: noise is even, and what rises there is something else.
 * On the logs tried, with and without noise put in, log f bends downwards on the axis of log r, so that the law leaves more
 * than there is and the bound is on the safe side. Interactions of unknown position are counted in B, where the law leaves
 * most for them: wherever they stand, the bound holds. */
#include <math.h>
#include <stdbool.h>

#include "study/density.h"

enum { STEPS = 20 }; /* λ = 0.05, 0.10, ... 0.95 */

int density_bar(double position)
{
    return (int)(position * DENSITY_BINS);
}

void density_add(density *d, double position, double width)
{
    if (isnan(position)) {
        d->unknown++;
        return;
    }
    const double low = fmax(0, position - width / 2) * DENSITY_BINS, high = fmin(1, position + width / 2) * DENSITY_BINS;
    const int first = low < DENSITY_BINS ? (int)low : DENSITY_BINS - 1;
    d->n++;
    if (high <= first + 1) d->bin[first]++;
    for (int k = first; high > first + 1 && k < DENSITY_BINS && k < high; k++)
        d->bin[k] += (fmin(k + 1, high) - fmax(k, low)) / (high - low);
}

static double count_of(const density *d, int from, int to)
{
    double count = 0;
    for (int k = from; k < to; k++) count += d->bin[k];
    return count;
}

/* A count's upper limit at two standard errors is (sqrt(count + 1) + 1)^2, which is near that of Poisson's distribution even
 * at 0. */
double density_most(const density *d, double *above)
{
    double most = (double)NAN;
    *above = (double)NAN;
    for (int step = 1; step < STEPS && d->n + d->unknown; step++) {
        const int first = step * DENSITY_BINS / STEPS;
        const double from = (double)first / DENSITY_BINS, count = count_of(d, first, DENSITY_BINS);
        const double even = (count + 2 + 2 * sqrt(count + 1)) / (1 - from), share = fmin(1, (even + (double)d->unknown) / (double)(d->n + d->unknown));
        if (share >= most) continue;
        most = share;
        *above = from;
    }
    return most;
}

/* h of a range, its variance, and the range's middle. */
typedef struct range {
    double h, variance, middle;
} range;

static range range_of(const density *d, double from, double to)
{
    const int first = density_bar(from), end = density_bar(to);
    const double width = (double)(end - first) / DENSITY_BINS, count = count_of(d, first, end), scale = 1 / ((double)(d->n + d->unknown) * width);
    return (range){count * scale, (count + 1) * scale * scale, sqrt((double)first * (double)end) / DENSITY_BINS};
}

/* Whether the power law of what π leaves explains the end. */
static bool explains(const range *a, const range *b, const range *c, double share)
{
    const double g_a = a->h - share, g_b = b->h - share;
    if (g_a <= 0 || g_b <= 0) return true;
    const double k = log(c->middle / b->middle) / log(b->middle / a->middle), rest = g_b * pow(g_b / g_a, k);
    const double from_a = k * rest / g_a, from_b = (1 + k) * rest / g_b; /* derivatives of rest */
    const double error = sqrt(c->variance + from_a * from_a * a->variance + from_b * from_b * b->variance);
    return c->h - share - rest <= 2 * error;
}

double density_least(const density *d)
{
    if (!d->n) return d->unknown ? 0 : (double)NAN;
    const range a = range_of(d, 0.15, 0.3);
    range b = range_of(d, 0.3, 0.6), c = {1, 1, 1};
    b.h += (double)d->unknown / ((double)(d->n + d->unknown) * (0.6 - 0.3));
    for (int k = 16; k < STEPS; k++) {
        const range r = range_of(d, (double)k / STEPS, (double)(k + 1) / STEPS);
        if (r.h < c.h) c = (range){r.h, r.variance, sqrt(DENSITY_TAIL)};
    }
    int step = 0;
    while (step < 1000 && !explains(&a, &b, &c, step / 1000.0)) step++;
    return step / 1000.0;
}

int64_t density_removable(const double *position, int64_t n, double least, double at_most_good, double *good)
{
    int64_t removable = 0;
    *good = 0;
    for (int64_t count = 1; count <= n && position[count - 1] >= DENSITY_DELETED; count++) {
        if (count < n && position[count] == position[count - 1]) continue;
        const double noise = least * (double)n * (1 - position[count - 1]), sure = noise - 2 * sqrt(noise);
        const double share = 1 - fmin(1, fmax(0, sure) / (double)count);
        if (!(share <= at_most_good)) continue;
        removable = count;
        *good = share;
    }
    return removable;
}
