/* The search: trials of methods, in rungs of more and more epochs. */
#ifndef TAMIS_STUDY_RUNGS_H
#define TAMIS_STUDY_RUNGS_H

#include "study/jobs.h"
#include "study/ledger.h"
#include "study/search.h"

enum { TUNE_METHODS = 64, TUNE_MOST_TRIALS = 1000 };

/* What trials are trained and judged on. */
typedef struct tune_split {
    const tamis_log *train, *validation;
    char text[300];        /* tells it from others, for digests */
    const char *label;     /* of a study with several: "0.2,", fields that its rows have behind the digest; "": none */
    const char *directory; /* of checkpoints within a trial, as often as `every` says; NULL: none */
    const char *every;
} tune_split;

typedef struct tune_trial {
    int attempt;  /* which draw it is: the first that no earlier trial has */
    int rung;     /* the last one that it was in; -1: none */
    double value; /* there; NAN: it diverged */
    int64_t kept; /* the epoch that was best */
    char *text;   /* what is set and drawn */
} tune_trial;

typedef struct tune_method {
    search_space space;
    tune_trial *trial;
    int64_t trials; /* different ones that there are, of those asked for */
} tune_method;

struct tamis_tune {
    tamis_tune_options options; /* trials: at most; metric: below */
    char *metric;
    tune_split split;
    tamis_log *train, *validation; /* parts that were cut from the caller's log */
    search_set *set;
    tune_method method[TUNE_METHODS];
    size_t methods;
    int64_t trials; /* begun */
    int64_t found;  /* of these, in the ledger when the clock began */
    study_jobs jobs;
    const tamis_study_progress *progress;
    ledger *ledger;
    double start, spent; /* when the first rung began, and what had taken time before */
    double whole;        /* seconds of the first trial in the last rung, all methods; 0: not known */
    int64_t before; /* cells of the rungs that are over */
    tamis_tune_row *row;
    size_t rows;
};

/* A method's epochs in a rung, from 0. */
int64_t rungs_epochs(const tamis_tune *tune, size_t method, int rung);
/* What a trial is trained with there. */
void rungs_options(const tamis_tune *tune, size_t method, int64_t trial, int rung, tamis_train_options *options);
/* Runs all of them, or what the ledger lacks, and fills in what the trials come to. */
tamis_status rungs_run(tamis_tune *tune, tamis_error *error);

#endif
