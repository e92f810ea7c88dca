/* A batch of sampled softmax: its positives and negatives, and room for what is computed of them; notation: softmax.c. */
#ifndef TAMIS_TRAIN_SOFTMAX_BATCH_H
#define TAMIS_TRAIN_SOFTMAX_BATCH_H

#include <stdatomic.h>

#include "method/softmax.h"
#include "train/edges.h"
#include "train/optimizer.h"
#include "train/team.h"
#include "tamis.h"

enum { SOFTMAX_ROWS = 64, SOFTMAX_LANES = 16 /* columns of a panel */, SOFTMAX_AHEAD = 4 /* rows asked for before they are used */ };
enum { SOFTMAX_GROUPS = 8 };

typedef struct softmax_batch {
    softmax_terms terms;
    int64_t room;            /* positives in a batch at most */
    int64_t count, padded;   /* M, and the next multiple of 16: columns without an item behind */
    int64_t *interaction;          /* per positive: which interaction it is */
    int32_t *user, *item;    /* edges: the positives; item[] goes on with the negatives */
    int64_t edges;           /* positives in this batch */
    edge_groups by_user, by_item; /* rows u; items, with both kinds of edges */
    float *score, *gradient;    /* c and a, at the positions of by_user */
    float *edge_gradient;       /* a per edge */
    float *users, *pushed;   /* rows û and w û */
    float *length;           /* per row |p|, which is 1 without dropout */
    float *user_gradient;       /* rows E N, then G */
    float *weight;           /* per row w */
    float *negatives;        /* rows q̂_j */
    float *panels;           /* the same as columns, sixteen after sixteen: panel p's row k is at (16 p stride) + 16 k */
    float *push;             /* SOFTMAX_GROUPS times rows of Eᵀ (w U) */
    float *bias_push;        /* SOFTMAX_GROUPS times the sums of w e over rows; NULL: no biases */
    uint64_t *is_negative;   /* a bit per item */
    float *offset;           /* per item ln (1 / (N q_i)), where it is drawn with chance q_i; NULL: all alike */
    float *negative_offset;  /* the negatives' offsets and biases; columns without an item: none to speak of */
    double ceiling, top;     /* no cosine / τ1 plus offset is above the one, with the batch's biases above the other */
    float *threshold;        /* per user β_u; NULL: not wanted */
    double *loss;            /* per row */
    optimizer_moments user_moments, item_moments;
    int32_t groups;          /* of blocks of rows, at most SOFTMAX_GROUPS and none empty */
    atomic_int next_group;
    double loss_sum;         /* of the epoch */
} softmax_batch;

tamis_status softmax_batch_new(train_run *run, tamis_error *error);
void softmax_batch_clear(train_run *run);
void softmax_batch_takes(const train_plan *plan, estimate *e);

/* By all members, in this order, with meetings between: the member's part of the batch's positives, which stand at `first` and
 * behind in the epoch's order, and of the negatives; by one of them, the groups of what was drawn; the member's part of the
 * vectors. */
void softmax_batch_draw(const train_run *run, softmax_batch *c, const member *me, int64_t first);
void softmax_batch_group(softmax_batch *c, const tamis_model *model);
void softmax_batch_take(const train_run *run, softmax_batch *c, const member *me);

/* How much the positive of an edge counts: its interaction's weight. */
float softmax_weight(const train_run *run, const softmax_batch *c, int32_t edge);

#endif
