/* Logs from arrays in memory. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/option.h"
#include "base/status.h"
#include "data/builder.h"

void tamis_log_arrays_init(tamis_log_arrays *arrays, size_t size)
{
    memset(arrays, 0, size);
    memcpy(arrays, &size, sizeof size);
}

/* ---- what callers may get wrong */

static tamis_status check_shape(const tamis_log_arrays *a, tamis_error *error)
{
    if (a->users < 1 || a->users > INT32_MAX || a->items < 1 || a->items > INT32_MAX)
        return base_fail(error, TAMIS_USAGE, "%" PRId64 " users and %" PRId64 " items: expected 1 to %d of each", a->users,
                         a->items, (int)INT32_MAX);
    if (a->count < 1)
        return base_fail(error, TAMIS_DATA, "no interaction: %" PRId64 " were given; expected one at least", a->count);
    if (!a->item || !a->user == !a->start)
        return base_fail(error, TAMIS_USAGE, "an interaction is an item and its user: expected item, and either user or start; "
                         "given are%s%s%s%s", a->item ? " item" : "", a->user ? " user" : "", a->start ? " start" : "",
                         a->item || a->user || a->start ? "" : " none");
    if (a->repeats < TAMIS_REPEATS_MERGE || a->repeats > TAMIS_REPEATS_SUM || (a->weight && a->repeats == TAMIS_REPEATS_COUNT))
        return base_fail(error, TAMIS_USAGE, "repeats is %" PRId64 "%s; expected TAMIS_REPEATS_MERGE%s or TAMIS_REPEATS_SUM", a->repeats,
                         a->weight ? ", and there are weights" : "", a->weight ? "" : ", TAMIS_REPEATS_COUNT");
    if (a->labelled && !a->rating)
        return base_fail(error, TAMIS_USAGE, "a labelled log needs ratings, which say how relevant; expected rating");
    return TAMIS_OK;
}

static tamis_status check_start(const tamis_log_arrays *a, tamis_error *error)
{
    if (!a->start) return TAMIS_OK;
    if (a->start[0] != 0 || a->start[a->users] != a->count)
        return base_fail(error, TAMIS_USAGE, "start goes from %" PRId64 " to %" PRId64 "; expected 0 to count, %" PRId64,
                         a->start[0], a->start[a->users], a->count);
    for (int64_t u = 0; u < a->users; u++)
        if (a->start[u] > a->start[u + 1])
            return base_fail(error, TAMIS_USAGE, "start[%" PRId64 "] = %" PRId64 " is above start[%" PRId64 "] = %" PRId64
                             "; expected an ascending array", u, a->start[u], u + 1, a->start[u + 1]);
    return TAMIS_OK;
}

static tamis_status check_interactions(const tamis_log_arrays *a, tamis_error *error)
{
    for (int64_t k = 0; k < a->count; k++)
        if (a->item[k] < 0 || a->item[k] >= a->items || (a->user && (a->user[k] < 0 || a->user[k] >= a->users)))
            return base_fail(error, TAMIS_USAGE, "interaction %" PRId64 " is of user %" PRId64 " and item %" PRId32
                             "; expected users below %" PRId64 " and items below %" PRId64 ", none negative",
                             k, a->user ? (int64_t)a->user[k] : -1, a->item[k], a->users, a->items);
    for (int64_t k = 0; a->rating && k < a->count; k++)
        if (isinf(a->rating[k]) || (a->labelled && isnan(a->rating[k])))
            return base_fail(error, TAMIS_USAGE, "interaction %" PRId64 " has the rating %g; expected a number%s", k,
                             (double)a->rating[k], a->labelled ? "" : ", or NAN where there is none");
    for (int64_t k = 0; a->time && k < a->count; k++)
        if (isinf(a->time[k]))
            return base_fail(error, TAMIS_USAGE, "interaction %" PRId64 " has the time %g; expected a number, or NAN where there is "
                             "none", k, a->time[k]);
    for (int64_t k = 0; a->weight && k < a->count; k++)
        if (!(a->weight[k] > 0) || isinf(a->weight[k]))
            return base_fail(error, TAMIS_USAGE, "interaction %" PRId64 " has the weight %g; expected a number above 0", k,
                             (double)a->weight[k]);
    return TAMIS_OK;
}

/* ---- into a builder */

