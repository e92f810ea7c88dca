/* The state of reading one CSV file, and its two ways: libcsv for whatever CSV allows (csv.c), and chunks of plain rows,
 * in which nothing is quoted, several at a time (chunk.c, rounds.c). */
#ifndef TAMIS_DATA_CSV_H
#define TAMIS_DATA_CSV_H

#include <csv.h>

#include "data/reader.h"

typedef struct csv_log {
    log_reader *reader;
    struct csv_parser parser;
    tamis_status status; /* not 0: what is left of the window is passed over */
    log_columns columns;
    int64_t last;        /* the last column that matters; -1 while the header passes */
    int64_t line, field; /* where the row begins; fields of it so far */
    int64_t row_lines;   /* line ends inside its quoted fields */
    size_t row_bytes;
    int row_end;   /* the byte that ended the row before */
    bool quotes, quotes_before; /* quoted fields may be about; the same of the bytes fed before */
    int64_t stray; /* the column of the row where text follows a quoted field; 0: none */
    char *text[2]; /* user and item of the row */
    size_t length[2], capacity[2];
    double value[2]; /* rating and time */
    bool good[2];
    char shown[2][280]; /* what stands there instead of a number */
} csv_log;

/* Reads bytes through libcsv; a row may go on in the next call's. */
tamis_status csv_feed(csv_log *csv, const char *bytes, size_t count);

/* Whether the next byte begins a row, and is not what is left of a CR LF. */
static inline bool csv_at_row_start(const csv_log *csv)
{
    return csv->row_end != '\r' && csv->field == 0 && csv->row_bytes == 0 && csv->parser.entry_pos == 0 && !csv->parser.quoted;
}

/* Reads all of the source but what csv_fini() tells. */
tamis_status csv_read_rounds(csv_log *csv);

#endif
