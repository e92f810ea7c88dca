/* Updates per second of whole training runs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "bench.h"
#include "kernel/kernel.h"
#include "method/als.h"
#include "train/epoch.h"
#include "train/options.h"
#include "train/start.h"

typedef struct run {
    const tamis_log *log;
    const char *method;
    int64_t factors, threads, epochs;
    tamis_model *model; /* of the last run */
    const char *set;    /* further options, "name value name value"; NULL: none */
} run;

/* bpr that others stand beside: vectors alone, nothing found from the log. */
static const char bare_bpr[] = "item-bias 0 negatives 1 regularization 0.01";

static void settle(const run *r, tamis_train_options *options)
{
    tamis_error error;
    bench_must(tamis_train_options_default(options, r->method, &error), &error);
    options->factors = r->factors;
    options->threads = r->threads;
    options->epochs = r->epochs;
    bench_set(options, r->set);
}

/* M samples/s of a training run from its start */
static double train(void *context)
{
    run *r = context;
    tamis_train_options options;
    tamis_train_report report;
    tamis_error error;
    settle(r, &options);
    tamis_model_free(r->model);
    bench_must(tamis_train(r->log, NULL, &options, NULL, &r->model, &report, &error), &error);
    return (double)report.samples / report.seconds / 1e6;
}

/* M samples/s of two trainings on one thread each that know nothing of each other: what two threads could reach here */
static double train_apart(void *context)
{
    run each[2] = {*(const run *)context, *(const run *)context};
    double sum = 0;
#pragma omp parallel for num_threads(2) reduction(+ : sum)
    for (int k = 0; k < 2; k++) {
        each[k].model = NULL;
        sum += train(&each[k]);
        tamis_model_free(each[k].model);
    }
    return sum;
}

/* ---- the bare kernel: an epoch's samples are noted as they pass, then given to the kernel without anything between */

typedef struct notes {
    kernel_pairs pairs;   /* the last call, for what all calls share; of points the other one */
    kernel_points points;
    int lists;            /* of pairs 3: user, positive, negative; of points 4: user, item, target, weight */
    void *sample;         /* each call's lists, one after the other; all are of 4 bytes */
    int64_t *count, calls, capacity, used, room; /* of each call; used, room: 4 bytes each */
} notes;

static notes noted;

static void note(int64_t count, const void *const *list, int lists)
{
    noted.lists = lists;
    if (noted.calls == noted.capacity) {
        noted.capacity = noted.capacity ? 2 * noted.capacity : 1024;
        noted.count = realloc(noted.count, (size_t)noted.capacity * sizeof *noted.count);
    }
    if (noted.used + lists * count > noted.room) {
        noted.room = 2 * noted.room + lists * count;
        noted.sample = realloc(noted.sample, (size_t)noted.room * 4);
    }
    if (!noted.count || !noted.sample) bench_stop("not enough memory for an epoch's samples");
    for (int k = 0; k < lists; k++, noted.used += count)
        memcpy((char *)noted.sample + (size_t)noted.used * 4, list[k], (size_t)count * 4);
    noted.count[noted.calls++] = count;
}

static void note_pairs(kernel_pairs *work)
{
    note(work->count, (const void *const[]){work->user, work->positive, work->negative}, 3);
    noted.pairs = *work;
    kernel_choose()->pairs(work);
}

static void note_points(kernel_points *work)
{
    note(work->count, (const void *const[]){work->user, work->item, work->target, work->weight}, 4);
    noted.points = *work;
    kernel_choose()->points(work);
}

