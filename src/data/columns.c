/* Which column of a CSV file is what: by options, by its name, by its position. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/locale.h"
#include "base/status.h"
#include "data/beside.h"
#include "data/columns.h"

/* "a, b, c" for messages, cut when there are many. */
static const char *list_columns(const log_row *row, char *buffer, size_t size)
{
    char shown[280];
    size_t used = 0, length;
    buffer[0] = '\0';
    for (size_t k = 0; k < row->count; k++) {
        if (k == 20 || used + 100 > size) {
            snprintf(buffer + used, size - used, ", ... (%zu in all)", row->count);
            break;
        }
        const char *text = log_row_field(row, k, &length);
        base_quote(shown, sizeof shown, text, length);
        used += (size_t)snprintf(buffer + used, size - used, "%s%.70s", k ? ", " : "", shown);
    }
    return buffer;
}

static tamis_status fail_missing(const log_reader *reader, const log_row *first, int64_t line, bool header, int role,
                                 const char *given, tamis_error *error)
{
    char columns[500], shown[280];
    const char *what = log_role_name(reader->options, role), *file = reader->source.name;
    /* several options of the command line give a column of relevance */
    const bool relevance = role == ROLE_RATING && reader->options->relevance;
    const char *option = relevance ? "the " : "--", *prefix = relevance ? "" : log_prefix(reader);
    if (given) base_quote(shown, sizeof shown, given, strlen(given));
    if (given && !log_position(given))
        return base_fail(error, TAMIS_DATA, "%s:%" PRId64 ": there is no column \"%s\" (%s%s%s); the columns are %s",
                         file, line, shown, option, prefix, what, list_columns(first, columns, sizeof columns));
    if (given)
        return base_fail(error, TAMIS_DATA,
                         "%s:%" PRId64 ": there is no column %s (%s%s%s); the first row has %zu column%s", file, line,
                         shown, option, prefix, what, first->count, first->count == 1 ? "" : "s");
    if (header)
        return base_fail(error, TAMIS_DATA,
                         "%s:%" PRId64 ": no column is known as the %s's; name it with --%s%s, one of %s", file, line,
                         what, prefix, what, list_columns(first, columns, sizeof columns));
    if (first->count > 1)
        return base_fail(error, TAMIS_DATA,
                         "%s:%" PRId64 ": no column is known as the %s's; give its position with --%s%s, 1 to %zu", file,
                         line, what, prefix, what, first->count);
    return base_fail(error, TAMIS_DATA,
                     "%s:%" PRId64 ": the first row has %zu column%s; expected a user and an item at least "
                     "(is --delimiter right?)",
                     file, line, first->count, first->count == 1 ? "" : "s");
}

static const char *given_for(const tamis_log_options *options, int role)
{
    const char *const given[ROLES] = {options->user, options->item,
                                      options->relevance ? options->relevance : options->rating, options->time};
    return given[role];
}

/* With a header: by the name or position that was given, else recognised. */
static void place_by_header(const log_reader *reader, const log_row *first, log_columns *columns)
{
    for (int role = 0; role < ROLES; role++) {
        const char *given = given_for(reader->options, role);
        if (log_position(given))
            columns->at[role] = log_position(given) - 1;
        else
            columns->at[role] = given ? log_find_name(first, given) : log_recognise(first, role);
        /* a column that options give to one role is not recognised as another */
        for (int other = 0; other < role && role >= ROLE_RATING && !given; other++)
            if (columns->at[other] == columns->at[role]) columns->at[role] = -1;
    }
    /* a header by option whose names are not known: user, item */
    if (!reader->options->user && !reader->options->item && columns->at[ROLE_USER] < 0 && columns->at[ROLE_ITEM] < 0) {
        columns->at[ROLE_USER] = 0;
        columns->at[ROLE_ITEM] = 1;
    }
}

