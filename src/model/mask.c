/* Adding a log to what a model counts as seen. */
#include <stdlib.h>
#include <string.h>

#include "data/log.h"
#include "model/model.h"

static int ascending(const void *a, const void *b)
{
    const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* Per row of the log: the model's row of the same id, or -1. */
static int32_t *match(const base_ids *from, const base_ids *to)
{
    int32_t *row = base_alloc_raw(from->count, sizeof *row);
    for (size_t k = 0; row && k < from->count; k++) {
        size_t length;
        const char *id = base_ids_get(from, (int64_t)k, &length);
        row[k] = (int32_t)base_ids_find(to, id, length);
    }
    return row;
}

tamis_status tamis_model_mask(tamis_model *model, const tamis_log *log, tamis_error *error)
{
    base_clear(error);
    const int64_t seen = model->seen_start[model->users], more = log->start[log->users.count];
    int32_t *user = match(&log->users, &model->user_ids), *item = match(&log->items, &model->item_ids);
    int64_t *row_of = base_alloc_raw((size_t)model->users, sizeof *row_of); /* the user's row in the log, or -1 */
    int64_t *start = base_alloc((size_t)model->users + 1, sizeof *start);
    int32_t *merged = base_alloc_raw((size_t)(seen + more), sizeof *merged);
    const bool done = user && item && row_of && start && merged;
    for (int64_t u = 0; done && u < model->users; u++) row_of[u] = -1;
    for (size_t k = 0; done && k < log->users.count; k++)
        if (user[k] >= 0) row_of[user[k]] = (int64_t)k;
    for (int64_t u = 0, at = 0; done && u < model->users; u++) {
        const int64_t from = at, n = model->seen_start[u + 1] - model->seen_start[u], r = row_of[u];
        memcpy(merged + at, model->seen_item + model->seen_start[u], (size_t)n * sizeof *merged);
        at += n;
        for (int64_t k = r < 0 ? 0 : log->start[r]; r >= 0 && k < log->start[r + 1]; k++)
            if (item[log->item[k]] >= 0) merged[at++] = item[log->item[k]];
        if (at > from + n) {
            qsort(merged + from, (size_t)(at - from), sizeof *merged, ascending);
            int64_t distinct = from;
            for (int64_t k = from; k < at; k++)
                if (k == from || merged[k] != merged[distinct - 1]) merged[distinct++] = merged[k];
            at = distinct;
        }
        start[u + 1] = at;
    }
    base_free(user);
    base_free(item);
    base_free(row_of);
    const bool mapped = model->map && !model->seen_is_own && !model->users_are_own;
    bool shared = false;
    if (!done || !model_leave_share(model, &shared)) {
        base_free(start);
        base_free(merged);
        return base_no_memory(error, "a mask", (size_t)(seen + more), sizeof *merged);
    }
    if (!mapped && !shared) {
        base_free(model->seen_start);
        base_free(model->seen_item);
    }
    model->seen_start = start;
    model->seen_item = merged;
    model->seen_is_own = true;
    return TAMIS_OK;
}
