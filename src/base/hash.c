/* A hash of bytes. */
#include <string.h>

#include "base/hash.h"
#include "base/random.h"

uint64_t base_hash(const char *bytes, size_t count)
{
    /* eight bytes at a time into a multiply-mix; part of the model file's format, so it must not change */
    uint64_t h = UINT64_C(0x9E3779B97F4A7C15) ^ (uint64_t)count;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        h = (h ^ word) * UINT64_C(0xBF58476D1CE4E5B9);
        h ^= h >> 32;
        bytes += 8;
        count -= 8;
    }
    if (count) {
        h = (h ^ base_part_of_word(bytes, count)) * UINT64_C(0xBF58476D1CE4E5B9);
        h ^= h >> 32;
    }
    return base_mix(h);
}
