/* Item-item methods, which need no steps: popularity, nearest neighbours, a linear model in closed form; see items.c. */
#ifndef TAMIS_TRAIN_ITEMS_H
#define TAMIS_TRAIN_ITEMS_H

#include "train/trainer.h"

extern const trainer trainer_items, trainer_linear; /* the latter with an L2 weight */

#endif
