/* Training on batches of positives against negatives that the whole batch shares: scores and gradients are matrix products.
 *
 * Notation: rows of a batch are its distinct users u, n_u positives each, E positives in all; û, q̂ unit vectors of user
 * and item, c_ui = û . q̂_i; M negatives j, those that are the user's own positives left out; e_uj = e^{(c_uj - 1)/τ1}
 * (<= 1, whatever τ1), Z_u = Σ_j e_uj. With the loss of method/softmax.h divided by E, its gradients (-d/d.) are
 *   a_ui = 1 / (τ1 E)                               along c_ui of a positive; pooled: times n_u e_ui / Σ_k e_uk
 *   w_u e_uj,   w_u = -n_u τ2 / (τ1 E Z_u)          along c_uj of a negative
 *   G_u = Σ_i a_ui q̂_i + w_u Σ_j e_uj q̂_j           along û,      the second term being rows of  E N
 *   H_i = Σ_u a_ui û + Σ_u w_u e_ui û               along q̂_i,    the second term being rows of  Eᵀ (w U)
 * so that the weights w enter through narrow matrices and e is written once. With item biases b_i, c_ui is û . q̂_i + b_i, and
 * the gradient along b_i is Σ_u a_ui + Σ_u w_u e_ui. Through the normalisation û = p / |p|,
 *   gradient of p = (G - (G . û) û) / |p|.
 * With dropout û is the unit vector of the factors of p that are left, and |p| their length: the others have gradient 0.
 * Every factor row is kept at length 1: it is normalised again after each step, so that the learning rate alone says how
 * far a vector turns, and p . q, by which models rank, is the cosine that was trained (plus the
 * item's bias, where there is one).
 *
 * A block of ROWS users times all negatives stays in the L2 cache. Blocks are dealt to a fixed number of groups, which add up
 * Eᵀ(wU) each for itself: who computes a group does not matter, so the bits are the same for any number of threads. */
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "base/threads.h"
#include "base/watch.h"
#include "kernel/scalar.h"
#include "train/softmax.h"

enum { ROWS = 64, AHEAD = 4, LANES = 16 /* columns of a panel */ };

/* ------------------------------------------------------------------------ the batch */

/* The member's share of the batch's positives: the interactions that stand at `first` and behind in the epoch's order. */
static void draw_positives(const train_run *run, softmax_batch *c, const member *me, int64_t first)
{
    const uint64_t order = base_stream_key(run->options.seed, BASE_FOR_ORDER, (uint64_t)run->epoch, 0).state;
    const int64_t all = run->log->matrix->start[run->model->users];
    TEAM_FOR(me, k, c->edges) {
        c->place[k] = train_permuted(first + k, all, order);
        __builtin_prefetch(&c->user_of[c->place[k]]);
        __builtin_prefetch(&run->log->matrix->index[c->place[k]]);
    }
    TEAM_FOR(me, k, c->edges) {
        c->user[k] = c->user_of[c->place[k]];
        c->item[k] = run->log->matrix->index[c->place[k]];
    }
}

static void draw_negative(const train_run *run, softmax_batch *c, int64_t j)
{
    base_stream stream = base_stream_key(run->options.seed, BASE_FOR_TILE, (uint64_t)run->step, (uint64_t)j);
    c->item[c->edges + j] = (int32_t)sampler_draw(run->slot, (uint32_t)run->model->items, &stream);
}

/* Groups of what was drawn, and what is to be known of the negatives. */
static void group_batch(softmax_batch *c, const tamis_model *model)
{
    const int64_t items = model->items;
    float *const none[METHOD_FACTORISATIONS] = {NULL};
    const int64_t n = c->edges;
    edge_groups_fill(&c->by_user, c->user, c->item, none, n);
    /* an item's other side is a row of the batch; a negative has none */
    memset(c->by_user.edge_slot + n, 0, (size_t)c->count * sizeof *c->by_user.edge_slot);
    edge_groups_fill(&c->by_item, c->item, c->by_user.edge_slot, none, n + c->count);
    memset(c->is_negative, 0, ((size_t)items / 64 + 1) * sizeof *c->is_negative);
    for (int64_t j = 0; j < c->count; j++) {
        const int32_t i = c->item[n + j];
        c->is_negative[i / 64] |= UINT64_C(1) << i % 64;
        c->lift[j] = c->offset ? c->offset[i] : 0;
    }
    const int32_t blocks = (c->by_user.slots + ROWS - 1) / ROWS;
    c->groups = blocks < SOFTMAX_GROUPS ? blocks : SOFTMAX_GROUPS;
    c->top = c->ceiling;
    if (!model->item_bias) return;
    float most = -INFINITY;
    for (int64_t j = 0; j < c->count; j++) {
        const float bias = model->item_bias[c->item[n + j]] / (float)c->terms.temperature;
        c->lift[j] += bias;
        most = bias > most ? bias : most;
    }
    c->top += (double)most;
}

