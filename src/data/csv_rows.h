/* Reads a CSV file row by row. Only rows that have something odd about them are read so; for plain ones see rounds.c. */
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
    int64_t last; /* the last column that is read; -1: the header has not been passed */
    int64_t line; /* on which the next row begins */
    int64_t wide, wide_line; /* number of rows wider than the first one; line and columns of the first of them */
    size_t wide_columns;
    csv_row row; /* the one in hand */
    csv_text text[ROLES], asked; /* asked: what a filter looks at */
    double value[2]; /* its rating and time */
    double weight;
} csv_log;

/* Before columns are known: users and items are the first two. */
#define CSV_LOG_NEW(of)                                                                    \
    {.reader = (of), .line = 1, .last = -1, .rules = {.delimiter = ','},                   \
     .columns = {.at = {0, 1, -1, -1}, .weight = -1, .dislike = -1}}
void csv_log_clear(csv_log *csv);
/* Once columns are known: readies the builder for what they hold. */
tamis_status csv_begin_rows(csv_log *csv);
/* Takes csv->row, which is no header and not empty. */
tamis_status csv_use_row(csv_log *csv);
/* Reads the row at `at`, which is before `end`; whole: the file ends at `end`. Returns the row's length; 0: the row is not complete,
 * or csv->status is set. */
size_t csv_take_row(csv_log *csv, const char *at, const char *end, bool whole);
/* Reads all complete rows. Returns their length. */
size_t csv_take_rows(csv_log *csv, const char *bytes, size_t count, bool whole);
/* Sets csv->last from the columns. */
void csv_find_last(csv_log *csv);
/* The sentence about a row longer than LOG_ROW_LIMIT. */
tamis_status csv_too_long(const csv_log *csv);

#endif
