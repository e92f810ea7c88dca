/* Small tables, such as users' ages or items' genres: a CSV file with a header, all of it in memory as text. The
 * delimiter is the one of , tab ; | that the header holds most. Quotes are those of CSV, and between tabs, where quoted
 * fields are rare, those of logs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/delimiter.h"
#include "base/fields.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/row.h"
#include "base/source.h"
#include "base/status.h"
#include "base/table.h"
#include "base/text.h"

struct tamis_table {
    char *path;
    char *text;    /* every field of every row, the header first, each closed by NUL */
    size_t *start; /* of each field */
    int64_t *line; /* of each row, the header included */
    size_t fields, rows, columns;
    size_t text_length, text_capacity, start_capacity, line_capacity;
};

typedef struct table_reading {
    tamis_table *table;
    log_source source;
    tamis_error *error;
    char *bytes; /* of the file */
    size_t count, capacity;
    csv_rules rules;
    csv_row row;
    int64_t line; /* of the row in hand */
} table_reading;

static bool keep_row(tamis_table *t, const csv_row *row, int64_t line)
{
    for (size_t k = 0; k < row->count; k++) {
        const csv_field *field = &row->field[k];
        if (!base_grow(&t->text, &t->text_capacity, t->text_length + field->length + 1, 1) ||
            !base_grow(&t->start, &t->start_capacity, t->fields + 1, sizeof *t->start))
            return false;
        t->start[t->fields++] = t->text_length;
        t->text_length += csv_copy_field(field, t->text + t->text_length) + 1;
    }
    if (!base_grow(&t->line, &t->line_capacity, t->rows + 1, sizeof *t->line)) return false;
    t->line[t->rows++] = line;
    return true;
}

static tamis_status take_row(table_reading *r)
{
    tamis_table *t = r->table;
    const csv_row *row = &r->row;
    const char *name = r->source.name;
    char text[300];
    if (row->fault)
        return base_fail(r->error, TAMIS_DATA, "%s:%" PRId64 ":%zu: %s", name, r->line + row->lines - 1, row->count + 1,
                         csv_fault_text(row->fault, r->rules.quotes, false, text));
    if (row->count == 0) return TAMIS_OK;
    if (t->columns == 0) t->columns = r->rules.columns = row->count;
    if (row->count != t->columns)
        return base_fail(r->error, TAMIS_DATA, "%s:%" PRId64 ":%zu: the row has %zu field%s; expected %zu, as the "
                         "header has", name, r->line, row->count < t->columns ? row->count : t->columns + 1, row->count,
                         row->count == 1 ? "" : "s", t->columns);
    return keep_row(t, row, r->line) ? TAMIS_OK : base_no_memory(r->error, "a table", t->text_length, 1);
}

static tamis_status read_file(table_reading *r)
{
    char *window;
    size_t count;
    for (;;) {
        tamis_status status = source_next(&r->source, &window, &count, r->error);
        if (status || count == 0) return status;
        if (!base_grow(&r->bytes, &r->capacity, r->count + count, 1))
            return base_no_memory(r->error, "a table", r->count + count, 1);
        memcpy(r->bytes + r->count, window, count);
        r->count += count;
    }
}

static tamis_status parse(table_reading *r)
{
    tamis_status status = read_file(r);
    const char *at = r->bytes, *end = at ? at + r->count : at;
    csv_outcome outcome = CSV_ROW;
    delimiter_marks marks;
    if (status) return status;
    r->rules.delimiter = delimiter_guess(at, r->count, TAMIS_QUOTES_AUTO, &marks);
    r->rules.bare = r->rules.delimiter == '\t';
    r->rules.quotes = r->rules.bare ? TAMIS_QUOTES_AUTO : TAMIS_QUOTES_CSV;
    for (r->line = 1; at < end && !status; at = r->row.next, r->line += r->row.lines) {
        outcome = csv_cut_row(&r->rules, at, end, !r->source.nul, &r->row);
        if (outcome) break;
        status = take_row(r);
    }
    if (outcome == CSV_NO_MEMORY) return base_no_memory(r->error, "a row", r->row.count, sizeof *r->row.field);
    if (!status && r->source.nul)
        status = source_fail_nul(&r->source, r->line, outcome == CSV_MORE && r->row.count ? (int64_t)r->row.count : 1, r->error);
    if (!status && r->table->rows < 1)
        status = base_fail(r->error, TAMIS_DATA, "%s: there is no row; expected a CSV file with a header",
                           r->source.name);
    return status;
}

