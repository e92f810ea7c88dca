/* Statistics of values that come in pairs, and of means: see tamis_paired in tamis.h. */
#ifndef TAMIS_RANK_STATISTIC_H
#define TAMIS_RANK_STATISTIC_H

#include <stdbool.h>

#include "tamis.h"

/* P(|T| >= |t|), T of Student's distribution with so many degrees of freedom. */
double statistic_student(double t, double degrees);
/* The t with P(|T| <= t) = confidence. */
double statistic_student_bound(double confidence, double degrees);

/* Wilcoxon's signed-rank test of differences: zeros left out, equal sizes share their mean rank. */
typedef struct statistic_signed_rank {
    double positive; /* the sum of the ranks of the positive ones */
    double p;        /* two-sided */
    bool exact;      /* from the distribution over all signs; else the normal one, corrected for ties and continuity */
} statistic_signed_rank;
tamis_status statistic_wilcoxon(const double *difference, int64_t count, statistic_signed_rank *outcome,
                                tamis_error *error);

/* Two-sided p of the sum of differences when every sign is as likely as its opposite: over all signs where these are
 * few, else over so many drawn ones, the observed counted among them. */
tamis_status statistic_permute(const double *difference, int64_t count, int64_t permutations, uint64_t seed,
                               int threads, double *p, bool *exact, tamis_error *error);

/* Means of columns over resampled rows: mean[b * columns + c] of the b-th resample, rows drawn with replacement.
 * value[r * step + c]. The draws depend on seed, rows and b alone, so that two calls resample alike. */
void statistic_resample(const double *value, int64_t rows, size_t columns, size_t step, int64_t resamples,
                        uint64_t seed, int threads, double *mean);
/* The percentile interval of values step apart; NAN where there is none. scratch: room for count. */
void statistic_interval(const double *value, int64_t count, size_t step, double confidence, double *scratch,
                        double interval[2]);

extern const tamis_option_table paired_option_table;

#endif
