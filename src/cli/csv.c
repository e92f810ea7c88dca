/* Files of CSV line by line. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/column.h"
#include "base/delimiter.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "cli/csv.h"

static tamis_status cut(cli_csv *csv, const char *line, size_t count, int64_t number, tamis_error *error)
{
    char text[300];
    if (csv_cut_line(&csv->rules, line, line + count, true, &csv->row) != CSV_ROW)
        return base_no_memory(error, "a row", csv->row.count, sizeof *csv->row.field);
    if (!csv->row.fault) return TAMIS_OK;
    return base_fail(error, TAMIS_DATA, "%s:%" PRId64 ":%zu: %s", csv->name, number, csv->row.count + 1,
                     csv_fault_text(csv->row.fault, csv->rules.quotes, false, text));
}

tamis_status cli_csv_first(cli_csv *csv, const char *line, size_t count, tamis_error *error)
{
    delimiter_marks marks;
    csv->rules = (csv_rules){.delimiter = delimiter_guess(line, count, TAMIS_QUOTES_AUTO, &marks), .quotes = TAMIS_QUOTES_AUTO};
    csv->rules.bare = csv->rules.delimiter == '\t';
    const tamis_status status = cut(csv, line, count, 1, error);
    csv->rules.columns = csv->row.count;
    return status;
}

int64_t cli_csv_find(cli_csv *csv, int role)
{
    int64_t column = -1, best = INT64_MAX;
    for (size_t k = 0; k < csv->row.count; k++) {
        size_t length;
        const char *name = cli_csv_field(csv, k, &length);
        const int64_t place = name ? base_column_place(role, name, length) : -1;
        if (place < 0 || place >= best) continue;
        best = place;
        column = (int64_t)k;
    }
    return column;
}

int64_t cli_csv_named(cli_csv *csv, const char *wanted)
{
    int64_t position;
    for (size_t k = 0; k < csv->row.count; k++) {
        size_t length;
        const char *name = cli_csv_field(csv, k, &length);
        if (name && length == strlen(wanted) && memcmp(name, wanted, length) == 0) return (int64_t)k;
    }
    return base_parse_integer(wanted, &position) && position >= 1 && position <= (int64_t)csv->row.count ? position - 1 : -1;
}

tamis_status cli_csv_next(cli_csv *csv, const char *line, size_t count, int64_t number, tamis_error *error)
{
    const tamis_status status = cut(csv, line, count, number, error);
    if (status) return status;
    const size_t columns = csv->row.count, wanted = csv->rules.columns, last = columns ? csv->row.field[columns - 1].length : 0;
    if (columns >= wanted && !csv_is_wide(columns, last, wanted)) return TAMIS_OK;
    return base_fail(error, TAMIS_DATA, "%s:%" PRId64 ":%zu: the row has %zu column%s; expected %zu, as the first line has", csv->name, number,
                     columns < wanted ? columns : wanted + 1, columns, columns == 1 ? "" : "s", wanted);
}

const char *cli_csv_field(cli_csv *csv, size_t column, size_t *length)
{
    const csv_field *field = &csv->row.field[column];
    if (!base_grow(&csv->field, &csv->room, field->length + 1, 1)) return NULL;
    *length = csv_copy_field(field, csv->field);
    return csv->field;
}

void cli_csv_clear(cli_csv *csv)
{
    csv_row_clear(&csv->row);
    free(csv->field);
    *csv = (cli_csv){0};
}
