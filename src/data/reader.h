/* What the readers of all formats share. */
#ifndef TAMIS_DATA_READER_H
#define TAMIS_DATA_READER_H

#include "base/base.h"
#include "base/source.h"
#include "data/builder.h"
#include "data/filter.h"
#include "data/weights.h"

typedef struct log_reader {
    const tamis_log_options *options;
    const log_filters *filters;
    const log_weighing *weighing;
    tamis_log_options fitted; /* the options once beside.c has completed them */
    log_source source;
    log_builder *builder;
    tamis_error *error;
    int64_t begin;      /* rows of earlier files in the builder */
    bool have[2];       /* this file has ratings, times */
    int64_t lacking[2]; /* rows of it that have none */
} log_reader;

/* A bad row: as options->on_error says, fails with the sentence, or counts the row and keeps the first sentence. */
tamis_status log_bad_row(log_reader *reader, int64_t line, int64_t field, const char *format, ...) BASE_PRINTF(4, 5);
/* Whether a rating is below min_rating; such a row is counted here. */
bool log_below(log_reader *reader, double rating);
/* The row's weight is none: a bad row. */
tamis_status log_bad_weight(log_reader *reader, int64_t line, int64_t field, const char *text, size_t length);
/* The file has no ratings: fails where min_rating or relevance needs them. */
tamis_status log_without_ratings(log_reader *reader, const char *what);
/* The file has ratings, or times (role). */
tamis_status log_have(log_reader *reader, int role);
/* It has none after all: those of its rows so far are dropped. */
tamis_status log_give_up(log_reader *reader, int role);
/* Notes why a row or file has none. The first reason is kept, for callers who need one for every row. */
void log_note_lacking(log_reader *reader, int role, const char *format, ...) BASE_PRINTF(3, 4);

/* What messages and options call a role: "user", "item", "rating" or "relevance", "time". */
const char *log_role_name(const tamis_log_options *options, int role);
/* What stands before an option's name in messages about a log beside another: "mask-". */
const char *log_prefix(const log_reader *reader);
/* Whether messages may advise options. A log beside a file without options of its own has options for columns only. */
bool log_has_options(const log_reader *reader);
/* For log_bad_row(), with log_role_name(), the text, and log_rating_example(). */
#define LOG_BAD_RATING "%s \"%s\" is not a number; expected one such as %s"
const char *log_rating_example(const tamis_log_options *options);

#endif
