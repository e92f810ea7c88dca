/* Steps on a new item's factors q, the users held, by the samples and loss that the method trains with.
 *
 * Notation: U the item's users, n of them. An epoch of training would draw a samples in which it is the positive, n ρ of them or, where
 * scores stand alone, n; and about b in which it is the negative of a user who does not have it. Each step draws A samples of the first
 * kind, each with negatives as training draws them, and B of the second, each of which weighs b A / (a B):
 *   g = 1/A Σ_samples w (-dL/ds) (± p_u) - λ' q
 * λ' and the steps are those of fold_steps.c. Where a search finds negatives, the item counts in the second kind as what the search
 * would have stopped at. A second factorisation is held at its mean item. */
#include <math.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "train/draw.h"
#include "train/fold_item_steps.h"
#include "train/fold_steps.h"
#include "train/minibatch.h"
#include "train/optimizer.h"
#include "train/weigh.h"

enum { LEAST_SAMPLES = 32, MOST_SAMPLES = 1024, TRIES = 16 };

typedef struct one_item {
    const folding *f;
    const fold_row *row;
    train_run run;
    minibatch batch;
    sampler_view view;
    method_weights weights;  /* of the item */
    float bias, *q;
    float *of_user;          /* per user of the row, what it weighs as a positive; 1 in the mean */
    double positives, negatives; /* a, b */
    int64_t own, others;     /* samples of either kind in a step; A, B */
    int64_t dislikes;        /* and of users who said no */
    int32_t *mine, *zero;    /* per sample: its user in an edge with the item; 0 */
    float *score, *pull;     /* per sample: the item's score; its coefficient */
    float *gradient, *first, *second;
} one_item;

static bool alike(const one_item *o) /* users are drawn, not interactions */
{
    return draw_chooses(&o->run);
}

static base_stream stream_of(const one_item *o, int t, int64_t sample)
{
    return base_stream_key(base_mix(o->run.options.seed ^ o->row->key), BASE_FOR_SAMPLE, (uint64_t)t, (uint64_t)sample);
}

static void put(const one_item *o, int64_t edge, int32_t user, int32_t item, float target, double weight)
{
    o->batch.user[edge] = user;
    o->batch.item[edge] = item;
    o->batch.target[edge] = target;
    o->batch.weight[edge] = (float)weight;
}

/* The edge of sample k that the item is in. */
static int64_t edge_of(const one_item *o, int64_t k)
{
    return !o->run.method->pair ? k : k < o->own ? 2 * k : 2 * k + 1;
}

static void score_samples(const one_item *o, int64_t from, int64_t count)
{
    const tamis_model *m = o->run.model;
    o->run.kernel->scores(m->user_factors, o->mine + from, o->q, o->zero, count, m->stride, o->score + from);
    for (int64_t k = from; k < from + count; k++) o->score[k] += o->bias;
}

/* ------------------------------------------------------------ samples of a step */

/* Own samples first .. first + n - 1: the row's users in a random order, over and over. */
static void draw_own(const one_item *o, int t, int64_t first, int n)
{
    const bool pair = o->run.method->pair != NULL;
    const double scale = (double)o->run.positive_scale * (double)o->weights.positive_weight;
    sampler_sample s[SAMPLER_BLOCK];
    float weight[SAMPLER_BLOCK];
    for (int k = 0; k < n; k++) {
        const int64_t at = draw_permuted((t * o->own + first + k) % o->row->count, o->row->count, o->row->key);
        s[k] = (sampler_sample){.stream = stream_of(o, t, first + k), .user = o->row->index[at], .item = -1, .weight = 1};
        weight[k] = o->of_user[at];
        o->mine[first + k] = s[k].user;
    }
    if (pair) score_samples(o, first, n);
    for (int k = 0; k < n && pair; k++) s[k].score = o->score[first + k];
    if (pair && o->run.sampler->search) o->run.sampler->search(&o->view, s, n);
    for (int k = 0; k < n; k++) {
        if (!pair) {
            put(o, first + k, s[k].user, 0, o->weights.positive_target, scale * (double)weight[k]);
            continue;
        }
        if (!o->run.sampler->search) s[k].negative = sampler_negative(&o->view, s[k].user, &s[k].stream);
        const double found = s[k].negative < 0 ? 0 : (double)(s[k].weight * weight[k]);
        put(o, 2 * (first + k), s[k].user, 0, 1, scale * found);
        put(o, 2 * (first + k) + 1, s[k].user, s[k].negative < 0 ? 0 : s[k].negative, 0, 0);
    }
}

