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

/* What a loss is asked about: a difference of scores or one score, and whose they are. */
typedef struct kernel_sample {
    float score;        /* pairs: x = s_ui - s_uj; points: s_ui */
    float target;       /* 1 for a positive, 0 for a negative; a method may weigh its items otherwise (Y / propensity); pairs: 1 */
    int32_t user, item; /* rows */
    int32_t negative;   /* pairs: j; points: -1 */
} kernel_sample;

/* Gives -dL/dscore and adds L to *loss. */
typedef float (*kernel_loss)(const void *context, const kernel_sample *sample, double *loss);

/* Of pairs L = softplus(-x), of points L = t softplus(-s) + (1 - t) softplus(s). Kernels know these two and take several
 * samples at a time; any other loss is called sample by sample. */
float kernel_logistic_pair(const void *context, const kernel_sample *sample, double *loss);
float kernel_logistic_point(const void *context, const kernel_sample *sample, double *loss);

/* Floats from one item's bias to the next: a cache line each, so that threads that update different items share none. */
enum { KERNEL_BIAS = 16 };

typedef struct kernel_pairs {
    float *users, *items;
    float *bias;                              /* per item, KERNEL_BIAS apart; NULL: none */
    size_t stride;
    const int32_t *user, *positive, *negative; /* rows, one triple per sample */
    int64_t count;
    float rate;                               /* learning rate */
    float keep_user, keep_positive, keep_negative, keep_bias; /* 1 - rate * regularization of that role */
    kernel_loss loss;
    const void *context;
    double loss_sum;                          /* added to */
} kernel_pairs;

typedef struct kernel_points {
    float *users, *items;
    float *bias;
    size_t stride;
    const int32_t *user, *item;   /* rows, one per sample */
    const float *target, *weight; /* the loss's target; the factor of the loss and its gradient */
    int64_t count;
    float rate, keep_user, keep_item, keep_bias;
    kernel_loss loss;
    const void *context;
    double loss_sum;
} kernel_points;

/* One step of an optimiser on one row. Gradients are those of minus the loss, without the L2 term: a step adds them. */
typedef struct kernel_step {
    float rate;           /* learning rate; Adam: with the bias correction of step t, η sqrt(1 - β2^t) / (1 - β1^t) */
    float regularization; /* λ: the gradient becomes gradient - λ row */
    float keep;           /* decoupled weight decay: the row is first multiplied by this; 1: none */
    float beta1, beta2;   /* Adam */
    float epsilon;        /* AdaGrad, Adam (there scaled by sqrt(1 - β2^t)) */
} kernel_step;

/* C = base + scale A B; base: NULL for zeros, C itself (base_row = c_row then), or one row for all (base_row = 0). A's number
 * (r, k) is a[r * a_row + k * a_step]; either a_step is 1, or a_row is and A is read up to the next multiple of 16 rows. B is
 * in panels of sixteen columns, p's row k at b + p * b_panel + k * b_step. What is read or written sixteen numbers at a time
 * is aligned. At least one step. */
typedef struct kernel_product {
    const float *a, *b;
    size_t a_row, a_step, b_panel, b_step;
    float *c;
    size_t c_row;
    const float *base;
    size_t base_row;
    int64_t rows, steps, columns; /* columns: a multiple of 16 */
    float scale;
    /* What is worth while: where panel p of row r has a number that is not below low[r], bit first_bit + p of high[r] is set,
     * and perhaps that of a panel beside it; where the bit is not set, these sixteen numbers of C need not be written. NULL:
     * all are. */
    const float *low;
    uint32_t *high;
    int first_bit;
} kernel_product;

