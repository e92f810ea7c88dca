/* What samples weigh. */
#ifndef TAMIS_TRAIN_WEIGH_H
#define TAMIS_TRAIN_WEIGH_H

#include "train/trainer.h"
#include "tamis.h"

/* Counts clicks; fills the run's weights, and what else goes into a sample's weight. */
tamis_status weigh_samples(train_run *run, tamis_error *error);
/* Of an item that is none of the run's, by its number of interactions: also where others' propensities came from a file. */
method_weights weigh_new_item(const train_run *run, int64_t clicks);
/* Whether an epoch takes every pair of so many users and items. */
bool weigh_all_pairs(const train_run *run, int64_t users, int64_t items);
/* Adds what the weights take. */
void weigh_takes(const train_plan *plan, estimate *e);

#endif
