/* The generated part of the man page, in mdoc(7): commands with their options, and methods. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/option.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/man.h"

enum { WIDTH = 79 };

/* Names such as flip-rate are not broken at their hyphens. */
static void literal(const char *bytes, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        if (bytes[k] == '\\')
            fputs("\\e", stdout);
        else if (bytes[k] == '-')
            fputs("\\-", stdout);
        else
            putchar(bytes[k]);
    }
}

/* Running text: backslashes and hyphens kept from roff, a line per sentence as mdoc wants it, none too long. */
static void text(const char *words)
{
    size_t at = 0;
    while (*words) {
        size_t length = strcspn(words, " ");
        if (at && (at + 1 + length > WIDTH || (at > 1 && words[-2] == '.'))) {
            putchar('\n');
            at = 0;
        } else if (at) {
            putchar(' ');
            at++;
        }
        if (!at && (*words == '.' || *words == '\'')) fputs("\\&", stdout);
        literal(words, length);
        at += length;
        words += length + strspn(words + length, " ");
    }
    putchar('\n');
}

/* A name as macro argument: its hyphens are minus signs that can be copied. */
static void name(const char *word)
{
    for (; *word; word++) {
        if (*word == '-') putchar('\\');
        putchar(*word);
    }
}

static void option(const tamis_option *row)
{
    char help[600], letter = cli_short(row->name);
    fputs(".It ", stdout);
    if (letter) printf("Fl %c , ", letter);
    fputs("Fl \\-", stdout);
    name(row->name);
    if (cli_is_switch(row)) {
        fputs(" , Fl \\-no\\-", stdout);
        name(row->name);
        fputs(" , Fl \\-", stdout);
        name(row->name);
        printf(" Ns = Ns Ar %s", row->range);
    } else if (*cli_placeholder(row)) {
        printf(" Ar %s", cli_placeholder(row));
    }
    putchar('\n');
    text(cli_option_text(row, help, sizeof help));
}

static void options(const tamis_option_table *table)
{
    puts(".Bl -tag -width Ds");
    for (size_t k = 0; k < table->count; k++) option(&table->rows[k]);
    puts(".El");
}

/* A table that several commands take is printed once, after them. */
static bool shared(const tamis_option_table *table)
{
    size_t users = 0;
    if (table == &cli_general_table) return true;
    for (size_t c = 0; c < cli_command_count; c++) {
        cli_walk walk = {.command = &cli_commands[c]};
        for (const tamis_option_table *other; (other = cli_next_table(&walk));) users += other == table;
    }
    return users > 1;
}

/* Where it comes up first. */
static cli_walk first_walk(const tamis_option_table *table)
{
    cli_walk walk = {0};
    for (size_t c = 0; c < cli_command_count; c++) {
        walk = (cli_walk){.command = &cli_commands[c]};
        for (const tamis_option_table *other; (other = cli_next_table(&walk));)
            if (other == table) return walk;
    }
    return walk;
}

static void operands(const char *words)
{
    while (*words) {
        size_t length = strcspn(words, " ");
        bool option = *words == '-', optional = *words == '[';
        if (option)
            printf(" Fl %.*s", (int)length - 1, words + 1);
        else if (optional)
            printf(" Op Ar %.*s", (int)length - 2, words + 1);
        else
            printf(" Ar %.*s", (int)length, words);
        words += length + strspn(words + length, " ");
    }
}

static void command(const cli_command *row)
{
    cli_walk walk = {.command = row};
    printf(".Ss tamis %s\n.Nm Cm %s", row->name, row->name);
    operands(row->operands);
    puts(row->groups ? " Op Ar option ...\n.Pp" : "\n.Pp");
    text(row->about);
    if (row->examples) {
        puts(".Bd -literal -offset indent");
        literal(row->examples, strlen(row->examples));
        puts(".Ed");
    }
    for (const tamis_option_table *table; (table = cli_next_table(&walk));) {
        if (table == &cli_general_table) break;
        if (shared(table)) {
            printf(".Pp\n%s: see\n.Sx \"%s\" .\n", walk.title, first_walk(table).title);
            continue;
        }
        const char *of = walk.method ? walk.method : walk.sampler;
        if (of)
            printf(".Pp\n%s\n.Cm %s :\n", walk.title, of);
        else
            printf(".Pp\n%s:\n", walk.title);
        options(table);
    }
}

/* Each that several commands take, once, where it comes up first. */
static void shared_tables(void)
{
    for (size_t c = 0; c < cli_command_count; c++) {
        cli_walk walk = {.command = &cli_commands[c]};
        for (const tamis_option_table *table; (table = cli_next_table(&walk));) {
            if (table == &cli_general_table || !shared(table) || first_walk(table).command != walk.command) continue;
            printf(".Ss %s\n", walk.title);
            options(table);
        }
    }
}

static void list_of(const char *(*list)(size_t, const char **))
{
    const char *word, *help;
    puts(".Bl -tag -width Ds");
    for (size_t k = 0; (word = list(k, &help)); k++) {
        fputs(".It Cm ", stdout);
        name(word);
        putchar('\n');
        text(help);
    }
    puts(".El");
}

void cli_man(void)
{
    const char *method, *help = "", *source = "";
    char presets[400];
    tamis_method_page page;
    puts(".Sh COMMANDS");
    for (size_t k = 0; k < cli_command_count; k++) command(&cli_commands[k]);
    shared_tables();
    puts(".Ss General options\nEvery command takes these.");
    options(&cli_general_table);
    puts(".Sh METHODS\n.Bl -tag -width Ds");
    for (size_t k = 0; (method = tamis_method_list(k, &help, &source)); k++) {
        fputs(".It Cm ", stdout);
        name(method);
        putchar('\n');
        text(help);
        if (!tamis_method_describe(method, &page, NULL)) {
            puts(".Pp\nNoise:");
            text(page.noise);
            puts(".Pp\nUse:");
            text(page.use);
            puts(".Pp\nCost of an epoch:");
            text(page.cost);
        }
        if (*cli_presets(method, presets, sizeof presets)) {
            puts(".Pp\nDefaults:");
            text(presets);
        }
        const char *option, *rule;
        for (size_t r = 0; (option = tamis_method_rule(method, r, &rule)); r++) {
            fputs(".Pp\n.Fl \\-", stdout);
            name(option);
            puts("\n.Cm auto\nis");
            text(rule);
        }
        puts(".Pp\nSource:");
        text(source);
    }
    puts(".El\n.Pp\nNegative items are sampled by one of these\n.Pq Fl \\-negative\\-sampling :");
    list_of(tamis_sampler_list);
    puts(".Pp\nPositives by one of these\n.Pq Fl \\-positive\\-sampling :");
    list_of(tamis_positive_sampler_list);
    puts(".Sh METRICS\nThese are the names that\n.Fl \\-metrics\ntakes.\nK is the cut-off, T the user's relevant test items, hits are "
         "those among the\nfirst K.\nWhere one metric is named, its cut-off stands behind it:\n.Cm ndcg@20 .");
    list_of(tamis_metric_list);
    puts(".Pp");
}
