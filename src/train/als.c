/* Alternating ridge regressions: all users with the items held, then all items with the users held.
 *
 * Rows of a side are independent: they are solved in groups of sixteen (kernel/ridge.h), groups in parallel. A group
 * takes some factors at a time (a block; iALS++: Rendle, Krichene, Zhang, Koren, 2021), keeping the scores of its pairs
 * up to date in between. With blocks of b factors, half an epoch costs d (b/2 + 2) multiplications per pair and
 * d (b²/6 + d) per row; with b = d these are d²/2 and d³/6. Two kinds of regressions, as method/als.h says:
 *   sparse  the pairs are the row's interactions, all others come in through the Gram matrix G = α Σ q q'
 *   dense   the pairs are all rows of the other side, their weights inferred from their scores first (ExpoMF)
 * Sums run in an order fixed by the data: the same bits for any number of threads, and on any processor, which a BLAS
 * would not give. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/threads.h"
#include "base/watch.h"
#include "kernel/ridge.h"
#include "method/als.h"
#include "train/train.h"

enum { LANES = RIDGE_LANES, TILE = LANES * LANES, PIECE = 1024 /* rows in cache while tiles pass */ };

typedef struct solve_side {
    const int64_t *start; /* row r's interactions: index[start[r] .. start[r + 1] - 1], ascending */
    const int32_t *index;
    float *rows;
    int64_t count, room;  /* room: most pairs in a group */
    float *lambda;        /* per row */
    float *gram;          /* α Σ over its rows; NULL: not wanted */
} solve_side;

typedef struct solver {
    const method_als *how;
    als_exposure exposure;
    solve_side side[2];   /* users, items */
    size_t stride, block;
    double unobserved, exponent, all_pairs; /* all_pairs: α Σ s² after the last half */
    matrix *of_items; /* the log's, transposed */
    bool grammed;         /* the items' Gram matrix is that of the items as they are */
    float *prior;         /* per item; NULL: weights are known */
    double *loss;         /* per group */
    base_watch *watch;
} solver;

/* Of any thread: only the one that made the call is counted. */
static void worked(const solver *s, int64_t work)
{
    if (omp_get_thread_num() == 0) base_worked(s->watch, work);
}

/* A thread's own. */
typedef struct scratch {
    _Alignas(64) float lambda[LANES];
    _Alignas(64) float x[LANES];
    float *score, *weight, *residual; /* per pair of the group */
    float *tiles, *sums, *matrix, *gradient, *point; /* see ridge_step; sums: its slopes */
    void *memory;
} scratch;

/* ------------------------------------------------------------------ Gram matrices */

/* Tile (a, b) of α Σ q q': pieces in float, their sum in double. */
static void gram_tile(const solver *s, const solve_side *side, size_t a, size_t b, const kernel_ridge *kernel)
{
    double sum[TILE] = {0};
    for (int64_t first = 0; first < side->count; first += PIECE) {
        const int64_t n = side->count - first < PIECE ? side->count - first : PIECE;
        _Alignas(64) float tile[TILE] = {0};
        const ridge_rows piece = {side->rows + (size_t)first * s->stride, NULL, n, s->stride};
        kernel->moments(&piece, NULL, NULL, a, b, tile, NULL);
        for (int k = 0; k < TILE; k++) sum[k] += (double)tile[k];
    }
    for (size_t i = 0; i < LANES; i++)
        for (size_t j = 0; j < LANES; j++) {
            const float value = (float)(s->unobserved * sum[i * LANES + j]);
            side->gram[(a + i) * s->stride + b + j] = value;
            side->gram[(b + j) * s->stride + a + i] = value;
        }
}

