/* The best items of many users. */
#ifndef TAMIS_RANK_TOP_H
#define TAMIS_RANK_TOP_H

#include <stdbool.h>
#include <stdint.h>

#include "rank/heap.h"
#include "rank/score.h"

/* Users whose best k items are wanted; the mask of the n-th is mask[start[row] .. start[row+1]-1], row =
 * mask_row ? mask_row[n] : n. Masks count items as the scorer's factors do, hits as the model does. */
typedef struct rank_request {
    const rank_scorer *scorer;
    const int64_t *user; /* rows of the factors */
    const int64_t *mask_start, *mask_row;
    const int32_t *mask;
    int64_t count, k;
    bool exact; /* exact scores alone */
    tamis_hit *hits; /* count x k; NULL: take() is told instead */
    const int64_t *place; /* the n-th user's hits are at hits[place[n] * k]; NULL: at hits[n * k] */
    void (*take)(void *context, int64_t n, const tamis_hit *hit, int64_t count);
    void *context;
} rank_request;
tamis_status rank_top(const rank_request *request, int threads, tamis_error *error);

/* For qsort(): by score, ties by item. */
int rank_best_first(const void *a, const void *b);
/* A heap for the k best hits. */
rank_heap rank_hits(tamis_hit *hit, int64_t k);
/* Best first; the room that is left gets item -1. */
void rank_hits_finish(rank_heap *heap);

#endif
