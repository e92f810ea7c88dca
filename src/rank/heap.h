/* The k best of many, in a heap whose worst is on top. */
#ifndef TAMIS_RANK_HEAP_H
#define TAMIS_RANK_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RANK_HEAP_SIZE = 16 };

typedef struct rank_heap {
    void *best;       /* room for k */
    size_t size;      /* bytes of one, at most RANK_HEAP_SIZE */
    int64_t count, k; /* k >= 1 */
    bool (*worse)(const void *a, const void *b); /* no two are alike */
} rank_heap;

/* Takes the candidate in, unless k better ones are there. */
void rank_heap_offer(rank_heap *heap, const void *candidate);
/* Puts the best first; then the heap is none any more. */
void rank_heap_sort(rank_heap *heap);

#endif
