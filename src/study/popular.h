/* Where interactions stand among items drawn by popularity. */
#ifndef TAMIS_STUDY_POPULAR_H
#define TAMIS_STUDY_POPULAR_H

#include <stdint.h>

#include "data/log.h"
#include "model/model.h"
#include "sampler/alias.h"

typedef struct popular {
    const tamis_log *log;
    alias_slot *slot; /* draws items in proportion to their interactions */
    uint64_t seed;
    double *position; /* per interaction of the log: the share of the mass of popularity that stands above it; NAN: unknown */
    double *width;    /* of the range in the middle of which it is */
    const int64_t *trained; /* per item: its interactions in training */
    const float *row; /* the user who is judged, see rank_user() */
    double drawn, far; /* popular items drawn, and those of them in the last fifth of all items, per interaction judged */
} popular;

tamis_status popular_open(const tamis_log *log, uint64_t seed, popular *p, tamis_error *error);
void popular_close(popular *p);
/* A fold: the model that was trained on the others, its interactions, and which of the log they are. */
tamis_status popular_judge(popular *p, const tamis_model *model, const tamis_log *held, const int64_t *at, const tamis_stop *stop,
                           tamis_error *error);

#endif
