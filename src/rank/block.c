/* Blocks of scores: the memory for them, and what is done with every one. */
#include <math.h>
#include <omp.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/watch.h"
#include "rank/block.h"

void rank_mask(float *scores, int64_t first, int64_t width, const int32_t *mask, int64_t *next, int64_t end)
{
    for (; *next < end && mask[*next] < first + width; ++*next) scores[mask[*next] - first] = NAN;
}

enum { LINE = 16 /* floats of a line of the cache */ };

static void score_by_blas(const rank_factors *f, const rank_work *work, int64_t count, int64_t first, int64_t width)
{
    rank_blas_product(work->blas, &(rank_blas_operands){work->users, f->item + (size_t)first * f->stride, f->stride, f->factors,
                                                        work->scores, RANK_ITEMS, count, width});
    for (int64_t u = 0; u < count; u++) {
        work->high[u] = RANK_ALL_STRIPS;
        for (int64_t i = 0; f->bias && i < width; i++) work->scores[u * RANK_ITEMS + i] += f->bias[first + i];
    }
}

/* Scores of all users and the two panels that are packed, while the rows of the next two are asked for. */
static void score_strip(const rank_scorer *scorer, const rank_work *work, int64_t count, int64_t strip, const float *bias,
                        int64_t next)
{
    const rank_factors *f = &scorer->f;
    const int64_t users = work->product->users, tiles = (count + users - 1) / users;
    const char *ahead = (const char *)(f->item + (size_t)next * f->stride);
    int64_t left = (f->items - next < RANK_PACKED ? f->items - next : RANK_PACKED) * (int64_t)f->stride / LINE;
    const int64_t each = (left + tiles - 1) / tiles;
    rank_tile t = {.panel = {work->packed, work->packed + RANK_PACKED / 2 * f->stride}, .bias = bias, .depth = (size_t)f->factors};
    for (int64_t u = 0; u < count; u += users) {
        for (int64_t k = 0; k < each && left > 0; k++, left--, ahead += LINE * sizeof(float)) __builtin_prefetch(ahead);
        for (int64_t k = 0; k < users; k++) { /* past the last user the last one is scored again */
            const int64_t row = u + k < count ? u + k : count - 1;
            t.users[k] = work->users + (size_t)row * f->stride;
            t.scores[k] = work->scores + row * RANK_ITEMS + strip * RANK_PACKED;
            t.low[k] = work->low[row];
        }
        const unsigned high = work->product->tile(&t);
        for (int64_t k = 0; k < users && u + k < count; k++) work->high[u + k] |= (high >> k & 1) << strip;
    }
}

void rank_score_block(const rank_scorer *scorer, const rank_work *work, int64_t count, int64_t first, int64_t width)
{
    const rank_factors *f = &scorer->f;
    _Alignas(64) float bias[RANK_PACKED] = {0};
    if (work->blas) {
        score_by_blas(f, work, count, first, width);
        return;
    }
    for (int64_t u = 0; u < count; u++) work->high[u] = 0;
    for (int64_t i = 0; i < width; i += RANK_PACKED) {
        const int64_t item = first + i, next = item + RANK_PACKED < f->items ? item + RANK_PACKED : f->items;
        rank_pack(f->item + (size_t)item * f->stride, width - i, f->stride, work->packed);
        for (int64_t k = 0; f->bias && k < RANK_PACKED && k < width - i; k++) bias[k] = f->bias[item + k];
        score_strip(scorer, work, count, i / RANK_PACKED, bias, next);
    }
}

void rank_worked(const rank_scorer *scorer, int64_t count, int64_t width)
{
    if (omp_get_thread_num() == 0) base_worked(scorer->watch, count * width * (int64_t)scorer->f.stride);
}

size_t rank_work_bytes(size_t stride, int64_t k)
{
    const size_t a_user = RANK_ITEMS * sizeof(float) + sizeof(float) + sizeof(uint32_t) + (size_t)k * sizeof(tamis_hit);
    return (RANK_USERS + RANK_PACKED) * stride * sizeof(float) + RANK_USERS * a_user;
}

rank_work *rank_work_new(const rank_scorer *scorer, int64_t blocks, int *threads, tamis_error *error)
{
    const size_t stride = scorer->f.stride;
    const rank_product *product = rank_product_choose();
    const rank_blas *blas = product->slow ? rank_blas_load() : NULL;
    if (blas && *threads > blas->most_threads) *threads = blas->most_threads;
    if (*threads > blocks) *threads = blocks < 1 ? 1 : (int)blocks;
    rank_work *work = base_alloc((size_t)*threads, sizeof *work);
    bool complete = work != NULL;
    for (int k = 0; k < *threads && complete; k++) {
        work[k].product = product;
        work[k].blas = blas;
        work[k].users = base_alloc(RANK_USERS, stride * sizeof(float));
        work[k].scores = base_alloc(RANK_USERS, RANK_ITEMS * sizeof(float));
        work[k].packed = base_alloc(RANK_PACKED, stride * sizeof(float));
        work[k].low = base_alloc_raw(RANK_USERS, sizeof(float));
        work[k].high = base_alloc(RANK_USERS, sizeof(uint32_t));
        complete = work[k].users && work[k].scores && work[k].packed && work[k].low && work[k].high;
        for (int u = 0; complete && u < RANK_USERS; u++) work[k].low[u] = -INFINITY;
    }
    if (complete) return work;
    rank_work_free(work, *threads);
    (void)base_no_memory(error, "blocks of scores", (size_t)*threads * RANK_USERS,
                         (stride + RANK_ITEMS) * sizeof(float));
    return NULL;
}

void rank_work_free(rank_work *work, int threads)
{
    for (int k = 0; work && k < threads; k++) {
        base_free(work[k].users);
        base_free(work[k].scores);
        base_free(work[k].packed);
        base_free(work[k].low);
        base_free(work[k].high);
    }
    base_free(work);
}
