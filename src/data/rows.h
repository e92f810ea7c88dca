/* Rows as they come in, before they become a matrix. */
#ifndef TAMIS_DATA_ROWS_H
#define TAMIS_DATA_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>


#define ROWS_MOST UINT32_MAX

/* The times of rows or interactions, in one of two arrays. Both NULL: there are none. */
typedef struct log_times {
    uint32_t *second; /* where none is missing and all are whole numbers below 2^32: takes half the memory */
    double *value;    /* NAN: missing */
} log_times;

/* Whether there are times. */
bool times_any(const log_times *times);

/* Parts of a second in which times are written, by how far the latest is from 1970: none is of a year after 5138. */
double times_unit(double latest);

/* None is missing. */
bool times_all(const log_times *times, int64_t count);

/* NAN: missing. */
double times_at(const log_times *times, int64_t k);

/* to[at] = from[k], if there are any; both are of one kind. */
void times_copy(log_times *to, int64_t at, const log_times *from, int64_t k);

/* Grows the same one of the two arrays that `like` has to n elements. False: out of memory. */
bool times_grow(log_times *times, const log_times *like, size_t *capacity, size_t n);
void times_free(log_times *times);

typedef struct log_rows {
    int32_t *user, *item;
    float *rating;    /* NAN: missing */
    float *weight;    /* 0: a dislike */
    log_times time;   /* seconds until a time comes that is none */
    bool has_rating, has_weight, has_time, wide; /* wide: time.value, not time.second */
    int64_t count;
    size_t user_room, item_room, rating_room, weight_room, time_room;
} log_rows;

/* What some rows have beside user and item. NULL: all are missing. */
typedef struct row_values {
    const float *rating, *weight;
    const double *time;
} row_values;

/* Rows in the order of users; NULL: there are none. */
typedef struct grouped_rows {
    int32_t *item;
    float *rating, *weight;
    log_times time;
} grouped_rows;

/* Whether a time fits log_times.second. */
bool rows_is_second(double time);

/* Grows the arrays for so many more rows; seconds: rows_is_second() holds for all their times. False: out of memory. */
bool rows_reserve(log_rows *rows, int64_t more, bool seconds);
/* Tells how many rows to expect in all: their memory is reserved at once, since growing step by step would copy rows. Pages that
 * are never written cost nothing. */
void rows_expect(log_rows *rows, double count);
/* Writes rows from index `first` on, which rows_reserve() has made room for; several threads may do so at different indices.
 * Where the times are missing, room was reserved with seconds = false; weights are not. */
void rows_put(log_rows *rows, int64_t first, int64_t count, const int32_t *user, const int32_t *item, const row_values *values);
/* Rows have ratings (times) from now on; those of the rows before are missing. False: out of memory. */
bool rows_add_rating(log_rows *rows);
bool rows_add_time(log_rows *rows);
/* Rows have weights from now on; those of the rows before are 1. */
bool rows_add_weight(log_rows *rows);
/* The ratings (times) of the rows from `from` on are missing after all. from = 0: rows have none, later ones included. False: out
 * of memory. */
void rows_drop_rating(log_rows *rows, int64_t from);
bool rows_drop_time(log_rows *rows, int64_t from);
/* Whether the rows are in the order of users already. */
bool rows_grouped(const log_rows *rows);
/* Groups the rows by user, each user's in the order in which they came: those of user u are start[u] .. start[u + 1] - 1 of the
 * new arrays. The rows are empty afterwards. At most ROWS_MOST, unless they are grouped. False: out of memory; the caller frees
 * what there is of the new arrays. */
bool rows_group(log_rows *rows, int64_t users, int64_t *start, grouped_rows *grouped);
void rows_clear(log_rows *rows);

#endif
