/* Sixteen regressions of alternating least squares, side by side in the lanes of vectors. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/watch.h"
#include "train/als_group.h"
#include "train/gram.h"

void als_worked(const als_solver *s, int64_t work)
{
    if (omp_get_thread_num() == 0) base_worked(s->watch, work);
}

enum { ARRAYS = 8 };

static void scratch_sizes(size_t block, size_t stride, int64_t room, size_t size[ARRAYS])
{
    const size_t pairs = ((size_t)room + RIDGE_LANES) / RIDGE_LANES * RIDGE_LANES, row = block * RIDGE_LANES;
    const size_t tiles = RIDGE_LANES * ridge_tiles(block) * GRAM_TILE, triangle = (block + 1) / 2 * row + row;
    memcpy(size, (size_t[ARRAYS]){pairs, pairs, pairs, tiles, row, triangle, row, stride * RIDGE_LANES}, ARRAYS * sizeof *size);
}

double als_scratch_bytes(size_t block, size_t stride, int64_t room)
{
    size_t size[ARRAYS], total = 0;
    scratch_sizes(block, stride, room, size);
    for (size_t k = 0; k < ARRAYS; k++) total += size[k];
    return (double)total * sizeof(float) + sizeof(als_scratch);
}

bool als_scratch_new(const als_solver *s, int64_t room, als_scratch *scratch)
{
    size_t size[ARRAYS];
    scratch_sizes(s->block, s->stride, room, size);
    float **array[] = {&scratch->score, &scratch->weight, &scratch->residual, &scratch->tiles, &scratch->sums, &scratch->matrix, &scratch->gradient,
                       &scratch->point};
    size_t total = 0;
    for (size_t k = 0; k < ARRAYS; k++) total += size[k];
    float *at = scratch->memory = base_alloc_raw(total, sizeof(float));
    if (!at) return false;
    for (size_t k = 0; k < ARRAYS; k++, at += size[k - 1]) *array[k] = at;
    return true;
}

/* Sixteen rows (or what is left), their pairs and what is known of them. */
typedef struct group {
    int64_t first;
    int lanes;
    ridge_rows other[RIDGE_LANES]; /* lane's pairs */
    const float *given[RIDGE_LANES]; /* c of these; NULL: 1 each */
    const float *target[RIDGE_LANES]; /* their y; NULL: 1 each */
    float *score[RIDGE_LANES], *weight[RIDGE_LANES], *residual[RIDGE_LANES];
} group;

static void group_open(const als_solver *s, int side, int64_t number, als_scratch *scratch, group *g)
{
    const als_side *mine = &s->side[side], *other = &s->side[!side];
    g->first = number * RIDGE_LANES;
    g->lanes = (int)(mine->count - g->first < RIDGE_LANES ? mine->count - g->first : RIDGE_LANES);
    size_t at = 0;
    memset(scratch->point, 0, s->stride * RIDGE_LANES * sizeof(float));
    for (int l = 0; l < RIDGE_LANES; l++) {
        const int64_t r = g->first + l, n = l < g->lanes ? mine->start[r + 1] - mine->start[r] : 0;
        g->other[l] = (ridge_rows){other->rows, mine->index + (n ? mine->start[r] : 0), n, s->stride};
        g->given[l] = n && mine->weight ? mine->weight + mine->start[r] : NULL;
        g->target[l] = n && mine->target ? mine->target + mine->start[r] : NULL;
        if (s->prior) {
            g->other[l].index = NULL;
            g->other[l].count = l < g->lanes ? other->count : 0;
        }
        g->score[l] = scratch->score + at;
        g->weight[l] = scratch->weight + at;
        g->residual[l] = scratch->residual + at;
        at += (size_t)g->other[l].count;
        scratch->lambda[l] = l < g->lanes ? mine->lambda[r] : 1;
        const float *p = mine->rows + (size_t)(l < g->lanes ? r : 0) * s->stride;
        for (size_t f = 0; l < g->lanes && f < s->stride; f++) scratch->point[f * RIDGE_LANES + (size_t)l] = p[f];
    }
}

static float target_of(const group *g, int l, int64_t k)
{
    return g->target[l] ? g->target[l][k] : 1;
}

/* Lane l's pairs first .. first + GRAM_PIECE - 1. */
static ridge_rows piece_of(const group *g, int l, int64_t first)
{
    ridge_rows piece = g->other[l];
    if (piece.index)
        piece.index += first;
    else
        piece.rows += (size_t)first * piece.stride;
    piece.count = piece.count - first < GRAM_PIECE ? piece.count - first : GRAM_PIECE;
    return piece;
}

/* The pairs' weights from their scores, -ln of their likelihoods; for items, the new prior. */
static void infer(const als_solver *s, int side, const group *g, int l, double *loss)
{
    const als_side *mine = &s->side[side];
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
        als_exposure clicked = s->exposure;
        clicked.precision *= g->given[l] ? (double)g->given[l][k - mine->start[r]] : 1;
        g->weight[l][hit] = (float)clicked.precision;
        const float missing = 1 - target_of(g, l, k - mine->start[r]); /* (score + 1) - 1 is the residual where y = 0 */
        if (sum) *sum += s->how->surprise(&clicked, g->score[l][hit] + missing, *prior);
        at = hit + 1;
    }
    if (!side) return;
    double exposed = 0;
    for (int64_t k = 0; k < n; k++) exposed += (double)g->weight[l][k];
    for (int64_t k = mine->start[r]; g->given[l] && k < mine->start[r + 1]; k++) /* exposed once, whatever they weigh */
        exposed += s->exposure.precision - (double)g->weight[l][mine->index[k]];
    s->prior[r] = (float)s->how->prior(&s->exposure, exposed / s->exposure.precision, n);
}

