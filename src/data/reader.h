/* What the readers of the several formats share: one state, passed down. */
#ifndef TAMIS_DATA_READER_H
#define TAMIS_DATA_READER_H

#include <stdbool.h>

#include "base/base.h"
#include "base/fields.h"
#include "base/number.h"
#include "base/source.h"
#include "data/log.h"
#include "tamis.h"

typedef struct log_reader {
    const tamis_log_options *options;
    tamis_log_options fitted; /* what these are beside another log */
    log_source source;
    log_builder *builder;
    tamis_error *error;
    int64_t begin;      /* rows of the files before */
    bool have[2];       /* this one has ratings, times */
    int64_t lacking[2]; /* rows that lack them nonetheless */
} log_reader;

/* Each reads the whole source into the builder. */
tamis_status log_read_csv(log_reader *reader);
tamis_status log_read_adjacency(log_reader *reader);
tamis_status log_read_mtx(log_reader *reader);
/* Whether the first bytes are MatrixMarket's banner. */
bool log_is_mtx(const char *bytes, size_t count);

/* A bad row: stops with the sentence, or counts it and keeps the first one's sentence (on_error). */
tamis_status log_bad_row(log_reader *reader, int64_t line, int64_t field, const char *format, ...) BASE_PRINTF(4, 5);
/* A row rated below min_rating. */
static inline bool log_below(log_reader *reader, double rating)
{
    bool below = rating < reader->options->min_rating;
    reader->builder->summary.below_rating += below;
    return below;
}
/* For a format that has no ratings: refused where min_rating or relevance asks for them. */
tamis_status log_without_ratings(log_reader *reader, const char *what);
/* The source has ratings or times (role). Rows of sources that have none, or that lack theirs, have NAN. */
tamis_status log_have(log_reader *reader, int role);
/* It has none after all. */
tamis_status log_give_up(log_reader *reader, int role);
/* Why a row or a source has none: the first reason is kept, for those who need all. */
void log_note_lacking(log_reader *reader, int role, const char *format, ...) BASE_PRINTF(3, 4);

/* ---- columns.c: which column is what */
enum { ROLE_USER, ROLE_ITEM, ROLE_RATING, ROLE_TIME, ROLES, ROLE_EVENT = ROLES /* is recognised, to be told */ };

typedef struct log_row { /* a row's fields, each closed by NUL */
    char *text;
    size_t *end; /* of each field, its NUL */
    size_t count, text_capacity, end_capacity;
    bool complete;
} log_row;

/* What a value that is not good costs. */
enum {
    COLUMN_REQUIRED, /* the row: it is bad */
    COLUMN_KNOWN,    /* itself: the row lacks it */
    COLUMN_GUESSED   /* the column: it holds something else */
};

typedef struct log_columns {
    int64_t at[ROLES]; /* from 0; -1: none */
    int need[ROLES];
    bool header;
} log_columns;

/* "user", "item", "rating" or "relevance", "time": as messages call it, and its option. */
const char *log_role_name(const tamis_log_options *options, int role);
/* "mask-": what stands before them in messages about a log that is read beside another. */
static inline const char *log_prefix(const log_reader *reader)
{
    return reader->options->prefix ? reader->options->prefix : "";
}
/* Whether the caller can be told to set options: of a log beside another that itself has none, only columns are named. */
static inline bool log_has_options(const log_reader *reader)
{
    return !reader->options->prefix || reader->options->beside;
}
/* A rating that is no number, for log_bad_row(): what it is called, what stands there, what was expected. */
#define LOG_BAD_RATING "%s \"%s\" is not a number; expected one such as %s"
static inline const char *log_rating_example(const tamis_log_options *options)
{
    return options->relevance ? "0 or 1" : "4 or 3.5";
}
/* The delimiter of the options, or the one that the first line holds most. */
tamis_status log_delimiter(const log_reader *reader, const char *bytes, size_t count, int64_t line, char *delimiter);
/* first: the first row; second: the next (not complete: there is none). */
tamis_status log_columns_find(log_reader *reader, const log_row *first, const log_row *second, int64_t line,
                              log_columns *columns);
const char *log_row_field(const log_row *row, size_t index, size_t *length);
/* Of a header: the column whose name says the role; the one of a name that was given, as it stands, else without regard to
 * case, blanks and the like. -1: none. */
int64_t log_recognise(const log_row *row, int role);
int64_t log_find_name(const log_row *row, const char *wanted);
/* "3" -> 3; anything but digits, and NULL -> 0. */
int64_t log_position(const char *given);

/* ---- beside.c: what of another log's options holds for this file; it becomes part of reader->options */
int log_fit_format(log_reader *reader, const char *bytes, size_t count);
/* True: the fields are quoted as CSV has it, and quotes that open nothing are characters like others. */
bool log_fit_quotes(log_reader *reader, const char *bytes, size_t count);
const char *log_fit_delimiter(const log_reader *reader, const char *bytes, size_t count);
void log_fit_columns(log_reader *reader, const log_row *first);
void log_fit_rating(log_reader *reader, bool rated); /* rated: the file has ratings */

#endif
