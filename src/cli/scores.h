/* Values per user. */
#ifndef TAMIS_CLI_SCORES_H
#define TAMIS_CLI_SCORES_H

#include <stddef.h>
#include <stdint.h>

#include "cli/commands.h"
#include "tamis.h"

typedef struct cli_scores {
    int64_t users;
    size_t metrics;
    char **id;
    char (*name)[64];
    double *value; /* users x metrics; NAN: not defined */
} cli_scores;

int cli_scores_take(const tamis_evaluation *evaluation, cli_scores *scores);
int cli_scores_read(const char *path, cli_scores *scores); /* as evaluate --per-user wrote it */
int cli_scores_align(cli_scores *scores, size_t count);    /* keeps the users that are in all, in one order */
int cli_scores_unite(cli_scores *scores, size_t count);    /* the users that are in any, in one order; NAN where they are not */
void cli_scores_clear(cli_scores *scores);

#endif
