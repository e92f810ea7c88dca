/* The k best items: of users, by score; of an item, by the cosine of its factors, or by its row of an item-item matrix. */
#include <inttypes.h>
#include <math.h>

#include "base/status.h"
#include "base/threads.h"
#include "rank/top.h"

enum { FEW_USERS = 4 }; /* up to so many, exact scores alone are faster than a product */

static tamis_status check(const tamis_model *model, const int64_t *users, size_t count, int64_t k, tamis_error *error)
{
    if (k < 1 || k > INT32_MAX || count > (size_t)(INT64_MAX / k))
        return base_fail(error, TAMIS_USAGE, "%" PRId64 " items are asked for; expected a number of at least 1", k);
    for (size_t u = 0; u < count; u++)
        if (users[u] < 0 || users[u] >= model->users)
            return base_fail(error, TAMIS_USAGE, "there is no user %" PRId64 "; the model's users are 0 to %" PRId64,
                             users[u], model->users - 1);
    return TAMIS_OK;
}

tamis_status tamis_recommend(const tamis_model *model, const int64_t *users, size_t count, int64_t k, int64_t threads,
                             tamis_hit *hits, tamis_error *error)
{
    base_clear(error);
    if (!model) return base_null(error, "the model");
    tamis_status status = check(model, users, count, k, error);
    if (status) return status;
    if (threads < 0)
        return base_fail(error, TAMIS_USAGE, "%" PRId64 " threads are asked for; expected 0 or more", threads);
    const rank_factors f = rank_factors_of(model);
    const matrix *excluded = model_excluded(model);
    rank_scorer scorer;
    const rank_request r = {.scorer = &scorer, .user = users, .mask_start = excluded->start, .mask_row = users,
                            .mask = excluded->index, .count = (int64_t)count, .k = k, .exact = count <= FEW_USERS,
                            .hits = hits};
    if (count == 0) return TAMIS_OK;
    rank_scorer_start(&scorer, &f);
    if (!r.exact) rank_scorer_measure(&scorer);
    return rank_top(&r, base_threads(threads), error);
}

static tamis_status similar_row(const tamis_model *model, int64_t item, rank_heap *heap, tamis_error *error)
{
    int64_t count;
    const float *value;
    const int32_t *row = tamis_model_neighbours(model, item, &value, &count);
    if (!model->neighbours.items)
        return base_fail(error, TAMIS_USAGE, "the model knows how popular items are, and not which are alike; expected one of another "
                                             "method, such as itemknn");
    for (int64_t n = 0; n < count; n++) rank_heap_offer(heap, &(tamis_hit){row[n], value[n]});
    rank_hits_finish(heap);
    return TAMIS_OK;
}

/* cos = q_i . q_j / sqrt(|q_i|^2 |q_j|^2); a row of zeros has no direction, its cosine is 0. */
tamis_status tamis_similar(const tamis_model *model, int64_t item, int64_t k, tamis_hit *hits, tamis_error *error)
{
    base_clear(error);
    if (!model) return base_null(error, "the model");
    tamis_status status = check(model, NULL, 0, k, error);
    if (status) return status;
    if (item < 0 || item >= model->items)
        return base_fail(error, TAMIS_USAGE, "there is no item %" PRId64 "; the model's items are 0 to %" PRId64, item,
                         model->items - 1);
    rank_heap heap = rank_hits(hits, k);
    if (!model->factors) return similar_row(model, item, &heap, error);
    const float *q = model->item_factors + (size_t)item * model->stride;
    double size = rank_dot(q, q, model->stride);
    for (int64_t j = 0; j < model->items; j++) {
        if (j == item) continue;
        const float *other = model->item_factors + (size_t)j * model->stride;
        double product = size * rank_dot(other, other, model->stride);
        const float cosine = product > 0 ? (float)(rank_dot(q, other, model->stride) / sqrt(product)) : 0.0f;
        rank_heap_offer(&heap, &(tamis_hit){(int32_t)j, cosine});
    }
    rank_hits_finish(&heap);
    return TAMIS_OK;
}
