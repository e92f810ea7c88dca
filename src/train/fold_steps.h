/* Steps on a new user's row by the method's own samples and loss; see fold_steps.c. */
#ifndef TAMIS_TRAIN_FOLD_STEPS_H
#define TAMIS_TRAIN_FOLD_STEPS_H

#include "train/folding.h"

/* p and flip: where they start, and are in the end. */
tamis_status fold_steps(const folding *f, const fold_row *row, float *p, float *flip, tamis_error *error);

#endif
