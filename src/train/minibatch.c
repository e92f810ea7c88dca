/* Training in batches: every score of a batch is taken with the parameters from before it, then each row that occurs is
 * updated once. For the optimisers that need whole gradients (AdaGrad, Adam), for samplers that look at scores (WARP, and
 * PLD in batches), and for losses that look at a batch (T-CE, MF-DU).
 *
 * A sample becomes edges (user, item, coefficient): a pair (u, i, j) gives (u, i, g) and (u, j, -g), a point (u, i) gives
 * (u, i, g), with g = -dL/ds. The gradient of p_u is then the sum of g q_i over u's edges, and that of q_i the sum of g p_u.
 *
 *   sgd        Θ += η (Σ gradient - λ Θ)              all rows, every batch (Yu, Qin, SIGIR 2020)
 *   lazy-sgd   Θ <- (1 - η λ)^n Θ + η Σ gradient      only rows in the batch, n: samples that the row is in. Updates after
 *                                                  each sample, all from the scores before the batch
 *   adagrad    only rows in the batch, mean gradient  (Duchi, Hazan, Singer, JMLR 2011)
 *   adam       all rows, mean gradient                (Kingma, Ba, ICLR 2015; decoupled decay: Loshchilov, Hutter, ICLR 2019)
 *   lazy-adam  the same on rows in the batch only
 *
 * Random streams are keyed by (seed, epoch, sample) and sums run in the order of the batch: the same bits for any number
 * of threads. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/threads.h"
#include "base/watch.h"
#include "kernel/prefetch.h"
#include "train/draw.h"
#include "train/estimate.h"
#include "train/minibatch.h"

enum { PIECE = 256 }; /* edges scored in one go; whole vectors, and even, so that pairs stay together */
enum { AHEAD = 4 };   /* rows asked for before they are used */

/* ------------------------------------------------------------------ what optimisers differ in */

static minibatch *minibatch_of(const train_run *run)
{
    return run->state;
}

static bool updates_all_rows(const tamis_train_options *o)
{
    return o->optimizer == TAMIS_OPTIMIZER_SGD || o->optimizer == TAMIS_OPTIMIZER_ADAM;
}

static bool sums_gradients(const tamis_train_options *o)
{
    return o->optimizer == TAMIS_OPTIMIZER_SGD || o->optimizer == TAMIS_OPTIMIZER_LAZY_SGD;
}

/* The L2 weight of a row for the samples that it is in. each: edges of a sample that share the row. */
static kernel_step step_of_row(const train_run *run, const edge_groups *g, int32_t s, int each, kernel_step c)
{
    if (run->options.optimizer != TAMIS_OPTIMIZER_LAZY_SGD || !(c.regularization > 0)) return c;
    const int32_t samples = (g->start[s + 1] - g->start[s]) / each;
    const double once = 1 - (double)(c.rate * c.regularization);
    if (samples == 1) return c;
    c.regularization = (float)((1 - pow(once > 0 ? once : 0, (double)samples)) / (double)c.rate);
    return c;
}

/* ------------------------------------------------------------------------------- a batch */

static void take_scores(train_run *run, int64_t from, int64_t to)
{
    minibatch *b = minibatch_of(run);
    for (int h = 0; h < run->factorisations; h++) {
        const train_factors *factors = &run->factors[h];
        run->kernel->scores(factors->user, b->user + from, factors->item, b->item + from, to - from, factors->stride,
                              b->score[h] + from);
    }
    for (int64_t k = from; k < to && run->model->item_bias; k++) b->score[0][k] += run->model->item_bias[b->item[k]];
}

/* Gradients of pairs, which stand in edges k and k + 1. */
static void pair_gradients(train_run *run, int64_t from, int64_t to)
{
    minibatch *b = minibatch_of(run);
    _Alignas(64) float x[PIECE / 2 + 16], loss[PIECE / 2 + 16];
    const int64_t n = (to - from) / 2, padded = BASE_PADDED(n);
    for (int64_t k = 0; k < n; k++) x[k] = b->score[0][from + 2 * k] - b->score[0][from + 2 * k + 1];
    for (int64_t k = n; k < padded; k++) x[k] = 0;
    if (run->method->pair == kernel_logistic_pair) {
        run->kernel->logistic_pairs(x, loss, padded);
    } else {
        for (int64_t k = 0; k < n; k++) {
            const int64_t at = from + 2 * k;
            const kernel_sample sample = {x[k], 1, b->user[at], b->item[at], b->item[at + 1]};
            double term = 0;
            x[k] = run->method->pair(run->context, &sample, &term);
            loss[k] = (float)term;
        }
    }
    for (int64_t k = 0; k < n; k++) {
        b->gradient[0][from + 2 * k] = x[k];
        b->gradient[0][from + 2 * k + 1] = -x[k];
        b->loss[from + 2 * k] = loss[k];
        b->loss[from + 2 * k + 1] = 0;
    }
}

