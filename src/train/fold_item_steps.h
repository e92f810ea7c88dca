/* Steps on a new item's row by the method's own samples and loss; see fold_item_steps.c. */
#ifndef TAMIS_TRAIN_FOLD_ITEM_STEPS_H
#define TAMIS_TRAIN_FOLD_ITEM_STEPS_H

#include "train/folding.h"

/* q: where it starts, and is in the end; its bias is held. */
tamis_status fold_item_steps(const folding *f, const fold_row *row, float bias, float *q, tamis_error *error);

#endif