/* Numbers in decimal, or the caller's ids, which must differ. */
static tamis_status take_ids(id_set *ids, const char *what, int64_t count, const char *const *id, const size_t *length,
                             tamis_error *error)
{
    for (int64_t k = 0; k < count; k++) {
        char number[24], shown[280];
        if (!id) {
            const int n = snprintf(number, sizeof number, "%" PRId64, k);
            if (id_set_append(ids, number, (size_t)n) < 0) return base_no_memory(error, "ids", (size_t)count, 16);
            continue;
        }
        if (!id[k]) return base_fail(error, TAMIS_USAGE, "the id of %s %" PRId64 " is NULL; expected one for each", what, k);
        const size_t n = length ? length[k] : strlen(id[k]);
        if (n == 0 || memchr(id[k], '\0', n))
            return base_fail(error, TAMIS_USAGE, "the id of %s %" PRId64 " is %s; expected bytes other than NUL", what, k,
                             n ? "one with a NUL byte" : "empty");
        const int64_t at = id_set_add(ids, id[k], n);
        if (at < 0) return base_no_memory(error, "ids", (size_t)count, 16);
        if (at < k)
            return base_fail(error, TAMIS_USAGE, "%ss %" PRId64 " and %" PRId64 " have the same id, %s; expected different ones", what,
                             at, k, base_quote(shown, sizeof shown, id[k], n));
    }
    return TAMIS_OK;
}

/* Which interactions have no rating (time), and why that is so. */
static void count_missing(log_builder *b, int role, const double *time, const float *rating, int64_t count)
{
    const int which = role - ROLE_RATING;
    b->have[which] = true;
    for (int64_t k = 0; k < count; k++) {
        /* cppcheck-suppress nullPointer ; one of the two is there */
        if (!(rating ? isnan(rating[k]) : isnan(time[k]))) continue;
        if (b->without[which]++ == 0)
            base_fail(&b->lacking[which], TAMIS_OK, "interaction %" PRId64 " has no %s", k, rating ? "rating" : "time");
    }
}

/* The interactions, given as pairs or in CSR, a piece at a time. */
static tamis_status take_rows(log_builder *b, const tamis_log_arrays *a, tamis_error *error)
{
    enum { PIECE = 4096 };
    int32_t row[PIECE];
    float weight[PIECE]; /* 0: a dislike */
    int64_t u = 0;
    for (int64_t k = 0; k < a->count; k += PIECE) {
        const int64_t n = a->count - k < PIECE ? a->count - k : PIECE;
        for (int64_t j = 0; a->start && j < n; j++) {
            while (a->start[u + 1] <= k + j) u++;
            row[j] = (int32_t)u;
        }
        for (int64_t j = 0; j < n; j++) weight[j] = a->dislike && a->dislike[k + j] ? 0 : a->weight ? a->weight[k + j] : 1;
        const row_values values = {.rating = a->rating ? a->rating + k : NULL, .weight = weight, .time = a->time ? a->time + k : NULL};
        tamis_status status = log_builder_append(b, n, a->user ? a->user + k : row, a->item + k, &values, error);
        if (status) return status;
    }
    return TAMIS_OK;
}

static tamis_status fill(log_builder *b, const tamis_log_arrays *a, tamis_error *error)
{
    tamis_status status = take_ids(&b->users.ids, "user", a->users, a->user_id, a->user_id_length, error);
    if (!status) status = take_ids(&b->items.ids, "item", a->items, a->item_id, a->item_id_length, error);
    if (status) return status;
    if ((a->rating && !rows_add_rating(&b->rows)) || (a->time && !rows_add_time(&b->rows)))
        return base_no_memory(error, "interactions", (size_t)a->count, 8);
    b->rows.has_weight = a->weight || a->dislike;
    b->weighted = a->weight != NULL;
    if (a->rating) count_missing(b, ROLE_RATING, NULL, a->rating, a->count);
    if (a->time) count_missing(b, ROLE_TIME, a->time, NULL, a->count);
    return take_rows(b, a, error);
}

tamis_status tamis_log_from_arrays(const tamis_log_arrays *given, tamis_log **log, tamis_error *error)
{
    tamis_log_arrays a;
    tamis_log_options options;
    log_builder b = {0};
    *log = NULL;
    base_clear(error);
    if (!given) return base_fail(error, TAMIS_USAGE, "no arrays are given; expected a tamis_log_arrays");
    tamis_log_arrays_default(&a);
    tamis_status status = base_option_adopt(given, &a, sizeof a, error);
    if (!status) status = check_shape(&a, error);
    if (!status) status = check_start(&a, error);
    if (!status) status = check_interactions(&a, error);
    if (!status) status = fill(&b, &a, error);
    if (status) {
        log_builder_clear(&b);
        return status;
    }
    tamis_log_options_default(&options);
    options.repeats = (int)a.repeats;
    status = log_builder_finish(&b, &options, log, error);
    if (!status) (*log)->labelled = a.labelled != 0;
    return status;
}

tamis_status tamis_log_from_pairs(const int32_t *user, const int32_t *item, int64_t count, int64_t users, int64_t items,
                                  tamis_log **log, tamis_error *error)
{
    tamis_log_arrays a;
    tamis_log_arrays_default(&a);
    a.users = users;
    a.items = items;
    a.count = count;
    a.user = user;
    a.item = item;
    return tamis_log_from_arrays(&a, log, error);
}
