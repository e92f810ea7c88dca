/* A tile's samples: the interactions user by user, each with its negatives.
 *
 * Most users have an interaction or two in a tile, and a loop over each one's would end at another entry every time, which
 * no processor foresees. So the steps go over many samples at once: all draw a negative; each is compared with the
 * entries around its positive, where the user's few other items are; and those in doubt, which are few, or of users with
 * many items, are looked up in a bitmap of the user's items and drawn again where that has them. */
#include "base/random.h"
#include "base/watch.h"
#include "train/dislikes.h"
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

/* The negatives of users with dislikes are fewer: the share that sgd_dislikes.c draws. */
static void leave_share(const train_run *run, const tile *t, int64_t n, base_stream *stream, tile_scratch *scratch)
{
    for (int64_t s = 0; s < n; s++) {
        const int64_t *start = run->dislikes->start + t->first + (t->entry[scratch->at[s]] >> 16);
        if (start[0] < start[1] && base_uniform(stream) < run->options.dislike_share) scratch->drawn[s] = -1;
    }
}

/* ---- handing on */

static void put_pairs(const train_run *run, const tile *t, int64_t n, sgd_work *w, tile_scratch *scratch)
{
    int64_t k = 0;
    for (int64_t s = 0; s < n; s++) {
        const uint32_t entry = t->entry[scratch->at[s]];
        const int32_t j = scratch->drawn[s];
        scratch->list.user[k] = t->first + (int32_t)(entry >> 16);
        scratch->list.item[k] = t->items[entry & 0xFFFF];
        scratch->list.negative[k] = t->items[j < 0 ? 0 : j];
        k += j >= 0;
    }
    sgd_work_run(run, w, k);
}

static inline void put_point(tile_scratch *scratch, int64_t k, int32_t user, int32_t item, float target, float weight)
{
    scratch->list.user[k] = user;
    scratch->list.item[k] = item;
    scratch->list.target[k] = target;
    scratch->list.weight[k] = weight;
}

/* Of item j of the block. */
static inline method_weights weigh_negative(const train_run *run, const method_weights *weights, int32_t user, int32_t item, uint32_t j)
{
    if (!weights) return METHOD_WEIGHTS_ALIKE;
    return run->certain ? dislikes_weigh(run, user, item) : weights[j];
}

/* A positive goes before its first negative. m: the negatives of the first sample's positive that were handed on already;
 * weights: NULL where all items are alike */
static inline void put_points(const train_run *run, const tile *t, const method_weights *weights, int64_t n, int64_t m,
                              sgd_work *w, tile_scratch *scratch)
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
        const method_weights v = weigh_negative(run, weights, user, t->items[j], j);
        put_point(scratch, k, user, t->items[j], v.negative_target, v.negative_weight * (of_user ? of_user[user] : 1));
        k += scratch->drawn[s] >= 0;
    }
    sgd_work_run(run, w, k);
}

/* The same where interactions have weights. Of a heavy one steps stay small: it is taken several times in a row, by parts of
 * its weight. */
static void put_weighted_points(const train_run *run, const tile *t, int64_t n, int64_t m, sgd_work *w, tile_scratch *scratch)
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
            if (k == CHUNK) sgd_work_run(run, w, k), k = 0;
            put_point(scratch, k++, user, t->items[i], v.positive_target, v.positive_weight * scale * (weight / (float)parts));
        }
        w->samples -= parts > 1 ? parts - 1 : 0; /* they are one */
        if (++m == run->options.negatives) m = 0;
        const method_weights u = weigh_negative(run, t->weights, user, t->items[j], j);
        if (k == CHUNK) sgd_work_run(run, w, k), k = 0;
        put_point(scratch, k, user, t->items[j], u.negative_target, u.negative_weight * (of_user ? of_user[user] : 1));
        k += scratch->drawn[s] >= 0;
    }
    sgd_work_run(run, w, k);
}

/* Factors that a sample meets, and about as much again for drawing it. */
static int64_t work_of_sample(const train_run *run)
{
    return 64 + (int64_t)run->model->stride * run->factorisations;
}

void tile_run(train_run *run, const part *now, int64_t b, int32_t c, double rate, tile_scratch *scratch, sgd_sum *sum)
{
    const tile t = tile_of(run, now, b, c);
    base_stream stream = base_stream_key(run->options.seed, BASE_FOR_TILE, (uint64_t)run->epoch,
                                         (uint64_t)(now->first + b) * (uint64_t)sgd_blocks_of(run)->item_blocks + (uint64_t)c);
    sgd_work w = sgd_work_new(run, &scratch->list, rate);
    cursor next = {.negatives = run->options.negatives};
    const bool pair = run->method->pair != NULL;
    while (next.at < t.entries && !base_stopped(&run->watch)) {
        const int64_t before = next.done % next.negatives, n = draw_samples(&t, &next, pair ? CHUNK : CHUNK / 2, &stream, scratch);
        if (run->dislikes && !run->certain) leave_share(run, &t, n, &stream, scratch);
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
    sgd_work_sum(&w, sum);
}
