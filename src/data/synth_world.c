/* The world that a synthetic log is drawn from. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "data/synth_world.h"

__extension__ typedef unsigned __int128 wide;

enum { VECTOR_ONE = 256 };                            /* 1.0 in a vector: |p|, |q| <= 6 * 256, so p . q fits 32 bits */
static const double activity_one = 0x1p16, activity_most = 1e4; /* the same, for the activities of 2^31 users */

base_stream synth_world_stream(const synth_world *w, enum synth_purpose purpose, int64_t index)
{
    return base_stream_key(w->options->seed, BASE_FOR_SYNTH, (uint64_t)purpose, (uint64_t)index);
}

/* Uniform on 0..n-1, n of any size. */
uint64_t synth_world_below(base_stream *s, uint64_t n)
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

void synth_world_vector(base_stream s, int16_t *vector, int32_t factors)
{
    for (int32_t k = 0; k < factors; k++) vector[k] = (int16_t)floor(base_normal(&s) * VECTOR_ONE + 0.5);
}

static uint64_t activity_of(const synth_world *w, base_stream *s)
{
    double activity = power_of(1 - base_uniform(s), -w->options->activity_power);
    return (uint64_t)floor((activity < activity_most ? activity : activity_most) * activity_one + 0.5);
}

/* n_u, and through *test how many of them are held out. The fraction is rounded up or down at random, so that small
 * numbers are right on average. */
int32_t synth_world_clicks(const synth_world *w, int64_t user, int32_t *test)
{
    base_stream s = synth_world_stream(w, SYNTH_ACTIVITY, user);
    uint64_t activity = activity_of(w, &s), sum = w->activity_sum;
    wide clicks_wide = (wide)activity * (uint64_t)w->options->interactions + synth_world_below(&s, sum);
    int32_t clicks = clicks_wide / sum < (wide)w->liked ? (int32_t)(clicks_wide / sum) : w->liked;
    int32_t held = w->options->events ? 0 : (int32_t)floor(w->options->test_ratio * clicks + 0.5);
    *test = held < clicks ? held : clicks > 0 ? clicks - 1 : 0;
    return clicks;
}
static void draw_items(synth_world *w, int32_t *order)
{
    base_stream s = synth_world_stream(w, SYNTH_ITEM_ORDER, 0);
    base_shuffle(&s, order, w->items);
    for (int32_t rank = 0; rank < w->items; rank++) {
        double weight = floor(power_of(rank + 1.0, -w->options->exposure_power) * SYNTH_EXPOSURE_ONE + 0.5);
        w->exposure[order[rank]] = weight < 1 ? 1 : (uint64_t)weight;
    }
    for (int32_t i = 0; i < w->items; i++) {
        int16_t vector[SYNTH_MOST_FACTORS];
        synth_world_vector(synth_world_stream(w, SYNTH_ITEM_VECTOR, i), vector, w->factors);
        for (int32_t k = 0; k < w->factors; k++) w->vector[(size_t)k * w->padded + (size_t)i] = vector[k];
    }
}

/* What items weigh as noise, added up. */
static bool sum_noise(synth_world *w, int32_t *order)
{
    const int kind = w->options->noise;
    if (kind != TAMIS_SYNTH_POPULAR && kind != TAMIS_SYNTH_POSITION) return true;
    w->noise_sum = base_alloc_raw((size_t)w->items, sizeof *w->noise_sum);
    if (!w->noise_sum) return false;
    base_stream s = synth_world_stream(w, SYNTH_POSITIONS, 0);
    base_shuffle(&s, order, w->items);
    for (int32_t k = 0; k < w->items; k++) {
        if (kind == TAMIS_SYNTH_POPULAR)
            w->noise_sum[k] = w->exposure[k];
        else
            w->noise_sum[order[k]] = (uint64_t)floor(SYNTH_EXPOSURE_ONE / (k + 1.0) + 0.5);
    }
    for (int32_t i = 1; i < w->items; i++) w->noise_sum[i] += w->noise_sum[i - 1];
    return true;
}

/* Gives each noise row its user. */
static tamis_status draw_noise_users(synth_world *w, tamis_error *error)
{
    int64_t clean = 0;
    int32_t room = w->items - w->liked, candidates = w->users;
    if (w->options->noise == TAMIS_SYNTH_USERS) candidates = candidates > 10 ? (candidates + 5) / 10 : 1;
    for (int32_t u = 0; u < w->users; u++) {
        int32_t test, clicks = synth_world_clicks(w, u, &test);
        clean += clicks - test;
    }
    int64_t noise = (int64_t)floor(w->options->noise_ratio * (double)clean);
    if ((double)noise > 0.5 * (double)candidates * room)
        return base_fail(error, TAMIS_USAGE,
                         "--noise-ratio %g of %lld clean rows is more than half of all pairs%s that are not liked; "
                         "lower it, or raise --items", w->options->noise_ratio, (long long)clean,
                         candidates < w->users ? " of a tenth of the users" : "");
    int32_t *order = base_alloc_raw((size_t)w->users, sizeof *order); /* the noisy users come first */
    if (!order) return base_no_memory(error, "the noisy users", (size_t)w->users, sizeof *order);
    base_stream users = synth_world_stream(w, SYNTH_NOISY, 0);
    if (candidates < w->users)
        base_shuffle(&users, order, w->users);
    else
        for (int32_t u = 0; u < w->users; u++) order[u] = u;
    for (int64_t k = 0; k < noise; k++) {
        base_stream s = synth_world_stream(w, SYNTH_NOISE_USERS, k);
        int32_t *count = &w->noise[order[base_below(&s, (uint32_t)candidates)]];
        if (*count < room)
            ++*count;
    }
    base_free(order);
    return TAMIS_OK;
}

static int digits_for(int64_t count)
{
    int digits = 5;
    for (int64_t most = 99999; count - 1 > most; most = most * 10 + 9) digits++;
    return digits;
}

tamis_status synth_world_make(const tamis_synth_options *options, synth_world *w, tamis_error *error)
{
    double liked = floor(options->relevant_share * (double)options->items + 0.5);
    *w = (synth_world){.options = options, .users = (int32_t)options->users, .items = (int32_t)options->items,
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
    w->padded = (items + SYNTH_LANES - 1) / SYNTH_LANES * SYNTH_LANES;
    w->vector = base_alloc(w->padded * (size_t)w->factors, sizeof *w->vector);
    w->exposure = base_alloc_raw(items, sizeof *w->exposure);
    w->noise = base_alloc((size_t)w->users, sizeof *w->noise);
    int32_t *order = base_alloc_raw(items, sizeof *order);
    const bool good = w->vector && w->exposure && w->noise && order;
    if (good) draw_items(w, order);
    const bool summed = good && sum_noise(w, order);
    base_free(order);
    if (!summed)
        return base_no_memory(error, "the items' true vectors", items, (size_t)w->factors * sizeof *w->vector);
    for (int32_t u = 0; u < w->users; u++) {
        base_stream s = synth_world_stream(w, SYNTH_ACTIVITY, u);
        w->activity_sum += activity_of(w, &s);
    }
    return draw_noise_users(w, error);
}

void synth_world_clear(synth_world *w)
{
    base_free(w->vector);
    base_free(w->exposure);
    base_free(w->noise);
    base_free(w->noise_sum);
}
