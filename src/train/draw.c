/* Where a batch's samples come from: the log in a random order, a user's own items (PLD), or every pair; and their
 * negatives, drawn by weight or searched for (WARP). Each sample has its own random stream, so that it does not matter
 * which others it is drawn with. */
#include <omp.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/threads.h"
#include "base/watch.h"
#include "sampler/alias.h"
#include "train/dislikes.h"
#include "train/draw.h"
#include "train/estimate.h"
#include "train/row_weights.h"

enum { CHOICE = 256 }; /* the work of a sample that is chosen from a pool */

sampler_view draw_view(const train_run *run)
{
    const tamis_model *m = run->model;
    return (sampler_view){.log = run->log, .users = m->users, .items = m->items, .kernel = run->kernel,
                          .user_factors = m->user_factors, .item_factors = m->item_factors, .item_bias = m->item_bias,
                          .stride = m->stride, .method = run->method, .context = run->context,
                          .options = &run->options, .weight = run->row_ends ? run->log->weight : NULL, .slot = run->slot, .any_negative = run->any_negative,
                          .dislikes = run->certain ? NULL : run->dislikes};
}

bool draw_chooses(const train_run *run)
{
    return run->positives->active && run->positives->active(&run->options, run->epoch);
}

bool draw_keeps_negative(const train_run *run)
{
    const positive_sampler *by = run->positives;
    return draw_chooses(run) && !run->sampler->search && by->keeps_negative &&
           (!run->method->pair || by->keeps_negative(&run->options)); /* single scores are chosen without one: any will do */
}

bool draw_list_users(train_run *run)
{
    return (run->user_of = matrix_rows_of(run->log->matrix)) != NULL;
}

bool draw_fill_slots(train_run *run)
{
    const int64_t items = run->model->items;
    if (!run->sampler->weight) return true;
    run->slot = base_alloc_raw((size_t)items, sizeof *run->slot);
    return run->slot && sampler_fill_slots(run->sampler, &run->options, run->item_clicks, NULL, items, run->slot);
}

void draw_takes(const train_plan *plan, bool lists_users, estimate *e)
{
    if (lists_users) estimate_keep(e, "samplers", (double)plan->interactions * sizeof(int32_t));
    if (plan->sampler->weight) estimate_keep(e, "samplers", (double)plan->items * sizeof(alias_slot));
}

/* A random order of 0..n-1 without storing it: position k of the epoch, through four rounds of a Feistel network on the
 * smallest even number of bits that holds n, walking the cycle until it lands below n.
 * Source: Black, Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002. */
int64_t draw_permuted(int64_t k, int64_t n, uint64_t key)
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

static method_weights item_weights(const train_run *run, int32_t item)
{
    return run->weights ? run->weights[item] : METHOD_WEIGHTS_ALIKE;
}

/* Of interaction `at`. */
static method_weights positive_weights(const train_run *run, int64_t at)
{
    method_weights w = run->pair_weights ? run->pair_weights[at] : item_weights(run, run->log->matrix->index[at]);
    if (run->row_weights) w.positive_weight *= run->row_weights[at];
    return w;
}

static void put(const draw_edges *batch, int64_t edge, int32_t user, int32_t item, float target, float weight)
{
    batch->user[edge] = user;
    batch->item[edge] = item;
    batch->target[edge] = target;
    batch->weight[edge] = weight;
}

int64_t draw_samples(const train_run *run)
{
    return run->all_pairs ? run->model->users * run->model->items : run->log->matrix->nnz;
}

int64_t draw_edges_each(const train_run *run)
{
    return run->all_pairs ? 1 : run->method->pair ? 2 * run->options.negatives : 1 + run->options.negatives;
}

/* Any pair, with the target and weight of what the log says of it. */
static void draw_any(train_run *run, int64_t at, const draw_edges *into, int64_t edge)
{
    const int64_t items = run->model->items;
    int32_t user = (int32_t)(at / items), item = (int32_t)(at % items);
    const int64_t found = matrix_find(run->log->matrix, user, item);
    const bool seen = found >= 0;
    const method_weights w = seen ? positive_weights(run, found) : dislikes_weigh(run, user, item);
    put(into, edge, user, item, seen ? w.positive_target : w.negative_target,
        seen ? w.positive_weight : w.negative_weight);
}

bool draw_scores(const train_run *run)
{
    return run->method->pair && run->options.negatives == 1 && (draw_keeps_negative(run) || run->sampler->search);
}

/* Users, and positives where no sampler chooses them, each step asking for what the next one reads. */
static void draw_positives(const train_run *run, int64_t first, sampler_sample *s, int n, bool chosen)
{
    const tamis_log *log = run->log;
    const uint64_t seed = run->options.seed, epoch = (uint64_t)run->epoch;
    const uint64_t order = base_stream_key(seed, BASE_FOR_ORDER, epoch, 0).state;
    const int64_t samples = draw_samples(run);
    for (int k = 0; k < n; k++) {
        s[k].stream = base_stream_key(seed, BASE_FOR_SAMPLE, epoch, (uint64_t)(first + k));
        if (chosen) {
            s[k].user = (int32_t)base_below(&s[k].stream, (uint32_t)run->model->users);
            __builtin_prefetch(log->matrix->start + s[k].user);
        } else {
            s[k].at = draw_permuted(first + k, samples, order);
            if (run->row_ends) s[k].at = row_weights_find(run, s[k].at);
            __builtin_prefetch(run->user_of + s[k].at);
            __builtin_prefetch(log->matrix->index + s[k].at);
        }
    }
    for (int k = 0; k < n; k++) {
        if (chosen) { /* alike among those with interactions */
            while (log->matrix->start[s[k].user + 1] == log->matrix->start[s[k].user])
                s[k].user = (int32_t)base_below(&s[k].stream, (uint32_t)run->model->users);
            const int32_t *items = log->matrix->index + log->matrix->start[s[k].user];
            __builtin_prefetch(items);
            __builtin_prefetch(items + 16);
        } else {
            s[k].user = run->user_of[s[k].at];
            s[k].item = log->matrix->index[s[k].at];
        }
    }
}

