/* --help, from the rows of commands and options. */
#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/option.h"
#include "cli/commands.h"
#include "cli/help.h"

enum { WIDTH = 80, INDENT = 26, UNBOUNDED = 2147483647 };

const char *cli_placeholder(const tamis_option *row)
{
    switch (row->type) {
    case TAMIS_OPTION_INTEGER:
    case TAMIS_OPTION_SEED: return "N";
    case TAMIS_OPTION_REAL: return "X";
    case TAMIS_OPTION_CHOICE: return row->range;
    case TAMIS_OPTION_TEXT: return row->range ? row->range : "TEXT";
    case TAMIS_OPTION_FLAG: break;
    }
    return "";
}

/* "[0,1)" -> "0 to below 1" */
const char *cli_range_text(const tamis_option *row, char *buffer, size_t size)
{
    const char *range = row->range;
    char *end;
    buffer[0] = '\0';
    if ((row->type != TAMIS_OPTION_INTEGER && row->type != TAMIS_OPTION_REAL) || !range || !strchr("[(", *range))
        return buffer;
    double low = strtod(range + 1, &end), high = strtod(end + 1, &end);
    bool low_in = *range == '[', high_in = *end == ']';
    if (high >= UNBOUNDED) high = (double)INFINITY;
    if (isinf(low) && isinf(high)) return buffer;
    if (isinf(high))
        snprintf(buffer, size, low_in ? "%.15g or more" : "above %.15g", low);
    else if (isinf(low))
        snprintf(buffer, size, high_in ? "at most %.15g" : "below %.15g", high);
    else if (low_in)
        snprintf(buffer, size, high_in ? "%.15g to %.15g" : "%.15g to below %.15g", low, high);
    else
        snprintf(buffer, size, high_in ? "above %.15g, at most %.15g" : "above %.15g, below %.15g", low, high);
    return buffer;
}

const char *cli_option_text(const tamis_option *row, char *buffer, size_t size)
{
    char range[80], fallback[120] = "", between[4] = "", tuned[80] = "";
    const char *unit = row->unit && *row->unit ? row->unit : NULL;
    cli_range_text(row, range, sizeof range);
    if (row->type == TAMIS_OPTION_FLAG) {
        if (row->fallback && strcmp(row->fallback, "1") == 0) snprintf(fallback, sizeof fallback, "default: on");
    } else if (row->fallback && strcmp(row->fallback, "-inf") != 0) {
        snprintf(fallback, sizeof fallback, "default: %s", row->fallback);
    }
    if (unit && row->type != TAMIS_OPTION_FLAG && strcmp(unit, "threads") != 0) {
        if (*fallback)
            snprintf(fallback + strlen(fallback), sizeof fallback - strlen(fallback), " %s", unit);
        else
            snprintf(fallback, sizeof fallback, "in %s", unit);
    }
    if (*range && *fallback) snprintf(between, sizeof between, "; ");
    if (row->search) snprintf(tuned, sizeof tuned, "; tuned in %s", row->search);
    if (*range || *fallback)
        snprintf(buffer, size, "%s (%s%s%s%s)", row->help, range, between, fallback, tuned);
    else
        snprintf(buffer, size, "%s", row->help);
    return buffer;
}

