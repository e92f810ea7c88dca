/* The rows of an item-item matrix as they are made. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "rank/heap.h"
#include "train/neighbour_rows.h"

double neighbour_rows_bytes(int64_t items, int64_t most)
{
    return (double)items * ((double)most * (sizeof(int32_t) + sizeof(float)) + sizeof(int64_t));
}

tamis_status neighbour_rows_new(int64_t items, int64_t most, neighbour_rows *rows, tamis_error *error)
{
    const size_t width = (size_t)most * sizeof(float);
    *rows = (neighbour_rows){.items = items, .most = most, .start = calloc((size_t)items + 1, sizeof *rows->start),
                             .item = base_alloc_raw((size_t)items, width), .value = base_alloc_raw((size_t)items, width)};
    if (rows->start && rows->item && rows->value) return TAMIS_OK;
    neighbour_rows_free(rows);
    return base_no_memory(error, "an item-item matrix", (size_t)items, 2 * width);
}

void neighbour_rows_free(neighbour_rows *rows)
{
    free(rows->start);
    base_free(rows->item);
    base_free(rows->value);
    *rows = (neighbour_rows){0};
}

static bool smaller(const void *a, const void *b)
{
    const tamis_hit *x = a, *y = b;
    const float of_x = fabsf(x->score), of_y = fabsf(y->score);
    return of_x != of_y ? of_x < of_y : x->item > y->item;
}

static int by_item(const void *a, const void *b)
{
    const tamis_hit *x = a, *y = b;
    return (x->item > y->item) - (x->item < y->item);
}

void neighbour_rows_put(const neighbour_rows *rows, int64_t j, const float *value, const int32_t *item, int64_t n, tamis_hit *hits)
{
    rank_heap heap = {hits, sizeof *hits, 0, rows->most, smaller};
    for (int64_t k = 0; k < n; k++) {
        const int64_t i = item ? item[k] : k;
        if (i != j && value[i] != 0) rank_heap_offer(&heap, &(tamis_hit){(int32_t)i, value[i]});
    }
    qsort(hits, (size_t)heap.count, sizeof *hits, by_item);
    for (int64_t k = 0; k < heap.count; k++) {
        rows->item[j * rows->most + k] = hits[k].item;
        rows->value[j * rows->most + k] = hits[k].score;
    }
    rows->start[j + 1] = heap.count;
}

matrix *neighbour_rows_finish(neighbour_rows *rows, float **value)
{
    for (int64_t j = 0; j < rows->items; j++) {
        const int64_t from = j * rows->most, to = rows->start[j], n = rows->start[j + 1];
        memmove(rows->item + to, rows->item + from, (size_t)n * sizeof *rows->item);
        memmove(rows->value + to, rows->value + from, (size_t)n * sizeof *rows->value);
        rows->start[j + 1] = to + n;
    }
    matrix *m = matrix_new(rows->items, rows->items, rows->start, rows->item);
    *value = m ? rows->value : NULL;
    if (!m) base_free(rows->value);
    *rows = (neighbour_rows){0};
    return m;
}