static void gram(const solver *s, const solve_side *side, const kernel_ridge *kernel, int threads)
{
    const int64_t chunks = (int64_t)(s->stride / LANES), tiles = chunks * (chunks + 1) / 2;
#pragma omp parallel for num_threads(base_team(threads)) schedule(dynamic, 1)
    for (int64_t t = 0; t < tiles; t++) {
        int64_t a = 0, b = t;
        while (b > a) b -= ++a; /* t = a (a + 1) / 2 + b */
        if (base_stopped(s->watch)) continue;
        gram_tile(s, side, (size_t)a * LANES, (size_t)b * LANES, kernel);
        worked(s, TILE * side->count);
    }
}

/* α Σ over all pairs of s² = sum of the products of both sides' Gram matrices / α */
static double square_sum(const solver *s)
{
    double sum = 0;
    for (size_t k = 0; k < s->stride * s->stride; k++) sum += (double)s->side[0].gram[k] * (double)s->side[1].gram[k];
    return s->unobserved > 0 ? sum / s->unobserved : 0;
}

/* ------------------------------------------------------------------ a group of rows */

/* Sixteen rows (or what is left), their pairs and what is known of them. */
typedef struct group {
    int64_t first;
    int lanes;
    ridge_rows other[LANES]; /* lane's pairs */
    float *score[LANES], *weight[LANES], *residual[LANES];
} group;

static void group_open(const solver *s, int side, int64_t number, scratch *own, group *g)
{
    const solve_side *mine = &s->side[side], *other = &s->side[!side];
    g->first = number * LANES;
    g->lanes = (int)(mine->count - g->first < LANES ? mine->count - g->first : LANES);
    size_t at = 0;
    memset(own->point, 0, s->stride * LANES * sizeof(float));
    for (int l = 0; l < LANES; l++) {
        const int64_t r = g->first + l, n = l < g->lanes ? mine->start[r + 1] - mine->start[r] : 0;
        g->other[l] = (ridge_rows){other->rows, mine->index + (n ? mine->start[r] : 0), n, s->stride};
        if (s->prior) {
            g->other[l].index = NULL;
            g->other[l].count = l < g->lanes ? other->count : 0;
        }
        g->score[l] = own->score + at;
        g->weight[l] = own->weight + at;
        g->residual[l] = own->residual + at;
        at += (size_t)g->other[l].count;
        own->lambda[l] = l < g->lanes ? mine->lambda[r] : 1;
        const float *p = mine->rows + (size_t)(l < g->lanes ? r : 0) * s->stride;
        for (size_t f = 0; l < g->lanes && f < s->stride; f++) own->point[f * LANES + (size_t)l] = p[f];
    }
}

/* Lane l's pairs first .. first + PIECE - 1. */
static ridge_rows piece_of(const group *g, int l, int64_t first)
{
    ridge_rows piece = g->other[l];
    if (piece.index)
        piece.index += first;
    else
        piece.rows += (size_t)first * piece.stride;
    piece.count = piece.count - first < PIECE ? piece.count - first : PIECE;
    return piece;
}

/* The pairs' weights from their scores, -ln of their likelihoods; for items, the new prior. */
static void infer(const solver *s, int side, const group *g, int l, double *loss)
{
    const solve_side *mine = &s->side[side];
    const int64_t r = g->first + l, n = g->other[l].count;
    const float *prior = s->prior + (side ? r : 0);
    const size_t step = side ? 0 : 1;
    double *sum = side ? loss : NULL;
    int64_t at = 0;
    for (int64_t k = mine->start[r]; k <= mine->start[r + 1]; k++) { /* the pairs before it, then itself */
        const int64_t hit = k < mine->start[r + 1] ? mine->index[k] : n;
        s->how->expect(&s->exposure, g->score[l] + at, prior + (size_t)at * step, step, hit - at, g->weight[l] + at,
                       sum);
        if (hit == n) break;
        g->weight[l][hit] = (float)s->exposure.precision;
        if (sum) *sum += s->how->surprise(&s->exposure, g->score[l][hit], *prior);
        at = hit + 1;
    }
    if (!side) return;
    double exposed = 0;
    for (int64_t k = 0; k < n; k++) exposed += (double)g->weight[l][k];
    s->prior[r] = (float)s->how->prior(&s->exposure, exposed / s->exposure.precision, n);
}

