/* The loss of the softmax methods over one user's row, by its scores: what pulls at each of its items. */
#ifndef TAMIS_TRAIN_FOLD_PULLS_H
#define TAMIS_TRAIN_FOLD_PULLS_H

#include <stdint.h>

#include "method/softmax.h"
#include "train/folding.h"

/* n positives, M negatives. */
typedef struct fold_pulls {
    const kernel_tier *kernel;
    softmax_terms terms;
    const float *weight;           /* c of the positives; NULL: 1 */
    int64_t positives, negatives, padded; /* n, M, and the next multiple of 16 */
    int64_t pool;                  /* positives that a batch of training has of such a user */
    uint64_t key;                  /* by which they are pooled */
    float *score, *of_positive;    /* of M negatives, padded with FOLD_LEFT_OUT, and of n positives */
    float *best, *room;            /* fold_pulls_best() floats; padded */
} fold_pulls;

/* All but the arrays, of a user with such a row; most: M at most. */
void fold_pulls_open(fold_pulls *r, const folding *f, const fold_row *row, int64_t most);
size_t fold_pulls_best(const fold_pulls *r);

#define FOLD_LEFT_OUT (-1e30f) /* the score of a negative that does not count */

/* Scores, each over τ1, become what they are multiplied by in the loss's gradient along the user's row: -dL/dc. t: the step. */
void fold_pulls_of_scores(const fold_pulls *r, int t);

#endif
