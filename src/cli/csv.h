/* Files of CSV line by line: quotes close on the line on which they open. */
#ifndef TAMIS_CLI_CSV_H
#define TAMIS_CLI_CSV_H

#include "base/fields.h"
#include "tamis.h"

typedef struct cli_csv {
    const char *name; /* of the file, for messages */
    csv_rules rules;
    csv_row row;      /* the line in hand */
    char *field;      /* room for one without its doubled quotes */
    size_t room;
} cli_csv;

/* Takes the first line: what parts its columns, and how many there are. TAMIS_FAILURE: memory; TAMIS_DATA: it is no row. */
tamis_status cli_csv_first(cli_csv *csv, const char *line, size_t count, tamis_error *error);
/* The column with the most usual name for a role, in the first line; -1: none. */
int64_t cli_csv_find(cli_csv *csv, int role);
/* The column of this name in the first line, or of this position from 1; -1: none. */
int64_t cli_csv_named(cli_csv *csv, const char *name);
/* Takes another line. TAMIS_DATA: a row of fewer or more columns than the first, or a fault of quotes. */
tamis_status cli_csv_next(cli_csv *csv, const char *line, size_t count, int64_t number, tamis_error *error);
/* A field of the line, until the next is asked for. NULL: out of memory. */
const char *cli_csv_field(cli_csv *csv, size_t column, size_t *length);
void cli_csv_clear(cli_csv *csv);

#endif
