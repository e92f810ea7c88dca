/* What was meant: the usage error, with a command or an option that there is. */
#ifndef TAMIS_CLI_ADVICE_H
#define TAMIS_CLI_ADVICE_H

#include "cli/commands.h"

int cli_unknown_command(const char *name);
int cli_unknown_option(const cli_command *command, const char *name);

#endif
