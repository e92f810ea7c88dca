/* Where a batch's samples come from: the log in a random order, a user's own items (PLD), or every pair; and their
 * negatives, drawn by weight or searched for (WARP). Each sample has its own random stream. */
#include <math.h>
#include <string.h>

#include "kernel/scalar.h"
#include "train/train.h"

enum { TRIES = 64, MOST_POOL = 64 };

/* A random order of 0..n-1 without storing it: position k of the epoch, through four rounds of a Feistel network on the
 * smallest even number of bits that holds n, walking the cycle until it lands below n.
 * Source: Black, Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002. */
int64_t train_permuted(int64_t k, int64_t n, uint64_t key)
{
    int half = 1;
    while (half < 32 && (INT64_C(1) << (2 * half)) < n) half++;
    const uint64_t mask = (UINT64_C(1) << half) - 1;
    uint64_t value = (uint64_t)k;
    do {
        uint64_t left = value >> half, right = value & mask;
        for (uint64_t round = 0; round < 4; round++) {
            uint64_t next = left ^ (base_mix(key + round * UINT64_C(0x9E3779B97F4A7C15) + right) & mask);
            left = right;
            right = next;
        }
        value = left << half | right;
    } while (value >= (uint64_t)n);
    return (int64_t)value;
}

static bool is_positive(const tamis_log *log, int32_t user, int32_t item)
{
    return log_find(log, user, item) >= 0;
}

/* Of interaction `at`. */
static method_weights positive_weights(const train_state *state, int64_t at)
{
    return state->pair_weights ? state->pair_weights[at] : train_weights(state, state->log->item[at]);
}

/* An item that the user does not have; -1: there is none. */
static int32_t draw_negative(const train_state *state, int32_t user, base_stream *stream)
{
    const tamis_log *log = state->log;
    uint32_t items = (uint32_t)state->model->items;
    int32_t j = 0;
    if (state->any_negative) return (int32_t)sampler_draw(state->batch.slot, items, stream);
    if (log->start[user + 1] - log->start[user] >= (int64_t)items) return -1;
    for (int attempt = 0; attempt < TRIES; attempt++) {
        j = (int32_t)sampler_draw(state->batch.slot, items, stream);
        if (!is_positive(log, user, j)) return j;
    }
    do j = j + 1 == (int32_t)items ? 0 : j + 1;
    while (is_positive(log, user, j));
    return j;
}

static float score(const train_state *state, int32_t user, int32_t item)
{
    const tamis_model *model = state->model;
    float s = state->kernel->dot(model->user_factors + (size_t)user * model->stride,
                                 model->item_factors + (size_t)item * model->stride, model->stride);
    return model->item_bias ? s + model->item_bias[item] : s;
}

/* The method's loss on a positive that scores s, against a negative. */
static double personal_loss(const train_state *state, float s, float against)
{
    double loss = 0;
    if (state->method->pair)
        (void)state->method->pair(state->context, s - against, &loss);
    else if (state->method->point)
        (void)state->method->point(state->context, s, 1, &loss);
    else
        loss = (double)scalar_softplus(-s);
    return loss;
}

/* PLD: one of a pool of the user's own interactions, in proportion to exp(-loss / temperature). */
static int64_t draw_personal(const train_state *state, int32_t user, int32_t negative, base_stream *stream)
{
    const tamis_train_options *o = &state->options;
    const tamis_log *log = state->log;
    const uint32_t n = (uint32_t)(log->start[user + 1] - log->start[user]);
    int64_t pool[MOST_POOL];
    double chance[MOST_POOL], loss[MOST_POOL], least = (double)INFINITY, sum = 0;
    int count = (int)(o->pool < MOST_POOL ? o->pool : MOST_POOL);
    for (int k = 0; k < count; k++) { /* without replacement where the user has that many */
        bool again;
        do {
            pool[k] = log->start[user] + base_below(stream, n);
            again = false;
            for (int other = 0; other < k && n >= (uint32_t)count; other++) again = again || pool[other] == pool[k];
        } while (again);
    }
    const float against = state->method->pair && negative >= 0 ? score(state, user, negative) : 0;
    for (int k = 0; k < count; k++) {
        loss[k] = personal_loss(state, score(state, user, log->item[pool[k]]), against);
        least = loss[k] < least ? loss[k] : least;
    }
    for (int k = 0; k < count; k++) {
        chance[k] = (double)scalar_exp_negative((float)((least - loss[k]) / o->temperature));
        sum += chance[k];
    }
    double at = base_uniform(stream) * sum;
    for (int k = 0; k < count - 1; k++)
        if ((at -= chance[k]) < 0) return pool[k];
    return pool[count - 1];
}

