/* What the readers of all formats share: one state, passed down. */
#ifndef TAMIS_DATA_READER_H
#define TAMIS_DATA_READER_H

#include "base/base.h"
#include "base/source.h"
#include "data/builder.h"
#include "data/filter.h"

typedef struct log_reader {
    const tamis_log_options *options;
    const log_filters *filters;
    tamis_log_options fitted; /* what these are beside another log */
    log_source source;
    log_builder *builder;
    tamis_error *error;
    int64_t begin;      /* rows of the files before */
    bool have[2];       /* this one has ratings, times */
    int64_t lacking[2]; /* rows that lack them nonetheless */
} log_reader;

/* A bad row: stops with the sentence, or counts it and keeps the first one's sentence (on_error). */
tamis_status log_bad_row(log_reader *reader, int64_t line, int64_t field, const char *format, ...) BASE_PRINTF(4, 5);
/* A row rated below min_rating: counts it. */
bool log_below(log_reader *reader, double rating);
/* For a format that has no ratings: refused where min_rating or relevance asks for them. */
tamis_status log_without_ratings(log_reader *reader, const char *what);
/* The source has ratings or times (role). Rows of sources that have none, or that lack theirs, have NAN. */
tamis_status log_have(log_reader *reader, int role);
/* It has none after all. */
tamis_status log_give_up(log_reader *reader, int role);
/* Why a row or a source has none: the first reason is kept, for those who need all. */
void log_note_lacking(log_reader *reader, int role, const char *format, ...) BASE_PRINTF(3, 4);

/* "user", "item", "rating" or "relevance", "time": as messages call it, and its option. */
const char *log_role_name(const tamis_log_options *options, int role);
/* "mask-": what stands before them in messages about a log that is read beside another. */
const char *log_prefix(const log_reader *reader);
/* Whether the caller can be told to set options: of a log beside another that itself has none, only columns are named. */
bool log_has_options(const log_reader *reader);
/* A rating that is no number, for log_bad_row(): what it is called, what stands there, what was expected. */
#define LOG_BAD_RATING "%s \"%s\" is not a number; expected one such as %s"
const char *log_rating_example(const tamis_log_options *options);

#endif
