/* Statistics of values that come in pairs, and of means: see tamis_paired in tamis.h. */
#ifndef TAMIS_RANK_STATISTIC_H
#define TAMIS_RANK_STATISTIC_H

#include <stdbool.h>
#include <stdint.h>

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

extern const tamis_option_table paired_option_table;

#endif