/* residual = w (score - y) */
static void residuals(const als_solver *s, int side, const group *g, int l)
{
    const als_side *mine = &s->side[side];
    const int64_t r = g->first + l, n = g->other[l].count;
    const float *score = g->score[l], *weight = g->weight[l];
    float *residual = g->residual[l];
    if (!s->prior) {
        const float *given = g->given[l];
        for (int64_t k = 0; k < n; k++) residual[k] = (given ? given[k] : 1) * (score[k] - target_of(g, l, k));
        return;
    }
    for (int64_t k = 0; k < n; k++) residual[k] = weight[k] * score[k];
    for (int64_t k = mine->start[r]; k < mine->start[r + 1]; k++)
        residual[mine->index[k]] -= target_of(g, l, k - mine->start[r]) * weight[mine->index[k]];
}

/* The pairs' part of lane l's system. */
static void gather(const als_solver *s, const group *g, int l, const ridge_step *step, als_scratch *scratch,
                   const kernel_ridge *kernel)
{
    float *tiles = scratch->tiles + (size_t)l * ridge_tiles(step->width) * GRAM_TILE;
    float *sums = scratch->sums + (size_t)l * step->width;
    for (int64_t first = 0; first < g->other[l].count; first += GRAM_PIECE) {
        const ridge_rows piece = piece_of(g, l, first);
        const float *weight = s->prior ? g->weight[l] + first : g->given[l] ? g->given[l] + first : NULL;
        float *tile = tiles;
        for (size_t a = 0; a < step->width; a += RIDGE_LANES)
            for (size_t b = 0; b <= a; b += RIDGE_LANES, tile += GRAM_TILE)
                kernel->moments(&piece, weight, a == b ? g->residual[l] + first : NULL, step->at + a, step->at + b, tile,
                                sums + b);
    }
}

/* p_B -= step; the scores follow, where they are still needed. */
static void advance(const group *g, int l, const ridge_step *step, als_scratch *scratch, const kernel_ridge *kernel,
                    bool scores)
{
    for (size_t j = 0; j < step->width; j += RIDGE_LANES) {
        float *x = scratch->x;
        for (size_t k = 0; k < RIDGE_LANES; k++) {
            x[k] = -step->gradient[(j + k) * RIDGE_LANES + (size_t)l];
            scratch->point[(step->at + j + k) * RIDGE_LANES + (size_t)l] += x[k];
        }
        if (!scores) continue;
        ridge_rows rows = g->other[l];
        rows.rows += step->at + j;
        kernel->project(&rows, RIDGE_LANES, x, g->score[l]);
    }
}

void als_solve_group(const als_solver *s, int side, int64_t number, als_scratch *scratch, const kernel_ridge *kernel, double *loss)
{
    const als_side *mine = &s->side[side], *other = &s->side[!side];
    group g;
    group_open(s, side, number, scratch, &g);
    for (int l = 0; l < g.lanes; l++) {
        memset(g.score[l], 0, (size_t)g.other[l].count * sizeof(float));
        kernel->project(&g.other[l], s->stride, mine->rows + (size_t)(g.first + l) * s->stride, g.score[l]);
        if (s->prior) infer(s, side, &g, l, loss);
    }
    for (size_t at = 0; at < s->stride; at += s->block) {
        const size_t width = s->stride - at < s->block ? s->stride - at : s->block;
        const ridge_step step = {.at = at, .width = width, .stride = s->stride, .tiles = scratch->tiles,
                                 .pair_gradients = scratch->sums, .matrix = scratch->matrix, .gradient = scratch->gradient,
                                 .point = scratch->point, .gram = other->gram, .lambda = scratch->lambda};
        memset(scratch->tiles, 0, RIDGE_LANES * ridge_tiles(width) * GRAM_TILE * sizeof(float));
        memset(scratch->sums, 0, RIDGE_LANES * width * sizeof(float));
        for (int l = 0; l < g.lanes; l++) {
            if (base_stopped(s->watch)) return;
            residuals(s, side, &g, l);
            gather(s, &g, l, &step, scratch, kernel);
            als_worked(s, g.other[l].count * (int64_t)(width * (width / 2 + 2)));
        }
        kernel->step(&step);
        for (int l = 0; l < g.lanes; l++) advance(&g, l, &step, scratch, kernel, at + width < s->stride || side);
    }
    for (int l = 0; l < g.lanes; l++) {
        float *p = mine->rows + (size_t)(g.first + l) * s->stride;
        for (size_t f = 0; f < s->stride; f++) p[f] = scratch->point[f * RIDGE_LANES + (size_t)l];
        for (int64_t k = 0; !s->prior && side && k < g.other[l].count; k++) {
            const double miss = (double)g.score[l][k] - (double)target_of(&g, l, k);
            *loss += (g.given[l] ? (double)g.given[l][k] : 1) * miss * miss;
        }
    }
}
