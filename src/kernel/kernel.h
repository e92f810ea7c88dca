/* The vector kernels: one pass of updates over a list of drawn samples, and dot products.
 *
 * Every tier (portable, AVX2, AVX-512, NEON) does the same arithmetic in the same order: 16 lanes, fused multiply-add,
 * lanes summed as a tree. So a model has the same bits whichever tier trained it, and a test compares them exactly.
 *
 * Rows are `stride` floats apart, stride a multiple of 16, 64-byte aligned, zero behind the factors. */
#ifndef TAMIS_KERNEL_H
#define TAMIS_KERNEL_H

#include <stddef.h>
#include <stdint.h>

/* The loss on a difference of scores x = s_ui - s_uj: gives -dL/dx and adds L to *loss. */
typedef float (*kernel_pair_loss)(const void *context, float x, double *loss);

typedef struct kernel_pairs {
    float *users, *items;
    float *bias;                              /* per item; NULL: none */
    size_t stride;
    const int32_t *user, *positive, *negative; /* rows, one triple per sample, taken in this order */
    int64_t count;
    float rate;                               /* learning rate */
    float keep_user, keep_positive, keep_negative, keep_bias; /* 1 - rate * regularization of that role */
    kernel_pair_loss loss;
    const void *context;
    double loss_sum;                          /* added to */
} kernel_pairs;

typedef struct kernel_tier {
    const char *name;
    float (*dot)(const float *a, const float *b, size_t stride);
    /* for each sample: p += rate (g (q_i - q_j) - λ p), q_i += rate (g p - λ q_i), q_j += rate (-g p - λ q_j) */
    void (*pairs)(kernel_pairs *work);
} kernel_tier;

extern const kernel_tier kernel_portable, kernel_avx2, kernel_avx512, kernel_neon;

/* The best tier this processor has, or the one that TAMIS_CPU names. */
const kernel_tier *kernel_choose(void);
/* Tier number index that this processor can run, the reference first; NULL past the last. */
const kernel_tier *kernel_list(size_t index);

#endif
