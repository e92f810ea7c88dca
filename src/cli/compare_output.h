/* tamis compare: what is worked out (cmd_compare.c) and how it is written (compare_output.c). */
#ifndef TAMIS_CLI_COMPARE_OUTPUT_H
#define TAMIS_CLI_COMPARE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/facts.h"
#include "cli/joined.h"
#include "cli/scores.h"
#include "cli/testing.h"
#include "tamis.h"

typedef struct compare_options {
    const char *test, *output;
    int form, verbose;
} compare_options;

/* One method: one or more runs. */
typedef struct contender {
    cli_joined path;        /* the operand */
    size_t runs;
    cli_scores *score;    /* of each run */
    double *value;        /* metrics x users: the mean over runs */
    double *mean;         /* metrics x runs */
} contender;

/* One contender against the first, in one metric. */
typedef struct outcome {
    size_t metric, contender;
    bool runs;                     /* over runs' means, not users */
    tamis_paired paired;
    double a, b;                   /* means of the first and of the contender, over the pairs */
    double holm[3];                /* t, Wilcoxon, permutation */
} outcome;

typedef struct comparison {
    const cli_args *args;
    compare_options command;
    tamis_paired_options paired;
    cli_testing testing;           /* what options say */
    cli_testing *fold;             /* the test logs: one, or one for each run, of which there are so many: */
    size_t folds;
    const char **test;             /* the files: names, or lists of them by fold */
    cli_joined *tests;
    size_t test_count;
    contender *contender;
    size_t contenders, scores;
    cli_scores *score;             /* of all runs of all contenders */
    size_t metrics;
    int64_t users;
    double test_rows, train_rows;  /* of all folds */
    outcome *outcome;
    size_t outcomes, family[2];    /* comparisons over users and over runs, each corrected for the others */
    cli_facts facts;
} comparison;

int compare_print(comparison *c);

#endif