/* Without a header: by position, else user, item, rating, time in this order, in the columns that are not given away. */
static void place_by_order(const log_reader *reader, const log_row *first, log_columns *columns)
{
    for (int role = 0; role < ROLES; role++)
        columns->at[role] = log_position(given_for(reader->options, role)) - 1;
    for (int role = 0; role < ROLES; role++) {
        if (columns->at[role] >= 0) continue;
        bool free_place = role <= ROLE_ITEM ||
                          (columns->at[ROLE_USER] == 0 && columns->at[ROLE_ITEM] == 1 && (size_t)role < first->count);
        for (int other = 0; other < ROLES; other++)
            free_place &= columns->at[other] != role;
        if (free_place) columns->at[role] = role;
    }
}

static bool has_digit(const char *text)
{
    return strpbrk(text, "0123456789") != NULL;
}

/* Whether the first row differs from the second as names differ from values. */
static bool looks_like_header(const log_row *first, const log_row *second, const log_columns *columns)
{
    size_t length;
    double value;
    const char *text[2][3] = {{NULL}};
    for (int role = 0; role <= ROLE_RATING; role++) {
        int64_t at = columns->at[role];
        if (at < 0 || (size_t)at >= first->count || (size_t)at >= second->count) continue;
        text[0][role] = log_row_field(first, (size_t)at, &length);
        text[1][role] = log_row_field(second, (size_t)at, &length);
    }
    if (text[0][ROLE_USER] && text[0][ROLE_ITEM] && !has_digit(text[0][ROLE_USER]) && !has_digit(text[0][ROLE_ITEM]) &&
        has_digit(text[1][ROLE_USER]) && has_digit(text[1][ROLE_ITEM]))
        return true;
    const char *above = text[0][ROLE_RATING], *below = text[1][ROLE_RATING];
    return above && *above && !number_parse_real(above, strlen(above), &value) &&
           number_parse_real(below, strlen(below), &value);
}

static tamis_status check_places(const log_reader *reader, const log_row *first, int64_t line, log_columns *columns)
{
    tamis_error *error = reader->error;
    char shown[500];
    for (int role = 0; role < ROLES; role++) {
        const char *given = given_for(reader->options, role);
        int64_t at = columns->at[role];
        /* ratings and times that no option asks for may be missing; a third column without a name may hold anything */
        columns->need[role] = role <= ROLE_ITEM || given ? COLUMN_REQUIRED
                              : columns->header          ? COLUMN_KNOWN
                                                         : COLUMN_GUESSED;
        if ((at < 0 && columns->need[role] == COLUMN_REQUIRED) || at >= (int64_t)first->count)
            return fail_missing(reader, first, line, columns->header, role, given, error);
        for (int other = 0; other < role; other++) {
            bool asked = given && given_for(reader->options, other);
            if (at < 0 || columns->at[other] != at) continue;
            return base_fail(error, asked ? TAMIS_USAGE : TAMIS_DATA,
                             "%s:%" PRId64 ": column %" PRId64
                             " would be both the %s's and the %s's; say which columns "
                             "to use with --%s%s and --%s%s",
                             reader->source.name, line, at + 1, log_role_name(reader->options, other),
                             log_role_name(reader->options, role), log_prefix(reader),
                             log_role_name(reader->options, other), log_prefix(reader),
                             log_role_name(reader->options, role));
        }
    }
    const char *rated = reader->options->min_rating > -(double)INFINITY ? "--min-rating"
                        : !isnan(reader->options->dislike_below)        ? "--dislike-below" : NULL;
    if (rated) {
        if (columns->at[ROLE_RATING] < 0)
            return base_fail(error, TAMIS_DATA,
                             "%s:%" PRId64 ": %s needs ratings, but no column is known to hold "
                             "them; name it with --rating, one of %s",
                             reader->source.name, line, rated, list_columns(first, shown, sizeof shown));
        columns->need[ROLE_RATING] = COLUMN_REQUIRED;
    }
    if (!isnan(reader->options->half_life)) {
        if (columns->at[ROLE_TIME] < 0)
            return base_fail(error, TAMIS_DATA,
                             "%s:%" PRId64 ": --half-life needs times, but no column is known to hold them; name it with --time, one "
                             "of %s", reader->source.name, line, list_columns(first, shown, sizeof shown));
        columns->need[ROLE_TIME] = COLUMN_REQUIRED;
    }
    return TAMIS_OK;
}

