/* From ranks to figures: each user's value in every metric, means over users, bootstrap intervals. */
#ifndef TAMIS_RANK_MEASURE_H
#define TAMIS_RANK_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rank/metric.h"
#include "rank/task.h"

/* Ranks, and what they are weighted by. */
typedef struct rank_outcome {
    const rank_task *task;
    const int64_t *rank;
    const int32_t *test_item; /* parallel to rank[]: rows in the test log */
    const double *weight;     /* per item of the test log; NULL: none */
    const rank_column *column;
    size_t columns;
    int threads;
} rank_outcome;

/* Of users x columns: value = top / bottom, a mean is Σ top / Σ bottom. bottom 0: not defined for the user. */
typedef struct rank_cells {
    double *top, *bottom;
    int64_t users;
    size_t columns;
} rank_cells;

bool rank_cells_new(rank_cells *cells, int64_t users, size_t columns); /* zeros; false: memory */
void rank_cells_clear(rank_cells *cells);

/* Fills the cells. With groups (per row of the test log) the items of group `only` alone are taken for relevant. */
tamis_status rank_measure(const rank_outcome *outcome, const int32_t *group, int32_t only, const rank_cells *cells,
                          tamis_error *error);

/* Some users: rows of the cells. */
typedef struct rank_members {
    const int64_t *row;
    int64_t count;
} rank_members;

typedef struct rank_bootstrap {
    int64_t resamples; /* 0: no intervals */
    double confidence;
    uint64_t seed;
    int threads;
} rank_bootstrap;

typedef struct rank_figures {
    double *mean, *low, *high; /* per column; low, high NAN: no interval */
} rank_figures;

bool rank_figures_new(rank_figures *figures, size_t columns);
void rank_figures_clear(rank_figures *figures);
/* members NULL: all users. */
tamis_status rank_summarize(const rank_cells *cells, const rank_members *members, const rank_bootstrap *bootstrap,
                            rank_figures figures, tamis_error *error);

#endif
