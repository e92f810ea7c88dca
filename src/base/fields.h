/* The fields of a row of CSV, and how a row of one line is cut into them. */
#ifndef TAMIS_BASE_FIELDS_H
#define TAMIS_BASE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>


enum { LOG_ROW_LIMIT = 1 << 20 /* bytes of a row, or line: a longer one is none */ };

typedef struct csv_rules {
    char delimiter;
    int quotes;     /* tamis_quotes */
    bool bare;      /* a quote that opens a field and does not close it is a character like others */
    size_t columns; /* of the first row; 0: not known yet */
} csv_rules;

typedef struct csv_field {
    const char *text; /* without the quotes around it */
    size_t length;
    bool doubled;     /* a quote inside stands twice */
} csv_field;

/* What is wrong with an opening quote. */
typedef enum csv_fault {
    CSV_SOUND,
    CSV_OPEN, /* no quote closes the field: on its line, or with TAMIS_QUOTES_CSV at all */
    CSV_STRAY /* text follows the one that would */
} csv_fault;

typedef struct csv_row {
    csv_field *field;
    size_t count;     /* of fields; 0: an empty line. With a fault: of the fields before it */
    const char *next; /* behind the row's line end */
    int64_t lines;    /* that the row takes: more than one only with TAMIS_QUOTES_CSV */
    csv_fault fault;  /* of field count + 1, on the last of its lines, with which the row ends */
    bool holds_delimiter;      /* a quoted field holds a delimiter; not told with TAMIS_QUOTES_CSV */
    size_t capacity;
    char *text;       /* of the fields, where they are not the file's own bytes */
    size_t text_capacity;
} csv_row;

typedef enum csv_outcome { CSV_ROW, CSV_MORE /* the row does not end before `end` */, CSV_NO_MEMORY } csv_outcome;

/* Cuts the row that begins at `at`, which is before `end`. whole: the file ends there, and the row with it. Not with
 * TAMIS_QUOTES_CSV: for all quotes see base/row.h. */
csv_outcome csv_cut_line(const csv_rules *rules, const char *at, const char *end, bool whole, csv_row *row);
void csv_row_clear(csv_row *row);
/* More columns than the first row has, but for a delimiter that ends the line. last: the length of the last field. */
bool csv_is_wide(size_t count, size_t last, size_t columns);
/* Writes a field's bytes without doubled quotes, and NUL; `to` has length + 1 bytes. Returns how many without the NUL. */
size_t csv_copy_field(const csv_field *field, char *to);
/* The sentence about a fault, without its place. option: the caller can be told to set one. Returns buffer. */
const char *csv_fault_text(csv_fault fault, int quotes, bool option, char buffer[300]);

#endif
