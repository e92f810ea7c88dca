/* CSV row by row: the header, and every row that has something odd about it; plain ones take a faster way, see rounds.c. */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/row.h"
#include "base/status.h"
#include "data/csv.h"
#include "data/notes.h"

tamis_status csv_too_long(const csv_log *csv)
{
    return base_fail(csv->reader->error, TAMIS_DATA,
                     "%s:%" PRId64 ":1: the row does not end within 1 MiB; expected a CSV file with one interaction a line",
                     csv->reader->source.name, csv->line);
}

static void find_last(csv_log *csv)
{
    csv->last = 0;
    for (int role = 0; role < ROLES; role++)
        if (csv->columns.at[role] > csv->last) csv->last = csv->columns.at[role];
}

/* ---- a row */

static bool read_text(const csv_field *field, csv_text *text)
{
    if (!base_grow(&text->bytes, &text->capacity, field->length + 1, 1)) return false;
    text->length = csv_copy_field(field, text->bytes);
    return true;
}

/* Whether what stands in the row for a role is good. */
static bool is_good(csv_log *csv, int role)
{
    const csv_text *text = &csv->text[role];
    if (role <= ROLE_ITEM) return text->length > 0;
    double *value = &csv->value[role - ROLE_RATING];
    if (role == ROLE_TIME) return number_parse_time(text->bytes, text->length, value);
    return number_parse_real(text->bytes, text->length, value) && fabs(*value) <= (double)FLT_MAX;
}

static tamis_status fault_row(csv_log *csv)
{
    const csv_row *row = &csv->row;
    char text[300];
    return log_bad_row(csv->reader, csv->line + row->lines - 1, (int64_t)row->count + 1, "%s",
                       csv_fault_text(row->fault, csv->rules.quotes, log_has_options(csv->reader), text));
}

static tamis_status bad_row(csv_log *csv, int role)
{
    const int64_t column = csv->columns.at[role], count = (int64_t)csv->row.count;
    const tamis_log_options *options = csv->reader->options;
    const char *what = log_role_name(options, role);
    char shown[280];
    if (column >= count && csv->row.fault) return fault_row(csv);
    if (column >= count)
        return log_bad_row(csv->reader, csv->line, column + 1,
                           "the row has %" PRId64 " column%s, but the %s's is column %" PRId64, count,
                           count == 1 ? "" : "s", what, column + 1);
    if (role <= ROLE_ITEM)
        return log_bad_row(csv->reader, csv->line, column + 1, "the %s id is empty; expected a name or number", what);
    base_quote(shown, sizeof shown, csv->text[role].bytes, csv->text[role].length);
    if (role == ROLE_RATING)
        return log_bad_row(csv->reader, csv->line, column + 1, LOG_BAD_RATING, what, shown, log_rating_example(options));
    return log_bad_row(csv->reader, csv->line, column + 1,
                       "time \"%s\" is neither a number nor a date; expected one such as "
                       "1287532527 or 2010-10-19T23:55:27Z",
                       shown);
}

/* A row without a good rating or time, which nobody asked for: it stays without, or, where the column was only guessed to
 * hold them, the file does. */
static tamis_status go_without(csv_log *csv, int role)
{
    log_reader *reader = csv->reader;
    const int64_t column = csv->columns.at[role];
    const char *what = log_role_name(reader->options, role), *name = reader->source.name;
    const csv_text *text = &csv->text[role];
    char shown[280];
    if (column >= (int64_t)csv->row.count || text->length == 0)
        log_note_lacking(reader, role, "%s:%" PRId64 ":%" PRId64 ": the %s is missing", name, csv->line, column + 1, what);
    else
        log_note_lacking(reader, role, "%s:%" PRId64 ":%" PRId64 ": %s \"%s\" is %s", name, csv->line, column + 1, what,
                         base_quote(shown, sizeof shown, text->bytes, text->length),
                         role == ROLE_TIME ? "neither a number nor a date" : "not a number");
    csv->value[role - ROLE_RATING] = (double)NAN;
    if (csv->columns.need[role] != COLUMN_GUESSED) {
        reader->lacking[role - ROLE_RATING]++;
        return TAMIS_OK;
    }
    csv->columns.at[role] = -1;
    find_last(csv);
    return log_give_up(reader, role);
}

static void note_width(csv_log *csv)
{
    const csv_row *row = &csv->row;
    if (row->fault || !csv_is_wide(row->count, row->field[row->count - 1].length, csv->rules.columns) || csv->wide++) return;
    csv->wide_line = csv->line;
    csv->wide_columns = row->count;
}

static tamis_status take_row(csv_log *csv)
{
    log_reader *reader = csv->reader;
    const log_columns *columns = &csv->columns;
    bool good[ROLES];
    note_width(csv);
    csv->value[0] = csv->value[1] = (double)NAN;
    for (int role = 0; role < ROLES; role++) {
        const int64_t at = columns->at[role];
        const bool there = at >= 0 && at < (int64_t)csv->row.count;
        if (there && !read_text(&csv->row.field[at], &csv->text[role]))
            return base_no_memory(reader->error, "a field", csv->row.field[at].length, 1);
        good[role] = there && is_good(csv, role);
        if (!good[role] && at >= 0 && columns->need[role] == COLUMN_REQUIRED) return bad_row(csv, role);
    }
    if (good[ROLE_RATING] && log_below(reader, csv->value[0])) return TAMIS_OK;
    tamis_status status = TAMIS_OK;
    for (int role = ROLE_RATING; role < ROLES && !status; role++)
        if (!good[role] && columns->at[role] >= 0) status = go_without(csv, role);
    if (status) return status;
    return log_builder_add(reader->builder, csv->text[0].bytes, csv->text[0].length, csv->text[1].bytes,
                           csv->text[1].length, csv->value[0], csv->value[1], reader->error);
}

