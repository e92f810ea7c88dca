/* One epoch of any trainer. */
#ifndef TAMIS_TRAIN_EPOCH_H
#define TAMIS_TRAIN_EPOCH_H

#include "train/trainer.h"
#include "tamis.h"

/* TAMIS_STOPPED: the caller wants no more. */
tamis_status epoch_ask(train_run *run, tamis_error *error);
/* Runs epoch number run->epoch + 1, tells its mean loss. */
tamis_status epoch_run(train_run *run, tamis_epoch *report, tamis_error *error);

#endif
