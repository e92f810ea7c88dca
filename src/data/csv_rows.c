/* The rows of a CSV file that are read one at a time: its first lines, and those with quotes or faults. All others are read by
 * the thousand, see rounds.c. */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fields.h"
#include "base/memory.h"
#include "base/date.h"
#include "base/number.h"
#include "base/row.h"
#include "base/status.h"
#include "data/csv_rows.h"

tamis_status csv_too_long(const csv_log *csv)
{
    return base_fail(csv->reader->error, TAMIS_DATA,
                     "%s:%" PRId64 ":1: the row does not end within 1 MiB; expected one interaction a line",
                     csv->reader->source.name, csv->line);
}

void csv_log_clear(csv_log *csv)
{
    for (int role = 0; role < ROLES; role++) free(csv->text[role].bytes);
    free(csv->asked.bytes);
    csv_row_clear(&csv->row);
}

tamis_status csv_begin_rows(csv_log *csv)
{
    log_reader *reader = csv->reader;
    const log_weighing *w = reader->weighing;
    for (int role = ROLE_RATING; role < ROLES; role++) {
        if (csv->columns.at[role] < 0) {
            log_note_lacking(reader, role, "%s: no column is known to hold %ss", reader->source.name, log_role_name(reader->options, role));
            continue;
        }
        tamis_status status = log_have(reader, role);
        if (status) return status;
    }
    if ((w->wanted || w->disliking || csv->columns.dislike >= 0) && !rows_add_weight(&reader->builder->rows))
        return base_no_memory(reader->error, "weights", (size_t)reader->builder->rows.count, sizeof(float));
    return TAMIS_OK;
}

void csv_find_last(csv_log *csv)
{
    csv->last = 0;
    for (int role = 0; role < ROLES; role++)
        if (csv->columns.at[role] > csv->last) csv->last = csv->columns.at[role];
    for (int k = 0; k < csv->reader->filters->count; k++)
        if (csv->columns.filter[k] > csv->last) csv->last = csv->columns.filter[k];
    if (csv->columns.weight > csv->last) csv->last = csv->columns.weight;
    if (csv->columns.dislike > csv->last) csv->last = csv->columns.dislike;
}

/* ---- a row */

static bool read_text(const csv_field *field, csv_text *text)
{
    if (!base_grow(&text->bytes, &text->capacity, field->length + 1, 1)) return false;
    text->length = csv_copy_field(field, text->bytes);
    return true;
}

/* Takes blanks off both ends. */
static void trim(csv_text *text)
{
    size_t from = 0;
    while (text->length && strchr(" \t", text->bytes[text->length - 1])) text->length--;
    while (from < text->length && strchr(" \t", text->bytes[from])) from++;
    text->length -= from;
    memmove(text->bytes, text->bytes + from, text->length);
    text->bytes[text->length] = '\0';
}

/* Parses the row's value for a role. False: it is not good. */
static bool is_good(csv_log *csv, int role)
{
    const csv_text *text = &csv->text[role];
    if (role <= ROLE_ITEM) return text->length > 0;
    double *value = &csv->value[role - ROLE_RATING];
    const char *format = csv->reader->options->time_format;
    if (role == ROLE_TIME)
        return format ? date_parse_as(format, text->bytes, text->length, value) : date_parse(text->bytes, text->length, value);
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
    if (options->time_format)
        return log_bad_row(csv->reader, csv->line, column + 1, "time \"%s\" is none of --time-format %.60s before 5138", shown, options->time_format);
    return log_bad_row(csv->reader, csv->line, column + 1,
                       "time \"%s\" is neither a number nor a date before 5138; expected one such as 1287532527 or 2010-10-19T23:55:27Z, or "
                       "--time-format", shown);
}

/* The rating (time) of a row cannot be read, and no option needs it: the row is taken without one. Where the column was only
 * guessed to hold ratings (times), the whole file is taken without them. */
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
    csv_find_last(csv);
    return log_give_up(reader, role);
}

static void note_width(csv_log *csv)
{
    const csv_row *row = &csv->row;
    if (row->fault || !csv_is_wide(row->count, row->field[row->count - 1].length, csv->rules.columns) || csv->wide++) return;
    csv->wide_line = csv->line;
    csv->wide_columns = row->count;
}

/* The field at `at`, that an option looks at, becomes csv->asked. *there: false: the row has none, and is bad. */
static tamis_status read_asked(csv_log *csv, int64_t at, const char *option, bool *there)
{
    const int64_t count = (int64_t)csv->row.count;
    *there = at < count;
    if (!*there && csv->row.fault) return fault_row(csv);
    if (!*there)
        return log_bad_row(csv->reader, csv->line, at + 1, "the row has %" PRId64 " column%s, but %s looks at column %" PRId64, count,
                           count == 1 ? "" : "s", option, at + 1);
    return read_text(&csv->row.field[at], &csv->asked) ? TAMIS_OK
                                                       : base_no_memory(csv->reader->error, "a field", csv->row.field[at].length, 1);
}

