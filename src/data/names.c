/* The columns of a CSV file, by their names. */
#include <string.h>

#include "base/column.h"
#include "base/text.h"
#include "data/names.h"

const char *log_row_field(const log_row *row, size_t index, size_t *length)
{
    size_t from = index ? row->end[index - 1] + 1 : 0;
    *length = row->end[index] - from;
    return row->text + from;
}

int64_t log_recognise(const log_row *row, int role)
{
    int64_t column = -1, best = INT64_MAX;
    for (size_t k = 0; k < row->count; k++) {
        size_t length;
        const char *text = log_row_field(row, k, &length);
        const int64_t place = base_column_place(role, text, length);
        if (place < 0 || place >= best) continue;
        best = place;
        column = (int64_t)k;
    }
    return column;
}

int64_t tamis_column_place(int column, const char *name)
{
    return base_column_place(column, name, strlen(name));
}

int64_t log_find_name(const log_row *row, const char *wanted)
{
    size_t length;
    for (size_t k = 0; k < row->count; k++)
        if (strcmp(log_row_field(row, k, &length), wanted) == 0) return (int64_t)k;
    for (size_t k = 0; k < row->count; k++) {
        const char *text = log_row_field(row, k, &length);
        if (base_column_same(text, length, wanted, strlen(wanted))) return (int64_t)k;
    }
    return -1;
}

int64_t log_position(const char *given)
{
    int64_t value = 0;
    if (!given || !*given || strspn(given, "0123456789") != strlen(given)) return 0;
    return base_parse_integer(given, &value) && value > 0 ? value : INT64_MAX;
}