/* A column that an option asks for: by position, by name, or by role. -1: there is none. */
static int64_t find_asked(const log_reader *reader, const log_row *first, const log_columns *columns, const char *name)
{
    int64_t at = log_position(name) - 1;
    if (at < 0 && columns->header) at = log_find_name(first, name);
    for (int role = 0; role < ROLES && at < 0; role++)
        if (base_same_word(name, log_role_name(reader->options, role))) at = columns->at[role];
    return at < (int64_t)first->count ? at : -1;
}

static tamis_status fail_asked(const log_reader *reader, const log_row *first, int64_t line, const char *name, const char *option)
{
    char shown[280], list[500];
    return base_fail(reader->error, TAMIS_DATA, "%s:%" PRId64 ": there is no column \"%s\" (%s); the columns are %s",
                     reader->source.name, line, base_quote(shown, sizeof shown, name, strlen(name)), option,
                     list_columns(first, list, sizeof list));
}

static bool is_rating_asked(const log_reader *reader)
{
    const tamis_log_options *o = reader->options;
    return o->rating || o->relevance || o->min_rating > -(double)INFINITY || !isnan(o->dislike_below);
}

/* The columns that filters and weights ask for. */
static tamis_status find_all_asked(const log_reader *reader, const log_row *first, int64_t line, log_columns *columns)
{
    const log_weighing *weighing = reader->weighing;
    char list[500];
    for (int k = 0; k < reader->filters->count; k++) {
        const log_filter *filter = &reader->filters->filter[k];
        columns->filter[k] = find_asked(reader, first, columns, filter->question.column);
        if (columns->filter[k] < 0) return fail_asked(reader, first, line, filter->question.column, filter->option);
    }
    columns->weight = -1;
    columns->dislike = weighing->by_column ? find_asked(reader, first, columns, weighing->dislike.column)
                       : columns->header ? log_find_name(first, LOG_DISLIKE) : -1;
    if (columns->dislike < 0 && weighing->by_column) return fail_asked(reader, first, line, weighing->dislike.column, "--dislike");
    if (!weighing->wanted) return TAMIS_OK;
    columns->weight = weighing->column ? find_asked(reader, first, columns, weighing->column)
                      : columns->header ? log_recognise(first, ROLE_EVENT) : -1;
    /* one that options name as the weight is not recognised as ratings */
    if (weighing->column && columns->weight >= 0 && columns->weight == columns->at[ROLE_RATING] && !is_rating_asked(reader))
        columns->at[ROLE_RATING] = -1;
    if (columns->weight < 0 && !weighing->column)
        return base_fail(reader->error, TAMIS_DATA, "%s:%" PRId64 ": no column is known to hold kinds of events; name it with --event, one of %s",
                         reader->source.name, line, list_columns(first, list, sizeof list));
    return columns->weight < 0 ? fail_asked(reader, first, line, weighing->column, weighing->events ? "--event" : weighing->option)
                               : TAMIS_OK;
}

/* What a column is called: its name in the header, else its position from 1. */
static void name_column(const log_row *first, const log_columns *columns, int64_t at, char name[64])
{
    size_t length = 0;
    const char *text = columns->header ? log_row_field(first, (size_t)at, &length) : "";
    if (length) base_quote(name, 64, text, length);
    else snprintf(name, 64, "%" PRId64, at + 1);
}

/* Whether a column is asked for: user's, item's or time's, or one of ratings that is asked for. */
static bool is_taken(const log_reader *reader, const log_columns *columns, int64_t at)
{
    if (at == columns->at[ROLE_RATING]) return is_rating_asked(reader);
    for (int k = 0; k < reader->filters->count; k++)
        if (columns->filter[k] == at) return true;
    return at == columns->at[ROLE_USER] || at == columns->at[ROLE_ITEM] || at == columns->at[ROLE_TIME];
}

