/* One epoch in tiles: interactions are sorted into tiles, then the tiles run, item block by item block.
 *
 * Within a tile: its interactions user by user, in chunks; per chunk first all negatives are drawn (a bitmap of the
 * user's items in this block answers "is it a positive?"), then one kernel call updates the rows (of two heads several, see
 * heads.c). */
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/flush.h"
#include "train/draw.h"
#include "train/team.h"

enum {
    CHUNK = TRAIN_CHUNK, /* samples per kernel call */
    TRIES = 64,       /* rejected draws before looking for the next free item instead */
    MAP_WORDS = 1024  /* bits for 65536 items */
};

/* Each thread's own. */
typedef struct scratch {
    uint64_t map[MAP_WORDS];
    int32_t user[CHUNK], item[CHUNK], negative[CHUNK]; /* pairs: positive and negative; points: one item */
    float target[CHUNK], weight[CHUNK];                /* points */
    double waited, pace; /* in a part: seconds; user blocks run in a second, without what was waited */
} scratch;

/* What a tile's samples go through: one of the two kernels, the points' for each head. */
typedef struct work {
    kernel_pairs pairs;
    kernel_points points, second;
    int64_t count, samples, negatives;
    bool pair;
    float share; /* train_positive_share() */
} work;

static inline bool map_has(const uint64_t *map, uint32_t k)
{
    return map[k >> 6] >> (k & 63) & 1;
}

/* The user blocks that are run now. */
typedef struct part {
    int32_t first, count;
    int64_t start; /* where their interactions begin in the log */
} part;

