/* A study of methods along an axis, such as ratios of noise: its settings taken apart, and its outcome. */
#ifndef TAMIS_STUDY_STUDY_H
#define TAMIS_STUDY_STUDY_H

#include <stdbool.h>

#include "base/writer.h"
#include "rank/metric.h"
#include "study/jobs.h"
#include "study/ledger.h"
#include "study/recipe.h"
#include "study/search.h"
#include "tamis.h"

enum { STUDY_RATIOS = 64, STUDY_METHODS = 64, STUDY_METRICS = 2 * RANK_MOST_COLUMNS /* tail metrics besides */ };

/* What reports of a study say in its own words. */
typedef struct study_words {
    const char *title, *axis, *x_label;
    const char *figure[3]; /* titles, with %s for the metric */
    const char *test;      /* what it was measured on */
    const char *limits;    /* of a verdict: "this log and", before the kind of noise */
    bool costs;            /* the axis can only take away: a method that gains along it has the wrong options */
    void (*protocol)(const struct tamis_robustness *study, base_writer *w);
} study_words;

struct tamis_robustness {
    const study_words *words;
    const tamis_log *log;
    tamis_robustness_options options;
    const tamis_study_progress *progress;
    char directory[3900];
    study_digest log_digest, natural_digest;
    recipe method[STUDY_METHODS];
    size_t methods, control;
    size_t beside;        /* so many methods, the last ones, are no contestants: the oracle */
    double ratio[STUDY_RATIOS];
    size_t ratios;
    tamis_noise_options noise[STUDY_RATIOS];
    char rounding[1200]; /* a sentence: what the ratios come to; "": there is no noise */
    char metric[STUDY_METRICS][40]; /* as results.csv names them, tail ones last */
    size_t metrics, whole_metrics;
    char validated[40];             /* the metric that validation looks at */
    tamis_train_options *chosen;    /* ratios x methods */
    uint8_t *tail;                  /* per item of the log */
    study_jobs jobs;
    int64_t users, items, interactions;
    int64_t others; /* runs in results.csv that are of other settings */
    ledger *filling;
    int64_t before, tuned; /* cells of tuning that are over; of the last ratio */
    recipes recipes;
    tamis_robustness_row *row;
    size_t rows;
    double overlap;        /* of seeds: test rows per training row where they are splits of one log; 0: drawn independently */
    double *first;         /* the first metric: ratios x methods x seeds */
    const tamis_option *drawn[STUDY_METHODS][SEARCH_AXES]; /* what each method was tuned in, up to NULL */
    char verdict[1600];
    char warning[2 * STUDY_METHODS][600]; /* what makes the table doubtful */
    size_t warnings;
};

/* Cells are by ratio, then seed, then method. */
typedef struct study_cell {
    size_t ratio, method;
    uint64_t seed;
} study_cell;

#endif
