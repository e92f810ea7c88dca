/* The log in memory: what tamis_log is, and how the readers fill one. */
#ifndef TAMIS_DATA_LOG_H
#define TAMIS_DATA_LOG_H

#include <stdbool.h>

#include "data/index.h"
#include "data/rows.h"
#include "matrix/id_map.h"
#include "matrix/matrix.h"
#include "tamis.h"

struct tamis_log {
    int64_t users, items;
    id_map *user_ids, *item_ids;
    matrix *matrix; /* users x items */
    float *rating;  /* parallel to matrix->index, NAN: missing; NULL: the log has none */
    log_times time; /* the same */
    bool labelled;   /* rating[] is relevance: a row need not be a positive */
    tamis_error lacking[2]; /* why an interaction has no rating, time; "": made from pairs, or all have */
    tamis_log_summary summary;
};

/* A log of the same users and items, with a matrix of its own, which it takes over (freed when this fails): without ratings and
 * times. */
tamis_status log_with(const tamis_log *log, matrix *m, tamis_log **out, tamis_error *error);

/* A column that was taken by its place, for a doubt that only the whole log can raise. */
typedef struct log_doubt {
    char column[300], advice[400]; /* "a.csv: column 2, taken as item,"; what to do. "": no doubt */
    bool few;                      /* its values could be ratings or labels */
} log_doubt;

typedef struct log_builder {
    id_index users, items;
    log_rows rows;
    bool have[2];           /* a source has ratings, times */
    int64_t without[2];     /* rows that have none */
    tamis_error lacking[2]; /* the first one's reason */
    tamis_log_summary summary;
    log_doubt doubt[2];  /* user, item */
    int64_t at[2];       /* their columns in the first CSV file, from 1; 0: none */
    char delimiter;      /* there */
    bool rating_doubtful; /* what was taken for ratings by its place is hardly that */
    bool quoted; /* a quote stands in the first bytes of a CSV log: its fields are not for sed and awk */
} log_builder;

/* Adds a positive; rating, time: NAN is missing. TAMIS_FAILURE: memory; TAMIS_DATA: more than 2^31 - 1 users or items. */
tamis_status log_builder_add(log_builder *builder, const char *user, size_t user_length, const char *item,
                             size_t item_length, double rating, double time, tamis_error *error);
/* Adds positives whose ids have their numbers. rating, time: NULL: all are missing. */
tamis_status log_builder_append(log_builder *builder, int64_t count, const int32_t *user, const int32_t *item,
                                const float *rating, const double *time, tamis_error *error);
/* An id has no number because there are too many, or no memory: says so. */
tamis_status log_ids_full(const id_index *index, const char *what, tamis_error *error);
/* Sorts the rows into a matrix, merges duplicates, applies the k-core, moves everything into *log. The builder is
 * empty afterwards, whatever happens. TAMIS_DATA: nothing left. */
tamis_status log_builder_finish(log_builder *builder, const tamis_log_options *options, tamis_log **log,
                                tamis_error *error);
void log_builder_clear(log_builder *builder);
/* A log whose interactions are still being sorted: all but the matrix is in place. */
typedef struct log_draft {
    tamis_log *log;
    int64_t *start; /* of the matrix to be */
    int32_t *item;
} log_draft;
/* The k-core of options, in place; the ids that are left are numbered anew. TAMIS_DATA: nothing left. */
tamis_status log_take_core(log_draft *draft, const tamis_log_options *options, tamis_error *error);

/* The interactions whose part[] is `wanted`, as a log of its own with the same numbering; it may be empty. */
tamis_status log_extract(const tamis_log *log, const uint8_t *part, uint8_t wanted, tamis_log **out, tamis_error *error);

extern const tamis_option_table log_option_table, split_option_table, noise_option_table, synth_option_table;

#endif
