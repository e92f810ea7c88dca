/* The noise-ratio study: its settings taken apart, its outcome, and who writes what of it. */
#ifndef TAMIS_STUDY_ROBUSTNESS_H
#define TAMIS_STUDY_ROBUSTNESS_H

#include <stdbool.h>

#include "base/writer.h"
#include "study/recipe.h"
#include "study/study.h"
#include "tamis.h"

enum { STUDY_RATIOS = 32, STUDY_METHODS = 32, STUDY_METRICS = 128 };

/* What reports of a study say in its own words. */
typedef struct study_words {
    const char *title, *axis, *x_label;
    const char *figure[3]; /* titles, with %s for the metric */
    const char *test;      /* what it was measured on */
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
    int jobs, threads;              /* threads of a cell */
    int64_t users, items, interactions;
    int64_t others; /* runs in results.csv that are of other settings */
    ledger *filling;
    const char *phase;
    int64_t before, cells; /* of phases that are over; of all */
    recipes recipes;
    tamis_robustness_row *row;
    size_t rows;
    char warning[STUDY_METHODS][400]; /* what makes the table doubtful */
    size_t warnings;
};

/* Cell numbers: results are by ratio, then seed, then method; trials by ratio, then method, then trial. */
typedef struct study_cell {
    size_t ratio, method;
    uint64_t seed;
    int64_t trial;
} study_cell;

extern const tamis_option_table robustness_option_table;

/* ---- cells.c */
study_cell robustness_cell(const tamis_robustness *study, bool trials, int64_t cell);
/* The digest of all that a cell's figures hang on, as the ledger that is being filled has them. */
tamis_status robustness_describe(const tamis_robustness *study, study_cell at, bool trial,
                                 const tamis_train_options *options, study_digest digest, tamis_error *error);
/* As ledger_plan has them; context: the study. */
tamis_status robustness_result(void *context, int64_t cell, study_text *rows, tamis_error *error);
tamis_status robustness_trial(void *context, int64_t cell, study_text *rows, tamis_error *error);
/* For the calls that a cell makes, and what it says when they were stopped. */
tamis_stop robustness_stop(const tamis_robustness *study);
tamis_status robustness_stopped(tamis_error *error);
int robustness_tell(void *context, int64_t cell, int64_t done, int64_t cells);

/* Finds out what the ratios come to. TAMIS_DATA: to nothing. */
tamis_status robustness_round(tamis_robustness *study, tamis_error *error);

/* ---- settings.c */
/* Takes the options apart. */
tamis_status robustness_settle(tamis_robustness *study, tamis_error *error);

/* ---- what studies share (settings.c, cells.c, robustness.c) */
tamis_status study_new(const tamis_log *log, const char *directory, const tamis_study_progress *progress,
                       tamis_robustness **study, tamis_error *error);
/* The words of "a,b,c", one at a time into buffer; false past the last. */
bool study_next_word(const char **list, char separator, char *buffer, size_t size);
/* Rising numbers of an option of that name. */
tamis_status study_ratios(const char *option, const char *list, double ratio[STUDY_RATIOS], size_t *count,
                          tamis_error *error);
tamis_status study_check_metrics(const char *metrics, const char *cutoffs, tamis_error *error);
void study_name_metrics(tamis_robustness *study);
tamis_status study_add_method(tamis_robustness *study, const char *name, tamis_error *error);
/* tail[i] = 0 for the most popular share of items. */
tamis_status study_find_tail(tamis_robustness *study, tamis_error *error);
/* The rows of tail items. */
tamis_status study_tail_of(const tamis_robustness *study, const tamis_log *test, tamis_log **tail, tamis_error *error);
/* summary.md, report.html, plots.gp */
tamis_status study_write(const tamis_robustness *study, tamis_error *error);

/* summary.c: fills row[] from results.csv's cells */
tamis_status robustness_summarize(tamis_robustness *study, const ledger *results, study_digest *digest,
                                  tamis_error *error);
const tamis_robustness_row *robustness_row(const tamis_robustness *study, size_t metric, size_t ratio, size_t method);
/* The finished product: summary.md, report.html, plots.gp */
tamis_status robustness_markdown(const tamis_robustness *study, tamis_error *error);
tamis_status robustness_report(const tamis_robustness *study, tamis_error *error);
tamis_status robustness_gnuplot(const tamis_robustness *study, tamis_error *error);
/* What a metric's name means, in a few words. */
const char *robustness_metric_help(const tamis_robustness *study, size_t metric, char *buffer, size_t size);
/* Whose mean is best at a ratio. */
size_t robustness_best(const tamis_robustness *study, size_t metric, size_t ratio);

#endif
