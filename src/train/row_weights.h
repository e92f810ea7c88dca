/* What the log's weights mean to trainers that take gradient steps: an interaction of weight c stands for c / (mean c) rows. */
#ifndef TAMIS_TRAIN_ROW_WEIGHTS_H
#define TAMIS_TRAIN_ROW_WEIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "train/trainer.h"
#include "tamis.h"

/* Fills run->row_ends or run->row_weights, or neither where all interactions weigh alike. */
tamis_status row_weights_open(train_run *run, tamis_error *error);
/* Whether rows are taken in proportion to their weights: row_ends, not row_weights. */
bool row_weights_by_rows(const train_run *run);
/* With row_ends: the interaction that sample 0 .. nnz - 1 of the epoch stands for; and how often each is taken in it. */
int64_t row_weights_find(const train_run *run, int64_t sample);
void row_weights_count(const train_run *run, uint16_t *times);

#endif
