/* tamis evaluate: what is measured (cmd_evaluate.c) and how it is written (evaluate_output.c). */
#ifndef TAMIS_CLI_EVALUATE_OUTPUT_H
#define TAMIS_CLI_EVALUATE_OUTPUT_H

#include <stddef.h>

#include "cli/args.h"
#include "cli/facts.h"
#include "cli/testing.h"
#include "tamis.h"

typedef struct evaluate_options {
    const char *per_user, *output, *slice, *fold_in, *fold_in_column[2];
    int json, form, verbose;
} evaluate_options;

typedef struct evaluate_run {
    const cli_args *args;
    cli_testing t;
    evaluate_options command;
    tamis_model *model;
    tamis_evaluation *outcome;
    tamis_slice *slice;
    tamis_table **table; /* that slices are taken from */
    size_t slices, tables;
    cli_facts facts;
} evaluate_run;
int evaluate_write(evaluate_run *r);

#endif
