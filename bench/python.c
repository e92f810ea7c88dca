/* What bench/python.py times, by C alone: program LOG EPOCHS K TIMES prints seconds of fit, recommend and evaluate, a line each
 * time. LOG: int64 users, items, interactions, then start[] and item[] of train, and the same of test. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tamis.h"

static tamis_error error;

static void must(tamis_status status)
{
    if (!status) return;
    fprintf(stderr, "%s\n", error.text);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void get(void *bytes, size_t size, size_t count, FILE *file)
{
    if (fread(bytes, size, count, file) == count) return;
    fprintf(stderr, "the file is too short\n");
    exit(1);
}

static void load(FILE *file, tamis_log_arrays *arrays)
{
    int64_t head[3];
    get(head, sizeof *head, 3, file);
    int64_t *start = malloc((size_t)(head[0] + 1) * sizeof *start);
    int32_t *item = malloc((size_t)head[2] * sizeof *item);
    if (!start || !item) exit(1);
    get(start, sizeof *start, (size_t)head[0] + 1, file);
    get(item, sizeof *item, (size_t)head[2], file);
    tamis_log_arrays_default(arrays);
    arrays->users = head[0], arrays->items = head[1], arrays->count = head[2];
    arrays->start = start, arrays->item = item;
}

/* Fit, recommend and evaluate once. */
static void once(const tamis_log_arrays *train_arrays, const tamis_log_arrays *test_arrays, int64_t epochs, int64_t k)
{
    tamis_log *train = NULL, *test = NULL;
    tamis_model *model = NULL;
    tamis_train_options options;
    double begun = now();
    must(tamis_train_options_default(&options, "bpr", &error));
    options.epochs = epochs;
    must(tamis_log_from_arrays(train_arrays, &train, &error));
    must(tamis_train(train, NULL, &options, NULL, &model, NULL, &error));
    printf("%.6f", now() - begun);

    begun = now();
    const int64_t users = tamis_model_users(model);
    int64_t *rows = malloc((size_t)users * sizeof *rows);
    tamis_hit *hits = malloc((size_t)(users * k) * sizeof *hits);
    if (!rows || !hits) exit(1);
    for (int64_t u = 0; u < users; u++) rows[u] = u;
    must(tamis_recommend(model, rows, (size_t)users, k, 0, hits, &error));
    printf(" %.6f", now() - begun);
    free(rows);
    free(hits);

    begun = now();
    tamis_evaluate_options evaluating;
    tamis_evaluate_options_default(&evaluating);
    evaluating.metrics = "ndcg,recall";
    evaluating.cutoffs = "20";
    tamis_evaluation *evaluation = NULL;
    must(tamis_log_from_arrays(test_arrays, &test, &error));
    must(tamis_evaluate(model, test, NULL, 0, &evaluating, &evaluation, &error));
    printf(" %.6f\n", now() - begun);
    tamis_evaluation_free(evaluation);
    tamis_model_free(model);
    tamis_log_free(train);
    tamis_log_free(test);
}

int main(int argc, char **argv)
{
    if (argc != 5) return 2;
    FILE *file = fopen(argv[1], "rb");
    if (!file) return 1;
    tamis_log_arrays train, test;
    load(file, &train);
    load(file, &test);
    fclose(file);
    for (long times = strtol(argv[4], NULL, 10); times > 0; times--) once(&train, &test, strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10));
    return 0;
}
