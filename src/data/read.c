/* tamis_log_read(): options, the choice of the format, an empty outcome. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/date.h"
#include "base/option.h"
#include "base/source.h"
#include "base/status.h"
#include "data/beside.h"
#include "data/format.h"

#define ROW(field, name, kind, range, fallback, help)                                                                  \
    BASE_OPTION(tamis_log_options, field, name, TAMIS_OPTION_##kind, range, fallback, "", help)

#define WORD(name, about) "|" #name
#define HELP(name, about) ", " #name about

static const tamis_option rows[] = {
    ROW(format, "format", CHOICE, "auto" LOG_FORMAT_TABLE(WORD), "auto",
        "what the log is: auto, by its first bytes" LOG_FORMAT_TABLE(HELP)),
    ROW(header, "header", CHOICE, "auto|yes|no", "auto",
        "whether the first row names the columns; auto looks at the names"),
    ROW(user, "user", TEXT, "COLUMN", NULL, "column of users: its name, or its position from 1"),
    ROW(item, "item", TEXT, "COLUMN", NULL, "column of items"),
    ROW(rating, "rating", TEXT, "COLUMN", NULL, "column of ratings"),
    ROW(time, "time", TEXT, "COLUMN", NULL, "column of times: numbers, or dates such as 2010-10-19T23:55:27Z"),
    ROW(time_format, "time-format", TEXT, "FORMAT", NULL, "what times look like, in the words of strptime: %d.%m.%Y %H:%M, or %b %d, %Y"),
    ROW(trim, "trim", FLAG, NULL, "0", "blanks around ids are no part of them"),
    ROW(delimiter, "delimiter", TEXT, "CHAR", NULL,
        "what parts the columns: one character, or tab; else looked for in , tab ; |"),
    ROW(quotes, "quotes", CHOICE, "auto|csv|none", "auto",
        "what \" is: auto, around a field if it closes on its line; csv, fields may span lines; none, like other characters"),
    ROW(min_rating, "min-rating", REAL, "[-inf,inf)", "-inf", "rows rated below are not positives"),
    ROW(min_user_interactions, "min-user-interactions", INTEGER, "[1,inf)", "1",
        "drop users with fewer interactions, and items likewise, until none is left with fewer (k-core)"),
    ROW(min_item_interactions, "min-item-interactions", INTEGER, "[1,inf)", "1", "the same for items"),
    ROW(where, "where", TEXT, "PREDICATE", NULL,
        "keep the rows for which it holds: COLUMN=VALUE,VALUE..., COLUMN!=VALUE,... or COLUMN with <, <=, > or >= and a number"),
    ROW(where_not, "where-not", TEXT, "PREDICATE", NULL, "leave out the rows for which it holds"),
    ROW(on_error, "on-error", CHOICE, "stop|skip", "stop", "at a bad row: stop, or skip it and count"),
};

static tamis_status check(const void *values, tamis_error *error)
{
    const tamis_log_options *options = values;
    const char *wrong = options->time_format ? date_check_format(options->time_format) : NULL;
    if (!wrong) return TAMIS_OK;
    if (!*wrong)
        return base_fail(error, TAMIS_USAGE, "--time-format %.60s says no year and day; expected one such as %%d.%%m.%%Y or %%Y-%%m-%%d %%H:%%M",
                         options->time_format);
    return base_fail(error, TAMIS_USAGE, "--time-format %.60s: %.2s is not known; expected %%Y %%m %%d %%b %%H %%M %%S and the like, "
                     "as of strptime", options->time_format, wrong);
}

const tamis_option_table log_option_table = {"log", rows, BASE_COUNT(rows), sizeof(tamis_log_options), check};

void tamis_log_options_init(tamis_log_options *options, size_t size)
{
    tamis_log_options defaults = {0};
    base_option_defaults(&log_option_table, &defaults);
    base_option_defaults(&weight_option_table, &defaults);
    base_option_give(&defaults, sizeof defaults, options, size);
}

/* Columns that were named for this log, where the file has none. */
static tamis_status refuse_columns(const log_reader *reader)
{
    const tamis_log_options *o = reader->options;
    const char *const column[ROLES] = {o->user, o->item, o->rating, o->time};
    static const char *const name[ROLES] = {"user", "item", "rating", "time"};
    for (int role = 0; role < ROLES; role++)
        if (column[role])
            return base_fail(reader->error, TAMIS_USAGE, "%s: --%s%s names a column, of which this format has none; leave it out",
                             reader->source.name, log_prefix(reader), name[role]);
    return TAMIS_OK;
}

