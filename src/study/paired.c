/* Paired t over seeds. Notation: d_1 .. d_J the differences, s their standard deviation, ρ test rows per training row.
 *
 *   t = mean(d) / (s sqrt(1/J + ρ)),   J - 1 degrees of freedom
 *
 * Random splits of one log share most of their rows, so that their outcomes go together and s sqrt(1/J) is too small; ρ makes
 * up for it. Source: Nadeau, Bengio, "Inference for the generalization error", Machine Learning 52, 2003. */
#include <math.h>

#include "rank/statistic.h"
#include "study/paired.h"

double paired_variance(int64_t seeds, double overlap)
{
    return 1 / (double)seeds + overlap;
}

/* b NULL: all 0. */
static double difference(const double *a, const double *b, int64_t k)
{
    return a[k] - (b ? b[k] : 0);
}

paired paired_compare(const double *a, const double *b, int64_t seeds, double overlap)
{
    double sum = 0, square = 0;
    paired out = {.low = (double)NAN, .high = (double)NAN, .p = (double)NAN};
    for (int64_t k = 0; k < seeds; k++) sum += difference(a, b, k);
    out.mean = sum / (double)seeds;
    if (seeds < PAIRED_SEEDS || !isfinite(out.mean)) return out;
    for (int64_t k = 0; k < seeds; k++) square += pow(difference(a, b, k) - out.mean, 2);
    const double degrees = (double)seeds - 1, error = sqrt(square / degrees * paired_variance(seeds, overlap));
    const double reach = statistic_student_bound(0.95, degrees) * error;
    out.low = out.mean - reach;
    out.high = out.mean + reach;
    out.p = error > 0 ? statistic_student(out.mean / error, degrees) : out.mean == 0;
    return out;
}

paired paired_mean(const double *value, int64_t seeds, double overlap)
{
    return paired_compare(value, NULL, seeds, overlap);
}
