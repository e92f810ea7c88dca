/* Validation: one metric, of which no more ranks are found than it looks at. */
#include "base/memory.h"
#include "base/status.h"
#include "rank/measure.h"
#include "rank/position.h"
#include "rank/validate.h"

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
