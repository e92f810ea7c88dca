/* What the readers of all formats share. */
#include <inttypes.h>
#include <math.h>

#include "base/locale.h"
#include "base/status.h"
#include "data/reader.h"

const char *log_role_name(const tamis_log_options *options, int role)
{
    static const char *const name[ROLES] = {"user", "item", "rating", "time"};
    return role == ROLE_RATING && options->relevance ? "relevance" : name[role];
}

const char *log_prefix(const log_reader *reader)
{
    return reader->options->prefix ? reader->options->prefix : "";
}

bool log_has_options(const log_reader *reader)
{
    return !reader->options->prefix || reader->options->beside;
}

const char *log_rating_example(const tamis_log_options *options)
{
    return options->relevance ? "0 or 1" : "4 or 3.5";
}

bool log_below(log_reader *reader, double rating)
{
    const bool below = rating < reader->options->min_rating;
    reader->builder->summary.below_rating += below;
    return below;
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

tamis_status log_bad_weight(log_reader *reader, int64_t line, int64_t field, const char *text, size_t length)
{
    char shown[280], expected[300];
    return log_bad_row(reader, line, field, "%s \"%s\" %s", reader->weighing->events ? "event" : "weight",
                       base_quote(shown, sizeof shown, text, length), log_weighing_expected(reader->weighing, expected, sizeof expected));
}

tamis_status log_without_ratings(log_reader *reader, const char *what)
{
    const bool least = reader->options->min_rating > -(double)INFINITY;
    if (least || !isnan(reader->options->dislike_below))
        return base_fail(reader->error, TAMIS_DATA, "%s: %s needs ratings, but %s has none", reader->source.name,
                         least ? "--min-rating" : "--dislike-below", what);
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
