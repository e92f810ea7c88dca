/* The kernels alone, by tier and by the level of memory that holds their rows, beside what that level can deliver. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    float slope[4096] __attribute__((aligned(64))) = {0};
    double done = 0, begin = base_seconds(), seconds;
    do {
        for (size_t k = 0; k < rows; k++) r->tier->sgd(r->rows + k * r->stride, slope, r->stride, &step);
        done += (double)rows;
        seconds = base_seconds() - begin;
    } while (seconds < 0.15);
    return done * 2 * (double)(r->stride * sizeof(float)) / seconds / 1e9;
}

void bench_kernels(bench *b)
{
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
