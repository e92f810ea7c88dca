/* One tile: its samples are drawn some hundred at a time, then go through a kernel. */
#ifndef TAMIS_TRAIN_SGD_TILE_H
#define TAMIS_TRAIN_SGD_TILE_H

#include <stdbool.h>
#include <stdint.h>

#include "train/sgd_blocks.h"
#include "train/sgd_work.h"

enum { TILE_MAP = 1024 }; /* words for 65536 items */

/* The user blocks that are run now. */
typedef struct part {
    int32_t first, count;
    int64_t start; /* where their interactions begin in the log */
} part;

/* Each thread's own; zero before the first tile. */
typedef struct tile_scratch {
    bool asks;                   /* the thread that made the call: it asks whether to stop */
    uint64_t map[TILE_MAP];      /* items of one user, all zero between */
    uint32_t at[SGD_CHUNK];    /* per sample: the entry of its positive, from the tile's first */
    uint32_t doubt[SGD_CHUNK]; /* whether its negative may be the user's own */
    int32_t drawn[SGD_CHUNK];  /* its negative, by position in the item block; -1: none */
    sgd_lists list;
} tile_scratch;

/* Trains on the tile of the part's user block b and item block c, or on some of it when it is to stop. */
void tile_run(train_run *run, const part *now, int64_t b, int32_t c, double rate, tile_scratch *scratch, sgd_sum *sum);

#endif
