/* A tile's samples: the interactions user by user, each with its negatives.
 *
 * Most users have an interaction or two in a tile, and a loop over each one's would end at another entry every time, which
 * no processor foresees. So the steps go over many samples at once: all draw a negative; each is compared with the
 * entries around its positive, where the user's few other items are; and those in doubt, which are few, or of users with
 * many items, are looked up in a bitmap of the user's items and drawn again where that has them. */
#include "base/random.h"
#include "base/watch.h"
#include "train/sgd_tile.h"

enum {
    CHUNK = SGD_CHUNK, /* samples per kernel call */
    NEAR = SGD_NEAR,
    TRIES = 64 /* rejected draws before looking for the next free item instead */
};

/* One tile's part of the epoch's arrays, and the arrays of its item block, indexed by an item's position in the block. */
typedef struct tile {
    const uint32_t *entry; /* the tile's first; NEAR before it and behind its last can be read */
    const uint16_t *times; /* per entry; NULL: once each */
    const float *entry_weights; /* per entry, what its positive's loss is multiplied by; NULL: 1 */
    int64_t entries;
    int32_t first; /* user of the block */
    const int32_t *items;
    const method_weights *weights; /* NULL: all alike */
    const alias_slot *slot;      /* NULL: uniform */
    uint32_t n;                    /* items */
} tile;

/* What a tile's samples go through: one of the two kernels, the points' for each factorisation. */
typedef struct work {
    kernel_pairs pairs;
    kernel_points points, second;
    int64_t samples;
} work;

/* The next sample: one of an entry's `times` times `negatives`. */
typedef struct cursor {
    int64_t at, done, negatives;
} cursor;

static tile tile_of(const train_run *run, const part *now, int64_t b, int32_t c)
{
    const sgd_blocks *blocks = sgd_blocks_of(run);
    const int64_t *start = blocks->tile + b * (blocks->item_blocks + 1) + c, from = (int64_t)c * blocks->item_room;
    return (tile){.entry = blocks->entry + start[0],
                  .times = blocks->times ? blocks->entry_times + start[0] : NULL,
                  .entry_weights = blocks->entry_weights ? blocks->entry_weights + start[0] : NULL,
                  .entries = start[1] - start[0],
                  .first = (int32_t)blocks->first_user[now->first + b],
                  .items = blocks->item_order + from,
                  .weights = blocks->weights ? blocks->weights + from : NULL,
                  .slot = blocks->slot ? blocks->slot + from : NULL,
                  .n = (uint32_t)sgd_block_items(blocks, run->model->items, c)};
}

static kernel_points points_new(const train_run *run, int h, const tile_scratch *scratch, double rate)
{
    const train_factors *factors = &run->factors[h];
    return (kernel_points){.users = factors->user, .items = factors->item, .bias = h == 0 ? sgd_blocks_of(run)->bias : NULL,
                           .stride = factors->stride, .user = scratch->user, .item = scratch->item, .target = scratch->target,
                           .weight = scratch->weight, .rate = (float)rate,
                           .keep_user = (float)(1 - rate * factors->user_regularization),
                           .keep_item = (float)(1 - rate * factors->item_regularization),
                           .keep_bias = (float)(1 - rate * run->options.bias_regularization),
                           .loss = run->method->point, .context = run->context};
}

static work work_new(const train_run *run, const tile_scratch *scratch, double rate)
{
    const tamis_train_options *o = &run->options;
    const tamis_model *model = run->model;
    const float user = (float)(1 - rate * o->user_regularization), item = (float)(1 - rate * o->item_regularization),
                negative = (float)(1 - rate * o->negative_regularization), bias = (float)(1 - rate * o->bias_regularization);
    work w = {.pairs = {.users = model->user_factors, .items = model->item_factors, .bias = sgd_blocks_of(run)->bias,
                        .stride = model->stride, .user = scratch->user, .positive = scratch->item, .negative = scratch->negative,
                        .rate = (float)rate, .keep_user = user, .keep_positive = item, .keep_negative = negative,
                        .keep_bias = bias, .loss = run->method->pair, .context = run->context},
              .points = points_new(run, 0, scratch, rate)};
    if (run->factorisations > 1) w.second = points_new(run, 1, scratch, rate);
    return w;
}

static void work_run(const train_run *run, work *w, int64_t count)
{
    w->pairs.count = w->points.count = count;
    if (run->method->pair)
        run->kernel->pairs(&w->pairs);
    else if (run->method->two_scores)
        sgd_two(run, (kernel_points *const[]){&w->points, &w->second}, count);
    else
        run->kernel->points(&w->points);
    w->samples += count;
}

/* ---- drawing */

static inline bool same_user(uint32_t a, uint32_t b)
{
    return (a ^ b) < 1u << 16;
}

