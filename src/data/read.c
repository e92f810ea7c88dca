/* tamis_log_read: the options, the choice of format, what is said when nothing is left. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/locale.h"
#include "base/option.h"
#include "base/status.h"
#include "data/reader.h"

#define ROW(field, name, kind, range, fallback, help)                                                                  \
    BASE_OPTION(tamis_log_options, field, name, TAMIS_OPTION_##kind, range, fallback, "", help)

static const tamis_option rows[] = {
    ROW(format, "format", CHOICE, "auto|csv|adjacency|mtx", "auto",
        "what the log is: csv, adjacency (a line is a user and all of their items), mtx; auto tells csv from mtx"),
    ROW(header, "header", CHOICE, "auto|yes|no", "auto",
        "whether the first row names the columns; auto looks at the names"),
    ROW(user, "user", TEXT, "COLUMN", NULL, "column of users: its name, or its position from 1"),
    ROW(item, "item", TEXT, "COLUMN", NULL, "column of items"),
    ROW(rating, "rating", TEXT, "COLUMN", NULL, "column of ratings"),
    ROW(time, "time", TEXT, "COLUMN", NULL, "column of times: numbers, or dates such as 2010-10-19T23:55:27Z"),
    ROW(delimiter, "delimiter", TEXT, "CHAR", NULL,
        "what parts the columns: one character, or tab; else looked for in , tab ; |"),
    ROW(quotes, "quotes", CHOICE, "auto|csv|none", "auto",
        "what \" is: auto, around a field if it closes on its line; csv, fields may span lines; none, like other characters"),
    ROW(min_rating, "min-rating", REAL, "[-inf,inf)", "-inf", "rows rated below are not positives"),
    ROW(min_user_interactions, "min-user-interactions", INTEGER, "[1,inf)", "1",
        "drop users with fewer interactions, and items likewise, until none is left with fewer (k-core)"),
    ROW(min_item_interactions, "min-item-interactions", INTEGER, "[1,inf)", "1", "the same for items"),
    ROW(on_error, "on-error", CHOICE, "stop|skip", "stop", "at a bad row: stop, or skip it and count"),
};

const tamis_option_table log_option_table = {"log", rows, BASE_COUNT(rows), sizeof(tamis_log_options), NULL};

void tamis_log_options_init(tamis_log_options *options, size_t size)
{
    tamis_log_options own = {0};
    base_option_defaults(&log_option_table, &own);
    base_option_give(&own, sizeof own, options, size);
}

tamis_status log_bad_row(log_reader *reader, int64_t line, int64_t field, const char *format, ...)
{
    tamis_log_summary *summary = &reader->builder->summary;
    bool stop = reader->options->on_error == TAMIS_ON_ERROR_STOP;
    if (!stop && summary->bad++ > 0) return TAMIS_OK;
    char text[700];
    va_list arguments;
    va_start(arguments, format);
    base_vformat(text, sizeof text, format, arguments);
    va_end(arguments);
    tamis_error *error = stop ? reader->error : &summary->first_bad;
    base_fail(error, TAMIS_DATA, "%s:%" PRId64 ":%" PRId64 ": %s%s", reader->source.name, line, field, text,
              stop && log_has_options(reader) ? " (or skip bad rows with --on-error skip)" : "");
    return stop ? TAMIS_DATA : TAMIS_OK;
}

tamis_status log_without_ratings(log_reader *reader, const char *what)
{
    if (reader->options->min_rating > -(double)INFINITY)
        return base_fail(reader->error, TAMIS_DATA, "%s: --min-rating needs ratings, but %s has none",
                         reader->source.name, what);
    if (reader->options->relevance)
        return base_fail(reader->error, TAMIS_DATA, "%s: --%srelevance needs a column of relevance, but %s has none",
                         reader->source.name, log_prefix(reader), what);
    log_note_lacking(reader, ROLE_RATING, "%s: %s has no ratings", reader->source.name, what);
    return TAMIS_OK;
}

void log_note_lacking(log_reader *reader, int role, const char *format, ...)
{
    tamis_error *reason = &reader->builder->lacking[role - ROLE_RATING];
    va_list arguments;
    if (reason->text[0]) return;
    va_start(arguments, format);
    base_vformat(reason->text, sizeof reason->text, format, arguments);
    va_end(arguments);
}

static tamis_status no_room(const log_reader *reader)
{
    return base_no_memory(reader->error, "interactions", (size_t)reader->builder->rows.count, sizeof(double));
}

tamis_status log_have(log_reader *reader, int role)
{
    log_builder *b = reader->builder;
    reader->have[role - ROLE_RATING] = true;
    return (role == ROLE_RATING ? rows_add_rating(&b->rows) : rows_add_time(&b->rows)) ? TAMIS_OK : no_room(reader);
}

tamis_status log_give_up(log_reader *reader, int role)
{
    log_builder *b = reader->builder;
    reader->have[role - ROLE_RATING] = false;
    if (role == ROLE_TIME) return rows_drop_time(&b->rows, reader->begin) ? TAMIS_OK : no_room(reader);
    rows_drop_rating(&b->rows, reader->begin);
    return TAMIS_OK;
}

static tamis_status read_source(log_reader *reader)
{
    static tamis_status (*const readers[])(log_reader *) = {[TAMIS_FORMAT_CSV] = log_read_csv,
                                                            [TAMIS_FORMAT_ADJACENCY] = log_read_adjacency,
                                                            [TAMIS_FORMAT_MTX] = log_read_mtx};
    char *bytes;
    size_t count;
    tamis_status status = source_peek(&reader->source, &bytes, &count, reader->error);
    if (status) return status;
    int format = log_fit_format(reader, bytes, count);
    if (format == TAMIS_FORMAT_AUTO) format = log_is_mtx(bytes, count) ? TAMIS_FORMAT_MTX : TAMIS_FORMAT_CSV;
    if (reader->builder->summary.format == TAMIS_FORMAT_AUTO) reader->builder->summary.format = format;
    return readers[format](reader);
}

/* Once a source is read: rows without rating, time. */
static void count_lacking(const log_reader *reader)
{
    log_builder *b = reader->builder;
    for (int k = 0; k < 2; k++) {
        b->have[k] |= reader->have[k];
        b->without[k] += reader->have[k] ? reader->lacking[k] : b->rows.count - reader->begin;
    }
}