static tamis_status read_source(log_reader *reader)
{
    char *bytes;
    size_t count;
    tamis_status status = source_peek(&reader->source, &bytes, &count, reader->error);
    if (status) return status;
    int format = log_fit_format(reader, bytes, count);
    if (format == TAMIS_FORMAT_AUTO) format = log_format_recognise(bytes, count);
    const log_format *row = log_format_get(format);
    if (reader->builder->summary.format == TAMIS_FORMAT_AUTO) {
        reader->builder->summary.format = format;
        reader->builder->summary.taken = row->taken;
    }
    if (reader->filters->count && !row->columns)
        return base_fail(reader->error, TAMIS_DATA, "%s: %s looks at a column, of which this format has none; expected a CSV file",
                         reader->source.name, reader->filters->filter[0].option);
    if (reader->weighing->wanted && format == TAMIS_FORMAT_ADJACENCY)
        return base_fail(reader->error, TAMIS_DATA, "%s: %s looks at a column, of which this format has none; expected a CSV or "
                         "MatrixMarket file", reader->source.name, reader->weighing->option);
    status = row->columns ? TAMIS_OK : refuse_columns(reader);
    return status ? status : row->read(reader);
}

/* Once a source has been read: counts its rows without rating (time). */
static void count_lacking(const log_reader *reader)
{
    log_builder *b = reader->builder;
    for (int k = 0; k < 2; k++) {
        b->have[k] |= reader->have[k];
        b->without[k] += reader->have[k] ? reader->lacking[k] : b->rows.count - reader->begin;
    }
}

/* The sentence where no interaction is left: what became of the rows. */
static tamis_status fail_empty(const log_builder *builder, const tamis_log_options *options, const log_filters *filters,
                               const char *const *paths, size_t path_count, tamis_error *error)
{
    const tamis_log_summary *s = &builder->summary;
    char name[300], files[40];
    snprintf(files, sizeof files, "%zu files", path_count);
    if (path_count == 1) snprintf(name, sizeof name, "%.280s", strcmp(paths[0], "-") ? paths[0] : "standard input");
    const char *where = path_count == 1 ? name : files;
    const char *advice = options->format == TAMIS_FORMAT_AUTO ? NULL : log_format_get(options->format)->if_empty;
    if (s->left_out && s->bad == 0 && s->below_rating == 0)
        return base_fail(error, TAMIS_DATA, "%s: no interaction: all %" PRId64 " rows are left out by %s; expected a %s", where, s->left_out,
                         filters->count > 1 ? "--where and --where-not" : filters->filter[0].option,
                         filters->count > 1          ? "pair that takes some"
                         : filters->filter[0].keeps ? "predicate that holds for some"
                                                    : "predicate that does not hold for all");
    if (s->bad == 0 && s->below_rating == 0)
        return base_fail(error, TAMIS_DATA, "%s: no interaction: there is no row of data%s%s", where, advice ? "; " : "",
                         advice ? advice : "");
    if (s->below_rating == 0)
        return base_fail(error, TAMIS_DATA, "%s: no interaction: every row is bad, %" PRId64 " in all; the first: %s",
                         where, s->bad, s->first_bad.text);
    return base_fail(error, TAMIS_DATA,
                     "%s: no interaction: %" PRId64 " row%s rated below --min-rating %.6g and %" PRId64
                     " %s bad; expected a lower --min-rating",
                     where, s->below_rating, s->below_rating == 1 ? " is" : "s are",
                     options->beside ? options->beside->min_rating : options->min_rating, s->bad,
                     s->bad == 1 ? "is" : "are");
}

tamis_status tamis_log_read(const char *const *paths, size_t path_count, const tamis_log_options *options,
                            tamis_log **log, tamis_error *error)
{
    tamis_log_options taken, first;
    *log = NULL;
    base_clear(error);
    tamis_log_options_default(&taken);
    tamis_log_options_default(&first);
    tamis_status status = base_option_take(&log_option_table, options, &taken, error);
    if (!status) status = base_option_check(&weight_option_table, &taken, error);
    if (!status && taken.beside) {
        status = base_option_adopt(taken.beside, &first, sizeof first, error);
        taken.beside = &first;
    }
    options = &taken;
    if (!status && path_count == 0)
        status = base_fail(error, TAMIS_USAGE, "no log is named; expected one file at least");
    log_filters filters;
    log_weighing weighing;
    if (!status) status = log_filters_read(&filters, options, error);
    if (!status) status = log_weighing_read(&weighing, options, error);
    log_builder builder = {.rows = {.count = 0}};
    for (size_t k = 0; k < path_count && !status; k++) {
        log_reader reader = {.options = options, .filters = &filters, .weighing = &weighing, .builder = &builder, .error = error,
                             .begin = builder.rows.count};
        status = source_open(&reader.source, paths[k], error);
        if (!status) status = read_source(&reader);
        source_close(&reader.source);
        count_lacking(&reader);
    }
    if (!status && builder.rows.count == 0) status = fail_empty(&builder, options, &filters, paths, path_count, error);
    if (status) {
        log_builder_clear(&builder);
        return status;
    }
    status = log_builder_finish(&builder, options, log, error);
    if (!status) (*log)->labelled = options->relevance != NULL;
    return status;
}
