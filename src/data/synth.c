/* Synthetic logs whose truth is known: who really likes what, and which rows are noise.
 *
 * Notation. Users u and items i have preference vectors p_u, q_i of independent N(0,1) numbers.
 *   liked      the `liked` = relevant_share * items items of the greatest p_u . q_i (ties: the lower item)
 *   exposure   items stand in a random order, independent of the q_i; the one of rank r is seen with weight r^-power
 *   activity   n_u in proportion to (1 - v_u)^-power, v_u uniform on [0,1); together about `interactions`
 *   clicks     n_u draws by exposure, without replacement, among the liked items only
 *   test       round(test_ratio * n_u) of a user's clicks, at random; train keeps at least one
 *   noise      noise_ratio * (clean rows of train) rows: a uniform user each, and a uniform item that this user
 *              does not like; they stand among the user's clean rows in random order
 *
 * The same options must give the same bytes on every machine, with any compiler and C library. So vectors, weights and
 * activities are rounded to integers, every comparison is between integers, and what little is real is made of the
 * four IEEE operations. Each user's rows come from streams of its own, so that users can be drawn in any order: threads
 * take chunks of users and draw their rows into memory, and the chunks are written one after the other. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/random.h"
#include "base/set.h"
#include "base/status.h"
#include "base/threads.h"
#include "data/log.h"

__extension__ typedef unsigned __int128 wide;

#define ROW(field, name, kind, range, fallback, unit, help) \
    BASE_OPTION(tamis_synth_options, field, name, TAMIS_OPTION_##kind, range, fallback, unit, help)
static const tamis_option rows[] = {
    ROW(users, "users", INTEGER, "[1,2147483647]", "3000", "", "users"),
    ROW(items, "items", INTEGER, "[2,2147483647]", "2000", "", "items"),
    ROW(interactions, "interactions", INTEGER, "[1,1e12]", "75000", "", "clean interactions, train and test together"),
    ROW(factors, "factors", INTEGER, "[1,256]", "16", "", "factors of the true preferences"),
    ROW(exposure_power, "exposure-power", REAL, "[0,10]", "0.8", "", "items are seen in proportion to rank^-power"),
    ROW(activity_power, "activity-power", REAL, "[0,4]", "0.4", "",
        "a user's activity ~ (1 - v)^-power, v uniform; 0: all alike"),
    ROW(noise_ratio, "noise-ratio", REAL, "[0,10]", "0.2", "", "random rows, as a share of train's clean ones"),
    ROW(relevant_share, "relevant-share", REAL, "(0,1)", "0.05", "", "share of all items that a user truly likes"),
    ROW(test_ratio, "test-ratio", REAL, "[0,1)", "0.2", "", "share of a user's clean interactions held out"),
    ROW(no_truth, "truth", CHOICE, "yes|no", "yes", "",
        "write truth.csv, which holds users * items * relevant-share rows"),
    ROW(seed, "seed", SEED, NULL, "1", "", "seed of all randomness"),
    ROW(threads, "threads", INTEGER, "[0,1024]", "0", "", "0: as many as OpenMP offers; never changes the result"),
};
const tamis_option_table synth_option_table = {"synth", rows, BASE_COUNT(rows), sizeof(tamis_synth_options), NULL};

void tamis_synth_options_init(tamis_synth_options *options, size_t size)
{
    tamis_synth_options own = {0};
    base_option_defaults(&synth_option_table, &own);
    base_option_give(&own, sizeof own, options, size);
}

enum purpose { USER_VECTOR, ITEM_VECTOR, ITEM_ORDER, ACTIVITY, CLICKS, NOISE_USERS, NOISE_ITEMS, ROW_ORDER };
enum { MOST_FACTORS = 256 };                          /* as the option allows */
enum { LANES = 16 };                                  /* items scored at a time, a loop that compilers unroll */
enum { VECTOR_ONE = 256 };                            /* 1.0 in a vector: |p|, |q| <= 6 * 256, so p . q fits 32 bits */
static const double exposure_one = 0x1p32;            /* 1.0 as a weight: the weights of 2^31 items fit 64 bits */
static const double activity_one = 0x1p16, activity_most = 1e4; /* the same, for the activities of 2^31 users */

typedef struct world {
    const tamis_synth_options *options;
    int32_t users, items, factors, liked;
    int user_digits, item_digits;
    int16_t *vector;        /* factors x padded */
    size_t padded;          /* items, and up to a multiple of LANES */
    uint64_t *exposure;     /* per item */
    int32_t *noise;         /* noise rows per user */
    uint64_t activity_sum;
} world;

