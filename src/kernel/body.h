/* The kernels' one body, compiled once per tier. The including file names the tier: KERNEL_NAME and, but for the
 * portable one, KERNEL_AVX2 and so on.
 *
 * Notation: p user row, q_i and q_j item rows, x = p . (q_i - q_j) + b_i - b_j, g = -dL/dx, r = learning rate.
 *   p   <- keep_user p       + r g (q_i - q_j)
 *   q_i <- keep_positive q_i + r g p             (the p from before)
 *   q_j <- keep_negative q_j - r g p
 * Loops over a row are inlined with the common row lengths as constants, so that rows stay in registers. */
#include "kernel/kernel.h"
#include "kernel/vector.h"

enum { LANES = 16, AHEAD = 6 };

#define INLINE static inline __attribute__((always_inline))

INLINE void fetch(const float *row, size_t stride)
{
    for (size_t k = 0; k < stride; k += LANES) __builtin_prefetch(row + k, 1);
}

/* even and odd chunks of 16 have a sum each, which halves the chain of additions that wait for each other */
INLINE float dot(const float *a, const float *b, size_t stride)
{
    v16 even = v_mul(v_load(a), v_load(b)), odd = v_all(0);
    for (size_t k = LANES; k < stride; k += 2 * LANES) {
        odd = v_fma(v_load(a + k), v_load(b + k), odd);
        if (k + LANES < stride) even = v_fma(v_load(a + k + LANES), v_load(b + k + LANES), even);
    }
    return v_sum(v_add(even, odd));
}

INLINE float difference(const float *p, const float *qi, const float *qj, size_t stride)
{
    v16 even = v_mul(v_load(p), v_sub(v_load(qi), v_load(qj))), odd = v_all(0);
    for (size_t k = LANES; k < stride; k += 2 * LANES) {
        odd = v_fma(v_load(p + k), v_sub(v_load(qi + k), v_load(qj + k)), odd);
        if (k + LANES < stride)
            even = v_fma(v_load(p + k + LANES), v_sub(v_load(qi + k + LANES), v_load(qj + k + LANES)), even);
    }
    return v_sum(v_add(even, odd));
}

INLINE void pairs(kernel_pairs *work, size_t stride)
{
    const int32_t *user = work->user, *positive = work->positive, *negative = work->negative;
    const int64_t count = work->count;
    const v16 keep_p = v_all(work->keep_user), keep_i = v_all(work->keep_positive), keep_j = v_all(work->keep_negative);
    for (int64_t s = 0; s < count; s++) {
        if (s + AHEAD < count) {
            fetch(work->items + (size_t)positive[s + AHEAD] * stride, stride);
            fetch(work->items + (size_t)negative[s + AHEAD] * stride, stride);
            fetch(work->users + (size_t)user[s + AHEAD] * stride, stride);
        }
        float *p = work->users + (size_t)user[s] * stride;
        float *qi = work->items + (size_t)positive[s] * stride, *qj = work->items + (size_t)negative[s] * stride;
        float x = difference(p, qi, qj, stride);
        if (work->bias) x += work->bias[positive[s]] - work->bias[negative[s]];
        const float step = work->rate * work->loss(work->context, x, &work->loss_sum);
        const v16 up = v_all(step), down = v_all(-step);
        for (size_t k = 0; k < stride; k += LANES) {
            v16 a = v_load(p + k), i = v_load(qi + k), j = v_load(qj + k);
            v_store(p + k, v_fma(up, v_sub(i, j), v_mul(keep_p, a)));
            v_store(qi + k, v_fma(up, a, v_mul(keep_i, i)));
            v_store(qj + k, v_fma(down, a, v_mul(keep_j, j)));
        }
        if (work->bias) {
            float *bi = &work->bias[positive[s]], *bj = &work->bias[negative[s]];
            *bi = work->keep_bias * *bi + step;
            *bj = work->keep_bias * *bj - step;
        }
    }
}

static float dot_any(const float *a, const float *b, size_t stride)
{
    return dot(a, b, stride);
}

static void pairs_any(kernel_pairs *work)
{
    switch (work->stride) { /* a constant per case: the rows' loops unroll */
    case 16: pairs(work, 16); break;
    case 32: pairs(work, 32); break;
    case 48: pairs(work, 48); break;
    case 64: pairs(work, 64); break;
    case 96: pairs(work, 96); break;
    case 128: pairs(work, 128); break;
    case 256: pairs(work, 256); break;
    default: pairs(work, work->stride); break;
    }
}

const kernel_tier KERNEL_TIER = {KERNEL_NAME, dot_any, pairs_any};
