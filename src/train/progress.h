/* The callback that tells a run's caller of each epoch. */
#ifndef TAMIS_TRAIN_PROGRESS_H
#define TAMIS_TRAIN_PROGRESS_H

#include "base/base.h"
#include "train/trainer.h"
#include "tamis.h"

/* progress may be NULL. */
void progress_open(train_run *run, const tamis_progress *progress);
/* A sentence that the caller should know of. */
void progress_tell(const train_run *run, const char *format, ...) BASE_PRINTF(2, 3);

#endif
