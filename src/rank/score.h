/* Scores of users and items.
 *
 * The score of user u and item i is s_ui = p_u . q_i + b_i in float32, the dot product summed in the order of
 * kernel_tier.dot: the same bits on every processor. A product of blocks sums in whatever order is fast on the processor. So
 * it is only a filter: its entries ŝ are within a proven margin of s, whatever lies nearer than that to a threshold is
 * scored again by dot, and the outcome is exactly that of ranking by s - for any number of threads, any block size, any
 * processor. */
#ifndef TAMIS_RANK_SCORE_H
#define TAMIS_RANK_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/watch.h"
#include "kernel/kernel.h"
#include "model/model.h"

typedef struct rank_factors {
    const float *user, *item, *bias; /* bias NULL: none */
    size_t stride;
    int64_t factors, items;
} rank_factors;

rank_factors rank_factors_of(const tamis_model *model);

typedef struct rank_scorer {
    rank_factors f;
    const kernel_tier *kernel;
    double longest_item, largest_bias; /* max |q_i|, max |b_i| */
    base_watch *watch; /* NULL: none */
} rank_scorer;

void rank_scorer_start(rank_scorer *scorer, const rank_factors *factors);
/* Reads all items for what rank_margin() needs. */
void rank_scorer_measure(rank_scorer *scorer);
/* a.b in double. */
double rank_dot(const float *a, const float *b, size_t stride);
/* s of a user's row p and an item; where it is not a number -INFINITY. */
float rank_score(const rank_scorer *scorer, const float *p, int64_t item);
/* No |ŝ - s| of this user is larger. INFINITY: products may overflow, use rank_scores() alone. */
double rank_margin(const rank_scorer *scorer, const float *p);
/* s of one user and those items. False: one has overflowed, which only those of users without a margin can. */
bool rank_scores(const rank_scorer *scorer, const float *p, int64_t first, int64_t width, float *scores);
/* The sentence about such scores, and TAMIS_DATA. */
tamis_status rank_overflow(tamis_error *error);
/* TAMIS_STOPPED, where the watch says so. */
tamis_status rank_stopped(const base_watch *watch, tamis_error *error);

#endif
