/* What more interactions cost: seconds per update, and memory. Shapes grow alike: 40 interactions per user, 200 per item. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"

typedef struct growth {
    tamis_log *log;
    int64_t epochs;
} growth;

/* ns per update of bpr, d 64, 2 threads */
static double update(void *context)
{
    const growth *g = context;
    tamis_train_options options;
    tamis_train_report report;
    tamis_model *model;
    tamis_error error;
    bench_must(tamis_train_options_default(&options, "bpr", &error), &error);
    options.item_bias = 0;
    options.negatives = 1;
    options.regularization = 0.01;
    options.factors = 64;
    options.threads = 2;
    options.epochs = g->epochs;
    bench_must(tamis_train(g->log, NULL, &options, NULL, &model, &report, &error), &error);
    tamis_model_free(model);
    return report.seconds / (double)report.samples * 1e9;
}

/* The most that `tamis train` holds, from reading the log to writing the model, by what it cannot do without. */
static void memory(bench *b)
{
    const int64_t users = 500000, items = 100000;
    char path[300], model[310];
    tamis_error error;
    double peak;
    tamis_log *log = bench_skewed_log(users, items, 20000000);
    const double pairs = (double)tamis_log_interactions(log);
    snprintf(path, sizeof path, "%.250s/tamis-bench-20M.csv", b->scratch);
    snprintf(model, sizeof model, "%s.tamis", path);
    bench_must(tamis_log_write(log, path, &error), &error);
    tamis_log_free(log);
    const char *const train[] = {b->tamis, "train", path, "-o", model, "-q", "--epochs", "1", "--factors", "64", NULL};
    bench_child(train, NULL, 0, &peak);
    unlink(path);
    unlink(model);
    bench_note(b, "MB", peak / 1e6, "matrix and factors",
               (4 * pairs + 8.0 * (double)users + 256.0 * (double)(users + items)) / 1e6, BENCH_LOWER, 1.25,
               "20 M interactions, peak memory");
}

void bench_growth(bench *b)
{
    growth one = {bench_skewed_log(25000, 5000, 1000000), 20};
    for (int64_t n = 10; n <= 100; n *= 10) {
        growth more = {bench_skewed_log(25000 * n, 5000 * n, 1000000 * n), n == 10 ? 3 : 1};
        bench_compare(b, &(bench_pair){"ns per update", update, &more, "1 M interactions", update, &one, BENCH_LOWER, 1.6},
                      "%d M interactions", (int)n);
        tamis_log_free(more.log);
    }
    tamis_log_free(one.log);
    memory(b);
}
