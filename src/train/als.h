/* Alternating least squares; see als.c. */
#ifndef TAMIS_TRAIN_ALS_H
#define TAMIS_TRAIN_ALS_H

#include "train/trainer.h"

extern const trainer trainer_als;

#endif
