/* Training in batches; see batch.c. */
#ifndef TAMIS_TRAIN_MINIBATCH_H
#define TAMIS_TRAIN_MINIBATCH_H

#include <stdbool.h>

#include "tamis.h"
#include "train/team.h"
#include "train/train.h"

/* The edges of a batch, row by row of one side. */
typedef struct edge_groups {
    int32_t *slot;      /* per row of the side: its number in this batch; -1: not in it */
    int32_t *row;       /* per slot */
    int32_t *start;     /* slots + 1 */
    int32_t *edge;      /* start[s] .. start[s+1]-1: the edges of slot s, in order */
    int32_t *edge_slot;
    int32_t *other;     /* beside edge[]: the row on the other side */
    float *weight[METHOD_FACTORISATIONS]; /* beside edge[]: the coefficient */
    int32_t slots;
} edge_groups;

/* An optimiser's memory of one side of one factorisation; NULL where it has none. */
typedef struct optimizer_moments {
    float *first, *second;           /* as the factors */
    float *bias_first, *bias_second; /* as the biases */
} optimizer_moments;

typedef struct minibatch {
    int64_t samples, edges;  /* per batch; edges per sample times that */
    int32_t *user, *item;    /* per edge */
    float *target, *weight, *loss, *score[METHOD_FACTORISATIONS], *gradient[METHOD_FACTORISATIONS];
    edge_groups by_user, by_item;
    float *item_gradient[METHOD_FACTORISATIONS]; /* per slot of by_item, a row */
    optimizer_moments user_moments[METHOD_FACTORISATIONS], item_moments[METHOD_FACTORISATIONS];
    float *zero;             /* a row of zeros */
    int32_t *user_of;        /* per interaction */
} minibatch;

/* The run of the trainer in batches. */
static inline minibatch *minibatch_of(const train_run *run)
{
    return run->own;
}

/* Asks for a row that will be written. */
static inline void train_fetch(const float *row, size_t stride)
{
    for (size_t k = 0; k < stride; k += 16) __builtin_prefetch(row + k, 1);
}

/* Lists, for each row among row[0..n-1], its edges in order, with the other side's row and the coefficients. */
bool edge_groups_new(edge_groups *g, int64_t rows, int64_t edges);
void edge_groups_fill(edge_groups *g, const int32_t *row, const int32_t *other, float *const *gradient, int64_t n);
void edge_groups_clear(edge_groups *g);

bool optimizer_moments_new(optimizer_moments *m, int64_t rows, size_t stride, bool bias, int optimizer);
void optimizer_moments_clear(optimizer_moments *m);
/* Adds those of one side, named by whose they are: first and second moment, and the biases' where there are any. */
typedef struct optimizer_names {
    const char *first, *second, *bias_first, *bias_second;
} optimizer_names;
void optimizer_moments_list(optimizer_moments *m, const optimizer_names *names, const parameter *like, parameters *list);
/* The constants of step t = 1, 2, ... for one role; one step on a row whose moments lie at `at`. */
kernel_step optimizer_constants(const tamis_train_options *o, double rate, double regularization, int64_t t);
void optimizer_step_row(const train_run *run, float *row, const optimizer_moments *moments, size_t at, size_t stride,
                    const float *gradient, const kernel_step *c);
void optimizer_step_bias(float *value, const optimizer_moments *moments, int64_t at, float gradient, int optimizer, const kernel_step *c);

/* Where 0 <= k < n stands in a random order of 0..n-1. */
int64_t train_permuted(int64_t k, int64_t n, uint64_t key);

/* draw.c: fills the member's share of the edges of samples first .. first + count - 1 of the epoch. */
void train_draw(train_run *run, const member *me, int64_t first, int64_t count);
/* Samples in an epoch, edges per sample. */
int64_t train_draw_samples(const train_run *run);
int64_t train_draw_edges(const train_run *run);
/* Whether drawing an epoch's pairs also fills their scores. */
bool train_draw_scores(const train_run *run);

#endif
