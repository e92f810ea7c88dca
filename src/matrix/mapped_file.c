/* Mapped files, counted by reference. */
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "matrix/mapped_file.h"

struct mapped_file {
    atomic_int holders;
    void *pages;
    size_t size;
};

mapped_file *mapped_file_new(void *pages, size_t size)
{
    mapped_file *map = malloc(sizeof *map);
    if (!map) return NULL;
    *map = (mapped_file){.pages = pages, .size = size};
    atomic_init(&map->holders, 1);
    return map;
}

mapped_file *mapped_file_hold(mapped_file *map)
{
    if (map) atomic_fetch_add_explicit(&map->holders, 1, memory_order_relaxed);
    return map;
}

void mapped_file_drop(mapped_file *map)
{
    if (!map || atomic_fetch_sub_explicit(&map->holders, 1, memory_order_acq_rel) > 1) return;
    munmap(map->pages, map->size);
    free(map);
}

bool mapped_file_has(const mapped_file *map, const void *address)
{
    return map && (uintptr_t)address >= (uintptr_t)map->pages && (uintptr_t)address - (uintptr_t)map->pages < map->size;
}
