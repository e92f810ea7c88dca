/* Checkpoints: files from which a run goes on. */
#ifndef TAMIS_TRAIN_CHECKPOINT_H
#define TAMIS_TRAIN_CHECKPOINT_H

#include "train/trainer.h"
#include "tamis.h"

/* How far a run is. */
typedef struct checkpoint_numbers {
    int64_t epoch, step, samples, best_epoch, waited, stopped_early;
    double seconds, best_value;
    uint64_t held_out; /* fingerprint of the validation log; 0: none */
    uint64_t weights;  /* fingerprint of what weighs the samples; 0: nothing does */
} checkpoint_numbers;

checkpoint_numbers checkpoint_now(train_run *run);
/* The trainer's arrays that its next epoch depends on. */
parameters checkpoint_memory(train_run *run);
/* Of the run's arrays as they are, and of `now`. What was under the name before becomes NAME.previous. */
tamis_status checkpoint_write(train_run *run, const char *path, const checkpoint_numbers *now, tamis_error *error);
/* Under the name, or as NAME.previous. */
bool checkpoint_is_there(const char *path);
/* Puts a new run where the checkpoint is, and says so. Without a checkpoint it stays where it is. TAMIS_USAGE, TAMIS_DATA: the
 * checkpoint is of other options, or of another log. */
tamis_status checkpoint_go_on(train_run *run, const char *path, tamis_error *error);

#endif
