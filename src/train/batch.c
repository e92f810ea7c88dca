/* Training in batches: every score of a batch is taken with the parameters from before it, then each row that occurs is
 * updated once. For the optimisers that need whole gradients (AdaGrad, Adam), for samplers that look at scores (WARP, and
 * PLD in batches), and for losses that look at a batch (T-CE, MF-DU).
 *
 * A sample becomes edges (user, item, coefficient): a pair (u, i, j) gives (u, i, g) and (u, j, -g), a point (u, i) gives
 * (u, i, g), with g = -dL/ds. The slope of p_u is then the sum of g q_i over u's edges, and that of q_i the sum of g p_u.
 *
 *   sgd        Θ += η (Σ slope - λ Θ)              all rows, every batch (Yu, Qin, SIGIR 2020)
 *   lazy-sgd   Θ <- (1 - η λ)^n Θ + η Σ slope      only rows in the batch, n: samples that the row is in. Updates after
 *                                                  each sample, all from the scores before the batch
 *   adagrad    only rows in the batch, mean slope  (Duchi, Hazan, Singer, JMLR 2011)
 *   adam       all rows, mean slope                (Kingma, Ba, ICLR 2015; decoupled decay: Loshchilov, Hutter, ICLR 2019)
 *   lazy-adam  the same on rows in the batch only
 *
 * Random streams are keyed by (seed, epoch, sample) and sums run in the order of the batch: the same bits for any number
 * of threads. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/batch.h"

enum { PIECE = 256 }; /* edges scored in one go; whole vectors, and even, so that pairs stay together */
enum { AHEAD = 4 };   /* rows asked for before they are used */

/* ------------------------------------------------------------------ edges, row by row */

bool train_group_new(train_group *g, int64_t rows, int64_t edges)
{
    g->slot = base_alloc_raw((size_t)rows, sizeof *g->slot);
    g->row = base_alloc_raw((size_t)edges, sizeof *g->row);
    g->start = base_alloc_raw((size_t)edges + 1, sizeof *g->start);
    g->edge_slot = base_alloc_raw((size_t)edges, sizeof *g->edge_slot);
    g->edge = base_alloc_raw((size_t)edges, sizeof *g->edge);
    g->other = base_alloc_raw((size_t)edges, sizeof *g->other);
    bool done = g->slot && g->row && g->start && g->edge_slot && g->edge && g->other;
    for (int h = 0; h < METHOD_HEADS; h++)
        done = (g->weight[h] = base_alloc_raw((size_t)edges, sizeof *g->weight[h])) && done;
    for (int64_t r = 0; done && r < rows; r++) g->slot[r] = -1;
    return done;
}

void train_group_clear(train_group *g)
{
    base_free(g->slot);
    base_free(g->row);
    base_free(g->start);
    base_free(g->edge_slot);
    base_free(g->edge);
    base_free(g->other);
    for (int h = 0; h < METHOD_HEADS; h++) base_free(g->weight[h]);
}

/* Lists, for each row among row[0..n-1], its edges in order, with the other side's row and the coefficients. */
void train_group_edges(train_group *g, const int32_t *row, const int32_t *other, float *const *slope, int64_t n)
{
    for (int32_t s = 0; s < g->slots; s++) g->slot[g->row[s]] = -1; /* of the batch before */
    g->slots = 0;
    for (int64_t k = 0; k < n; k++) {
        int32_t s = g->slot[row[k]];
        if (s < 0) {
            s = g->slots++;
            g->slot[row[k]] = s;
            g->row[s] = row[k];
            g->start[s] = 0;
        }
        g->edge_slot[k] = s;
        g->start[s]++;
    }
    int32_t at = 0;
    for (int32_t s = 0; s < g->slots; s++) {
        int32_t size = g->start[s];
        g->start[s] = at;
        at += size;
    }
    for (int64_t k = 0; k < n; k++) {
        int32_t place = g->start[g->edge_slot[k]]++;
        g->edge[place] = (int32_t)k;
        g->other[place] = other[k];
        for (int h = 0; h < METHOD_HEADS && slope[h]; h++) g->weight[h][place] = slope[h][k];
    }
    for (int32_t s = g->slots; s > 0; s--) g->start[s] = g->start[s - 1]; /* the ends were the next ones' starts */
    g->start[0] = 0;
}

