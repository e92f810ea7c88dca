/* The body of ridge.h, compiled once per tier by way of body.h. */
#include <stddef.h>
#include <stdint.h>

#include "kernel/lanes.h"
#include "kernel/ridge.h"

#if defined(KERNEL_AVX512) /* as many rows of a tile at once as there are registers for their sums */
enum { TILE_ROWS = 16 };
#else
enum { TILE_ROWS = 4 };
#endif

INLINE const float *ridge_row(const ridge_rows *other, int64_t k)
{
    return other->rows + (size_t)(other->index ? other->index[k] : k) * other->stride;
}

INLINE v16 products(const float *a, const float *b, size_t width)
{
    v16 sum = v_mul(v_load(a), v_load(b));
    for (size_t k = LANES; k < width; k += LANES) sum = v_fma(v_load(a + k), v_load(b + k), sum);
    return sum;
}

INLINE void project_rows(const ridge_rows *other, size_t width, const float *x, float *score)
{
    int64_t k = 0;
    for (; k + 4 <= other->count; k += 4) {
        _Alignas(16) float more[4];
        v16 sum[4];
        for (int64_t r = 0; r < 4; r++) {
            if (k + r + AHEAD < other->count) fetch_read(ridge_row(other, k + r + AHEAD), width);
            sum[r] = products(ridge_row(other, k + r), x, width);
        }
        v4_store(more, v_sum_four(sum));
        for (int64_t r = 0; r < 4; r++) score[k + r] += more[r];
    }
    for (; k < other->count; k++) score[k] += v_sum(products(ridge_row(other, k), x, width));
}

static void ridge_project(const ridge_rows *other, size_t width, const float *x, float *score)
{
    switch (width) {
    case 16: project_rows(other, 16, x, score); break;
    case 32: project_rows(other, 32, x, score); break;
    case 64: project_rows(other, 64, x, score); break;
    default: project_rows(other, width, x, score); break;
    }
}

/* The first TILE_ROWS rows of a tile: their sums stay in registers while the rows of the other side pass. */
INLINE void moments_rows(const ridge_rows *other, const float *weight, const float *residual, size_t a, size_t b,
                         float *tile, float *gradient)
{
    v16 sum[TILE_ROWS], g = v_all(0);
#pragma GCC unroll 16
    for (int r = 0; r < TILE_ROWS; r++) sum[r] = v_all(0);
    for (int64_t k = 0; k < other->count; k++) {
        const float *row = ridge_row(other, k), *left = row + a;
        v16 x = v_load(row + b);
        __asm__("" : "+r"(left)); /* one address and offsets, not sixteen addresses: those do not fit into registers */
        if (residual) g = v_fma(v_all(residual[k]), x, g);
        if (weight) x = v_mul(v_all(weight[k]), x);
#pragma GCC unroll 16
        for (int r = 0; r < TILE_ROWS; r++) sum[r] = v_fma(v_all(left[r]), x, sum[r]);
    }
#pragma GCC unroll 16
    for (size_t r = 0; r < TILE_ROWS; r++) {
        v_store(tile + r * LANES, v_add(v_load(tile + r * LANES), sum[r]));
    }
    if (residual) v_store(gradient, v_add(v_load(gradient), g));
}

INLINE void moments_any(const ridge_rows *other, const float *weight, const float *residual, size_t a, size_t b,
                        float *tile, float *gradient)
{
    moments_rows(other, weight, residual, a, b, tile, gradient);
    for (size_t from = TILE_ROWS; from < LANES; from += TILE_ROWS)
        moments_rows(other, weight, NULL, a + from, b, tile + from * LANES, gradient);
}

static void ridge_moments(const ridge_rows *other, const float *weight, const float *residual, size_t a, size_t b,
                          float *tile, float *gradient)
{
    if (weight)
        moments_any(other, weight, residual, a, b, tile, gradient);
    else if (residual)
        moments_any(other, NULL, residual, a, b, tile, gradient);
    else
        moments_any(other, NULL, NULL, a, b, tile, gradient);
}

/* out[j] = the lanes' from[lane * pitch + j], j < 16 */
INLINE void turn(const float *from, size_t pitch, v16 out[LANES])
{
#pragma GCC unroll 16
    for (size_t l = 0; l < LANES; l++) out[l] = v_load(from + l * pitch);
    v_transpose(out);
}

/* The gradient: the pairs' part, λ p, and four rows of G at a time against the points. */
static void gather_gradient(const ridge_step *s)
{
    const v16 lambda = v_load(s->lambda);
    for (size_t at = 0; at < s->width; at += LANES) {
        v16 all[LANES];
        turn(s->pair_gradients + at, s->width, all);
        for (size_t j = 0; j < LANES; j++)
            v_store(s->gradient + (at + j) * LANES, v_fma(lambda, v_load(s->point + (s->at + at + j) * LANES), all[j]));
    }
    for (size_t i = 0; s->gram && i < s->width; i += 4) {
        v16 sum[4];
        for (size_t r = 0; r < 4; r++) sum[r] = v_load(s->gradient + (i + r) * LANES);
        const float *row = s->gram + (s->at + i) * s->stride;
        for (size_t f = 0; f < s->stride; f++) {
            const v16 p = v_load(s->point + f * LANES);
            for (size_t r = 0; r < 4; r++) sum[r] = v_fma(v_all(row[r * s->stride + f]), p, sum[r]);
        }
        for (size_t r = 0; r < 4; r++) v_store(s->gradient + (i + r) * LANES, sum[r]);
    }
}

