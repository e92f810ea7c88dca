/* Training in batches; see batch.c. */
#ifndef TAMIS_TRAIN_BATCH_H
#define TAMIS_TRAIN_BATCH_H

#include "train/team.h"
#include "train/train.h"

/* The edges of a batch, row by row of one side. */
typedef struct train_group {
    int32_t *slot;      /* per row of the side: its number in this batch; -1: not in it */
    int32_t *row;       /* per slot */
    int32_t *start;     /* slots + 1 */
    int32_t *edge;      /* start[s] .. start[s+1]-1: the edges of slot s, in order */
    int32_t *edge_slot;
    int32_t *other;     /* beside edge[]: the row on the other side */
    float *weight[METHOD_HEADS]; /* beside edge[]: the coefficient */
    int32_t slots;
} train_group;

/* An optimiser's memory of one side of one head; NULL where it has none. */
typedef struct train_moments {
    float *first, *second;           /* as the factors */
    float *bias_first, *bias_second; /* as the biases */
} train_moments;

typedef struct train_batch {
    int64_t samples, edges;  /* per batch; edges per sample times that */
    int32_t *user, *item;    /* per edge */
    float *target, *weight, *loss, *score[METHOD_HEADS], *slope[METHOD_HEADS];
    train_group by_user, by_item;
    float *item_slope[METHOD_HEADS]; /* per slot of by_item, a row */
    train_moments user_moments[METHOD_HEADS], item_moments[METHOD_HEADS];
    float *zero;             /* a row of zeros */
    int32_t *user_of;        /* per interaction */
} train_batch;

/* The state of the trainer in batches. */
static inline train_batch *train_batch_of(const train_state *state)
{
    return state->own;
}

/* Asks for a row that will be written. */
static inline void train_fetch(const float *row, size_t stride)
{
    for (size_t k = 0; k < stride; k += 16) __builtin_prefetch(row + k, 1);
}

/* Lists, for each row among row[0..n-1], its edges in order, with the other side's row and the coefficients. */
bool train_group_new(train_group *g, int64_t rows, int64_t edges);
void train_group_edges(train_group *g, const int32_t *row, const int32_t *other, float *const *slope, int64_t n);
void train_group_clear(train_group *g);

bool train_moments_new(train_moments *m, int64_t rows, size_t stride, bool bias, int optimizer);
void train_moments_clear(train_moments *m);
/* Adds those of one side, named by whose they are: first and second moment, and the biases' where there are any. */
typedef struct train_moment_names {
    const char *first, *second, *bias_first, *bias_second;
} train_moment_names;
void train_moments_list(train_moments *m, const train_moment_names *names, const parameter *like, parameters *list);
/* The constants of step t = 1, 2, ... for one role; one step on a row whose moments lie at `at`. */
kernel_step train_step_constants(const tamis_train_options *o, double rate, double regularization, int64_t t);
void train_step_row(const train_state *state, float *row, const train_moments *moments, size_t at, size_t stride,
                    const float *slope, const kernel_step *c);
void train_step_bias(float *value, const train_moments *moments, int64_t at, float slope, int optimizer, const kernel_step *c);

/* Where 0 <= k < n stands in a random order of 0..n-1. */
int64_t train_permuted(int64_t k, int64_t n, uint64_t key);

/* draw.c: fills the member's share of the edges of samples first .. first + count - 1 of the epoch. */
void train_draw(train_state *state, const member *me, int64_t first, int64_t count);
/* Samples in an epoch, edges per sample. */
int64_t train_draw_samples(const train_state *state);
int64_t train_draw_edges(const train_state *state);
/* Whether drawing an epoch's pairs also fills their scores. */
bool train_draw_scores(const train_state *state);

#endif