/* ------------------------------------------------------------------ one step of the optimiser */

void train_step_bias(float *value, const train_moments *moments, int64_t at, float slope, int optimizer, const kernel_step *c)
{
    float g = slope - c->regularization * *value;
    if (optimizer == TAMIS_OPTIMIZER_SGD || optimizer == TAMIS_OPTIMIZER_LAZY_SGD) {
        *value += c->rate * g;
    } else if (optimizer == TAMIS_OPTIMIZER_ADAGRAD) {
        moments->bias_second[at] += g * g;
        *value += c->rate * g / (sqrtf(moments->bias_second[at]) + c->epsilon);
    } else {
        float *m = &moments->bias_first[at], *v = &moments->bias_second[at];
        *m = c->beta1 * *m + (1 - c->beta1) * g;
        *v = c->beta2 * *v + (1 - c->beta2) * g * g;
        *value = c->keep * *value + c->rate * *m / (sqrtf(*v) + c->epsilon);
    }
}

void train_step_row(const train_state *state, float *row, const train_moments *moments, size_t at, size_t stride,
                     const float *slope, const kernel_step *c)
{
    const kernel_tier *kernel = state->kernel;
    switch ((tamis_optimizer)state->options.optimizer) {
    case TAMIS_OPTIMIZER_SGD:
    case TAMIS_OPTIMIZER_LAZY_SGD: kernel->sgd(row, slope, stride, c); break;
    case TAMIS_OPTIMIZER_ADAGRAD: kernel->adagrad(row, moments->second + at, slope, stride, c); break;
    case TAMIS_OPTIMIZER_ADAM:
    case TAMIS_OPTIMIZER_LAZY_ADAM:
        kernel->adam(row, moments->first + at, moments->second + at, slope, stride, c);
        break;
    }
}

static bool updates_all_rows(const tamis_train_options *o)
{
    return o->optimizer == TAMIS_OPTIMIZER_SGD || o->optimizer == TAMIS_OPTIMIZER_ADAM;
}

static bool sums_slopes(const tamis_train_options *o)
{
    return o->optimizer == TAMIS_OPTIMIZER_SGD || o->optimizer == TAMIS_OPTIMIZER_LAZY_SGD;
}

/* The L2 weight of a row for the samples that it is in. each: edges of a sample that share the row. */
static kernel_step step_of_row(const train_state *state, const train_group *g, int32_t s, int each, kernel_step c)
{
    if (state->options.optimizer != TAMIS_OPTIMIZER_LAZY_SGD || !(c.regularization > 0)) return c;
    const int32_t samples = (g->start[s + 1] - g->start[s]) / each;
    const double once = 1 - (double)(c.rate * c.regularization);
    if (samples == 1) return c;
    c.regularization = (float)((1 - pow(once > 0 ? once : 0, (double)samples)) / (double)c.rate);
    return c;
}

/* The constants of step t = 1, 2, ... for one role. */
kernel_step train_step_constants(const tamis_train_options *o, double rate, double regularization, int64_t t)
{
    kernel_step c = {.rate = (float)rate, .regularization = (float)regularization,
                     .keep = (float)(1 - rate * o->weight_decay), .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f};
    if (o->optimizer == TAMIS_OPTIMIZER_ADAM || o->optimizer == TAMIS_OPTIMIZER_LAZY_ADAM) {
        double root = sqrt(1 - pow(0.999, (double)t));
        c.rate = (float)(rate * root / (1 - pow(0.9, (double)t)));
        c.epsilon = (float)(1e-8 * root);
    }
    return c;
}

/* ------------------------------------------------------------------------------- a batch */

static void take_scores(train_state *state, int64_t from, int64_t to)
{
    train_batch *b = train_batch_of(state);
    for (int h = 0; h < state->heads; h++) {
        const train_head *head = &state->head[h];
        state->kernel->scores(head->user, b->user + from, head->item, b->item + from, to - from, head->stride,
                              b->score[h] + from);
    }
    for (int64_t k = from; k < to && state->model->item_bias; k++) b->score[0][k] += state->model->item_bias[b->item[k]];
}

