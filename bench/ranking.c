/* Full ranking: whole evaluations beside the bare OpenBLAS product of all users' and items' factors, and their memory. */
#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/base.h"
#include "base/clock.h"
#include "base/memory.h"
#include "bench.h"
#include "model/model.h"
#include "rank/metric.h"

typedef struct ranking {
    const tamis_model *model;
    const tamis_log *test;
    const char *metrics;
    int64_t threads;
    int64_t users, items; /* of a block of the product */
    int64_t all;          /* users that are multiplied */
} ranking;

/* Seconds of an evaluation, all included. */
static double evaluate(void *context)
{
    const ranking *r = context;
    tamis_evaluate_options options;
    tamis_evaluation *evaluation;
    tamis_error error;
    tamis_evaluate_options_default(&options);
    options.metrics = r->metrics;
    options.cutoffs = "20";
    options.threads = r->threads;
    const double begin = base_seconds();
    bench_must(tamis_evaluate(r->model, r->test, NULL, 0, &options, &evaluation, &error), &error);
    const double seconds = base_seconds() - begin;
    tamis_evaluation_free(evaluation);
    return seconds;
}

/* Seconds of the product alone, a block of scores at a time, one thread per block. */
static double multiply(void *context)
{
    const ranking *r = context;
    const tamis_model *m = r->model;
    float *scores = base_alloc_raw((size_t)(r->threads * r->users * r->items), sizeof *scores);
    if (!scores) bench_stop("not enough memory for scores");
    const double begin = base_seconds();
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)r->threads)
    for (int64_t u = 0; u < r->all; u += r->users) {
        int64_t rows = r->all - u < r->users ? r->all - u : r->users, thread = 0;
#ifdef _OPENMP
        thread = omp_get_thread_num();
#endif
        for (int64_t i = 0; i < m->items; i += r->items) {
            int64_t columns = m->items - i < r->items ? m->items - i : r->items;
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)rows, (blasint)columns, (blasint)m->factors, 1,
                        m->user_factors + (size_t)u * m->stride, (blasint)m->stride,
                        m->item_factors + (size_t)i * m->stride, (blasint)m->stride, 0,
                        scores + thread * r->users * r->items, (blasint)r->items);
        }
    }
    const double seconds = base_seconds() - begin;
    base_free(scores);
    return seconds;
}

/* The block in which OpenBLAS is fastest here. */
static void choose_block(ranking *r)
{
    static const int64_t users[] = {128, 256, 512, 1024}, items[] = {256, 512, 1024, 4096};
    double best = (double)INFINITY;
    ranking chosen = *r;
    r->all = r->model->users < 4096 ? r->model->users : 4096;
    for (size_t a = 0; a < BASE_COUNT(users); a++)
        for (size_t b = 0; b < BASE_COUNT(items); b++) {
            r->users = users[a];
            r->items = items[b];
            double seconds = multiply(r);
            if (seconds < best) {
                best = seconds;
                chosen = *r;
            }
        }
    *r = chosen;
    r->all = r->model->users;
}

static void measure_memory(bench *b, const tamis_model *model, const char *test)
{
    char path[300];
    struct stat file;
    tamis_error error;
    double peak = 0;
    snprintf(path, sizeof path, "%.250s/tamis-bench-ranking", b->scratch);
    bench_must(tamis_model_save(model, path, &error), &error);
    const char *const arguments[] = {b->tamis, "evaluate", path, test, "-q", "-k", "20", NULL};
    (void)bench_child(arguments, NULL, 0, &peak);
    if (stat(path, &file) == 0)
        bench_note(b, "MB", peak / 1e6, "model file", (double)file.st_size / 1e6, BENCH_LOWER,
                   1 + 200 / ((double)file.st_size / 1e6), "peak memory of tamis evaluate");
    remove(path);
}

void bench_ranking(bench *b)
{
    char train_path[400], test_path[400];
    const char *train = train_path, *test = test_path;
    tamis_log *log = NULL, *test_log = NULL;
    tamis_train_options options;
    tamis_model *model;
    tamis_error error;
    snprintf(train_path, sizeof train_path, "%.300s/gowalla/train.csv.gz", b->datasets ? b->datasets : "");
    snprintf(test_path, sizeof test_path, "%.300s/gowalla/test.csv.gz", b->datasets ? b->datasets : "");
    if (!b->datasets || tamis_log_read(&train, 1, NULL, &log, NULL)) {
        printf("ranking: skipped, gowalla is not under TAMIS_DATASETS\n");
        return;
    }
    bench_must(tamis_log_read(&test, 1, NULL, &test_log, &error), &error);
    bench_must(tamis_train_options_default(&options, "bpr", &error), &error);
    options.item_bias = 0;
    options.regularization = 0.01;
    options.factors = 64;
    options.epochs = 30;
    bench_must(tamis_train(log, NULL, &options, NULL, &model, NULL, &error), &error);
    ranking r = {.model = model, .test = test_log, .threads = 1};
    choose_block(&r);
    for (r.threads = 1; r.threads <= 2; r.threads++) {
        static const struct {
            const char *metrics, *name;
        } kind[] = {{"recall,ndcg", "recall, ndcg"}, {RANK_USUAL_METRICS, "all usual metrics"}};
        for (size_t k = 0; k < BASE_COUNT(kind); k++) {
            r.metrics = kind[k].metrics;
            bench_compare(b, &(bench_pair){"s", evaluate, &r, "OpenBLAS product", multiply, &r, BENCH_LOWER, 1.5},
                          "%s, d 64, %d thread%s", kind[k].name, (int)r.threads, r.threads > 1 ? "s" : "");
        }
    }
    measure_memory(b, model, test);
    tamis_model_free(model);
    tamis_log_free(log);
    tamis_log_free(test_log);
}
