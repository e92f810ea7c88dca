/* File formats as rows of a table. CONTRIBUTING.md says how to add one. */
#ifndef TAMIS_DATA_FORMAT_H
#define TAMIS_DATA_FORMAT_H

#include "data/reader.h"

typedef struct log_format {
    const char *name;
    /* Whether a file is of this format, by its first bytes (a first line at least, unless it is longer than a window of the
     * source). NULL: only where --format says so. */
    bool (*recognise)(const char *bytes, size_t count);
    /* The same of a file that is read beside a log of this format, such as a mask. NULL: as above. */
    bool (*recognise_beside)(const char *bytes, size_t count);
    /* Reads the whole source into the builder. */
    tamis_status (*read)(log_reader *reader);
    bool columns;         /* its rows have columns, with or without names */
    const char *taken;    /* how its rows were taken, for the summary; NULL: by columns */
    const char *if_empty; /* what to do where no row was found, after "there is no row of data"; NULL: nothing */
} log_format;

/* The name, and what --help says of it, in the order of tamis_format. A file that none recognises is of the first one. */
#define LOG_FORMAT_TABLE(row)                                    \
    row(csv, "")                                                 \
    row(adjacency, " (a line is a user and all of their items)") \
    row(mtx, " (MatrixMarket)")                                  \
    row(jsonl, " (JSON lines: an object a row, its names the columns)")

#define LOG_FORMAT_DECLARE(name, about) extern const log_format log_format_##name;
LOG_FORMAT_TABLE(LOG_FORMAT_DECLARE)

/* The row of a tamis_format other than AUTO. */
const log_format *log_format_get(int format);
/* The tamis_format of a file, by its first bytes. */
int log_format_recognise(const char *bytes, size_t count);

#endif
