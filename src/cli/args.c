/* Arguments, read by the option rows of the command.
 *
 * Parsing only notes what was given; values are set afterwards, table by table, because the defaults of a training run
 * hang on --method, wherever it stands. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/option.h"
#include "base/status.h"
#include "base/text.h"
#include "cli/advice.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/message.h"

/* ---- parsing */

typedef struct cursor {
    int at, count;
    char **text;
} cursor;

static void give(cli_args *args, const tamis_option_table *table, const tamis_option *row, const char *text)
{
    args->given[args->given_count++] = (cli_given){table, row, text, NULL};
}

static int missing_value(const cli_args *args, const tamis_option *row)
{
    const char *what = cli_placeholder(row);
    return cli_usage(args->command, "--%s needs a value: --%s %s", row->name, row->name, what);
}

/* The next argument as value. One that looks like an option is more likely a forgotten value than a file's name. */
static const char *next_value(const cli_args *args, cursor *arguments)
{
    const tamis_option_table *table;
    if (arguments->at + 1 >= arguments->count) return NULL;
    const char *next = arguments->text[arguments->at + 1];
    if (next[0] == '-' && next[1] == '-' && next[2]) return NULL;
    if (next[0] == '-' && next[1] && cli_find_row(args->command, NULL, 0, next[1], &table)) return NULL;
    arguments->at++;
    return next;
}

static int parse_long(cli_args *args, cursor *arguments)
{
    const char *name = arguments->text[arguments->at] + 2, *equals = strchr(name, '='),
               *value = equals ? equals + 1 : NULL;
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const tamis_option_table *table;
    const tamis_option *row = cli_find_row(args->command, name, length, 0, &table);
    bool no = false;
    if (!row && strncmp(name, "no-", 3) == 0) {
        row = cli_find_row(args->command, name + 3, length - 3, 0, &table);
        no = row && !cli_takes_value(row) && !value;
        if (!no) row = NULL;
    }
    if (!row) {
        char text[64]; /* longer ones are like no other anyhow */
        snprintf(text, sizeof text, "%.*s", (int)length, name);
        return cli_unknown_option(args->command, text);
    }
    if (row->type == TAMIS_OPTION_FLAG) {
        if (value) return cli_usage(args->command, "--%s takes no value; --no-%s turns it off", row->name, row->name);
        value = no ? "0" : "1";
    } else if (cli_is_switch(row)) {
        if (!value) value = no ? "no" : "yes";
    } else if (!value) {
        value = next_value(args, arguments);
    }
    if (!value) return missing_value(args, row);
    if (row->range && strcmp(row->range, "PREDICATE") == 0 && cli_text(args, row->name)) /* who gives two means both */
        return cli_usage(args->command, "--%s is given twice, of which one would count; expected one predicate, such as event=view,cart", row->name);
    give(args, table, row, value);
    return 0;
}

int cli_parse_word(cli_args *args, char *text)
{
    return parse_long(args, &(cursor){.count = 1, .text = &text});
}

/* -q, -k 10, -k10, -qk10 */
static int parse_short(cli_args *args, cursor *arguments)
{
    const char *whole = arguments->text[arguments->at];
    for (const char *letter = whole + 1; *letter; letter++) {
        const tamis_option_table *table;
        const tamis_option *row = cli_find_row(args->command, NULL, 0, *letter, &table);
        char shown[40], name[280];
        if (!row && access(whole, F_OK) == 0)
            return cli_usage(args->command, "%s has no option -%s; the file is ./%s", args->command->name,
                             base_quote(shown, sizeof shown, letter, 1), base_quote(name, sizeof name, whole, strlen(whole)));
        if (!row)
            return cli_usage(args->command, "%s has no option -%s", args->command->name,
                             base_quote(shown, sizeof shown, letter, 1));
        if (!cli_takes_value(row)) {
            give(args, table, row, "1");
            continue;
        }
        const char *value = letter[1] ? letter + 1 : next_value(args, arguments);
        if (!value) return missing_value(args, row);
        give(args, table, row, value);
        break;
    }
    return 0;
}

int cli_parse(const cli_command *command, int argc, char **argv, cli_args *args)
{
    cursor arguments = {.count = argc, .text = argv};
    bool ended = false;
    size_t room = 1; /* at least one; a bundle of short flags takes one entry per letter */
    for (int k = 0; k < argc; k++) room += strlen(argv[k]) + 1;
    *args = (cli_args){.command = command, .word = argv, .words = argc};
    args->operand = calloc(room, sizeof *args->operand);
    args->given = calloc(room, sizeof *args->given);
    if (!args->operand || !args->given) return cli_fail(TAMIS_FAILURE, "not enough memory for the arguments");
    for (; arguments.at < argc; arguments.at++) {
        const char *text = argv[arguments.at];
        int code = 0;
        if (ended || text[0] != '-' || !text[1])
            args->operand[args->operands++] = text;
        else if (strcmp(text, "--") == 0)
            ended = true;
        else
            code = text[1] == '-' ? parse_long(args, &arguments) : parse_short(args, &arguments);
        if (code) return code;
    }
    if (cli_text(args, "help") || cli_text(args, "help-all") || cli_text(args, "version")) return 0; /* these ask for no operands */
    if (args->operands > command->most) {
        char shown[280];
        const char *extra = args->operand[command->most];
        return cli_usage(command, "%s does not take \"%s\": tamis %s%s%s", command->name,
                         base_quote(shown, sizeof shown, extra, strlen(extra)), command->name,
                         *command->operands ? " " : "", command->operands);
    }
    return args->operands < command->least ? cli_missing(args->command, "more arguments") : 0;
}

