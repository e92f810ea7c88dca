/* Updates sample by sample: the negatives that are dislikes. */
#ifndef TAMIS_TRAIN_SGD_DISLIKES_H
#define TAMIS_TRAIN_SGD_DISLIKES_H

#include <stdbool.h>

#include "train/sgd_work.h"

/* Trains on an epoch's dislikes, once its tiles are through. False: memory. */
bool sgd_dislikes_run(train_run *run, double rate, int threads, sgd_sum *sum);
/* What it allocates for so many samples. */
double sgd_dislikes_bytes(double samples);

#endif
