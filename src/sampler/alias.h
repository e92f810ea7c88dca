/* The alias table: draws k = 0..n-1 in proportion to weight[k], in constant time.
 * Source: Vose, "A linear algorithm for generating random numbers with a given distribution", IEEE TSE 17(9), 1991. */
#ifndef TAMIS_SAMPLER_ALIAS_H
#define TAMIS_SAMPLER_ALIAS_H

#include "base/random.h"

/* Slot k gives k with this chance, else the other. */
typedef struct alias_slot {
    uint32_t chance; /* times 2^32, rounded down */
    uint32_t other;
} alias_slot;

/* Fills slot[0..n-1]; weight[] is used up, stack[] holds n. Weights that sum to zero are taken as all alike. */
void alias_fill(alias_slot *slot, double *weight, uint32_t n, uint32_t *stack);
/* slot NULL: all alike. */
uint32_t alias_draw(const alias_slot *slot, uint32_t n, base_stream *stream);

#endif
