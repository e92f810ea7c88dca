/* --help, and the text about an option. */
#ifndef TAMIS_CLI_HELP_H
#define TAMIS_CLI_HELP_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/commands.h"
#include "tamis.h"

void cli_help_program(void);
void cli_help_command(const cli_command *command, bool all);
void cli_help_option(const tamis_option *row);
/* Text on lines of 80, from column `at` on, further lines indented. */
void cli_wrap(const char *text, size_t at, size_t indent);
/* "above 0, below 1": what may be written for an option, for people. Returns buffer. */
const char *cli_range_text(const tamis_option *row, char *buffer, size_t size);
/* The placeholder of its value: N, X, FILE, a|b. */
const char *cli_placeholder(const tamis_option *row);
/* The training defaults that a method changes, as options; "" when none. Returns buffer. */
const char *cli_presets(const char *method, char *buffer, size_t size);
/* help, then range, default and unit. Returns buffer. */
const char *cli_option_text(const tamis_option *row, char *buffer, size_t size);

#endif
