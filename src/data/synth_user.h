/* One user's rows of a synthetic log. */
#ifndef TAMIS_DATA_SYNTH_USER_H
#define TAMIS_DATA_SYNTH_USER_H

#include "data/synth_events.h"

/* Files that are drawn user by user. */
enum synth_file { SYNTH_TRAIN, SYNTH_TEST, SYNTH_TRUTH, SYNTH_NOISE, SYNTH_USER_FILES };

/* One user's rows while they are drawn. */
typedef struct synth_draft {
    int16_t *vector;   /* factors */
    int32_t *score;    /* per item */
    int64_t *key;      /* score and item, in the order of items, of those that may be liked */
    int64_t *work;     /* as many */
    uint8_t *state;    /* per item */
    int32_t *liked;    /* ascending */
    uint64_t *tree;    /* Fenwick tree over liked's exposures, from index 1 */
    int32_t *click;    /* in the order they were drawn */
    synth_row *train;
    size_t train_capacity;
    synth_text text[SYNTH_USER_FILES];
} synth_draft;

bool synth_user_start(const synth_world *world, synth_draft *draft);
/* Adds the user's rows to the draft's texts; false: memory. */
bool synth_user_draw(const synth_world *world, int32_t user, synth_draft *draft);
void synth_user_clear(synth_draft *draft);

#endif
