/* Alternating ridge regressions: all users with the items held, then all items with the users held.
 *
 * Rows of a side are independent: they are solved in groups of sixteen (kernel/ridge.h), groups in parallel. A group
 * takes some factors at a time (a block; iALS++: Rendle, Krichene, Zhang, Koren, 2021), keeping the scores of its pairs
 * up to date in between. With blocks of b factors, half an epoch costs d (b/2 + 2) multiplications per pair and
 * d (b²/6 + d) per row; with b = d these are d²/2 and d³/6. Two kinds of regressions, as method/als.h says:
 *   sparse  the pairs are the row's interactions and dislikes, all others come in through the Gram matrix G = α Σ q q'
 *   dense   the pairs are all rows of the other side, their weights inferred from their scores first (ExpoMF)
 * Sums run in an order fixed by the data: the same bits for any number of threads, and on any processor, which a BLAS
 * would not give. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/threads.h"
#include "base/watch.h"
#include "train/als.h"
#include "train/als_group.h"
#include "train/estimate.h"
#include "train/gram.h"

enum { WEIGHTS, TARGETS }; /* of als_solver.values */

/* ------------------------------------------------------------------ Gram matrices */

/* Tile (a, b) of α Σ q q'. */
static void put_tile(const als_solver *s, const als_side *side, size_t a, size_t b, const kernel_ridge *kernel)
{
    double sum[GRAM_TILE];
    gram_tile(side->rows, side->count, s->stride, (size_t[2]){a, b}, kernel, sum);
    for (size_t i = 0; i < RIDGE_LANES; i++)
        for (size_t j = 0; j < RIDGE_LANES; j++) {
            const float value = (float)(s->unobserved * sum[i * RIDGE_LANES + j]);
            side->gram[(a + i) * s->stride + b + j] = value;
            side->gram[(b + j) * s->stride + a + i] = value;
        }
}

static void gram(const als_solver *s, const als_side *side, const kernel_ridge *kernel, int threads)
{
    const int64_t chunks = (int64_t)(s->stride / RIDGE_LANES), tiles = chunks * (chunks + 1) / 2;
#pragma omp parallel for num_threads(base_team(threads)) schedule(dynamic, 1)
    for (int64_t t = 0; t < tiles; t++) {
        int64_t a = 0, b = t;
        while (b > a) b -= ++a; /* t = a (a + 1) / 2 + b */
        if (base_stopped(s->watch)) continue;
        put_tile(s, side, (size_t)a * RIDGE_LANES, (size_t)b * RIDGE_LANES, kernel);
        als_worked(s, GRAM_TILE * side->count);
    }
}

/* α Σ over all pairs of s² = sum of the products of both sides' Gram matrices / α */
static double square_sum(const als_solver *s)
{
    double sum = 0;
    for (size_t k = 0; k < s->stride * s->stride; k++) sum += (double)s->side[0].gram[k] * (double)s->side[1].gram[k];
    return s->unobserved > 0 ? sum / s->unobserved : 0;
}

/* ------------------------------------------------------------------ half an epoch, an epoch */

static int64_t group_count(const als_side *side)
{
    return (side->count + RIDGE_LANES - 1) / RIDGE_LANES;
}

static tamis_status solve_rows(train_run *run, int side, double *loss, tamis_error *error)
{
    als_solver *s = run->state;
    const als_side *mine = &s->side[side];
    const int64_t groups = group_count(mine);
    const kernel_ridge *kernel = run->kernel->ridge;
    int threads = base_threads(run->options.threads);
    if (threads > groups) threads = (int)groups;
    bool failed = false;
    memset(s->loss, 0, (size_t)groups * sizeof *s->loss);
#pragma omp parallel num_threads(base_team(threads))
    {
        als_scratch *scratch = base_alloc_raw(1, sizeof *scratch);
        bool ready = scratch && als_scratch_new(s, mine->room, scratch);
        if (!ready) {
#pragma omp atomic write
            failed = true;
        }
#pragma omp for schedule(dynamic, 4)
        for (int64_t g = 0; g < groups; g++)
            if (ready && !base_stopped(s->watch)) als_solve_group(s, side, g, scratch, kernel, &s->loss[g]);
        if (ready) base_free(scratch->memory);
        base_free(scratch);
    }
    if (failed) return base_no_memory(error, "regressions", (size_t)mine->room, 3 * sizeof(float));
    for (int64_t g = 0; g < groups; g++) *loss += s->loss[g];
    return TAMIS_OK;
}

static tamis_status epoch(train_run *run, double rate, double *loss, int64_t *samples, tamis_error *error)
{
    als_solver *s = run->state;
    const int threads = base_threads(run->options.threads);
    (void)rate;
    for (int side = 0; side < 2; side++) {
        if (run->freeze == (side ? TAMIS_FREEZE_ITEMS : TAMIS_FREEZE_USERS)) continue;
        if (s->side[!side].gram && (side || !s->grammed)) gram(s, &s->side[!side], run->kernel->ridge, threads);
        tamis_status status = solve_rows(run, side, loss, error);
        if (status || base_stopped(s->watch)) return status;
    }
    if (s->side[1].gram) { /* the next epoch's users need it too */
        gram(s, &s->side[1], run->kernel->ridge, threads);
        *loss += square_sum(s);
        s->grammed = true;
    }
    *samples = s->prior ? s->side[0].count * s->side[1].count : run->log->matrix->nnz;
    return TAMIS_OK;
}