typedef struct row {
    int32_t item;
    bool noise;
} row;

/* One user's rows while they are drawn. */
typedef struct draft {
    int16_t *vector;   /* factors */
    int32_t *score;    /* per item */
    int64_t *key;      /* score and item, in the order of items, of those that may be liked */
    int64_t *work;     /* as many */
    uint8_t *state;    /* per item */
    int32_t *liked;    /* ascending */
    uint64_t *tree;    /* Fenwick tree over liked's exposures, from index 1 */
    int32_t *click;    /* in the order they were drawn */
    row *train;
    size_t train_capacity;
    struct rows_text {
        char *bytes;
        size_t used, capacity;
    } text[4];         /* per file: rows that wait to be written */
} draft;
enum state { LIKED = 1, IN_TRAIN = 2 };

/* PROPENSITY is written at once; the others by users. */
enum file { TRAIN, TEST, TRUTH, NOISE, PROPENSITY, FILES };
static const char *const file_name[FILES] = {"train.csv", "test.csv", "truth.csv", "noise.csv", "propensity.csv"};

static base_stream stream_for(const world *w, enum purpose purpose, int64_t index)
{
    return base_stream_key(w->options->seed, BASE_FOR_SYNTH, (uint64_t)purpose, (uint64_t)index);
}

/* Uniform on 0..n-1, n of any size. */
static uint64_t below(base_stream *s, uint64_t n)
{
    return (uint64_t)(((wide)base_next(s) * n) >> 64);
}

/* x^power for x > 0: log2 by the series of atanh, 2^y by that of e^t. Good to about 1e-14 and, unlike pow(), the same
 * bits from every C library. */
static double power_of(double x, double power)
{
    static const double ln2 = 0.69314718055994530942;
    int exponent;
    double m = frexp(x, &exponent);
    if (m < 0.70710678118654752) {
        m *= 2;
        exponent--;
    }
    double z = (m - 1) / (m + 1), z2 = z * z, series = 0;
    for (int k = 23; k >= 1; k -= 2) series = series * z2 + 1.0 / k;
    double y = power * (exponent + 2 * z * series / ln2);
    if (y < -1000) return 0;
    if (y > 1000) return 0x1p1000;
    double whole = floor(y + 0.5), t = (y - whole) * ln2, sum = 1;
    for (int k = 17; k >= 1; k--) sum = 1 + sum * t / k;
    return ldexp(sum, (int)whole);
}

static void draw_vector(base_stream s, int16_t *vector, int32_t factors)
{
    for (int32_t k = 0; k < factors; k++) vector[k] = (int16_t)floor(base_normal(&s) * VECTOR_ONE + 0.5);
}

static uint64_t activity_of(const world *w, base_stream *s)
{
    double activity = power_of(1 - base_uniform(s), -w->options->activity_power);
    return (uint64_t)floor((activity < activity_most ? activity : activity_most) * activity_one + 0.5);
}

/* n_u, and through *test how many of them are held out. The fraction is rounded up or down at random, so that small
 * shares are right on average. */
static int32_t clicks_of(const world *w, int64_t user, int32_t *test)
{
    base_stream s = stream_for(w, ACTIVITY, user);
    uint64_t activity = activity_of(w, &s), sum = w->activity_sum;
    wide share = (wide)activity * (uint64_t)w->options->interactions + below(&s, sum);
    int32_t clicks = share / sum < (wide)w->liked ? (int32_t)(share / sum) : w->liked;
    int32_t held = (int32_t)floor(w->options->test_ratio * clicks + 0.5);
    *test = held < clicks ? held : clicks > 0 ? clicks - 1 : 0;
    return clicks;
}

/* ---------------------------------------------------------------------------------- the world at large */

static void draw_items(world *w, int32_t *order)
{
    base_stream s = stream_for(w, ITEM_ORDER, 0);
    base_shuffle(&s, order, w->items);
    for (int32_t rank = 0; rank < w->items; rank++) {
        double weight = floor(power_of(rank + 1.0, -w->options->exposure_power) * exposure_one + 0.5);
        w->exposure[order[rank]] = weight < 1 ? 1 : (uint64_t)weight;
    }
    for (int32_t i = 0; i < w->items; i++) {
        int16_t vector[MOST_FACTORS];
        draw_vector(stream_for(w, ITEM_VECTOR, i), vector, w->factors);
        for (int32_t k = 0; k < w->factors; k++) w->vector[(size_t)k * w->padded + (size_t)i] = vector[k];
    }
}

