/* The names of a CSV file's columns: which of them say what the column holds. */
#ifndef TAMIS_DATA_NAMES_H
#define TAMIS_DATA_NAMES_H

#include "data/log.h"

typedef struct log_row { /* a row's fields, each closed by NUL */
    char *text;
    size_t *end; /* of each field, its NUL */
    size_t count, text_capacity, end_capacity;
    bool complete;
} log_row;

const char *log_row_field(const log_row *row, size_t index, size_t *length);
/* The column of a header whose name is known for the role; -1: none. */
int64_t log_recognise(const log_row *row, int role);
/* The column of a name: as it stands, else without regard to case, blanks and the like. -1: none. */
int64_t log_find_name(const log_row *row, const char *wanted);
/* The number of a position such as "3"; 0: not digits alone, or NULL. */
int64_t log_position(const char *given);

#endif
