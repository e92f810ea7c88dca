/* Differences of two methods over the same seeds. */
#ifndef TAMIS_STUDY_PAIRED_H
#define TAMIS_STUDY_PAIRED_H

#include <stddef.h>
#include <stdint.h>

enum { PAIRED_SEEDS = 3 }; /* from so many on there are intervals and tests: of two, an interval is 13 deviations wide */

typedef struct paired {
    double mean, low, high; /* of a - b, and its 95% interval */
    double p;               /* two-sided; with the interval NAN where there are too few seeds, or a value is none */
} paired;

/* What the variance of a mean over seeds is, in variances of one: 1 / seeds where they are independent. overlap: test rows per
 * training row where they are splits of one log. */
double paired_variance(int64_t seeds, double overlap);
paired paired_compare(const double *a, const double *b, int64_t seeds, double overlap);
/* Of one series. */
paired paired_mean(const double *value, int64_t seeds, double overlap);

#endif
