/* The ranks of a task's items. */
#ifndef TAMIS_RANK_POSITION_H
#define TAMIS_RANK_POSITION_H

#include <stdint.h>

#include "rank/score.h"
#include "rank/task.h"

/* What is to be found out beside ranks. */
typedef struct rank_wish {
    int64_t depth; /* only ranks up to this matter, others may be given as RANK_BEYOND; 0: all matter */
    int64_t list;  /* 0: no lists; else take() gets the best so many items of every known user of the task */
    void (*take)(void *context, int64_t t, const tamis_hit *hit, int64_t count); /* from any thread */
    void *context;
} rank_wish;
#define RANK_BEYOND (INT64_MAX / 2)
/* Of user t the ascending rank[start[t] .. start[t+1]-1], and in place[] whose they are (rows in the test log). wish,
 * place may be NULL. */
tamis_status rank_task_ranks(const rank_factors *factors, const rank_task *task, int threads, const rank_wish *wish,
                             int64_t *rank, int32_t *place, tamis_error *error);

#endif
