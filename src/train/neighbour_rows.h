/* The rows of an item-item matrix as they are made: of each the entries of the largest size. */
#ifndef TAMIS_TRAIN_NEIGHBOUR_ROWS_H
#define TAMIS_TRAIN_NEIGHBOUR_ROWS_H

#include "matrix/matrix.h"
#include "tamis.h"

typedef struct neighbour_rows {
    int64_t items, most; /* entries of a row at most */
    int64_t *start;      /* items + 1; as they are made start[j + 1] is how many row j has */
    int32_t *item;       /* row j's from j * most on, ascending */
    float *value;
} neighbour_rows;

double neighbour_rows_bytes(int64_t items, int64_t most);
tamis_status neighbour_rows_new(int64_t items, int64_t most, neighbour_rows *rows, tamis_error *error);
void neighbour_rows_free(neighbour_rows *rows);
/* Row j: of the items item[0 .. n-1], NULL: 0 .. n-1, those with value[item] of the largest size, not 0, ties by item, without j
 * itself. hits: room for `most`. Different rows may be put by different threads. */
void neighbour_rows_put(const neighbour_rows *rows, int64_t j, const float *value, const int32_t *item, int64_t n, tamis_hit *hits);
/* The rows one after another; value becomes the caller's. Frees the rest. NULL: out of memory. */
matrix *neighbour_rows_finish(neighbour_rows *rows, float **value);

#endif
