/* Where negatives come from. A sampler of negatives is a weight per item; drawing in proportion to it, and rejecting the
 * user's own items, is done in one place (the epoch). To add one, copy popularity.c and add its line to SAMPLER_TABLE. */
#ifndef TAMIS_SAMPLER_H
#define TAMIS_SAMPLER_H

#include "base/base.h"

typedef struct sampler {
    const char *name, *help;
    /* An item's weight from its number of interactions, finite and >= 0; NULL: all alike. */
    double (*weight)(int64_t interactions, const tamis_train_options *options);
    bool search; /* drawn again and again until one violates the margin; trains in batches */
} sampler;

#define SAMPLER_TABLE(row) row(uniform) row(popularity) row(warp)

#define SAMPLER_DECLARE(name) extern const sampler sampler_##name;
SAMPLER_TABLE(SAMPLER_DECLARE)

const sampler *sampler_find(const char *name); /* NULL: unknown */

/* Draws k = 0..n-1 in proportion to weight[k] in constant time: slot k gives k with chance share[k], else other[k].
 * Source: Vose, "A linear algorithm for generating random numbers with a given distribution", IEEE TSE 17(9), 1991. */
typedef struct sampler_slot {
    uint32_t share; /* chance times 2^32, rounded down */
    uint32_t other;
} sampler_slot;

/* Fills slot[0..n-1]; weight[] is used up, stack[] holds n. Weights that sum to zero are taken as all alike. */
void sampler_fill(sampler_slot *slot, double *weight, uint32_t n, uint32_t *stack);

static inline uint32_t sampler_draw(const sampler_slot *slot, uint32_t n, base_stream *stream)
{
    if (!slot) return base_below(stream, n);
    uint64_t word = base_next(stream);
    uint32_t k = (uint32_t)(((word >> 32) * n) >> 32);
    return (uint32_t)word < slot[k].share ? k : slot[k].other;
}

#endif
