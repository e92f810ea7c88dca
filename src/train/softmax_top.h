/* The scores that end users' lists of K items, and what a positive weighs by them; see method/slatk.c. */
#ifndef TAMIS_TRAIN_SOFTMAX_TOP_H
#define TAMIS_TRAIN_SOFTMAX_TOP_H

#include "train/softmax_batch.h"
#include "train/trainer.h"

/* Renews them, if it is time to. */
tamis_status softmax_top_renew(train_run *run, softmax_batch *c, tamis_error *error);

#endif
