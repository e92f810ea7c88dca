/* What was given on the command line, and the values it sets. */
#ifndef TAMIS_CLI_ARGS_H
#define TAMIS_CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/commands.h"
#include "tamis.h"

typedef struct cli_given {
    const tamis_option_table *table;
    const tamis_option *row;
    const char *text;
    const char *where; /* "FILE:3:1": its value in a file of options; NULL: on the command line */
} cli_given;

typedef struct cli_args {
    const cli_command *command;
    char *const *word; /* as they were given, behind the command's name */
    int words;
    const char **operand;
    size_t operands;
    cli_given *given;
    size_t given_count;
    char **kept; /* texts of files of options */
    size_t kept_count;
} cli_args;

/* 0, or the exit code after the sentence is printed. */
int cli_parse(const cli_command *command, int argc, char **argv, cli_args *args);
void cli_args_clear(cli_args *args);
/* One argument, "--name" or "--name=value". */
int cli_parse_word(cli_args *args, char *text);
/* Usage error when an option was given that changes nothing because another was not. */
int cli_check_idle(const cli_args *args, const char *name, bool used, const char *without);
/* The same of each option of a table, but for one (NULL: none). */
int cli_check_idle_table(const cli_args *args, const char *table, const char *but, bool used, const char *without);
/* The text that was given last to an option; NULL: not given. */
const char *cli_text(const cli_args *args, const char *name);
/* Sets what was given for a table's rows, the last one winning. */
int cli_apply(const cli_args *args, const tamis_option_table *table, void *values);
/* Usage error when the options do not go together. */
int cli_check(const cli_args *args, const tamis_option_table *table, const void *values);
/* tamis_option_find_table() with the defaults filled in, then cli_apply(). */
int cli_read_options(const cli_args *args, const char *table, void *values);
/* How logs are read: tables "log" and, as far as the command has it, "weights". */
int cli_read_reading(const cli_args *args, tamis_log_options *reading);
int cli_read_command(const cli_args *args, const tamis_option_table *table, void *values);
/* The method's own rows; a sentence when an option of another method was given. */
int cli_apply_method(const cli_args *args, const char *method, void *values);

#endif
