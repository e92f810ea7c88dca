/* A cell's training, which goes on where a killed one was. */
#ifndef TAMIS_STUDY_WITHIN_H
#define TAMIS_STUDY_WITHIN_H

#include "study/text.h"
#include "tamis.h"

typedef struct within {
    const char *directory, *digest; /* the checkpoint is directory/DIGEST.checkpoint: the digest stands for log and options */
    const char *every;              /* "10": epochs; "1m": minutes */
    const tamis_log *train, *validation;
} within;

/* As tamis_train(). */
tamis_status within_train(const within *w, const tamis_train_options *options, tamis_model **model, tamis_train_report *report,
                          tamis_error *error);
/* The cell is computed: its checkpoint goes. */
void within_done(const within *w);
/* The study is over: so do those of runs with other settings. */
void within_sweep(const char *directory);

#endif
