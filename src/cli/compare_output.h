/* tamis compare: what is worked out (cmd_compare.c) and how it is written (compare_output.c). */
#ifndef TAMIS_CLI_COMPARE_OUTPUT_H
#define TAMIS_CLI_COMPARE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/facts.h"
#include "cli/scores.h"
#include "cli/testing.h"
#include "tamis.h"

typedef struct compare_options {
    const char *test, *output;
    int form, verbose;
} compare_options;

/* One method: one or more runs. */
typedef struct contender {
    char *name;           /* the operand */
    const char **path;
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
    cli_testing testing;
    const char **test;             /* the test log's files */
    contender *contender;
    size_t contenders, scores;
    cli_scores *score;             /* of all runs of all contenders */
    size_t metrics;
    int64_t users;
    outcome *outcome;
    size_t outcomes, family[2];    /* comparisons over users and over runs, each corrected for the others */
    cli_facts facts;
} comparison;

int compare_print(comparison *c);

#endif