/* ------------------------------------------------------------------ start and end */

/* The most interactions that one group of rows has. */
static int64_t group_room(const int64_t *start, int64_t rows)
{
    int64_t most = 0;
    for (int64_t r = 0; r < rows; r += RIDGE_LANES) {
        const int64_t end = r + RIDGE_LANES < rows ? r + RIDGE_LANES : rows, n = start[end] - start[r];
        if (n > most) most = n;
    }
    return most;
}

static bool set_lambda(als_solver *s, int side, double of_users, double of_items)
{
    als_side *mine = &s->side[side];
    const double regularization = side ? of_items : of_users;
    mine->lambda = base_alloc_raw((size_t)mine->count, sizeof *mine->lambda);
    for (int64_t r = 0; mine->lambda && r < mine->count; r++) {
        double count = mine->weight ? 0 : (double)(mine->start[r + 1] - mine->start[r]);
        for (int64_t k = mine->start[r]; mine->weight && k < mine->start[r + 1]; k++) count += (double)mine->weight[k];
        mine->lambda[r] =
            (float)(regularization * pow(count + s->unobserved * (double)s->side[!side].count, s->exponent));
    }
    return mine->lambda != NULL;
}

/* Values beside of_users, in the order of its transpose; NULL: memory. */
static float *transpose_values(const als_solver *s, const float *values)
{
    const matrix *m = s->of_users;
    int64_t *next = base_alloc_raw((size_t)m->columns, sizeof *next);
    float *out = next ? base_alloc_raw((size_t)m->nnz, sizeof *out) : NULL;
    for (int64_t i = 0; out && i < m->columns; i++) next[i] = s->of_items->start[i];
    for (int64_t k = 0; out && k < m->nnz; k++) out[next[m->index[k]]++] = values[k]; /* users ascend in both */
    base_free(next);
    return out;
}

static bool all_weigh_one(const tamis_log *log)
{
    for (int64_t k = 0; log->weight && k < log->matrix->nnz; k++)
        if (log->weight[k] != 1) return false;
    return true;
}

/* Weights and targets of interactions and dislikes. A dislike weighs 1 in all, of which it has α like every pair. */
static bool take_dislikes(const tamis_log *log, als_solver *s)
{
    const matrix *m = s->of_users;
    const float dislike = s->unobserved < 1 ? (float)(1 - s->unobserved) : 0;
    float *weight = s->values[0][WEIGHTS] = base_alloc_raw((size_t)m->nnz, sizeof *weight);
    float *target = s->values[0][TARGETS] = base_alloc_raw((size_t)m->nnz, sizeof *target);
    for (int64_t u = 0; weight && target && u < m->rows; u++)
        for (int64_t k = m->start[u]; k < m->start[u + 1]; k++) {
            const int64_t at = matrix_find(log->matrix, u, m->index[k]);
            target[k] = at >= 0;
            weight[k] = at < 0 ? dislike : log->weight ? log->weight[at] : 1;
        }
    return weight && target;
}

/* Weights and targets of both sides. */
static bool take_values(const train_run *run, als_solver *s)
{
    const float *own[2] = {all_weigh_one(run->log) ? NULL : run->log->weight, NULL};
    if (run->dislikes && !take_dislikes(run->log, s)) return false;
    for (int v = 0; v < 2; v++) {
        if (run->dislikes) own[v] = s->values[0][v];
        if (own[v] && !(s->values[1][v] = transpose_values(s, own[v]))) return false;
    }
    for (int side = 0; side < 2; side++) {
        s->side[side].weight = side ? s->values[1][WEIGHTS] : own[WEIGHTS];
        s->side[side].target = side ? s->values[1][TARGETS] : own[TARGETS];
    }
    return true;
}

static bool make_room(train_run *run, als_solver *s)
{
    const tamis_model *model = run->model;
    const bool dense = s->how->describe != NULL;
    s->of_users = run->dislikes ? matrix_unite(run->log->matrix, run->dislikes, NULL, NULL) : matrix_hold(run->log->matrix);
    if (!s->of_users || !(s->of_items = matrix_transpose(s->of_users))) return false;
    s->side[0] = (als_side){.start = s->of_users->start, .index = s->of_users->index, .rows = model->user_factors,
                              .count = model->users};
    s->side[1] = (als_side){.start = s->of_items->start, .index = s->of_items->index, .rows = model->item_factors,
                              .count = model->items};
    if (!take_values(run, s)) return false;
    int64_t groups = 0;
    for (int side = 0; side < 2; side++) {
        als_side *mine = &s->side[side];
        mine->room = dense ? RIDGE_LANES * s->side[!side].count : group_room(mine->start, mine->count);
        if (group_count(mine) > groups) groups = group_count(mine);
        if (!set_lambda(s, side, run->factors[0].user_regularization, run->factors[0].item_regularization)) return false;
        if (!dense && !(mine->gram = base_alloc(s->stride * s->stride, sizeof(float)))) return false;
    }
    if (dense && !(s->prior = base_alloc_raw((size_t)model->items, sizeof(float)))) return false;
    for (int64_t i = 0; dense && i < model->items; i++) s->prior[i] = (float)s->exposure.start;
    s->loss = base_alloc((size_t)groups, sizeof *s->loss);
    return s->loss != NULL;
}

