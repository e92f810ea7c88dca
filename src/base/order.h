/* Comparisons for qsort() and bsearch() of plain numbers, which put the least first. No NAN. */
#ifndef TAMIS_BASE_ORDER_H
#define TAMIS_BASE_ORDER_H

int base_ascending_int32(const void *a, const void *b);
int base_ascending_int64(const void *a, const void *b);
int base_ascending_uint32(const void *a, const void *b);
int base_ascending_uint64(const void *a, const void *b);
int base_ascending_double(const void *a, const void *b);

#endif
