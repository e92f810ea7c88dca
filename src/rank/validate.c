/* Validation: one metric, of which no more ranks are found than it looks at. */
#include <math.h>

#include "base/memory.h"
#include "base/status.h"
#include "rank/block.h"
#include "rank/measure.h"
#include "rank/position.h"
#include "rank/validate.h"

double rank_validate_bytes(const rank_factors *shape, int64_t users, int64_t rows, const char *metric, int threads)
{
    rank_column column;
    if (rank_metric_find(metric, &column, NULL)) return 0;
    const double n = (double)users, found = (double)rows, blocks = ceil(n / RANK_USERS);
    const int64_t depth = rank_columns_depth(&column, 1), first = depth <= RANK_MOST_DEPTH ? depth : 0;
    const double work = fmin(blocks, threads) * (double)rank_work_bytes(shape, first);
    const double ranking = 2 * n * sizeof(int64_t) + work + (first ? 0 : 3 * found * sizeof(float));
    const double measuring = column.weighting == RANK_PLAIN ? 0 : found * (sizeof(int64_t) + 2 * sizeof(double));
    return found * (sizeof(int64_t) + sizeof(int32_t)) + 2 * n * sizeof(double) + fmax(ranking, measuring);
}

tamis_status rank_validate(const rank_factors *factors, const rank_task *task, const char *metric, const double *weight,
                           int threads, double *value, tamis_error *error)
{
    rank_column column;
    tamis_status status = rank_metric_find(metric, &column, error);
    if (status) return status;
    const size_t found = (size_t)task->start[task->count];
    const rank_query query = {.depth = rank_columns_depth(&column, 1)};
    rank_cells cells;
    double low, high;
    bool done = rank_cells_new(&cells, task->count, 1);
    int64_t *rank = base_alloc_raw(found, sizeof *rank);
    int32_t *test_item = weight ? base_alloc_raw(found, sizeof *test_item) : NULL;
    if (!done || !rank || (weight && !test_item)) status = base_no_memory(error, "a validation", (size_t)task->count + found, 16);
    if (!status) status = rank_task_ranks(factors, task, threads, &query, rank, test_item, error);
    const rank_outcome outcome = {.task = task, .rank = rank, .test_item = test_item, .weight = weight, .column = &column, .columns = 1,
                                  .threads = threads};
    if (!status) status = rank_measure(&outcome, NULL, 0, &cells, error);
    if (!status)
        status = rank_summarize(&cells, NULL, &(rank_bootstrap){0}, (rank_figures){value, &low, &high}, error);
    rank_cells_clear(&cells);
    base_free(rank);
    base_free(test_item);
    return status;
}
