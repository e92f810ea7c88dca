/* The ranks of the test items.
 *
 *   rank(i) = 1 + #{unmasked j: s_j > s_i} + #{unmasked j: s_j = s_i, j < i}
 *
 * Ranks are counted, without sorting or keeping a row of scores. A block of users is scored against one block of items after
 * another. For each test item the scores that are above its own by more than the margin are counted; those within the margin
 * are computed again exactly (see score.h). A user with many of these, as when many items tie, is counted once more from exact
 * scores alone.
 *
 * Where the candidates are listed they are few: each is scored exactly and the list is sorted. Where only the first
 * ranks matter, the best items are found instead (top.c), which looks at each score once. */
#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/order.h"
#include "base/status.h"
#include "base/threads.h"
#include "base/watch.h"
#include "rank/block.h"
#include "rank/position.h"
#include "rank/top.h"

/* What all threads share. score, low, high, rank are parallel to task->item. */
typedef struct ranking {
    const rank_scorer *scorer;
    const rank_task *task;
    const int64_t *order; /* users of the task with an item to find */
    int64_t users;
    float *score, *low, *high;
    int64_t *rank;
} ranking;

enum { AHEAD = 4, FOUR = 4, LEAST = 3 /* bounds, for which four at once are the faster way */ };

/* The scores and bounds of a user's test items. False: the user needs exact scores. */
static bool start_user(const ranking *r, int64_t t, const float *p)
{
    const rank_factors *f = &r->scorer->f;
    const int64_t to = r->task->start[t + 1];
    double margin = rank_margin(r->scorer, p);
    for (int64_t k = r->task->start[t]; k < to; k++) {
        for (size_t n = 0; k + AHEAD < to && n < f->stride; n += 16) /* none where there are no factors */
            __builtin_prefetch(f->item + (size_t)r->task->item[k + AHEAD] * f->stride + n);
        float s = rank_score(r->scorer, p, r->task->item[k]);
        double low = (double)s - margin, high = (double)s + margin;
        r->score[k] = s;
        r->low[k] = (double)(float)low > low ? nextafterf((float)low, -INFINITY) : (float)low;
        r->high[k] = (double)(float)high < high ? nextafterf((float)high, INFINITY) : (float)high;
        r->rank[k] = 1;
    }
    return margin < (double)INFINITY;
}

/* Computes exactly the scores that are too near to that of test item k. Each of them has been counted as standing before it.
 * Returns how many there were. */
static int64_t rescore_near(const ranking *r, int64_t k, const float *p, const float *scores, int64_t first, int64_t width)
{
    int32_t index[RANK_ITEMS];
    int64_t near = r->scorer->kernel->find(scores, width, r->low[k], r->high[k], index);
    for (int64_t j = 0; j < near; j++) {
        int64_t item = first + index[j];
        float s = rank_score(r->scorer, p, item);
        r->rank[k] -= !(s > r->score[k] || (s == r->score[k] && item < r->task->item[k]));
    }
    return near;
}

/* Of test items k .. k+m-1, m <= FOUR, in a whole block. */
static int64_t count_four(const ranking *r, int64_t k, int64_t m, const float *p, const float *scores, int64_t first)
{
    float low[FOUR], high[FOUR];
    int32_t reach[FOUR];
    int64_t near = 0;
    for (int64_t j = 0; j < FOUR; j++) {
        low[j] = j < m ? r->low[k + j] : INFINITY;
        high[j] = j < m ? r->high[k + j] : INFINITY;
    }
    unsigned left = r->scorer->kernel->count_four(scores, RANK_ITEMS, low, high, reach) & ((1u << m) - 1);
    for (int64_t j = 0; j < m; j++) r->rank[k + j] += reach[j];
    for (; left; left &= left - 1) near += rescore_near(r, k + __builtin_ctz(left), p, scores, first, RANK_ITEMS);
    return near;
}

static int64_t count_near(const ranking *r, int64_t t, const float *p, const float *scores, int64_t first,
                          int64_t width)
{
    const int64_t end = r->task->start[t + 1];
    int64_t near = 0, above, reach, k = r->task->start[t];
    for (int64_t m; r->scorer->kernel->count_four && width == RANK_ITEMS && end - k >= LEAST; k += m) {
        m = end - k < FOUR ? end - k : FOUR;
        near += count_four(r, k, m, p, scores, first);
    }
    for (; k < end; k++) {
        r->scorer->kernel->count(scores, width, r->low[k], r->high[k], &above, &reach);
        r->rank[k] += reach;
        if (reach > above) near += rescore_near(r, k, p, scores, first, width);
    }
    return near;
}