/* Slopes of pairs, which stand in edges k and k + 1. */
static void pair_slopes(train_state *state, int64_t from, int64_t to)
{
    train_batch *b = train_batch_of(state);
    _Alignas(64) float x[PIECE / 2 + 16], loss[PIECE / 2 + 16];
    const int64_t n = (to - from) / 2, padded = (n + 15) / 16 * 16;
    for (int64_t k = 0; k < n; k++) x[k] = b->score[0][from + 2 * k] - b->score[0][from + 2 * k + 1];
    for (int64_t k = n; k < padded; k++) x[k] = 0;
    if (state->method->pair == kernel_logistic_pair) {
        state->kernel->logistic_pairs(x, loss, padded);
    } else {
        for (int64_t k = 0; k < n; k++) {
            double own = 0;
            x[k] = state->method->pair(state->context, x[k], &own);
            loss[k] = (float)own;
        }
    }
    for (int64_t k = 0; k < n; k++) {
        b->slope[0][from + 2 * k] = x[k];
        b->slope[0][from + 2 * k + 1] = -x[k];
        b->loss[from + 2 * k] = loss[k];
        b->loss[from + 2 * k + 1] = 0;
    }
}

static void point_slopes(train_state *state, int64_t from, int64_t to)
{
    train_batch *b = train_batch_of(state);
    if (state->method->point == kernel_logistic_point) { /* the arrays have room for whole vectors, and start in them */
        memcpy(b->slope[0] + from, b->score[0] + from, (size_t)(to - from) * sizeof(float));
        state->kernel->logistic_points(b->slope[0] + from, b->target + from, b->loss + from, (to - from + 15) / 16 * 16);
        return;
    }
    if (state->method->heads) {
        float *const score[METHOD_HEADS] = {b->score[0] + from, b->score[1] + from};
        float *const slope[METHOD_HEADS] = {b->slope[0] + from, b->slope[1] + from};
        state->method->heads(state->context, state->kernel, (to - from + 15) / 16 * 16, score, b->target + from, slope,
                             b->loss + from);
        return;
    }
    for (int64_t k = from; k < to; k++) {
        double loss = 0;
        b->slope[0][k] = state->method->point(state->context, b->score[0][k], b->target[k], &loss);
        b->loss[k] = (float)loss;
    }
}

/* Scores and slopes of edges from .. to - 1. */
static void score_edges(train_state *state, int64_t from, int64_t to)
{
    if (!train_draw_scores(state)) take_scores(state, from, to);
    if (state->method->pair)
        pair_slopes(state, from, to);
    else
        point_slopes(state, from, to);
}

/* Applies the weights; gives the batch's summed loss. scale: 1, or 1 / samples for mean slopes. */
static double weigh_edges(train_state *state, int64_t edges, float scale)
{
    train_batch *b = train_batch_of(state);
    const method *m = state->method;
    double sum = 0;
    if (m->batch) m->batch(state->options.param, state->step, edges, b->loss, b->target, b->weight);
    for (int64_t k = 0; k < edges; k++) {
        float weight = m->pair ? b->weight[k & ~INT64_C(1)] : b->weight[k];
        sum += (double)(weight * b->loss[k]);
        for (int h = 0; h < state->heads; h++) b->slope[h][k] *= weight * scale;
    }
    return sum;
}

/* The slope of row r of one side into slope[]; the row of zeros when it is not in the batch. */
static const float *row_slope(const train_state *state, const train_group *g, int32_t s, int h, bool user, float *slope)
{
    const train_head *head = &state->head[h];
    const float *rows = user ? head->item : head->user;
    if (s < 0) return train_batch_of(state)->zero;
    for (int32_t e = g->start[s] + AHEAD; e < g->start[s + 1] + AHEAD && e < g->start[g->slots]; e++)
        train_fetch(rows + (size_t)g->other[e] * head->stride, head->stride);
    state->kernel->combine(rows, g->other + g->start[s], g->weight[h] + g->start[s],
                           g->start[s + 1] - g->start[s], head->stride, slope);
    return slope;
}