/* Lists up to `most` samples by their entries. Returns how many. */
static int64_t list_samples(const tile *t, cursor *c, int64_t most, tile_scratch *scratch)
{
    int64_t n = 0;
    while (c->at < t->entries && n < most) {
        if (t->times && c->negatives == 1 && c->done == 0) /* mostly 0, 1 or 2, without a loop for the processor to foresee */
            for (; c->at < t->entries && n + 2 <= most && t->times[c->at] <= 2; c->at++) {
                scratch->at[n] = scratch->at[n + 1] = (uint32_t)c->at;
                n += t->times[c->at];
            }
        if (c->at == t->entries) break;
        const int64_t all = (t->times ? t->times[c->at] : 1) * c->negatives;
        for (; c->done < all && n < most; c->done++) scratch->at[n++] = (uint32_t)c->at;
        if (c->done < all) break;
        c->at++;
        c->done = 0;
    }
    return n;
}

static void draw_all(const tile *t, int64_t n, base_stream *stream, int32_t *drawn)
{
    const uint32_t items = t->n;
    if (t->slot)
        for (int64_t s = 0; s < n; s++) drawn[s] = (int32_t)alias_draw(t->slot, items, stream);
    else
        for (int64_t s = 0; s < n; s++) drawn[s] = (int32_t)base_below(stream, items);
}

/* Whether item k may be the user's own: it is among the entries around e[0], or the user has more entries than these. Entries of
 * a neighbouring tile can make it true by mistake, which costs a look-up and changes nothing. */
static inline uint32_t in_doubt(const uint32_t *e, uint32_t k)
{
    const uint32_t key = (e[0] & ~UINT32_C(0xFFFF)) | k;
    uint32_t doubt = (e[0] ^ e[NEAR]) >> 16 == 0;
    doubt |= (e[0] ^ e[-NEAR]) >> 16 == 0;
    for (int o = 1 - NEAR; o < NEAR; o++) doubt |= e[o] == key;
    return doubt;
}

static inline bool map_has(const uint64_t *map, uint32_t k)
{
    return map[k >> 6] >> (k & 63) & 1;
}

/* The draw k, or another that is not in the map: by rejection, then the next free item. -1: the user has them all. */
static int32_t draw_again(const uint64_t *map, const tile *t, uint32_t k, base_stream *stream)
{
    for (int attempt = 0; attempt < TRIES; attempt++) {
        if (!map_has(map, k)) return (int32_t)k;
        k = alias_draw(t->slot, t->n, stream);
    }
    for (uint32_t step = 0; step < t->n; step++) {
        if (!map_has(map, k)) return (int32_t)k;
        k = k + 1 == t->n ? 0 : k + 1;
    }
    return -1;
}

/* Makes sure of the negatives of sample s and the others of its user, up to n. Returns the first of another user. */
static int64_t redraw_user(const tile *t, tile_scratch *scratch, int64_t s, int64_t n, base_stream *stream)
{
    const uint32_t *e = t->entry;
    int64_t first = scratch->at[s], end = 0;
    while (first > 0 && same_user(e[first - 1], e[first])) first--;
    for (int64_t k = first; k < t->entries && same_user(e[k], e[first]); end = ++k)
        scratch->map[(e[k] & 0xFFFF) >> 6] |= UINT64_C(1) << (e[k] & 63);
    for (; s < n && scratch->at[s] < end; s++) scratch->drawn[s] = draw_again(scratch->map, t, (uint32_t)scratch->drawn[s], stream);
    for (int64_t k = first; k < end; k++) scratch->map[(e[k] & 0xFFFF) >> 6] = 0;
    return s;
}

/* The next samples, `most` at most, their negatives drawn. Returns how many. */
static int64_t draw_samples(const tile *t, cursor *c, int64_t most, base_stream *stream, tile_scratch *scratch)
{
    const bool plain = !t->times && c->negatives == 1; /* each entry is one sample */
    const uint32_t *e = t->entry + c->at;
    int64_t n = t->entries - c->at;
    if (plain) {
        n = n < most ? n : most;
        for (int64_t s = 0; s < n; s++) scratch->at[s] = (uint32_t)(c->at + s);
        c->at += n;
    } else {
        n = list_samples(t, c, most, scratch);
    }
    draw_all(t, n, stream, scratch->drawn);
    if (plain)
        for (int64_t s = 0; s < n; s++) scratch->doubt[s] = in_doubt(e + s, (uint32_t)scratch->drawn[s]);
    else
        for (int64_t s = 0; s < n; s++) scratch->doubt[s] = in_doubt(t->entry + scratch->at[s], (uint32_t)scratch->drawn[s]);
    for (int64_t s = 0; s < n;) s = scratch->doubt[s] ? redraw_user(t, scratch, s, n, stream) : s + 1;
    return n;
}

/* ---- handing on */

static void put_pairs(const train_run *run, const tile *t, int64_t n, work *w, tile_scratch *scratch)
{
    int64_t k = 0;
    for (int64_t s = 0; s < n; s++) {
        const uint32_t entry = t->entry[scratch->at[s]];
        const int32_t j = scratch->drawn[s];
        scratch->user[k] = t->first + (int32_t)(entry >> 16);
        scratch->item[k] = t->items[entry & 0xFFFF];
        scratch->negative[k] = t->items[j < 0 ? 0 : j];
        k += j >= 0;
    }
    work_run(run, w, k);
}

