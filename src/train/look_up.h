/* The things that a run's options name. */
#ifndef TAMIS_TRAIN_LOOK_UP_H
#define TAMIS_TRAIN_LOOK_UP_H

#include "train/trainer.h"

/* Method and loss, samplers, trainer; L2 weights of roles. The run then may not move. */
void run_look_up(train_run *run);

#endif
