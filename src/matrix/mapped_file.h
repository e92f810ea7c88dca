/* The bytes of a file in memory, held by everything that lies in them: the last holder to let go unmaps them. */
#ifndef TAMIS_MATRIX_MAPPED_FILE_H
#define TAMIS_MATRIX_MAPPED_FILE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct mapped_file mapped_file;

/* Takes over pages that mmap() gave; one holder. NULL: out of memory, and the pages are still the caller's. */
mapped_file *mapped_file_new(void *pages, size_t size);
mapped_file *mapped_file_hold(mapped_file *map);
void mapped_file_drop(mapped_file *map); /* NULL: nothing */
/* Whether an address lies in it; never in NULL. */
bool mapped_file_has(const mapped_file *map, const void *address);

#endif