static void point_gradients(train_run *run, int64_t from, int64_t to)
{
    minibatch *b = minibatch_of(run);
    if (run->method->point == kernel_logistic_point) { /* the arrays have room for whole vectors, and start in them */
        memcpy(b->gradient[0] + from, b->score[0] + from, (size_t)(to - from) * sizeof(float));
        run->kernel->logistic_points(b->gradient[0] + from, b->target + from, b->loss + from, BASE_PADDED(to - from));
        return;
    }
    if (run->method->two_scores) {
        float *const score[METHOD_FACTORISATIONS] = {b->score[0] + from, b->score[1] + from};
        float *const gradient[METHOD_FACTORISATIONS] = {b->gradient[0] + from, b->gradient[1] + from};
        run->method->two_scores(run->context, run->kernel, BASE_PADDED(to - from), score, b->target + from, gradient,
                             b->loss + from);
        return;
    }
    for (int64_t k = from; k < to; k++) {
        const kernel_sample sample = {b->score[0][k], b->target[k], b->user[k], b->item[k], -1};
        double loss = 0;
        b->gradient[0][k] = run->method->point(run->context, &sample, &loss);
        b->loss[k] = (float)loss;
    }
}

static void take_gradients(train_run *run, int64_t from, int64_t to)
{
    if (run->method->pair)
        pair_gradients(run, from, to);
    else
        point_gradients(run, from, to);
}

/* Scores and gradients of edges from .. to - 1. */
static void score_edges(train_run *run, int64_t from, int64_t to)
{
    if (!draw_scores(run)) take_scores(run, from, to);
    take_gradients(run, from, to);
}

void minibatch_gradients(train_run *run, int64_t edges)
{
    for (int64_t k = 0; k < edges; k += PIECE) take_gradients(run, k, k + PIECE < edges ? k + PIECE : edges);
}

void minibatch_score(train_run *run, int64_t edges)
{
    for (int64_t k = 0; k < edges; k += PIECE) score_edges(run, k, k + PIECE < edges ? k + PIECE : edges);
}

double minibatch_weigh(train_run *run, int64_t edges, float scale)
{
    minibatch *b = minibatch_of(run);
    const method *m = run->method;
    double sum = 0;
    if (m->batch) m->batch(run->options.param, run->step, edges, b->loss, b->target, b->weight);
    for (int64_t k = 0; k < edges; k++) {
        float weight = m->pair ? b->weight[k & ~INT64_C(1)] : b->weight[k];
        sum += (double)(weight * b->loss[k]);
        for (int h = 0; h < run->factorisations; h++) b->gradient[h][k] *= weight * scale;
    }
    return sum;
}

/* The gradient of row r of one side into gradient[]; the row of zeros when it is not in the batch. */
static const float *row_gradient(const train_run *run, const edge_groups *g, int32_t s, int h, bool user, float *gradient)
{
    const train_factors *factors = &run->factors[h];
    const float *rows = user ? factors->item : factors->user;
    if (s < 0) return minibatch_of(run)->zero;
    for (int32_t e = g->start[s] + AHEAD; e < g->start[s + 1] + AHEAD && e < g->start[g->slots]; e++)
        prefetch_row(rows + (size_t)g->other[e] * factors->stride, factors->stride);
    run->kernel->combine(rows, g->other + g->start[s], g->weight[h] + g->start[s],
                           g->start[s + 1] - g->start[s], factors->stride, gradient);
    return gradient;
}

