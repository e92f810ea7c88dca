/* Chance by drawing: the permutation test of paired values, and the bootstrap. */
#ifndef TAMIS_RANK_RESAMPLE_H
#define TAMIS_RANK_RESAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tamis.h"

typedef struct resample_draws {
    int64_t count;
    uint64_t seed;
    int threads;
} resample_draws;

/* Two-sided p of the sum of n differences when every sign is as likely as its opposite: over all signs where these are
 * few, else over so many drawn ones, the observed counted among them. */
tamis_status resample_signs(const double *difference, int64_t n, const resample_draws *draws, double *p, bool *exact,
                            tamis_error *error);

/* Rows side by side. */
typedef struct resample_rows {
    const double *value;
    int64_t rows;
    size_t columns;
} resample_rows;

/* Means of columns over resampled rows: mean[b * columns + c] of the b-th resample, rows drawn with replacement. The draws
 * depend on seed, number of rows and b alone, so that two calls resample alike. */
void resample_means(const resample_rows *rows, const resample_draws *draws, double *mean);
/* The percentile interval of count values that stand `step` apart; NAN where there is none. scratch: room for count. */
void resample_interval(const double *value, int64_t count, size_t step, double confidence, double *scratch,
                       double interval[2]);

#endif
