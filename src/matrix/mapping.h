/* The bytes of a file in memory, held by everything that lies in them: the last holder to let go unmaps them. */
#ifndef TAMIS_MATRIX_MAPPING_H
#define TAMIS_MATRIX_MAPPING_H

#include <stdbool.h>
#include <stddef.h>


typedef struct mapping mapping;

/* Takes over pages that mmap() gave; one holder. NULL: out of memory, and the pages are still the caller's. */
mapping *mapping_new(void *pages, size_t size);
mapping *mapping_hold(mapping *map);
void mapping_drop(mapping *map); /* NULL: nothing */
/* Whether an address lies in it; never in NULL. */
bool mapping_has(const mapping *map, const void *address);

#endif
