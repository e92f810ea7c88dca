/* Numbers that are none: when a run has diverged, and what to do about it. */
#ifndef TAMIS_TRAIN_DIVERGED_H
#define TAMIS_TRAIN_DIVERGED_H

#include "train/trainer.h"
#include "tamis.h"

/* The sentence. */
tamis_status diverged_fail(const train_run *run, double loss, tamis_error *error);
/* After an epoch: by its loss, and by the parameters where somebody looks at them. */
tamis_status diverged_check(const train_run *run, double loss, tamis_error *error);
/* Of a run at its end, by its parameters where nobody has looked at them. */
tamis_status diverged_check_end(const train_run *run, bool interrupted, tamis_error *error);

#endif
