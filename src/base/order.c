/* The comparisons of order.h. */
#include "base/order.h"

#include <stdint.h>

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

int base_ascending_double(const void *a, const void *b)
{
    COMPARE(double);
}
