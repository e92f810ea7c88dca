/* What a figure can be traced by, line by line. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "base/sha256.h"
#include "cli/commands.h"
#include "cli/facts.h"
#include "cli/json.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/text.h"

void cli_fact(cli_facts *facts, const char *name, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    const int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (facts->count == facts->capacity) {
        facts->capacity = facts->capacity ? 2 * facts->capacity : 32;
        facts->line = realloc(facts->line, facts->capacity * sizeof *facts->line);
    }
    const cli_fact_line line = {strdup(name), length < 0 ? NULL : cli_clean_copy(text, (size_t)length)};
    if (!facts->line || !line.name || !line.text) exit(cli_fail(TAMIS_FAILURE, "not enough memory for what figures are traced by"));
    facts->line[facts->count++] = line;
    free(text);
}

void cli_facts_clear(cli_facts *facts)
{
    for (size_t k = 0; k < facts->count; k++) {
        free(facts->line[k].name);
        free(facts->line[k].text);
    }
    free(facts->line);
    *facts = (cli_facts){0};
}

void cli_fact_file(cli_facts *facts, const char *what, const char *path)
{
    char sum[65];
    struct stat status;
    tamis_error error;
    const bool there = stat(path, &status) == 0;
    if (strcmp(path, "-") == 0) {
        cli_fact(facts, what, "standard input");
    } else if (there ? S_ISDIR(status.st_mode) : strpbrk(path, "*?[") != NULL) {
        cli_fact(facts, what, "%s, several files: no checksum", path);
    } else if (there && !S_ISREG(status.st_mode)) {
        cli_fact(facts, what, "%s, a pipe: no checksum", path); /* what was read from it is gone */
    } else if (base_sha256(path, sum, &error)) {
        facts->code = cli_fail(TAMIS_FAILURE, "%s, for its checksum", error.text);
    } else {
        cli_fact(facts, what, "%s sha256 %.*s", path, facts->brief ? 12 : 64, sum);
    }
}

/* Definitions stand in tamis methods and the man page; a figure says which of them it is. */
void cli_facts_metric(cli_facts *facts, const char *name)
{
    const char *metric, *help;
    static const char *const weighted[] = {"-snips", "-ips"};
    size_t length = strcspn(name, "@");
    for (size_t k = 0; k < BASE_COUNT(weighted); k++) {
        size_t end = strlen(weighted[k]);
        if (length > end && memcmp(name + length - end, weighted[k], end) == 0) length -= end;
    }
    for (size_t k = 0; (metric = tamis_metric_list(k, &help)); k++)
        if (strlen(metric) == length && memcmp(metric, name, length) == 0) cli_fact(facts, metric, "%s", help);
}

void cli_facts_print(const cli_facts *facts, cli_form form, cli_out *out)
{
    static const char *const before[] = {"", "", "", "- ", "% "};
    cli_out_text(out, "\n");
    for (size_t k = 0; k < facts->count; k++) {
        cli_out_text(out, facts->brief && k > 0 ? "; " : before[form]);
        cli_out_text(out, facts->line[k].name);
        cli_out_text(out, ": ");
        cli_out_text(out, facts->line[k].text);
        if (!facts->brief) cli_out_text(out, "\n");
    }
    if (facts->brief) cli_out_text(out, " (more with --verbose)\n");
}

void cli_facts_json(const cli_facts *facts, cli_json *json)
{
    cli_json_open(json, "facts", '[');
    for (size_t k = 0; k < facts->count; k++) {
        cli_json_open(json, NULL, '{');
        cli_json_text(json, facts->line[k].name, facts->line[k].text);
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
}

/* As one CSV field, since their number varies. */
void cli_facts_field(const cli_facts *facts, cli_out *out)
{
    size_t size = 1, used = 0;
    for (size_t k = 0; k < facts->count; k++) size += strlen(facts->line[k].name) + strlen(facts->line[k].text) + 4;
    char *text = malloc(size);
    if (!text) exit(cli_fail(TAMIS_FAILURE, "not enough memory for what figures are traced by"));
    text[0] = '\0';
    for (size_t k = 0; k < facts->count; k++)
        used += (size_t)snprintf(text + used, size - used, "%s%s: %s", k ? "; " : "", facts->line[k].name, facts->line[k].text);
    cli_out_field(out, text, used);
    free(text);
}
