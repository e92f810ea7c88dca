/* Noise that follows popularity has small positions r among all items, as popular items are ranked high. So a second
 * position is taken among items that are drawn like such noise: a sample of items that u has no interaction with, in
 * proportion to their interactions. Noise by popularity is one of them, and its position is uniform on [0,1]; noise that is
 * uniform over items is less popular and stands farther down. A bound from these positions therefore holds for both kinds,
 * and for any mix. */
#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/random.h"
#include "base/status.h"
#include "rank/score.h"
#include "study/density.h"
#include "study/popular.h"

enum { POPULAR = 500, UNIFORM = 100, TRIES = 4 };

tamis_status popular_open(const tamis_log *log, uint64_t seed, popular *p, tamis_error *error)
{
    const size_t items = (size_t)log->items, n = (size_t)log->matrix->nnz;
    *p = (popular){.log = log, .seed = seed};
    int64_t *clicks = matrix_column_counts(log->matrix);
    double *weight = base_alloc_raw(items + 1, sizeof *weight);
    uint32_t *stack = base_alloc_raw(items + 1, sizeof *stack);
    p->slot = base_alloc_raw(items + 1, sizeof *p->slot);
    p->position = base_alloc_raw(n + 1, sizeof *p->position);
    p->width = base_alloc(n + 1, sizeof *p->width);
    const bool good = clicks && weight && stack && p->slot && p->position && p->width;
    for (size_t i = 0; good && i < items; i++) weight[i] = (double)clicks[i];
    for (size_t k = 0; good && k < n; k++) p->position[k] = (double)NAN;
    if (good) alias_fill(p->slot, weight, (uint32_t)items, stack);
    base_free(clicks);
    base_free(weight);
    base_free(stack);
    if (good) return TAMIS_OK;
    popular_close(p);
    return base_no_memory(error, "an audit", n + items, sizeof *weight);
}

void popular_close(popular *p)
{
    base_free(p->slot);
    base_free(p->position);
    base_free(p->width);
    *p = (popular){0};
}

/* Scores of items that the user has no interaction with and training has; how many: fewer, where most draws are others. */
static int draw(const popular *p, const rank_scorer *scorer, int64_t user, const alias_slot *slot, int count, base_stream *s, float *score)
{
    int n = 0;
    for (int k = 0; k < TRIES * count && n < count; k++) {
        const int32_t item = (int32_t)alias_draw(slot, (uint32_t)p->log->items, s);
        if (p->trained[item] && matrix_find(p->log->matrix, user, item) < 0) score[n++] = rank_score(scorer, p->row, item);
    }
    return n;
}

/* How many of score[0..n-1], ascending, are below x. */
static int below(const float *score, int n, float x)
{
    int low = 0;
    while (low < n) {
        const int middle = (low + n) / 2;
        if (score[middle] < x) low = middle + 1;
        else n = middle;
    }
    return low;
}

/* The share of the sample that stands above x, half of those that are alike: within (0,1). */
static double position_of(const float *score, int n, float x, double *width)
{
    const int less = below(score, n, x), not_more = below(score, n, nextafterf(x, INFINITY));
    *width = (double)(not_more - less + 1) / ((double)n + 1);
    return ((double)(n - not_more) + 0.5 * (double)(not_more - less) + 0.5) / ((double)n + 1);
}

static void judge_user(popular *p, const rank_scorer *scorer, int64_t user, const matrix *held, const int64_t *at)
{
    float popular_score[POPULAR], uniform_score[UNIFORM];
    size_t length;
    const char *id = tamis_log_user_id(p->log, user, &length);
    base_stream s = base_stream_key(p->seed, BASE_FOR_CANDIDATES, base_hash(id, length), 0);
    const int n = draw(p, scorer, user, p->slot, POPULAR, &s, popular_score);
    const int m = draw(p, scorer, user, NULL, UNIFORM, &s, uniform_score);
    const int64_t from = held->start[user], end = held->start[user + 1];
    if (n == 0 || m == 0) return;
    qsort(popular_score, (size_t)n, sizeof *popular_score, base_ascending_float);
    qsort(uniform_score, (size_t)m, sizeof *uniform_score, base_ascending_float);
    for (int64_t k = from; k < end; k++)
        if (p->trained[held->index[k]])
            p->position[at[k]] = position_of(popular_score, n, rank_score(scorer, p->row, held->index[k]), &p->width[at[k]]);
    int far = 0;
    double width;
    while (far < n && position_of(uniform_score, m, popular_score[far], &width) >= DENSITY_TAIL) far++;
    p->drawn += (double)(end - from);
    p->far += (double)(end - from) * far / n;
}

tamis_status popular_judge(popular *p, const tamis_model *model, const tamis_log *held, const int64_t *at, const tamis_stop *stop,
                           tamis_error *error)
{
    const rank_factors factors = rank_factors_of(model);
    rank_scorer scorer;
    base_watch watch = {.stop = stop};
    rank_scorer_start(&scorer, &factors);
    if (model->users != p->log->users || model->items != p->log->items) return TAMIS_OK; /* not a model of this log's rows */
    float *room = base_alloc_raw(rank_user_room(&factors), sizeof *room);
    int64_t *trained = matrix_column_counts(model->seen);
    p->trained = trained;
    if (!room || !trained) {
        base_free(room);
        base_free(trained);
        return base_no_memory(error, "a user's scores", rank_user_room(&factors) + (size_t)model->items, sizeof *trained);
    }
    for (int64_t u = 0; u < held->users && !base_stopped(&watch); u++) {
        if (held->matrix->start[u] == held->matrix->start[u + 1]) continue;
        p->row = rank_user(&scorer, u, room);
        judge_user(p, &scorer, u, held->matrix, at);
        base_worked(&watch, (POPULAR + UNIFORM) * (int64_t)factors.stride);
    }
    base_free(room);
    base_free(trained);
    return base_stopped(&watch) ? base_fail(error, TAMIS_STOPPED, "stopped") : TAMIS_OK;
}