static bool count_exact(const ranking *r, int64_t t, const float *p, float *scores)
{
    const rank_task *task = r->task;
    int64_t next = task->mask_start[t], closed = 0, above, reach;
    for (int64_t k = task->start[t]; k < task->start[t + 1]; k++) r->rank[k] = 1;
    for (int64_t first = 0; first < task->items; first += RANK_ITEMS) {
        int64_t width = task->items - first < RANK_ITEMS ? task->items - first : RANK_ITEMS;
        if (!rank_scores(r->scorer, p, first, width, scores)) return false;
        rank_mask(scores, first, width, task->mask, &next, task->mask_start[t + 1]);
        rank_mask(scores, first, width, task->closed, &closed, task->closed_count);
        for (int64_t k = task->start[t]; k < task->start[t + 1]; k++) {
            float s = r->score[k];
            r->scorer->kernel->count(scores, width, s, s, &above, &reach);
            r->rank[k] += above;
            int64_t before = task->item[k] - first; /* of equal scores those of a lower row count */
            if (reach == above || before <= 0) continue;
            if (before < width) r->scorer->kernel->count(scores, before, s, s, &above, &reach);
            r->rank[k] += reach - above;
        }
    }
    return true;
}

/* Users of an item-item model, whose scores come out one user at a time. False: scores overflow. */
static bool rank_summed(const ranking *r, const int64_t *order, int64_t count, rank_work *work)
{
    for (int64_t u = 0; u < count && !base_stopped(r->scorer->watch); u++) {
        const float *p = rank_user(r->scorer, r->task->user[order[u]], work->row);
        (void)start_user(r, order[u], p);
        if (!count_exact(r, order[u], p, work->scores)) return false;
        rank_worked(r->scorer, 1, r->task->items);
    }
    return true;
}

/* False: scores overflow. */
static bool rank_block(const ranking *r, int64_t block, rank_work *work)
{
    const rank_task *task = r->task;
    const int64_t *order = r->order + block * RANK_USERS, limit = task->items / 32 + 64;
    int64_t left = r->users - block * RANK_USERS, count = left < RANK_USERS ? left : RANK_USERS;
    size_t stride = r->scorer->f.stride;
    if (r->scorer->f.neighbours) return rank_summed(r, order, count, work);
    int64_t next[RANK_USERS], closed[RANK_USERS] = {0}, near[RANK_USERS] = {0};
    bool exact[RANK_USERS];
    for (int64_t u = 0; u < count; u++) {
        const float *p = rank_user(r->scorer, task->user[order[u]], NULL);
        for (size_t k = 0; k < stride; k++) work->users[(size_t)u * stride + k] = p[k];
        exact[u] = !start_user(r, order[u], p);
        next[u] = task->mask_start[order[u]];
    }
    for (int64_t first = 0; first < task->items && !base_stopped(r->scorer->watch); first += RANK_ITEMS) {
        int64_t width = task->items - first < RANK_ITEMS ? task->items - first : RANK_ITEMS;
        rank_score_block(r->scorer, work, count, first, width);
        for (int64_t u = 0; u < count; u++) {
            if (exact[u]) continue;
            float *scores = work->scores + u * RANK_ITEMS;
            rank_mask(scores, first, width, task->mask, &next[u], task->mask_start[order[u] + 1]);
            rank_mask(scores, first, width, task->closed, &closed[u], task->closed_count);
            near[u] += count_near(r, order[u], work->users + (size_t)u * stride, scores, first, width);
            exact[u] = near[u] > limit;
        }
        rank_worked(r->scorer, count, width);
    }
    for (int64_t u = 0; u < count && !base_stopped(r->scorer->watch); u++)
        /* cppcheck-suppress uninitvar ; set for each u above */
        if (exact[u] && !count_exact(r, order[u], work->users + (size_t)u * stride, work->scores)) return false;
    return true;
}

static void sort_ranks(int64_t *rank, int32_t *test_item, int64_t n)
{
    for (int64_t gap = n / 2; gap > 0; gap = gap == 2 ? 1 : gap * 5 / 11) /* Shell's: rows are short */
        for (int64_t k = gap; k < n; k++) {
            int64_t held = rank[k], at = k;
            int32_t its_item = test_item[k];
            for (; at >= gap && rank[at - gap] > held; at -= gap) {
                rank[at] = rank[at - gap];
                test_item[at] = test_item[at - gap];
            }
            rank[at] = held;
            test_item[at] = its_item;
        }
}

