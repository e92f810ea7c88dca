/* The log: its accessors, parts of it, writing one to a file. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/random.h"
#include "base/status.h"
#include "base/writer.h"
#include "data/log.h"

void tamis_log_free(tamis_log *log)
{
    if (!log) return;
    id_map_drop(log->user_ids);
    id_map_drop(log->item_ids);
    matrix_drop(log->matrix);
    matrix_drop(log->dislikes);
    times_free(&log->dislike_time);
    log_free_values(log);
    free(log);
}

tamis_status log_extract_dislikes(tamis_log *log, const tamis_log *from, const uint8_t *part, uint8_t wanted, tamis_error *error)
{
    size_t room = 0;
    matrix_drop(log->dislikes);
    times_free(&log->dislike_time);
    log->summary.dislikes = 0;
    log->dislikes = NULL;
    if (!from->dislikes) return TAMIS_OK;
    const int64_t n = from->dislikes->nnz;
    log->dislikes = part ? matrix_subset(from->dislikes, part, wanted) : matrix_hold(from->dislikes);
    if (!log->dislikes || !times_grow(&log->dislike_time, &from->dislike_time, &room, (size_t)log->dislikes->nnz + 1))
        return base_no_memory(error, "dislikes", (size_t)n, 8);
    for (int64_t k = 0, at = 0; k < n; k++)
        if (!part || part[k] == wanted) times_copy(&log->dislike_time, at++, &from->dislike_time, k);
    log->summary.dislikes = log->dislikes->nnz;
    return TAMIS_OK;
}

tamis_status log_share_dislikes(tamis_log *log, const tamis_log *from, tamis_error *error)
{
    return log_extract_dislikes(log, from, NULL, 0, error);
}

const char *log_dislike_text(const tamis_log *log, char text[64])
{
    const int64_t n = log->dislikes ? log->dislikes->nnz : 0;
    text[0] = '\0';
    if (n) snprintf(text, 64, ", %" PRId64 " dislike%s beside them", n, n == 1 ? "" : "s");
    return text;
}

bool log_dislikes(const tamis_log *log, int64_t user, int32_t item)
{
    return log->dislikes && matrix_find(log->dislikes, user, item) >= 0;
}

bool log_grow_values(tamis_log *log, const tamis_log *like, size_t capacity[LOG_VALUES], size_t n)
{
    return (!like->rating || base_grow(&log->rating, &capacity[0], n, sizeof *log->rating)) &&
           (!like->weight || base_grow(&log->weight, &capacity[1], n, sizeof *log->weight)) &&
           times_grow(&log->time, &like->time, &capacity[2], n);
}

void log_copy_values(tamis_log *log, int64_t at, const tamis_log *from, int64_t k)
{
    if (from->rating) log->rating[at] = from->rating[k];
    if (from->weight) log->weight[at] = from->weight[k];
    times_copy(&log->time, at, &from->time, k);
}

void log_free_values(tamis_log *log)
{
    free(log->rating);
    free(log->weight);
    log->rating = log->weight = NULL;
    times_free(&log->time);
}

tamis_status log_with(const tamis_log *log, matrix *m, tamis_log **out, tamis_error *error)
{
    *out = m ? calloc(1, sizeof **out) : NULL;
    if (!*out) {
        const size_t rows = (size_t)log->users + 1;
        matrix_drop(m);
        return base_no_memory(error, "a log", rows, sizeof(int64_t));
    }
    **out = (tamis_log){.users = log->users, .items = log->items, .user_ids = id_map_hold(log->user_ids),
                        .item_ids = id_map_hold(log->item_ids), .matrix = m};
    (*out)->summary = (tamis_log_summary){.rows = m->nnz, .users = log->users, .items = log->items,
                                          .interactions = m->nnz};
    return TAMIS_OK;
}

/* The interactions whose part[] is `wanted`, or all (part NULL), beside a matrix of these. */
static tamis_status take_values(const tamis_log *log, const uint8_t *part, uint8_t wanted, tamis_log *out, tamis_error *error)
{
    size_t capacity[LOG_VALUES] = {0};
    const size_t n = (size_t)out->matrix->nnz + 1;
    if (!log_grow_values(out, log, capacity, n)) return base_no_memory(error, "a part of the log", n, 20);
    for (int64_t k = 0, at = 0; k < log->matrix->nnz; k++)
        if (!part || part[k] == wanted) log_copy_values(out, at++, log, k);
    log_describe_weights(out);
    out->labelled = log->labelled;
    return log_share_dislikes(out, log, error);
}

static tamis_status take(const tamis_log *log, const uint8_t *part, uint8_t wanted, tamis_log **out, tamis_error *error)
{
    matrix *m = part ? matrix_subset(log->matrix, part, wanted) : matrix_hold(log->matrix);
    tamis_status status = log_with(log, m, out, error);
    if (!status) status = take_values(log, part, wanted, *out, error);
    if (status) {
        tamis_log_free(*out);
        *out = NULL;
    }
    return status;
}