/* Not one positive: says where they went. */
static tamis_status fail_empty(const log_builder *builder, const tamis_log_options *options, const char *const *paths,
                               size_t path_count, tamis_error *error)
{
    const tamis_log_summary *s = &builder->summary;
    char name[300], files[40];
    snprintf(files, sizeof files, "%zu files", path_count);
    if (path_count == 1) snprintf(name, sizeof name, "%.280s", strcmp(paths[0], "-") ? paths[0] : "standard input");
    const char *where = path_count == 1 ? name : files;
    if (s->bad == 0 && s->below_rating == 0)
        return base_fail(error, TAMIS_DATA, "%s: no interaction: there is no row of data%s", where,
                         options->format != TAMIS_FORMAT_ADJACENCY ? ""
                         : "; expected lines of a user and their items, parted by spaces, or no --format adjacency if it is CSV");
    if (s->below_rating == 0)
        return base_fail(error, TAMIS_DATA, "%s: no interaction: every row is bad, %" PRId64 " in all; the first: %s",
                         where, s->bad, s->first_bad.text);
    return base_fail(error, TAMIS_DATA,
                     "%s: no interaction: %" PRId64 " row%s rated below --min-rating %.6g and %" PRId64
                     " %s bad; expected a lower --min-rating",
                     where, s->below_rating, s->below_rating == 1 ? " is" : "s are", options->min_rating, s->bad,
                     s->bad == 1 ? "is" : "are");
}

tamis_status tamis_log_read(const char *const *paths, size_t path_count, const tamis_log_options *options,
                            tamis_log **log, tamis_error *error)
{
    tamis_log_options own, first;
    *log = NULL;
    base_clear(error);
    tamis_log_options_default(&own);
    tamis_log_options_default(&first);
    tamis_status status = base_option_take(&log_option_table, options, &own, error);
    if (!status && own.beside) {
        status = base_option_adopt(own.beside, &first, sizeof first, error);
        own.beside = &first;
    }
    options = &own;
    if (!status && path_count == 0)
        status = base_fail(error, TAMIS_USAGE, "no log is named; expected one file at least");
    log_builder builder = {.rows = {.count = 0}};
    for (size_t k = 0; k < path_count && !status; k++) {
        log_reader reader = {.options = options, .builder = &builder, .error = error, .begin = builder.rows.count};
        status = source_open(&reader.source, paths[k], error);
        if (!status) status = read_source(&reader);
        source_close(&reader.source);
        count_lacking(&reader);
    }
    if (!status && builder.rows.count == 0) status = fail_empty(&builder, options, paths, path_count, error);
    if (status) {
        log_builder_clear(&builder);
        return status;
    }
    status = log_builder_finish(&builder, options, log, error);
    if (!status) (*log)->labelled = options->relevance != NULL;
    return status;
}