/* Prints words from column `at` on, in lines of at most WIDTH, the next ones indented. */
void cli_wrap(const char *text, size_t at, size_t indent)
{
    bool first = true;
    while (*text) {
        size_t length = strcspn(text, " "), columns = 0;
        for (size_t k = 0; k < length; k++) columns += ((unsigned char)text[k] & 0xC0) != 0x80;
        if (!first && at + 1 + columns > WIDTH) {
            printf("\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            putchar(' ');
            at++;
        }
        printf("%.*s", (int)length, text);
        at += columns;
        text += length + strspn(text + length, " ");
        first = false;
    }
    putchar('\n');
}

void cli_help_option(const tamis_option *row)
{
    char name[200], text[600];
    char letter = cli_short(row->name);
    int used = letter ? snprintf(name, sizeof name, "  -%c, ", letter) : snprintf(name, sizeof name, "  ");
    if (cli_is_switch(row))
        used += snprintf(name + used, sizeof name - (size_t)used, "--%s, --no-%s, --%s=%s", row->name, row->name,
                         row->name, row->range);
    else
        used += snprintf(name + used, sizeof name - (size_t)used, "--%s%s%s", row->name,
                         *cli_placeholder(row) ? " " : "", cli_placeholder(row));
    if (used + 2 > INDENT)
        printf("%s\n%*s", name, INDENT, "");
    else
        printf("%-*s", INDENT, name);
    cli_wrap(cli_option_text(row, text, sizeof text), INDENT, INDENT);
}

/* The training defaults that a method changes: "--epochs 20, --learning-rate 0.1"; "" when it changes none. */
const char *cli_presets(const char *method, char *buffer, size_t size)
{
    const tamis_option_table *table;
    tamis_train_options plain = {0}, of_method;
    size_t used = 0;
    buffer[0] = '\0';
    if (tamis_train_options_default(&of_method, method, NULL)) return buffer;
    for (size_t t = 0; (table = tamis_train_option_table(method, t)); t++) base_option_defaults(table, &plain);
    for (size_t t = 0; (table = tamis_train_option_table(method, t)); t++)
        for (size_t k = 0; k < table->count && used < size; k++) {
            const tamis_option *row = &table->rows[k];
            char before[64], after[64];
            base_option_text(row, &plain, before, sizeof before);
            base_option_text(row, &of_method, after, sizeof after);
            if (strcmp(row->name, "method") == 0 || strcmp(before, after) == 0) continue;
            const bool flag = row->type == TAMIS_OPTION_FLAG;
            used += (size_t)snprintf(buffer + used, size - used, "%s--%s%s%s%s", used ? ", " : "", flag && *after == '0' ? "no-" : "",
                                     row->name, flag ? "" : " ", flag ? "" : after);
        }
    return buffer;
}

static void all_options(const cli_command *command)
{
    char presets[400];
    cli_walk walk = {.command = command};
    for (const tamis_option_table *table; (table = cli_next_table(&walk));) {
        const char *of = walk.method ? walk.method : walk.sampler;
        if (of)
            printf("\n%s %s:\n", walk.title, of);
        else
            printf("\n%s:\n", walk.title);
        for (size_t k = 0; k < table->count; k++) cli_help_option(&table->rows[k]);
    }
    if (command->run != cmd_train) return;
    const char *method;
    for (size_t k = 0; (method = tamis_method_list(k, NULL, NULL)); k++)
        if (*cli_presets(method, presets, sizeof presets)) {
            printf("\nDefaults of method %s:\n  ", method);
            cli_wrap(presets, 2, 2);
        }
}

static void common_options(const cli_command *command)
{
    size_t length;
    const char *word;
    puts("\nOptions needed most:");
    for (size_t k = 0; (word = base_option_word(command->common, k, &length)); k++) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)length, word);
        cli_help_option(cli_find_option(command, name));
    }
}

static void examples(const cli_command *command)
{
    puts("\nExamples:");
    for (const char *line = command->examples; *line; line += strcspn(line, "\n") + 1)
        printf("  %.*s\n", (int)strcspn(line, "\n"), line);
}

/* By name: methods share some. */
/* By name: methods share some. */
static size_t count_options(const cli_command *command)
{
    size_t count = 0;
    cli_walk walk = {.command = command};
    for (const tamis_option_table *table; (table = cli_next_table(&walk));)
        for (size_t k = 0; k < table->count; k++) count += cli_find_option(command, table->rows[k].name) == &table->rows[k];
    return count;
}

void cli_help_command(const cli_command *command, bool all)
{
    char text[200];
    printf("Usage: tamis %s%s%s%s\n\n", command->name, *command->operands ? " " : "", command->operands,
           command->groups ? " [OPTION...]" : "");
    cli_wrap(command->about, 0, 0);
    if (all || !command->common)
        all_options(command);
    else
        common_options(command);
    if (command->examples) examples(command);
    if (all || !command->common) return;
    snprintf(text, sizeof text, "tamis %s --help-all lists all %zu options%s; man tamis explains everything.", command->name,
             count_options(command), command->run == cmd_train ? ", tamis methods NAME those of a method" : "");
    putchar('\n');
    cli_wrap(text, 0, 0);
}

void cli_help_program(void)
{
    puts("Usage: tamis COMMAND [ARGUMENT...] [OPTION...]\n"
         "Train recommenders on noisy implicit feedback, measure them, use them.\n");
    for (size_t k = 0; k < cli_command_count; k++) printf("  %-12s%s\n", cli_commands[k].name, cli_commands[k].help);
    puts("\nExamples:\n"
         "  tamis split clicks.csv.gz --validation-ratio 0.1 -o parts\n"
         "  tamis train parts/train.csv --validation parts/validation.csv -o model.tamis\n"
         "  tamis evaluate model.tamis parts/test.csv -k 5,10,20\n\n"
         "tamis COMMAND --help says what a command does and how; man tamis explains everything.");
}
