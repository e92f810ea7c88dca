/* Blocks of approximate scores: some users by some items (see score.h). */
#ifndef TAMIS_RANK_BLOCK_H
#define TAMIS_RANK_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "rank/blas.h"
#include "rank/score.h"

/* Of a block: its scores, and its rows at common sizes, stay in cache. Items are taken in panels, see kernel_tier.pack. */
enum { RANK_USERS = 256, RANK_ITEMS = 512, RANK_PANEL = 16, RANK_PANELS = RANK_ITEMS / RANK_PANEL };

/* A thread's own memory. */
typedef struct rank_work {
    const rank_blas *blas; /* NULL: the kernel's product */
    float *users;   /* RANK_USERS rows of stride */
    float *items;   /* room for the rows of a block's items, where these are a subset */
    float *row;     /* of an item-item model: room for the scores of a user, see rank_user() */
    float *scores;  /* RANK_USERS x RANK_ITEMS */
    float *packed;  /* two panels of items, then their biases */
    float *low;     /* RANK_USERS: of each user only scores that are not below this matter; at first -INFINITY */
    uint32_t *high; /* RANK_USERS: bit k is 1 if one of the scores of panel k is >= low, or may be */
} rank_work;

/* The bytes of one thread's, with lists of k items. */
size_t rank_work_bytes(const rank_factors *factors, int64_t k);
/* Memory for the threads, of which no more than there are blocks are used: *threads is lowered. NULL: out of memory. */
rank_work *rank_work_new(const rank_scorer *scorer, int64_t blocks, int *threads, tamis_error *error);
void rank_work_free(rank_work *work, int threads);

/* ŝ of the first count of work->users and the items first .. first+width-1: work->scores[u * RANK_ITEMS + i - first], where
 * work->high says that they may matter. */
void rank_score_block(const rank_scorer *scorer, const rank_work *work, int64_t count, int64_t first, int64_t width);
/* Sets the masked ones among items first .. first+width-1 to NAN, which no comparison finds; moves *next on. */
void rank_mask(float *scores, int64_t first, int64_t width, const int32_t *mask, int64_t *next, int64_t end);
/* To be called by any thread when it has finished a block of scores. */
void rank_worked(const rank_scorer *scorer, int64_t count, int64_t width);

#endif
