/* The world that a synthetic log is drawn from: items, their exposure, how active users are, who gets noise. synth.c has the
 * notation. */
#ifndef TAMIS_DATA_SYNTH_WORLD_H
#define TAMIS_DATA_SYNTH_WORLD_H

#include "base/random.h"
#include "tamis.h"

/* What random streams are for. */
enum synth_purpose { SYNTH_USER_VECTOR, SYNTH_ITEM_VECTOR, SYNTH_ITEM_ORDER, SYNTH_ACTIVITY, SYNTH_CLICKS, SYNTH_NOISE_USERS,
                     SYNTH_NOISE_ITEMS, SYNTH_ROW_ORDER, SYNTH_POSITIONS, SYNTH_NOISY, SYNTH_DRIFT, SYNTH_EVENTS };
enum { SYNTH_MOST_FACTORS = 256 }; /* as the option allows */
enum { SYNTH_LANES = 16 }; /* items scored at a time, a loop that compilers unroll */
#define SYNTH_EXPOSURE_ONE 0x1p32 /* 1.0 as a weight: the weights of 2^31 items fit 64 bits */

typedef struct synth_world {
    const tamis_synth_options *options;
    int32_t users, items, factors, liked;
    int user_digits, item_digits;
    int16_t *vector;     /* factors x padded */
    size_t padded;       /* items, and up to a multiple of SYNTH_LANES */
    uint64_t *exposure;  /* per item */
    int32_t *noise;      /* noise rows per user */
    uint64_t *noise_sum; /* per item what it and all before it weigh as noise; NULL: all alike */
    uint64_t activity_sum;
} synth_world;

/* TAMIS_USAGE: the options do not go together. Afterwards clear it, whatever came of it. */
tamis_status synth_world_make(const tamis_synth_options *options, synth_world *world, tamis_error *error);
void synth_world_clear(synth_world *world);
base_stream synth_world_stream(const synth_world *world, enum synth_purpose purpose, int64_t index);
/* Independent N(0,1) numbers, rounded. */
void synth_world_vector(base_stream stream, int16_t *vector, int32_t factors);
/* n_u, and through *test how many of them are held out. */
int32_t synth_world_clicks(const synth_world *world, int64_t user, int32_t *test);
/* Uniform on 0..n-1, n of any size. */
uint64_t synth_world_below(base_stream *stream, uint64_t n);

#endif
