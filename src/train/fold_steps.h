/* Steps on a new user's row by the method's own samples and loss; see fold_steps.c. */
#ifndef TAMIS_TRAIN_FOLD_STEPS_H
#define TAMIS_TRAIN_FOLD_STEPS_H

#include "train/folding.h"

/* p and flip: where they start, and are in the end. */
tamis_status fold_steps(const folding *f, const fold_row *row, float *p, float *flip, tamis_error *error);

/* How often L2 holds a row back in an epoch of training, for each of its positives and in units of such a one's gradient. share: of all
 * samples, those with a positive of the row's; touched: those that the row is in; touches: of these, for each positive. */
double fold_decays(const tamis_train_options *o, double share, double touched, double touches);

#endif
