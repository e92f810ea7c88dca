/* The item-item part of a model: copying and freeing. */
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "model/neighbours.h"

tamis_status model_neighbours_take(model_neighbours *neighbours, const model_neighbours *from, tamis_error *error)
{
    const size_t stored = (size_t)from->items->nnz;
    float *value = base_alloc_raw(stored, sizeof *value);
    if (!value) return base_no_memory(error, "an item-item matrix", stored, sizeof *value);
    memcpy(value, from->value, stored * sizeof *value);
    neighbours->items = matrix_hold(from->items);
    neighbours->value = value;
    return TAMIS_OK;
}

void model_neighbours_clear(model_neighbours *neighbours, const mapped_file *map)
{
    if (!mapped_file_has(map, neighbours->value)) base_free(neighbours->value);
    if (!mapped_file_has(map, neighbours->weight)) base_free(neighbours->weight);
    matrix_drop(neighbours->items);
    matrix_drop(neighbours->history);
    *neighbours = (model_neighbours){0};
}