/* Row u of the batch: its user's vector, or what dropout leaves of it. */
static void take_user(const train_run *run, softmax_batch *c, int64_t u)
{
    const tamis_model *model = run->model;
    const size_t stride = model->stride;
    const int32_t user = c->by_user.row[u];
    float *row = c->users + (size_t)u * stride;
    if (u + AHEAD < c->by_user.slots)
        train_fetch(model->user_factors + (size_t)c->by_user.row[u + AHEAD] * stride, stride);
    memcpy(row, model->user_factors + (size_t)user * stride, stride * sizeof *row);
    c->length[u] = 1;
    if (!(c->terms.dropout > 0)) return;
    base_stream stream = base_stream_key(run->options.seed, BASE_FOR_DROPOUT, (uint64_t)run->step, (uint64_t)user);
    const uint32_t below = (uint32_t)(c->terms.dropout * 65536); /* a draw serves four factors */
    uint64_t bits = 0;
    for (int64_t k = 0; k < model->factors; k++, bits >>= 16) {
        if (k % 4 == 0) bits = base_next(&stream);
        row[k] = (bits & 0xFFFF) < below ? 0 : row[k];
    }
    const float length = run->kernel->normalize(row, stride, row);
    c->length[u] = length > 0 ? length : 1;
}

/* Sixteen negatives' vectors, as rows and as columns. */
static void take_negatives(softmax_batch *c, const tamis_model *model, int64_t p)
{
    const size_t stride = model->stride;
    float *panel = c->panels + (size_t)p * LANES * stride;
    for (int64_t j = (p + 1) * LANES; j < (p + 2) * LANES && j < c->count; j++)
        train_fetch(model->item_factors + (size_t)c->item[c->edges + j] * stride, stride);
    for (int64_t j = p * LANES; j < (p + 1) * LANES && j < c->count; j++) {
        const float *row = model->item_factors + (size_t)c->item[c->edges + j] * stride;
        memcpy(c->negatives + (size_t)j * stride, row, stride * sizeof *row);
        for (size_t k = 0; k < stride; k++) panel[k * LANES + (size_t)(j % LANES)] = row[k];
    }
}

/* --------------------------------------------------------------------------- scores */

/* Positives of row u: its share of the loss, and the gradients a. scale: 1 / E. */
static double score_positives(train_run *run, softmax_batch *c, int32_t u, float scale)
{
    const edge_groups *g = &c->by_user;
    const size_t stride = run->model->stride;
    const int32_t from = g->start[u], to = g->start[u + 1];
    const float temperature = (float)c->terms.temperature, n = (float)(to - from), *bias = run->model->item_bias;
    double sum = 0, pool = 0;
    float most = -1;
    for (int32_t e = from; e < to; e++) {
        const float *q = run->model->item_factors + (size_t)g->other[e] * stride;
        c->score[e] = (run->kernel->dot(c->users + (size_t)u * stride, q, stride) + (bias ? bias[g->other[e]] : 0)) /
                      temperature;
        sum += (double)c->score[e];
        most = e == from || c->score[e] > most ? c->score[e] : most;
    }
    for (int32_t e = from; e < to; e++) {
        c->gradient[e] = c->terms.pooled ? scalar_exp_negative(c->score[e] - most) : 1;
        pool += (double)c->gradient[e];
    }
    for (int32_t e = from; e < to; e++) {
        c->gradient[e] *= scale / temperature * (c->terms.pooled ? n / (float)pool : 1);
        c->edge_gradient[g->edge[e]] = c->gradient[e];
    }
    return c->terms.pooled ? -(double)n * ((double)most + log(pool / (double)n)) : -sum;
}

