/* Steps on a new user's row of a softmax method; see fold_softmax.c. */
#ifndef TAMIS_TRAIN_FOLD_SOFTMAX_H
#define TAMIS_TRAIN_FOLD_SOFTMAX_H

#include "train/folding.h"

/* p: where it starts, of any length but zero; in the end of length 1. */
tamis_status fold_softmax(const folding *f, const fold_row *row, float *p, tamis_error *error);

#endif