static inline void put_point(tile_scratch *scratch, int64_t k, int32_t user, int32_t item, float target, float weight)
{
    scratch->user[k] = user;
    scratch->item[k] = item;
    scratch->target[k] = target;
    scratch->weight[k] = weight;
}

/* A positive goes before its first negative. m: the negatives of the first sample's positive that were handed on already;
 * weights: NULL where all items are alike */
static inline void put_points(const train_run *run, const tile *t, const method_weights *weights, int64_t n, int64_t m,
                              work *w, tile_scratch *scratch)
{
    const int64_t negatives = run->options.negatives;
    const float scale = run->positive_scale, *of_user = run->negative_scale;
    int64_t k = 0;
    for (int64_t s = 0; s < n; s++) {
        const uint32_t entry = t->entry[scratch->at[s]], i = entry & 0xFFFF, j = scratch->drawn[s] < 0 ? 0 : (uint32_t)scratch->drawn[s];
        const int32_t user = t->first + (int32_t)(entry >> 16);
        if (m == 0) {
            const method_weights v = weights ? weights[i] : METHOD_WEIGHTS_ALIKE;
            put_point(scratch, k++, user, t->items[i], v.positive_target, v.positive_weight * scale);
        }
        if (++m == negatives) m = 0;
        const method_weights v = weights ? weights[j] : METHOD_WEIGHTS_ALIKE;
        put_point(scratch, k, user, t->items[j], v.negative_target, v.negative_weight * (of_user ? of_user[user] : 1));
        k += scratch->drawn[s] >= 0;
    }
    work_run(run, w, k);
}

/* The same where interactions have weights. Of a heavy one steps stay small: it is taken several times in a row, by parts of
 * its weight. */
static void put_weighted_points(const train_run *run, const tile *t, int64_t n, int64_t m, work *w, tile_scratch *scratch)
{
    enum { MOST_WEIGHT = 2 };
    const float scale = run->positive_scale, *of_user = run->negative_scale;
    int64_t k = 0;
    for (int64_t s = 0; s < n; s++) {
        const uint32_t entry = t->entry[scratch->at[s]], i = entry & 0xFFFF, j = scratch->drawn[s] < 0 ? 0 : (uint32_t)scratch->drawn[s];
        const int32_t user = t->first + (int32_t)(entry >> 16);
        const float weight = t->entry_weights[scratch->at[s]];
        const int64_t parts = m > 0 ? 0 : 1 + (int64_t)(weight / MOST_WEIGHT);
        const method_weights v = t->weights ? t->weights[i] : METHOD_WEIGHTS_ALIKE;
        for (int64_t p = 0; p < parts; p++) {
            if (k == CHUNK) work_run(run, w, k), k = 0;
            put_point(scratch, k++, user, t->items[i], v.positive_target, v.positive_weight * scale * (weight / (float)parts));
        }
        w->samples -= parts > 1 ? parts - 1 : 0; /* they are one */
        if (++m == run->options.negatives) m = 0;
        const method_weights u = t->weights ? t->weights[j] : METHOD_WEIGHTS_ALIKE;
        if (k == CHUNK) work_run(run, w, k), k = 0;
        put_point(scratch, k, user, t->items[j], u.negative_target, u.negative_weight * (of_user ? of_user[user] : 1));
        k += scratch->drawn[s] >= 0;
    }
    work_run(run, w, k);
}

/* Factors that a sample meets, and about as much again for drawing it. */
static int64_t work_of_sample(const train_run *run)
{
    return 64 + (int64_t)run->model->stride * run->factorisations;
}

void tile_run(train_run *run, const part *now, int64_t b, int32_t c, double rate, tile_scratch *scratch, tile_sum *sum)
{
    const tile t = tile_of(run, now, b, c);
    base_stream stream = base_stream_key(run->options.seed, BASE_FOR_TILE, (uint64_t)run->epoch,
                                         (uint64_t)(now->first + b) * (uint64_t)sgd_blocks_of(run)->item_blocks + (uint64_t)c);
    work w = work_new(run, scratch, rate);
    cursor next = {.negatives = run->options.negatives};
    const bool pair = run->method->pair != NULL;
    while (next.at < t.entries && !base_stopped(&run->watch)) {
        const int64_t before = next.done % next.negatives, n = draw_samples(&t, &next, pair ? CHUNK : CHUNK / 2, &stream, scratch);
        if (pair)
            put_pairs(run, &t, n, &w, scratch);
        else if (t.entry_weights)
            put_weighted_points(run, &t, n, before, &w, scratch);
        else if (t.weights)
            put_points(run, &t, t.weights, n, before, &w, scratch);
        else
            put_points(run, &t, NULL, n, before, &w, scratch);
        if (scratch->asks) base_worked(&run->watch, n * work_of_sample(run));
    }
    sum->loss += w.pairs.loss_sum + w.points.loss_sum;
    sum->samples += w.samples;
}
