/* One user's rows of a synthetic log: what is liked, clicked, held out, and noise. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/random.h"
#include "data/synth_user.h"

enum state { LIKED = 1, IN_TRAIN = 2 };

/* The n-th greatest key, by Hoare's FIND, which changes the order of keys. */
static int64_t nth_greatest(int64_t *key, int32_t count, int32_t n)
{
    int32_t low = 0, high = count - 1;
    while (low < high) {
        int64_t pivot = key[low + (high - low) / 2];
        int32_t a = low, b = high;
        while (a <= b) {
            while (key[a] > pivot) a++;
            while (key[b] < pivot) b--;
            if (a > b) break;
            int64_t swap = key[a];
            key[a++] = key[b];
            key[b--] = swap;
        }
        if (n - 1 <= b)
            high = b;
        else if (n - 1 >= a)
            low = a;
        else
            break;
    }
    return key[n - 1];
}

static void take_scores(const synth_world *w, synth_draft *d)
{
    enum { BLOCK = 4096 }; /* items whose scores stay in the L1 cache */
    for (size_t from = 0; from < w->padded; from += BLOCK) {
        const size_t n = w->padded - from < BLOCK ? w->padded - from : BLOCK;
        int32_t *score = d->score + from;
        memset(score, 0, n * sizeof *score);
        for (int32_t k = 0; k < w->factors; k++) {
            const int16_t *item = w->vector + (size_t)k * w->padded + from;
            const int16_t user = d->vector[k]; /* sixteen bits by sixteen: eight products at a time */
            for (size_t i = 0; i < n; i += SYNTH_LANES)
                for (size_t lane = 0; lane < SYNTH_LANES; lane++) score[i + lane] += user * item[i + lane];
        }
    }
}

/* A score that the liked items reach, most likely, and few others: by every step-th score, some ranks below theirs. */
static int32_t guess_least(const synth_world *w, synth_draft *d)
{
    enum { SAMPLE = 2048 };
    const int32_t step = w->items / SAMPLE + 1, count = (w->items - 1) / step + 1;
    const double expected = (double)w->liked / w->items * count;
    const int32_t rank = (int32_t)(expected + 4 * sqrt(expected)) + 2;
    if (rank >= count) return INT32_MIN;
    for (int64_t k = 0; k < count; k++) d->work[k] = d->score[k * step];
    return (int32_t)nth_greatest(d->work, count, rank);
}

/* Lists the items whose score is at least that. */
static int32_t list_keys(const synth_world *w, synth_draft *d, int32_t least)
{
    int32_t count = 0;
    for (int32_t i = 0; i < w->items; i++) {
        d->key[count] = d->score[i] * INT64_C(0x100000000) + (INT32_MAX - i);
        count += d->score[i] >= least;
    }
    return count;
}

static void draw_liked(const synth_world *w, int64_t user, synth_draft *d)
{
    synth_world_vector(synth_world_stream(w, SYNTH_USER_VECTOR, user), d->vector, w->factors);
    take_scores(w, d);
    int32_t count = list_keys(w, d, guess_least(w, d));
    if (count < w->liked) count = list_keys(w, d, INT32_MIN);
    memcpy(d->work, d->key, (size_t)count * sizeof *d->key);
    const int64_t least = nth_greatest(d->work, count, w->liked); /* keys are distinct: so many reach it */
    memset(d->state, 0, w->padded);
    for (int32_t k = 0, liked = 0; k < count; k++) {
        if (d->key[k] < least) continue;
        const int32_t item = INT32_MAX - (int32_t)(d->key[k] & INT32_MAX);
        d->state[item] = LIKED;
        d->liked[liked++] = item;
    }
}

/* Draws from the liked items by exposure, without replacement, and marks none of them yet. */
static void draw_clicks(const synth_world *w, base_stream *s, int32_t clicks, synth_draft *d)
{
    int32_t n = w->liked, top = 1;
    uint64_t total = 0;
    while (top <= n / 2) top *= 2;
    for (int32_t k = 1; k <= n; k++) d->tree[k] = w->exposure[d->liked[k - 1]];
    for (int32_t k = 1; k <= n; k++) {
        total += w->exposure[d->liked[k - 1]];
        if (k + (k & -k) <= n) d->tree[k + (k & -k)] += d->tree[k];
    }
    for (int32_t c = 0; c < clicks; c++) {
        uint64_t left = synth_world_below(s, total);
        int32_t at = 0; /* the last index whose sum up to it is <= left */
        for (int32_t step = top; step; step /= 2)
            if (at + step <= n && d->tree[at + step] <= left) left -= d->tree[at += step];
        d->click[c] = d->liked[at];
        uint64_t weight = w->exposure[d->liked[at]];
        for (int32_t k = at + 1; k <= n; k += k & -k) d->tree[k] -= weight;
        total -= weight;
    }
}

enum { ROW_BYTES = 40 };

/* Into the draft's text of a file, in which there must be room. */
static void write_row(synth_draft *d, enum synth_file file, const synth_world *w, int32_t user, int32_t item)
{
    char *start = d->text[file].bytes + d->text[file].used, *at = synth_write_pair(w, user, item, start);
    *at++ = '\n';
    d->text[file].used += (size_t)(at - start);
}

static bool make_room(synth_draft *d, enum synth_file file, int64_t count)
{
    return base_grow(&d->text[file].bytes, &d->text[file].capacity, d->text[file].used + (size_t)count * ROW_BYTES + 1, 1);
}

