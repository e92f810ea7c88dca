/* Cross-fitting: each interaction is judged by a model that has not seen it. */
#ifndef TAMIS_TRAIN_CROSSFIT_H
#define TAMIS_TRAIN_CROSSFIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/watch.h"
#include "data/log.h"
#include "model/model.h"
#include "tamis.h"

typedef struct crossfit {
    int64_t folds;
    uint64_t seed;                      /* of the folds */
    const tamis_train_options *options; /* of each fold's model; stop and threads are theirs, too */
    const tamis_progress *progress;     /* of its training; may be NULL */
    /* Told of each fold: the model that was trained on the others, the fold's interactions, and which interaction of the log
     * each of them is. */
    tamis_status (*judge)(void *context, const tamis_model *model, const tamis_log *held, const int64_t *at, tamis_error *error);
    void *context;
} crossfit;

/* Cuts the log into folds, in which each user's interactions are spread evenly, and trains a model on all but each.
 * TAMIS_STOPPED: the options' stop says so. */
tamis_status crossfit_run(const crossfit *c, const tamis_log *log, tamis_error *error);
/* One part alone: the interactions k whose part[k] is 1, judged by a model of those where it is 0. */
tamis_status crossfit_part(const crossfit *c, const tamis_log *log, const uint8_t *part, tamis_error *error);

/* How a model ranks interactions, written to position[at[k]] for interaction k of `log`: the fraction r of the items without
 * interaction with u that it ranks above i; (rank + 1/2) / (items + 1), so that r is never 0 or 1. A user or item that the
 * model does not know leaves its position as it is. fitted: the model has seen the interactions. personal: among the user's own
 * interactions instead. trained: among items alone that the model has seen interactions of; those of other items, and those of
 * users who have all others, leave their position as it is. width: NULL, or where 1 / (items + 1) goes, the width of the range
 * in the middle of which r is. */
typedef struct crossfit_ranking {
    bool fitted, personal, trained;
    int threads;
    const tamis_stop *stop;
    double *width;
} crossfit_ranking;
tamis_status crossfit_positions(const crossfit_ranking *how, const tamis_model *model, const tamis_log *log, const int64_t *at,
                                double *position, tamis_error *error);

#endif
