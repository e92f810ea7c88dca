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
/* Of a header: the column whose name says the role; the one of a name that was given, as it stands, else without regard to
 * case, blanks and the like. -1: none. */
int64_t log_recognise(const log_row *row, int role);
int64_t log_find_name(const log_row *row, const char *wanted);
/* "3" -> 3; anything but digits, and NULL -> 0. */
int64_t log_position(const char *given);

#endif
