/* Kernels of ridge regressions: one small regression per row of a factor matrix, sixteen of them side by side.
 *
 * A row's factors p, and n rows q_k of the other side with weights w_k and targets y_k:
 *   minimise over p   Σ_k w_k (p.q_k - y_k)² + p'Gp + λ |p|²
 * A step moves the factors at .. at + width - 1 (the block B) to where the gradient in them is zero, the others held:
 *   (Σ_k w_k q_kB q_kB' + G_BB + λ I) step = Σ_k w_k (p.q_k - y_k) q_kB + G_B. p + λ p_B,   p_B -= step
 * With B all factors that is the minimum. Lane l of a vector of sixteen belongs to the l-th of sixteen rows, so that
 * the triangular solves are those of a textbook with vectors for numbers.
 *
 * The same bits in every tier, as in kernel.h. */
#ifndef TAMIS_KERNEL_RIDGE_H
#define TAMIS_KERNEL_RIDGE_H

#include <stddef.h>
#include <stdint.h>

enum { RIDGE_LANES = 16 };

/* Rows of the other side: row k is rows + (index ? index[k] : k) * stride. */
typedef struct ridge_rows {
    const float *rows;
    const int32_t *index; /* NULL: all of them in order */
    int64_t count;
    size_t stride;
} ridge_rows;

/* The sixteen systems of a step. */
typedef struct ridge_step {
    size_t at, width, stride;
    const float *tiles;  /* per lane ridge_tiles(width) tiles of the pairs' sums: (a, b) is number a (a + 1) / 2 + b */
    const float *pair_gradients; /* per lane the `width` sums of the pairs' gradient */
    float *matrix;       /* made from these: lower triangle, (i (i + 1) / 2 + j) * 16 + lane */
    float *gradient;     /* i * 16 + lane; becomes the step */
    const float *point;  /* p: factor * 16 + lane, all `stride` factors */
    const float *gram;   /* G, stride x stride; NULL: none */
    const float *lambda; /* per lane */
} ridge_step;

static inline size_t ridge_tiles(size_t width)
{
    const size_t chunks = width / RIDGE_LANES;
    return chunks * (chunks + 1) / 2;
}

typedef struct kernel_ridge {
    /* score[k] += the first `width` factors of row k . x */
    void (*project)(const ridge_rows *other, size_t width, const float *x, float *score);
    /* tile[16 i + j] += Σ_k w_k row_k[a + i] row_k[b + j] for i, j < 16; weight NULL: all 1.
     * residual not NULL: gradient[j] += Σ_k residual_k row_k[b + j] */
    void (*moments)(const ridge_rows *other, const float *weight, const float *residual, size_t a, size_t b, float *tile,
                    float *gradient);
    /* completes the systems by what G and λ give and solves them */
    void (*step)(const ridge_step *step);
} kernel_ridge;

#endif
