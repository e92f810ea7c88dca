/* Sixteen regressions of alternating least squares; see als.c. */
#ifndef TAMIS_TRAIN_ALS_GROUP_H
#define TAMIS_TRAIN_ALS_GROUP_H

#include "base/watch.h"
#include "kernel/ridge.h"
#include "method/als.h"
#include "train/trainer.h"

typedef struct als_side {
    const int64_t *start; /* row r's interactions and dislikes: index[start[r] .. start[r + 1] - 1], ascending */
    const int32_t *index;
    const float *weight;  /* c, beside index[]; NULL: 1 each */
    const float *target;  /* the same, y: 0 of dislikes; NULL: 1 each */
    float *rows;
    int64_t count, room;  /* room: most pairs in a group */
    float *lambda;        /* per row */
    float *gram;          /* α Σ over its rows; NULL: not wanted */
} als_side;

typedef struct als_solver {
    const method_als *how;
    als_exposure exposure;
    als_side side[2];   /* users, items */
    size_t stride, block;
    double unobserved, exponent;
    matrix *of_users, *of_items; /* the log's interactions, and dislikes if there are any; transposed */
    float *values[2][2];  /* [side][WEIGHTS, TARGETS], those that are not the log's own arrays */
    bool grammed;         /* the items' Gram matrix is that of the items as they are */
    float *prior;         /* per item; NULL: weights are known */
    double *loss;         /* per group */
    base_watch *watch;
} als_solver;

/* A thread's own. */
typedef struct als_scratch {
    _Alignas(64) float lambda[RIDGE_LANES];
    _Alignas(64) float x[RIDGE_LANES];
    float *score, *weight, *residual; /* per pair of the group */
    float *tiles, *sums, *matrix, *gradient, *point; /* see ridge_step; sums: its pair_gradients */
    void *memory;
} als_scratch;

/* False: memory. room: pairs of a group, at most. */
bool als_scratch_new(const als_solver *s, int64_t room, als_scratch *scratch);
double als_scratch_bytes(size_t block, size_t stride, int64_t room);
/* Of any thread: so much was done. Only the one that made the call is counted. */
void als_worked(const als_solver *s, int64_t work);
/* Solves for rows 16 number .. 16 number + 15 of a side. A group that is stopped in leaves its rows as they were. */
void als_solve_group(const als_solver *s, int side, int64_t number, als_scratch *scratch, const kernel_ridge *kernel, double *loss);

#endif