/* A user who does not have the item, all alike. False: none was met. */
static bool draw_other_user(const one_item *o, sampler_sample *s)
{
    const matrix *m = o->f->log.matrix;
    for (int tries = 0; tries < TRIES; tries++) {
        s->user = (int32_t)base_below(&s->stream, (uint32_t)m->rows);
        const int64_t n = m->start[s->user + 1] - m->start[s->user];
        if (n) s->at = m->start[s->user] + base_below(&s->stream, (uint32_t)n);
        if ((n || o->run.all_pairs) && !folding_row_has(o->row, s->user)) return true;
    }
    return false;
}

/* Such a user, and one of its positives, as training draws them. */
static bool draw_other(const one_item *o, sampler_sample *s)
{
    const matrix *m = o->f->log.matrix;
    if (o->run.all_pairs) return draw_other_user(o, s);
    if (alike(o)) {
        if (!draw_other_user(o, s)) return false;
    } else {
        s->at = folding_other(o->f, o->row, &s->stream);
        if (s->at < 0) return false;
        s->user = matrix_row_at(m, s->at);
    }
    s->item = m->index[s->at];
    return true;
}

static double weight_of_positive(const one_item *o, int32_t item)
{
    return (double)o->run.positive_scale * (o->run.weights ? (double)o->run.weights[item].positive_weight : 1);
}

/* The item as the negative of sample k; times: how often it stands for one of an epoch's, in units of own ones. */
static void put_other(const one_item *o, int64_t k, const sampler_sample *s, double times, bool certain)
{
    o->mine[k] = s->user;
    if (o->run.method->pair) {
        put(o, 2 * k, s->user, s->item, 1, times * weight_of_positive(o, s->item));
        put(o, 2 * k + 1, s->user, 0, 0, 0);
        return;
    }
    const double scale = !certain && o->run.negative_scale ? (double)o->run.negative_scale[s->user] : 1;
    put(o, k, s->user, 0, certain ? 0 : o->weights.negative_target, times * scale * (certain ? 1 : (double)o->weights.negative_weight));
}

/* Where negatives are drawn alike, but not from the user's own, the item is drawn so much more often. */
static double among_unseen(const one_item *o, int32_t user)
{
    const matrix *m = o->f->log.matrix;
    const double items = (double)m->columns + 1, own = (double)(m->start[user + 1] - m->start[user]);
    return o->run.sampler->weight || o->run.any_negative || o->run.all_pairs ? 1 : items / (items - own);
}

static void draw_others(const one_item *o, int t, int64_t first, int n)
{
    const double each = o->negatives * (double)o->own / (o->positives * (double)o->others);
    const bool search = o->run.method->pair && o->run.sampler->search;
    sampler_sample s[SAMPLER_BLOCK];
    bool met[SAMPLER_BLOCK];
    for (int k = 0; k < n; k++) {
        s[k] = (sampler_sample){.stream = stream_of(o, t, first + k), .weight = 1};
        met[k] = draw_other(o, &s[k]);
    }
    if (search) o->run.sampler->search(&o->view, s, n);
    for (int k = 0; k < n; k++) {
        const double times = search ? o->run.sampler->weight_of_another(&o->view, &s[k]) : 1;
        put_other(o, first + k, &s[k], met[k] ? each * times * among_unseen(o, s[k].user) : 0, false);
    }
}

