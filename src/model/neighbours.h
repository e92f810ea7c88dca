/* The item-item part of a model: a sparse matrix B of items by items, and the users' histories, by which it is multiplied:
 *   s_ui = b_i + Σ_(j in the history of u) c_uj B_ji
 * The history is what was trained on; what a model counts as seen may be more: validation parts, masks. */
#ifndef TAMIS_MODEL_NEIGHBOURS_H
#define TAMIS_MODEL_NEIGHBOURS_H

#include "matrix/mapped_file.h"
#include "matrix/matrix.h"
#include "tamis.h"

typedef struct model_neighbours {
    matrix *items;   /* row j: the items i with a stored B_ji; NULL: B is zero */
    float *value;    /* B_ji, parallel to items->index */
    matrix *history; /* users x items */
    float *weight;   /* c_uj, parallel to history->index; NULL: 1 each */
} model_neighbours;

/* B of another model, where there is none yet; the values are copied. */
tamis_status model_neighbours_take(model_neighbours *neighbours, const model_neighbours *from, tamis_error *error);
/* Frees what does not lie in the mapped file, which may be NULL. */
void model_neighbours_clear(model_neighbours *neighbours, const mapped_file *map);

#endif
