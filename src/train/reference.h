/* BPR as a textbook has it; see reference.c. */
#ifndef TAMIS_TRAIN_REFERENCE_H
#define TAMIS_TRAIN_REFERENCE_H

#include "base/random.h"
#include "data/log.h"
#include "tamis.h"

/* users x factors, items x factors, row by row, without padding. */
typedef struct reference_model {
    double *user, *item;
    int64_t factors;
} reference_model;

/* One epoch of BPR, sample by sample; the mean loss. Each interaction once, in a random order, with one negative. */
double reference_epoch(const tamis_log *log, const reference_model *model, double rate, double regularization, base_stream *stream);

#endif