void cli_args_clear(cli_args *args)
{
    free(args->operand);
    free(args->given);
    for (size_t k = 0; k < args->kept_count; k++) free(args->kept[k]);
    free(args->kept);
    *args = (cli_args){0};
}

const char *cli_text(const cli_args *args, const char *name)
{
    for (size_t k = args->given_count; k-- > 0;)
        if (strcmp(args->given[k].row->name, name) == 0) return args->given[k].text;
    return NULL;
}

/* ---- from text to values */

static int set(const cli_args *args, const cli_given *given, const tamis_option *row, void *values)
{
    tamis_error error;
    if (!base_option_set(row, values, given->text, &error)) return 0;
    cli_usage_at(given->where);
    int code = cli_usage(args->command, "%s", error.text);
    cli_usage_at(NULL);
    return code;
}

int cli_apply(const cli_args *args, const tamis_option_table *table, void *values)
{
    int code = 0;
    for (size_t k = 0; k < args->given_count && !code; k++)
        if (args->given[k].table == table) code = set(args, &args->given[k], args->given[k].row, values);
    return code;
}

int cli_read_command(const cli_args *args, const tamis_option_table *table, void *values)
{
    memset(values, 0, table->size);
    base_option_defaults(table, values);
    return cli_apply(args, table, values);
}

/* Checks how options go together, before any file is read. */
int cli_check(const cli_args *args, const tamis_option_table *table, const void *values)
{
    tamis_error error;
    return base_option_check(table, values, &error) ? cli_usage(args->command, "%s", error.text) : 0;
}

int cli_read_options(const cli_args *args, const char *name, void *values)
{
    const tamis_option_table *table = tamis_option_find_table(name);
    int code = cli_read_command(args, table, values);
    memcpy(values, &table->size, sizeof table->size);
    return code ? code : cli_check(args, table, values);
}

int cli_read_reading(const cli_args *args, tamis_log_options *reading)
{
    const tamis_option_table *weights = tamis_option_find_table("weights");
    int code = cli_read_options(args, "log", reading);
    base_option_defaults(weights, reading);
    if (!code) code = cli_apply(args, weights, reading);
    return code ? code : cli_check(args, weights, reading);
}

static int other_methods(const cli_args *args, const cli_given *given, const char *method)
{
    const char *name = given->row->name;
    base_list all = {0};
    cli_walk walk = {.command = args->command};
    for (const tamis_option_table *table; (table = cli_next_table(&walk));)
        for (size_t k = 0; walk.method && k < table->count; k++)
            if (strcmp(table->rows[k].name, name) == 0) base_list_add(&all, walk.method, "");
    cli_usage_at(given->where);
    int code = cli_usage(args->command, "--%s is an option of %s, not of %s", name, all.text, method);
    cli_usage_at(NULL);
    return code;
}

int cli_check_idle(const cli_args *args, const char *name, bool used, const char *without)
{
    if (used || !cli_text(args, name)) return 0;
    return cli_usage(args->command, "--%s has no effect without %s; leave it out", name, without);
}

int cli_check_idle_table(const cli_args *args, const char *table, const char *but, bool used, const char *without)
{
    const tamis_option_table *rows = tamis_option_find_table(table);
    int code = 0;
    for (size_t k = 0; k < rows->count && !code; k++)
        if (!but || strcmp(rows->rows[k].name, but) != 0) code = cli_check_idle(args, rows->rows[k].name, used, without);
    return code;
}

/* Methods may share an option's name, and parsing found it in the first that has it: names decide here. */
int cli_apply_method(const cli_args *args, const char *method, void *values)
{
    const tamis_option_table *of_method = tamis_option_find_table(method);
    cli_walk walk = {.command = args->command};
    for (const tamis_option_table *table; (table = cli_next_table(&walk));) {
        if (!walk.method) continue;
        for (size_t k = 0; k < args->given_count; k++) {
            const cli_given *given = &args->given[k];
            const tamis_option *row = NULL;
            if (given->table != table) continue;
            for (size_t r = 0; of_method && r < of_method->count && !row; r++)
                if (strcmp(of_method->rows[r].name, given->row->name) == 0) row = &of_method->rows[r];
            if (!row) return other_methods(args, given, method);
            int code = set(args, given, row, values);
            if (code) return code;
        }
    }
    return 0;
}
