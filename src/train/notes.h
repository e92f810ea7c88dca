/* What is told of a run at its end. */
#ifndef TAMIS_TRAIN_NOTES_H
#define TAMIS_TRAIN_NOTES_H

#include "train/trainer.h"
#include "tamis.h"

tamis_train_report notes_report(const train_run *run);
/* What the model file says about how it was made. */
tamis_status notes_write(train_run *run, const tamis_train_report *report, tamis_error *error);

#endif
