/* A run's options, and the things that they name. */
#ifndef TAMIS_TRAIN_LOOK_UP_H
#define TAMIS_TRAIN_LOOK_UP_H

#include "train/trainer.h"

/* The caller's options over the defaults of its method, checked: all names in them are known. given NULL: the defaults. */
tamis_status run_take_options(const tamis_train_options *given, tamis_train_options *options, tamis_error *error);
/* Method and loss, samplers, trainer; L2 weights of roles. The run then may not move. */
void run_look_up(train_run *run);
/* Once they are looked up: factors of a row, 0 of item-item models; whether there are biases, which of those are all of the model or
 * none. */
int64_t run_width(const train_run *run);
bool run_has_bias(const train_run *run);

#endif