/* residual = w (score - y) */
static void residuals(const solver *s, int side, const group *g, int l)
{
    const solve_side *mine = &s->side[side];
    const int64_t r = g->first + l, n = g->other[l].count;
    const float *score = g->score[l], *weight = g->weight[l];
    float *residual = g->residual[l];
    if (!s->prior) {
        for (int64_t k = 0; k < n; k++) residual[k] = score[k] - 1.0f;
        return;
    }
    for (int64_t k = 0; k < n; k++) residual[k] = weight[k] * score[k];
    for (int64_t k = mine->start[r]; k < mine->start[r + 1]; k++) residual[mine->index[k]] -= weight[mine->index[k]];
}

/* The pairs' part of lane l's system. */
static void gather(const solver *s, const group *g, int l, const ridge_step *step, scratch *own,
                   const kernel_ridge *kernel)
{
    float *tiles = own->tiles + (size_t)l * ridge_tiles(step->width) * TILE;
    float *sums = own->sums + (size_t)l * step->width;
    for (int64_t first = 0; first < g->other[l].count; first += PIECE) {
        const ridge_rows piece = piece_of(g, l, first);
        const float *weight = s->prior ? g->weight[l] + first : NULL;
        float *tile = tiles;
        for (size_t a = 0; a < step->width; a += LANES)
            for (size_t b = 0; b <= a; b += LANES, tile += TILE)
                kernel->moments(&piece, weight, a == b ? g->residual[l] + first : NULL, step->at + a, step->at + b, tile,
                                sums + b);
    }
}

/* p_B -= step; the scores follow, where they are still needed. */
static void advance(const group *g, int l, const ridge_step *step, scratch *own, const kernel_ridge *kernel,
                    bool scores)
{
    for (size_t j = 0; j < step->width; j += LANES) {
        float *x = own->x;
        for (size_t k = 0; k < LANES; k++) {
            x[k] = -step->gradient[(j + k) * LANES + (size_t)l];
            own->point[(step->at + j + k) * LANES + (size_t)l] += x[k];
        }
        if (!scores) continue;
        ridge_rows rows = g->other[l];
        rows.rows += step->at + j;
        kernel->project(&rows, LANES, x, g->score[l]);
    }
}

/* A group that is stopped in leaves its rows as they were. */
static void solve_group(const solver *s, int side, int64_t number, scratch *own, const kernel_ridge *kernel,
                        double *loss)
{
    const solve_side *mine = &s->side[side], *other = &s->side[!side];
    group g;
    group_open(s, side, number, own, &g);
    for (int l = 0; l < g.lanes; l++) {
        memset(g.score[l], 0, (size_t)g.other[l].count * sizeof(float));
        kernel->project(&g.other[l], s->stride, mine->rows + (size_t)(g.first + l) * s->stride, g.score[l]);
        if (s->prior) infer(s, side, &g, l, loss);
    }
    for (size_t at = 0; at < s->stride; at += s->block) {
        const size_t width = s->stride - at < s->block ? s->stride - at : s->block;
        const ridge_step step = {.at = at, .width = width, .stride = s->stride, .tiles = own->tiles,
                                 .slopes = own->sums, .matrix = own->matrix, .gradient = own->gradient,
                                 .point = own->point, .gram = other->gram, .lambda = own->lambda};
        memset(own->tiles, 0, LANES * ridge_tiles(width) * TILE * sizeof(float));
        memset(own->sums, 0, LANES * width * sizeof(float));
        for (int l = 0; l < g.lanes; l++) {
            if (base_stopped(s->watch)) return;
            residuals(s, side, &g, l);
            gather(s, &g, l, &step, own, kernel);
            worked(s, g.other[l].count * (int64_t)(width * (width / 2 + 2)));
        }
        kernel->step(&step);
        for (int l = 0; l < g.lanes; l++) advance(&g, l, &step, own, kernel, at + width < s->stride || side);
    }
    for (int l = 0; l < g.lanes; l++) {
        float *p = mine->rows + (size_t)(g.first + l) * s->stride;
        for (size_t f = 0; f < s->stride; f++) p[f] = own->point[f * LANES + (size_t)l];
        for (int64_t k = 0; !s->prior && side && k < g.other[l].count; k++) {
            const double miss = (double)g.score[l][k] - 1;
            *loss += miss * miss;
        }
    }
}

