/* The k best items of many users.
 *
 * The k best so far are kept as a heap with the worst on top. A product block only says which items may be good enough
 * (see rank.h); those are scored exactly before they enter. So memory beyond the hits is one block per thread, no row of
 * scores is kept or sorted, and the hits do not depend on threads, blocks, or who else is asked for. */
#include <math.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/memory.h"
#include "base/status.h"
#include "base/threads.h"
#include "base/watch.h"
#include "rank/rank.h"

enum { STROKE = 4 }; /* strips searched at a stroke: the bar rises in between */

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

void rank_heap_offer(rank_heap *h, tamis_hit candidate)
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
void rank_heap_finish(rank_heap *h)
{
    for (int64_t last = h->count - 1; last > 0; last--) {
        tamis_hit held = h->hit[last];
        h->hit[last] = h->hit[0];
        sink(h->hit, last, 0, held);
    }
    for (int64_t k = h->count; k < h->room; k++) h->hit[k] = (tamis_hit){-1, 0.0f};
}

/* What scores below this cannot enter, whatever the margin hides. */
static float bar(const rank_heap *h, double margin)
{
    if (h->count < h->room) return -INFINITY;
    double low = (double)h->hit[0].score - margin;
    return (double)(float)low > low ? nextafterf((float)low, -INFINITY) : (float)low;
}

/* Takes some bits that stand side by side out of *left, which has one: the first, and how many. */
static int next_strips(uint32_t *left, int *first)
{
    int n = 1;
    *first = __builtin_ctz(*left);
    while (n < STROKE && *left >> (*first + n) & 1) n++;
    *left &= ~(((UINT32_C(1) << n) - 1) << *first);
    return n;
}

/* From the scores in these strips. low: what bar() is; margin 0: scores are exact already. Gives what bar() is then. */
static float take(rank_heap *h, const rank_scorer *scorer, const float *p, double margin, float low, const float *scores,
                  int64_t first, int64_t width, uint32_t strips)
{
    int32_t index[STROKE * RANK_PACKED];
    while (strips) {
        int strip;
        const int64_t room = next_strips(&strips, &strip) * RANK_PACKED, at = (int64_t)strip * RANK_PACKED;
        if (at >= width) break;
        int64_t n = width - at < room ? width - at : room;
        int64_t found = scorer->loops->find(scores + at, n, low, INFINITY, index);
        for (int64_t j = 0; j < found; j++) {
            int64_t place = at + index[j];
            if (!(scores[place] >= low)) continue; /* the bar has risen */
            float s = margin > 0 ? rank_score(scorer, p, first + place) : scores[place];
            rank_heap_offer(h, (tamis_hit){(int32_t)(first + place), s});
            low = bar(h, margin);
        }
    }
    return low;
}

static int64_t mask_row(const rank_request *r, int64_t n)
{
    return r->mask_row ? r->mask_row[n] : n;
}

static bool top_exact(const rank_request *r, int64_t n, rank_heap *h, float *scores)
{
    const rank_factors *f = &r->scorer->f;
    const float *p = f->user + (size_t)r->user[n] * f->stride;
    int64_t next = r->mask_start[mask_row(r, n)], end = r->mask_start[mask_row(r, n) + 1];
    h->count = 0;
    for (int64_t first = 0; first < f->items; first += RANK_ITEMS) {
        int64_t width = f->items - first < RANK_ITEMS ? f->items - first : RANK_ITEMS;
        if (!rank_scores(r->scorer, p, first, width, scores)) return false;
        rank_mask(scores, first, width, r->mask, &next, end);
        (void)take(h, r->scorer, p, 0, bar(h, 0), scores, first, width, RANK_ALL_STRIPS);
    }
    return true;
}

static void top_product(const rank_request *r, int64_t from, int64_t count, rank_heap *heaps, const double *margin,
                        rank_work *work)
{
    const rank_factors *f = &r->scorer->f;
    int64_t next[RANK_USERS];
    for (int64_t u = 0; u < count; u++) {
        next[u] = r->mask_start[mask_row(r, from + u)];
        work->low[u] = isinf(margin[u]) ? INFINITY : bar(&heaps[u], margin[u]);
    }
    for (int64_t first = 0; first < f->items && !base_stopped(r->scorer->watch); first += RANK_ITEMS) {
        int64_t width = f->items - first < RANK_ITEMS ? f->items - first : RANK_ITEMS;
        rank_score_block(r->scorer, work, count, first, width);
        for (int64_t u = 0; u < count; u++) {
            if (isinf(margin[u])) continue;
            float *scores = work->scores + u * RANK_ITEMS;
            rank_mask(scores, first, width, r->mask, &next[u], r->mask_start[mask_row(r, from + u) + 1]);
            work->low[u] = take(&heaps[u], r->scorer, work->users + (size_t)u * f->stride, margin[u], work->low[u], scores,
                                first, width, work->high[u]);
        }
        rank_worked(r->scorer, count, width);
    }
}

/* hits: room for the block's, if they are told rather than kept. False: scores overflow. */
static bool top_block(const rank_request *r, int64_t block, rank_work *work, tamis_hit *hits)
{
    const rank_factors *f = &r->scorer->f;
    int64_t from = block * RANK_USERS, left = r->count - from, count = left < RANK_USERS ? left : RANK_USERS;
    rank_heap heaps[RANK_USERS];
    double margin[RANK_USERS];
    for (int64_t u = 0; u < count; u++) {
        const float *p = f->user + (size_t)r->user[from + u] * f->stride;
        for (size_t k = 0; k < f->stride; k++) work->users[(size_t)u * f->stride + k] = p[k];
        heaps[u] = (rank_heap){r->hits ? r->hits + (from + u) * r->k : hits + u * r->k, 0, r->k};
        margin[u] = r->exact ? (double)INFINITY : rank_margin(r->scorer, p);
    }
    if (!r->exact) top_product(r, from, count, heaps, margin, work);
    for (int64_t u = 0; u < count && !base_stopped(r->scorer->watch); u++) {
        if (isinf(margin[u]) && !top_exact(r, from + u, &heaps[u], work->scores)) return false;
        int64_t found = heaps[u].count;
        rank_heap_finish(&heaps[u]);
        if (!r->hits) r->take(r->context, from + u, heaps[u].hit, found);
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
        if (status) continue;
        int thread = 0;
#ifdef _OPENMP
        thread = omp_get_thread_num();
#endif
        if (top_block(r, block, &work[thread], hits + (size_t)thread * room)) continue;
#pragma omp atomic write
        overflow = true;
    }
    if (!status && overflow) status = rank_overflow(error);
    base_free(hits);
    rank_work_free(work, threads);
    return status ? status : rank_stopped(r->scorer->watch, error);
}