static void step_users(train_state *state, const member *me, double rate, int h, float *slope)
{
    const train_batch *b = train_batch_of(state);
    const train_head *head = &state->head[h];
    const kernel_step c = train_step_constants(&state->options, rate, head->user_regularization, state->step);
    const bool all = updates_all_rows(&state->options);
    TEAM_FOR(me, k, all ? state->model->users : b->by_user.slots) {
        int64_t r = all ? k : b->by_user.row[k];
        const float *g = row_slope(state, &b->by_user, b->by_user.slot[r], h, true, slope);
        size_t at = (size_t)r * head->stride;
        if (!all && k + AHEAD < b->by_user.slots)
            train_fetch(head->user + (size_t)b->by_user.row[k + AHEAD] * head->stride, head->stride);
        const kernel_step own = step_of_row(state, &b->by_user, b->by_user.slot[r], state->method->pair ? 2 : 1, c);
        train_step_row(state, head->user + at, &b->user_moments[h], at, head->stride, g, &own);
    }
}

static void step_items(train_state *state, const member *me, double rate, int h)
{
    const train_batch *b = train_batch_of(state);
    const train_group *g = &b->by_item;
    const train_head *head = &state->head[h];
    const kernel_step c = train_step_constants(&state->options, rate, head->item_regularization, state->step);
    const kernel_step d = train_step_constants(&state->options, rate, state->options.bias_regularization, state->step);
    const bool all = updates_all_rows(&state->options), bias = h == 0 && state->model->item_bias;
    TEAM_FOR(me, k, all ? state->model->items : g->slots) {
        int64_t r = all ? k : g->row[k];
        int32_t s = g->slot[r];
        size_t at = (size_t)r * head->stride;
        if (!all && k + AHEAD < g->slots) train_fetch(head->item + (size_t)g->row[k + AHEAD] * head->stride, head->stride);
        const kernel_step own = step_of_row(state, g, s, 1, c);
        train_step_row(state, head->item + at, &b->item_moments[h], at, head->stride,
                       s < 0 ? b->zero : b->item_slope[h] + (size_t)s * head->stride, &own);
        if (!bias) continue;
        float sum = 0;
        for (int32_t e = s < 0 ? 0 : g->start[s]; s >= 0 && e < g->start[s + 1]; e++) sum += g->weight[0][e];
        const kernel_step own_bias = step_of_row(state, g, s, 1, d);
        train_step_bias(&state->model->item_bias[r], &b->item_moments[0], r, sum, state->options.optimizer, &own_bias);
    }
}

/* The members' shares of the scores, and of the work that is asked about. */
static void score_all(train_state *state, const member *me, int64_t edges)
{
    const int64_t pieces = (edges + PIECE - 1) / PIECE;
    TEAM_FOR(me, k, pieces) {
        if (base_stopped(&state->watch)) return;
        score_edges(state, k * PIECE, (k + 1) * PIECE < edges ? (k + 1) * PIECE : edges);
        if (me->index == 0) base_worked(&state->watch, PIECE * (int64_t)state->model->stride);
    }
}

/* False: to stop. Until rows are stepped nothing has changed; once they are, the batch is finished. */
static bool run_batch(train_state *state, const member *me, double rate, int64_t first, int64_t samples, float *slope,
                      double *loss)
{
    train_batch *b = train_batch_of(state);
    const int64_t edges = samples * train_draw_edges(state);
    train_draw(state, me, first, samples);
    if (team_meet(me)) return false;
    score_all(state, me, edges);
    if (team_meet(me)) return false;
    if (me->index == 0) {
        *loss += weigh_edges(state, edges, sums_slopes(&state->options) ? 1 : 1 / (float)samples);
        state->step++;
    }
    team_meet(me);
    if (me->index == 0) train_group_edges(&b->by_user, b->user, b->item, b->slope, edges);
    if (me->index == me->team->size - 1) train_group_edges(&b->by_item, b->item, b->user, b->slope, edges);
    if (team_meet(me)) return false;
    /* item slopes first, from the users before their update; then users, from the items before theirs; then items */
    for (int h = 0; h < state->heads; h++) {
        const size_t stride = state->head[h].stride;
        TEAM_FOR(me, s, base_stopped(&state->watch) ? 0 : b->by_item.slots)
        (void)row_slope(state, &b->by_item, (int32_t)s, h, false, b->item_slope[h] + (size_t)s * stride);
    }
    if (team_meet(me)) return false;
    for (int h = 0; h < state->heads; h++) step_users(state, me, rate, h, slope);
    team_meet(me);
    for (int h = 0; h < state->heads; h++) step_items(state, me, rate, h);
    const int64_t rows = updates_all_rows(&state->options) ? state->model->users + state->model->items : 0;
    if (me->index == 0) base_worked(&state->watch, rows * (int64_t)state->model->stride);
    return !team_meet(me);
}

