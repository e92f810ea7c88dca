/* Natural noise: rows of the log itself that its owner takes for noise, such as low ratings. */
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "data/log.h"
#include "study/natural.h"

enum { KEPT_OUT, IN_TRAIN, IN_VALIDATION, NATURAL = 16 /* beside the kinds that tamis_log_noise() draws */ };

static uint64_t hash_of(const id_map *ids, int64_t number)
{
    size_t length;
    const char *id = id_map_get(ids, number, &length);
    return base_hash(id, length);
}

/* Where each row goes, by its own stream. */
static void deal(const natural_noise *n, const int32_t *user, const int32_t *item, uint8_t *part)
{
    const matrix *m = n->rows->matrix;
    for (int64_t u = 0; u < m->rows; u++) {
        const uint64_t user_hash = hash_of(n->rows->user_ids, u);
        for (int64_t k = m->start[u]; k < m->start[u + 1]; k++) {
            const int32_t i = m->index[k];
            base_stream s = base_stream_key(n->seed, BASE_FOR_NOISE, user_hash, base_mix(hash_of(n->rows->item_ids, i) + NATURAL));
            const double there = base_uniform(&s), where = base_uniform(&s);
            if (user[u] < 0 || item[i] < 0 || there >= n->ratio || matrix_find(n->log->matrix, user[u], item[i]) >= 0 ||
                log_dislikes(n->log, user[u], item[i]))
                continue;
            part[k] = where < n->validation_share ? IN_VALIDATION : IN_TRAIN;
        }
    }
}

/* The weights of `from`, in its rows and columns user[], item[] of log (NULL: the same); 1 where it has none. */
static void take_weights(tamis_log *log, const tamis_log *from, const int32_t *user, const int32_t *item)
{
    const matrix *m = from->matrix;
    for (int64_t u = 0; from->weight && u < m->rows; u++)
        for (int64_t k = m->start[u]; k < m->start[u + 1]; k++) {
            const int64_t row = user ? user[u] : u;
            const int64_t at = row < 0 ? -1 : matrix_find(log->matrix, row, item ? item[m->index[k]] : m->index[k]);
            if (at >= 0) log->weight[at] = from->weight[k];
        }
}

static tamis_status weigh(const natural_noise *n, const tamis_log *part, const int32_t *user, const int32_t *item, tamis_log *log,
                          tamis_error *error)
{
    const int64_t count = log->matrix->nnz;
    if (!part->weight && !n->rows->weight) return TAMIS_OK;
    if (!(log->weight = malloc(((size_t)count + 1) * sizeof *log->weight)))
        return base_no_memory(error, "weights", (size_t)count, sizeof *log->weight);
    for (int64_t k = 0; k < count; k++) log->weight[k] = 1;
    take_weights(log, n->rows, user, item);
    take_weights(log, part, NULL, NULL); /* what is clean stays as it is */
    log_describe_weights(log);
    return TAMIS_OK;
}

static tamis_status add(const natural_noise *n, matrix *rows, const int32_t *user, const int32_t *item, tamis_log **log,
                        tamis_error *error)
{
    matrix *both = rows ? matrix_unite((*log)->matrix, rows, user, item) : NULL;
    tamis_log *old = *log;
    tamis_status status = log_with(old, both, log, error);
    if (!status) status = log_share_dislikes(*log, old, error);
    if (!status) status = weigh(n, old, user, item, *log, error);
    matrix_drop(rows);
    tamis_log_free(old);
    return status;
}

tamis_status natural_put(const natural_noise *n, tamis_log **train, tamis_log **validation, tamis_error *error)
{
    uint8_t *part = base_alloc((size_t)n->rows->matrix->nnz + 1, 1);
    int32_t *user = id_map_match(n->rows->user_ids, n->log->user_ids, error);
    int32_t *item = user ? id_map_match(n->rows->item_ids, n->log->item_ids, error) : NULL;
    tamis_status status = item ? TAMIS_OK : TAMIS_FAILURE;
    if (!part) status = base_no_memory(error, "natural noise", (size_t)n->rows->matrix->nnz, 1);
    if (!status) deal(n, user, item, part);
    if (!status) status = add(n, matrix_subset(n->rows->matrix, part, IN_TRAIN), user, item, train, error);
    if (!status) status = add(n, matrix_subset(n->rows->matrix, part, IN_VALIDATION), user, item, validation, error);
    base_free(part);
    base_free(user);
    base_free(item);
    return status;
}
