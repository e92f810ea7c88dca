/* A few samples while they are drawn: block by block, so that what the next step reads is asked for ahead and
 * scores are taken many at a time. */
#ifndef TAMIS_TRAIN_DRAW_H
#define TAMIS_TRAIN_DRAW_H

#include "train/train.h"

enum { DRAW_BLOCK = 64 };

typedef struct draw_sample {
    base_stream stream;             /* the sample's own */
    int64_t at;                     /* its positive's place in the log */
    int32_t user, item;
    int32_t negative;               /* -1: none */
    float score, negative_score;    /* where train_draw_scores() */
    float weight;                   /* of the pair, beside what the items weigh */
} draw_sample;

/* An item that the user does not have, by the sampler's weights; -1: there is none. */
int32_t draw_negative(const train_state *state, int32_t user, base_stream *stream);

/* Whether PLD's resampling is at work in this epoch. */
static inline bool draws_personal(const train_state *state)
{
    return state->personal && state->epoch >= state->options.warmup;
}

/* personal.c: how often each interaction is trained on in an epoch, all of it chosen by the parameters as they are now. False:
 * memory. */
bool draw_personal_epoch(const train_state *state, int threads, uint16_t *times);
/* personal.c: negatives and positives of n <= DRAW_BLOCK samples whose users are drawn. */
void draw_personal(const train_state *state, draw_sample *sample, int n);
/* search.c: negatives of n <= DRAW_BLOCK samples whose positives are drawn. */
void draw_searched(const train_state *state, draw_sample *sample, int n);

#endif
