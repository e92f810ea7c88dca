/* The commands: help, man page, completion and parsing all walk their table. */
#ifndef TAMIS_CLI_COMMANDS_H
#define TAMIS_CLI_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "base/option.h"
#include "tamis.h"

#define CLI_METHODS "*"  /* cli_group.table: the own options of each method in turn */
#define CLI_SAMPLERS "+" /* the same of samplers */

typedef struct cli_group {
    const char *title;             /* above its rows in --help; NULL ends a list of groups */
    const char *table;             /* a table of the library, by name; NULL: own */
    const tamis_option_table *rows; /* rows that only the command line has */
} cli_group;

struct cli_args;

typedef struct cli_command {
    const char *name, *help;
    const char *operands;    /* "LOG... -o MODEL" */
    const char *about;       /* a paragraph */
    int (*run)(const struct cli_args *args);
    const cli_group *groups; /* NULL: no options but the general ones */
    size_t least, most;      /* operands */
    const char *words;       /* what completes an operand: "a|b"; "" for commands; NULL: file names */
    const char *common;      /* "output|method": what --help shows of many options; NULL: all */
    const char *examples;    /* a line each */
} cli_command;

typedef struct cli_general { /* the options that every command has */
    int quiet, help, help_all, version;
} cli_general;

extern const cli_command cli_commands[];
extern const size_t cli_command_count;
const cli_command *cli_command_find(const char *name);

/* The option tables of a command, one after the other; *walk starts as {.command = c}. NULL: past the last. */
typedef struct cli_walk {
    const cli_command *command;
    size_t group, step;
    const char *title, *method, *sampler; /* of the table just given; method, sampler NULL: it is of none */
} cli_walk;

const tamis_option_table *cli_next_table(cli_walk *walk);
/* The short form of an option: "-k"'s 'k'; 0: none. */
char cli_short(const char *name);
/* A choice with the words yes and no is written --name, --no-name or --name=WORD. */
bool cli_is_switch(const tamis_option *row);
bool cli_takes_value(const tamis_option *row);
/* The row of an option by its name, or where letter is not 0 by its short form, and its table. NULL: the command has none. */
const tamis_option *cli_find_row(const cli_command *command, const char *name, size_t length, char letter,
                                 const tamis_option_table **table);
const tamis_option *cli_find_option(const cli_command *command, const char *name);

#define CLI_TABLE(symbol, name, rows, type) \
    const tamis_option_table symbol = {name, rows, BASE_COUNT(rows), sizeof(type), NULL}

/* The functions of the commands, each in its cmd_NAME.c (completion in cmd_help.c), and the option tables of theirs. */
#define CLI_RUNS(row)                                                                                                   \
    row(train) row(evaluate) row(compare) row(recommend) row(score) row(similar) row(info) row(export) row(split) row(noise)      \
    row(robustness) row(tune) row(audit) row(study) row(synth) row(methods) row(completion) row(help)
#define CLI_TABLES(row)                                                                                                \
    row(general) row(train) row(evaluate) row(testing) row(compare) row(recommend) row(selection) row(score) row(similar) row(info) row(export) row(split)   \
    row(noise) row(robustness) row(tune) row(audit) row(study) row(synth) row(methods)
#define CLI_RUN(name) int cmd_##name(const struct cli_args *args);
#define CLI_TABLE_OF(name) extern const tamis_option_table cli_##name##_table;
CLI_RUNS(CLI_RUN)
CLI_TABLES(CLI_TABLE_OF)

#endif