static tamis_status run(const ranking *r, int threads, tamis_error *error)
{
    int64_t blocks = (r->users + RANK_USERS - 1) / RANK_USERS;
    rank_work *work = rank_work_new(r->scorer, blocks, &threads, error);
    bool overflow = false;
    if (!work) return TAMIS_FAILURE;
#pragma omp parallel for schedule(dynamic, 1) num_threads(base_team(threads))
    for (int64_t block = 0; block < blocks; block++) {
        if (rank_block(r, block, &work[omp_get_thread_num()])) continue;
#pragma omp atomic write
        overflow = true;
    }
    rank_work_free(work, threads);
    return overflow ? rank_overflow(error) : rank_stopped(r->scorer->watch, error);
}

/* ---- listed candidates */

/* room: see rank_user(). */
static bool rank_list(const rank_scorer *scorers, const rank_task *task, int64_t t, float *room, tamis_hit *hit, int64_t *rank,
                      int32_t *test_item)
{
    const int64_t from = task->start[t], found = task->start[t + 1] - from;
    const int64_t first = task->list_start[t], n = task->list_start[t + 1] - first;
    if (found == 0) return true;
    const rank_scorer *scorer = &scorers[task->user[t] == RANK_POPULAR];
    const float *p = rank_user(scorer, task->user[t], room);
    for (int64_t k = 0; k < n; k++) {
        int32_t item = task->list[first + k];
        hit[first + k] = (tamis_hit){item, rank_score(scorer, p, item)};
        if (!isfinite(hit[first + k].score)) return false;
    }
    qsort(hit + first, (size_t)n, sizeof *hit, rank_best_first);
    for (int64_t k = 0, h = 0; k < n && h < found; k++) {
        const int32_t *item = bsearch(&hit[first + k].item, task->item + from, (size_t)found, sizeof *item, base_ascending_int32);
        if (!item) continue;
        test_item[from + h] = task->test_item[item - task->item];
        rank[from + h++] = k + 1;
    }
    return true;
}

static tamis_status rank_lists(const rank_scorer *scorers, const rank_task *task, int threads, int64_t *rank,
                               int32_t *test_item, tamis_error *error)
{
    const size_t listed = (size_t)task->list_start[task->count], rooms_of[2] = {rank_user_room(&scorers[0].f), rank_user_room(&scorers[1].f)};
    const size_t room = rooms_of[0] > rooms_of[1] ? rooms_of[0] : rooms_of[1];
    tamis_hit *hit = base_alloc_raw(listed, sizeof *hit);
    float *rooms = base_alloc_raw(room * (size_t)threads, sizeof *rooms);
    bool overflow = false;
    if (!hit || !rooms) {
        base_free(hit);
        base_free(rooms);
        return base_no_memory(error, "the scores of listed items", listed, sizeof *hit);
    }
#pragma omp parallel for schedule(dynamic, 64) num_threads(base_team(threads))
    for (int64_t t = 0; t < task->count; t++) {
        if (rank_list(scorers, task, t, rooms + room * (size_t)omp_get_thread_num(), hit, rank, test_item)) continue;
#pragma omp atomic write
        overflow = true;
    }
    base_free(hit);
    base_free(rooms);
    return overflow ? rank_overflow(error) : TAMIS_OK;
}

/* ---- the first ranks, from the best items */

typedef struct first_ranks {
    const rank_scorer *scorer;
    const rank_task *task;
    const rank_query *query;
    const int64_t *order; /* users of the task who are looked at */
    int64_t users, k;     /* k best items of each */
    int64_t *rank;        /* NULL: the lists alone are wanted */
} first_ranks;

static void take_best(void *context, int64_t n, const tamis_hit *hit, int64_t count)
{
    const first_ranks *f = context;
    const rank_task *task = f->task;
    int64_t t = f->order[n], from = task->start[t];
    size_t found = (size_t)(task->start[t + 1] - from);
    for (int64_t k = from; f->rank && k < task->start[t + 1]; k++) f->rank[k] = RANK_BEYOND;
    for (int64_t k = 0; f->rank && found && k < count; k++) {
        const int32_t *item = bsearch(&hit[k].item, task->item + from, found, sizeof *item, base_ascending_int32);
        if (item) f->rank[item - task->item] = k + 1;
    }
    int64_t list = f->query->list;
    if (list) f->query->take(f->query->context, t, hit, count < list ? count : list);
}