/* Takes the user's own items out of a row of scores; how many there were. */
static int64_t mask_own(const train_run *run, const softmax_batch *c, int32_t user, float *row)
{
    const edge_groups *g = &c->by_item;
    int64_t masked = 0;
    for (int64_t k = run->log->matrix->start[user]; k < run->log->matrix->start[user + 1]; k++) {
        const int32_t i = run->log->matrix->index[k];
        if (!(c->is_negative[i / 64] >> i % 64 & 1)) continue; /* a table that stays in the nearest cache */
        const int32_t s = g->slot[i];
        for (int32_t e = g->start[s + 1]; e-- > g->start[s] && g->edge[e] >= c->edges; masked++)
            row[g->edge[e] - c->edges] = -1e30f; /* edges are in order: the negatives stand last */
    }
    return masked;
}

/* Rows from .. to - 1 against all negatives. e: ROWS x padded. first: of what adds up in push and bias_push. */
static void score_block(train_run *run, softmax_batch *c, int32_t from, int32_t to, float *e, float *push,
                        float *bias_push, bool first)
{
    const size_t d = run->model->stride, m = (size_t)c->padded;
    const int rows = to - from;
    const double t = c->terms.temperature;
    const int64_t *start = run->log->matrix->start;
    float *u = c->users + (size_t)from * d, *pushed = c->pushed + (size_t)from * d;
    for (int32_t g = c->by_user.start[from]; g < c->by_user.start[to]; g++) /* wanted once the product is done */
        for (size_t k = 0; k < d; k += 16)
            __builtin_prefetch(run->model->item_factors + (size_t)c->by_user.other[g] * d + k);
    for (int32_t r = from; r < to; r++)
        for (int64_t k = start[c->by_user.row[r]]; k < start[c->by_user.row[r] + 1]; k += 16)
            __builtin_prefetch(run->log->matrix->index + k);
    run->kernel->product(&(kernel_product){.a = u, .a_row = d, .a_step = 1, .b = c->panels, .b_panel = LANES * d,
                                             .b_step = LANES, .c = e, .c_row = m, .rows = rows, .steps = (int64_t)d,
                                             .columns = c->padded, .base = c->lift, .scale = (float)(1 / t)});
    for (int32_t r = from; r < to; r++) {
        float *row = e + (size_t)(r - from) * m;
        const int64_t masked = mask_own(run, c, c->by_user.row[r], row);
        int64_t left = c->count - masked;
        const double n = (double)(c->by_user.start[r + 1] - c->by_user.start[r]);
        const double sum = (double)run->kernel->exp_sum(row, c->padded, (float)c->top);
        if (!(sum > 0)) left = 0; /* all lie so far below the batch's largest bias that they count for nothing */
        const double loss = score_positives(run, c, r, 1 / (float)c->edges);
        float w = 0;
        for (int64_t j = c->count; j < c->padded; j++) row[j] = 0;
        c->loss[r] = 0;
        if (left > 0) { /* else the user has every item that was drawn, or so */
            c->loss[r] = loss + n * c->terms.power * (log(sum / (double)left) + c->top);
            w = (float)(-n * c->terms.power / (t * (double)c->edges * sum));
        } else {
            for (int32_t k = c->by_user.start[r]; k < c->by_user.start[r + 1]; k++)
                c->gradient[k] = c->edge_gradient[c->by_user.edge[k]] = 0;
        }
        run->kernel->combine(u, &(int32_t){r - from}, &w, 1, d, pushed + (size_t)(r - from) * d);
        c->weight[r] = w;
        if (bias_push) run->kernel->axpy(bias_push, w, row, m);
    }
    run->kernel->product(&(kernel_product){.a = e, .a_row = m, .a_step = 1, .b = c->negatives, .b_panel = LANES,
                                             .b_step = d, .c = c->user_gradient + (size_t)from * d, .c_row = d, .rows = rows,
                                             .steps = c->padded, .columns = (int64_t)d, .scale = 1});
    run->kernel->product(&(kernel_product){.a = e, .a_row = 1, .a_step = m, .b = pushed, .b_panel = LANES, .b_step = d,
                                             .c = push, .c_row = d, .rows = c->padded, .steps = rows,
                                             .columns = (int64_t)d, .base = first ? NULL : push, .base_row = d,
                                             .scale = 1});
}

