/* The product of some users and items: a tile of scores at a time. */
#ifndef TAMIS_RANK_PRODUCT_H
#define TAMIS_RANK_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RANK_PACKED = 32 /* items that are laid side by side: two panels of sixteen */, RANK_TILE_USERS = 8 /* at most */ };

/* Pointers to the users' factors and to where their scores go, of which some may be the same; two panels of items, and
 * their biases. */
typedef struct rank_tile {
    const float *users[RANK_TILE_USERS];
    float *scores[RANK_TILE_USERS];
    float low[RANK_TILE_USERS];
    const float *panel[2];
    const float *bias;
    size_t depth;
} rank_tile;

typedef struct rank_product {
    const char *tier;
    int64_t users; /* of a tile */
    bool slow;     /* OpenBLAS, where it is there, is faster */
    /* Bit u of the result: user u has a score that is not < low; else its scores need not be written. */
    unsigned (*tile)(const rank_tile *tile);
} rank_product;

/* The first one is what any processor runs. */
const rank_product *rank_product_choose(void);
/* packed[(panel * stride + k) * 16 + lane] = factor k of item 16 panel + lane; behind the last item the last again. */
void rank_pack(const float *items, int64_t count, size_t stride, float *packed);

#endif