/* M samples/s of the kernel over what was noted */
static double replay(void *context)
{
    (void)context;
    const kernel_tier *kernel = kernel_choose();
    kernel_pairs pairs = noted.pairs;
    kernel_points points = noted.points;
    const char *at = noted.sample;
    const double begin = base_seconds();
    for (int64_t k = 0; k < noted.calls; k++) {
        const int64_t n = noted.count[k];
        const void *list[4];
        for (int m = 0; m < noted.lists; m++, at += 4 * n) list[m] = at;
        if (noted.lists == 3) {
            pairs.count = n;
            pairs.user = list[0];
            pairs.positive = list[1];
            pairs.negative = list[2];
            kernel->pairs(&pairs);
        } else {
            points.count = n;
            points.user = list[0];
            points.item = list[1];
            points.target = list[2];
            points.weight = list[3];
            kernel->points(&points);
        }
    }
    return (double)noted.used / noted.lists / (base_seconds() - begin) / 1e6;
}

static void against_bare(bench *b, run *r, double goal)
{
    train_run state = {.log = r->log};
    tamis_epoch report;
    tamis_error error;
    kernel_tier tier = *kernel_choose();
    tier.pairs = note_pairs;
    tier.points = note_points;
    settle(r, &state.options);
    state.options.threads = 1;
    bench_must(run_start(&state, r->log, NULL, &state.options, &error), &error);
    state.kernel = &tier;
    noted = (notes){0};
    bench_must(epoch_run(&state, &report, &error), &error);
    bench_compare(b, &(bench_pair){"M samples/s", train, r, "bare kernel", replay, NULL, BENCH_HIGHER, goal},
                  "%s d %d, 1 thread", r->method, (int)r->factors);
    free(noted.sample);
    free(noted.count);
    run_clear(&state);
}

static bool same_factors(const tamis_model *a, const tamis_model *b)
{
    size_t stride;
    const float *p = tamis_model_user_factors(a, &stride), *q = tamis_model_user_factors(b, &stride);
    const float *x = tamis_model_item_factors(a, &stride), *y = tamis_model_item_factors(b, &stride);
    return memcmp(p, q, (size_t)tamis_model_users(a) * stride * sizeof *p) == 0 &&
           memcmp(x, y, (size_t)tamis_model_items(a) * stride * sizeof *x) == 0;
}

void bench_updates(bench *b)
{
    enum { EPOCHS = 16 };
    static const int sizes[] = {64, 128};
    tamis_log *log = bench_yardstick_log();
    for (size_t s = 0; s < BASE_COUNT(sizes); s++) {
        run one = {log, "bpr", sizes[s], 1, EPOCHS, NULL, bare_bpr}, two = {log, "bpr", sizes[s], 2, EPOCHS, NULL, bare_bpr};
        bench_yardstick yard[2] = {{b, 1, sizes[s], 5}, {b, 2, sizes[s], 5}};
        bench_compare(b, &(bench_pair){"M updates/s", train, &one, "yardstick", bench_run_yardstick, &yard[0],
                                       BENCH_HIGHER, 1.8}, "bpr d %d, 1 thread", sizes[s]);
        bench_compare(b, &(bench_pair){"M updates/s", train, &two, "yardstick", bench_run_yardstick, &yard[1],
                                       BENCH_HIGHER, 1.8}, "bpr d %d, 2 threads", sizes[s]);
        bench_compare(b, &(bench_pair){"M updates/s", train, &two, "1 thread", train, &one, BENCH_HIGHER, 1.9},
                      "bpr d %d, 2 threads", sizes[s]);
        bench_compare(b, &(bench_pair){"M updates/s", train, &two, "two trainings apart", train_apart, &one, BENCH_HIGHER,
                                       (double)NAN}, "bpr d %d, 2 threads", sizes[s]);
        if (!same_factors(one.model, two.model)) bench_stop("bpr: 1 and 2 threads gave different factors");
        against_bare(b, &one, 0.6);
        tamis_model_free(one.model);
        tamis_model_free(two.model);
    }
    tamis_log_free(log);
}