/* Gives each noise row its user. */
static tamis_status draw_noise_users(world *w, tamis_error *error)
{
    int64_t clean = 0;
    int32_t room = w->items - w->liked;
    for (int32_t u = 0; u < w->users; u++) {
        int32_t test, clicks = clicks_of(w, u, &test);
        clean += clicks - test;
    }
    int64_t noise = (int64_t)floor(w->options->noise_ratio * (double)clean);
    if ((double)noise > 0.5 * (double)w->users * room)
        return base_fail(error, TAMIS_USAGE,
                         "--noise-ratio %g of %lld clean rows is more than half of all pairs that are not liked; "
                         "lower it, or raise --items", w->options->noise_ratio, (long long)clean);
    for (int64_t k = 0; k < noise; k++) {
        base_stream s = stream_for(w, NOISE_USERS, k);
        int32_t *count = &w->noise[base_below(&s, (uint32_t)w->users)];
        if (*count < room)
            ++*count;
    }
    return TAMIS_OK;
}

static int digits_for(int64_t count)
{
    int digits = 5;
    for (int64_t most = 99999; count - 1 > most; most = most * 10 + 9) digits++;
    return digits;
}

static tamis_status world_make(const tamis_synth_options *options, world *w, tamis_error *error)
{
    double liked = floor(options->relevant_share * (double)options->items + 0.5);
    *w = (world){.options = options, .users = (int32_t)options->users, .items = (int32_t)options->items,
                 .factors = (int32_t)options->factors, .user_digits = digits_for(options->users),
                 .item_digits = digits_for(options->items)};
    if (liked < 1 || liked >= (double)options->items)
        return base_fail(error, TAMIS_USAGE,
                         "--relevant-share %g of %d items is %s; expected at least 1 item and fewer than all",
                         options->relevant_share, w->items, liked < 1 ? "none" : "all of them");
    w->liked = (int32_t)liked;
    if ((double)options->interactions > (double)w->users * liked)
        return base_fail(error, TAMIS_USAGE,
                         "--interactions %lld is more than the %.0f pairs that are liked (%d users, %d items each); "
                         "lower it, or raise --relevant-share", (long long)options->interactions,
                         (double)w->users * liked, w->users, w->liked);
    size_t items = (size_t)w->items;
    w->padded = (items + LANES - 1) / LANES * LANES;
    w->vector = base_alloc(w->padded * (size_t)w->factors, sizeof *w->vector);
    w->exposure = base_alloc_raw(items, sizeof *w->exposure);
    w->noise = base_alloc((size_t)w->users, sizeof *w->noise);
    int32_t *order = base_alloc_raw(items, sizeof *order);
    if (w->vector && w->exposure && w->noise && order) draw_items(w, order);
    base_free(order);
    if (!w->vector || !w->exposure || !w->noise || !order)
        return base_no_memory(error, "the items' true vectors", items, (size_t)w->factors * sizeof *w->vector);
    for (int32_t u = 0; u < w->users; u++) {
        base_stream s = stream_for(w, ACTIVITY, u);
        w->activity_sum += activity_of(w, &s);
    }
    return draw_noise_users(w, error);
}

static void world_clear(world *w)
{
    base_free(w->vector);
    base_free(w->exposure);
    base_free(w->noise);
}

/* -------------------------------------------------------------------------------------------- one user */

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

static void take_scores(const world *w, draft *d)
{
    enum { BLOCK = 4096 }; /* items whose scores stay in the L1 cache */
    for (size_t from = 0; from < w->padded; from += BLOCK) {
        const size_t n = w->padded - from < BLOCK ? w->padded - from : BLOCK;
        int32_t *score = d->score + from;
        memset(score, 0, n * sizeof *score);
        for (int32_t k = 0; k < w->factors; k++) {
            const int16_t *item = w->vector + (size_t)k * w->padded + from;
            const int16_t user = d->vector[k]; /* sixteen bits by sixteen: eight products at a time */
            for (size_t i = 0; i < n; i += LANES)
                for (size_t lane = 0; lane < LANES; lane++) score[i + lane] += user * item[i + lane];
        }
    }
}

