/* A hash of bytes, and bytes as words. */
#ifndef TAMIS_BASE_HASH_H
#define TAMIS_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

uint64_t base_hash(const char *bytes, size_t count);
/* Eight bytes, the first one lowest. */
static inline uint64_t base_word(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}
/* The first count < 8 bytes in a word as memory holds them, zeros behind them. */
static inline uint64_t base_part_of_word(const char *bytes, size_t count)
{
    uint64_t word = 0;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    /* two loads that overlap: a copy of unknown length is a call */
    if (count >= 4) {
        uint32_t low, high;
        memcpy(&low, bytes, 4);
        memcpy(&high, bytes + count - 4, 4);
        word = low | (uint64_t)high << (8 * (count - 4));
    } else if (count) {
        const unsigned char *b = (const unsigned char *)bytes;
        word = b[0] | (uint64_t)b[count / 2] << (8 * (count / 2)) | (uint64_t)b[count - 1] << (8 * (count - 1));
    }
#else
    memcpy(&word, bytes, count);
#endif
    return word;
}

#endif
