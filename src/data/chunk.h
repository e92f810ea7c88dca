/* A chunk of CSV: whole lines, each of which is a row. */
#ifndef TAMIS_DATA_CHUNK_H
#define TAMIS_DATA_CHUNK_H

#include "data/filter.h"
#include "data/index.h"
#include "data/weights.h"

enum { CHUNK_WEIGHT = ROLES + FILTERS, CHUNK_DISLIKE, CHUNK_ROLES };
enum { CHUNK_COLUMNS = 64, CHUNK_BEHIND = 64 /* bytes behind a chunk that may be looked at */ };

/* What is read from a line. */
typedef struct chunk_plan {
    int8_t role[CHUNK_COLUMNS]; /* of each column; ROLES + k: filter k alone looks at it, then weights and dislikes; -1: none */
    int last;                   /* column that matters */
    int8_t asked[FILTERS];      /* the roles of the columns that filters look at */
    const log_filters *filters; /* NULL: none */
    const log_weighing *weighing;
    int8_t weight, dislike;     /* the roles of the columns that it looks at; -1: none */
    size_t columns;             /* of the first row */
    char delimiter;
    char quote;                 /* a line feed where quotes are characters like others */
    bool spans;                 /* a quoted field may hold line ends */
    bool unparted;              /* a quoted field that holds a delimiter is left to csv_cut_row() */
    double min_rating;
    const char *time_format;    /* see tamis_log_options */
    bool trim;
    bool rating, time;
    bool lacking[2];            /* rows without a good rating (time) are plain */
    bool wide;                  /* rows with more columns than the first one are plain */
    const id_index *users, *items; /* not changed while chunks are scanned */
} chunk_plan;

/* An id that was not known when the chunk was scanned. */
typedef struct chunk_new {
    index_key key;
    uint32_t row, from, length;
    bool item;
} chunk_new;

/* A line that is not plain and good: it has too few columns, an empty id, a bad number, a carriage return inside, a quote that
 * opens and does not close. It stands before row `row` and `lines` lines behind the previous hole or the chunk's beginning. */
typedef struct chunk_hole {
    int64_t row, lines;
    uint32_t from, to;
} chunk_hole;

typedef struct chunk {
    const char *bytes;
    uint32_t size;
    int64_t count;      /* rows */
    int64_t below;      /* further rows, rated below min_rating */
    int64_t left_out;   /* further rows, that a filter does not take */
    int64_t empty;      /* lines */
    int64_t lacking[2]; /* rows without rating, time */
    int64_t wide;       /* rows with more columns than the first one, see csv_is_wide() */
    int64_t lines;      /* after the last hole */
    int32_t *user, *item; /* -1: a new id, in fresh[] */
    float *rating;
    double *time;
    float *weight;        /* 0: a dislike */
    bool seconds;         /* rows_is_second() holds for all times */
    size_t capacity;
    chunk_new *fresh;   /* in order */
    size_t fresh_count, fresh_capacity;
    chunk_hole *hole;
    size_t hole_count, hole_capacity;
    bool open;          /* a quoted field goes on behind a line end: the other members mean nothing */
    bool failed;        /* out of memory */
    int64_t placed;     /* so many of the rows are in the builder */
    int64_t reserved;      /* index there of the next one */
} chunk;

/* The last byte is a line feed, and CHUNK_BEHIND more can be read behind it. c: all zeros, or scanned before. */
void chunk_scan(chunk *c, const char *bytes, uint32_t size, const chunk_plan *plan);
/* Frees c, which is from base_alloc(), and its arrays. */
void chunk_free(chunk *c);

#endif
