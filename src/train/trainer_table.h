/* The trainers there are. */
#ifndef TAMIS_TRAIN_TRAINER_TABLE_H
#define TAMIS_TRAIN_TRAINER_TABLE_H

#include "train/trainer.h"
#include "tamis.h"

const trainer *trainer_pick(const method *chosen, const tamis_train_options *options);

#endif
