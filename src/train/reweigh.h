/* Interactions weighted by how far they can be trusted: the option distrust. */
#ifndef TAMIS_TRAIN_REWEIGH_H
#define TAMIS_TRAIN_REWEIGH_H

#include "train/trainer.h"
#include "tamis.h"

/* Puts a log with such weights in the place of the one that the run is to train on, if its options ask for it. */
tamis_status reweigh_log(train_run *run, tamis_error *error);

#endif
