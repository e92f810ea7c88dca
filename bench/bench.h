/* make bench: what tamis does, measured beside something that does not change. See README.md. */
#ifndef TAMIS_BENCH_H
#define TAMIS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/log.h"
#include "tamis.h"

/* Where things are, how often to measure; where results go. */
typedef struct bench {
    const char *self, *tamis, *yardstick; /* programs */
    const char *datasets;          /* TAMIS_DATASETS; NULL: not set */
    const char *scratch;           /* a folder for files of some GB */
    int runs;                      /* alternating runs, of which the median ratio counts */
    const char *group;             /* the group that runs now */
    struct bench_row *row;
    size_t count, capacity;
} bench;

typedef enum bench_better { BENCH_HIGHER, BENCH_LOWER } bench_better;

/* A figure beside the one that it is divided by. Both may be rates or times, as long as they are of one kind. */
typedef struct bench_row {
    const char *group;
    char name[64];
    const char *unit;
    double value, other; /* medians */
    const char *against;
    double ratio, least, most; /* median, smallest and largest of the runs' ratios value / other */
    bench_better better;
    double goal; /* of the ratio; NAN: none */
} bench_row;

/* A measurement: a rate or a time; NAN: it could not be made. */
typedef double (*bench_measure)(void *context);

/* What a comparison needs: fill, then call bench_compare(). */
typedef struct bench_pair {
    const char *unit;
    bench_measure mine;
    void *my_context;
    const char *against;
    bench_measure theirs;
    void *their_context;
    bench_better better;
    double goal;
} bench_pair;

/* Runs both in turn, notes medians. */
void bench_compare(bench *b, const bench_pair *pair, const char *name, ...) __attribute__((format(printf, 3, 4)));
/* Notes a figure that was measured once, beside what it is compared with. */
void bench_note(bench *b, const char *unit, double value, const char *against, double other, bench_better better,
                double goal, const char *name, ...) __attribute__((format(printf, 8, 9)));
/* Stops the program with a sentence. */
_Noreturn void bench_stop(const char *format, ...) __attribute__((format(printf, 1, 2)));
void bench_must(tamis_status status, const tamis_error *error);
/* Sets options of a table ("train", or a method's), "name value name value"; NULL: none. */
void bench_set(tamis_train_options *options, const char *set);

/* ---- helpers, measure.c */
double bench_median(double *values, size_t count);
/* Runs a program to its end; its first line of output into line (may be NULL). Returns seconds; *peak: most memory
 * that it held, in bytes (may be NULL). */
double bench_child(const char *const *arguments, char *line, size_t size, double *peak);

typedef struct bench_yardstick {
    const bench *bench;
    int threads, factors, epochs;
} bench_yardstick;
double bench_run_yardstick(void *context); /* M updates/s */

/* ---- logs, shape.c */
/* The yardstick's shape: 30,000 users, 40,000 items, about 800,000 positives. */
tamis_log *bench_yardstick_log(void);
/* Skewed users and items, so many draws. */
tamis_log *bench_skewed_log(int64_t users, int64_t items, int64_t draws);

/* ---- models, model.c */
/* Random factors, d = 64; each user has one item, users are named u0000000, u0000001, ... */
void bench_write_model(const char *path, int64_t users, int64_t items);

/* ---- groups */
void bench_updates(bench *b);
void bench_costs(bench *b);
void bench_methods(bench *b);
void bench_kernels(bench *b);
void bench_ranking(bench *b);
void bench_recommend(bench *b);
void bench_fold(bench *b);
void bench_requests(bench *b);
void bench_quality(bench *b);
void bench_checkpoint(bench *b);
void bench_ingest(bench *b);
void bench_growth(bench *b);
void bench_read(const char *path);

#endif
