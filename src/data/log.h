/* What tamis_log is. */
#ifndef TAMIS_DATA_LOG_H
#define TAMIS_DATA_LOG_H

#include "base/column.h"
#include "data/rows.h"
#include "matrix/id_map.h"
#include "matrix/matrix.h"

struct tamis_log {
    int64_t users, items;
    id_map *user_ids, *item_ids;
    matrix *matrix; /* users x items */
    float *rating;  /* parallel to matrix->index, NAN: missing; NULL: the log has none */
    float *weight;  /* the same, how much an interaction counts: finite and above 0; NULL: 1 each */
    log_times time; /* the same as of ratings */
    matrix *dislikes;       /* users x items, disjoint from matrix; NULL: none */
    log_times dislike_time; /* of the elements of dislikes */
    bool labelled;  /* rating[] is relevance: a row need not be a positive */
    tamis_error lacking[2]; /* why an interaction has no rating, time; "": not from files, or all have */
    tamis_log_summary summary;
};

/* A log whose interactions are still being sorted: all but the matrix is in place. */
typedef struct log_draft {
    tamis_log *log;
    int64_t *start; /* of the matrix to be */
    int32_t *item;
    int64_t nnz; /* so far */
    int64_t both; /* pairs that are dislikes and positives */
    int64_t *dislike_start; /* of that of dislikes; NULL: there are none */
    int32_t *dislike_item;
} log_draft;

/* A log of the same users and items, with a matrix of its own, which it takes over (dropped when this fails): without ratings,
 * weights, times and dislikes. */
tamis_status log_with(const tamis_log *log, matrix *m, tamis_log **out, tamis_error *error);
/* The same log again, with the same matrix. */
tamis_status log_copy(const tamis_log *log, tamis_log **out, tamis_error *error);
/* What a log like this one takes with n interactions, but for what it holds with others: ids and dislikes; and all that this one
 * takes. */
double log_bytes(const tamis_log *like, int64_t n);
double log_all_bytes(const tamis_log *log);
/* The interactions whose part[] is `wanted`, as a log of its own with the same numbering; it may be empty. */
tamis_status log_extract(const tamis_log *log, const uint8_t *part, uint8_t wanted, tamis_log **out, tamis_error *error);

/* The dislikes of `from`, which has the same users and items, become the log's: all, or where part[] is `wanted`. */
tamis_status log_share_dislikes(tamis_log *log, const tamis_log *from, tamis_error *error);
tamis_status log_extract_dislikes(tamis_log *log, const tamis_log *from, const uint8_t *part, uint8_t wanted, tamis_error *error);
/* ", 17 dislikes beside them", for what tells a log's sizes; "" where there are none. Returns text. */
const char *log_dislike_text(const tamis_log *log, char text[64]);
/* Whether a user dislikes an item. */
bool log_dislikes(const tamis_log *log, int64_t user, int32_t item);

/* Arrays for n interactions of a log, each where `like` has it; capacity: of those arrays, 0 at first. False: out of memory. */
enum { LOG_VALUES = 3 };
bool log_grow_values(tamis_log *log, const tamis_log *like, size_t capacity[LOG_VALUES], size_t n);
/* Rating, weight and time of interaction `at` become those of interaction k of `from`, as far as it has them. */
void log_copy_values(tamis_log *log, int64_t at, const tamis_log *from, int64_t k);
void log_free_values(tamis_log *log);
/* What the summary says of weights, once the matrix is in place. */
void log_describe_weights(tamis_log *log);

/* Of users, items and interactions, of weights and dislikes if there are any, and of the ratings where they count: another log has other sums.
 * Studies keep them in their files, so that they must not change. */
void log_fingerprint(const tamis_log *log, bool ratings, uint64_t sum[2]);

extern const tamis_option_table log_option_table, weight_option_table, split_option_table, noise_option_table, synth_option_table;

#endif
