/* Sampled candidates: relevant items among others that are drawn at random. */
#ifndef TAMIS_RANK_CANDIDATES_H
#define TAMIS_RANK_CANDIDATES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct candidate_draws {
    int64_t items, wanted;
    uint64_t seed;
    bool *excluded; /* per item, while a user's candidates are drawn: must not be drawn */
    int32_t *left;  /* room for all items */
} candidate_draws;

/* False: memory. */
bool candidate_draws_new(candidate_draws *draws, int64_t items, int64_t wanted, uint64_t seed);
void candidate_draws_clear(candidate_draws *draws);

/* Items, distinct. */
typedef struct candidate_set {
    const int32_t *item;
    int64_t count;
} candidate_set;

/* Draws `wanted` items that are neither relevant nor masked, or all of them where there are not enough: how many. The
 * draws depend on the seed and the user's id. */
int64_t candidates_draw(const candidate_draws *draws, uint64_t user_hash, candidate_set relevant, candidate_set masked,
                        int32_t *drawn);

#endif
