/* A log described, for people who look before they train. */
#ifndef TAMIS_CLI_DESCRIBE_H
#define TAMIS_CLI_DESCRIBE_H

#include <stdbool.h>

#include "cli/args.h"

/* Prints what the log holds, which was read from the operands. */
int cli_describe_log(const cli_args *args, const tamis_log *log, bool json);

#endif
