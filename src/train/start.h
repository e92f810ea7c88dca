/* Start and end of a run. */
#ifndef TAMIS_TRAIN_START_H
#define TAMIS_TRAIN_START_H

#include "train/trainer.h"
#include "tamis.h"

/* Makes all that a run of zeros has but its callbacks. options NULL: the defaults. Afterwards clear it, whatever came of it. */
tamis_status run_start(train_run *run, const tamis_log *log, const tamis_log *validation, const tamis_train_options *options,
                       tamis_error *error);
void run_clear(train_run *run);

#endif
