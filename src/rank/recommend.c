/* The k best items: of users, by score; of an item, by the cosine of its factors.
 *
 * The k best so far are kept in the caller's hits as a heap with the worst on top. A product block only says which
 * items may be good enough (see rank.h); those are scored exactly before they enter. So memory beyond hits is one
 * block per thread, and the hits do not depend on threads, blocks, or who else is asked for. */
#include <inttypes.h>
#include <math.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "model/model.h"
#include "rank/rank.h"

enum {
    SEGMENT = 128, /* scores searched at a stroke: the bar rises in between */
    FEW_USERS = 4  /* up to so many, exact scores alone are faster than a product */
};

typedef struct heap {
    tamis_hit *hit;
    int64_t count, room;
} heap;

/* Whether a stands below b in the list: lower score, or the same and a higher row. */
static bool worse(tamis_hit a, tamis_hit b)
{
    return a.score < b.score || (a.score == b.score && a.item > b.item);
}

static void sink(tamis_hit *hit, int64_t count, int64_t at, tamis_hit held)
{
    for (int64_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && worse(hit[child + 1], hit[child])) child++;
        if (!worse(hit[child], held)) break;
        hit[at] = hit[child];
    }
    hit[at] = held;
}

static void offer(heap *h, tamis_hit candidate)
{
    if (h->count == h->room) {
        if (worse(h->hit[0], candidate)) sink(h->hit, h->count, 0, candidate);
        return;
    }
    int64_t at = h->count++;
    for (; at > 0 && worse(candidate, h->hit[(at - 1) / 2]); at = (at - 1) / 2) h->hit[at] = h->hit[(at - 1) / 2];
    h->hit[at] = candidate;
}

/* Best first; the room that is left says so. */
static void finish(heap *h)
{
    for (int64_t last = h->count - 1; last > 0; last--) {
        tamis_hit held = h->hit[last];
        h->hit[last] = h->hit[0];
        sink(h->hit, last, 0, held);
    }
    for (int64_t k = h->count; k < h->room; k++) h->hit[k] = (tamis_hit){-1, 0.0f};
}

/* What scores below this cannot enter, whatever the margin hides. */
static float bar(const heap *h, double margin)
{
    if (h->count < h->room) return -INFINITY;
    double low = (double)h->hit[0].score - margin;
    return (double)(float)low > low ? nextafterf((float)low, -INFINITY) : (float)low;
}

/* margin 0: the scores are exact already. */
static void take(heap *h, const rank_scorer *scorer, const float *p, double margin, const float *scores, int64_t first,
                 int64_t width)
{
    int32_t index[SEGMENT];
    float low = bar(h, margin);
    for (int64_t at = 0; at < width; at += SEGMENT) {
        int64_t n = width - at < SEGMENT ? width - at : SEGMENT;
        int64_t found = scorer->loops->find(scores + at, n, low, INFINITY, index);
        for (int64_t j = 0; j < found; j++) {
            int64_t place = at + index[j];
            if (!(scores[place] >= low)) continue; /* the bar has risen */
            float s = margin > 0 ? rank_score(scorer, p, first + place) : scores[place];
            offer(h, (tamis_hit){(int32_t)(first + place), s});
            low = bar(h, margin);
        }
    }
}

/* What all threads share. */
typedef struct request {
    const tamis_model *model;
    rank_scorer scorer;
    const int64_t *users;
    int64_t count, k;
    tamis_hit *hits;
    bool exact; /* exact scores alone */
} request;

static void recommend_exact(const request *r, int64_t user, heap *h, float *scores)
{
    const tamis_model *m = r->model;
    const float *p = m->user_factors + (size_t)user * m->stride;
    int64_t next = m->seen_start[user];
    h->count = 0;
    for (int64_t first = 0; first < m->items; first += RANK_ITEMS) {
        int64_t width = m->items - first < RANK_ITEMS ? m->items - first : RANK_ITEMS;
        rank_scores(&r->scorer, p, first, width, scores);
        rank_mask(scores, first, width, m->seen_item, &next, m->seen_start[user + 1]);
        take(h, &r->scorer, p, 0, scores, first, width);
    }
}