/* Negative m of each sample, into the batch behind its positive. */
static void put_negatives(train_run *run, const sampler_sample *s, int n, int64_t m, const draw_edges *batch, int64_t edge)
{
    const bool scored = draw_scores(run);
    const int64_t each = draw_edges_each(run);
    for (int k = 0; k < n; k++) {
        const int32_t user = s[k].user, j = s[k].negative, item = j < 0 ? s[k].item : j;
        const bool unseen = !run->any_negative || matrix_find(run->log->matrix, user, j) < 0;
        const float scale = j < 0 ? 0 : unseen ? s[k].weight : s[k].weight * (1 - item_weights(run, j).positive_target);
        if (!run->method->pair) {
            const method_weights v = dislikes_weigh(run, user, item);
            put(batch, edge + k * each + 1 + m, user, item, v.negative_target,
                scale * (run->negative_scale ? run->negative_scale[user] : 1) * v.negative_weight);
            continue;
        }
        const int64_t at = edge + k * each + 2 * m;
        put(batch, at, user, s[k].item, 1, scale * run->positive_scale * positive_weights(run, s[k].at).positive_weight);
        put(batch, at + 1, user, item, 0, 0);
        if (!scored) continue;
        batch->score[at] = s[k].score;
        batch->score[at + 1] = s[k].negative_score;
    }
}

/* n <= SAMPLER_BLOCK samples: positives and their negatives. */
static void draw_block(train_run *run, int64_t first, int n, const draw_edges *into, int64_t edge)
{
    const bool chosen = draw_chooses(run), keeps = draw_keeps_negative(run);
    const sampler_view view = draw_view(run);
    const int64_t each = draw_edges_each(run);
    sampler_sample s[SAMPLER_BLOCK];
    draw_positives(run, first, s, n, chosen);
    if (chosen) run->positives->draw(&view, s, n);
    for (int k = 0; k < n; k++) {
        s[k].weight = 1;
        if (run->method->pair) continue;
        const method_weights w = positive_weights(run, s[k].at);
        put(into, edge + k * each, s[k].user, s[k].item, w.positive_target,
            run->positive_scale * w.positive_weight);
    }
    for (int64_t m = 0; m < run->options.negatives; m++) {
        if (run->sampler->search)
            run->sampler->search(&view, s, n);
        else
            for (int k = 0; k < n && !(keeps && m == 0); k++)
                s[k].negative = sampler_negative(&view, s[k].user, &s[k].stream);
        put_negatives(run, s, n, m, into, edge);
    }
}

void draw_batch(train_run *run, const member *me, int64_t first, int64_t count, const draw_edges *into)
{
    const int64_t each = draw_edges_each(run), from = team_bound(me, count, me->index), to = team_bound(me, count, me->index + 1);
    if (run->all_pairs) {
        const uint64_t order = base_stream_key(run->options.seed, BASE_FOR_ORDER, (uint64_t)run->epoch, 0).state;
        const int64_t pairs = draw_samples(run);
        for (int64_t k = from; k < to; k++) draw_any(run, draw_permuted(first + k, pairs, order), into, k);
        return;
    }
    for (int64_t k = from; k < to && !base_stopped(&run->watch); k += SAMPLER_BLOCK) {
        draw_block(run, first + k, (int)(to - k < SAMPLER_BLOCK ? to - k : SAMPLER_BLOCK), into, k * each);
        if (me->index == 0) base_worked(&run->watch, SAMPLER_BLOCK * each * (int64_t)run->model->stride);
    }
}

/* As many samples for each user, but for one by chance: users count alike, as where each sample's user is drawn. */
bool draw_choose(train_run *run, int threads, uint16_t *times)
{
    const positive_sampler *positives = run->positives;
    const sampler_view view = draw_view(run);
    const int64_t users = view.users, nnz = run->log->matrix->nnz, *start = run->log->matrix->start;
    int64_t active = 0;
    for (int64_t u = 0; u < users; u++) active += start[u + 1] > start[u];
    const double mean = (double)nnz / (double)(active ? active : 1);
    bool failed = false;
    memset(times, 0, (size_t)nnz * sizeof *times);
#pragma omp parallel num_threads(base_team(threads)) reduction(|| : failed)
    {
        void *work = positives->work_new ? positives->work_new(&view) : NULL;
        failed = positives->work_new && !work;
#pragma omp for schedule(dynamic, 64)
        for (int64_t u = 0; u < users; u++) {
            if (failed || start[u + 1] == start[u] || base_stopped(&run->watch)) continue;
            base_stream stream = base_stream_key(run->options.seed, BASE_FOR_SAMPLE, (uint64_t)run->epoch, (uint64_t)u);
            const int64_t samples = (int64_t)(mean + base_uniform(&stream));
            positives->choose(&view, work, (int32_t)u, samples, &stream, times);
            if (omp_get_thread_num() == 0) base_worked(&run->watch, samples * CHOICE);
        }
        if (work) positives->work_free(work);
    }
    return !failed;
}