size_t csv_take_row(csv_log *csv, const char *at, const char *end, bool whole)
{
    csv_row *row = &csv->row;
    tamis_log_summary *summary = &csv->reader->builder->summary;
    const csv_outcome outcome = csv_cut_row(&csv->rules, at, end, whole, row);
    if (outcome == CSV_NO_MEMORY)
        csv->status = base_no_memory(csv->reader->error, "a row", row->count, sizeof *row->field);
    else if (outcome == CSV_ROW && row->next - at > LOG_ROW_LIMIT)
        csv->status = csv_too_long(csv);
    if (outcome != CSV_ROW || csv->status) return 0;
    summary->continued += row->lines - 1;
    if (row->count == 0 && !row->fault) {
        summary->empty++;
    } else if (csv->last < 0) {
        summary->headers++;
        find_last(csv);
    } else {
        csv->status = take_row(csv);
    }
    csv->line += row->lines;
    return (size_t)(row->next - at);
}

size_t csv_take_rows(csv_log *csv, const char *bytes, size_t count, bool whole)
{
    size_t taken = 0, next = 1;
    for (; next && taken < count && !csv->status; taken += next)
        next = csv_take_row(csv, bytes + taken, bytes + count, whole);
    return taken;
}

/* ---- the first two rows, read ahead to find the columns */

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
    bool parted;     /* see csv_row: of the first one */
} csv_peek;

static void clear_peek(csv_peek *peek)
{
    for (int k = 0; k < 2; k++) {
        free(peek->row[k].text);
        free(peek->row[k].end);
    }
    *peek = (csv_peek){.fault = CSV_SOUND};
}

/* Up to two rows that are not empty. A quote at fault is a character like others here: the names and numbers of columns
 * before it stay what they are, and reading on will tell. */
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
            peek->parted = row->parted;
        }
        rules.quotes = TAMIS_QUOTES_NONE;
        if (row->fault && (outcome = csv_cut_row(&rules, bytes, end, whole, row))) return outcome;
        if (!row->count) continue;
        if (!keep_row(row, &peek->row[found++])) return CSV_NO_MEMORY;
    }
    return outcome;
}

/* By a sample of the rows that are there already. */
static tamis_status judge_columns(csv_log *csv, const log_row *first, const char *bytes, size_t count, bool whole)
{
    log_builder *builder = csv->reader->builder;
    log_sample sample;
    if (!builder->delimiter) builder->delimiter = csv->rules.delimiter;
    builder->quoted |= memchr(bytes, '"', count) != NULL;
    if (!log_sample_take(&csv->rules, bytes, count, whole, csv->columns.header, &sample))
        return base_no_memory(csv->reader->error, "a sample of rows", SAMPLE_ROWS * sample.columns, sizeof(uint64_t));
    log_judge_columns(csv->reader, &csv->columns, first, csv->rules.delimiter, &sample);
    return TAMIS_OK;
}

/* Leaves the columns alone when there is no first row. */
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
    if (outcome == CSV_ROW && peek.parted) { /* the second row tells whether it should be */
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
    if (status == TAMIS_DATA && peek.fault) /* which explains more than that a column is not found */
        base_fail(reader->error, status, "%s:%" PRId64 ":%zu: %s", source->name, line, peek.column,
                  csv_fault_text(peek.fault, csv->rules.quotes, log_has_options(reader), text));
    clear_peek(&peek);
    return status;
}

/* Text with a delimiter in it moves what stands behind it to other columns, as does a column without a name. */
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
    log_reader *reader = csv->reader;
    tamis_status status = TAMIS_OK;
    for (int role = ROLE_RATING; role < ROLES && !status; role++) {
        if (csv->columns.at[role] >= 0)
            status = log_have(reader, role);
        else
            log_note_lacking(reader, role, "%s: no column is known to hold %ss", reader->source.name,
                             log_role_name(reader->options, role));
    }
    if (!csv->columns.header) find_last(csv);
    if (!status) status = csv_read_rounds(csv);
    if (!status) tell_width(csv);
    return status;
}

tamis_status log_read_csv(log_reader *reader)
{
    csv_log csv = {.reader = reader, .line = 1, .last = -1, .rules = {.delimiter = ','}, .columns = {.at = {0, 1, -1, -1}}};
    char *bytes;
    size_t count;
    tamis_status status = source_peek(&reader->source, &bytes, &count, reader->error);
    if (!status) status = find_columns(&csv, bytes, count);
    if (!status) status = read_body(&csv);
    for (int role = 0; role < ROLES; role++) free(csv.text[role].bytes);
    csv_row_clear(&csv.row);
    return status;
}
