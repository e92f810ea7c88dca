/* A block of approximate scores. For matrices of this shape the kernel's product is faster than OpenBLAS, since it copies one side
 * only, a strip at a time. The portable tier uses OpenBLAS where it is installed. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/watch.h"
#include "rank/block.h"

_Static_assert(RANK_PANELS <= 32, "a bit for each panel");
enum { STRIP = 2 * RANK_PANEL }; /* items whose panels stay in the L1 cache while the users pass */

void rank_mask(float *scores, int64_t first, int64_t width, const int32_t *mask, int64_t *next, int64_t end)
{
    for (; *next < end && mask[*next] < first + width; ++*next) scores[mask[*next] - first] = NAN;
}

/* Rows of items, one after the other. */
static const float *rows_of(const rank_factors *f, const rank_work *work, int64_t first, int64_t n)
{
    if (!f->subset) return f->item + (size_t)first * f->stride;
    for (int64_t k = 0; k < n; k++)
        memcpy(work->items + (size_t)k * f->stride, f->item + (size_t)f->subset[first + k] * f->stride, f->stride * sizeof(float));
    return work->items;
}

static void score_by_blas(const rank_factors *f, const rank_work *work, int64_t count, int64_t first, int64_t width)
{
    rank_blas_product(work->blas, &(rank_blas_operands){work->users, rows_of(f, work, first, width), f->stride, f->factors,
                                                        work->scores, RANK_ITEMS, count, width});
    for (int64_t u = 0; u < count; u++) {
        work->high[u] = UINT32_MAX;
        for (int64_t i = 0; f->bias && i < width; i++) work->scores[u * RANK_ITEMS + i] += f->bias[rank_row(f, first + i)];
    }
}

/* Items first .. first + n - 1, n <= STRIP, from position `at` of the block on. */
static void score_strip(const rank_scorer *scorer, const rank_work *work, int64_t count, int64_t first, int64_t n, int64_t at)
{
    const rank_factors *f = &scorer->f;
    const size_t panel = RANK_PANEL * f->stride;
    float *bias = work->packed + 2 * panel;
    const float *rows = rows_of(f, work, first, n);
    const int64_t panels = n > RANK_PANEL ? 2 : 1;
    for (int64_t p = 0; p < panels; p++)
        scorer->kernel->pack(rows + (size_t)p * panel,
                             n - p * RANK_PANEL < RANK_PANEL ? n - p * RANK_PANEL : RANK_PANEL, f->stride,
                             work->packed + (size_t)p * panel);
    for (size_t k = 0; !f->subset && first + 2 * (int64_t)STRIP <= f->items && k < STRIP * f->stride; k += 16)
        __builtin_prefetch(f->item + (size_t)(first + STRIP) * f->stride + k);
    for (int64_t k = 0; f->bias && k < n; k++) bias[k] = f->bias[rank_row(f, first + k)];
    scorer->kernel->product_near(&(kernel_product){
        .a = work->users, .a_row = f->stride, .a_step = 1, .b = work->packed, .b_panel = panel, .b_step = RANK_PANEL,
        .c = work->scores + at, .c_row = RANK_ITEMS, .base = bias, .rows = count, .steps = f->factors,
        .columns = panels * RANK_PANEL, .scale = 1, .low = work->low, .high = work->high, .first_bit = (int)(at / RANK_PANEL)});
}

void rank_score_block(const rank_scorer *scorer, const rank_work *work, int64_t count, int64_t first, int64_t width)
{
    if (work->blas) {
        score_by_blas(&scorer->f, work, count, first, width);
        return;
    }
    for (int64_t u = 0; u < count; u++) work->high[u] = 0;
    for (int64_t at = 0; at < width; at += STRIP)
        score_strip(scorer, work, count, first + at, width - at < STRIP ? width - at : STRIP, at);
}

void rank_worked(const rank_scorer *scorer, int64_t count, int64_t width)
{
    if (omp_get_thread_num() == 0) base_worked(scorer->watch, count * width * (int64_t)(scorer->f.neighbours ? 1 : scorer->f.stride));
}

size_t rank_work_bytes(const rank_factors *factors, int64_t k)
{
    const size_t stride = factors->stride, a_user = RANK_ITEMS * sizeof(float) + sizeof(float) + sizeof(uint32_t) + (size_t)k * sizeof(tamis_hit);
    return (rank_user_room(factors) + (RANK_USERS + STRIP) * stride) * sizeof(float) + STRIP * sizeof(float) + RANK_USERS * a_user;
}

rank_work *rank_work_new(const rank_scorer *scorer, int64_t blocks, int *threads, tamis_error *error)
{
    const size_t stride = scorer->f.stride;
    const rank_blas *blas = scorer->kernel == &kernel_portable ? rank_blas_load() : NULL;
    if (blas && *threads > blas->most_threads) *threads = blas->most_threads;
    if (*threads > blocks) *threads = blocks < 1 ? 1 : (int)blocks;
    rank_work *work = base_alloc((size_t)*threads, sizeof *work);
    bool complete = work != NULL;
    for (int k = 0; k < *threads && complete; k++) {
        work[k].blas = blas;
        work[k].users = base_alloc(RANK_USERS, stride * sizeof(float));
        work[k].items = base_alloc_raw(scorer->f.subset ? (size_t)RANK_ITEMS * stride : 0, sizeof(float));
        work[k].row = base_alloc_raw(rank_user_room(&scorer->f), sizeof(float));
        work[k].scores = base_alloc(RANK_USERS, RANK_ITEMS * sizeof(float));
        work[k].packed = base_alloc(STRIP * (stride + 1), sizeof(float));
        work[k].low = base_alloc_raw(RANK_USERS, sizeof(float));
        work[k].high = base_alloc(RANK_USERS, sizeof(uint32_t));
        complete = work[k].users && work[k].items && work[k].row && work[k].scores && work[k].packed && work[k].low && work[k].high;
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
        base_free(work[k].items);
        base_free(work[k].row);
        base_free(work[k].scores);
        base_free(work[k].packed);
        base_free(work[k].low);
        base_free(work[k].high);
    }
    base_free(work);
}
