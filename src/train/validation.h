/* Validation: the callback that measures the model, keeps the best one and says when patience is over. */
#ifndef TAMIS_TRAIN_VALIDATION_H
#define TAMIS_TRAIN_VALIDATION_H

#include "train/trainer.h"
#include "tamis.h"

/* Does nothing where there is no validation log. */
tamis_status validation_open(train_run *run, tamis_error *error);
/* Adds what it takes; model: bytes of the model's arrays. */
void validation_takes(const train_plan *plan, double model, estimate *e);
/* Of the validation log that are ranked. */
int64_t validation_rows(const train_run *run);

#endif
