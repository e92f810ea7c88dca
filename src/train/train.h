/* Training: the whole state of a run in one struct, the schedule of blocks, the epoch.
 *
 * Users are cut into U fixed blocks, items into C blocks drawn anew each epoch, and tile (b, c) holds the interactions
 * of user block b with item block c. An epoch takes item block after item block, and for each all user blocks in order;
 * negatives come from the tile's own item block, by a random stream keyed by (seed, epoch, tile). A thread takes an item
 * block, whose rows stay in its L2 cache while the users' rows pass by, and the next thread follows with the next item
 * block, a tile behind at least: so tiles that share rows run in the order in which one thread would run them. Of a large
 * log the user blocks are taken some at a time, so that only their interactions have to be held in the order of tiles. All
 * of this depends on the data alone. Hence the same bits for any number of threads.
 * The idea of disjoint blocks: Gemulla, Nijkamp, Haas, Sismanis, KDD 2011 (DSGD). */
#ifndef TAMIS_TRAIN_H
#define TAMIS_TRAIN_H

#include "base/base.h"
#include "data/log.h"
#include "kernel/kernel.h"
#include "method/method.h"
#include "model/model.h"
#include "rank/rank.h"
#include "sampler/sampler.h"
#include "train/batch.h"

extern const tamis_option_table train_option_table;
/* Sets options that only other samplers or methods look at to the method's defaults. */
void train_options_idle(tamis_train_options *options);

/* The cut into blocks, and the interactions in the order of tiles. */
typedef struct train_blocks {
    int32_t user_blocks, item_blocks; /* U, C */
    int32_t parts;        /* an epoch sorts and runs so many shares of the user blocks one after the other */
    int32_t item_room;    /* most items in a block, <= 65536 */
    int64_t *first_user;  /* U + 1: block b holds users first_user[b] .. first_user[b+1]-1, <= 65536 of them */
    int32_t *item_order;  /* item_order[c * item_room + local] is an item; see train_block_items() */
    uint32_t *place;      /* per item: block << 16 | local */
    int64_t *tile;        /* per block of a part, C + 1: tile (b, c) is entry[t[c]] .. entry[t[c+1]-1], t = tile + b (C + 1) */
    uint32_t *entry;      /* per interaction of a part: user - first_user[b] << 16 | local item, user by user in a tile;
                           * before, between and behind user blocks TRAIN_NEAR others */
    sampler_slot *slot;   /* per place in item_order; NULL: negatives are uniform */
    method_weights *weights; /* per place in item_order; NULL: all alike */
    float *bias;          /* per item, KERNEL_BIAS apart, as the kernels want them: while its block is run; NULL: none */
    uint16_t *times;      /* per interaction, how often it is trained on in this epoch; NULL: once each */
    uint16_t *entry_times; /* the same, per entry */
    int32_t *shuffled;    /* all items, in the order of the epoch below */
    int64_t shuffled_for; /* -1: none */
    double *pace;         /* per thread: how fast it was, 1 being the mean */
    int paces;            /* most threads */
} train_blocks;

/* One factorisation: the model's own, or a second one beside it. */
typedef struct train_head {
    float *user, *item;
    size_t stride;
    int64_t factors;
    double user_regularization, item_regularization;
} train_head;

struct train_state;

/* A way of running an epoch. */
typedef struct trainer {
    tamis_status (*start)(struct train_state *state, tamis_error *error);
    /* tells the summed loss and the number of samples */
    tamis_status (*epoch)(struct train_state *state, double rate, double *loss, int64_t *samples, tamis_error *error);
    void (*clear)(struct train_state *state);
} trainer;

enum { TRAIN_NEAR = 4 };    /* around an entry, those that are looked at for its user's others */
enum { TRAIN_CHUNK = 512 }; /* samples that a tile hands on at a time, at most */

extern const trainer trainer_tiles, trainer_batches, trainer_solving, trainer_contrast;

