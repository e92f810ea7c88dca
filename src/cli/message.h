/* Messages on stderr. */
#ifndef TAMIS_CLI_MESSAGE_H
#define TAMIS_CLI_MESSAGE_H

#include <stdint.h>

#include "base/base.h"
#include "cli/commands.h"
#include "tamis.h"

/* Usage errors: the sentence on stderr and where help is; what is needed. command NULL: of the program. */
int cli_usage(const cli_command *command, const char *format, ...) BASE_PRINTF(2, 3);
int cli_missing(const cli_command *command, const char *what);
/* From here on usage errors are of this position in a file, and wrong data; NULL: of the command line. */
void cli_usage_at(const char *where);
/* Prints "tamis: sentence" on stderr; gives code back. */
int cli_fail(int code, const char *format, ...) BASE_PRINTF(2, 3);
/* The library's status as exit code, its sentence printed. */
int cli_status(tamis_status status, const tamis_error *error);
/* A line on stderr unless --quiet. */
void cli_note(const char *format, ...) BASE_PRINTF(1, 2);
/* "warning: 12 of 34 test items ..." */
void cli_warn_share(int64_t part, int64_t all, const char *noun, const char *what);

#endif
