/* What every room stands on: status and error text, memory, random streams, hashing, options, output files. */
#ifndef TAMIS_BASE_H
#define TAMIS_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tamis.h"

#if defined(__GNUC__)
#define BASE_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define BASE_PRINTF(f, a)
#endif

#define BASE_COUNT(array) (sizeof(array) / sizeof *(array))

/* Writes the sentence (error may be NULL) and returns status, so that `return base_fail(...)` is the whole branch. */
tamis_status base_fail(tamis_error *error, tamis_status status, const char *format, ...) BASE_PRINTF(3, 4);
/* "cannot allocate N bytes for WHAT". */
tamis_status base_no_memory(tamis_error *error, const char *what, size_t count, size_t size);
void base_clear(tamis_error *error);
/* Makes bytes that come from outside fit to stand in a message: control characters as \xNN, cut after about 60.
 * Returns buffer. */
const char *base_quote(char *buffer, size_t size, const char *bytes, size_t count);

/* count * size zeroed bytes, aligned to 64; NULL when that overflows or memory ends. Freed by base_free(). */
void *base_alloc(size_t count, size_t size);
/* The same without clearing. */
void *base_alloc_raw(size_t count, size_t size);
void base_free(void *memory);
/* Grows a malloc'ed array so that it holds at least `need` elements, doubling; false when it cannot. */
bool base_grow(void *array_pointer, size_t *capacity, size_t need, size_t size);

/* ---- random streams: splitmix64, keyed by what the numbers are for, never by thread.
 * Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. */
typedef struct base_stream {
    uint64_t state;
} base_stream;

enum base_purpose { /* one per use, so that no two uses share a stream */
    BASE_FOR_SPLIT = 1,
    BASE_FOR_START,
    BASE_FOR_BLOCKS,
    BASE_FOR_TILE,
    BASE_FOR_SYNTH,
    BASE_FOR_NOISE,
    BASE_FOR_BOOTSTRAP,
    BASE_FOR_SAMPLE,
    BASE_FOR_ORDER, /* of the samples of an epoch */
    BASE_FOR_PERMUTATION = 32,
    BASE_FOR_CANDIDATES,
    BASE_FOR_DROPOUT = 48,
    BASE_FOR_TUNING = 64,
    BASE_FOR_FOLDS,
    BASE_FOR_SEMI,
};

static inline uint64_t base_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline base_stream base_stream_key(uint64_t seed, enum base_purpose purpose, uint64_t a, uint64_t b)
{
    uint64_t z = base_mix(seed + UINT64_C(0x9E3779B97F4A7C15) * (uint64_t)purpose);
    z = base_mix(z + UINT64_C(0x9E3779B97F4A7C15) * (a + 1));
    return (base_stream){base_mix(z + UINT64_C(0x9E3779B97F4A7C15) * (b + 1))};
}

static inline uint64_t base_next(base_stream *s)
{
    return base_mix(s->state += UINT64_C(0x9E3779B97F4A7C15));
}

/* Uniform on 0..n-1 for n < 2^32; the bias is below n / 2^64. */
static inline uint32_t base_below(base_stream *s, uint32_t n)
{
    __extension__ typedef unsigned __int128 wide;
    return (uint32_t)(((wide)base_next(s) * n) >> 64);
}

/* Uniform on [0, 1), 53 bits. */
static inline double base_uniform(base_stream *s)
{
    return (double)(base_next(s) >> 11) * 0x1p-53;
}

/* N(0,1) near enough for start values, from sums of integers alone, so that every machine draws the same bits:
 * twelve 16-bit uniforms (Irwin-Hall), support +-6. */
double base_normal(base_stream *s);

/* A random permutation of 0..n-1 into order[]. */
void base_shuffle(base_stream *s, int32_t *order, int64_t n);

/* ---- bytes */
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
/* ---- text, whatever the caller's locale is: outside src/base/locale.c nobody writes a real number by printf, reads
 * one by strtod, or asks ctype.h (tests/test_rooms.sh looks) */
int base_vformat(char *buffer, size_t size, const char *format, va_list arguments) BASE_PRINTF(3, 0); /* vsnprintf */
int base_format(char *buffer, size_t size, const char *format, ...) BASE_PRINTF(3, 4);                /* snprintf */
double base_strtod(const char *text, char **end);
/* Of ASCII alone. */
char base_lower(char c);
bool base_same_word(const char *a, const char *b); /* but for case */
/* The whole of text as a number; false: not one, NaN, or trailing bytes. "inf" is taken. */
bool base_parse_real(const char *text, double *value);
bool base_parse_integer(const char *text, int64_t *value);
/* Shortest of %.15g, %.16g, %.17g that reads back to the same double. Returns buffer (at least 32 bytes). */
const char *base_real_text(double value, char *buffer);

double base_seconds(void); /* monotonic clock */
/* 0 (as many as OpenMP offers) or more -> how many threads to use. */
int base_threads(int64_t threads);
/* Of so many threads as many as a team that starts now can have, at least 1: for every num_threads(). */
int base_team(int64_t threads);
/* Whether so many threads can be made beside those that there are. */
bool base_room_for_threads(int count);
/* mkdir unless it is there. */
tamis_status base_directory(const char *path, tamis_error *error);
/* directory/name into buffer; false: too long. */
bool base_join(char *buffer, size_t size, const char *directory, const char *name);

#endif
