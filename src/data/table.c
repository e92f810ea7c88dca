/* Small tables, such as users' ages or items' genres: a CSV file with a header, all of it in memory as text. The
 * delimiter is the one of , tab ; | that the header holds most. */
#include <csv.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "data/reader.h"

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
    tamis_status status;
    int64_t line; /* of the row in progress */
    int64_t row_lines;
    size_t field; /* of the row so far */
    int row_end;
} table_reading;

static int no_space(unsigned char c)
{
    (void)c;
    return 0;
}

static void on_field(void *bytes, size_t count, void *context)
{
    table_reading *r = context;
    tamis_table *t = r->table;
    if (r->status) return;
    if (!base_grow(&t->text, &t->text_capacity, t->text_length + count + 1, 1) ||
        !base_grow(&t->start, &t->start_capacity, t->fields + 1, sizeof *t->start)) {
        r->status = base_no_memory(r->error, "a table", t->text_length + count, 1);
        return;
    }
    t->start[t->fields++] = t->text_length;
    if (count) memcpy(t->text + t->text_length, bytes, count);
    t->text[t->text_length + count] = '\0';
    t->text_length += count + 1;
    r->row_lines += source_line_ends(bytes, count);
    r->field++;
}

static void on_row(int end, void *context)
{
    table_reading *r = context;
    tamis_table *t = r->table;
    if (r->status) return;
    bool half = r->row_end == '\r' && end == '\n' && r->field == 0; /* of CR LF, which is reported as two */
    r->row_end = end;
    if (half) return;
    int64_t line = r->line;
    r->line += 1 + r->row_lines;
    r->row_lines = 0;
    size_t fields = r->field;
    r->field = 0;
    bool empty = fields == 0 || (fields == 1 && t->text[t->start[t->fields - 1]] == '\0' && t->columns != 1);
    if (empty) {
        t->fields -= fields;
        return;
    }
    if (t->columns == 0) t->columns = fields;
    if (fields != t->columns) {
        r->status = base_fail(r->error, TAMIS_DATA, "%s:%" PRId64 ":%zu: the row has %zu field%s; expected %zu, as the "
                              "header has", r->source.name, line, fields < t->columns ? fields : t->columns + 1, fields,
                              fields == 1 ? "" : "s", t->columns);
        return;
    }
    if (!base_grow(&t->line, &t->line_capacity, t->rows + 1, sizeof *t->line)) {
        r->status = base_no_memory(r->error, "a table", t->rows, sizeof *t->line);
        return;
    }
    t->line[t->rows++] = line;
}

static unsigned char delimiter(const char *bytes, size_t count)
{
    static const char marks[] = ",\t;|";
    size_t most = 0, found[4] = {0};
    for (size_t k = 0; k < count && bytes[k] != '\n'; k++)
        for (size_t m = 0; m < 4; m++) found[m] += bytes[k] == marks[m];
    for (size_t m = 1; m < 4; m++)
        if (found[m] > found[most]) most = m;
    return (unsigned char)marks[most];
}

static tamis_status parse(table_reading *r, struct csv_parser *parser)
{
    char *bytes;
    size_t count;
    tamis_status status = source_peek(&r->source, &bytes, &count, r->error);
    if (!status) csv_set_delim(parser, delimiter(bytes, count));
    while (!status) {
        status = source_next(&r->source, &bytes, &count, r->error);
        if (status || count == 0) break;
        if (csv_parse(parser, bytes, count, on_field, on_row, r) != count && !r->status)
            status = base_fail(r->error, TAMIS_DATA, "%s:%" PRId64 ": a quote stands inside a field; expected quotes "
                               "around whole fields, doubled inside", r->source.name, r->line);
        if (r->status) status = r->status;
    }
    if (!status && r->source.nul) status = source_fail_nul(&r->source, r->line, (int64_t)r->field + 1, r->error);
    if (!status && csv_fini(parser, on_field, on_row, r) != 0 && !r->status)
        status = base_fail(r->error, TAMIS_DATA, "%s:%" PRId64 ": the row does not end; is a quote left open?",
                           r->source.name, r->line);
    if (!status) status = r->status;
    if (!status && r->table->rows < 1)
        status = base_fail(r->error, TAMIS_DATA, "%s: there is no row; expected a CSV file with a header",
                           r->source.name);
    return status;
}

tamis_status tamis_table_read(const char *path, tamis_table **out, tamis_error *error)
{
    table_reading r = {.table = calloc(1, sizeof *r.table), .error = error, .line = 1};
    struct csv_parser parser;
    *out = NULL;
    base_clear(error);
    if (!r.table || !(r.table->path = strdup(path)) ||
        csv_init(&parser, CSV_REPALL_NL | CSV_APPEND_NULL | CSV_STRICT | CSV_STRICT_FINI) != 0) {
        tamis_table_free(r.table);
        return base_no_memory(error, "a table", 1, sizeof *r.table);
    }
    csv_set_space_func(&parser, no_space);
    tamis_status status = source_open(&r.source, path, error);
    if (!status) status = parse(&r, &parser);
    csv_free(&parser);
    source_close(&r.source);
    if (status) {
        tamis_table_free(r.table);
        return status;
    }
    *out = r.table;
    return TAMIS_OK;
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

int64_t tamis_table_rows(const tamis_table *table)
{
    return (int64_t)table->rows - 1;
}

size_t tamis_table_columns(const tamis_table *table)
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

const char *tamis_table_name(const tamis_table *table, size_t column)
{
    return field(table, 0, column, NULL);
}

const char *tamis_table_text(const tamis_table *table, int64_t row, size_t column, size_t *length)
{
    return field(table, (size_t)row + 1, column, length);
}

tamis_status tamis_table_find(const tamis_table *table, const char *name, size_t *column, tamis_error *error)
{
    char names[400] = "", shown[280];
    size_t used = 0;
    int64_t position;
    for (*column = 0; *column < table->columns; ++*column)
        if (strcmp(tamis_table_name(table, *column), name) == 0) return TAMIS_OK;
    if (base_parse_integer(name, &position) && position >= 1 && position <= (int64_t)table->columns) {
        *column = (size_t)position - 1;
        return TAMIS_OK;
    }
    for (size_t k = 0; k < table->columns && used + 64 < sizeof names; k++) {
        const char *known = tamis_table_name(table, k);
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%.50s", k ? ", " : "",
                                 base_quote(shown, sizeof shown, known, strlen(known)));
    }
    return base_fail(error, TAMIS_DATA, "%s:1: there is no column \"%s\"; the columns are %s", table->path,
                     base_quote(shown, sizeof shown, name, strlen(name)), names);
}

tamis_status tamis_table_number(const tamis_table *table, int64_t row, size_t column, double *value, tamis_error *error)
{
    size_t length;
    char shown[280];
    const char *text = tamis_table_text(table, row, column, &length);
    if (log_parse_real(text, length, value)) return TAMIS_OK;
    return base_fail(error, TAMIS_DATA, "%s:%" PRId64 ":%zu: %s \"%s\" is not a number", table->path,
                     table->line[row + 1], column + 1, tamis_table_name(table, column),
                     base_quote(shown, sizeof shown, text, length));
}

const char *tamis_table_place(const tamis_table *table, int64_t row, int64_t *line)
{
    *line = table->line[row + 1];
    return table->path;
}
