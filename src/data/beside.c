/* What of another log's options holds for a file; see beside.h. */
#include <math.h>
#include <string.h>

#include "base/delimiter.h"
#include "data/beside.h"
#include "data/format.h"

int log_fit_format(log_reader *reader, const char *bytes, size_t count)
{
    const tamis_log_options *beside = reader->options->beside;
    if (!beside) return reader->options->format;
    reader->fitted = *reader->options;
    reader->options = &reader->fitted;
    reader->fitted.trim |= beside->trim;
    if (beside->on_error != TAMIS_ON_ERROR_STOP) reader->fitted.on_error = beside->on_error;
    if (reader->fitted.quotes == TAMIS_QUOTES_AUTO) reader->fitted.quotes = beside->quotes;
    if (reader->fitted.format != TAMIS_FORMAT_AUTO || beside->format == TAMIS_FORMAT_AUTO) return reader->fitted.format;
    const log_format *format = log_format_get(beside->format);
    return format->recognise_beside && format->recognise_beside(bytes, count) ? beside->format : TAMIS_FORMAT_AUTO;
}

/* What tamis itself has written beside a log of bare quotes, such as the parts of its split, quotes where it has to. */
bool log_fit_quotes(log_reader *reader, const char *bytes, size_t count)
{
    static const char columns[] = "user_id,item_id";
    const tamis_log_options *beside = reader->options->beside;
    if (!beside || beside->quotes != TAMIS_QUOTES_NONE || count < sizeof columns || memcmp(bytes, columns, sizeof columns - 1) != 0) return false;
    reader->fitted.quotes = TAMIS_QUOTES_AUTO;
    return true;
}

const char *log_fit_delimiter(const log_reader *reader, const char *bytes, size_t count)
{
    const tamis_log_options *options = reader->options, *beside = options->beside;
    if (options->delimiter || !beside || !beside->delimiter) return options->delimiter;
    const char wanted = delimiter_parse(beside->delimiter);
    const char *end = memchr(bytes, '\n', count);
    return memchr(bytes, wanted, end ? (size_t)(end - bytes) : count) ? beside->delimiter : NULL;
}

void log_fit_columns(log_reader *reader, const log_row *first)
{
    const tamis_log_options *beside = reader->options->beside;
    tamis_log_options *fitted = &reader->fitted;
    if (!beside) return;
    const bool known = log_recognise(first, ROLE_USER) >= 0 && log_recognise(first, ROLE_ITEM) >= 0;
    const bool named = (fitted->user && !log_position(fitted->user)) || (fitted->item && !log_position(fitted->item));
    const char **const given[ROLES] = {&fitted->user, &fitted->item, &fitted->rating, &fitted->time};
    const char *const other[ROLES] = {beside->user, beside->item, beside->rating, beside->time};
    for (int role = 0; role < ROLES; role++) {
        const int64_t at = log_position(other[role]);
        if (*given[role] || !other[role]) continue;
        if (at ? !known && at <= (int64_t)first->count : log_find_name(first, other[role]) >= 0) *given[role] = other[role];
    }
    if (fitted->header == TAMIS_HEADER_AUTO && !(beside->header == TAMIS_HEADER_NO && (known || named))) fitted->header = beside->header;
}

void log_fit_rating(log_reader *reader, bool rated)
{
    const tamis_log_options *beside = reader->options->beside;
    if (!beside || !(beside->min_rating > -(double)INFINITY) || reader->options->relevance) return;
    if (rated)
        reader->fitted.min_rating = beside->min_rating;
    else
        log_note(&reader->builder->summary, TAMIS_NOTE_FILE, false, 0,
                 "%.200s has no ratings: --min-rating leaves none of its rows out", reader->source.name);
}