static tamis_status find_first(first_ranks *f, int threads, tamis_error *error)
{
    const rank_task *task = f->task;
    int64_t *user = base_alloc_raw((size_t)f->users, sizeof *user);
    if (!user) return base_no_memory(error, "the users to rank", (size_t)f->users, sizeof *user);
    for (int64_t n = 0; n < f->users; n++) user[n] = task->user[f->order[n]];
    const rank_request request = {.scorer = f->scorer, .user = user, .mask_start = task->mask_start, .mask_row = f->order,
                                  .mask = task->mask, .count = f->users, .k = f->k, .take = take_best, .context = f};
    tamis_status status = rank_top(&request, threads, error);
    base_free(user);
    return status;
}

/* Those who have an item to find, or whose list is wanted: who are RANK_POPULAR, or the others. */
static int64_t choose_users(const rank_task *task, bool popular, bool all, int64_t *order)
{
    int64_t users = 0;
    for (int64_t t = 0; t < task->count; t++) {
        if ((task->user[t] == RANK_POPULAR) != popular) continue;
        if (task->start[t] < task->start[t + 1] || (all && task->user[t] != RANK_UNKNOWN)) order[users++] = t;
    }
    return users;
}

static tamis_status count_ranks(const rank_scorer *scorer, const rank_task *task, const int64_t *order, int64_t users, int threads,
                                int64_t *rank, tamis_error *error)
{
    size_t found = (size_t)task->start[task->count];
    float *bounds = base_alloc_raw(found, 3 * sizeof *bounds);
    if (!bounds) return base_no_memory(error, "the ranks of test items", found, 3 * sizeof *bounds);
    ranking r = {scorer, task, order, users, bounds, bounds + found, bounds + 2 * found, rank};
    tamis_status status = run(&r, threads, error);
    base_free(bounds);
    return status;
}

static void order_ranks(const rank_task *task, int threads, int64_t *rank, int32_t *test_item)
{
#pragma omp parallel for schedule(static) num_threads(base_team(threads))
    for (int64_t t = 0; t < task->count; t++) {
        const int64_t from = task->start[t], n = task->start[t + 1] - from;
        for (int64_t k = from; k < from + n; k++) test_item[k] = task->test_item[k];
        sort_ranks(rank + from, test_item + from, n);
    }
}

/* Without lists of candidates; of users who are RANK_POPULAR, or of the others. */
static tamis_status rank_all(rank_scorer *scorer, const rank_task *task, bool popular, int threads, const rank_query *query, int64_t *rank,
                             tamis_error *error)
{
    int64_t *order = base_alloc_raw((size_t)task->count, sizeof *order);
    if (!order) return base_no_memory(error, "the users to rank", (size_t)task->count, sizeof *order);
    const bool first = query->depth > 0 && query->depth <= RANK_MOST_DEPTH;
    const int64_t k = first && query->depth > query->list ? query->depth : query->list;
    tamis_status status = TAMIS_OK;
    rank_scorer_measure(scorer);
    if (!first) status = count_ranks(scorer, task, order, choose_users(task, popular, false, order), threads, rank, error);
    if (!status && k > 0) {
        first_ranks lists = {scorer, task, query, order, choose_users(task, popular, query->list > 0, order), k, first ? rank : NULL};
        status = find_first(&lists, threads, error);
    }
    base_free(order);
    return status;
}

tamis_status rank_task_ranks(const rank_factors *factors, const rank_task *task, int threads, const rank_query *query,
                             int64_t *rank, int32_t *test_item, tamis_error *error)
{
    static const rank_query none = {0};
    size_t found = (size_t)task->start[task->count];
    rank_scorer scorer[2]; /* [1]: of users who are RANK_POPULAR */
    if (!query) query = &none;
    int32_t *unwanted = test_item ? NULL : base_alloc_raw(found, sizeof *unwanted);
    if (!test_item && !unwanted) return base_no_memory(error, "the ranks of test items", found, sizeof *test_item);
    if (!test_item) test_item = unwanted;
    tamis_status status;
    rank_scorer_start(&scorer[0], factors);
    rank_scorer_start(&scorer[1], query->popular ? query->popular : factors);
    scorer[0].watch = scorer[1].watch = task->watch;
    if (task->listed) {
        status = rank_lists(scorer, task, threads, rank, test_item, error);
    } else {
        status = rank_all(&scorer[0], task, false, threads, query, rank, error);
        if (!status && query->popular) status = rank_all(&scorer[1], task, true, threads, query, rank, error);
        if (!status) order_ranks(task, threads, rank, test_item);
    }
    base_free(unwanted);
    return status;
}
