/* The edges of a batch in compressed rows: which of them a user, or an item, is in. */
#ifndef TAMIS_TRAIN_EDGES_H
#define TAMIS_TRAIN_EDGES_H

#include "train/trainer.h"

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

bool edge_groups_new(edge_groups *g, int64_t rows, int64_t edges);
double edge_groups_bytes(int64_t rows, int64_t edges);
/* Lists, for each row among row[0..n-1], its edges in order, with the other side's row and the coefficients. */
void edge_groups_fill(edge_groups *g, const int32_t *row, const int32_t *other, float *const *gradient, int64_t n);
void edge_groups_clear(edge_groups *g);

#endif
