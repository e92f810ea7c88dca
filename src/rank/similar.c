/* The k items most similar to an item: by the cosine of their factors, of an item-item model by its row of the matrix. */
#include <inttypes.h>
#include <math.h>

#include "base/status.h"
#include "rank/top.h"

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
    if (k < 1 || k > INT32_MAX)
        return base_fail(error, TAMIS_USAGE, "%" PRId64 " items are asked for; expected a number of at least 1", k);
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