INLINE float *lower(const ridge_step *s, size_t i, size_t j)
{
    return s->matrix + (i * (i + 1) / 2 + j) * LANES;
}

/* The systems' lower triangles: the pairs' tiles, G, λ. */
static void gather_matrix(const ridge_step *s)
{
    const v16 lambda = v_load(s->lambda);
    const size_t pitch = ridge_tiles(s->width) * LANES * LANES;
    const float *tile = s->tiles;
    for (size_t a = 0; a < s->width; a += LANES)
        for (size_t b = 0; b <= a; b += LANES, tile += LANES * LANES)
            for (size_t i = 0; i < LANES; i++) {
                const size_t last = a == b ? i : LANES - 1;
                v16 all[LANES];
                turn(tile + i * LANES, pitch, all);
                if (a == b) all[i] = v_add(all[i], lambda);
                float *row = lower(s, a + i, b);
                const float *common = s->gram ? s->gram + (s->at + a + i) * s->stride + s->at + b : NULL;
                for (size_t j = 0; j <= last; j++)
                    v_store(row + j * LANES, common ? v_add(all[j], v_all(common[j])) : all[j]);
            }
}

/* Σ over k < n of a_k b_k */
INLINE v16 chain(const float *a, const float *b, size_t n, v16 sum)
{
    for (size_t k = 0; k < n; k++) sum = v_fma(v_load(a + k * LANES), v_load(b + k * LANES), sum);
    return sum;
}

/* A = LL', the diagonal of L kept as its inverse. A pivot that is lost to rounding (less than a millionth of its
 * value before) gets the inverse zero: that direction is left as it is. */
static void factorise(const ridge_step *s)
{
    const v16 lost = v_all(-1e-6f), least = v_all(1e-30f), zero = v_all(0);
    for (size_t j = 0; j < s->width; j++) {
        const float *top = lower(s, j, 0);
        const v16 whole = v_load(lower(s, j, j));
        const v16 pivot = v_sub(whole, chain(top, top, j, zero)), sound = v_max(v_fma(lost, whole, pivot), zero);
        const v16 one_or_none = v_div(sound, v_max(sound, least));
        const v16 inverse = v_div(one_or_none, v_sqrt(v_max(pivot, least)));
        v_store(lower(s, j, j), inverse);
        size_t i = j + 1;
        for (; i + 4 <= s->width; i += 4) { /* four rows share the loads of row j */
            float *row[4] = {lower(s, i, 0), lower(s, i + 1, 0), lower(s, i + 2, 0), lower(s, i + 3, 0)};
            v16 sum[4] = {v_all(0), v_all(0), v_all(0), v_all(0)};
            for (size_t k = 0; k < j; k++) {
                const v16 x = v_load(top + k * LANES);
                for (size_t r = 0; r < 4; r++) sum[r] = v_fma(v_load(row[r] + k * LANES), x, sum[r]);
            }
            for (size_t r = 0; r < 4; r++)
                v_store(row[r] + j * LANES, v_mul(inverse, v_sub(v_load(row[r] + j * LANES), sum[r])));
        }
        for (; i < s->width; i++) {
            float *row = lower(s, i, 0);
            v_store(row + j * LANES, v_mul(inverse, v_sub(v_load(row + j * LANES), chain(row, top, j, v_all(0)))));
        }
    }
}

/* Lz = gradient, L'step = z */
static void substitute(const ridge_step *s)
{
    float *g = s->gradient;
    for (size_t i = 0; i < s->width; i++) {
        v16 z = v_sub(v_load(g + i * LANES), chain(lower(s, i, 0), g, i, v_all(0)));
        v_store(g + i * LANES, v_mul(z, v_load(lower(s, i, i))));
    }
    for (size_t i = s->width; i-- > 0;) {
        const v16 z = v_mul(v_load(g + i * LANES), v_load(lower(s, i, i))), minus = v_sub(v_all(0), z);
        v_store(g + i * LANES, z);
        for (size_t k = 0; k < i; k++)
            v_store(g + k * LANES, v_fma(v_load(lower(s, i, k)), minus, v_load(g + k * LANES)));
    }
}

static void ridge_solve(const ridge_step *s)
{
    gather_gradient(s);
    gather_matrix(s);
    factorise(s);
    substitute(s);
}

static const kernel_ridge ridge = {ridge_project, ridge_moments, ridge_solve};
