/* One figure of a model in training. */
#ifndef TAMIS_RANK_VALIDATE_H
#define TAMIS_RANK_VALIDATE_H

#include "rank/score.h"
#include "rank/task.h"

/* The mean over the task's users of one metric, such as "ndcg@20". weight: per item of the test log, for those with -ips
 * or -snips. */
tamis_status rank_validate(const rank_factors *factors, const rank_task *task, const char *metric, const double *weight,
                           int threads, double *value, tamis_error *error);
/* What that allocates for so many users with so many rows; of the factors only sizes are looked at, and whether there are neighbours. */
double rank_validate_bytes(const rank_factors *shape, int64_t users, int64_t rows, const char *metric, int threads);

#endif
