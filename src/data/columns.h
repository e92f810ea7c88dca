/* Which column of a CSV file is what. */
#ifndef TAMIS_DATA_COLUMNS_H
#define TAMIS_DATA_COLUMNS_H

#include "data/names.h"
#include "data/reader.h"

/* What a value that is not good costs. */
enum {
    COLUMN_REQUIRED, /* the row: it is bad */
    COLUMN_KNOWN,    /* itself: the row lacks it */
    COLUMN_GUESSED   /* the column: it holds something else */
};

typedef struct log_columns {
    int64_t at[ROLES]; /* from 0; -1: none */
    int need[ROLES];
    int64_t filter[FILTERS]; /* of the reader's filters */
    bool header;
} log_columns;

/* first: the first row; second: the next (not complete: there is none). */
tamis_status log_columns_find(log_reader *reader, const log_row *first, const log_row *second, int64_t line,
                              log_columns *columns);

#endif