static size_t block_of(const method_als *how, const tamis_parameter *param, size_t stride)
{
    const size_t block = ((size_t)how->block(param) + RIDGE_LANES - 1) / RIDGE_LANES * RIDGE_LANES;
    return block && block < stride ? block : stride;
}

static tamis_status open(train_run *run, tamis_error *error)
{
    const tamis_parameter *param = run->options.param;
    const method_als *how = run->method->family;
    const size_t stride = run->model->stride;
    als_solver *s = base_alloc(1, sizeof *s);
    run->state = s;
    if (!s) return base_no_memory(error, "regressions", 1, sizeof *s);
    s->how = how;
    s->watch = &run->watch;
    s->stride = stride;
    s->unobserved = how->unobserved ? how->unobserved(param) : 0;
    s->exponent = how->exponent ? how->exponent(param) : 0;
    s->block = block_of(how, param, stride);
    if (how->describe) how->describe(param, &s->exposure);
    if (!make_room(run, s))
        return base_no_memory(error, "regressions", (size_t)tamis_log_interactions(run->log), sizeof(int32_t));
    return TAMIS_OK;
}

/* The most pairs that one group of items has; all, if memory for counting ends. */
static int64_t item_room(const tamis_log *log)
{
    int64_t *start = base_alloc((size_t)log->items + 1, sizeof *start);
    if (!start) return log->matrix->nnz;
    for (int64_t k = 0; k < log->matrix->nnz; k++) start[log->matrix->index[k] + 1]++;
    for (int64_t i = 0; i < log->items; i++) start[i + 1] += start[i];
    const int64_t most = group_room(start, log->items);
    base_free(start);
    return most;
}

static void takes(const train_plan *plan, estimate *e)
{
    const tamis_log *log = plan->log;
    const method_als *how = plan->method->family;
    const bool dense = how->describe != NULL;
    const double users = (double)plan->users, items = (double)plan->items, pairs = (double)(plan->interactions + plan->dislikes);
    const size_t stride = plan->stride[0], block = block_of(how, plan->options->param, stride);
    estimate_keep(e, "the log by items", (items + 1) * sizeof(int64_t) + pairs * sizeof(int32_t));
    if (plan->dislikes) estimate_keep(e, "dislikes", (users + 1) * sizeof(int64_t) + pairs * (sizeof(int32_t) + 4 * sizeof(float)));
    else if (log->weight || plan->options->distrust > 0) estimate_keep(e, "weights", pairs * sizeof(float));
    estimate_keep(e, "regressions", (users + items) * sizeof(float) + fmax(users, items) / RIDGE_LANES * sizeof(double));
    if (dense)
        estimate_remember(e, "regressions", items * sizeof(float));
    else
        estimate_keep(e, "regressions", 2 * (double)(stride * stride) * sizeof(float));
    const int64_t longest = plan->users > plan->items ? plan->users : plan->items;
    int64_t room = RIDGE_LANES * longest;
    if (!dense) {
        const int64_t of_users = group_room(log->matrix->start, log->users);
        const int64_t of_items = item_room(log);
        room = (of_users > of_items ? of_users : of_items) + plan->dislikes;
    }
    estimate_work(e, "an epoch", plan->threads * als_scratch_bytes(block, stride, room));
}

static void close(train_run *run)
{
    als_solver *s = run->state;
    if (!s) return;
    for (int side = 0; side < 2; side++) {
        base_free(s->side[side].lambda);
        base_free(s->side[side].gram);
        base_free(s->values[side][WEIGHTS]);
        base_free(s->values[side][TARGETS]);
    }
    matrix_drop(s->of_users);
    matrix_drop(s->of_items);
    base_free(s->prior);
    base_free(s->loss);
    base_free(s);
    run->state = NULL;
}

/* Gram matrices are made again from the factors. */
static void memory(train_run *run, parameters *list)
{
    als_solver *s = run->state;
    const parameter prior = {"exposure_prior", PARAMETER_OF_ITEMS, s->side[1].count, 1, 1, &s->prior};
    if (s->prior) parameters_add(list, &prior);
}

const trainer trainer_als = {.dislikes = true, .decays = true, .open = open, .epoch = epoch, .close = close, .memory = memory, .takes = takes};
