/* The k best items of many users.
 *
 * The k best so far are in a heap with the worst on top. A block of approximate scores tells which items may be among them (see
 * score.h); those are scored exactly first. So the memory beside the hits is one block per thread, no row of scores is kept or
 * sorted, and the hits do not depend on threads, blocks or the other users. */
#include <math.h>
#include <omp.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/threads.h"
#include "base/watch.h"
#include "rank/block.h"
#include "rank/heap.h"
#include "rank/top.h"

enum { PANELS_AT_ONCE = 8 }; /* searched before the threshold is looked at again */

/* One user, while items are found. */
typedef struct search {
    rank_heap heap;
    const float *p;  /* see rank_user() */
    double margin;   /* see rank_margin(); 0: scores are exact already */
    int64_t masked, mask_end; /* the next masked item, and where they end */
} search;

int rank_best_first(const void *a, const void *b)
{
    const tamis_hit *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

static bool worse(const void *a, const void *b)
{
    return rank_best_first(a, b) > 0;
}

rank_heap rank_hits(tamis_hit *hit, int64_t k)
{
    return (rank_heap){hit, sizeof *hit, 0, k, worse};
}

void rank_hits_finish(rank_heap *heap)
{
    tamis_hit *hit = heap->best;
    rank_heap_sort(heap);
    for (int64_t n = heap->count; n < heap->k; n++) hit[n] = (tamis_hit){-1, 0.0f};
}

/* An item whose approximate score is below this is not among the best. */
static float threshold(const search *s)
{
    if (s->heap.count < s->heap.k) return -INFINITY;
    double low = (double)((const tamis_hit *)s->heap.best)->score - s->margin;
    return (double)(float)low > low ? nextafterf((float)low, -INFINITY) : (float)low;
}

/* Clears some adjacent bits of *left, which is not 0. Returns how many, and the first of them. */
static int next_panels(uint32_t *left, int *first)
{
    int n = 1;
    *first = __builtin_ctz(*left);
    while (n < PANELS_AT_ONCE && *first + n < 32 && *left >> (*first + n) & 1) n++;
    *left &= ~(((UINT32_C(1) << n) - 1) << *first);
    return n;
}

/* Searches the scores of items first .. first+width-1 in those panels that may have one above the threshold, which is low.
 * Returns the threshold afterwards. */
static float take(search *s, const rank_scorer *scorer, const float *scores, int64_t first, int64_t width, uint32_t panels,
                  float low)
{
    int32_t index[PANELS_AT_ONCE * RANK_PANEL];
    while (panels) {
        int panel;
        const int64_t room = (int64_t)next_panels(&panels, &panel) * RANK_PANEL, from = (int64_t)panel * RANK_PANEL;
        if (from >= width) break;
        int64_t n = width - from < room ? width - from : room;
        int64_t found = scorer->kernel->find(scores + from, n, low, INFINITY, index);
        for (int64_t j = 0; j < found; j++) {
            const int64_t k = from + index[j];
            if (!(scores[k] >= low)) continue; /* the threshold has risen */
            const float exact = s->margin > 0 ? rank_score(scorer, s->p, first + k) : scores[k];
            rank_heap_offer(&s->heap, &(tamis_hit){(int32_t)rank_row(&scorer->f, first + k), exact});
            low = threshold(s);
        }
    }
    return low;
}

static search begin(const rank_request *r, int64_t n, tamis_hit *hits)
{
    const int64_t row = r->mask_row ? r->mask_row[n] : n;
    return (search){.heap = rank_hits(hits, r->k), .masked = r->mask_start[row], .mask_end = r->mask_start[row + 1]};
}

static bool search_exact(const rank_request *r, search *s, float *scores)
{
    const int64_t items = r->scorer->f.items;
    for (int64_t first = 0; first < items; first += RANK_ITEMS) {
        int64_t width = items - first < RANK_ITEMS ? items - first : RANK_ITEMS;
        if (!rank_scores(r->scorer, s->p, first, width, scores)) return false;
        rank_mask(scores, first, width, r->mask, &s->masked, s->mask_end);
        (void)take(s, r->scorer, scores, first, width, UINT32_MAX, threshold(s));
    }
    return true;
}

/* Of `count` users, but those without a margin. */
static void search_block(const rank_request *r, search *users, int64_t count, rank_work *work)
{
    const rank_factors *f = &r->scorer->f;
    for (int64_t u = 0; u < count; u++) {
        for (size_t k = 0; k < f->stride; k++) work->users[(size_t)u * f->stride + k] = users[u].p[k];
        work->low[u] = isinf(users[u].margin) ? INFINITY : threshold(&users[u]);
    }
    for (int64_t first = 0; first < f->items && !base_stopped(r->scorer->watch); first += RANK_ITEMS) {
        int64_t width = f->items - first < RANK_ITEMS ? f->items - first : RANK_ITEMS;
        rank_score_block(r->scorer, work, count, first, width);
        for (int64_t u = 0; u < count; u++) {
            if (isinf(users[u].margin)) continue;
            float *scores = work->scores + u * RANK_ITEMS;
            rank_mask(scores, first, width, r->mask, &users[u].masked, users[u].mask_end);
            work->low[u] = take(&users[u], r->scorer, scores, first, width, work->high[u], work->low[u]);
        }
        rank_worked(r->scorer, count, width);
    }
}

/* Where the n-th user's hits go. */
static tamis_hit *hits_of(const rank_request *r, int64_t n)
{
    return r->hits + (r->place ? r->place[n] : n) * r->k;
}

/* hits: room for the block's, if they are told rather than kept. False: scores overflow. */
static bool top_block(const rank_request *r, int64_t block, rank_work *work, tamis_hit *hits)
{
    int64_t from = block * RANK_USERS, left = r->count - from, count = left < RANK_USERS ? left : RANK_USERS;
    const bool summed = r->scorer->f.neighbours != NULL, exact = r->exact || summed;
    search users[RANK_USERS];
    for (int64_t u = 0; u < count; u++) {
        users[u] = begin(r, from + u, r->hits ? hits_of(r, from + u) : hits + u * r->k);
        if (!summed) users[u].p = rank_user(r->scorer, r->user[from + u], NULL);
        users[u].margin = exact ? (double)INFINITY : rank_margin(r->scorer, users[u].p);
    }
    if (!exact) search_block(r, users, count, work);
    for (int64_t u = 0; u < count && !base_stopped(r->scorer->watch); u++) {
        search *s = &users[u];
        if (isinf(s->margin)) {
            s->margin = 0;
            if (summed) s->p = rank_user(r->scorer, r->user[from + u], work->row);
            if (!search_exact(r, s, work->scores)) return false;
        }
        int64_t found = s->heap.count;
        rank_hits_finish(&s->heap);
        if (!r->hits) r->take(r->context, from + u, s->heap.best, found);
        if (summed) rank_worked(r->scorer, 1, r->scorer->f.items);
    }
    return true;
}

tamis_status rank_top(const rank_request *r, int threads, tamis_error *error)
{
    int64_t blocks = (r->count + RANK_USERS - 1) / RANK_USERS;
    rank_work *work = rank_work_new(r->scorer, blocks, &threads, error);
    if (!work) return TAMIS_FAILURE;
    size_t room = r->hits ? 0 : (size_t)r->k * RANK_USERS;
    tamis_hit *hits = base_alloc_raw((size_t)threads * room, sizeof *hits);
    tamis_status status = TAMIS_OK;
    bool overflow = false;
    if (!hits) status = base_no_memory(error, "the best items", (size_t)threads * room, sizeof *hits);
#pragma omp parallel for schedule(dynamic, 1) num_threads(base_team(threads))
    for (int64_t block = 0; block < blocks; block++) {
        const size_t thread = (size_t)omp_get_thread_num();
        if (status || top_block(r, block, &work[thread], hits + thread * room)) continue;
#pragma omp atomic write
        overflow = true;
    }
    if (!status && overflow) status = rank_overflow(error);
    base_free(hits);
    rank_work_free(work, threads);
    return status ? status : rank_stopped(r->scorer->watch, error);
}
