/* Rows, and grouping them by user with a counting sort.
 *
 * The first write to a page of memory is what takes time here, so that arrays are used again: times, which may be the widest,
 * are scattered into a new array first, then items into the old array of the times, and ratings into that of the items. Most logs
 * are grouped by user already; those are not moved. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/threads.h"
#include "data/rows.h"

enum { MOST_THREADS = 4, LEAST_ROWS = 1 << 16 /* for a thread */ };

bool times_any(const log_times *times)
{
    return times->second || times->value;
}

double times_at(const log_times *times, int64_t k)
{
    return times->second ? (double)times->second[k] : times->value[k];
}

void times_copy(log_times *to, int64_t at, const log_times *from, int64_t k)
{
    if (from->second) to->second[at] = from->second[k];
    if (from->value) to->value[at] = from->value[k];
}

bool rows_is_second(double time)
{
    return time >= 0 && time <= (double)UINT32_MAX && (double)(uint32_t)time == time;
}

bool times_grow(log_times *times, const log_times *like, size_t *capacity, size_t n)
{
    return !times_any(like) || (like->second ? base_grow(&times->second, capacity, n, sizeof *times->second)
                                             : base_grow(&times->value, capacity, n, sizeof *times->value));
}

double times_unit(double latest)
{
    return latest < 1e11 ? 1 : latest < 1e14 ? 1e3 : latest < 1e17 ? 1e6 : 1e9;
}

bool times_all(const log_times *times, int64_t count)
{
    for (int64_t k = 0; times->value && k < count; k++)
        if (isnan(times->value[k])) return false;
    return times_any(times);
}

void times_free(log_times *times)
{
    free(times->second);
    free(times->value);
    *times = (log_times){0};
}

/* From 32-bit seconds to doubles. Rows that are reserved but not yet written are converted, too, which does no harm. */
static bool widen(log_rows *rows)
{
    log_times wide = {0};
    size_t room = 0;
    if (!base_grow(&wide.value, &room, (size_t)rows->count, sizeof *wide.value)) return false;
    for (int64_t k = 0; k < rows->count; k++) wide.value[k] = (double)rows->time.second[k];
    times_free(&rows->time);
    rows->time = wide;
    rows->time_room = room;
    rows->wide = true;
    return true;
}

bool rows_reserve(log_rows *rows, int64_t more, bool seconds)
{
    const size_t need = (size_t)(rows->count + more);
    if (rows->has_time && !rows->wide && !seconds && !widen(rows)) return false;
    return base_grow(&rows->user, &rows->user_room, need, sizeof *rows->user) &&
           base_grow(&rows->item, &rows->item_room, need, sizeof *rows->item) &&
           (!rows->has_rating || base_grow(&rows->rating, &rows->rating_room, need, sizeof *rows->rating)) &&
           (!rows->has_weight || base_grow(&rows->weight, &rows->weight_room, need, sizeof *rows->weight)) &&
           (!rows->has_time ||
            (rows->wide ? base_grow(&rows->time.value, &rows->time_room, need, sizeof *rows->time.value)
                        : base_grow(&rows->time.second, &rows->time_room, need, sizeof *rows->time.second)));
}

void rows_expect(log_rows *rows, double count)
{
    const double most = 1e12;
    if (rows->count && count > (double)rows->count && count < most)
        (void)rows_reserve(rows, (int64_t)count - rows->count, true);
}

void rows_put(log_rows *rows, int64_t first, int64_t count, const int32_t *user, const int32_t *item, const row_values *values)
{
    const size_t n = (size_t)count;
    const float *rating = values->rating;
    const double *time = values->time;
    if (n == 0) return;
    memcpy(rows->user + first, user, n * sizeof *user);
    memcpy(rows->item + first, item, n * sizeof *item);
    for (size_t k = 0; rows->has_rating && !rating && k < n; k++) rows->rating[(size_t)first + k] = NAN;
    if (rows->has_rating && rating) memcpy(rows->rating + first, rating, n * sizeof *rating);
    if (rows->has_weight) memcpy(rows->weight + first, values->weight, n * sizeof *values->weight);
    if (!rows->has_time) return;
    if (!rows->wide)
        for (size_t k = 0; k < n; k++) rows->time.second[(size_t)first + k] = (uint32_t)time[k];
    else if (time)
        memcpy(rows->time.value + first, time, n * sizeof *time);
    else
        for (size_t k = 0; k < n; k++) rows->time.value[(size_t)first + k] = (double)NAN;
}

