/* Rows as they come in, before they become a matrix. */
#ifndef TAMIS_DATA_ROWS_H
#define TAMIS_DATA_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>


#define ROWS_MOST UINT32_MAX

/* Times, of rows or of a log's interactions: in one of two arrays. Both NULL: there are none. */
typedef struct log_times {
    uint32_t *second; /* all are there, whole numbers below 2^32: half the memory */
    double *value;    /* NAN: missing */
} log_times;

/* Whether there are times. */
bool times_any(const log_times *times);

/* None is missing. */
bool times_all(const log_times *times, int64_t count);

/* NAN: missing. */
double times_at(const log_times *times, int64_t k);

/* to[at] = from[k], if there are any; both are of one kind. */
void times_copy(log_times *to, int64_t at, const log_times *from, int64_t k);

/* Room for n times of the kind of `like`; nothing where there are none. False: out of memory. */
bool times_grow(log_times *times, const log_times *like, size_t *capacity, size_t n);
void times_free(log_times *times);

typedef struct log_rows {
    int32_t *user, *item;
    float *rating;    /* NAN: missing */
    log_times time;   /* seconds as long as all are */
    bool has_rating, has_time, wide; /* wide: time.value, not time.second */
    int64_t count;
    size_t user_room, item_room, rating_room, time_room;
} log_rows;

/* Whether a time fits log_times.second. */
bool rows_is_second(double time);

/* Room for so many more; seconds: their times all are rows_is_second(). False: out of memory. */
bool rows_reserve(log_rows *rows, int64_t more, bool seconds);
/* So many rows are expected in all: once a row is there, their memory is asked for at once. It is not touched before it is
 * needed, and growing by and by would move rows. */
void rows_expect(log_rows *rows, double count);
/* Writes rows to places, of which there is room; several threads may at a time, at different places. rating, time: NULL:
 * all are missing, and room was asked for with seconds = false. */
void rows_put(log_rows *rows, int64_t place, int64_t count, const int32_t *user, const int32_t *item, const float *rating,
              const double *time);
/* From now on with ratings, times; rows before are without. False: out of memory. */
bool rows_add_rating(log_rows *rows);
bool rows_add_time(log_rows *rows);
/* Rows from `from` on are without after all; where they are all rows, so are those that come. False: out of memory. */
void rows_drop_rating(log_rows *rows, int64_t from);
bool rows_drop_time(log_rows *rows, int64_t from);
/* Whether the rows of each user are together already, users in order. */
bool rows_grouped(const log_rows *rows);
/* The rows of each user together, in the order in which they came: those of user u at start[u] .. start[u + 1] - 1 of the
 * new arrays. The rows are gone afterwards. At most ROWS_MOST, unless they are grouped. False: out of memory; what is there
 * of the new arrays is the caller's. */
bool rows_group(log_rows *rows, int64_t users, int64_t *start, int32_t **item, float **rating, log_times *time);
void rows_clear(log_rows *rows);

#endif
