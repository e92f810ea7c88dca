/* What the public header does not say of a table (tamis_table_read()): its size, its fields, where they stand. Row 0 is the
 * one below the header, row -1 the header. */
#ifndef TAMIS_BASE_TABLE_H
#define TAMIS_BASE_TABLE_H

#include "tamis.h"

int64_t base_table_rows(const tamis_table *table); /* without the header, at least 0 */
size_t base_table_columns(const tamis_table *table); /* at least 1 */
const char *base_table_name(const tamis_table *table, size_t column);
/* A field's bytes, closed by NUL, and their number (length may be NULL). -1 <= row < rows, column < columns. */
const char *base_table_text(const tamis_table *table, int64_t row, size_t column, size_t *length);
/* TAMIS_DATA: it is no number; the sentence names file, line and column. */
tamis_status base_table_number(const tamis_table *table, int64_t row, size_t column, double *value, tamis_error *error);
/* The file and the line of a row, for messages. */
const char *base_table_place(const tamis_table *table, int64_t row, int64_t *line);

#endif
