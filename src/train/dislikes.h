/* What training learns from dislikes. */
#ifndef TAMIS_TRAIN_DISLIKES_H
#define TAMIS_TRAIN_DISLIKES_H

#include "train/trainer.h"

/* Sets run->dislikes and run->certain, once samples are weighed; tells where the method cannot learn from them. */
void dislikes_open(train_run *run);

/* What a negative weighs: as its item does, but for a dislike that is taken for certain. */
method_weights dislikes_weigh(const train_run *run, int32_t user, int32_t item);

#endif
