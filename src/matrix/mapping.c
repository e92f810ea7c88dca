/* Mapped files, counted by reference. */
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "matrix/mapping.h"

struct mapping {
    atomic_int holders;
    void *pages;
    size_t size;
};

mapping *mapping_new(void *pages, size_t size)
{
    mapping *map = malloc(sizeof *map);
    if (!map) return NULL;
    *map = (mapping){.pages = pages, .size = size};
    atomic_init(&map->holders, 1);
    return map;
}

mapping *mapping_hold(mapping *map)
{
    if (map) atomic_fetch_add_explicit(&map->holders, 1, memory_order_relaxed);
    return map;
}

void mapping_drop(mapping *map)
{
    if (!map || atomic_fetch_sub_explicit(&map->holders, 1, memory_order_acq_rel) > 1) return;
    munmap(map->pages, map->size);
    free(map);
}

bool mapping_has(const mapping *map, const void *address)
{
    return map && (uintptr_t)address >= (uintptr_t)map->pages && (uintptr_t)address - (uintptr_t)map->pages < map->size;
}
