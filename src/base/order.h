/* Comparisons for qsort() and bsearch() of plain numbers (no NAN), and what is sorted by them. */
#ifndef TAMIS_BASE_ORDER_H
#define TAMIS_BASE_ORDER_H

#include <stdint.h>

int base_ascending_int32(const void *a, const void *b);
int base_ascending_int64(const void *a, const void *b);
int base_ascending_uint32(const void *a, const void *b);
int base_ascending_uint64(const void *a, const void *b);
int base_ascending_float(const void *a, const void *b);
int base_ascending_double(const void *a, const void *b);
int base_descending_int64(const void *a, const void *b);
int base_descending_double(const void *a, const void *b);
/* Sorts n numbers and leaves out repetitions; gives how many remain. */
int64_t base_sort_distinct_int32(int32_t *value, int64_t n);

#endif