/* Users who said no have the item among their dislikes, of which a share of their negatives are drawn, or which count for certain. */
static void draw_dislikes(const one_item *o, int t, int64_t first)
{
    const matrix *m = o->f->log.matrix, *no = o->run.dislikes;
    const double own = (double)o->own / o->positives;
    for (int64_t k = 0; k < o->dislikes; k++) {
        const int32_t u = o->row->dislike[k];
        const int64_t n = m->start[u + 1] - m->start[u];
        sampler_sample s = {.stream = stream_of(o, t, first + k), .user = u};
        if (n) s.item = m->index[m->start[u] + base_below(&s.stream, (uint32_t)n)];
        const double drawn = (double)n * (double)o->run.options.negatives * o->run.options.dislike_share /
                             (double)(1 + (no ? no->start[u + 1] - no->start[u] : 0));
        put_other(o, first + k, &s, own * (o->run.certain ? 1 : drawn), o->run.certain);
    }
}

static void draw_step(const one_item *o, int t)
{
    for (int64_t k = 0; k < o->own; k += SAMPLER_BLOCK) draw_own(o, t, k, (int)(o->own - k < SAMPLER_BLOCK ? o->own - k : SAMPLER_BLOCK));
    for (int64_t k = 0; k < o->others; k += SAMPLER_BLOCK)
        draw_others(o, t, o->own + k, (int)(o->others - k < SAMPLER_BLOCK ? o->others - k : SAMPLER_BLOCK));
    draw_dislikes(o, t, o->own + o->others);
}

/* --------------------------------------------------------------------- a step */

static void take_scores(const one_item *o, int64_t samples, int64_t edges)
{
    const tamis_model *m = o->run.model;
    score_samples(o, 0, samples);
    if (o->run.method->pair) {
        o->run.kernel->scores(m->user_factors, o->batch.user, m->item_factors, o->batch.item, edges, m->stride, o->batch.score[0]);
        for (int64_t k = 0; k < edges && m->item_bias; k++) o->batch.score[0][k] += m->item_bias[o->batch.item[k]];
    }
    for (int64_t k = 0; k < samples; k++) o->batch.score[0][edge_of(o, k)] = o->score[k];
    if (o->run.factorisations > 1)
        o->run.kernel->scores(m->flip_user, o->batch.user, o->f->item_flip, o->zero, edges, m->flip_stride, o->batch.score[1]);
}

static void step(one_item *o, double size, double regularization, int t)
{
    const tamis_model *m = o->run.model;
    const int64_t samples = o->own + o->others + o->dislikes, edges = o->run.method->pair ? 2 * samples : samples;
    const kernel_step c = folding_step(size, regularization, t, FOLD_STEPS);
    draw_step(o, t);
    take_scores(o, samples, edges);
    minibatch_gradients(&o->run, edges);
    (void)minibatch_weigh(&o->run, edges, (float)(o->positives / (double)(o->row->count * o->own)));
    for (int64_t k = 0; k < samples; k++) o->pull[k] = o->batch.gradient[0][edge_of(o, k)];
    o->run.kernel->combine(m->user_factors, o->mine, o->pull, samples, m->stride, o->gradient);
    o->run.kernel->adam(o->q, o->first, o->second, o->gradient, m->stride, &c);
}

/* ------------------------------------------------------------------------ the row */

/* What users weigh, and how many samples an epoch of training would draw. */
static void count_samples(one_item *o)
{
    const train_run *run = &o->run;
    const matrix *m = o->f->log.matrix;
    const double n = (double)o->row->count, users = (double)m->rows, interactions = (double)m->nnz, each = (double)run->options.negatives;
    const double of_item = run->sampler->weight ? run->sampler->weight(o->row->count, &run->options) : 1;
    const double all = run->sampler->weight ? o->f->drawn : (double)m->columns;
    double sum = 0, drawn = 0;
    for (int64_t k = 0; k < o->row->count; k++) {
        const int32_t u = o->row->index[k];
        const double times = alike(o) ? interactions / users / (double)(m->start[u + 1] - m->start[u] + 1) : 1;
        const double weight = times * (o->row->weight ? (double)o->row->weight[k] : 1);
        o->of_user[k] = (float)weight;
        sum += weight;
        drawn += times;
    }
    for (int64_t k = 0; k < o->row->count; k++) o->of_user[k] = (float)((double)o->of_user[k] * n / sum);
    o->positives = run->method->pair ? drawn * each : drawn;
    o->negatives = run->all_pairs ? users - n : interactions * each * of_item / (of_item + all);
}

