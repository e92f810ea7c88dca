/* The k items most similar to an item, or users to a user: by the cosine of their factors, items of an item-item model by its row of the
 * matrix. */
#include <inttypes.h>
#include <math.h>
#include <omp.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/status.h"
#include "base/threads.h"
#include "base/watch.h"
#include "rank/similar.h"
#include "rank/top.h"

static const tamis_option rows[] = {
    BASE_OPTION(tamis_similar_options, threads, "threads", TAMIS_OPTION_INTEGER, "[0,1024]", "0", "threads",
               "0: as many as OpenMP offers; never changes the result", .neutral = 1),
};
const tamis_option_table similar_option_table = {"similar", rows, BASE_COUNT(rows), sizeof(tamis_similar_options), NULL};

void tamis_similar_options_init(tamis_similar_options *options, size_t size)
{
    tamis_similar_options defaults = {0};
    base_option_defaults(&similar_option_table, &defaults);
    base_option_give(&defaults, sizeof defaults, options, size);
}

/* One call, of items or users alike. */
typedef struct similarity {
    const tamis_model *model;
    const float *factors; /* NULL: of an item-item model */
    int64_t count;        /* of rows there are */
    size_t stride;
    double *length;       /* |q_j|^2 */
    bool users;
    base_watch watch;
} similarity;

/* Of a user without interactions nothing was learnt, so that nobody is like this user. */
static bool means_nothing(const similarity *s, int64_t row)
{
    return s->users && model_is_cold(s->model, row);
}

static void by_matrix(const similarity *s, int64_t item, rank_heap *heap)
{
    int64_t count;
    const float *value;
    const int32_t *row = tamis_model_neighbours(s->model, item, &value, &count);
    for (int64_t n = 0; n < count; n++) rank_heap_offer(heap, &(tamis_hit){row[n], value[n]});
}

/* cos = q_i . q_j / sqrt(|q_i|^2 |q_j|^2); a row of zeros has no direction, its cosine is 0. */
static void by_cosine(const similarity *s, int64_t row, rank_heap *heap)
{
    const float *q = s->factors + (size_t)row * s->stride;
    for (int64_t j = 0; j < s->count && !means_nothing(s, row); j++) {
        if (j == row || means_nothing(s, j)) continue;
        const double product = s->length[row] * s->length[j];
        const float cosine = product > 0 ? (float)(rank_dot(q, s->factors + (size_t)j * s->stride, s->stride) / sqrt(product)) : 0.0f;
        rank_heap_offer(heap, &(tamis_hit){(int32_t)j, cosine});
    }
}

static tamis_status start(similarity *s, tamis_error *error)
{
    const tamis_model *m = s->model;
    s->count = s->users ? m->users : m->items;
    s->stride = m->stride;
    if (m->factors) {
        s->factors = s->users ? m->user_factors : m->item_factors;
        s->length = base_alloc_raw((size_t)s->count, sizeof *s->length);
        if (!s->length) return base_no_memory(error, "the lengths of factors", (size_t)s->count, sizeof *s->length);
        for (int64_t j = 0; j < s->count; j++) {
            const float *q = s->factors + (size_t)j * s->stride;
            s->length[j] = rank_dot(q, q, s->stride);
        }
        return TAMIS_OK;
    }
    if (s->users)
        return base_fail(error, TAMIS_USAGE, "the model knows which items are alike, and nothing of users; expected one of another method, "
                                             "such as bpr");
    if (!m->neighbours.items)
        return base_fail(error, TAMIS_USAGE, "the model knows how popular items are, and not which are alike; expected one of another "
                                             "method, such as itemknn");
    return TAMIS_OK;
}

static tamis_status check(const similarity *s, const int64_t *wanted, size_t count, int64_t k, tamis_error *error)
{
    const char *what = s->users ? "user" : "item";
    const int64_t all = s->users ? s->model->users : s->model->items;
    if (k < 1 || k > INT32_MAX || count > (size_t)(INT64_MAX / k))
        return base_fail(error, TAMIS_USAGE, "%" PRId64 " %ss are asked for; expected a number of at least 1", k, what);
    for (size_t n = 0; n < count; n++)
        if (wanted[n] < 0 || wanted[n] >= all)
            return base_fail(error, TAMIS_USAGE, "there is no %s %" PRId64 "; the model's %ss are 0 to %" PRId64, what, wanted[n], what, all - 1);
    return TAMIS_OK;
}

tamis_status tamis_similar_rows(const tamis_model *model, const int64_t *wanted, size_t count, int64_t k,
                                const tamis_similar_options *given, tamis_hit *hits, tamis_error *error)
{
    tamis_similar_options options;
    base_clear(error);
    if (!model) return base_null(error, "the model");
    tamis_similar_options_default(&options);
    tamis_status status = base_option_take(&similar_option_table, given, &options, error);
    if (status) return status;
    similarity s = {.model = model, .users = options.of_users != 0, .watch.stop = options.stop};
    status = check(&s, wanted, count, k, error);
    if (!status) status = start(&s, error);
    if (status) return status;
#pragma omp parallel for schedule(dynamic, 1) num_threads(base_team(base_threads(options.threads))) if (count > 1)
    for (int64_t n = 0; n < (int64_t)count; n++) {
        if (base_stopped(&s.watch)) continue;
        rank_heap heap = rank_hits(hits + n * k, k);
        (s.factors ? by_cosine : by_matrix)(&s, wanted[n], &heap);
        rank_hits_finish(&heap);
        if (omp_get_thread_num() == 0) base_worked(&s.watch, s.count * (int64_t)s.stride);
    }
    base_free(s.length);
    return rank_stopped(&s.watch, error);
}

tamis_status tamis_similar(const tamis_model *model, int64_t item, int64_t k, tamis_hit *hits, tamis_error *error)
{
    tamis_similar_options options;
    tamis_similar_options_default(&options);
    options.threads = 1;
    return tamis_similar_rows(model, &item, 1, k, &options, hits, error);
}
