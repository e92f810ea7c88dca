/* The kernels' one body, compiled once per tier. The including file names the tier: KERNEL_NAME and, but for the
 * portable one, KERNEL_AVX2 and so on. Here is what all kernels use; each subject has a file of its own, included below.
 * Loops over a row are inlined with the common row lengths as constants, so that rows stay in registers. */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/lanes.h"
#include "kernel/logistic.h"
#include "kernel/vector.h"

enum { LANES = 16, AHEAD = 6 };

#define INLINE static inline __attribute__((always_inline))

/* A call with a constant per common size: the rows' loops unroll. The reference tier needs no such speed. */
#ifdef KERNEL_PLAIN
#define BY_STRIDE(loop, work) loop(work, (work)->stride)
#else
#define BY_STRIDE(loop, work)                     \
    switch ((work)->stride) {                     \
    case 16: loop(work, 16); break;               \
    case 32: loop(work, 32); break;               \
    case 48: loop(work, 48); break;               \
    case 64: loop(work, 64); break;               \
    case 96: loop(work, 96); break;               \
    case 128: loop(work, 128); break;             \
    case 256: loop(work, 256); break;             \
    default: loop(work, (work)->stride); break;   \
    }
#endif

/* Prefetches a row that will be written; where the tier can say so, other cores give up their copies. */
INLINE void fetch(const float *row, size_t stride)
{
    for (size_t k = 0; k < stride; k += LANES) __builtin_prefetch(row + k, 1);
}

/* Prefetches a row that will only be read, and may stay in other cores' caches. */
INLINE void fetch_read(const float *row, size_t stride)
{
    for (size_t k = 0; k < stride; k += LANES) __builtin_prefetch(row + k);
}

INLINE float *bias_of(float *bias, int32_t item)
{
    return bias + (size_t)item * KERNEL_BIAS;
}

/* Even and odd chunks of 16 have a sum each, which halves the chain of dependent additions. */
INLINE v16 dot_lanes(const float *a, const float *b, size_t stride)
{
    v16 even = v_mul(v_load(a), v_load(b)), odd = v_all(0);
    for (size_t k = LANES; k < stride; k += 2 * LANES) {
        odd = v_fma(v_load(a + k), v_load(b + k), odd);
        if (k + LANES < stride) even = v_fma(v_load(a + k + LANES), v_load(b + k + LANES), even);
    }
    return v_add(even, odd);
}

INLINE float dot(const float *a, const float *b, size_t stride)
{
    return v_sum(dot_lanes(a, b, stride));
}

static float dot_any(const float *a, const float *b, size_t stride)
{
    return dot(a, b, stride);
}

#include "kernel/logistic_body.h"
#include "kernel/pairs_body.h"
#include "kernel/points_body.h"
#include "kernel/batch_body.h"
#include "kernel/compare_body.h"
#include "kernel/softmax_body.h"
#include "kernel/product_body.h"
#include "kernel/ridge_body.h"

const kernel_tier KERNEL_TIER = {
    .name = KERNEL_NAME, .dot = dot_any, .scores = scores, .axpy = axpy, .combine = combine,
    .sgd = sgd, .adagrad = adagrad, .adam = adam,
    .exp_sum = exp_sum, .normalize = normalize, .tangent = tangent,
    .logistic_pairs = logistic_pairs, .logistic_losses = logistic_losses, .logistic_points = logistic_points,
    .pairs = pairs_any, .points = points_any, .steps = steps_any,
    .product = product, .product_near = PRODUCT_NEAR, .pack = pack,
    .count = count, .count_four = COUNT_FOUR, .find = find,
    .ridge = &ridge,
};