/* A score that the liked items reach, most likely, and few others: by every step-th score, some ranks below theirs. */
static int32_t guess_least(const world *w, draft *d)
{
    enum { SAMPLE = 2048 };
    const int32_t step = w->items / SAMPLE + 1, count = (w->items - 1) / step + 1;
    const double share = (double)w->liked / w->items * count;
    const int32_t rank = (int32_t)(share + 4 * sqrt(share)) + 2;
    if (rank >= count) return INT32_MIN;
    for (int32_t k = 0; k < count; k++) d->work[k] = d->score[k * step];
    return (int32_t)nth_greatest(d->work, count, rank);
}

/* Lists the items whose score is at least that. */
static int32_t list_keys(const world *w, draft *d, int32_t least)
{
    int32_t count = 0;
    for (int32_t i = 0; i < w->items; i++) {
        d->key[count] = d->score[i] * INT64_C(0x100000000) + (INT32_MAX - i);
        count += d->score[i] >= least;
    }
    return count;
}

static void draw_liked(const world *w, int64_t user, draft *d)
{
    draw_vector(stream_for(w, USER_VECTOR, user), d->vector, w->factors);
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
static void draw_clicks(const world *w, base_stream *s, int32_t clicks, draft *d)
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
        uint64_t left = below(s, total);
        int32_t at = 0; /* the last place whose sum up to it is <= left */
        for (int32_t step = top; step; step /= 2)
            if (at + step <= n && d->tree[at + step] <= left) left -= d->tree[at += step];
        d->click[c] = d->liked[at];
        uint64_t weight = w->exposure[d->liked[at]];
        for (int32_t k = at + 1; k <= n; k += k & -k) d->tree[k] -= weight;
        total -= weight;
    }
}

static char *write_digits(char *at, int32_t number, int digits)
{
    for (int k = digits - 1; k >= 0; k--, number /= 10) at[k] = (char)('0' + number % 10);
    return at + digits;
}

enum { ROW_BYTES = 40 };

/* "u00017,i00042" into the draft's text of a file, in which there must be room. */
static void write_row(draft *d, enum file file, const world *w, int32_t user, int32_t item)
{
    char *start = d->text[file].bytes + d->text[file].used, *at = start;
    *at++ = 'u';
    at = write_digits(at, user, w->user_digits);
    *at++ = ',';
    *at++ = 'i';
    at = write_digits(at, item, w->item_digits);
    *at++ = '\n';
    d->text[file].used += (size_t)(at - start);
}

static bool make_room(draft *d, enum file file, int64_t count)
{
    return base_grow(&d->text[file].bytes, &d->text[file].capacity, d->text[file].used + (size_t)count * ROW_BYTES + 1, 1);
}

/* Moves `test` of the clicks to test.csv, at random, and the others into the draft of train. */
static void part_clicks(const world *w, base_stream *s, int32_t user, int32_t clicks, int32_t test, draft *d)
{
    for (int32_t c = 0; c < clicks; c++) {
        int32_t other = c + (int32_t)base_below(s, (uint32_t)(clicks - c)), item = d->click[other];
        d->click[other] = d->click[c];
        if (c < test) {
            write_row(d, TEST, w, user, item);
        } else {
            d->train[c - test] = (row){item, false};
            d->state[item] |= IN_TRAIN;
        }
    }
}

static void draw_noise(const world *w, int32_t user, draft *d, row *rows_out)
{
    base_stream s = stream_for(w, NOISE_ITEMS, user);
    for (int32_t k = 0; k < w->noise[user];) {
        int32_t item = (int32_t)base_below(&s, (uint32_t)w->items);
        if (d->state[item]) continue; /* liked, or noise already */
        d->state[item] = IN_TRAIN;
        rows_out[k++] = (row){item, true};
    }
}

static bool draw_user(const world *w, int32_t user, draft *d)
{
    int32_t test, clicks = clicks_of(w, user, &test), clean = clicks - test, count = clean + w->noise[user];
    if (!base_grow(&d->train, &d->train_capacity, (size_t)count + 1, sizeof *d->train) || !make_room(d, TRAIN, count) ||
        !make_room(d, TEST, test) || !make_room(d, NOISE, w->noise[user]) ||
        !make_room(d, TRUTH, w->options->no_truth ? 0 : w->liked))
        return false;
    draw_liked(w, user, d);
    base_stream s = stream_for(w, CLICKS, user);
    draw_clicks(w, &s, clicks, d);
    part_clicks(w, &s, user, clicks, test, d);
    draw_noise(w, user, d, d->train + clean);
    s = stream_for(w, ROW_ORDER, user);
    for (int32_t k = 0; k < count; k++) {
        int32_t other = k + (int32_t)base_below(&s, (uint32_t)(count - k));
        row chosen = d->train[other];
        d->train[other] = d->train[k];
        write_row(d, TRAIN, w, user, chosen.item);
        if (chosen.noise) write_row(d, NOISE, w, user, chosen.item);
    }
    for (int32_t k = 0; k < w->liked && !w->options->no_truth; k++)
        if (!(d->state[d->liked[k]] & IN_TRAIN)) write_row(d, TRUTH, w, user, d->liked[k]);
    return true;
}

