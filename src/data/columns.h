/* Which column of a CSV file is what. */
#ifndef TAMIS_DATA_COLUMNS_H
#define TAMIS_DATA_COLUMNS_H

#include "data/names.h"
#include "data/reader.h"

/* What happens where a row's value is missing or wrong. */
enum {
    COLUMN_REQUIRED, /* the row is bad */
    COLUMN_KNOWN,    /* the row has none */
    COLUMN_GUESSED   /* the column is taken to hold something else, in the whole file */
};

typedef struct log_columns {
    int64_t at[ROLES]; /* from 0; -1: none */
    int need[ROLES];
    int64_t filter[FILTERS]; /* of the reader's filters */
    int64_t weight, dislike; /* that the reader's weighing looks at; -1: none */
    bool header;
} log_columns;

/* By the first two rows; second->complete is false where there is only one. */
tamis_status log_columns_find(log_reader *reader, const log_row *first, const log_row *second, int64_t line,
                              log_columns *columns);

#endif