static void recommend_product(const request *r, const int64_t *users, int64_t count, heap *heaps, const double *margin,
                              rank_work *work)
{
    const tamis_model *m = r->model;
    int64_t next[RANK_USERS];
    for (int64_t u = 0; u < count; u++) next[u] = m->seen_start[users[u]];
    for (int64_t first = 0; first < m->items; first += RANK_ITEMS) {
        int64_t width = m->items - first < RANK_ITEMS ? m->items - first : RANK_ITEMS;
        rank_product(&r->scorer, work->users, count, first, width, work->scores);
        for (int64_t u = 0; u < count; u++) {
            if (isinf(margin[u])) continue;
            float *scores = work->scores + u * RANK_ITEMS;
            rank_mask(scores, first, width, m->seen_item, &next[u], m->seen_start[users[u] + 1]);
            take(&heaps[u], &r->scorer, work->users + (size_t)u * m->stride, margin[u], scores, first, width);
        }
    }
}

static void recommend_block(const request *r, int64_t block, rank_work *work)
{
    const tamis_model *m = r->model;
    const int64_t *users = r->users + block * RANK_USERS;
    int64_t left = r->count - block * RANK_USERS, count = left < RANK_USERS ? left : RANK_USERS;
    heap heaps[RANK_USERS];
    double margin[RANK_USERS];
    for (int64_t u = 0; u < count; u++) {
        const float *p = m->user_factors + (size_t)users[u] * m->stride;
        for (size_t k = 0; k < m->stride; k++) work->users[(size_t)u * m->stride + k] = p[k];
        heaps[u] = (heap){r->hits + (block * RANK_USERS + u) * r->k, 0, r->k};
        margin[u] = r->exact ? (double)INFINITY : rank_margin(&r->scorer, p);
    }
    if (!r->exact) recommend_product(r, users, count, heaps, margin, work);
    for (int64_t u = 0; u < count; u++) {
        if (isinf(margin[u])) recommend_exact(r, users[u], &heaps[u], work->scores);
        finish(&heaps[u]);
    }
}

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
    tamis_status status = check(model, users, count, k, error);
    if (status) return status;
    if (threads < 0)
        return base_fail(error, TAMIS_USAGE, "%" PRId64 " threads are asked for; expected 0 or more", threads);
    request r = {
        .model = model, .users = users, .count = (int64_t)count, .k = k, .hits = hits, .exact = count <= FEW_USERS};
    const rank_factors f = {model->user_factors, model->item_factors, model->item_bias,
                            model->stride,       model->factors,      model->items};
    rank_scorer_start(&r.scorer, &f);
    if (!r.exact) rank_scorer_measure(&r.scorer);
    int team = base_threads(threads);
    int64_t blocks = (r.count + RANK_USERS - 1) / RANK_USERS;
    rank_work *work = rank_work_new(model->stride, blocks, &team, error);
    if (!work) return TAMIS_FAILURE;
    rank_blas guard = rank_blas_begin();
#pragma omp parallel for schedule(dynamic, 1) num_threads(team)
    for (int64_t block = 0; block < blocks; block++) {
#ifdef _OPENMP
        recommend_block(&r, block, &work[omp_get_thread_num()]);
#else
        recommend_block(&r, block, work);
#endif
    }
    rank_blas_end(guard);
    rank_work_free(work, team);
    return TAMIS_OK;
}

/* cos = q_i . q_j / sqrt(|q_i|^2 |q_j|^2); a row of zeros has no direction, its cosine is 0. */
tamis_status tamis_similar(const tamis_model *model, int64_t item, int64_t k, tamis_hit *hits, tamis_error *error)
{
    base_clear(error);
    tamis_status status = check(model, NULL, 0, k, error);
    if (status) return status;
    if (item < 0 || item >= model->items)
        return base_fail(error, TAMIS_USAGE, "there is no item %" PRId64 "; the model's items are 0 to %" PRId64, item,
                         model->items - 1);
    const float *q = model->item_factors + (size_t)item * model->stride;
    double size = rank_dot(q, q, model->stride);
    heap h = {hits, 0, k};
    for (int64_t j = 0; j < model->items; j++) {
        if (j == item) continue;
        const float *other = model->item_factors + (size_t)j * model->stride;
        double product = size * rank_dot(other, other, model->stride);
        offer(&h,
              (tamis_hit){(int32_t)j, product > 0 ? (float)(rank_dot(q, other, model->stride) / sqrt(product)) : 0.0f});
    }
    finish(&h);
    return TAMIS_OK;
}