static void set_up(const folding *f, const fold_row *row, float bias, float *q, one_item *o)
{
    const tamis_train_options *options = &f->run.options;
    o->f = f;
    o->row = row;
    o->q = q;
    o->bias = bias;
    o->run = f->run;
    o->run.state = &o->batch;
    o->run.epoch = options->epochs;
    o->run.step = INT64_MAX / 2; /* what grows over training is grown */
    o->run.factorisations = f->run.method->two_scores ? 2 : 1;
    o->run.dislikes = options->dislike_share > 0 ? f->run.model->dislikes : NULL;
    o->run.certain = options->dislike_share > 0 && (f->run.all_pairs || f->run.method->every_pair);
    o->view = draw_view(&o->run);
    o->weights = weigh_new_item(&f->run, row->count);
    const int64_t samples = row->count * (f->run.method->pair ? options->negatives : 1);
    o->own = samples < LEAST_SAMPLES ? LEAST_SAMPLES : samples < MOST_SAMPLES ? samples : MOST_SAMPLES;
    o->others = row->count < f->log.users ? o->own : 0;
    o->dislikes = options->dislike_share > 0 ? row->dislikes : 0;
}

static void *make_room(one_item *o)
{
    minibatch *b = &o->batch;
    const size_t samples = (size_t)BASE_PADDED(o->own + o->others + o->dislikes), edges = 2 * samples, stride = o->run.model->stride;
    const base_part parts[] = {{&b->target, edges}, {&b->weight, edges}, {&b->loss, edges}, {&b->score[0], edges}, {&b->score[1], edges},
                               {&b->gradient[0], edges}, {&b->gradient[1], edges}, {&b->user, edges}, {&b->item, edges},
                               {&o->zero, edges}, {&o->mine, samples}, {&o->score, samples}, {&o->pull, samples},
                               {&o->of_user, (size_t)o->row->count}, {&o->gradient, stride}, {&o->first, stride}, {&o->second, stride}};
    return base_alloc_parts(parts, BASE_COUNT(parts));
}

/* λ' of the item. */
static double regularization_of(const one_item *o)
{
    const tamis_train_options *options = &o->run.options;
    const double n = (double)o->row->count, users = (double)o->f->log.users;
    const double all = o->run.all_pairs ? users * (double)o->f->log.items : (double)o->f->log.matrix->nnz;
    const double touches = (o->positives + o->negatives) / n, touched = touches * n / all;
    if (o->run.method->pair && options->batch_size == 0)
        return (options->item_regularization * o->positives + options->negative_regularization * o->negatives) / n;
    return options->item_regularization * fold_decays(options, n / all, touched < 1 ? touched : 1, touches);
}

tamis_status fold_item_steps(const folding *f, const fold_row *row, float bias, float *q, tamis_error *error)
{
    one_item *o = base_alloc(1, sizeof *o);
    void *memory = NULL;
    if (o) {
        set_up(f, row, bias, q, o);
        memory = make_room(o);
    }
    if (memory) {
        const double size = sqrt((double)f->run.kernel->dot(q, q, f->run.model->stride) / (double)f->run.model->factors);
        count_samples(o);
        const double regularization = regularization_of(o);
        for (int t = 0; t < FOLD_STEPS; t++) step(o, size, regularization, t);
    }
    base_free(memory);
    base_free(o);
    return memory ? TAMIS_OK : base_no_memory(error, "folding in", (size_t)row->count, sizeof *q);
}
