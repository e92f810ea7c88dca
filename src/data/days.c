/* When rows were made: the first and last time of all, and users who made more on a day than a person can. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/status.h"
#include "data/days.h"
#include "data/notes.h"

enum { DAY = 86400 };

/* The day with most rows among those from..to, and how many. Days are counted from 1970, in UTC. */
static int64_t busiest(const log_times *time, int64_t from, int64_t to, double unit, int64_t *day, int64_t *which)
{
    int64_t n = 0, most = 0;
    for (int64_t k = from; k < to; k++) {
        const double t = times_at(time, k) / unit / DAY;
        if (fabs(t) < 1e15) day[n++] = (int64_t)floor(t);
    }
    qsort(day, (size_t)n, sizeof *day, base_ascending_int64);
    for (int64_t k = 0, begin = 0; k < n; k++) {
        if (day[k] != day[begin]) begin = k;
        if (k - begin < most) continue;
        most = k - begin + 1;
        *which = day[k];
    }
    return most;
}

static void note_busy(tamis_log *log, int64_t user, int64_t day, int64_t limit)
{
    tamis_log_summary *s = &log->summary;
    char id[280], date[40], others[80] = "", advice[200] = "";
    size_t length;
    const char *text = id_map_get(log->user_ids, user, &length);
    base_quote(id, sizeof id, text, length);
    if (s->busy_users > 1)
        snprintf(others, sizeof others, "; %" PRId64 " more user%s more than %" PRId64 " on a day", s->busy_users - 1,
                 s->busy_users == 2 ? " has" : "s have", limit);
    if (s->header) snprintf(advice, sizeof advice, "; --where-not %s=ID leaves one out", s->column[ROLE_USER]);
    log_note(s, TAMIS_NOTE_USER, true, s->busiest_rows,
             "user \"%s\" has %" PRId64 " rows on %.10s, more than a person makes%s%s", id, s->busiest_rows,
             date_text((double)day * DAY, date), others, advice);
}

tamis_status log_look_at_days(const log_draft *draft, int64_t limit, tamis_error *error)
{
    tamis_log *log = draft->log;
    tamis_log_summary *s = &log->summary;
    double first = (double)INFINITY, last = -(double)INFINITY;
    int64_t largest = 0, user = -1, of_user = 0;
    for (int64_t k = 0; times_any(&log->time) && k < draft->nnz; k++) {
        const double t = times_at(&log->time, k);
        if (t < first) first = t;
        if (t > last) last = t;
    }
    if (first > last) return TAMIS_OK;
    const double unit = times_unit(last);
    if (first >= DAY * 1000.0 && times_unit(first) < unit) /* as so fine a unit it would be a day of 1970 */
        log_note(s, TAMIS_NOTE_COLUMN, true, 0, "times from %.15g to %.15g are hardly all in one unit; all are read as 1/%.0f of a second", first,
                 last, unit);
    s->timed = 1;
    s->first_time = first / unit;
    s->last_time = last / unit;
    for (int64_t u = 0; u < log->users; u++) {
        const int64_t n = draft->start[u + 1] - draft->start[u];
        if (n > largest) largest = n;
    }
    if (largest <= limit) return TAMIS_OK;
    int64_t *day = malloc((size_t)largest * sizeof *day);
    if (!day) return base_no_memory(error, "days", (size_t)largest, sizeof *day);
    for (int64_t u = 0; u < log->users; u++) {
        int64_t which = 0;
        if (draft->start[u + 1] - draft->start[u] <= limit) continue;
        const int64_t most = busiest(&log->time, draft->start[u], draft->start[u + 1], unit, day, &which);
        s->busy_users += most > limit;
        if (most <= s->busiest_rows || most <= limit) continue;
        s->busiest_rows = most;
        user = u;
        of_user = which;
    }
    free(day);
    if (user >= 0) note_busy(log, user, of_user, limit);
    return TAMIS_OK;
}
