/* Logs that come in many files. */
#ifndef TAMIS_CLI_SHARDS_H
#define TAMIS_CLI_SHARDS_H

#include "cli/args.h"

/* Among the operands that are logs a folder becomes its files, and a pattern (part-*.csv) the files that match it, sorted by name. 0,
 * or the exit code after the sentence is printed: there is none. */
int cli_shards(cli_args *args);

/* The same of paths that options name. */
typedef struct cli_found {
    const char **path;
    size_t count;
    char **own; /* texts among these */
    size_t owned;
} cli_found;
int cli_shards_find(const char *const *paths, size_t count, cli_found *found); /* clear it, whatever came of it */
void cli_found_clear(cli_found *found);

#endif
