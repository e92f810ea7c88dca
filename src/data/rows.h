/* Rows as they come in, before they become a matrix. */
#ifndef TAMIS_DATA_ROWS_H
#define TAMIS_DATA_ROWS_H

#include "base/base.h"

#define ROWS_MOST UINT32_MAX

typedef struct log_rows {
    int32_t *user, *item;
    float *rating;    /* NULL: there are none */
    uint32_t *second; /* times that are whole numbers below 2^32: half the memory */
    double *time;     /* those of all rows, as soon as one is something else */
    bool has_rating, has_time, wide; /* wide: time[], not second[] */
    int64_t count;
    size_t user_room, item_room, rating_room, second_room, time_room;
} log_rows;

static inline bool rows_is_second(double time)
{
    return time >= 0 && time <= (double)UINT32_MAX && (double)(uint32_t)time == time;
}

/* Room for so many more; seconds: their times all are rows_is_second(). False: out of memory. */
bool rows_reserve(log_rows *rows, int64_t more, bool seconds);
/* So many rows are expected in all: once a row is there, their memory is asked for at once. It is not touched before it is
 * needed, and growing by and by would move rows. */
void rows_expect(log_rows *rows, double count);
/* Writes rows to places, of which there is room; several threads may at a time, at different places. */
void rows_put(log_rows *rows, int64_t place, int64_t count, const int32_t *user, const int32_t *item, const float *rating,
              const double *time);
/* From now on without ratings, or times. */
void rows_drop_rating(log_rows *rows);
void rows_drop_time(log_rows *rows);
/* Whether the rows of each user are together already, users in order. */
bool rows_grouped(const log_rows *rows);
/* The rows of each user together, in the order in which they came: those of user u at start[u] .. start[u + 1] - 1 of the
 * new arrays. The rows are gone afterwards. At most ROWS_MOST, unless they are grouped. False: out of memory; what is there of the new arrays is the caller's. */
bool rows_group(log_rows *rows, int64_t users, int64_t *start, int32_t **item, float **rating, double **time);
void rows_clear(log_rows *rows);

#endif
