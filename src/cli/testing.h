/* Evaluating: what evaluate and compare share. */
#ifndef TAMIS_CLI_TESTING_H
#define TAMIS_CLI_TESTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/args.h"
#include "cli/facts.h"
#include "tamis.h"

typedef struct cli_testing {
    const cli_args *args;
    tamis_log_options reading;
    tamis_evaluate_options options;
    const char *relevance;     /* the test log's column; NULL: none */
    const char *propensity;    /* a file; NULL: none */
    tamis_table *propensities; /* what it holds */
    const char *const *tests;  /* the test log's files */
    size_t test_count;
    tamis_log *test, **mask;
    size_t masks;
    int64_t items; /* of the model, once it has run */
    size_t fold, folds; /* of a list of so many names in --mask and --train the one is taken; 0 folds: there are none */
} cli_testing;

int cli_testing_options(cli_testing *testing, const cli_args *args); /* reads no file */
int cli_testing_read(cli_testing *testing, const char *const *tests, size_t count);
int cli_testing_run(cli_testing *testing, const tamis_model *model, tamis_evaluation **outcome);
void cli_testing_clear(cli_testing *testing);
bool cli_testing_sampled(const cli_testing *testing); /* once it has run: fewer than all items are ranked */
bool cli_testing_listed(const cli_testing *testing);
bool cli_testing_masks_training(const cli_testing *testing);
const char *cli_testing_masked(const cli_testing *testing); /* "training items masked" */
void cli_testing_facts(const cli_testing *testing, cli_facts *facts);

#endif
