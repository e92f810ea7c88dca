/* A CSV file row by row: every row that has something odd about it; plain ones take a faster way, see rounds.c. */
#ifndef TAMIS_DATA_CSV_ROWS_H
#define TAMIS_DATA_CSV_ROWS_H

#include "base/fields.h"
#include "data/columns.h"

typedef struct csv_text { /* a field's bytes, closed by NUL */
    char *bytes;
    size_t length, capacity;
} csv_text;

/* The state of reading one file. */
typedef struct csv_log {
    log_reader *reader;
    tamis_status status; /* not 0: nothing more is taken */
    csv_rules rules;
    log_columns columns;
    int64_t last; /* the last column that matters; -1 while the header passes */
    int64_t line; /* on which the next row begins */
    int64_t wide, wide_line; /* rows with more columns than the first one; where the first of them is, and how many it has */
    size_t wide_columns;
    csv_row row; /* the one in hand */
    csv_text text[ROLES], asked; /* asked: what a filter looks at */
    double value[2]; /* its rating and time */
} csv_log;

/* Takes the row at `at`, which is before `end`; whole: the file ends there, and the row with it. Returns its bytes; 0: it
 * does not end before, or csv->status is set. */
size_t csv_take_row(csv_log *csv, const char *at, const char *end, bool whole);
/* Takes all that end before bytes + count. */
size_t csv_take_rows(csv_log *csv, const char *bytes, size_t count, bool whole);
/* Once the columns are known, or have changed: csv->last. */
void csv_find_last(csv_log *csv);
/* A row that does not end in a whole LOG_ROW_LIMIT. */
tamis_status csv_too_long(const csv_log *csv);

#endif