typedef struct kernel_tier {
    const char *name;
    float (*dot)(const float *a, const float *b, size_t stride);
    /* out[k] = a[a_row[k]] . b[b_row[k]] for k < n */
    void (*scores)(const float *a, const int32_t *a_row, const float *b, const int32_t *b_row, int64_t n, size_t stride,
                   float *out);
    /* y += a x */
    void (*axpy)(float *y, float a, const float *x, size_t stride);
    /* out = sum over k < n of weight[k] rows[index[k]] */
    void (*combine)(const float *rows, const int32_t *index, const float *weight, int64_t n, size_t stride, float *out);
    /* row += rate (gradient - λ row) */
    void (*sgd)(float *row, const float *gradient, size_t stride, const kernel_step *step);
    /* g = gradient - λ row;  square += g²;  row += rate g / (sqrt(square) + ε) */
    void (*adagrad)(float *row, float *square, const float *gradient, size_t stride, const kernel_step *step);
    /* m = β1 m + (1 - β1) g;  v = β2 v + (1 - β2) g²;  row = keep row + rate m / (sqrt(v) + ε);  gradient NULL: zero */
    void (*adam)(float *row, float *m, float *v, const float *gradient, size_t stride, const kernel_step *step);
    /* x[k] = e^(x[k] - top) for k < n, n a multiple of 16 and x aligned, x[k] - top in [-87, 0]: below it counts as -87,
     * NaN stays NaN; relative error below 3e-7. Returns their sum. */
    float (*exp_sum)(float *x, int64_t n, float top);
    /* out = row / |row|, or zero; gives |row|. out may be row */
    float (*normalize)(const float *row, size_t stride, float *out);
    /* gradient = scale (gradient - (gradient . unit) unit), and 0 where unit is 0 */
    void (*tangent)(float *gradient, const float *unit, size_t stride, float scale);
    /* kernel_logistic_pair() and kernel_logistic_point() of n scores, n a multiple of 16, all aligned, with the same bits:
     * scores are replaced by gradients, losses are written */
    void (*logistic_pairs)(float *x, float *loss, int64_t n);
    void (*logistic_losses)(const float *x, float *loss, int64_t n); /* of pairs, the losses alone */
    void (*logistic_points)(float *score, const float *target, float *loss, int64_t n);
    /* With n samples in m = ceil(n / 8) groups, group g is samples g, g + m, g + 2 m, ...; groups are taken in order, each
     * with its scores first, then its updates sample by sample:
     * p += rate (g (q_i - q_j) - λ p), q_i += rate (g p - λ q_i), q_j += rate (-g p - λ q_j) */
    void (*pairs)(kernel_pairs *work);
    /* The same, where what is grouped and updated is a duo, samples 2k and 2k + 1, g = weight * -dL/ds:
     * p += rate (g q - λ p), q += rate (g p - λ q), one after the other, or, for one user and two items,
     * p = keep² p + rate (g q + g' q'), both items with the p from before */
    void (*points)(kernel_points *work);
    /* The updates of points() alone, duo after duo, with gradients g that are given; loss, target and weight are not read.
     * listed: user[] and item[] go on up to there with what comes next, and whose rows are asked for meanwhile */
    void (*steps)(const kernel_points *work, const float *gradient, int64_t listed);
    void (*product)(const kernel_product *work);
    /* The same, but that the portable tier, where a fused multiply-add is slow, rounds twice: other bits there. */
    void (*product_near)(const kernel_product *work);
    /* A panel of B whose columns are n <= 16 rows of a matrix, the others zero: panel[16 k + j] = number k of row j */
    void (*pack)(const float *rows, int64_t n, size_t stride, float *panel);
    /* Of n < 2^15 numbers how many are > high, and how many >= low; low <= high, neither NAN */
    void (*count)(const float *x, int64_t n, float low, float high, int64_t *above, int64_t *reach);
    /* Of n numbers, a multiple of 16, how many are >= low[j]; where bit j of the result is 0, none of these is <= high[j].
     * NULL: would be no faster */
    unsigned (*count_four)(const float *x, int64_t n, const float low[4], const float high[4], int32_t reach[4]);
    /* The indices of those >= low and <= high, ascending, into index[n]; returns how many there are */
    int64_t (*find)(const float *x, int64_t n, float low, float high, int32_t *index);
    const struct kernel_ridge *ridge; /* see ridge.h */
} kernel_tier;

extern const kernel_tier kernel_portable, kernel_avx2, kernel_avx512, kernel_neon;

/* The best tier this processor has, or the one that TAMIS_CPU names. */
const kernel_tier *kernel_choose(void);
/* Tier number index that this processor can run, the reference first; NULL past the last. */
const kernel_tier *kernel_list(size_t index);

#endif
