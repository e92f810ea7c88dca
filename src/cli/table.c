/* Tables of text: aligned for a terminal, Markdown, LaTeX. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/option.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/text.h"

void cli_table_cell(cli_table *table, const char *format, ...)
{
    va_list arguments;
    if (table->count == table->capacity) {
        size_t capacity = table->capacity ? 2 * table->capacity : 64;
        char **cell = realloc(table->cell, capacity * sizeof *cell);
        if (!cell) exit(cli_fail(TAMIS_FAILURE, "not enough memory for a table"));
        table->cell = cell;
        table->capacity = capacity;
    }
    char *text = NULL;
    va_start(arguments, format);
    const int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    char *cell = length < 0 ? NULL : cli_clean_copy(text, (size_t)length);
    if (!cell) exit(cli_fail(TAMIS_FAILURE, "not enough memory for a table"));
    free(text);
    table->cell[table->count++] = cell;
}

/* Columns on a terminal: bytes that do not continue a UTF-8 sequence. */
static size_t width(const char *text)
{
    size_t count = 0;
    for (; *text; text++) count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static void pad(cli_out *out, size_t count)
{
    while (count-- > 0) cli_out_bytes(out, " ", 1);
}

static void print_aligned(const cli_table *table, cli_out *out)
{
    size_t *room = calloc(table->columns, sizeof *room);
    if (!room) exit(cli_fail(TAMIS_FAILURE, "not enough memory for a table"));
    for (size_t k = 0; k < table->count; k++) {
        const size_t wide = width(table->cell[k]), column = k % table->columns;
        room[column] = wide > room[column] ? wide : room[column];
    }
    for (size_t k = 0; k < table->count; k++) {
        const char *text = table->cell[k];
        const size_t column = k % table->columns, space = room[column] - width(text);
        bool left = column == 0 || table->left, last = column + 1 == table->columns;
        if (!left) pad(out, space);
        cli_out_text(out, text);
        if (last) {
            cli_out_text(out, "\n");
        } else {
            if (left) pad(out, space);
            cli_out_text(out, "  ");
        }
    }
    free(room);
}

static void print_markdown(const cli_table *table, cli_out *out)
{
    for (size_t k = 0; k < table->count; k++) {
        cli_out_text(out, k % table->columns ? " | " : "| ");
        for (const char *at = table->cell[k]; *at; at++) {
            if (*at == '|') cli_out_bytes(out, "\\", 1);
            cli_out_bytes(out, at, 1);
        }
        if ((k + 1) % table->columns) continue;
        cli_out_text(out, " |\n");
        if (k + 1 != table->columns) continue;
        for (size_t c = 0; c < table->columns; c++) cli_out_text(out, c == 0 || table->left ? "| --- " : "| ---: ");
        cli_out_text(out, "|\n");
    }
}

static void latex_text(const char *text, cli_out *out)
{
    for (; *text; text++) {
        if (*text == '\\')
            cli_out_text(out, "\\textbackslash{}");
        else if (*text == '~' || *text == '^')
            cli_out_text(out, *text == '~' ? "\\textasciitilde{}" : "\\textasciicircum{}");
        else {
            if (strchr("&%$#_{}", *text)) cli_out_bytes(out, "\\", 1);
            cli_out_bytes(out, text, 1);
        }
    }
}

static void print_latex(const cli_table *table, cli_out *out)
{
    cli_out_text(out, "\\begin{tabular}{");
    for (size_t c = 0; c < table->columns; c++) cli_out_text(out, c == 0 || table->left ? "l" : "r");
    cli_out_text(out, "}\n\\hline\n");
    for (size_t k = 0; k < table->count; k++) {
        latex_text(table->cell[k], out);
        cli_out_text(out, (k + 1) % table->columns ? " & " : " \\\\\n");
        if (k + 1 == table->columns) cli_out_text(out, "\\hline\n");
    }
    cli_out_text(out, "\\hline\n\\end{tabular}\n");
}

bool cli_form_is_text(cli_form form)
{
    return form != CLI_JSON_TEXT && form != CLI_CSV;
}

void cli_table_print_as(cli_table *table, cli_form form, cli_out *out)
{
    (form == CLI_MARKDOWN ? print_markdown : form == CLI_LATEX ? print_latex : print_aligned)(table, out);
    for (size_t k = 0; k < table->count; k++) free(table->cell[k]);
    free(table->cell);
    *table = (cli_table){0};
}

void cli_table_print(cli_table *table, cli_out *out)
{
    cli_table_print_as(table, CLI_TABLE_TEXT, out);
}
