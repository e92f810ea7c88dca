/* Steps on a new item's row of a softmax method; see fold_item_softmax.c. */
#ifndef TAMIS_TRAIN_FOLD_ITEM_SOFTMAX_H
#define TAMIS_TRAIN_FOLD_ITEM_SOFTMAX_H

#include "train/folding.h"

/* q: where it starts, of any length but zero; in the end of length 1. Its bias is held. */
tamis_status fold_item_softmax(const folding *f, const fold_row *row, float bias, float *q, tamis_error *error);

#endif