/* Every method with factors as it trains by default. */
void bench_methods(bench *b)
{
    static const int sizes[] = {32, 64, 128};
    tamis_log *log = bench_yardstick_log(), *small = bench_skewed_log(3000, 4000, 80000);
    const method *m;
    for (size_t k = 0; (m = method_get(k)); k++) {
        tamis_train_options usual;
        tamis_error error;
        if (m->trainer == METHOD_BY_ITEMS) continue;
        bench_must(tamis_train_options_default(&usual, m->name, &error), &error);
        const method_als *solving = m->trainer == METHOD_BY_ALS ? m->family : NULL;
        const bool all_pairs = solving && solving->expect; /* of users and items, in each epoch */
        const bool sampled = m->trainer == METHOD_BY_SGD, quick = sampled && usual.batch_size == 0;
        for (size_t s = 0; s < BASE_COUNT(sizes); s++)
            for (int threads = 1; threads <= 2; threads++) {
                run r = {all_pairs ? small : log, m->name, sizes[s], threads, quick ? 4 : 1, NULL,
                         strcmp(usual.positive_sampling, "pld") == 0 ? "warmup 0" : NULL};
                bench_yardstick yard = {b, threads, sizes[s] == 128 ? 128 : 64, 5}; /* it knows two sizes */
                const char *beside = sizes[s] < 64 ? "yardstick, d 64" : "yardstick";
                bench_compare(b, &(bench_pair){"M samples/s", train, &r, beside, bench_run_yardstick, &yard,
                                               BENCH_HIGHER, (double)NAN},
                              "%s d %d, %d thread%s", m->name, sizes[s], threads, threads > 1 ? "s" : "");
                if (quick && threads == 1 && !m->two_scores) against_bare(b, &r, (double)NAN);
                tamis_model_free(r.model);
            }
    }
    tamis_log_free(small);
    tamis_log_free(log);
}

/* ns per pair of a positive and a negative */
static double cost(void *context)
{
    run *r = context;
    tamis_train_options options;
    tamis_train_report report;
    tamis_error error;
    settle(r, &options);
    tamis_model_free(r->model);
    bench_must(tamis_train(r->log, NULL, &options, NULL, &r->model, &report, &error), &error);
    const double pairs = (double)tamis_log_interactions(r->log) * (double)(report.epochs * options.negatives);
    return report.seconds / pairs * 1e9;
}

/* As each method trains by default, and where that is in batches of Adam, sample by sample or with plain steps too. */
void bench_costs(bench *b)
{
    static const struct {
        const char *method, *set, *how;
        double goal;
    } cases[] = {{"bpo", NULL, "4 negatives", 1.2},
                 {"bpo", "negatives 1", "1 negative", 1.2},
                 {"relmf", NULL, "batches of Adam", (double)NAN},
                 {"relmf", "pairs sampled batch-size 0 optimizer sgd learning-rate 0.05", "sample by sample", 1.2},
                 {"nbpo", NULL, "batches, 4 negatives", (double)NAN},
                 {"nbpo", "batch-size 0 regularization 0.06", "sample by sample, 4 negatives", 2.2},
                 {"pld-fresh", "warmup 0", "pool of 5, from epoch 1", 2.5},
                 {"pld", "warmup 0", "pool of 5, in batches", (double)NAN},
                 {"warp", NULL, "", (double)NAN}};
    tamis_log *log = bench_yardstick_log();
    for (int threads = 1; threads <= 2; threads++)
        for (size_t k = 0; k < BASE_COUNT(cases); k++) {
            run plain = {log, "bpr", 64, threads, 4, NULL, bare_bpr};
            run other = {log, cases[k].method, 64, threads, cases[k].goal > 0 ? 4 : 2, NULL, cases[k].set};
            bench_compare(b, &(bench_pair){"ns per pair", cost, &other, "bpr", cost, &plain, BENCH_LOWER, cases[k].goal},
                          "%s %s, %d thread%s", cases[k].method, cases[k].how, threads, threads > 1 ? "s" : "");
            tamis_model_free(plain.model);
            tamis_model_free(other.model);
        }
    tamis_log_free(log);
}