static void step_users(train_run *run, const member *me, double rate, int h, float *gradient)
{
    const minibatch *b = minibatch_of(run);
    const train_factors *factors = &run->factors[h];
    const kernel_step c = optimizer_constants(&run->options, rate, factors->user_regularization, run->step);
    const bool all = updates_all_rows(&run->options);
    TEAM_FOR(me, k, all ? run->model->users : b->by_user.slots) {
        int64_t r = all ? k : b->by_user.row[k];
        const float *g = row_gradient(run, &b->by_user, b->by_user.slot[r], h, true, gradient);
        size_t at = (size_t)r * factors->stride;
        if (!all && k + AHEAD < b->by_user.slots)
            prefetch_row(factors->user + (size_t)b->by_user.row[k + AHEAD] * factors->stride, factors->stride);
        const kernel_step step = step_of_row(run, &b->by_user, b->by_user.slot[r], run->method->pair ? 2 : 1, c);
        optimizer_step_row(run, factors->user + at, &b->user_moments[h], at, factors->stride, g, &step);
    }
}

static void step_items(train_run *run, const member *me, double rate, int h)
{
    const minibatch *b = minibatch_of(run);
    const edge_groups *g = &b->by_item;
    const train_factors *factors = &run->factors[h];
    const kernel_step c = optimizer_constants(&run->options, rate, factors->item_regularization, run->step);
    const kernel_step d = optimizer_constants(&run->options, rate, run->options.bias_regularization, run->step);
    const bool all = updates_all_rows(&run->options), bias = h == 0 && run->model->item_bias;
    TEAM_FOR(me, k, all ? run->model->items : g->slots) {
        int64_t r = all ? k : g->row[k];
        int32_t s = g->slot[r];
        size_t at = (size_t)r * factors->stride;
        if (!all && k + AHEAD < g->slots) prefetch_row(factors->item + (size_t)g->row[k + AHEAD] * factors->stride, factors->stride);
        const kernel_step step = step_of_row(run, g, s, 1, c);
        optimizer_step_row(run, factors->item + at, &b->item_moments[h], at, factors->stride,
                       s < 0 ? b->zero : b->item_gradient[h] + (size_t)s * factors->stride, &step);
        if (!bias) continue;
        float sum = 0;
        for (int32_t e = s < 0 ? 0 : g->start[s]; s >= 0 && e < g->start[s + 1]; e++) sum += g->weight[0][e];
        const kernel_step own_bias = step_of_row(run, g, s, 1, d);
        optimizer_step_bias(&run->model->item_bias[r], &b->item_moments[0], r, sum, run->options.optimizer, &own_bias);
    }
}

/* The members' parts of the scores, and of the work that is asked about. */
static void score_all(train_run *run, const member *me, int64_t edges)
{
    const int64_t pieces = (edges + PIECE - 1) / PIECE;
    TEAM_FOR(me, k, pieces) {
        if (base_stopped(&run->watch)) return;
        score_edges(run, k * PIECE, (k + 1) * PIECE < edges ? (k + 1) * PIECE : edges);
        if (me->index == 0) base_worked(&run->watch, PIECE * (int64_t)run->model->stride);
    }
}

/* False: to stop. Until rows are stepped nothing has changed; once they are, the batch is finished. */
static bool run_batch(train_run *run, const member *me, double rate, int64_t first, int64_t samples, float *gradient,
                      double *loss)
{
    minibatch *b = minibatch_of(run);
    const int64_t edges = samples * draw_edges_each(run);
    draw_batch(run, me, first, samples, &(draw_edges){b->user, b->item, b->target, b->weight, b->score[0]});
    if (team_meet(me)) return false;
    score_all(run, me, edges);
    if (team_meet(me)) return false;
    if (me->index == 0) {
        *loss += minibatch_weigh(run, edges, sums_gradients(&run->options) ? 1 : 1 / (float)samples);
        run->step++;
    }
    team_meet(me);
    if (me->index == 0) edge_groups_fill(&b->by_user, b->user, b->item, b->gradient, edges);
    if (me->index == me->team->size - 1) edge_groups_fill(&b->by_item, b->item, b->user, b->gradient, edges);
    if (team_meet(me)) return false;
    /* item gradients first, from the users before their update; then users, from the items before theirs; then items */
    for (int h = 0; h < run->factorisations; h++) {
        const size_t stride = run->factors[h].stride;
        TEAM_FOR(me, s, base_stopped(&run->watch) ? 0 : b->by_item.slots)
        (void)row_gradient(run, &b->by_item, (int32_t)s, h, false, b->item_gradient[h] + (size_t)s * stride);
    }
    if (team_meet(me)) return false;
    for (int h = 0; h < run->factorisations && run->freeze != TAMIS_FREEZE_USERS; h++) step_users(run, me, rate, h, gradient);
    team_meet(me);
    for (int h = 0; h < run->factorisations && run->freeze != TAMIS_FREEZE_ITEMS; h++) step_items(run, me, rate, h);
    const int64_t rows = updates_all_rows(&run->options) ? run->model->users + run->model->items : 0;
    if (me->index == 0) base_worked(&run->watch, rows * (int64_t)run->model->stride);
    return !team_meet(me);
}