static void score_group(train_run *run, softmax_batch *c, int group, float *e)
{
    const int32_t rows = c->by_user.slots, blocks = (rows + ROWS - 1) / ROWS;
    const int32_t from = blocks * group / c->groups, to = blocks * (group + 1) / c->groups;
    float *push = c->push + (size_t)group * (size_t)c->padded * run->model->stride;
    float *bias_push = c->bias_push ? c->bias_push + (size_t)group * (size_t)c->padded : NULL;
    if (bias_push) memset(bias_push, 0, (size_t)c->padded * sizeof *bias_push);
    const int64_t work = 3 * ROWS * c->padded * (int64_t)run->model->stride; /* three products */
    for (int32_t b = from; b < to && !base_stopped(&run->watch); b++) {
        score_block(run, c, b * ROWS, (b + 1) * ROWS < rows ? (b + 1) * ROWS : rows, e, push, bias_push,
                    b == from);
        if (omp_get_thread_num() == 0) base_worked(&run->watch, work);
    }
}

/* ---------------------------------------------------------------------------- steps */

static void fetch_step(float *rows, const optimizer_moments *moments, size_t at, size_t stride)
{
    train_fetch(rows + at, stride);
    if (moments->first) train_fetch(moments->first + at, stride);
    if (moments->second) train_fetch(moments->second + at, stride);
}

static void fetch_bias(float *bias, const optimizer_moments *moments, int32_t row)
{
    if (bias) __builtin_prefetch(bias + row, 1);
    if (moments->bias_first) __builtin_prefetch(moments->bias_first + row, 1);
    if (moments->bias_second) __builtin_prefetch(moments->bias_second + row, 1);
}

/* One step on a unit row along the gradient's part at a right angle to it, back to length 1. unit, length: the vector that
 * was scored, see take_user(); the row itself and 1 without dropout. */
static void step_unit(const train_run *run, float *row, const optimizer_moments *moments, size_t at, float *gradient,
                      const float *unit, float length, const kernel_step *step)
{
    const size_t stride = run->model->stride;
    run->kernel->tangent(gradient, unit, stride, 1 / length);
    optimizer_step_row(run, row, moments, at, stride, gradient, step);
    run->kernel->normalize(row, stride, row);
}

static void step_user(train_run *run, softmax_batch *c, int32_t u, float *gradient, const kernel_step *step)
{
    const tamis_model *model = run->model;
    const edge_groups *g = &c->by_user;
    const size_t stride = model->stride, at = (size_t)g->row[u] * stride;
    const float *pull = c->user_gradient + (size_t)u * stride, w = c->weight[u];
    if (u + AHEAD < g->slots)
        fetch_step(model->user_factors, &c->user_moments, (size_t)g->row[u + AHEAD] * stride, stride);
    run->kernel->combine(model->item_factors, g->other + g->start[u], c->gradient + g->start[u], g->start[u + 1] - g->start[u],
                           stride, gradient);
    run->kernel->axpy(gradient, w, pull, stride);
    step_unit(run, model->user_factors + at, &c->user_moments, at, gradient, c->users + (size_t)u * stride, c->length[u], step);
}

static void step_item(train_run *run, softmax_batch *c, int32_t s, float *gradient, const kernel_step *step,
                      const kernel_step *bias_step)
{
    const tamis_model *model = run->model;
    edge_groups *g = &c->by_item;
    const size_t stride = model->stride, at = (size_t)g->row[s] * stride;
    int32_t e = g->start[s];
    float sum = 0; /* along the bias */
    if (s + AHEAD < g->slots) {
        fetch_step(model->item_factors, &c->item_moments, (size_t)g->row[s + AHEAD] * stride, stride);
        fetch_bias(model->item_bias, &c->item_moments, g->row[s + AHEAD]);
    }
    for (; e < g->start[s + 1] && g->edge[e] < c->edges; e++)
        sum += g->weight[0][e] = c->edge_gradient[g->edge[e]];
    run->kernel->combine(c->users, g->other + g->start[s], g->weight[0] + g->start[s], e - g->start[s], stride, gradient);
    for (; e < g->start[s + 1]; e++)
        for (size_t group = 0; group < (size_t)c->groups; group++) {
            const size_t column = group * (size_t)c->padded + (size_t)(g->edge[e] - c->edges);
            run->kernel->axpy(gradient, 1, c->push + column * stride, stride);
            if (c->bias_push) sum += c->bias_push[column];
        }
    step_unit(run, model->item_factors + at, &c->item_moments, at, gradient, model->item_factors + at, 1, step);
    if (model->item_bias)
        optimizer_step_bias(&model->item_bias[g->row[s]], &c->item_moments, g->row[s], sum, run->options.optimizer, bias_step);
}