static bool draft_start(const world *w, draft *d)
{
    size_t items = (size_t)w->items, liked = (size_t)w->liked;
    *d = (draft){.vector = base_alloc_raw((size_t)w->factors, sizeof *d->vector),
                 .score = base_alloc_raw(w->padded, sizeof *d->score), .key = base_alloc_raw(items, sizeof *d->key),
                 .work = base_alloc_raw(items, sizeof *d->work), .state = base_alloc_raw(w->padded, 1),
                 .liked = base_alloc_raw(liked, sizeof *d->liked), .tree = base_alloc_raw(liked + 1, sizeof *d->tree),
                 .click = base_alloc_raw(liked, sizeof *d->click)};
    return d->vector && d->score && d->key && d->work && d->state && d->liked && d->tree && d->click;
}

static void draft_clear(draft *d)
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

static void write_text(draft *d, base_writer *const *files)
{
    for (size_t f = 0; f < BASE_COUNT(d->text); f++) {
        if (files[f] && d->text[f].used) base_writer_bytes(files[f], d->text[f].bytes, d->text[f].used);
        d->text[f].used = 0;
    }
}

/* Chunks are so small that what waits is small, and so large that threads rarely wait for each other. */
static tamis_status draw_users(const world *w, base_writer *const *files, tamis_error *error)
{
    enum { CHUNK = 64 };
    const int32_t chunks = w->users / CHUNK + (w->users % CHUNK != 0);
    const int threads = base_threads(w->options->threads);
    bool good = true;
#pragma omp parallel num_threads(base_team(threads))
    {
        draft d;
        bool mine = draft_start(w, &d);
#pragma omp for ordered schedule(static, 1)
        for (int32_t c = 0; c < chunks; c++) {
            const int64_t end = ((int64_t)c + 1) * CHUNK < w->users ? ((int64_t)c + 1) * CHUNK : w->users;
            for (int64_t u = (int64_t)c * CHUNK; u < end && mine; u++) mine = draw_user(w, (int32_t)u, &d);
#pragma omp ordered
            {
                if (mine) write_text(&d, files);
                else good = false;
            }
        }
        draft_clear(&d);
    }
    return good ? TAMIS_OK
                : base_no_memory(error, "one user's rows", (size_t)w->items, 2 * sizeof(int64_t) + sizeof(int32_t) + 1);
}

/* An item's exposure, relative to the largest. Six digits of a ratio of integers are the same everywhere. */
static void write_propensities(const world *w, base_writer *file)
{
    for (int32_t i = 0; i < w->items; i++)
        base_writer_format(file, "i%0*d,%.6g\n", w->item_digits, i, (double)w->exposure[i] / exposure_one);
}

static tamis_status write_world(const world *w, const char *directory, tamis_error *error)
{
    base_writer *files[FILES] = {NULL};
    base_set *set;
    tamis_status status = base_set_new(directory, "tamis synth", "user_id,item_id", &set, error);
    for (int f = 0; f < FILES && !status; f++) {
        const bool absent = f == TRUTH && w->options->no_truth;
        status = base_set_add(set, file_name[f], absent ? NULL : &files[f], error);
        if (files[f]) base_writer_format(files[f], "%s", f == PROPENSITY ? "item_id,propensity\n" : "user_id,item_id\n");
    }
    if (!status) status = base_set_add(set, "relevance.csv", NULL, error); /* of worlds that are fitted to a log */
    if (!status) write_propensities(w, files[PROPENSITY]);
    if (!status) status = draw_users(w, files, error);
    if (!status) return base_set_commit(set, error);
    base_set_discard(set);
    return status;
}

tamis_status tamis_synth(const tamis_synth_options *options, const char *directory, tamis_error *error)
{
    tamis_synth_options own;
    world w = {0};
    base_clear(error);
    tamis_synth_options_default(&own);
    tamis_status status = base_option_take(&synth_option_table, options, &own, error);
    options = &own;
    if (!status) status = world_make(options, &w, error);
    if (!status) status = write_world(&w, directory, error);
    world_clear(&w);
    return status;
}
