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

/* An array of floats or of int32_t. */
typedef struct base_part {
    void *to; /* the address of its pointer */
    size_t count;
} base_part;
/* Memory that is cut into arrays, zeroed, each aligned to 64; NULL when it ends. All of it is freed by base_free(). */
void *base_alloc_parts(const base_part *part, size_t parts);

/* Grows a malloc'ed array so that it holds at least `need` elements, doubling; false when it cannot. */
bool base_grow(void *array_pointer, size_t *capacity, size_t need, size_t size);

/* The bytes of an array that has been grown to so many elements, from none. */
double base_grown(double need, size_t size);

/* The bytes that this machine or the process's control group has, whoever uses them, or the fewer addresses that the process may have;
 * and which it is, for a sentence: "this machine has". */
double base_memory_limit(const char **whose);

#endif