/* Called by all threads: each batch in steps, which wait for the one before. False: to stop. Until rows are stepped nothing has
 * changed; once they are, the batch is finished. */
static bool run_batch(train_run *run, softmax_batch *c, const member *me, double rate, int64_t first, float *e,
                      float *gradient)
{
    const tamis_model *model = run->model;
    draw_positives(run, c, me, first);
    TEAM_FOR(me, j, c->count) draw_negative(run, c, j);
    if (team_meet(me)) return false;
    if (me->index == 0) {
        group_batch(c, model);
        atomic_store(&c->next_group, 0);
    }
    team_meet(me);
    TEAM_FOR(me, u, c->by_user.slots) take_user(run, c, u);
    TEAM_FOR(me, p, c->padded / LANES) take_negatives(c, model, p);
    if (team_meet(me)) return false;
    for (int group; (group = atomic_fetch_add(&c->next_group, 1)) < c->groups;) score_group(run, c, group, e);
    if (team_meet(me)) return false;
    /* users first, from the items before their step; then items, from the batch's copy of the users */
    const kernel_step step = optimizer_constants(&run->options, rate, 0, run->step + 1);
    const kernel_step bias_step = optimizer_constants(&run->options, rate, run->options.bias_regularization, run->step + 1);
    TEAM_FOR(me, u, c->by_user.slots) step_user(run, c, (int32_t)u, gradient, &step);
    team_meet(me);
    TEAM_FOR(me, s, c->by_item.slots) step_item(run, c, (int32_t)s, gradient, &step, &bias_step);
    if (me->index == 0)
        for (int32_t u = 0; u < c->by_user.slots; u++) c->loss_sum += c->loss[u];
    const bool stop = team_meet(me);
    if (me->index == 0) run->step++;
    return !stop;
}

static tamis_status epoch(train_run *run, double rate, double *loss, int64_t *samples, tamis_error *error)
{
    softmax_batch *c = run->own;
    const int64_t total = run->log->matrix->start[run->model->users];
    const size_t stride = run->model->stride, own = (size_t)ROWS * (size_t)c->padded + stride;
    int threads = base_threads(run->options.threads);
    if (threads > SOFTMAX_GROUPS) threads = SOFTMAX_GROUPS;
    float *work = base_alloc_raw((size_t)threads * own, sizeof *work);
    if (!work) return base_no_memory(error, "a block of scores", (size_t)threads * own, sizeof *work);
    team all = TEAM_NEW(&run->watch);
    c->loss_sum = 0;
#pragma omp parallel num_threads(base_team(threads))
    {
        const member me = team_join(&all);
        float *e = work + (size_t)me.index * own, *gradient = e + (size_t)ROWS * (size_t)c->padded;
        bool more = true;
        for (int64_t first = 0; first < total && more; first += c->room) {
            if (me.index == 0) c->edges = total - first < c->room ? total - first : c->room;
            more = !team_meet(&me) && run_batch(run, c, &me, rate, first, e, gradient);
        }
    }
    base_free(work);
    *loss = c->loss_sum;
    *samples = total;
    return TAMIS_OK;
}

/* -------------------------------------------------------------------- start and end */

/* Items drawn with chance q_i stand for 1 / (N q_i) items each. */
static bool weigh_negatives(train_run *run, softmax_batch *c)
{
    const int64_t items = run->model->items;
    double sum = 0, most = -INFINITY;
    c->ceiling = 1 / c->terms.temperature;
    for (int64_t j = c->count; j < c->padded; j++) c->lift[j] = -1e30f;
    if (!run->sampler->weight) return true;
    if (!(c->offset = base_alloc((size_t)items, sizeof *c->offset))) return false;
    for (int64_t i = 0; i < items; i++) sum += run->sampler->weight(run->item_clicks[i], &run->options);
    for (int64_t i = 0; i < items; i++) {
        const double w = run->sampler->weight(run->item_clicks[i], &run->options);
        if (!(w > 0)) continue;
        const double lift = log(sum / ((double)items * w));
        c->offset[i] = (float)lift;
        most = lift > most ? lift : most;
    }
    if (most > 0) c->ceiling += most;
    return true;
}