typedef struct train_state {
    tamis_train_options options;
    const trainer *trainer;
    const method *method;
    const sampler *sampler;
    const kernel_tier *kernel;
    int64_t *item_clicks;  /* interactions per item */
    const tamis_log *log;  /* what is trained on */
    tamis_model *model;    /* the parameters, updated in place */
    train_head head[METHOD_HEADS];
    int heads;
    bool personal;         /* PLD's resampling, once --warmup epochs are over */
    bool all_pairs;        /* an epoch takes every user-item pair once */
    method_weights *weights; /* per item; NULL: all alike, targets 1 and 0 */
    method_weights *pair_weights; /* per interaction, in their place for positives; NULL: the item's */
    bool any_negative;       /* negatives may be the user's own items */
    const void *context;     /* of the method's loss */
    struct method custom;    /* the method with the caller's loss, or one that the kernels know */
    double even;           /* > 0: samples stand for all pairs, and this makes their weights 1 on average */
    float *negative_share; /* per user, then */
    train_blocks blocks;   /* of trainer_tiles */
    train_batch batch;     /* of trainer_batches */
    sampler_slot *slot;    /* per item, to draw among all by weight; NULL: uniform, or not filled by train_fill_slots() */
    void *own;             /* of any other trainer */
    int64_t epoch;         /* finished */
    double total_seconds;
    int64_t total_samples;
    /* early stopping */
    rank_task *validation; /* NULL: none */
    double *validation_weight; /* per item of the validation log, for a metric with -ips or -snips; else NULL */
    float *best;           /* the best epoch's user factors, item factors, item biases, one after the other */
    double best_value;     /* NAN: none yet */
    int64_t best_epoch, waited;
} train_state;

/* Fixes the cut of users, makes room. */
tamis_status train_blocks_new(train_state *state, tamis_error *error);
void train_blocks_clear(train_blocks *blocks);
/* The first user block of a part. */
static inline int32_t train_part(const train_blocks *blocks, int32_t part)
{
    return (int32_t)((int64_t)blocks->user_blocks * part / blocks->parts);
}
/* Shuffles the items for an epoch: what train_blocks_draw() would do first. It is done ahead by a thread that has no more
 * work while others still run tiles, which do not look at shuffled. */
void train_blocks_shuffle(train_state *state, int64_t epoch);
/* Draws an epoch's item blocks. */
void train_blocks_draw(train_state *state);
/* Items in block c, and the first of them in item_order. */
static inline int32_t train_block_items(const train_blocks *blocks, int64_t items, int32_t c)
{
    /* sizes differ by one at most: the first (items mod C) blocks have one more */
    return (int32_t)(items / blocks->item_blocks + (c < items % blocks->item_blocks));
}

/* Runs one epoch (number state->epoch + 1), tells its mean loss. */
tamis_status train_epoch(train_state *state, tamis_epoch *report, tamis_error *error);

/* weigh.c: fills weights, pair_weights and what else goes into a sample's weight. */
tamis_status train_weigh(train_state *state, tamis_error *error);

static inline method_weights train_weights(const train_state *state, int32_t item)
{
    return state->weights ? state->weights[item] : METHOD_WEIGHTS_ALIKE;
}

/* The factors by which a sampled positive and negative of user u are weighted. Where a loss is a sum over all pairs, each
 * of u's n_u positives is drawn once and stands for itself, each of the n_u ρ negatives for (N - n_u) / (n_u ρ) pairs. */
static inline float train_positive_share(const train_state *state)
{
    return state->even > 0 ? (float)state->even : 1;
}

static inline float train_negative_share(const train_state *state, int64_t user)
{
    return state->negative_share ? state->negative_share[user] : 1;
}

/* heads.c: updates both heads by a chunk of count <= TRAIN_CHUNK samples, listed in head[0]; adds to its loss_sum. */
void train_heads(const train_state *state, kernel_points *const head[METHOD_HEADS], int64_t count);

/* Start and end of a run. */
tamis_status train_start(train_state *state, const tamis_log *log, const tamis_log *validation, tamis_error *error);
void train_clear(train_state *state);
/* Fills state->slot, if the sampler weighs items. */
bool train_fill_slots(train_state *state);
/* Measures on the validation set, keeps the best. *stop: patience is over. */
tamis_status train_validate(train_state *state, tamis_epoch *report, bool *stop, tamis_error *error);
/* Puts the kept epoch's factors into the model. */
void train_keep_best(train_state *state);
bool train_is_finite(const train_state *state);

#endif