/* Asks the filters; *taken: all take the row. */
static tamis_status ask_filters(csv_log *csv, bool *taken)
{
    log_reader *reader = csv->reader;
    char shown[280];
    *taken = true;
    for (int k = 0; k < reader->filters->count && *taken; k++) {
        const log_filter *filter = &reader->filters->filter[k];
        const int64_t at = csv->columns.filter[k];
        bool there;
        *taken = false;
        tamis_status status = read_asked(csv, at, filter->option, &there);
        if (status || !there) return status;
        const predicate_answer answer = log_filter_ask(filter, csv->asked.bytes, csv->asked.length);
        if (answer == PREDICATE_NO_NUMBER)
            return log_bad_row(reader, csv->line, at + 1, "%s \"%s\" is not a number, with which %s compares", filter->question.column,
                               base_quote(shown, sizeof shown, csv->asked.bytes, csv->asked.length), filter->option);
        *taken = answer == PREDICATE_YES;
        reader->builder->summary.left_out += !*taken;
    }
    return TAMIS_OK;
}

/* Reads the row's weight; *good: it has one. */
static tamis_status take_weight(csv_log *csv, bool *good)
{
    const int64_t at = csv->columns.weight;
    *good = true;
    if (at < 0) return TAMIS_OK;
    tamis_status status = read_asked(csv, at, csv->reader->weighing->option, good);
    if (status || !*good) return status;
    *good = log_weighing_parse(csv->reader->weighing, csv->asked.bytes, csv->asked.length, &csv->weight);
    return *good ? TAMIS_OK : log_bad_weight(csv->reader, csv->line, at + 1, csv->asked.bytes, csv->asked.length);
}

/* Asks what stands in the column of dislikes. *disliked: it says no; *good: there is an answer. */
static tamis_status ask_dislike(csv_log *csv, bool *disliked, bool *good)
{
    const int64_t at = csv->columns.dislike;
    const predicate *question = &csv->reader->weighing->dislike;
    char shown[280];
    *disliked = false;
    *good = true;
    if (at < 0) return TAMIS_OK;
    tamis_status status = read_asked(csv, at, "--dislike", good);
    if (status || !*good) return status;
    const predicate_answer answer = predicate_ask(question, csv->asked.bytes, csv->asked.length);
    *disliked = answer == PREDICATE_YES;
    *good = answer != PREDICATE_NO_NUMBER;
    return *good ? TAMIS_OK
                 : log_bad_row(csv->reader, csv->line, at + 1, "%s \"%s\" is not a number, with which --dislike compares", question->column,
                               base_quote(shown, sizeof shown, csv->asked.bytes, csv->asked.length));
}

/* Rating and time of a row that is not disliked, and its weight. *taken: it is a positive. */
static tamis_status take_values(csv_log *csv, const bool good[ROLES], bool *taken)
{
    tamis_status status = TAMIS_OK;
    *taken = !(good[ROLE_RATING] && log_below(csv->reader, csv->value[0]));
    if (*taken) status = take_weight(csv, taken);
    for (int role = ROLE_RATING; role < ROLES && !status && *taken; role++)
        if (!good[role] && csv->columns.at[role] >= 0) status = go_without(csv, role);
    return status;
}

tamis_status csv_use_row(csv_log *csv)
{
    log_reader *reader = csv->reader;
    const log_columns *columns = &csv->columns;
    bool good[ROLES] = {false};
    bool taken, disliked;
    note_width(csv);
    tamis_status status = ask_filters(csv, &taken);
    if (!status && taken) status = ask_dislike(csv, &disliked, &taken);
    if (status || !taken) return status;
    csv->value[0] = csv->value[1] = (double)NAN;
    csv->weight = 1;
    for (int role = 0; role < ROLES; role++) {
        const int64_t at = columns->at[role];
        const bool there = at >= 0 && at < (int64_t)csv->row.count;
        if (there && !read_text(&csv->row.field[at], &csv->text[role]))
            return base_no_memory(reader->error, "a field", csv->row.field[at].length, 1);
        if (there && role <= ROLE_ITEM && reader->options->trim) trim(&csv->text[role]);
        good[role] = there && is_good(csv, role);
        if (!good[role] && role >= ROLE_RATING) csv->value[role - ROLE_RATING] = (double)NAN;
        if (role == ROLE_RATING) disliked |= csv->value[0] < reader->weighing->dislike_below;
        if (!good[role] && at >= 0 && columns->need[role] == COLUMN_REQUIRED && !(disliked && role >= ROLE_RATING)) return bad_row(csv, role);
    }
    if (disliked) csv->weight = 0;
    else if ((status = take_values(csv, good, &taken)) || !taken) return status;
    const csv_text *user = &csv->text[ROLE_USER], *item = &csv->text[ROLE_ITEM];
    const log_entry entry = {.user = user->bytes, .item = item->bytes, .user_length = user->length, .item_length = item->length,
                             .rating = csv->value[0], .time = csv->value[1], .weight = csv->weight};
    return log_builder_add(reader->builder, &entry, reader->error);
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
        csv_find_last(csv);
    } else {
        csv->status = csv_use_row(csv);
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
