/* A sample of a CSV file's rows: blocks, evenly spread over the bytes that are read first. So it takes the same time for a file of
 * any size, and depends on the file alone. */
#ifndef TAMIS_DATA_SAMPLE_H
#define TAMIS_DATA_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fields.h"

enum { SAMPLE_ROWS = 1024, SAMPLE_BLOCKS = 32, SAMPLE_COLUMNS = 64, SAMPLE_VALUES = 4, SAMPLE_SHOWN = 48 };

/* What a column holds: numbers of rows of the sample. */
typedef struct sample_column {
    int64_t filled, distinct;
    int64_t number;    /* of these: */
    int64_t fraction;  /* not whole, or written 1.2E+11 */
    int64_t trailing;  /* whole, but written 17.0 */
    int64_t small;     /* 0 to 10, whole or half */
    int64_t compared;  /* with the row before, a number too; of these: */
    int64_t next;      /* one more than there */
    int64_t in_order;  /* not less */
    int64_t unix_time[4]; /* from 1995 to 2039, in seconds, ms, us and ns */
    int64_t thousands; /* written with 000 at the end */
    int64_t compact;   /* YYYYMMDD from 1990 to 2039 */
    int64_t comma;     /* 4,5 */
    int64_t date;      /* 2014-04-07T10:51:09Z, 07.04.2014, 10:51, Mon Apr 7 10:51:09 2014 */
    int64_t url, event;
    char value[SAMPLE_VALUES][SAMPLE_SHOWN]; /* the first different ones, fit for a message */
    int values;
} sample_column;

typedef struct log_sample {
    int64_t rows;
    size_t columns;
    sample_column column[SAMPLE_COLUMNS];
} log_sample;

/* Takes rows of rules->columns columns, the header left out; the first SAMPLE_COLUMNS columns are looked at. whole: the file ends with
 * these bytes. False: out of memory. */
bool log_sample_take(const csv_rules *rules, const char *bytes, size_t count, bool whole, bool header, log_sample *sample);

/* Whether a value is a kind of event, such as "view", "add_to_cart", "pv". */
bool log_is_event(const char *text, size_t length);

#endif
