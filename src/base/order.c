/* Comparisons, one for each type of number. */
#include "base/order.h"

#include <stdlib.h>

#define COMPARE(type)                                            \
    const type x = *(const type *)a, y = *(const type *)b;       \
    return (x > y) - (x < y)

int base_ascending_int32(const void *a, const void *b)
{
    COMPARE(int32_t);
}

int base_ascending_int64(const void *a, const void *b)
{
    COMPARE(int64_t);
}

int base_ascending_uint32(const void *a, const void *b)
{
    COMPARE(uint32_t);
}

int base_ascending_uint64(const void *a, const void *b)
{
    COMPARE(uint64_t);
}

int base_ascending_float(const void *a, const void *b)
{
    COMPARE(float);
}

int base_ascending_double(const void *a, const void *b)
{
    COMPARE(double);
}

int base_descending_int64(const void *a, const void *b)
{
    return base_ascending_int64(b, a);
}

int base_descending_double(const void *a, const void *b)
{
    return base_ascending_double(b, a);
}

int64_t base_sort_distinct_int32(int32_t *value, int64_t n)
{
    int64_t kept = 0;
    qsort(value, (size_t)n, sizeof *value, base_ascending_int32);
    for (int64_t k = 0; k < n; k++)
        if (k == 0 || value[k] != value[kept - 1]) value[kept++] = value[k];
    return kept;
}
