/* The ranks of a task's items. */
#ifndef TAMIS_RANK_POSITION_H
#define TAMIS_RANK_POSITION_H

#include <stdint.h>

#include "rank/score.h"
#include "rank/task.h"

/* How much is wanted. */
typedef struct rank_query {
    int64_t depth; /* ranks beyond it may be given as RANK_BEYOND; 0: all ranks are wanted */
    int64_t list;  /* take() gets the so many best items of every known user of the task; 0: no lists */
    void (*take)(void *context, int64_t t, const tamis_hit *hit, int64_t count); /* from any thread */
    void *context;
    const rank_factors *popular; /* of users who are RANK_POPULAR; NULL: there are none */
} rank_query;
#define RANK_BEYOND (INT64_MAX / 2)
enum { RANK_MOST_DEPTH = 1024 }; /* up to it the best items are found in the place of all ranks */
/* Writes the ranks of user t, ascending, into rank[start[t] .. start[t+1]-1], and the items that they belong to (rows in the
 * test log) into test_item[]. query and test_item may be NULL. */
tamis_status rank_task_ranks(const rank_factors *factors, const rank_task *task, int threads, const rank_query *query,
                             int64_t *rank, int32_t *test_item, tamis_error *error);

#endif
