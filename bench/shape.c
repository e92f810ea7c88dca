/* Logs made in memory. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "bench.h"
#include "data/builder.h"

static void add(log_builder *builder, int64_t user, int64_t item)
{
    char u[24], i[24];
    tamis_error error;
    int m = snprintf(u, sizeof u, "%lld", (long long)user), n = snprintf(i, sizeof i, "%lld", (long long)item);
    const log_entry entry = {.user = u, .item = i, .user_length = (size_t)m, .item_length = (size_t)n, .rating = 1, .weight = 1};
    bench_must(log_builder_add(builder, &entry, &error), &error);
}

static tamis_log *finish(log_builder *builder)
{
    tamis_log_options options;
    tamis_log *log;
    tamis_error error;
    tamis_log_options_default(&options);
    bench_must(log_builder_finish(builder, &options, &log, &error), &error);
    return log;
}

/* As yardstick.c draws it: a user has 8 items and a heavy tail, an item's popularity falls with the square root. */
tamis_log *bench_yardstick_log(void)
{
    enum { USERS = 30000, ITEMS = 40000 };
    log_builder builder = {0};
    base_stream stream = {7};
    for (int64_t u = 0; u < USERS; u++) {
        double r = ((double)base_below(&stream, 1u << 24) + 1) / 16777217.0;
        int64_t n = (int64_t)(8 + 9.6 / sqrt(r));
        if (n > 800) n = 800;
        for (int64_t k = 0; k < n; k++) {
            double z = (double)base_below(&stream, 1u << 24) / 16777216.0;
            add(&builder, u, (int64_t)(base_mix((uint64_t)(z * z * ITEMS) + 1) % ITEMS));
        }
    }
    return finish(&builder);
}

tamis_log *bench_skewed_log(int64_t users, int64_t items, int64_t draws)
{
    log_builder builder = {0};
    base_stream stream = {11};
    const double mean = (double)draws / (double)users;
    for (int64_t u = 0; u < users; u++) {
        const double r = base_uniform(&stream);
        const int64_t n = (int64_t)(mean * (0.4 + 0.3 / sqrt(r + 1e-4))) + 1; /* about the mean, with a heavy tail */
        for (int64_t k = 0; k < n; k++) {
            const double z = base_uniform(&stream);
            add(&builder, u, (int64_t)(base_mix((uint64_t)(z * z * (double)items) + 1) % (uint64_t)items));
        }
    }
    return finish(&builder);
}
