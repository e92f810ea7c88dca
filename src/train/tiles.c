/* One epoch: interactions are sorted into tiles, then the tiles run, B at a time, each on one thread.
 *
 * Within a tile: its interactions user by user, in chunks; per chunk first all negatives are drawn (a bitmap of the
 * user's items in this block answers "is it a positive?"), then one kernel call updates the rows. */
#include <stdlib.h>
#include <string.h>

#include "train/train.h"

enum {
    CHUNK = 512,      /* samples per kernel call */
    TRIES = 64,       /* rejected draws before looking for the next free item instead */
    MAP_WORDS = 1024  /* bits for 65536 items */
};

/* Each thread's own. */
typedef struct scratch {
    uint64_t map[MAP_WORDS];
    int32_t user[CHUNK], positive[CHUNK], negative[CHUNK];
} scratch;

static inline bool map_has(const uint64_t *map, uint32_t k)
{
    return map[k >> 6] >> (k & 63) & 1;
}

/* Sorts user block b's interactions by item block, keeping users in order. */
static void sort_block(train_state *state, int64_t b)
{
    train_blocks *blocks = &state->blocks;
    const tamis_log *log = state->log;
    const int64_t B = blocks->count, first = blocks->first_user[b], last = blocks->first_user[b + 1];
    int64_t *tile = blocks->tile + b * B, at = log->start[first];
    /* tile[] of this block: counts, then where each tile's next entry goes; tile (b, c) ends where it stops */
    memset(tile, 0, (size_t)B * sizeof *tile);
    for (int64_t k = log->start[first]; k < log->start[last]; k++) tile[blocks->place[log->item[k]] >> 16]++;
    for (int64_t c = 0; c < B; c++) {
        int64_t n = tile[c];
        tile[c] = at;
        at += n;
    }
    for (int64_t u = first; u < last; u++)
        for (int64_t k = log->start[u]; k < log->start[u + 1]; k++) {
            uint32_t place = blocks->place[log->item[k]];
            blocks->entry[tile[place >> 16]++] = (uint32_t)(u - first) << 16 | (place & 0xFFFF);
        }
    /* the ends are the next tile's starts: shift them back */
    for (int64_t c = B - 1; c > 0; c--) tile[c] = tile[c - 1];
    tile[0] = log->start[first];
}

/* Weighted drawing within item block c, where the sampler asks for it. */
static bool fill_slots(train_state *state, int32_t c)
{
    train_blocks *blocks = &state->blocks;
    const int32_t *items = blocks->item_order + (int64_t)c * blocks->item_room;
    const int64_t *clicks = state->item_clicks;
    uint32_t n = (uint32_t)train_block_items(blocks, state->model->items, c);
    double *weight = malloc(n * sizeof *weight);
    uint32_t *stack = malloc(n * sizeof *stack);
    bool done = weight && stack;
    if (done) {
        for (uint32_t k = 0; k < n; k++) weight[k] = state->sampler->weight(clicks[items[k]], &state->options);
        sampler_fill(blocks->slot + (int64_t)c * blocks->item_room, weight, n, stack);
    }
    free(weight);
    free(stack);
    return done;
}

/* A negative for the user whose items are in the map: rejection, then the next free item. -1: the user has them all. */
static int32_t draw_negative(const uint64_t *map, const sampler_slot *slot, uint32_t n, base_stream *stream)
{
    uint32_t k = 0;
    for (int attempt = 0; attempt < TRIES; attempt++) {
        k = sampler_draw(slot, n, stream);
        if (!map_has(map, k)) return (int32_t)k;
    }
    for (uint32_t step = 0; step < n; step++) {
        k = k + 1 == n ? 0 : k + 1;
        if (!map_has(map, k)) return (int32_t)k;
    }
    return -1;
}

