/* The kernels alone: arithmetic beside what the core can do; updates by tier and by the level of memory that holds their
 * rows, beside what that level can deliver. */
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "base/base.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "bench.h"
#include "kernel/kernel.h"

enum { SAMPLES = 1 << 15 };

typedef struct rig {
    const kernel_tier *tier;
    float *rows; /* user rows first, then as many item rows */
    int64_t users, items;
    size_t stride;
    int32_t *user, *positive, *negative;
    size_t bytes; /* of all rows */
} rig;

static void rig_open(rig *r, const kernel_tier *tier, size_t stride, size_t bytes)
{
    const int64_t rows = (int64_t)(bytes / (stride * sizeof(float)));
    *r = (rig){.tier = tier, .users = rows / 3, .items = rows - rows / 3, .stride = stride, .bytes = bytes};
    r->rows = base_alloc((size_t)rows * stride, sizeof *r->rows);
    r->user = base_alloc(3 * SAMPLES, sizeof *r->user);
    if (!r->rows || !r->user) bench_stop("not enough memory for the rows of a kernel");
    r->positive = r->user + SAMPLES;
    r->negative = r->positive + SAMPLES;
    base_stream stream = {3};
    for (size_t k = 0; k < (size_t)rows * stride; k++) r->rows[k] = (float)(base_uniform(&stream) - 0.5) * 0.1f;
    for (int k = 0; k < SAMPLES; k++) {
        r->user[k] = (int32_t)base_below(&stream, (uint32_t)r->users);
        r->positive[k] = (int32_t)base_below(&stream, (uint32_t)r->items);
        r->negative[k] = (int32_t)base_below(&stream, (uint32_t)r->items);
        if (r->negative[k] == r->positive[k]) r->negative[k] = (r->positive[k] + 1) % (int32_t)r->items;
    }
}

static void rig_close(rig *r)
{
    base_free(r->rows);
    base_free(r->user);
}

/* GB/s of rows read and written by pairwise updates */
static double run_pairs(void *context)
{
    const rig *r = context;
    kernel_pairs work = {.users = r->rows, .items = r->rows + (size_t)r->users * r->stride, .stride = r->stride,
                         .user = r->user, .positive = r->positive, .negative = r->negative, .count = SAMPLES,
                         .rate = 0.01f, .keep_user = 1, .keep_positive = 1, .keep_negative = 1, .loss = kernel_logistic_pair};
    double done = 0, begin = base_seconds(), seconds;
    do {
        r->tier->pairs(&work);
        done += SAMPLES;
        seconds = base_seconds() - begin;
    } while (seconds < 0.15);
    return done * 3 * 2 * (double)(r->stride * sizeof(float)) / seconds / 1e9;
}

/* GB/s of the same rows read and written in order, which is the most that their level of memory gives one thread */
static double run_stream(void *context)
{
    const rig *r = context;
    const size_t rows = (size_t)(r->users + r->items);
    const kernel_step step = {.rate = 1e-3f, .keep = 1};
    float gradient[4096] __attribute__((aligned(64))) = {0};
    double done = 0, begin = base_seconds(), seconds;
    do {
        for (size_t k = 0; k < rows; k++) r->tier->sgd(r->rows + k * r->stride, gradient, r->stride, &step);
        done += (double)rows;
        seconds = base_seconds() - begin;
    } while (seconds < 0.15);
    return done * 2 * (double)(r->stride * sizeof(float)) / seconds / 1e9;
}

/* ------------------------------------------------------------------ arithmetic, beside the most that a core can do */

/* GFLOP/s of multiply-adds of eight or sixteen floats that wait for nothing */
#ifdef __x86_64__
#define FMA_LOOP(loop, features, vector, lanes, set, multiply_add, store)                               \
    __attribute__((target(features))) static double loop(void)                                          \
    {                                                                                                   \
        enum { CHAINS = 12, ROUNDS = 1 << 22 };                                                         \
        vector sum[CHAINS], by = set(0.9999f), add = set(1e-4f);                                        \
        for (int c = 0; c < CHAINS; c++) sum[c] = set((float)c);                                        \
        const double begin = base_seconds();                                                            \
        for (int k = 0; k < ROUNDS; k++)                                                                \
            for (int c = 0; c < CHAINS; c++) sum[c] = multiply_add(sum[c], by, add);                    \
        const double seconds = base_seconds() - begin;                                                  \
        float all[lanes];                                                                               \
        for (int c = 1; c < CHAINS; c++) sum[0] = multiply_add(sum[0], by, sum[c]);                     \
        store(all, sum[0]);                                                                             \
        volatile float kept = all[0]; /* so that the loop has a purpose */                              \
        (void)kept;                                                                                     \
        return 2.0 * lanes * CHAINS * ROUNDS / seconds / 1e9;                                           \
    }
FMA_LOOP(fma_loop, "avx2,fma", __m256, 8, _mm256_set1_ps, _mm256_fmadd_ps, _mm256_storeu_ps)
FMA_LOOP(fma_loop_wide, "avx512f", __m512, 16, _mm512_set1_ps, _mm512_fmadd_ps, _mm512_storeu_ps)
#endif

/* Of the vectors that the tier in use has; NAN: no such loop here. */
static double run_fma(void *context)
{
    (void)context;
#ifdef __x86_64__
    if (strcmp(tamis_cpu_tier(), "avx512") == 0) return fma_loop_wide();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return fma_loop();
#endif
    return (double)NAN;
}

/* The products of softmax and bsl, 64 users U by 512 negatives N: scores U Nt, then E N and Et U of what they became. */
typedef struct products {
    int d, kind; /* 0, 1, 2 */
    bool blas;
} products;

