/* The log: its accessors, from pairs, to a file. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "data/reader.h"

/* Lets go of what models may hold too; the last holder frees it. */
static void drop_matrix(tamis_log *log)
{
    if (!base_share_drop(log->share)) return;
    base_ids_clear(&log->users);
    base_ids_clear(&log->items);
    free(log->start);
    free(log->item);
}

void tamis_log_free(tamis_log *log)
{
    if (!log) return;
    drop_matrix(log);
    free(log->rating);
    times_free(&log->time);
    free(log);
}

const tamis_log_summary *tamis_log_summarize(const tamis_log *log)
{
    return &log->summary;
}

int64_t tamis_log_users(const tamis_log *log)
{
    return (int64_t)log->users.count;
}

int64_t tamis_log_items(const tamis_log *log)
{
    return (int64_t)log->items.count;
}

int64_t tamis_log_interactions(const tamis_log *log)
{
    return log->start[log->users.count];
}

const int32_t *tamis_log_row(const tamis_log *log, int64_t user, int64_t *count)
{
    *count = log->start[user + 1] - log->start[user];
    return log->item + log->start[user];
}

const float *tamis_log_rating(const tamis_log *log, int64_t user)
{
    return log->rating ? log->rating + log->start[user] : NULL;
}

const char *tamis_log_user_id(const tamis_log *log, int64_t user, size_t *length)
{
    return base_ids_get(&log->users, user, length);
}

const char *tamis_log_item_id(const tamis_log *log, int64_t item, size_t *length)
{
    return base_ids_get(&log->items, item, length);
}

/* ---- from pairs */

static bool number_ids(base_ids *ids, int64_t count)
{
    char text[24];
    for (int64_t k = 0; k < count; k++)
        if (base_ids_append(ids, text, (size_t)snprintf(text, sizeof text, "%" PRId64, k)) < 0) return false;
    return true;
}

static tamis_status check_pairs(const int32_t *user, const int32_t *item, int64_t count, int64_t users, int64_t items,
                                tamis_error *error)
{
    if (users < 1 || users > INT32_MAX || items < 1 || items > INT32_MAX)
        return base_fail(error, TAMIS_USAGE, "%" PRId64 " users and %" PRId64 " items: expected 1 to %d of each", users,
                         items, (int)INT32_MAX);
    if (count < 1)
        return base_fail(error, TAMIS_DATA, "no interaction: %" PRId64 " pairs were given; expected one at least",
                         count);
    for (int64_t k = 0; k < count; k++)
        if (user[k] < 0 || user[k] >= users || item[k] < 0 || item[k] >= items)
            return base_fail(error, TAMIS_USAGE,
                             "pair %" PRId64 " is user %" PRId32 ", item %" PRId32 "; expected users below %" PRId64
                             " and items below %" PRId64 ", none negative",
                             k, user[k], item[k], users, items);
    return TAMIS_OK;
}

tamis_status tamis_log_from_pairs(const int32_t *user, const int32_t *item, int64_t count, int64_t users, int64_t items,
                                  tamis_log **log, tamis_error *error)
{
    log_builder b = {0};
    tamis_log_options options;
    *log = NULL;
    base_clear(error);
    tamis_status status = check_pairs(user, item, count, users, items, error);
    if (status) return status;
    if (number_ids(&b.users.ids, users) && number_ids(&b.items.ids, items))
        status = log_builder_append(&b, count, user, item, NULL, NULL, error);
    else
        status = base_no_memory(error, "ids", (size_t)(users + items), 8);
    if (status) {
        log_builder_clear(&b);
        return status;
    }
    tamis_log_options_default(&options);
    return log_builder_finish(&b, &options, log, error);
}

/* ---- ids alone */

static bool add_ids(base_ids *ids, const base_ids *other)
{
    for (size_t k = 0; k < other->count; k++) {
        size_t length;
        const char *id = base_ids_get(other, (int64_t)k, &length);
        if (base_ids_add(ids, id, length) < 0) return false;
    }
    return true;
}