static void run_tile(train_state *state, int64_t b, int32_t c, double rate, scratch *own, double *loss, int64_t *samples)
{
    const train_blocks *blocks = &state->blocks;
    const tamis_train_options *o = &state->options;
    const int64_t B = blocks->count, from = blocks->tile[b * B + c], to = blocks->tile[b * B + c + 1];
    const int32_t *items = blocks->item_order + (int64_t)c * blocks->item_room;
    const int32_t first = (int32_t)blocks->first_user[b];
    const uint32_t n = (uint32_t)train_block_items(blocks, state->model->items, c);
    const sampler_slot *slot = blocks->slot ? blocks->slot + (int64_t)c * blocks->item_room : NULL;
    base_stream stream =
        base_stream_key(o->seed, BASE_FOR_TILE, (uint64_t)state->epoch, (uint64_t)b * (uint64_t)B + (uint64_t)c);
    kernel_pairs work = {
        .users = state->model->user_factors, .items = state->model->item_factors, .bias = state->model->item_bias,
        .stride = state->model->stride, .user = own->user, .positive = own->positive, .negative = own->negative,
        .rate = (float)rate, .keep_user = (float)(1 - rate * o->user_regularization),
        .keep_positive = (float)(1 - rate * o->item_regularization),
        .keep_negative = (float)(1 - rate * o->negative_regularization),
        .keep_bias = (float)(1 - rate * o->bias_regularization), .loss = state->method->pair, .context = o->param};

    for (int64_t run = from, end; run < to; run = end) { /* one user's interactions */
        const uint32_t user = blocks->entry[run] >> 16;
        for (end = run; end < to && blocks->entry[end] >> 16 == user; end++) {
            uint32_t k = blocks->entry[end] & 0xFFFF;
            own->map[k >> 6] |= UINT64_C(1) << (k & 63);
        }
        for (int64_t at = run; at < end; at++)
            for (int64_t m = 0; m < o->negatives; m++) {
                int32_t j = draw_negative(own->map, slot, n, &stream);
                if (j < 0) break;
                own->user[work.count] = first + (int32_t)user;
                own->positive[work.count] = items[blocks->entry[at] & 0xFFFF];
                own->negative[work.count] = items[j];
                if (++work.count == CHUNK) {
                    *samples += work.count;
                    state->kernel->pairs(&work);
                    work.count = 0;
                }
            }
        for (int64_t at = run; at < end; at++) own->map[(blocks->entry[at] & 0xFFFF) >> 6] = 0;
    }
    *samples += work.count;
    state->kernel->pairs(&work);
    *loss += work.loss_sum;
}

/* No more threads than have work: waiting for each other costs more than a few thousand samples. */
static int useful_threads(const train_state *state)
{
    int64_t samples = state->log->start[state->log->users.count] * state->options.negatives;
    int64_t most = samples / 2000 + 1, threads = base_threads(state->options.threads);
    if (most > state->blocks.count) most = state->blocks.count;
    return (int)(threads < most ? threads : most);
}

static tamis_status epoch(train_state *state, double rate, double *loss_sum, int64_t *sample_count, tamis_error *error)
{
    const int32_t B = state->blocks.count;
    const int threads = useful_threads(state);
    double *loss = calloc((size_t)B, sizeof *loss); /* per user block, summed in order: the same bits always */
    int64_t *samples = calloc((size_t)B, sizeof *samples);
    bool failed = !loss || !samples;
    train_blocks_draw(state);
#pragma omp parallel num_threads(threads)
    {
        scratch *own = calloc(1, sizeof *own);
        if (!own) {
#pragma omp atomic write
            failed = true;
        }
#pragma omp for schedule(dynamic, 1)
        for (int32_t b = 0; b < B; b++) {
            sort_block(state, b);
            if (state->blocks.slot && !fill_slots(state, b)) {
#pragma omp atomic write
                failed = true;
            }
        }
        bool skip;
#pragma omp atomic read
        skip = failed;
        for (int32_t step = 0; step < B && !skip; step++) {
#pragma omp for schedule(dynamic, 1)
            for (int32_t b = 0; b < B; b++)
                run_tile(state, b, (b + step) % B, rate, own, &loss[b], &samples[b]);
        }
        free(own);
    }
    if (failed) {
        free(loss);
        free(samples);
        return base_no_memory(error, "an epoch", (size_t)threads, sizeof(scratch));
    }
    for (int32_t b = 0; b < B; b++) {
        *loss_sum += loss[b];
        *sample_count += samples[b];
    }
    free(loss);
    free(samples);
    return TAMIS_OK;
}

static void clear(train_state *state)
{
    train_blocks_clear(&state->blocks);
}

const trainer trainer_tiles = {train_blocks_new, epoch, clear};