/* Sorts the interactions of the part's user block b by item block, keeping users in order. */
static void sort_block(train_state *state, const part *now, int64_t b)
{
    train_blocks *blocks = &state->blocks;
    const tamis_log *log = state->log;
    const int64_t *user = blocks->first_user + now->first + b, first = user[0], last = user[1], C = blocks->item_blocks;
    int64_t *tile = blocks->tile + b * (C + 1), at = log->start[first] - now->start;
    /* tile[]: counts, then where each tile's next entry goes; a tile ends where it stops */
    memset(tile, 0, (size_t)C * sizeof *tile);
    for (int64_t k = log->start[first]; k < log->start[last]; k++) tile[blocks->place[log->item[k]] >> 16]++;
    for (int64_t c = 0; c < C; c++) {
        int64_t n = tile[c];
        tile[c] = at;
        at += n;
    }
    for (int64_t u = first; u < last; u++)
        for (int64_t k = log->start[u]; k < log->start[u + 1]; k++) {
            uint32_t place = blocks->place[log->item[k]];
            const int64_t entry = tile[place >> 16]++;
            blocks->entry[entry] = (uint32_t)(u - first) << 16 | (place & 0xFFFF);
            if (blocks->times) blocks->entry_times[entry] = blocks->times[k];
        }
    /* the ends are the next tile's starts: shift them back */
    for (int64_t c = C; c > 0; c--) tile[c] = tile[c - 1];
    tile[0] = log->start[first] - now->start;
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

/* The weights of item block c's items, side by side. */
static void take_weights(train_state *state, int32_t c)
{
    const int64_t from = (int64_t)c * state->blocks.item_room;
    const int32_t n = train_block_items(&state->blocks, state->model->items, c);
    for (int32_t k = 0; k < n; k++) state->blocks.weights[from + k] = state->weights[state->blocks.item_order[from + k]];
}

/* The biases of item block c's items, to where the kernels find them and back. */
static void move_biases(train_state *state, int32_t c, bool back)
{
    const int32_t *items = state->blocks.item_order + (int64_t)c * state->blocks.item_room;
    const int32_t n = train_block_items(&state->blocks, state->model->items, c);
    for (int32_t k = 0; k < n; k++) {
        float *kept = &state->model->item_bias[items[k]], *used = &state->blocks.bias[(size_t)items[k] * KERNEL_BIAS];
        *(back ? kept : used) = *(back ? used : kept);
    }
}

/* What item block c's tiles need besides its rows. */
static bool enter_block(train_state *state, int32_t c)
{
    if (state->blocks.weights) take_weights(state, c);
    if (state->blocks.bias) move_biases(state, c, false);
    return !state->blocks.slot || fill_slots(state, c);
}

/* A negative for the user whose items are in the map: rejection, then the next free item. -1: the user has them all. */
static int32_t draw_in_block(const uint64_t *map, const sampler_slot *slot, uint32_t n, base_stream *stream)
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

static kernel_points points_new(const train_state *state, int h, const scratch *own, double rate)
{
    const train_head *head = &state->head[h];
    return (kernel_points){.users = head->user, .items = head->item, .bias = h == 0 ? state->blocks.bias : NULL,
                           .stride = head->stride, .user = own->user, .item = own->item, .target = own->target,
                           .weight = own->weight, .rate = (float)rate,
                           .keep_user = (float)(1 - rate * head->user_regularization),
                           .keep_item = (float)(1 - rate * head->item_regularization),
                           .keep_bias = (float)(1 - rate * state->options.bias_regularization),
                           .loss = state->method->point, .context = state->context};
}

static work work_new(const train_state *state, const scratch *own, double rate)
{
    const tamis_train_options *o = &state->options;
    const tamis_model *model = state->model;
    const float user = (float)(1 - rate * o->user_regularization), item = (float)(1 - rate * o->item_regularization),
                negative = (float)(1 - rate * o->negative_regularization), bias = (float)(1 - rate * o->bias_regularization);
    work w = {.pairs = {.users = model->user_factors, .items = model->item_factors, .bias = state->blocks.bias,
                            .stride = model->stride, .user = own->user, .positive = own->item, .negative = own->negative,
                            .rate = (float)rate, .keep_user = user, .keep_positive = item, .keep_negative = negative,
                            .keep_bias = bias, .loss = state->method->pair, .context = state->context},
                  .points = points_new(state, 0, own, rate), .negatives = o->negatives,
                  .pair = state->method->pair != NULL, .share = train_positive_share(state)};
    if (state->heads > 1) w.second = points_new(state, 1, own, rate);
    return w;
}

static void work_flush(const train_state *state, work *w)
{
    w->pairs.count = w->points.count = w->count;
    if (state->method->pair)
        state->kernel->pairs(&w->pairs);
    else if (state->method->heads)
        train_heads(state, (kernel_points *const[]){&w->points, &w->second}, w->count);
    else
        state->kernel->points(&w->points);
    w->samples += w->count;
    w->count = 0;
}

static inline void put_point(work *w, scratch *own, int32_t user, int32_t item, float target, float weight)
{
    const int64_t k = w->count++;
    own->user[k] = user;
    own->item[k] = item;
    own->target[k] = target;
    own->weight[k] = weight;
}

/* The item block of a tile; its arrays are by place in the block. */
typedef struct block {
    const int32_t *items;
    const method_weights *weights; /* NULL: all alike */
    const sampler_slot *slot;      /* NULL: uniform */
    uint32_t n;
} block;

static block block_of(const train_state *state, int32_t c)
{
    const train_blocks *blocks = &state->blocks;
    const int64_t from = (int64_t)c * blocks->item_room;
    return (block){blocks->item_order + from, blocks->weights ? blocks->weights + from : NULL,
                   blocks->slot ? blocks->slot + from : NULL, (uint32_t)train_block_items(blocks, state->model->items, c)};
}

static inline method_weights weights_in(const block *b, int32_t place)
{
    return b->weights ? b->weights[place] : METHOD_WEIGHTS_ALIKE;
}

/* A positive of the user whose items are in the map, and its negatives. share: train_negative_share() */
static inline void put_positive(const train_state *state, work *w, scratch *own, int32_t user, int32_t positive, float share,
                                const block *b, base_stream *stream)
{
    if (!w->pair) {
        const method_weights v = weights_in(b, positive);
        put_point(w, own, user, b->items[positive], v.positive_target, v.positive_weight * w->share);
        if (w->count == CHUNK) work_flush(state, w);
    }
    for (int64_t m = 0; m < w->negatives; m++) {
        const int32_t j = draw_in_block(own->map, b->slot, b->n, stream);
        if (j < 0) return;
        if (w->pair) {
            own->user[w->count] = user;
            own->item[w->count] = b->items[positive];
            own->negative[w->count++] = b->items[j];
        } else {
            const method_weights v = weights_in(b, j);
            put_point(w, own, user, b->items[j], v.negative_target, v.negative_weight * share);
        }
        if (w->count == CHUNK) work_flush(state, w);
    }
}

/* Asks for a user's rows while negatives are drawn: where a part's users are more than the L2 cache holds, the kernel alone,
 * a few samples ahead, would wait for them. */
static inline void ask_user(const train_state *state, int32_t user)
{
    for (int h = 0; h < state->heads; h++)
        train_fetch(state->head[h].user + (size_t)user * state->head[h].stride, state->head[h].stride);
}

static void run_tile(train_state *state, const part *now, int64_t b, int32_t c, double rate, scratch *own, double *loss,
                     int64_t *samples)
{
    const train_blocks *blocks = &state->blocks;
    const int64_t C = blocks->item_blocks, *tile = blocks->tile + b * (C + 1) + c, from = tile[0], to = tile[1];
    const block in = block_of(state, c);
    const int32_t first = (int32_t)blocks->first_user[now->first + b];
    base_stream stream = base_stream_key(state->options.seed, BASE_FOR_TILE, (uint64_t)state->epoch,
                                         (uint64_t)(now->first + b) * (uint64_t)C + (uint64_t)c);
    work w = work_new(state, own, rate);
    for (int64_t run = from, end; run < to; run = end) { /* one user's interactions */
        const uint32_t user = blocks->entry[run] >> 16;
        ask_user(state, first + (int32_t)user);
        for (end = run; end < to && blocks->entry[end] >> 16 == user; end++) {
            uint32_t k = blocks->entry[end] & 0xFFFF;
            own->map[k >> 6] |= UINT64_C(1) << (k & 63);
        }
        const float share = train_negative_share(state, first + (int32_t)user);
        for (int64_t at = run; at < end; at++)
            for (int times = blocks->times ? blocks->entry_times[at] : 1; times > 0; times--)
                put_positive(state, &w, own, first + (int32_t)user, (int32_t)(blocks->entry[at] & 0xFFFF), share, &in, &stream);
        for (int64_t at = run; at < end; at++) own->map[(blocks->entry[at] & 0xFFFF) >> 6] = 0;
    }
    work_flush(state, &w);
    *loss += w.pairs.loss_sum + w.points.loss_sum;
    *samples += w.samples;
}

/* No more threads than have work: waiting for each other costs more than a few thousand samples. */
static int useful_threads(const train_state *state)
{
    int64_t samples = state->log->start[state->log->users.count] * state->options.negatives;
    int64_t most = samples / 2000 + 1, threads = base_threads(state->options.threads);
    if (most > state->blocks.item_blocks) most = state->blocks.item_blocks;
    if (most > train_part(&state->blocks, 1)) most = train_part(&state->blocks, 1);
    if (most > state->blocks.paces) most = state->blocks.paces; /* OpenMP's default may have grown meanwhile */
    return (int)(threads < most ? threads : most);
}

/* What goes with an item block from thread to thread, on a cache line of its own. */
typedef struct visit {
    _Alignas(64) atomic_int passed; /* user blocks that the item block has left */
    double loss;                    /* summed user block by user block: the same bits always */
    int64_t samples;
} visit;

/* A thread's user blocks begin..end-1, which thus stay in its caches; the item blocks, much smaller, pass from thread to
 * thread. */
typedef struct share {
    _Alignas(64) atomic_int next; /* item block that no thread has taken through it yet */
    int begin, end;
} share;

/* A part's work. Item block c enters a user block when that is sorted and item block c - 1 has left it: whatever the
 * threads, each row's updates come in one order. Each thread sorts its share of the user blocks, then takes one item block
 * after the other through it. Shares are by how fast the threads were: cores differ, and others use them, too. A thread
 * that would wait, as the last do at the start and the first at the end, takes an item block through another's share. Of
 * three threads, for example, who runs what:
 *
 *                    share 0  share 1  share 2
 *   item block 0        2        2        2
 *              1        1        1        2
 *              2        0        1        2
 *              ...      0        1        2
 *              C - 3    0        1        2
 *              C - 2    0        1        1
 *              C - 1    0        0        0
 */
typedef struct line {
    part now;
    atomic_bool *sorted; /* per user block */
    visit *visit;        /* per item block */
    share *share;
    int shares;
    atomic_bool failed, done; /* done: a thread has no more work in this part */
} line;

static void pause_after(int *spins)
{
    if (++*spins > 200) sched_yield();
}

/* What a tile sees is ordered by these waits alone, which ThreadSanitizer can thus check. */
static int wait_passed(const visit *v, int at_least, double *waited)
{
    int passed = atomic_load_explicit(&v->passed, memory_order_acquire);
    if (passed >= at_least) return passed;
    const double begin = base_seconds();
    for (int spins = 0; passed < at_least; pause_after(&spins)) passed = atomic_load_explicit(&v->passed, memory_order_acquire);
    *waited += base_seconds() - begin;
    return passed;
}

static void wait_sorted(atomic_bool *sorted, double *waited)
{
    if (atomic_load_explicit(sorted, memory_order_acquire)) return;
    const double begin = base_seconds();
    for (int spins = 0; !atomic_load_explicit(sorted, memory_order_acquire);) pause_after(&spins);
    *waited += base_seconds() - begin;
}

/* Item block c through user blocks from..to-1. */
static void run_item_block(train_state *state, line *l, int32_t c, int from, int to, double rate, scratch *own)
{
    visit *mine = &l->visit[c];
    int before = c > 0 ? 0 : l->now.count; /* user blocks that item block c - 1 has left */
    if (from == to) return;
    wait_passed(mine, from, &own->waited);
    if (from == 0 && !enter_block(state, c)) atomic_store(&l->failed, true);
    for (int b = from; b < to; b++) {
        wait_sorted(&l->sorted[b], &own->waited);
        if (before <= b) before = wait_passed(mine - 1, b + 1, &own->waited);
        if (!atomic_load(&l->failed)) run_tile(state, &l->now, b, c, rate, own, &mine->loss, &mine->samples);
        atomic_store_explicit(&mine->passed, b + 1, memory_order_release);
    }
    if (to == l->now.count && state->blocks.bias) move_biases(state, c, true);
}

/* Where the next shares go by; a pause of the machine, or a part too short to tell, must not turn all upside down. */
static void note_paces(train_state *state, const scratch *own, int threads)
{
    double sum = 0;
    for (int t = 0; t < threads; t++) sum += own[t].pace;
    for (int t = 0; t < threads && sum > 0; t++) {
        const double pace = own[t].pace * threads / sum;
        state->blocks.pace[t] = (state->blocks.pace[t] + (pace < 0.25 ? 0.25 : pace)) / 2;
    }
}

/* The item block that share s is to see next, if half of the share before is behind it: then waiting for the rest costs
 * less than going elsewhere. -1: none now */
static int next_of(const line *l, int s, int item_blocks)
{
    const int c = atomic_load_explicit(&l->share[s].next, memory_order_relaxed);
    if (c == item_blocks) return -1;
    const int half = s > 0 ? (l->share[s - 1].begin + l->share[s - 1].end + 1) / 2 : 0;
    return atomic_load_explicit(&l->visit[c].passed, memory_order_relaxed) < half ? -1 : c;
}

/* Takes share s's next item block through it. */
static bool run_next(train_state *state, line *l, int s, double rate, scratch *own, int64_t *ran)
{
    share *mine = &l->share[s];
    int c = next_of(l, s, state->blocks.item_blocks);
    if (c < 0 || !atomic_compare_exchange_strong(&mine->next, &c, c + 1)) return false;
    run_item_block(state, l, c, mine->begin, mine->end, rate, own);
    *ran += mine->end - mine->begin;
    return true;
}

/* Takes an item block through the last share that has one. */
static bool help(train_state *state, line *l, double rate, scratch *own, int64_t *ran)
{
    for (int s = l->shares - 1; s >= 0; s--)
        if (run_next(state, l, s, rate, own, ran)) return true;
    return false;
}

static bool all_taken(const line *l, int item_blocks)
{
    for (int s = 0; s < l->shares; s++)
        if (atomic_load_explicit(&l->share[s].next, memory_order_relaxed) < item_blocks) return false;
    return true;
}

static void run_line(train_state *state, line *l, const member *me, double rate, scratch *own)
{
    int64_t ran = 0;
    for (int s = me->index; s < l->shares; s += me->team->size)
        for (int b = l->share[s].begin; b < l->share[s].end; b++) {
            sort_block(state, &l->now, b);
            atomic_store_explicit(&l->sorted[b], true, memory_order_release);
        }
    own->waited = 0;
    const double begin = base_seconds();
    while (!all_taken(l, state->blocks.item_blocks)) {
        if (run_next(state, l, me->index, rate, own, &ran) || help(state, l, rate, own, &ran)) continue;
        const double idle = base_seconds();
        sched_yield();
        own->waited += base_seconds() - idle;
    }
    const double worked = base_seconds() - begin - own->waited;
    own->pace = worked > 0 ? (double)ran / worked : 0;
}

static void cut_shares(const train_state *state, line *l)
{
    double before = 0, all = 0;
    for (int s = 0; s < l->shares; s++) all += state->blocks.pace[s];
    for (int s = 0; s < l->shares; s++) {
        l->share[s].begin = s > 0 ? l->share[s - 1].end : 0;
        before += state->blocks.pace[s];
        l->share[s].end = s + 1 == l->shares ? l->now.count : (int)(before / all * l->now.count + 0.5);
        atomic_store(&l->share[s].next, 0);
    }
}

static void start_part(const train_state *state, line *l, int32_t p)
{
    const train_blocks *blocks = &state->blocks;
    const int32_t first = train_part(blocks, p), end = train_part(blocks, p + 1), C = blocks->item_blocks;
    l->now = (part){first, end - first, state->log->start[blocks->first_user[first]]};
    for (int32_t b = 0; b < l->now.count; b++) atomic_store(&l->sorted[b], false);
    for (int32_t c = 0; c < C; c++) atomic_store(&l->visit[c].passed, 0);
    cut_shares(state, l);
}

static tamis_status epoch(train_state *state, double rate, double *loss, int64_t *samples, tamis_error *error)
{
    const size_t U = (size_t)state->blocks.user_blocks, C = (size_t)state->blocks.item_blocks;
    const int threads = useful_threads(state);
    line l = {.sorted = calloc(U, sizeof *l.sorted), .visit = base_alloc(C, sizeof *l.visit),
              .share = base_alloc((size_t)threads, sizeof *l.share), .shares = threads};
    scratch *own = calloc((size_t)threads, sizeof *own);
    bool failed = !l.sorted || !l.visit || !l.share || !own;
    if (!failed) {
        train_blocks_draw(state);
        failed = draws_personal(state) && !draw_personal_epoch(state, threads);
    }
    if (!failed) {
        for (int32_t p = 0; p < state->blocks.parts; p++) {
            team all = TEAM_NEW;
            start_part(state, &l, p);
#pragma omp parallel num_threads(threads)
            {
                const member me = team_join(&all);
                const uint64_t before = kernel_flush_begin();
                run_line(state, &l, &me, rate, &own[me.index]);
                if (p + 1 == state->blocks.parts && state->epoch + 1 < state->options.epochs && !atomic_exchange(&l.done, true))
                    train_blocks_shuffle(state, state->epoch + 1);
                kernel_flush_end(before);
            }
            note_paces(state, own, all.size);
        }
        failed = atomic_load(&l.failed);
        for (size_t c = 0; c < C; c++) {
            *loss += l.visit[c].loss;
            *samples += l.visit[c].samples;
        }
    }
    free(own);
    free(l.sorted);
    base_free(l.visit);
    base_free(l.share);
    return failed ? base_no_memory(error, "an epoch", (size_t)threads, sizeof *own) : TAMIS_OK;
}

static void clear(train_state *state)
{
    train_blocks_clear(&state->blocks);
}

const trainer trainer_tiles = {train_blocks_new, epoch, clear};
