/* Memory for arrays. */
#ifndef TAMIS_BASE_MEMORY_H
#define TAMIS_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* count * size zeroed bytes, aligned to 64; NULL when that overflows or memory ends. Freed by base_free(). */
void *base_alloc(size_t count, size_t size);
/* The same without clearing. */
void *base_alloc_raw(size_t count, size_t size);
void base_free(void *memory);
/* Grows a malloc'ed array so that it holds at least `need` elements, doubling; false when it cannot. */
bool base_grow(void *array_pointer, size_t *capacity, size_t need, size_t size);

/* The bytes of an array that has been grown to so many elements, from none. */
double base_grown(double need, size_t size);

/* The bytes that this machine has, whoever uses them, or the fewer addresses that the process may have; and which it is, for a
 * sentence: "this machine has". */
double base_memory_limit(const char **whose);

#endif
