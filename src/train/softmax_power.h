/* A row of a batch where powers stand for exponentials; see method/psl.c. */
#ifndef TAMIS_TRAIN_SOFTMAX_POWER_H
#define TAMIS_TRAIN_SOFTMAX_POWER_H

#include "train/softmax_batch.h"
#include "train/trainer.h"

/* Row r against the negatives, whose scores are row[], far below all others where they are the user's own; so many are not. They become what w_u is multiplied by in their gradients. Gives w_u. room:
 * two rows of padded numbers. */
float softmax_power_row(train_run *run, softmax_batch *c, int32_t r, int64_t left, float *row, float *room);

#endif
