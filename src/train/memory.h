/* What a training will take of memory: computed before it begins, held against --memory or against what there is. */
#ifndef TAMIS_TRAIN_MEMORY_H
#define TAMIS_TRAIN_MEMORY_H

#include "train/trainer.h"
#include "tamis.h"

/* Of a run whose options are there and nothing else: notes what it will take, lowers the number of threads where that makes it fit,
 * which is told, and fails where even one takes too much, with what would fit. */
tamis_status memory_fit(train_run *run, const tamis_log *log, const tamis_log *validation, tamis_error *error);
/* Adds to a sentence that says that memory ended what training was to take. Returns status. */
tamis_status memory_ended(const train_run *run, tamis_status status, tamis_error *error);
/* The bytes of a training with one thread and these options, which are checked. */
double memory_least(const tamis_log *log, const tamis_log *validation, const tamis_train_options *options);

#endif