tamis_status tamis_table_read(const char *path, tamis_table **out, tamis_error *error)
{
    *out = NULL;
    base_clear(error);
    if (base_path_check(path, error)) return TAMIS_USAGE;
    table_reading r = {.table = calloc(1, sizeof *r.table), .error = error};
    if (!r.table || !(r.table->path = strdup(path))) {
        tamis_table_free(r.table);
        return base_no_memory(error, "a table", 1, sizeof *r.table);
    }
    tamis_status status = source_open(&r.source, path, error);
    if (!status) status = parse(&r);
    source_close(&r.source);
    free(r.bytes);
    csv_row_clear(&r.row);
    if (status)
        tamis_table_free(r.table);
    else
        *out = r.table;
    return status;
}

void tamis_table_free(tamis_table *table)
{
    if (!table) return;
    free(table->path);
    free(table->text);
    free(table->start);
    free(table->line);
    free(table);
}

int64_t base_table_rows(const tamis_table *table)
{
    return (int64_t)table->rows - 1;
}

size_t base_table_columns(const tamis_table *table)
{
    return table->columns;
}

static const char *field(const tamis_table *table, size_t row, size_t column, size_t *length)
{
    size_t at = row * table->columns + column;
    size_t end = at + 1 < table->fields ? table->start[at + 1] : table->text_length;
    if (length) *length = end - table->start[at] - 1;
    return table->text + table->start[at];
}

const char *base_table_name(const tamis_table *table, size_t column)
{
    return field(table, 0, column, NULL);
}

const char *base_table_text(const tamis_table *table, int64_t row, size_t column, size_t *length)
{
    return field(table, (size_t)row + 1, column, length);
}

tamis_status tamis_table_find(const tamis_table *table, const char *name, size_t *column, tamis_error *error)
{
    base_list names = {0};
    char shown[280], known[56];
    int64_t position;
    for (*column = 0; *column < table->columns; ++*column)
        if (strcmp(base_table_name(table, *column), name) == 0) return TAMIS_OK;
    if (base_parse_integer(name, &position) && position >= 1 && position <= (int64_t)table->columns) {
        *column = (size_t)position - 1;
        return TAMIS_OK;
    }
    for (size_t k = 0; k < table->columns; k++) {
        const char *of_column = base_table_name(table, k);
        base_list_add(&names, base_quote(known, sizeof known, of_column, strlen(of_column)), "");
    }
    return base_fail(error, TAMIS_DATA, "%s:1: there is no column \"%s\"; the columns are %s", table->path,
                     base_quote(shown, sizeof shown, name, strlen(name)), names.text);
}

tamis_status base_table_number(const tamis_table *table, int64_t row, size_t column, double *value, tamis_error *error)
{
    size_t length;
    char shown[280];
    const char *text = base_table_text(table, row, column, &length);
    if (number_parse_real(text, length, value)) return TAMIS_OK;
    return base_fail(error, TAMIS_DATA, "%s:%" PRId64 ":%zu: %s \"%s\" is not a number", table->path,
                     table->line[row + 1], column + 1, base_table_name(table, column),
                     base_quote(shown, sizeof shown, text, length));
}

const char *base_table_place(const tamis_table *table, int64_t row, int64_t *line)
{
    *line = table->line[row + 1];
    return table->path;
}
