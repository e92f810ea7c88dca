/* Scores of users and items.
 *
 * The score of user u and item i is s_ui = p_u . q_i + b_i in float32, the dot product summed in the order of
 * kernel_tier.dot: the same bits on every processor. A product of matrices, which is much faster, sums in another order. It
 * gives approximate scores ŝ with a proven margin, |ŝ - s| <= margin. They decide wherever the margin allows, and where two
 * scores are nearer than that, s is computed. So the outcome is exactly that of ranking by s, for any number of threads, any
 * size of block, any processor.
 *
 * Of an item-item model s_ui = b_i + Σ_(j in the history of u) c_uj B_ji, summed in float32, j ascending. A user's scores come out
 * together, so that they are computed once, and all that a scorer is asked of the user is read from there. */
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
    const model_neighbours *neighbours; /* of an item-item model; NULL: scores are products of factors */
    int64_t rows;          /* of item */
    const int32_t *subset; /* item i is row subset[i]; NULL: row i */
} rank_factors;

rank_factors rank_factors_of(const tamis_model *model);
/* Scores that are the same for all users. */
rank_factors rank_factors_of_items(const float *score, int64_t items);
/* The row that item i of the factors has in the model. */
int64_t rank_row(const rank_factors *factors, int64_t i);

typedef struct rank_scorer {
    rank_factors f;
    const kernel_tier *kernel;
    double longest_item, largest_bias; /* max |q_i|, max |b_i| */
    base_watch *watch; /* NULL: none */
} rank_scorer;

void rank_scorer_start(rank_scorer *scorer, const rank_factors *factors);
/* Computes from all items what rank_margin() needs. */
void rank_scorer_measure(rank_scorer *scorer);
/* a.b in double. */
double rank_dot(const float *a, const float *b, size_t stride);
/* p, by which functions below know a user: the user's factors; of an item-item model the scores of all items, which are
 * written into the room. */
const float *rank_user(const rank_scorer *scorer, int64_t user, float *room);
/* Floats of that room; 0: it is not used. */
size_t rank_user_room(const rank_factors *factors);
/* s of a user and an item; -INFINITY where it is not a number. */
float rank_score(const rank_scorer *scorer, const float *p, int64_t item);
/* The margin for this user. INFINITY: sums may overflow, or the model is an item-item one, and only rank_scores() may be used. */
double rank_margin(const rank_scorer *scorer, const float *p);
/* s of one user and these items. False: one has overflowed, which cannot happen to a user with a finite margin. */
bool rank_scores(const rank_scorer *scorer, const float *p, int64_t first, int64_t width, float *scores);
/* The sentence about such scores, and TAMIS_DATA. */
tamis_status rank_overflow(tamis_error *error);
/* TAMIS_STOPPED, where the watch says so. */
tamis_status rank_stopped(const base_watch *watch, tamis_error *error);

#endif