bool rows_add_rating(log_rows *rows)
{
    if (rows->has_rating) return true;
    if (rows->count && !base_grow(&rows->rating, &rows->rating_room, (size_t)rows->count, sizeof *rows->rating)) return false;
    for (int64_t k = 0; k < rows->count; k++) rows->rating[k] = NAN;
    return rows->has_rating = true;
}

bool rows_add_weight(log_rows *rows)
{
    if (rows->has_weight) return true;
    if (rows->count && !base_grow(&rows->weight, &rows->weight_room, (size_t)rows->count, sizeof *rows->weight)) return false;
    for (int64_t k = 0; k < rows->count; k++) rows->weight[k] = 1;
    return rows->has_weight = true;
}

bool rows_add_time(log_rows *rows)
{
    if (rows->has_time) return true;
    if (rows->count && !base_grow(&rows->time.value, &rows->time_room, (size_t)rows->count, sizeof *rows->time.value))
        return false;
    for (int64_t k = 0; k < rows->count; k++) rows->time.value[k] = (double)NAN;
    rows->wide = rows->count > 0;
    return rows->has_time = true;
}

void rows_drop_rating(log_rows *rows, int64_t from)
{
    for (int64_t k = from; from && k < rows->count; k++) rows->rating[k] = NAN;
    if (from) return;
    free(rows->rating);
    rows->rating = NULL;
    rows->rating_room = 0;
    rows->has_rating = false;
}

bool rows_drop_time(log_rows *rows, int64_t from)
{
    if (from && !rows->wide && !widen(rows)) return false;
    for (int64_t k = from; from && k < rows->count; k++) rows->time.value[k] = (double)NAN;
    if (from) return true;
    times_free(&rows->time);
    rows->time_room = 0;
    rows->has_time = rows->wide = false;
    return true;
}

void rows_clear(log_rows *rows)
{
    free(rows->user);
    free(rows->item);
    free(rows->rating);
    free(rows->weight);
    times_free(&rows->time);
    *rows = (log_rows){0};
}

/* ---- grouping: each thread moves a part of the rows; where to is counted once, for all arrays */

typedef struct grouping {
    uint32_t *target; /* per row: first its user, then where it goes */
    int64_t count, users;
    int threads;
    uint32_t *next; /* threads x users: first the number of rows, then where the thread's next row of the user goes */
} grouping;

static int64_t part_begin(const grouping *g, int t)
{
    return g->count * t / g->threads;
}

static void find_places(const grouping *g, int64_t *start)
{
#pragma omp parallel for num_threads(base_team(g->threads)) schedule(static, 1)
    for (int t = 0; t < g->threads; t++) {
        uint32_t *rows = g->next + t * g->users;
        memset(rows, 0, (size_t)g->users * sizeof *rows);
        for (int64_t r = part_begin(g, t); r < part_begin(g, t + 1); r++) rows[g->target[r]]++;
    }
    uint32_t sum = 0;
    for (int64_t u = 0; u < g->users; u++) {
        start[u] = sum;
        for (int t = 0; t < g->threads; t++) {
            uint32_t *next = &g->next[t * g->users + u];
            const uint32_t rows = *next;
            *next = sum;
            sum += rows;
        }
    }
    start[g->users] = sum;
#pragma omp parallel for num_threads(base_team(g->threads)) schedule(static, 1)
    for (int t = 0; t < g->threads; t++) {
        uint32_t *next = g->next + t * g->users;
        for (int64_t r = part_begin(g, t); r < part_begin(g, t + 1); r++) g->target[r] = next[g->target[r]]++;
    }
}

bool rows_grouped(const log_rows *rows)
{
    for (int64_t k = 1; k < rows->count; k++)
        if (rows->user[k - 1] > rows->user[k]) return false;
    return true;
}

static inline void scatter_part(const grouping *g, int t, const char *from, char *to, size_t size)
{
    enum { AHEAD = 32 };
    const uint32_t *target = g->target;
    const int64_t end = part_begin(g, t + 1);
    for (int64_t r = part_begin(g, t); r < end; r++) {
        const int64_t soon = r + AHEAD < end ? r + AHEAD : r;
        __builtin_prefetch(to + size * target[soon], 1);
        memcpy(to + size * target[r], from + size * (size_t)r, size);
    }
}

