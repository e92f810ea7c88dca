/* The scores of given pairs of users and items. */
#include <inttypes.h>
#include <math.h>

#include "base/status.h"
#include "base/threads.h"
#include "rank/score.h"

static tamis_status check(const tamis_model *m, const int64_t *users, const int64_t *items, size_t count, tamis_error *error)
{
    for (size_t k = 0; k < count; k++)
        if (users[k] < -1 || users[k] >= m->users || items[k] < -1 || items[k] >= m->items)
            return base_fail(error, TAMIS_USAGE, "pair %zu: there is no user %" PRId64 " with item %" PRId64 "; the model's users are 0 to %" PRId64
                             ", its items 0 to %" PRId64 ", and -1 is unknown", k, users[k], items[k], m->users - 1, m->items - 1);
    return TAMIS_OK;
}

/* Of an item-item model: the sum as rank_user() adds it up for all items. */
static float sum_neighbours(const rank_factors *f, int64_t user, int64_t item)
{
    const model_neighbours *n = f->neighbours;
    float sum = f->bias ? f->bias[item] : 0.0f;
    for (int64_t h = n->items ? n->history->start[user] : 0; n->items && h < n->history->start[user + 1]; h++) {
        const int64_t at = matrix_find(n->items, n->history->index[h], (int32_t)item);
        if (at >= 0) sum += (n->weight ? n->weight[h] : 1.0f) * n->value[at];
    }
    return sum;
}

tamis_status tamis_score(const tamis_model *model, const int64_t *users, const int64_t *items, size_t count, int64_t threads,
                         float *scores, tamis_error *error)
{
    base_clear(error);
    if (!model) return base_null(error, "the model");
    if (threads < 0)
        return base_fail(error, TAMIS_USAGE, "%" PRId64 " threads are asked for; expected 0 or more", threads);
    const tamis_status status = check(model, users, items, count, error);
    if (status) return status;
    const rank_factors f = rank_factors_of(model);
    rank_scorer scorer;
    bool overflow = false;
    rank_scorer_start(&scorer, &f);
#pragma omp parallel for schedule(static) num_threads(base_team(base_threads(threads))) if (count > 64)
    for (int64_t k = 0; k < (int64_t)count; k++) {
        const int64_t user = users[k], item = items[k];
        scores[k] = NAN;
        if (user < 0 || item < 0 || model_is_cold(model, user)) continue;
        scores[k] = f.neighbours ? sum_neighbours(&f, user, item) : rank_score(&scorer, f.user + (size_t)user * f.stride, item);
        if (isfinite(scores[k])) continue;
#pragma omp atomic write
        overflow = true;
    }
    return overflow ? rank_overflow(error) : TAMIS_OK;
}
