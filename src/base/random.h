/* Random streams: splitmix64, keyed by what the numbers are for, never by thread.
 * Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. */
#ifndef TAMIS_BASE_RANDOM_H
#define TAMIS_BASE_RANDOM_H

#include <stdint.h>

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
    BASE_FOR_WEIGHTS, /* which rows of an epoch a weight rounds up */
    BASE_FOR_DISLIKES,
    BASE_FOR_TUNING = 64,
    BASE_FOR_FOLDS,
    BASE_FOR_SEMI,
    BASE_FOR_THRESHOLD, /* items that a user's K-th score is looked for among */
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

#endif