/* to[place[r]] = from[r], for elements of 4 or 8 bytes. */
static void scatter(const grouping *g, const void *from, void *to, size_t size)
{
#pragma omp parallel for num_threads(base_team(g->threads)) schedule(static, 1)
    for (int t = 0; t < g->threads; t++) {
        if (size == sizeof(uint32_t))
            scatter_part(g, t, from, to, sizeof(uint32_t));
        else
            scatter_part(g, t, from, to, sizeof(double));
    }
}

/* An array that is no longer needed. */
typedef struct spare {
    void *memory;
    size_t room;
} spare;

/* Scatters `from` into the spare array, or into a new one where that is too small; `from` is the spare array afterwards. NULL: out
 * of memory. */
static void *move_array(const grouping *g, spare *s, void *from, size_t room, size_t size)
{
    const size_t bytes = (size_t)g->count * size;
    void *to = NULL;
    if (s->memory && s->room >= bytes) {
        to = s->memory;
        s->memory = NULL;
    } else if (!(to = base_alloc_raw(bytes, 1))) {
        return NULL;
    }
    scatter(g, from, to, size);
    free(s->memory);
    *s = (spare){from, room * size};
    return to;
}

/* Each thread has a counter per user; these must take little memory beside the rows. */
static int group_threads(const log_rows *rows, int64_t users)
{
    const int64_t few = rows->count / LEAST_ROWS + 1, dense = rows->count / (2 * users) + 1;
    int64_t threads = base_threads(0);
    threads = threads < MOST_THREADS ? threads : MOST_THREADS;
    threads = threads < few ? threads : few;
    return (int)(threads < dense ? threads : dense);
}

/* A log that is grouped already. */
static void keep_rows(log_rows *rows, int64_t users, int64_t *start, grouped_rows *grouped)
{
    memset(start, 0, ((size_t)users + 1) * sizeof *start);
    for (int64_t r = 0; r < rows->count; r++) start[rows->user[r] + 1]++;
    for (int64_t u = 0; u < users; u++) start[u + 1] += start[u];
    *grouped = (grouped_rows){.item = rows->item, .rating = rows->rating, .weight = rows->weight, .time = rows->time};
    rows->item = NULL;
    rows->rating = rows->weight = NULL;
    rows->time = (log_times){0};
}

/* rows_clear() frees what remains. */
static bool move_rows(log_rows *rows, const grouping *g, grouped_rows *to)
{
    spare s = {0};
    log_times *time = &to->time;
    bool done = true;
    if (rows->time.value && (done = (time->value = move_array(g, &s, rows->time.value, rows->time_room, sizeof *time->value))))
        rows->time.value = NULL;
    if (rows->time.second &&
        (done = (time->second = move_array(g, &s, rows->time.second, rows->time_room, sizeof *time->second))))
        rows->time.second = NULL;
    if (done && (done = (to->item = move_array(g, &s, rows->item, rows->item_room, sizeof *to->item)))) rows->item = NULL;
    if (done && rows->has_rating && (done = (to->rating = move_array(g, &s, rows->rating, rows->rating_room, sizeof *to->rating))))
        rows->rating = NULL;
    if (done && rows->has_weight && (done = (to->weight = move_array(g, &s, rows->weight, rows->weight_room, sizeof *to->weight))))
        rows->weight = NULL;
    free(s.memory);
    return done;
}

bool rows_group(log_rows *rows, int64_t users, int64_t *start, grouped_rows *grouped)
{
    *grouped = (grouped_rows){0};
    bool done = true;
    if (rows_grouped(rows)) {
        keep_rows(rows, users, start, grouped);
    } else {
        grouping g = {.target = (uint32_t *)rows->user, .count = rows->count, .users = users,
                      .threads = group_threads(rows, users)};
        g.next = base_alloc_raw((size_t)g.threads * (size_t)users, sizeof *g.next);
        done = g.next != NULL;
        if (done) find_places(&g, start);
        done = done && move_rows(rows, &g, grouped);
        base_free(g.next);
    }
    rows_clear(rows);
    return done;
}
