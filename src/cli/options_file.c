/* --options FILE: options as they stand on the command line, one a line, -- being left out or not:
 *
 *   # comment
 *   method warp
 *   --learning-rate 0.03
 *   no-item-bias
 *
 * They come before those of the command line, which win. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lines.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/message.h"
#include "cli/options_file.h"

typedef struct reading {
    cli_args *args; /* what is read goes behind what is there */
    const char *path;
    int code;
} reading;

/* Text of malloc'ed memory that lives as long as the arguments. */
static char *keep(cli_args *args, char *text)
{
    char **kept = realloc(args->kept, (args->kept_count + 1) * sizeof *kept);
    if (kept) args->kept = kept;
    if (!kept || !text) exit(cli_fail(TAMIS_FAILURE, "not enough memory for the options"));
    return kept[args->kept_count++] = text;
}

static char *where_is(cli_args *args, const char *path, int64_t line, size_t column)
{
    char *text = NULL;
    if (asprintf(&text, "%s:%" PRId64 ":%zu", path, line, column + 1) < 0) text = NULL;
    return keep(args, text);
}

static void make_room(cli_args *args)
{
    cli_given *given = realloc(args->given, (args->given_count + 1) * sizeof *given);
    if (!given) exit(cli_fail(TAMIS_FAILURE, "not enough memory for the options"));
    args->given = given;
}

static size_t skip_blanks(const char *text, size_t at)
{
    return at + strspn(text + at, " \t");
}

/* "name value" as --name=value or, where there is no value, --name. */
static int read_line(reading *r, const char *text, int64_t line)
{
    cli_args *args = r->args;
    size_t name = skip_blanks(text, 0);
    if (!text[name] || text[name] == '#') return 0;
    if (strncmp(text + name, "--", 2) == 0) name += 2;
    const size_t length = strcspn(text + name, " \t="), end = skip_blanks(text, name + length);
    const bool equals = text[end] == '=';
    const size_t value = equals ? skip_blanks(text, end + 1) : end;
    char *word = NULL;
    if (asprintf(&word, "--%.*s%s%s", (int)length, text + name, equals || text[value] ? "=" : "", text + value) < 0) word = NULL;
    keep(args, word);
    make_room(args);
    cli_usage_at(where_is(args, r->path, line, name));
    const size_t before = args->given_count;
    int code = length ? cli_parse_word(args, word) : cli_usage(args->command, "expected the name of an option");
    const cli_given *given = &args->given[before];
    if (!code && (strcmp(given->row->name, "options") == 0 || given->table == &cli_general_table))
        code = cli_usage(args->command, "--%s has no place in a file of options", given->row->name);
    if (!code) args->given[before].where = where_is(args, r->path, line, text[value] ? value : name);
    cli_usage_at(NULL);
    return code;
}

static int take_line(void *context, const char *bytes, size_t count, int64_t number)
{
    reading *r = context;
    while (count && strchr(" \t\r", bytes[count - 1])) count--;
    char *text = keep(r->args, strndup(bytes, count));
    r->code = read_line(r, text, number);
    return r->code != 0;
}

static int read_file(cli_args *args, const char *path)
{
    cli_args file = {.command = args->command, .kept = args->kept, .kept_count = args->kept_count};
    reading r = {&file, path, 0};
    const base_lines lines = {&r, take_line};
    tamis_error error;
    const tamis_status status = base_lines_read(path, &lines, &error);
    int code = r.code ? r.code : cli_status(status, &error);
    args->kept = file.kept;
    args->kept_count = file.kept_count;
    for (size_t k = 0; k < args->given_count && !code; k++) {
        make_room(&file);
        file.given[file.given_count++] = args->given[k];
    }
    if (code) {
        free(file.given);
        return code;
    }
    free(args->given);
    args->given = file.given;
    args->given_count = file.given_count;
    return 0;
}

/* The last file first, so that the first one comes to stand first. */
int cli_options_files(cli_args *args)
{
    const size_t typed = args->given_count;
    int code = 0;
    for (size_t behind = 0; behind < typed && !code; behind++) {
        const cli_given *given = &args->given[args->given_count - 1 - behind];
        if (strcmp(given->row->name, "options") == 0) code = read_file(args, given->text);
    }
    return code;
}
