/* The files that are read and written: logs and models, and what is checked before. */
#ifndef TAMIS_CLI_FILE_H
#define TAMIS_CLI_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/option.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "tamis.h"

bool cli_is_model(const char *path);
/* The same, or it is a beginning of one: a file that was cut off. */
bool cli_begins_as_model(const char *path);
/* Reads logs and tells on stderr what was found. */
int cli_read_log(const char *const *paths, size_t count, const tamis_log_options *options, tamis_log **log);
/* The same where ratings are used, or do not matter: without notes of some kinds. */
#define CLI_SILENT_RATING (1u << TAMIS_NOTE_RATING)
#define CLI_SILENT_WEIGHT (1u << TAMIS_NOTE_WEIGHT)
int cli_read_log_silent(const char *const *paths, size_t count, const tamis_log_options *options, unsigned silent, tamis_log **log);
/* How a second log is read beside the first one: with what --NAME-user and --NAME-item say, and with the first one's options
 * as far as its file has what they name; without the k-core, and with every row a positive where it has no ratings. */
void cli_beside(const cli_args *args, const char *prefix, const tamis_log_options *first, tamis_log_options *reading);
/* Usage error when --NAME-user or --NAME-item was given without --NAME. prefix: "NAME-". */
int cli_check_beside(const cli_args *args, const char *prefix);

/* The rows of these two options; field: const char *[2]. */
#define CLI_COLUMNS(type, field, name)                                                                                 \
    BASE_OPTION(type, field[0], name "-user", TAMIS_OPTION_TEXT, "COLUMN", NULL, "",                                   \
               "the column of users in --" name ": a name or a position; else found as in any log"),                   \
    BASE_OPTION(type, field[1], name "-item", TAMIS_OPTION_TEXT, "COLUMN", NULL, "", "the same of items")

int cli_load(const char *path, tamis_model **model);
/* Before anything is read or written. Usage error: standard input is named twice. */
int cli_check_inputs(const cli_args *args);
/* Usage errors: a file to write has no name, is standard output, an input or another option's. And that it can be written,
 * rather than to fail after hours of work. */
int cli_check_files(const cli_args *args);
/* Whether two names are of one file that exists, or are spelled alike. */
bool cli_same_file(const char *a, const char *b);
/* The files that a command writes into a directory: not all of them each time, and one that an earlier run has left
 * would pass for this run's. */
enum { CLI_PARTS = 12 };

typedef struct cli_parts {
    const char *command, *directory;
    const char *name[CLI_PARTS];
    unsigned long long there[CLI_PARTS]; /* inode of what was there before; 0: nothing */
} cli_parts;

/* Usage error when the directory has no name, or one of the files is an input. what: the option or operand. */
int cli_parts_check(cli_parts *parts, const cli_args *args, const char *what);
/* After writing: what became of those that were there before and were not written anew. */
void cli_parts_tell(const cli_parts *parts);

#endif
