/* Updates sample by sample: the cut into blocks and tiles.
 *
 * Users are cut into U fixed blocks, items into C blocks drawn anew each epoch, and tile (b, c) holds the interactions
 * of user block b with item block c. An epoch takes item block after item block, and for each all user blocks in order;
 * negatives come from the tile's own item block, by a random stream keyed by (seed, epoch, tile). A thread takes an item
 * block, whose rows stay in its L2 cache while the users' rows pass by, and the next thread follows with the next item
 * block, a tile behind at least: so tiles that share rows run in the order in which one thread would run them. Of a large
 * log the user blocks are taken some at a time, so that only their interactions have to be held in the order of tiles. All
 * of this depends on the data alone. Hence the same bits for any number of threads.
 * The idea of disjoint blocks: Gemulla, Nijkamp, Haas, Sismanis, KDD 2011 (DSGD). */
#ifndef TAMIS_TRAIN_SGD_BLOCKS_H
#define TAMIS_TRAIN_SGD_BLOCKS_H

#include "train/trainer.h"
#include "tamis.h"

enum { SGD_NEAR = 4 };    /* around an entry, those that are looked at for its user's others */

/* The cut into blocks, and the interactions in the order of tiles. */
typedef struct sgd_blocks {
    int32_t user_blocks, item_blocks; /* U, C */
    int32_t parts;        /* an epoch sorts and runs so many parts of the user blocks one after the other */
    int32_t item_room;    /* most items in a block, <= 65536 */
    int64_t *first_user;  /* U + 1: block b holds users first_user[b] .. first_user[b+1]-1, <= 65536 of them */
    int32_t *item_order;  /* item_order[c * item_room + local] is an item; see sgd_block_items() */
    uint32_t *position;      /* per item: block << 16 | local */
    int64_t *tile;        /* per block of a part, C + 1: tile (b, c) is entry[t[c]] .. entry[t[c+1]-1], t = tile + b (C + 1) */
    uint32_t *entry;      /* per interaction of a part: user - first_user[b] << 16 | local item, user by user in a tile;
                           * before, between and behind user blocks SGD_NEAR others */
    alias_slot *slot;   /* per position in item_order; NULL: negatives are uniform */
    method_weights *weights; /* per position in item_order; NULL: all alike */
    float *bias;          /* per item, KERNEL_BIAS apart, as the kernels want them: while its block is run; NULL: none */
    uint16_t *times;      /* per interaction, how often it is trained on in this epoch; NULL: once each */
    uint16_t *entry_times; /* the same, per entry */
    float *entry_weights; /* run->row_weights, per entry; NULL: there are none */
    int32_t *shuffled;    /* all items, in the order of the epoch below */
    int64_t shuffled_for; /* -1: none */
    double *pace;         /* per thread: how fast it was, 1 being the mean */
    int paces;            /* most threads */
} sgd_blocks;

/* The run of the trainer that updates sample by sample. */
sgd_blocks *sgd_blocks_of(const train_run *run);

/* Fixes the cut of users, makes room. */
tamis_status sgd_blocks_new(train_run *run, tamis_error *error);
void sgd_blocks_clear(train_run *run);
/* Adds what it takes. */
void sgd_blocks_takes(const train_plan *plan, estimate *e);
/* The first user block of a part. */
int32_t sgd_part(const sgd_blocks *blocks, int32_t part);
/* Shuffles the items for an epoch: what sgd_blocks_draw() would do first. It is done ahead by a thread that has no more
 * work while others still run tiles, which do not look at shuffled. */
void sgd_blocks_shuffle(train_run *run, int64_t epoch);
/* Draws an epoch's item blocks. */
void sgd_blocks_draw(train_run *run);
/* Items in block c, and the first of them in item_order. */
int32_t sgd_block_items(const sgd_blocks *blocks, int64_t items, int32_t c);

#endif