/* Models that hold the log's arrays keep them as they are; the log gets copies. */
static bool leave_models(tamis_log *log)
{
    const size_t users = log->users.count, pairs = (size_t)log->start[users];
    base_ids own_users, own_items;
    if (base_share_alone(log->share)) return true;
    base_share *share = base_share_new();
    int64_t *start = malloc((users + 1) * sizeof *start);
    int32_t *item = malloc((pairs + 1) * sizeof *item);
    bool done = base_ids_copy(&own_users, &log->users, NULL);
    done = base_ids_copy(&own_items, &log->items, NULL) && done;
    if (!share || !start || !item || !done) {
        base_ids_clear(&own_users);
        base_ids_clear(&own_items);
        free(share);
        free(start);
        free(item);
        return false;
    }
    memcpy(start, log->start, (users + 1) * sizeof *start);
    memcpy(item, log->item, pairs * sizeof *item);
    drop_matrix(log);
    log->share = share;
    log->users = own_users;
    log->items = own_items;
    log->start = start;
    log->item = item;
    return true;
}

tamis_status tamis_log_add_ids(tamis_log *log, const tamis_log *other, tamis_error *error)
{
    base_clear(error);
    if (!leave_models(log)) return base_no_memory(error, "the log", (size_t)log->start[log->users.count], sizeof *log->item);
    const size_t users = log->users.count, room = users + other->users.count + 1;
    int64_t *start = realloc(log->start, room * sizeof *start);
    if (start) log->start = start;
    if (!start || !add_ids(&log->users, &other->users) || !add_ids(&log->items, &other->items)) {
        for (size_t u = users; start && u < log->users.count; u++) start[u + 1] = start[users];
        return base_no_memory(error, "the ids", room, sizeof *start);
    }
    for (size_t u = users; u < log->users.count; u++) start[u + 1] = start[users];
    log->summary.users = (int64_t)log->users.count;
    log->summary.items = (int64_t)log->items.count;
    return TAMIS_OK;
}

/* ---- to a file */

/* What is missing is an empty field. */
static void write_number(base_writer *writer, double value, const char *(*text)(double value, char *buffer))
{
    char number[40];
    base_writer_bytes(writer, ",", 1);
    if (isnan(value)) return;
    (void)text(value, number);
    base_writer_bytes(writer, number, strlen(number));
}

static void put(const tamis_log *log, base_writer *writer)
{
    base_writer_format(writer, "user_id,item_id%s%s\n", log->rating ? ",rating" : "", times_any(&log->time) ? ",timestamp" : "");
    for (size_t u = 0; u < log->users.count; u++) {
        size_t user_length, item_length;
        const char *user = base_ids_get(&log->users, (int64_t)u, &user_length);
        for (int64_t k = log->start[u]; k < log->start[u + 1]; k++) {
            const char *item = base_ids_get(&log->items, log->item[k], &item_length);
            base_writer_field(writer, user, user_length);
            base_writer_bytes(writer, ",", 1);
            base_writer_field(writer, item, item_length);
            if (log->rating) write_number(writer, (double)log->rating[k], number_float_text);
            if (times_any(&log->time)) write_number(writer, times_at(&log->time, k), number_real_text);
            base_writer_bytes(writer, "\n", 1);
        }
    }
}

tamis_status tamis_log_write(const tamis_log *log, const char *path, tamis_error *error)
{
    base_writer *writer;
    tamis_status status = base_writer_open(path, &writer, error);
    if (status) return status;
    put(log, writer);
    return base_writer_commit(writer, error);
}

tamis_status tamis_log_put(const tamis_log *log, const tamis_sink *sink, tamis_error *error)
{
    base_writer *writer;
    tamis_status status = base_writer_sink(sink, &writer, error);
    if (status) return status;
    put(log, writer);
    return base_writer_commit(writer, error);
}