tamis_status log_copy(const tamis_log *log, tamis_log **out, tamis_error *error)
{
    return take(log, NULL, 0, out, error);
}

tamis_status log_extract(const tamis_log *log, const uint8_t *part, uint8_t wanted, tamis_log **out, tamis_error *error)
{
    return take(log, part, wanted, out, error);
}

/* room: elements of the arrays of values. */
static double bytes_with(const tamis_log *like, int64_t n, double room)
{
    const size_t each = (like->rating ? sizeof(float) : 0) + (like->weight ? sizeof(float) : 0) + (like->time.second ? sizeof(uint32_t) : 0) +
                        (like->time.value ? sizeof(double) : 0);
    return ((double)like->users + 1) * sizeof(int64_t) + (double)n * sizeof(int32_t) + room * (double)each + sizeof *like;
}

double log_bytes(const tamis_log *like, int64_t n)
{
    return bytes_with(like, n, base_grown((double)n + 1, 1)); /* as take_values() grows them */
}

static double id_bytes(const id_map *ids)
{
    return (double)ids->start[ids->count] + ((double)ids->count + 1) * sizeof *ids->start + (double)ids->slots * sizeof *ids->slot;
}

double log_all_bytes(const tamis_log *log)
{
    const matrix *no = log->dislikes;
    return bytes_with(log, log->matrix->nnz, (double)log->matrix->nnz) + id_bytes(log->user_ids) + id_bytes(log->item_ids) +
           (no ? ((double)no->rows + 1) * sizeof *no->start + (double)no->nnz * sizeof *no->index : 0);
}

void log_fingerprint(const tamis_log *log, bool ratings, uint64_t sum[2])
{
    uint64_t a = base_mix((uint64_t)log->users), b = base_mix((uint64_t)log->items);
    const matrix *m = log->matrix;
    size_t length;
    for (int64_t i = 0; i < log->items; i++) {
        const char *id = id_map_get(log->item_ids, i, &length);
        b = base_mix(b ^ base_hash(id, length));
    }
    for (int64_t u = 0; u < log->users; u++) {
        const char *id = id_map_get(log->user_ids, u, &length);
        a = base_mix(a ^ base_hash(id, length));
        b = base_mix(b + (uint64_t)(m->start[u + 1] - m->start[u]));
        for (int64_t k = m->start[u]; k < m->start[u + 1]; k++) b = base_mix(b + (uint64_t)m->index[k]);
    }
    for (int64_t k = 0; ratings && log->rating && k < m->nnz; k++) {
        uint32_t bits;
        memcpy(&bits, &log->rating[k], sizeof bits);
        a = base_mix(a + bits);
    }
    for (int64_t k = 0; log->weight && k < m->nnz; k++) {
        uint32_t bits;
        memcpy(&bits, &log->weight[k], sizeof bits);
        b = base_mix(b + bits);
    }
    for (int64_t u = 0; log->dislikes && u < log->users; u++) {
        a = base_mix(a + (uint64_t)(log->dislikes->start[u + 1] - log->dislikes->start[u]));
        for (int64_t k = log->dislikes->start[u]; k < log->dislikes->start[u + 1]; k++) a = base_mix(a + (uint64_t)log->dislikes->index[k]);
    }
    sum[0] = a;
    sum[1] = b;
}

void log_describe_weights(tamis_log *log)
{
    tamis_log_summary *s = &log->summary;
    const int64_t n = log->matrix->nnz;
    double sum = 0;
    s->weighted = log->weight != NULL;
    if (!log->weight || n == 0) return;
    s->least_weight = s->largest_weight = (double)log->weight[0];
    for (int64_t k = 0; k < n; k++) {
        const double w = (double)log->weight[k];
        sum += w;
        if (w < s->least_weight) s->least_weight = w;
        if (w > s->largest_weight) s->largest_weight = w;
    }
    s->mean_weight = sum / (double)n;
}

const tamis_log_summary *tamis_log_summarize(const tamis_log *log)
{
    static const tamis_log_summary none;
    return log ? &log->summary : &none;
}

int64_t tamis_log_users(const tamis_log *log)
{
    return log ? log->users : 0;
}

int64_t tamis_log_items(const tamis_log *log)
{
    return log ? log->items : 0;
}

int64_t tamis_log_interactions(const tamis_log *log)
{
    return log ? log->matrix->nnz : 0;
}

const int32_t *tamis_log_row(const tamis_log *log, int64_t user, int64_t *count)
{
    *count = 0;
    if (!log) return NULL;
    const int64_t *start = log->matrix->start + user;
    *count = start[1] - start[0];
    return log->matrix->index + start[0];
}