/* WARP: draws until a negative scores above the positive less the margin 1; the fewer draws it took, the worse the
 * positive's rank. -1: none found. */
static int32_t search_negative(const train_state *state, int32_t user, int32_t positive, base_stream *stream, float *weight)
{
    const float bar = score(state, user, positive) - 1;
    for (int64_t t = 1; t <= state->options.max_sampled; t++) {
        int32_t j = draw_negative(state, user, stream);
        if (j < 0) return -1;
        if (score(state, user, j) > bar) {
            double rank = floor((double)(state->model->items - 1) / (double)t);
            *weight *= (float)log(rank > 1 ? rank : 1);
            return j;
        }
    }
    return -1;
}

static void put(train_batch *batch, int64_t edge, int32_t user, int32_t item, float target, float weight)
{
    batch->user[edge] = user;
    batch->item[edge] = item;
    batch->target[edge] = target;
    batch->weight[edge] = weight;
}

int64_t train_draw_samples(const train_state *state)
{
    return state->all_pairs ? state->model->users * state->model->items : state->log->start[state->log->users.count];
}

int64_t train_draw_edges(const train_state *state)
{
    return state->all_pairs ? 1 : state->method->pair ? 2 * state->options.negatives : 1 + state->options.negatives;
}

/* Any pair, with the target and weight of what the log says of it. */
static void draw_any(train_state *state, int64_t at, int64_t edge)
{
    const int64_t items = state->model->items;
    int32_t user = (int32_t)(at / items), item = (int32_t)(at % items);
    const int64_t found = log_find(state->log, user, item);
    const bool own = found >= 0;
    const method_weights w = own ? positive_weights(state, found) : train_weights(state, item);
    put(&state->batch, edge, user, item, own ? w.positive_target : w.negative_target,
        own ? w.positive_weight : w.negative_weight);
}

/* One sample: a positive and its negatives. */
static void draw(train_state *state, int64_t sample, int64_t edge)
{
    const tamis_train_options *o = &state->options;
    const tamis_log *log = state->log;
    const bool pair = state->method->pair != NULL;
    train_batch *batch = &state->batch;
    base_stream stream = base_stream_key(o->seed, BASE_FOR_SAMPLE, (uint64_t)state->epoch, (uint64_t)sample);
    const uint64_t order = base_stream_key(o->seed, BASE_FOR_ORDER, (uint64_t)state->epoch, 0).state;
    int64_t at = train_permuted(sample, train_draw_samples(state), order);
    if (state->all_pairs) {
        draw_any(state, at, edge);
        return;
    }
    int32_t user = batch->user_of[at], item = log->item[at], first = -1;
    if (state->personal && state->epoch >= o->warmup) {
        do user = (int32_t)base_below(&stream, (uint32_t)state->model->users); /* alike among those with interactions */
        while (log->start[user + 1] == log->start[user]);
        first = draw_negative(state, user, &stream);
        at = draw_personal(state, user, first, &stream);
        item = log->item[at];
    }
    const method_weights w = positive_weights(state, at);
    const float positive = train_positive_share(state) * w.positive_weight, negative = train_negative_share(state, user);
    if (!pair) put(batch, edge++, user, item, w.positive_target, positive);
    for (int64_t m = 0; m < o->negatives; m++) {
        float weight = positive;
        int32_t j = m == 0 && first >= 0 && !state->sampler->search ? first
                    : state->sampler->search ? search_negative(state, user, item, &stream, &weight)
                                             : draw_negative(state, user, &stream);
        if (state->any_negative) weight *= 1 - (is_positive(log, user, j) ? train_weights(state, j).positive_target : 0);
        if (pair) {
            put(batch, edge++, user, item, 1, j < 0 ? 0 : weight);
            put(batch, edge++, user, j < 0 ? item : j, 0, 0);
        } else {
            const method_weights v = train_weights(state, j < 0 ? item : j);
            put(batch, edge++, user, j < 0 ? item : j, v.negative_target, j < 0 ? 0 : negative * v.negative_weight);
        }
    }
}

void train_draw(train_state *state, const member *me, int64_t first, int64_t count)
{
    const int64_t edges = train_draw_edges(state);
    TEAM_FOR(me, k, count) draw(state, first + k, k * edges);
}
