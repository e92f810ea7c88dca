/* Logs that come in many files. */
#ifndef TAMIS_CLI_SHARDS_H
#define TAMIS_CLI_SHARDS_H

#include "cli/args.h"

/* Among the operands that are logs a folder becomes its files, and a pattern (part-*.csv) the files that match it, sorted by name. 0,
 * or the exit code after the sentence is printed: there is none. */
int cli_shards(cli_args *args);

#endif