/* Moves `test` of the clicks to test.csv, at random, and the others into the draft of train. */
static void part_clicks(const synth_world *w, base_stream *s, int32_t user, int32_t clicks, int32_t test, synth_draft *d)
{
    for (int32_t c = 0; c < clicks; c++) {
        int32_t other = c + (int32_t)base_below(s, (uint32_t)(clicks - c)), item = d->click[other];
        d->click[other] = d->click[c];
        if (c < test) {
            write_row(d, SYNTH_TEST, w, user, item);
        } else {
            d->train[c - test] = (synth_row){item, false};
            d->state[item] |= IN_TRAIN;
        }
    }
}

/* The item in whose part of the sum the number falls. */
static int32_t item_at(const uint64_t *sum, int32_t items, uint64_t number)
{
    int32_t low = 0, high = items - 1;
    while (low < high) {
        const int32_t middle = low + (high - low) / 2;
        if (number < sum[middle])
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* By looking at all of them: for users who have most of what weighs much. */
static int32_t search_noise(const synth_world *w, const synth_draft *d, base_stream *s)
{
    uint64_t total = 0, left;
    int32_t item = -1;
    for (int turn = 0; turn < 2; turn++) {
        left = turn ? synth_world_below(s, total) : 0;
        for (int32_t i = 0; i < w->items; i++) {
            const uint64_t weight = w->noise_sum[i] - (i ? w->noise_sum[i - 1] : 0);
            if (d->state[i]) continue;
            if (!turn) {
                total += weight;
            } else if (left < weight) {
                item = i;
                break;
            } else {
                left -= weight;
            }
        }
    }
    return item;
}

/* An item that is neither liked nor noise already. */
static int32_t draw_noise_item(const synth_world *w, const synth_draft *d, base_stream *s)
{
    enum { TRIES = 64 };
    for (int k = 0; k < TRIES || !w->noise_sum; k++) {
        const int32_t item = w->noise_sum ? item_at(w->noise_sum, w->items, synth_world_below(s, w->noise_sum[w->items - 1]))
                                          : (int32_t)base_below(s, (uint32_t)w->items);
        if (!d->state[item]) return item;
    }
    return search_noise(w, d, s);
}

static void draw_noise(const synth_world *w, int32_t user, synth_draft *d, synth_row *rows_out)
{
    base_stream s = synth_world_stream(w, SYNTH_NOISE_ITEMS, user);
    for (int32_t k = 0; k < w->noise[user]; k++) {
        rows_out[k] = (synth_row){draw_noise_item(w, d, &s), true};
        d->state[rows_out[k].item] = IN_TRAIN;
    }
}

bool synth_user_draw(const synth_world *w, int32_t user, synth_draft *d)
{
    int32_t test, clicks = synth_world_clicks(w, user, &test), clean = clicks - test, count = clean + w->noise[user];
    if (!base_grow(&d->train, &d->train_capacity, (size_t)count + 1, sizeof *d->train) || !make_room(d, SYNTH_TRAIN, count) ||
        !make_room(d, SYNTH_TEST, test) || !make_room(d, SYNTH_NOISE, w->noise[user]) ||
        !make_room(d, SYNTH_TRUTH, w->options->no_truth ? 0 : w->liked))
        return false;
    draw_liked(w, user, d);
    base_stream s = synth_world_stream(w, SYNTH_CLICKS, user);
    draw_clicks(w, &s, clicks, d);
    part_clicks(w, &s, user, clicks, test, d);
    draw_noise(w, user, d, d->train + clean);
    s = synth_world_stream(w, SYNTH_ROW_ORDER, user);
    for (int32_t k = 0; k < count; k++) {
        int32_t other = k + (int32_t)base_below(&s, (uint32_t)(count - k));
        synth_row chosen = d->train[other];
        d->train[other] = d->train[k];
        d->train[k] = chosen;
        if (!w->options->events) write_row(d, SYNTH_TRAIN, w, user, chosen.item);
        if (chosen.noise) write_row(d, SYNTH_NOISE, w, user, chosen.item);
    }
    if (w->options->events && !synth_events_draw(w, user, d->train, count, &d->text[SYNTH_TRAIN])) return false;
    for (int32_t k = 0; k < w->liked && !w->options->no_truth; k++)
        if (!(d->state[d->liked[k]] & IN_TRAIN)) write_row(d, SYNTH_TRUTH, w, user, d->liked[k]);
    return true;
}

bool synth_user_start(const synth_world *w, synth_draft *d)
{
    size_t items = (size_t)w->items, liked = (size_t)w->liked;
    *d = (synth_draft){.vector = base_alloc_raw((size_t)w->factors, sizeof *d->vector),
                 .score = base_alloc_raw(w->padded, sizeof *d->score), .key = base_alloc_raw(items, sizeof *d->key),
                 .work = base_alloc_raw(items, sizeof *d->work), .state = base_alloc_raw(w->padded, 1),
                 .liked = base_alloc_raw(liked, sizeof *d->liked), .tree = base_alloc_raw(liked + 1, sizeof *d->tree),
                 .click = base_alloc_raw(liked, sizeof *d->click)};
    return d->vector && d->score && d->key && d->work && d->state && d->liked && d->tree && d->click;
}

void synth_user_clear(synth_draft *d)
{
    base_free(d->vector);
    base_free(d->score);
    base_free(d->key);
    base_free(d->work);
    base_free(d->state);
    base_free(d->liked);
    base_free(d->tree);
    base_free(d->click);
    free(d->train);
    for (size_t f = 0; f < BASE_COUNT(d->text); f++) free(d->text[f].bytes);
}
