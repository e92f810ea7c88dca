/* Scores and gradients of a batch of sampled softmax. */
#ifndef TAMIS_TRAIN_SOFTMAX_SCORES_H
#define TAMIS_TRAIN_SOFTMAX_SCORES_H

#include "train/softmax_batch.h"

/* Of the group-th part of the batch's users. e: room for SOFTMAX_ROWS x padded scores. */
void softmax_score_group(train_run *run, softmax_batch *c, int group, float *e);

#endif
