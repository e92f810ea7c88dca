/* Training in mini-batches; see minibatch.c. */
#ifndef TAMIS_TRAIN_MINIBATCH_H
#define TAMIS_TRAIN_MINIBATCH_H

#include "train/edges.h"
#include "train/optimizer.h"

extern const trainer trainer_minibatch;

/* The trainer's private state. */
typedef struct minibatch {
    int64_t samples, edges;  /* per batch; edges per sample times that */
    int32_t *user, *item;    /* per edge */
    float *target, *weight, *loss, *score[METHOD_FACTORISATIONS], *gradient[METHOD_FACTORISATIONS];
    edge_groups by_user, by_item;
    float *item_gradient[METHOD_FACTORISATIONS]; /* per slot of by_item, a row */
    optimizer_moments user_moments[METHOD_FACTORISATIONS], item_moments[METHOD_FACTORISATIONS];
    float *zero;             /* a row of zeros */
} minibatch;

/* Scores and gradients of the batch's first edges, of which there are so many. */
void minibatch_score(train_run *run, int64_t edges);
/* Gradients alone, the scores being there. */
void minibatch_gradients(train_run *run, int64_t edges);
/* Applies the weights to gradients; gives the batch's summed loss. scale: 1, or 1 / samples for mean gradients. */
double minibatch_weigh(train_run *run, int64_t edges, float scale);

#endif