/* A batch has to be worth sharing: meeting six times costs about as much as 100,000 multiplications. */
static int useful_threads(const train_state *state)
{
    const tamis_model *model = state->model;
    const tamis_train_options *o = &state->options;
    const int64_t scored = (state->positives->scores ? state->positives->scores(o) : 0) +
                           (state->sampler->scores ? state->sampler->scores(o) : 0);
    int64_t rows = train_batch_of(state)->edges + scored * train_batch_of(state)->samples +
                   (updates_all_rows(&state->options) ? model->users + model->items : 0);
    int64_t most = rows * (int64_t)model->stride / 100000 + 1, threads = base_threads(state->options.threads);
    return (int)(threads < most ? threads : most);
}

static tamis_status epoch(train_state *state, double rate, double *loss, int64_t *samples, tamis_error *error)
{
    train_batch *b = train_batch_of(state);
    const int64_t total = train_draw_samples(state);
    const int threads = useful_threads(state);
    size_t widest = 0;
    for (int h = 0; h < state->heads; h++) widest = state->head[h].stride > widest ? state->head[h].stride : widest;
    float *slopes = base_alloc((size_t)threads * widest, sizeof *slopes);
    if (!slopes) return base_no_memory(error, "an epoch", (size_t)threads * widest, sizeof *slopes);
    team all = TEAM_NEW(&state->watch);
    double sum = 0;
#pragma omp parallel num_threads(base_team(threads))
    {
        const member me = team_join(&all);
        bool more = true;
        for (int64_t first = 0; first < total && more; first += b->samples)
            more = run_batch(state, &me, rate, first, total - first < b->samples ? total - first : b->samples,
                             slopes + (size_t)me.index * widest, &sum);
    }
    base_free(slopes);
    *loss = sum;
    *samples = total;
    return TAMIS_OK;
}

/* ------------------------------------------------------------------------ start and end */

bool train_moments_new(train_moments *m, int64_t rows, size_t stride, bool bias, int optimizer)
{
    bool first = optimizer == TAMIS_OPTIMIZER_ADAM || optimizer == TAMIS_OPTIMIZER_LAZY_ADAM;
    bool second = first || optimizer == TAMIS_OPTIMIZER_ADAGRAD;
    size_t size = (size_t)rows * stride;
    return (!first || (m->first = base_alloc(size, sizeof *m->first))) &&
           (!second || (m->second = base_alloc(size, sizeof *m->second))) &&
           (!first || !bias || (m->bias_first = base_alloc((size_t)rows, sizeof *m->bias_first))) &&
           (!second || !bias || (m->bias_second = base_alloc((size_t)rows, sizeof *m->bias_second)));
}

void train_moments_list(train_moments *m, const train_moment_names *names, const parameter *like, parameters *list)
{
    const parameter bias = {.side = like->side, .rows = like->rows, .width = 1, .stride = 1};
    parameter own[] = {*like, *like, bias, bias};
    const char *const name[] = {names->first, names->second, names->bias_first, names->bias_second};
    float **const data[] = {&m->first, &m->second, &m->bias_first, &m->bias_second};
    for (size_t k = 0; k < BASE_COUNT(own); k++) {
        own[k].name = name[k];
        own[k].data = data[k];
        if (*data[k]) parameters_add(list, &own[k]);
    }
}

void train_moments_clear(train_moments *m)
{
    base_free(m->first);
    base_free(m->second);
    base_free(m->bias_first);
    base_free(m->bias_second);
}