/* ------------------------------------------------------------------ half an epoch, an epoch */

static bool scratch_new(const solver *s, int64_t room, scratch *own)
{
    const size_t pairs = ((size_t)room + LANES) / LANES * LANES, block = s->block * LANES;
    const size_t tiles = LANES * ridge_tiles(s->block) * TILE, triangle = (s->block + 1) / 2 * block + block;
    const size_t size[] = {pairs, pairs, pairs, tiles, block, triangle, block, s->stride * LANES};
    float **place[] = {&own->score, &own->weight, &own->residual, &own->tiles, &own->sums, &own->matrix, &own->gradient,
                       &own->point};
    size_t total = 0;
    for (size_t k = 0; k < BASE_COUNT(size); k++) total += size[k];
    float *at = own->memory = base_alloc_raw(total, sizeof(float));
    if (!at) return false;
    for (size_t k = 0; k < BASE_COUNT(size); k++, at += size[k - 1]) *place[k] = at;
    return true;
}

static int64_t group_count(const solve_side *side)
{
    return (side->count + LANES - 1) / LANES;
}

static tamis_status solve_side_rows(train_run *run, int side, double *loss, tamis_error *error)
{
    solver *s = run->own;
    const solve_side *mine = &s->side[side];
    const int64_t groups = group_count(mine);
    const kernel_ridge *kernel = run->kernel->ridge;
    int threads = base_threads(run->options.threads);
    if (threads > groups) threads = (int)groups;
    bool failed = false;
    memset(s->loss, 0, (size_t)groups * sizeof *s->loss);
#pragma omp parallel num_threads(base_team(threads))
    {
        scratch *own = base_alloc_raw(1, sizeof *own);
        bool ready = own && scratch_new(s, mine->room, own);
        if (!ready) {
#pragma omp atomic write
            failed = true;
        }
#pragma omp for schedule(dynamic, 4)
        for (int64_t g = 0; g < groups; g++)
            if (ready && !base_stopped(s->watch)) solve_group(s, side, g, own, kernel, &s->loss[g]);
        if (ready) base_free(own->memory);
        base_free(own);
    }
    if (failed) return base_no_memory(error, "regressions", (size_t)mine->room, 3 * sizeof(float));
    for (int64_t g = 0; g < groups; g++) *loss += s->loss[g];
    return TAMIS_OK;
}

static tamis_status epoch(train_run *run, double rate, double *loss, int64_t *samples, tamis_error *error)
{
    solver *s = run->own;
    const int threads = base_threads(run->options.threads);
    (void)rate;
    for (int side = 0; side < 2; side++) {
        if (s->side[!side].gram && (side || !s->grammed)) gram(s, &s->side[!side], run->kernel->ridge, threads);
        tamis_status status = solve_side_rows(run, side, loss, error);
        if (status || base_stopped(s->watch)) return status;
    }
    if (s->side[1].gram) { /* the next epoch's users need it too */
        gram(s, &s->side[1], run->kernel->ridge, threads);
        *loss += square_sum(s);
        s->grammed = true;
    }
    *samples = s->prior ? s->side[0].count * s->side[1].count : s->side[0].start[s->side[0].count];
    return TAMIS_OK;
}

/* ------------------------------------------------------------------ start and end */

