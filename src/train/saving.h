/* When checkpoints are written: a callback of the run. */
#ifndef TAMIS_TRAIN_SAVING_H
#define TAMIS_TRAIN_SAVING_H

#include "train/trainer.h"
#include "tamis.h"

/* Does nothing where no checkpoint is asked for. */
tamis_status saving_open(train_run *run, tamis_error *error);
/* Adds what it takes, after all that is remembered; model: bytes of the model's arrays. */
void saving_takes(const train_plan *plan, double model, estimate *e);

#endif
