/* Aligned tables of text. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

void cli_table_cell(cli_table *table, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    if (table->count == table->capacity) {
        size_t capacity = table->capacity ? 2 * table->capacity : 64;
        char **cell = realloc(table->cell, capacity * sizeof *cell);
        if (!cell) exit(cli_fail(TAMIS_FAILURE, "not enough memory for a table"));
        table->cell = cell;
        table->capacity = capacity;
    }
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    table->cell[table->count] = strdup(text);
    if (!table->cell[table->count]) exit(cli_fail(TAMIS_FAILURE, "not enough memory for a table"));
    table->count++;
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

void cli_table_print(cli_table *table, cli_out *out)
{
    for (size_t k = 0; k < table->count; k++) {
        size_t column = k % table->columns, room = 0;
        for (size_t r = column; r < table->count; r += table->columns)
            room = width(table->cell[r]) > room ? width(table->cell[r]) : room;
        const char *text = table->cell[k];
        bool left = column == 0 || table->left, last = column + 1 == table->columns;
        if (!left) pad(out, room - width(text));
        cli_out_text(out, text);
        if (last) {
            cli_out_text(out, "\n");
        } else {
            if (left) pad(out, room - width(text));
            cli_out_text(out, "  ");
        }
    }
    for (size_t k = 0; k < table->count; k++) free(table->cell[k]);
    free(table->cell);
    *table = (cli_table){0};
}