/* The most pairs that one group of rows has. */
static int64_t group_room(const solve_side *mine, const solve_side *other, bool dense)
{
    int64_t most = 0;
    if (dense) return LANES * other->count;
    for (int64_t r = 0; r < mine->count; r += LANES) {
        const int64_t end = r + LANES < mine->count ? r + LANES : mine->count, n = mine->start[end] - mine->start[r];
        if (n > most) most = n;
    }
    return most;
}

static bool set_lambda(solver *s, int side, double of_users, double of_items)
{
    solve_side *mine = &s->side[side];
    const double regularization = side ? of_items : of_users;
    mine->lambda = base_alloc_raw((size_t)mine->count, sizeof *mine->lambda);
    for (int64_t r = 0; mine->lambda && r < mine->count; r++) {
        const double count = (double)(mine->start[r + 1] - mine->start[r]);
        mine->lambda[r] =
            (float)(regularization * pow(count + s->unobserved * (double)s->side[!side].count, s->exponent));
    }
    return mine->lambda != NULL;
}

static bool make_room(train_run *run, solver *s)
{
    const matrix *of_users = run->log->matrix;
    const tamis_model *model = run->model;
    const bool dense = s->how->describe != NULL;
    if (!(s->of_items = matrix_transpose(of_users))) return false;
    s->side[0] = (solve_side){.start = of_users->start, .index = of_users->index, .rows = model->user_factors,
                              .count = model->users};
    s->side[1] = (solve_side){.start = s->of_items->start, .index = s->of_items->index, .rows = model->item_factors,
                              .count = model->items};
    int64_t groups = 0;
    for (int side = 0; side < 2; side++) {
        solve_side *mine = &s->side[side];
        mine->room = group_room(mine, &s->side[!side], dense);
        if (group_count(mine) > groups) groups = group_count(mine);
        if (!set_lambda(s, side, run->factors[0].user_regularization, run->factors[0].item_regularization)) return false;
        if (!dense && !(mine->gram = base_alloc(s->stride * s->stride, sizeof(float)))) return false;
    }
    if (dense && !(s->prior = base_alloc_raw((size_t)model->items, sizeof(float)))) return false;
    for (int64_t i = 0; dense && i < model->items; i++) s->prior[i] = (float)s->exposure.start;
    s->loss = base_alloc((size_t)groups, sizeof *s->loss);
    return s->loss != NULL;
}

static tamis_status start(train_run *run, tamis_error *error)
{
    const tamis_parameter *param = run->options.param;
    const method_als *how = run->method->own;
    const size_t stride = run->model->stride;
    solver *s = base_alloc(1, sizeof *s);
    run->own = s;
    if (!s) return base_no_memory(error, "regressions", 1, sizeof *s);
    s->how = how;
    s->watch = &run->watch;
    s->stride = stride;
    s->unobserved = how->unobserved ? how->unobserved(param) : 0;
    s->exponent = how->exponent ? how->exponent(param) : 0;
    const size_t block = ((size_t)how->block(param) + LANES - 1) / LANES * LANES;
    s->block = block && block < stride ? block : stride;
    if (how->describe) how->describe(param, &s->exposure);
    if (!make_room(run, s))
        return base_no_memory(error, "regressions", (size_t)tamis_log_interactions(run->log), sizeof(int32_t));
    return TAMIS_OK;
}

static void clear(train_run *run)
{
    solver *s = run->own;
    if (!s) return;
    for (int side = 0; side < 2; side++) {
        base_free(s->side[side].lambda);
        base_free(s->side[side].gram);
    }
    matrix_drop(s->of_items);
    base_free(s->prior);
    base_free(s->loss);
    base_free(s);
    run->own = NULL;
}

/* Gram matrices are made again from the factors. */
static void memory(train_run *run, parameters *list)
{
    solver *s = run->own;
    const parameter prior = {"exposure_prior", PARAMETER_OF_ITEMS, s->side[1].count, 1, 1, &s->prior};
    if (s->prior) parameters_add(list, &prior);
}

const trainer trainer_als = {start, epoch, clear, memory};
