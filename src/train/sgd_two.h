/* Samples of a method with two factorisations. */
#ifndef TAMIS_TRAIN_SGD_TWO_H
#define TAMIS_TRAIN_SGD_TWO_H

#include "train/trainer.h"

enum { SGD_CHUNK = 512 }; /* samples that a tile hands on at a time, at most */

/* Updates both factorisations by a chunk of count <= SGD_CHUNK samples, listed in of[0]; adds to its loss_sum. */
void sgd_two(const train_run *run, kernel_points *const of[METHOD_FACTORISATIONS], int64_t count);

#endif
