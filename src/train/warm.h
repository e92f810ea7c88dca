/* Training that goes on from a model. */
#ifndef TAMIS_TRAIN_WARM_H
#define TAMIS_TRAIN_WARM_H

#include "train/trainer.h"

/* The caller's options, or those of the model that the run starts from, as the run needs them. TAMIS_USAGE: they are of another method or
 * width, or freeze is none that there is. */
tamis_status warm_options(const train_run *run, const tamis_train_options *given, tamis_train_options *wanted, tamis_error *error);
/* The log that a model was trained on and a new one. Users and items are the model's, then new ones. */
tamis_status warm_join(const tamis_model *model, const tamis_log *log, tamis_log **joined, tamis_error *error);
/* What the joined log takes, and joining. */
void warm_takes(const tamis_log *joined, estimate *e);
/* Over the start that any training has: rows of the model, and of new users and items by fold-in. */
tamis_status warm_start(train_run *run, tamis_error *error);

#endif