static tamis_status start(train_run *run, tamis_error *error)
{
    const tamis_train_options *o = &run->options;
    const tamis_model *model = run->model;
    const tamis_log *log = run->log;
    softmax_batch *c = run->own = base_alloc(1, sizeof *c);
    if (!c) return base_no_memory(error, "training in batches", 1, sizeof *c);
    ((const softmax_family *)run->method->own)->terms(o->param, &c->terms);
    const int64_t nnz = log->matrix->nnz;
    c->room = o->batch_size < nnz ? o->batch_size : nnz;
    c->count = o->negatives;
    c->padded = (c->count + 15) / 16 * 16;
    const size_t stride = model->stride, room = (size_t)c->room, edges = room + (size_t)c->count;
    bool done = (c->user_of = matrix_rows_of(log->matrix));
    done = (c->place = base_alloc_raw(room, sizeof *c->place)) && done;
    done = (c->user = base_alloc_raw(room, sizeof *c->user)) && done;
    done = (c->item = base_alloc_raw(edges, sizeof *c->item)) && done;
    done = edge_groups_new(&c->by_user, model->users, (int64_t)edges) && done;
    done = edge_groups_new(&c->by_item, model->items, (int64_t)edges) && done;
    float **const narrow[] = {&c->score, &c->gradient, &c->edge_gradient, &c->weight, &c->length};
    for (size_t k = 0; k < BASE_COUNT(narrow); k++) done = (*narrow[k] = base_alloc(room, sizeof(float))) && done;
    float **const wide[] = {&c->users, &c->pushed, &c->user_gradient};
    for (size_t k = 0; k < BASE_COUNT(wide); k++) done = (*wide[k] = base_alloc(room * stride, sizeof(float))) && done;
    done = (c->negatives = base_alloc((size_t)c->padded * stride, sizeof(float))) && done;
    done = (c->panels = base_alloc((size_t)c->padded * stride, sizeof(float))) && done;
    done = (c->push = base_alloc(SOFTMAX_GROUPS * (size_t)c->padded * stride, sizeof(float))) && done;
    if (model->item_bias)
        done = (c->bias_push = base_alloc(SOFTMAX_GROUPS * (size_t)c->padded, sizeof(float))) && done;
    done = (c->lift = base_alloc((size_t)c->padded, sizeof *c->lift)) && done;
    done = (c->is_negative = base_alloc((size_t)model->items / 64 + 1, sizeof *c->is_negative)) && done;
    done = (c->loss = base_alloc(room, sizeof *c->loss)) && done;
    done = optimizer_moments_new(&c->user_moments, model->users, stride, false, o->optimizer) && done;
    done = optimizer_moments_new(&c->item_moments, model->items, stride, model->item_bias != NULL, o->optimizer) && done;
    if (!done || !train_fill_slots(run) || !weigh_negatives(run, c))
        return base_no_memory(error, "training in batches", edges * stride, sizeof(float));
    for (int64_t u = 0; u < model->users; u++)
        run->kernel->normalize(model->user_factors + (size_t)u * stride, stride, model->user_factors + (size_t)u * stride);
    for (int64_t i = 0; i < model->items; i++)
        run->kernel->normalize(model->item_factors + (size_t)i * stride, stride, model->item_factors + (size_t)i * stride);
    return TAMIS_OK;
}

static void clear(train_run *run)
{
    softmax_batch *c = run->own;
    if (!c) return;
    void *all[] = {c->user_of, c->place, c->user, c->item, c->score, c->gradient,
                   c->edge_gradient, c->users, c->pushed, c->user_gradient, c->weight, c->length, c->negatives, c->panels, c->push, c->bias_push, c->loss,
                   c->lift, c->offset, c->is_negative};
    for (size_t k = 0; k < BASE_COUNT(all); k++) base_free(all[k]);
    edge_groups_clear(&c->by_user);
    edge_groups_clear(&c->by_item);
    optimizer_moments_clear(&c->user_moments);
    optimizer_moments_clear(&c->item_moments);
    base_free(c);
    run->own = NULL;
}

static void memory(train_run *run, parameters *list)
{
    static const optimizer_names users = {"user_moment1", "user_moment2", NULL, NULL};
    static const optimizer_names items = {"item_moment1", "item_moment2", "bias_moment1", "bias_moment2"};
    softmax_batch *c = run->own;
    const parameters arrays = model_parameters(run->model);
    optimizer_moments_list(&c->user_moments, &users, &arrays.at[MODEL_USER_FACTORS], list);
    optimizer_moments_list(&c->item_moments, &items, &arrays.at[MODEL_ITEM_FACTORS], list);
}

const trainer trainer_softmax = {start, epoch, clear, memory};