const int32_t *tamis_log_dislikes(const tamis_log *log, int64_t user, int64_t *count)
{
    *count = 0;
    if (!log || !log->dislikes) return NULL;
    const int64_t *start = log->dislikes->start + user;
    *count = start[1] - start[0];
    return log->dislikes->index + start[0];
}

const float *tamis_log_rating(const tamis_log *log, int64_t user)
{
    return log && log->rating ? log->rating + log->matrix->start[user] : NULL;
}

const float *tamis_log_weight(const tamis_log *log, int64_t user)
{
    return log && log->weight ? log->weight + log->matrix->start[user] : NULL;
}

const char *tamis_log_user_id(const tamis_log *log, int64_t user, size_t *length)
{
    return log ? id_map_get(log->user_ids, user, length) : NULL;
}

const char *tamis_log_item_id(const tamis_log *log, int64_t item, size_t *length)
{
    return log ? id_map_get(log->item_ids, item, length) : NULL;
}

/* ---- ids alone */

tamis_status tamis_log_add_ids(tamis_log *log, const tamis_log *other, tamis_error *error)
{
    base_clear(error);
    if (!log || !other) return base_null(error, "a log");
    id_map *users = id_map_unite(log->user_ids, other->user_ids), *items = id_map_unite(log->item_ids, other->item_ids);
    matrix *grown = users && items ? matrix_grow(log->matrix, users->count, items->count) : NULL;
    matrix *dislikes = grown && log->dislikes ? matrix_grow(log->dislikes, users->count, items->count) : NULL;
    if (!grown || (log->dislikes && !dislikes)) {
        matrix_drop(grown);
        id_map_drop(users);
        id_map_drop(items);
        return base_no_memory(error, "the ids", (size_t)(log->users + other->users + log->items + other->items), 16);
    }
    id_map_drop(log->user_ids);
    id_map_drop(log->item_ids);
    matrix_drop(log->matrix);
    matrix_drop(log->dislikes);
    log->dislikes = dislikes;
    log->user_ids = users;
    log->item_ids = items;
    log->matrix = grown;
    log->summary.users = log->users = users->count;
    log->summary.items = log->items = items->count;
    return TAMIS_OK;
}

/* ---- to a file */

/* A missing number is an empty field. */
static void write_number(base_writer *writer, double value, const char *(*text)(double value, char *buffer))
{
    char number[40];
    base_writer_bytes(writer, ",", 1);
    if (isnan(value)) return;
    (void)text(value, number);
    base_writer_bytes(writer, number, strlen(number));
}

/* A row: interaction k, or, where dislikes is not NULL, element k of that. */
static void put_row(const tamis_log *log, base_writer *writer, int64_t u, const matrix *dislikes, int64_t k)
{
    size_t length;
    const log_times *time = dislikes ? &log->dislike_time : &log->time;
    const char *id = id_map_get(log->user_ids, u, &length);
    base_writer_field(writer, id, length);
    base_writer_bytes(writer, ",", 1);
    id = id_map_get(log->item_ids, (dislikes ? dislikes : log->matrix)->index[k], &length);
    base_writer_field(writer, id, length);
    if (log->rating) write_number(writer, dislikes ? (double)NAN : (double)log->rating[k], number_float_text);
    if (times_any(&log->time)) write_number(writer, times_any(time) ? times_at(time, k) : (double)NAN, number_real_text);
    if (log->weight) write_number(writer, dislikes ? (double)NAN : (double)log->weight[k], number_float_text);
    if (log->dislikes) base_writer_bytes(writer, dislikes ? ",1" : ",0", 2);
    base_writer_bytes(writer, "\n", 1);
}

static void put(const tamis_log *log, base_writer *writer)
{
    base_writer_format(writer, "user_id,item_id%s%s%s%s\n", log->rating ? ",rating" : "", times_any(&log->time) ? ",timestamp" : "",
                       log->weight ? ",weight" : "", log->dislikes ? ",dislike" : "");
    const matrix *m = log->matrix, *no = log->dislikes;
    for (int64_t u = 0; u < log->users; u++) {
        for (int64_t k = m->start[u]; k < m->start[u + 1]; k++) put_row(log, writer, u, NULL, k);
        for (int64_t k = no ? no->start[u] : 0; no && k < no->start[u + 1]; k++) put_row(log, writer, u, no, k);
    }
}

tamis_status tamis_log_write(const tamis_log *log, const char *path, tamis_error *error)
{
    base_writer *writer;
    if (!log) return base_null(error, "the log");
    tamis_status status = base_writer_open(path, &writer, error);
    if (status) return status;
    put(log, writer);
    return base_writer_commit(writer, error);
}

tamis_status tamis_log_put(const tamis_log *log, const tamis_sink *sink, tamis_error *error)
{
    base_writer *writer;
    if (!log) return base_null(error, "the log");
    tamis_status status = base_writer_sink(sink, &writer, error);
    if (status) return status;
    put(log, writer);
    return base_writer_commit(writer, error);
}