/* A batch has to be worth sharing: meeting six times costs about as much as 100,000 multiplications. */
static int useful_threads(const train_run *run)
{
    const tamis_model *model = run->model;
    const tamis_train_options *o = &run->options;
    const int64_t scored = (run->positives->scores ? run->positives->scores(o) : 0) +
                           (run->sampler->scores ? run->sampler->scores(o) : 0);
    int64_t rows = minibatch_of(run)->edges + scored * minibatch_of(run)->samples +
                   (updates_all_rows(&run->options) ? model->users + model->items : 0);
    int64_t most = rows * (int64_t)model->stride / 100000 + 1, threads = base_threads(run->options.threads);
    return (int)(threads < most ? threads : most);
}

static tamis_status epoch(train_run *run, double rate, double *loss, int64_t *samples, tamis_error *error)
{
    minibatch *b = minibatch_of(run);
    const int64_t total = draw_samples(run);
    const int threads = useful_threads(run);
    size_t widest = 0;
    for (int h = 0; h < run->factorisations; h++) widest = run->factors[h].stride > widest ? run->factors[h].stride : widest;
    float *gradients = base_alloc((size_t)threads * widest, sizeof *gradients);
    if (!gradients) return base_no_memory(error, "an epoch", (size_t)threads * widest, sizeof *gradients);
    team all = TEAM_NEW(&run->watch);
    double sum = 0;
#pragma omp parallel num_threads(base_team(threads))
    {
        const member me = team_join(&all);
        bool more = true;
        for (int64_t first = 0; first < total && more; first += b->samples)
            more = run_batch(run, &me, rate, first, total - first < b->samples ? total - first : b->samples,
                             gradients + (size_t)me.index * widest, &sum);
    }
    base_free(gradients);
    *loss = sum;
    *samples = total;
    return TAMIS_OK;
}

/* ------------------------------------------------------------------------ start and end */

static tamis_status open(train_run *run, tamis_error *error)
{
    minibatch *b = run->state = calloc(1, sizeof *b);
    if (!b) return base_no_memory(error, "training in batches", 1, sizeof *b);
    const tamis_log *log = run->log;
    const tamis_model *model = run->model;
    const int64_t nnz = log->matrix->nnz, total = draw_samples(run);
    b->samples = run->options.batch_size < total ? run->options.batch_size : total;
    b->edges = b->samples * draw_edges_each(run);
    const size_t edges = (size_t)BASE_PADDED(b->edges); /* whole vectors */
    if (b->edges > INT32_MAX)
        return base_fail(error, TAMIS_USAGE, "--batch-size times --negatives is too large: %lld edges in a batch",
                         (long long)b->edges);
    bool done = draw_fill_slots(run);
    done = (b->user = base_alloc(edges, sizeof *b->user)) && done;
    done = (b->item = base_alloc(edges, sizeof *b->item)) && done;
    done = (b->target = base_alloc(edges, sizeof *b->target)) && done;
    done = (b->weight = base_alloc(edges, sizeof *b->weight)) && done;
    done = (b->loss = base_alloc(edges, sizeof *b->loss)) && done;
    done = edge_groups_new(&b->by_user, model->users, b->edges) && done;
    done = edge_groups_new(&b->by_item, model->items, b->edges) && done;
    size_t widest = 0;
    for (int h = 0; h < run->factorisations; h++) {
        const train_factors *factors = &run->factors[h];
        const bool bias = h == 0 && model->item_bias;
        const size_t slots = edges < (size_t)model->items ? edges : (size_t)model->items;
        widest = factors->stride > widest ? factors->stride : widest;
        done = (b->score[h] = base_alloc(edges, sizeof *b->score[h])) && done;
        done = (b->gradient[h] = base_alloc(edges, sizeof *b->gradient[h])) && done;
        done = (b->item_gradient[h] = base_alloc(slots * factors->stride, sizeof(float))) && done;
        done = done && optimizer_moments_new(&b->user_moments[h], model->users, factors->stride, false, run->options.optimizer);
        done = done && optimizer_moments_new(&b->item_moments[h], model->items, factors->stride, bias, run->options.optimizer);
    }
    done = (b->zero = base_alloc(widest, sizeof *b->zero)) && done;
    done = draw_list_users(run) && done;
    if (!done) return base_no_memory(error, "training in batches", (size_t)nnz + edges * widest, sizeof(float));
    return TAMIS_OK;
}

