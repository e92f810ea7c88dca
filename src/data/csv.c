/* CSV files: finds the columns by the first two rows; rounds.c reads the rest. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fields.h"
#include "base/memory.h"
#include "base/row.h"
#include "base/source.h"
#include "base/status.h"
#include "data/beside.h"
#include "data/delimiter.h"
#include "data/format.h"
#include "data/judge.h"
#include "data/rounds.h"

static bool keep_row(const csv_row *row, log_row *out)
{
    size_t used = 0;
    for (size_t k = 0; k < row->count; k++) {
        if (!base_grow(&out->text, &out->text_capacity, used + row->field[k].length + 1, 1) ||
            !base_grow(&out->end, &out->end_capacity, k + 1, sizeof *out->end))
            return false;
        used += csv_copy_field(&row->field[k], out->text + used);
        out->end[out->count++] = used++;
    }
    out->complete = true;
    return true;
}

typedef struct csv_peek {
    log_row row[2];
    csv_fault fault; /* of the first one, in this column from 1 */
    size_t column;
    bool holds_delimiter;     /* see csv_row: of the first one */
} csv_peek;

static void clear_peek(csv_peek *peek)
{
    for (int k = 0; k < 2; k++) {
        free(peek->row[k].text);
        free(peek->row[k].end);
    }
    *peek = (csv_peek){.fault = CSV_SOUND};
}

/* Up to two rows that are not empty. A wrong quote is a character like others here: columns before it are not affected, and the row
 * will be reported when it is read. */
static csv_outcome peek_rows(csv_log *csv, const char *bytes, size_t count, bool whole, csv_peek *peek)
{
    const char *end = bytes + count;
    csv_outcome outcome = CSV_ROW;
    csv_row *row = &csv->row;
    for (int found = 0; found < 2 && bytes < end; bytes = row->next) {
        csv_rules rules = csv->rules;
        outcome = csv_cut_row(&rules, bytes, end, whole, row);
        if (outcome) return outcome;
        if (!found) {
            peek->fault = row->fault;
            peek->column = row->count + 1;
            peek->holds_delimiter = row->holds_delimiter;
        }
        rules.quotes = TAMIS_QUOTES_NONE;
        if (row->fault && (outcome = csv_cut_row(&rules, bytes, end, whole, row))) return outcome;
        if (!row->count) continue;
        if (!keep_row(row, &peek->row[found++])) return CSV_NO_MEMORY;
    }
    return outcome;
}

/* By a sample of the bytes that have been read so far. */
static tamis_status judge_columns(csv_log *csv, const log_row *first, const char *bytes, size_t count, bool whole)
{
    log_builder *builder = csv->reader->builder;
    log_sample sample;
    if (!builder->findings.delimiter) builder->findings.delimiter = csv->rules.delimiter;
    builder->findings.quoted |= memchr(bytes, '"', count) != NULL;
    if (!log_sample_take(&csv->rules, bytes, count, whole, csv->columns.header, &sample))
        return base_no_memory(csv->reader->error, "a sample of rows", SAMPLE_ROWS * sample.columns, sizeof(uint64_t));
    log_judge_columns(csv->reader, &csv->columns, first, &sample);
    return TAMIS_OK;
}

/* Leaves csv->columns as they are where there is no first row. */
static tamis_status find_columns(csv_log *csv, const char *bytes, size_t count)
{
    log_reader *reader = csv->reader;
    const log_source *source = &reader->source;
    char text[300];
    size_t start = 0;
    while (start < count && (bytes[start] == '\n' || bytes[start] == '\r'))
        start++;
    const int64_t line = csv->line + source_line_ends(bytes, start);
    if (source->nul && !memchr(bytes + start, '\n', count - start))
        return source_fail_nul(source, line, 1, reader->error);
    const bool quoted = log_fit_quotes(reader, bytes + start, count - start);
    tamis_status status = log_delimiter(reader, bytes + start, count - start, line, &csv->rules.delimiter);
    if (status || start == count) return status;
    csv->rules.quotes = reader->options->quotes;
    csv->rules.bare = quoted || csv->rules.delimiter == '\t';
    csv_peek peek = {.fault = CSV_SOUND};
    const bool whole = source->ended && !source->nul;
    csv_outcome outcome = peek_rows(csv, bytes + start, count - start, whole, &peek);
    if (outcome == CSV_ROW && peek.holds_delimiter) { /* the number of columns of the second row decides */
        csv->rules.columns = peek.row[1].count;
        clear_peek(&peek);
        outcome = peek_rows(csv, bytes + start, count - start, whole, &peek);
    }
    csv->rules.columns = peek.row[0].count;
    if (outcome == CSV_NO_MEMORY)
        status = base_no_memory(reader->error, "the first row", count, 1);
    else if (peek.row[0].complete)
        status = log_columns_find(reader, &peek.row[0], &peek.row[1], line, &csv->columns);
    else if (!source->ended)
        status = csv_too_long(csv);
    if (!status && peek.row[0].complete) status = judge_columns(csv, &peek.row[0], bytes + start, count - start, whole);
    if (status == TAMIS_DATA && peek.fault) /* the quote is the likely cause of a column that is not found */
        base_fail(reader->error, status, "%s:%" PRId64 ":%zu: %s", source->name, line, peek.column,
                  csv_fault_text(peek.fault, csv->rules.quotes, log_has_options(reader), text));
    clear_peek(&peek);
    return status;
}

/* Rows wider than the first one: a field that holds a delimiter, or a header that lacks a name, has shifted their columns. */
static void tell_width(const csv_log *csv)
{
    if (!csv->wide) return;
    log_note(&csv->reader->builder->summary, TAMIS_NOTE_COLUMN, true, csv->wide,
             "%.200s:%" PRId64 ": the row has %zu columns and the first row %zu (%" PRId64 " such row%s), so that users and items may "
             "be taken from the wrong columns; expected %s",
             csv->reader->source.name, csv->wide_line, csv->wide_columns, csv->rules.columns, csv->wide,
             csv->wide == 1 ? "" : "s",
             csv->rules.quotes == TAMIS_QUOTES_NONE ? "--quotes auto if quotes stand around text that holds the delimiter"
                                                    : "quotes around text that holds the delimiter, and a name for every column");
}

static tamis_status read_body(csv_log *csv)
{
    tamis_status status = csv_begin_rows(csv);
    if (!csv->columns.header) csv_find_last(csv);
    if (!status) status = csv_read_rounds(csv);
    if (!status) tell_width(csv);
    return status;
}

static tamis_status read_csv(log_reader *reader)
{
    csv_log csv = CSV_LOG_NEW(reader);
    char *bytes;
    size_t count;
    tamis_status status = source_peek(&reader->source, &bytes, &count, reader->error);
    if (!status) status = find_columns(&csv, bytes, count);
    if (!status) status = read_body(&csv);
    csv_log_clear(&csv);
    return status;
}

const log_format log_format_csv = {.name = "csv", .read = read_csv, .columns = true};
