/* Training by sampled softmax; see softmax.c. */
#ifndef TAMIS_TRAIN_SOFTMAX_H
#define TAMIS_TRAIN_SOFTMAX_H

#include "train/trainer.h"

extern const trainer trainer_softmax;

#endif