static void takes(const train_plan *plan, estimate *e)
{
    const tamis_train_options *o = plan->options;
    const int64_t each = plan->all_pairs ? 1 : plan->method->pair ? 2 * o->negatives : 1 + o->negatives;
    const double total = plan->all_pairs ? (double)plan->users * (double)plan->items : (double)plan->interactions;
    const double samples = (double)o->batch_size < total ? (double)o->batch_size : total, edges = samples * (double)each;
    const double slots = edges < (double)plan->items ? edges : (double)plan->items;
    double widest = 0;
    draw_takes(plan, true, e);
    estimate_keep(e, "batches", edges * (5 + 2 * plan->factorisations) * 4 + edge_groups_bytes(plan->users, (int64_t)edges) +
                                    edge_groups_bytes(plan->items, (int64_t)edges));
    for (int h = 0; h < plan->factorisations; h++) {
        const size_t stride = plan->stride[h];
        widest = widest > (double)stride ? widest : (double)stride;
        estimate_keep(e, "batches", slots * (double)stride * 4);
        estimate_remember(e, "moments", optimizer_moments_bytes(plan->users, stride, false, o->optimizer) +
                                            optimizer_moments_bytes(plan->items, stride, h == 0 && plan->bias, o->optimizer));
    }
    estimate_work(e, "an epoch", plan->threads * widest * 4);
}

static void close(train_run *run)
{
    minibatch *b = minibatch_of(run);
    if (!b) return;
    void *all[] = {b->user, b->item, b->target, b->weight, b->loss, b->zero};
    for (size_t k = 0; k < BASE_COUNT(all); k++) base_free(all[k]);
    for (int h = 0; h < METHOD_FACTORISATIONS; h++) {
        base_free(b->score[h]);
        base_free(b->gradient[h]);
        base_free(b->item_gradient[h]);
        optimizer_moments_clear(&b->user_moments[h]);
        optimizer_moments_clear(&b->item_moments[h]);
    }
    edge_groups_clear(&b->by_user);
    edge_groups_clear(&b->by_item);
    free(b);
    run->state = NULL;
}

static void memory(train_run *run, parameters *list)
{
    static const optimizer_names users[METHOD_FACTORISATIONS] = {{"user_moment1", "user_moment2", NULL, NULL},
                                                           {"flip_user_moment1", "flip_user_moment2", NULL, NULL}};
    static const optimizer_names items[METHOD_FACTORISATIONS] = {
        {"item_moment1", "item_moment2", "bias_moment1", "bias_moment2"},
        {"flip_item_moment1", "flip_item_moment2", NULL, NULL}};
    static const int user_array[METHOD_FACTORISATIONS] = {MODEL_USER_FACTORS, MODEL_FLIP_USER};
    static const int item_array[METHOD_FACTORISATIONS] = {MODEL_ITEM_FACTORS, MODEL_FLIP_ITEM};
    minibatch *b = minibatch_of(run);
    const parameters arrays = model_parameters(run->model);
    for (int h = 0; h < run->factorisations; h++) {
        optimizer_moments_list(&b->user_moments[h], &users[h], &arrays.at[user_array[h]], list);
        optimizer_moments_list(&b->item_moments[h], &items[h], &arrays.at[item_array[h]], list);
    }
}

const trainer trainer_minibatch = {.steps = true, .samples = true, .dislikes = true, .decays = true,
                                   .open = open, .epoch = epoch, .close = close, .memory = memory, .takes = takes};
