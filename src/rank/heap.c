/* A binary heap: the children of element n are 2 n + 1 and 2 n + 2, and none is worse than its parent. */
#include <string.h>

#include "rank/heap.h"

static char *at(const rank_heap *h, int64_t index)
{
    return (char *)h->best + (size_t)index * h->size;
}

/* Moves children up into the empty node n, until the element may stand there. */
static void sink(const rank_heap *h, int64_t count, int64_t n, const void *element)
{
    for (int64_t child; (child = 2 * n + 1) < count; n = child) {
        if (child + 1 < count && h->worse(at(h, child + 1), at(h, child))) child++;
        if (!h->worse(at(h, child), element)) break;
        memcpy(at(h, n), at(h, child), h->size);
    }
    memcpy(at(h, n), element, h->size);
}

void rank_heap_offer(rank_heap *h, const void *candidate)
{
    if (h->count == h->k) {
        if (h->worse(at(h, 0), candidate)) sink(h, h->count, 0, candidate);
        return;
    }
    int64_t n = h->count++;
    for (; n > 0 && h->worse(candidate, at(h, (n - 1) / 2)); n = (n - 1) / 2)
        memcpy(at(h, n), at(h, (n - 1) / 2), h->size);
    memcpy(at(h, n), candidate, h->size);
}

void rank_heap_sort(rank_heap *h)
{
    char last[RANK_HEAP_SIZE];
    for (int64_t n = h->count - 1; n > 0; n--) {
        memcpy(last, at(h, n), h->size);
        memcpy(at(h, n), at(h, 0), h->size);
        sink(h, n, 0, last);
    }
}
