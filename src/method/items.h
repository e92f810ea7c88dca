/* What an item-item method says to the trainer (train/items.c).
 *
 * Notation: c_ui weight of an interaction, x_ui how it stands in the matrix X, n_u and n_i interactions of user u and item i,
 * N items. The model is a matrix B of items by items, of which row j keeps the entries of the largest size, and
 *   s_ui = Σ_(j in the history of u) c_uj B_ji */
#ifndef TAMIS_METHOD_ITEMS_H
#define TAMIS_METHOD_ITEMS_H

#include "method/method.h"

/* An interaction. */
typedef struct items_pair {
    double weight;             /* c_ui */
    double of_user, of_item;   /* n_u, n_i */
    double items, mean;        /* N, the mean of n_i over the items */
} items_pair;

/* Two items that have users in common. */
typedef struct items_two {
    double product;            /* Σ_u x_ui x_uj */
    double square_i, square_j; /* Σ_u x_ui² */
    double common;             /* users of both */
} items_two;

typedef struct method_items {
    /* How many entries a row keeps; 0: all. NULL: there is no B, and s_ui = Σ_u c_ui. */
    int64_t (*neighbours)(const tamis_parameter *param);
    double (*entry)(const tamis_parameter *param, const items_pair *pair); /* x_ui; NULL: c_ui */
    double (*similarity)(const tamis_parameter *param, const items_two *two); /* B_ji; NULL: see inverse */
    bool inverse;              /* B from the inverse of X'X + λI, λ being --regularization */
} method_items;

#endif
