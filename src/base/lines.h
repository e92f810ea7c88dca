/* A text file line by line. */
#ifndef TAMIS_BASE_LINES_H
#define TAMIS_BASE_LINES_H

#include "tamis.h"

/* One line, as told to the callback: its bytes (not NUL-terminated, without the line end) and its number, from 1.
 * Non-zero: stop reading. */
typedef struct base_lines {
    void *context;
    int (*call)(void *context, const char *bytes, size_t count, int64_t number);
} base_lines;

/* Reads a list, such as one of ids, the way logs are read: plain or gzip (by content), "-" is standard input, lines end
 * with LF or CR LF, a byte-order mark is left out. Empty lines are counted, but not told. TAMIS_STOPPED: the callback
 * stopped it; TAMIS_DATA: no text, a truncated file, a line of more than 1 MiB. */
tamis_status base_lines_read(const char *path, const base_lines *lines, tamis_error *error);

#endif
