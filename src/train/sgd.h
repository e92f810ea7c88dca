/* Stochastic gradient descent: updates after each sample, in tiles; see sgd.c. */
#ifndef TAMIS_TRAIN_SGD_H
#define TAMIS_TRAIN_SGD_H

#include "train/trainer.h"

extern const trainer trainer_sgd;

#endif
