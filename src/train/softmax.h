/* Training on batches against shared negatives; see contrast.c for the notation. */
#ifndef TAMIS_TRAIN_SOFTMAX_H
#define TAMIS_TRAIN_SOFTMAX_H

#include <stdatomic.h>
#include <stdint.h>

#include "method/softmax.h"
#include "train/minibatch.h"

enum { SOFTMAX_GROUPS = 8 };

typedef struct softmax_batch {
    softmax_terms terms;
    int32_t *user_of;        /* per interaction */
    int64_t room;            /* positives in a batch at most */
    int64_t count, padded;   /* M, and the next multiple of 16: columns without an item behind */
    int64_t *place;          /* per positive: which interaction it is */
    int32_t *user, *item;    /* edges: the positives; item[] goes on with the negatives */
    int64_t edges;           /* positives in this batch */
    edge_groups by_user, by_item; /* rows u; items, with both kinds of edges */
    float *score, *gradient;    /* c and a, at the places of by_user */
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
    float *lift;             /* the negatives' offsets and biases; columns without an item: none to speak of */
    double ceiling, top;     /* no cosine / τ1 plus offset is above the one, with the batch's biases above the other */
    double *loss;            /* per row */
    optimizer_moments user_moments, item_moments;
    int32_t groups;          /* of blocks of rows, at most SOFTMAX_GROUPS and none empty */
    atomic_int next_group;
    double loss_sum;         /* of the epoch */
} softmax_batch;

#endif