static tamis_status start(train_state *state, tamis_error *error)
{
    train_batch *b = state->own = calloc(1, sizeof *b);
    if (!b) return base_no_memory(error, "training in batches", 1, sizeof *b);
    const tamis_log *log = state->log;
    const tamis_model *model = state->model;
    const int64_t nnz = log->start[log->users.count], total = train_draw_samples(state);
    b->samples = state->options.batch_size < total ? state->options.batch_size : total;
    b->edges = b->samples * train_draw_edges(state);
    const size_t edges = (size_t)(b->edges + 15) / 16 * 16; /* whole vectors */
    if (b->edges > INT32_MAX)
        return base_fail(error, TAMIS_USAGE, "--batch-size times --negatives is too large: %lld edges in a batch",
                         (long long)b->edges);
    bool done = train_fill_slots(state);
    done = (b->user = base_alloc(edges, sizeof *b->user)) && done;
    done = (b->item = base_alloc(edges, sizeof *b->item)) && done;
    done = (b->target = base_alloc(edges, sizeof *b->target)) && done;
    done = (b->weight = base_alloc(edges, sizeof *b->weight)) && done;
    done = (b->loss = base_alloc(edges, sizeof *b->loss)) && done;
    done = train_group_new(&b->by_user, model->users, b->edges) && done;
    done = train_group_new(&b->by_item, model->items, b->edges) && done;
    size_t widest = 0;
    for (int h = 0; h < state->heads; h++) {
        const train_head *head = &state->head[h];
        const bool bias = h == 0 && model->item_bias;
        const size_t slots = edges < (size_t)model->items ? edges : (size_t)model->items;
        widest = head->stride > widest ? head->stride : widest;
        done = (b->score[h] = base_alloc(edges, sizeof *b->score[h])) && done;
        done = (b->slope[h] = base_alloc(edges, sizeof *b->slope[h])) && done;
        done = (b->item_slope[h] = base_alloc(slots * head->stride, sizeof(float))) && done;
        done = done && train_moments_new(&b->user_moments[h], model->users, head->stride, false, state->options.optimizer);
        done = done && train_moments_new(&b->item_moments[h], model->items, head->stride, bias, state->options.optimizer);
    }
    done = (b->zero = base_alloc(widest, sizeof *b->zero)) && done;
    done = (b->user_of = base_alloc_raw((size_t)nnz, sizeof *b->user_of)) && done;
    if (!done) return base_no_memory(error, "training in batches", (size_t)nnz + edges * widest, sizeof(float));
    for (size_t u = 0; u < log->users.count; u++)
        for (int64_t k = log->start[u]; k < log->start[u + 1]; k++) b->user_of[k] = (int32_t)u;
    return TAMIS_OK;
}

static void clear(train_state *state)
{
    train_batch *b = train_batch_of(state);
    if (!b) return;
    void *all[] = {b->user, b->item, b->target, b->weight, b->loss, b->zero, b->user_of};
    for (size_t k = 0; k < BASE_COUNT(all); k++) base_free(all[k]);
    for (int h = 0; h < METHOD_HEADS; h++) {
        base_free(b->score[h]);
        base_free(b->slope[h]);
        base_free(b->item_slope[h]);
        train_moments_clear(&b->user_moments[h]);
        train_moments_clear(&b->item_moments[h]);
    }
    train_group_clear(&b->by_user);
    train_group_clear(&b->by_item);
    free(b);
    state->own = NULL;
}

static void memory(train_state *state, parameters *list)
{
    static const train_moment_names users[METHOD_HEADS] = {{"user_moment1", "user_moment2", NULL, NULL},
                                                           {"flip_user_moment1", "flip_user_moment2", NULL, NULL}};
    static const train_moment_names items[METHOD_HEADS] = {
        {"item_moment1", "item_moment2", "bias_moment1", "bias_moment2"},
        {"flip_item_moment1", "flip_item_moment2", NULL, NULL}};
    static const int user_array[METHOD_HEADS] = {MODEL_USER_FACTORS, MODEL_FLIP_USER};
    static const int item_array[METHOD_HEADS] = {MODEL_ITEM_FACTORS, MODEL_FLIP_ITEM};
    train_batch *b = train_batch_of(state);
    const parameters arrays = model_parameters(state->model);
    for (int h = 0; h < state->heads; h++) {
        train_moments_list(&b->user_moments[h], &users[h], &arrays.at[user_array[h]], list);
        train_moments_list(&b->item_moments[h], &items[h], &arrays.at[item_array[h]], list);
    }
}

const trainer trainer_batches = {start, epoch, clear, memory};