/* Puts the first file's columns into the summary; notes where a later file has others. */
static void note_columns(const log_reader *reader, const log_row *first, const log_columns *columns)
{
    log_builder *builder = reader->builder;
    tamis_log_summary *summary = &builder->summary;
    char name[2][64];
    if (summary->column[ROLE_USER][0]) {
        for (int role = 0; role < 2; role++) name_column(first, columns, columns->at[role], name[role]);
        if (summary->header == columns->header && strcmp(name[0], summary->column[0]) == 0 && strcmp(name[1], summary->column[1]) == 0)
            return;
        log_note(summary, TAMIS_NOTE_FILE, false, 0, columns->header ? "%.200s: columns %s, %s"
                                                                     : "%.200s: no header: user = column %s, item = column %s",
                 reader->source.name, name[0], name[1]);
        return;
    }
    summary->header = columns->header;
    const int64_t counts = columns->header && !log_is_weighted(reader->options) ? log_recognise(first, ROLE_COUNT) : -1;
    if (columns->dislike >= 0) name_column(first, columns, columns->dislike, summary->dislike_column);
    else if (!isnan(reader->options->dislike_below)) name_column(first, columns, columns->at[ROLE_RATING], summary->dislike_column);
    if (columns->weight >= 0) name_column(first, columns, columns->weight, summary->weight_column);
    if (counts >= 0 && !is_taken(reader, columns, counts)) {
        name_column(first, columns, counts, name[0]);
        log_note_counts(summary, name[0]);
    }
    for (int role = 0; role < ROLES; role++) {
        if (columns->at[role] < 0) continue;
        name_column(first, columns, columns->at[role], summary->column[role]);
        if (role <= ROLE_ITEM) builder->findings.at[role] = columns->at[role] + 1;
    }
}

tamis_status log_columns_find(log_reader *reader, const log_row *first, const log_row *second, int64_t line,
                              log_columns *columns)
{
    log_fit_columns(reader, first);
    const tamis_log_options *options = reader->options;
    bool named = false, alone = true;
    char shown[500];
    *columns = (log_columns){.header = options->header == TAMIS_HEADER_YES};
    for (int role = 0; role < ROLES; role++) {
        const char *given = given_for(options, role);
        if (!given || log_position(given)) continue;
        named = true;
        if (options->header == TAMIS_HEADER_NO)
            return base_fail(reader->error, TAMIS_USAGE,
                             "--%s%s \"%s\" is a name, but --no-header says that columns have none; "
                             "expected a position such as %d",
                             log_prefix(reader), log_role_name(options, role),
                             base_quote(shown, sizeof shown, given, strlen(given)), role + 1);
    }
    if (options->header == TAMIS_HEADER_AUTO) {
        columns->header = named || (log_recognise(first, ROLE_USER) >= 0 && log_recognise(first, ROLE_ITEM) >= 0);
        alone = columns->header;
    }
    if (!columns->header) place_by_order(reader, first, columns);
    /* with both positions given, the names decide nothing but whether there is a header */
    if (!alone && options->user && options->item && second->complete && looks_like_header(first, second, columns))
        columns->header = alone = true;
    if (columns->header) place_by_header(reader, first, columns);
    log_fit_rating(reader, columns->at[ROLE_RATING] >= 0);
    tamis_status status = check_places(reader, first, line, columns);
    if (!status) status = find_all_asked(reader, first, line, columns);
    if (!status) note_columns(reader, first, columns);
    if (!status && !alone && second->complete && looks_like_header(first, second, columns))
        status =
            base_fail(reader->error, TAMIS_DATA,
                      "%s:%" PRId64 ": the first row (%s) looks like a header, but not which columns hold users and items; "
                      "name them with --%suser NAME --%sitem NAME, or %s if the row is an interaction",
                      reader->source.name, line, list_columns(first, shown, sizeof shown), log_prefix(reader),
                      log_prefix(reader), options->prefix ? "put a line with user and item before it" : "say --no-header");
    return status;
}
