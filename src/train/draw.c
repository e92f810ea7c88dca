/* Where a batch's samples come from: the log in a random order, a user's own items (PLD), or every pair; and their
 * negatives, drawn by weight or searched for (WARP). Each sample has its own random stream, so that it does not matter
 * which others it is drawn with. */
#include "train/batch.h"
#include "train/draw.h"

enum { TRIES = 64 };

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

int32_t draw_negative(const train_state *state, int32_t user, base_stream *stream)
{
    const tamis_log *log = state->log;
    uint32_t items = (uint32_t)state->model->items;
    int32_t j = 0;
    if (state->any_negative) return (int32_t)sampler_draw(state->slot, items, stream);
    if (log->start[user + 1] - log->start[user] >= (int64_t)items) return -1;
    for (int attempt = 0; attempt < TRIES; attempt++) {
        j = (int32_t)sampler_draw(state->slot, items, stream);
        if (!is_positive(log, user, j)) return j;
    }
    do j = j + 1 == (int32_t)items ? 0 : j + 1;
    while (is_positive(log, user, j));
    return j;
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
    put(train_batch_of(state), edge, user, item, own ? w.positive_target : w.negative_target,
        own ? w.positive_weight : w.negative_weight);
}

bool train_draw_scores(const train_state *state)
{
    return state->method->pair && state->options.negatives == 1 && (draws_personal(state) || state->sampler->search);
}

/* Users, and but for PLD positives, each step asking for what the next one reads. */
static void draw_positives(const train_state *state, int64_t first, draw_sample *s, int n, bool personal)
{
    const tamis_log *log = state->log;
    const uint64_t seed = state->options.seed, epoch = (uint64_t)state->epoch;
    const uint64_t order = base_stream_key(seed, BASE_FOR_ORDER, epoch, 0).state;
    const int64_t samples = train_draw_samples(state);
    for (int k = 0; k < n; k++) {
        s[k].stream = base_stream_key(seed, BASE_FOR_SAMPLE, epoch, (uint64_t)(first + k));
        if (personal) {
            s[k].user = (int32_t)base_below(&s[k].stream, (uint32_t)state->model->users);
            __builtin_prefetch(log->start + s[k].user);
        } else {
            s[k].at = train_permuted(first + k, samples, order);
            __builtin_prefetch(train_batch_of(state)->user_of + s[k].at);
            __builtin_prefetch(log->item + s[k].at);
        }
    }
    for (int k = 0; k < n; k++) {
        if (personal) { /* alike among those with interactions */
            while (log->start[s[k].user + 1] == log->start[s[k].user])
                s[k].user = (int32_t)base_below(&s[k].stream, (uint32_t)state->model->users);
            const int32_t *own = log->item + log->start[s[k].user];
            __builtin_prefetch(own);
            __builtin_prefetch(own + 16);
        } else {
            s[k].user = train_batch_of(state)->user_of[s[k].at];
            s[k].item = log->item[s[k].at];
        }
    }
}

/* Negative m of each sample, into the batch behind its positive. */
static void put_negatives(train_state *state, const draw_sample *s, int n, int64_t m, int64_t edge)
{
    const bool scored = train_draw_scores(state);
    const int64_t each = train_draw_edges(state);
    train_batch *batch = train_batch_of(state);
    for (int k = 0; k < n; k++) {
        const int32_t user = s[k].user, j = s[k].negative, item = j < 0 ? s[k].item : j;
        const bool unseen = !state->any_negative || !is_positive(state->log, user, j);
        const float share = j < 0 ? 0 : unseen ? s[k].weight : s[k].weight * (1 - train_weights(state, j).positive_target);
        if (!state->method->pair) {
            const method_weights v = train_weights(state, item);
            put(batch, edge + k * each + 1 + m, user, item, v.negative_target,
                share * train_negative_share(state, user) * v.negative_weight);
            continue;
        }
        const int64_t at = edge + k * each + 2 * m;
        put(batch, at, user, s[k].item, 1, share * train_positive_share(state) * positive_weights(state, s[k].at).positive_weight);
        put(batch, at + 1, user, item, 0, 0);
        if (!scored) continue;
        batch->score[0][at] = s[k].score;
        batch->score[0][at + 1] = s[k].negative_score;
    }
}

/* n <= DRAW_BLOCK samples: positives and their negatives. */
static void draw_block(train_state *state, int64_t first, int n, int64_t edge)
{
    const bool personal = draws_personal(state);
    const int64_t each = train_draw_edges(state);
    draw_sample s[DRAW_BLOCK];
    draw_positives(state, first, s, n, personal);
    if (personal) draw_personal(state, s, n);
    for (int k = 0; k < n; k++) {
        s[k].weight = 1;
        if (state->method->pair) continue;
        const method_weights w = positive_weights(state, s[k].at);
        put(train_batch_of(state), edge + k * each, s[k].user, s[k].item, w.positive_target,
            train_positive_share(state) * w.positive_weight);
    }
    for (int64_t m = 0; m < state->options.negatives; m++) {
        if (state->sampler->search)
            draw_searched(state, s, n);
        else
            for (int k = 0; k < n && !(personal && m == 0); k++)
                s[k].negative = draw_negative(state, s[k].user, &s[k].stream);
        put_negatives(state, s, n, m, edge);
    }
}

void train_draw(train_state *state, const member *me, int64_t first, int64_t count)
{
    const int64_t each = train_draw_edges(state), from = team_share(me, count, me->index), to = team_share(me, count, me->index + 1);
    if (state->all_pairs) {
        const uint64_t order = base_stream_key(state->options.seed, BASE_FOR_ORDER, (uint64_t)state->epoch, 0).state;
        const int64_t pairs = train_draw_samples(state);
        for (int64_t k = from; k < to; k++) draw_any(state, train_permuted(first + k, pairs, order), k);
        return;
    }
    for (int64_t k = from; k < to; k += DRAW_BLOCK)
        draw_block(state, first + k, (int)(to - k < DRAW_BLOCK ? to - k : DRAW_BLOCK), k * each);
}
