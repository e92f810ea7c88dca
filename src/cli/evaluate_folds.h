/* tamis evaluate of several models: folds, or runs of one method. */
#ifndef TAMIS_CLI_EVALUATE_FOLDS_H
#define TAMIS_CLI_EVALUATE_FOLDS_H

#include "cli/evaluate_output.h"
#include "cli/joined.h"

/* Measures each of the models, and writes means and deviations over them. */
int evaluate_folds(evaluate_run *r, const cli_joined *models);

#endif