enum { USERS = 64, NEGATIVES = 512 };

static void blas_product(int kind, int d, const float *u, const float *n, float *e, float *out)
{
    if (kind == 0)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, USERS, NEGATIVES, d, 1, u, d, n, d, 0, e, NEGATIVES);
    else if (kind == 1)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, USERS, d, NEGATIVES, 1, e, NEGATIVES, n, d, 0, out, d);
    else
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, NEGATIVES, d, USERS, 1, e, NEGATIVES, u, d, 0, out, d);
}

static kernel_product own_product(int kind, int d, const float *u, const float *n, float *e, float *out)
{
    const size_t stride = (size_t)d;
    if (kind == 0)
        return (kernel_product){.a = u, .b = n, .a_row = stride, .a_step = 1, .b_panel = 16 * stride, .b_step = 16, .c = e,
                                .c_row = NEGATIVES, .rows = USERS, .steps = d, .columns = NEGATIVES, .scale = 1};
    if (kind == 1)
        return (kernel_product){.a = e, .b = n, .a_row = NEGATIVES, .a_step = 1, .b_panel = 16, .b_step = stride, .c = out,
                                .c_row = stride, .rows = USERS, .steps = NEGATIVES, .columns = d, .scale = 1};
    return (kernel_product){.a = e, .b = u, .a_row = 1, .a_step = NEGATIVES, .b_panel = 16, .b_step = stride, .c = out,
                            .c_row = stride, .rows = NEGATIVES, .steps = USERS, .columns = d, .scale = 1};
}

static double run_product(void *context)
{
    enum { ROUNDS = 200 };
    const products *p = context;
    const size_t d = (size_t)p->d;
    const kernel_tier *tier = kernel_choose();
    float *u = base_alloc(USERS * d, sizeof *u), *n = base_alloc(NEGATIVES * d, sizeof *n);
    float *e = base_alloc(USERS * NEGATIVES, sizeof *e), *out = base_alloc(NEGATIVES * d, sizeof *out);
    if (!u || !n || !e || !out) bench_stop("not enough memory for a product");
    const kernel_product own = own_product(p->kind, p->d, u, n, e, out);
    double begin = 0;
    for (int k = -1; k < ROUNDS; k++) {
        if (k == 0) begin = base_seconds();
        if (p->blas)
            blas_product(p->kind, p->d, u, n, e, out);
        else
            tier->product(&own);
    }
    const double seconds = base_seconds() - begin;
    base_free(u);
    base_free(n);
    base_free(e);
    base_free(out);
    return 2.0 * USERS * NEGATIVES * (double)d * ROUNDS / seconds / 1e9;
}

/* scores: a multiply-add for two numbers read */
static double run_dots(void *context)
{
    const rig *r = context;
    enum { ROUNDS = 20000, LIST = 64 };
    int32_t user[LIST], item[LIST];
    float out[LIST];
    for (int k = 0; k < LIST; k++) {
        user[k] = (int32_t)(k % r->users);
        item[k] = (int32_t)(k % r->items);
    }
    const double begin = base_seconds();
    for (int k = 0; k < ROUNDS; k++)
        r->tier->scores(r->rows, user, r->rows + (size_t)r->users * r->stride, item, LIST, r->stride, out);
    return 2.0 * (double)r->stride * LIST * ROUNDS / (base_seconds() - begin) / 1e9;
}

static void arithmetic(bench *b)
{
    if (isnan(run_fma(NULL))) return;
    for (int d = 64; d <= 128; d += 64) {
        rig r;
        rig_open(&r, kernel_choose(), (size_t)d, 24u << 10);
        bench_compare(b, &(bench_pair){"GFLOP/s", run_dots, &r, "multiply-adds", run_fma, NULL, BENCH_HIGHER, (double)NAN},
                      "%s scores d %d in L1", kernel_choose()->name, d);
        rig_close(&r);
        static const char *const names[] = {"scores", "pull of items", "pull of users"};
        for (int kind = 0; kind < 3; kind++) {
            products own = {d, kind, false}, blas = {d, kind, true};
            bench_compare(b, &(bench_pair){"GFLOP/s", run_product, &own, "multiply-adds", run_fma, NULL, BENCH_HIGHER,
                                           (double)NAN}, "products: %s, d %d", names[kind], d);
            bench_compare(b, &(bench_pair){"GFLOP/s", run_product, &own, "OpenBLAS", run_product, &blas, BENCH_HIGHER,
                                           (double)NAN}, "products: %s, d %d", names[kind], d);
        }
    }
}

void bench_kernels(bench *b)
{
    arithmetic(b);
    static const struct {
        const char *name;
        size_t bytes;
    } levels[] = {{"L1", 24u << 10}, {"L2", 320u << 10}, {"L3", 6u << 20}, {"DRAM", 512u << 20}};
    static const size_t sizes[] = {64, 128};
    const kernel_tier *tier;
    for (size_t t = 0; (tier = kernel_list(t)); t++)
        for (size_t s = 0; s < BASE_COUNT(sizes); s++)
            for (size_t l = 0; l < BASE_COUNT(levels); l++) {
                rig r;
                rig_open(&r, tier, sizes[s], levels[l].bytes);
                bench_compare(b, &(bench_pair){"GB/s", run_pairs, &r, "rows in order", run_stream, &r, BENCH_HIGHER,
                                               (double)NAN},
                              "%s pairs d %zu in %s", tier->name, sizes[s], levels[l].name);
                rig_close(&r);
            }
}
