/* Pairs without interaction that are probably positives whose label was flipped, by NBPO's model.
 *
 * With γ = σ(φ) the chance that a positive goes unseen, a pair without interaction is a positive with the chance
 *   P(Z=1 | Y=0) = γ σ(s) / (σ(-s) + γ σ(s)) = 1 / (1 + e^-s + e^-(s+φ)) = σ(x),   x = s - ln(1 + e^-φ)
 * All pairs are looked at, a block of scores at a time, as for recommendations. Since φ <= |a_u| max |c_i|, a pair whose s is too
 * small has too small an x whatever its φ, which then is not computed; the other pairs are computed in double. Which pairs are the
 * most probable does not depend on the order in which they are looked at.
 * Source: Yu, Qin, SIGIR 2020. */
#include <math.h>
#include <omp.h>
#include <pthread.h>

#include "base/status.h"
#include "base/threads.h"
#include "base/watch.h"
#include "rank/block.h"
#include "rank/heap.h"

typedef struct scan {
    const tamis_model *m;
    rank_scorer scorer; /* of s */
    double longest;     /* max |c_i|, of φ = a_u . c_i */
    rank_heap heap;
    pthread_mutex_t lock; /* of the heap */
    _Atomic double least; /* below this x nothing enters any more */
    const tamis_study_progress *progress;
    atomic_llong done; /* users */
} scan;

/* ---- the heap */

/* Worse: less probable, or later. */
static bool worse(const void *a, const void *b)
{
    const tamis_hidden *x = a, *y = b;
    if (x->probability != y->probability) return x->probability < y->probability;
    return x->user != y->user ? x->user > y->user : x->item > y->item;
}

/* An x that no pair of this probability falls below, rounding included: near 1 many x have one probability. */
static double lowest_x(double probability)
{
    const double near = 1 - 1e-12, p = probability < near ? probability : near;
    return p > 0 ? log(p) - log1p(-p) - 1e-3 : -(double)INFINITY;
}

static void offer(scan *s, const tamis_hidden *pair, size_t n)
{
    pthread_mutex_lock(&s->lock);
    for (size_t k = 0; k < n; k++) rank_heap_offer(&s->heap, &pair[k]);
    if (s->heap.count == s->heap.k)
        atomic_store(&s->least, lowest_x(((const tamis_hidden *)s->heap.best)->probability));
    pthread_mutex_unlock(&s->lock);
}

/* ---- the pairs */

static double dot(const float *a, const float *b, int64_t n)
{
    double sum = 0;
    for (int64_t k = 0; k < n; k++) sum += (double)a[k] * (double)b[k];
    return sum;
}

static double softplus(double x)
{
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/* Of the items first + index[k], k < n, those that may still enter. scores, margin: ŝ is so near to s. */
static void try_items(scan *s, int64_t user, int64_t first, const int32_t *index, int64_t n, const float *scores, double margin)
{
    const tamis_model *m = s->m;
    tamis_hidden enters[RANK_PANEL];
    size_t entering = 0;
    const double least = atomic_load_explicit(&s->least, memory_order_relaxed);
    for (int64_t k = 0; k < n; k++) {
        const int64_t item = first + index[k];
        const double phi = dot(m->flip_user + (size_t)user * m->flip_stride, m->flip_item + (size_t)item * m->flip_stride,
                               m->flip_factors);
        if ((double)scores[index[k]] + margin - softplus(-phi) < least) continue;
        double x = dot(m->user_factors + (size_t)user * m->stride, m->item_factors + (size_t)item * m->stride, m->factors);
        if (m->item_bias) x += (double)m->item_bias[item];
        /* exponentials one by one: a product of zero and infinity has no order */
        enters[entering++] = (tamis_hidden){(int32_t)user, (int32_t)item, 1 / (1 + exp(-x) + exp(-x - phi))};
    }
    if (entering) offer(s, enters, entering);
}

/* What matters of a user's ŝ; rounded down. */
static float low_score(const scan *s, double margin, double largest_phi)
{
    const double low = atomic_load_explicit(&s->least, memory_order_relaxed) + softplus(-largest_phi) - margin;
    return low > -1e37 ? nextafterf((float)low, -INFINITY) : -INFINITY;
}

static void scan_user(scan *s, const rank_work *work, int64_t u, int64_t user, int64_t first, int64_t width, double margin)
{
    float *scores = work->scores + u * RANK_ITEMS;
    int32_t index[RANK_PANEL];
    const uint32_t panels = isinf(margin) ? UINT32_MAX : work->high[u];
    for (int64_t k = 0; k < RANK_PANELS && k * RANK_PANEL < width; k++) {
        if (!(panels >> k & 1)) continue;
        const int64_t at = k * RANK_PANEL, n = width - at < RANK_PANEL ? width - at : RANK_PANEL;
        const int64_t found = s->scorer.kernel->find(scores + at, n, isinf(margin) ? -INFINITY : work->low[u], INFINITY, index);
        try_items(s, user, first + at, index, found, scores + at, margin);
    }
}

static void scan_block(scan *s, int64_t from, int64_t count, const rank_work *work)
{
    const tamis_model *m = s->m;
    int64_t next[RANK_USERS];
    double margin[RANK_USERS], largest_phi[RANK_USERS];
    for (int64_t u = 0; u < count; u++) {
        const float *p = m->user_factors + (size_t)(from + u) * m->stride, *a = m->flip_user + (size_t)(from + u) * m->flip_stride;
        for (size_t k = 0; k < m->stride; k++) work->users[(size_t)u * m->stride + k] = p[k];
        next[u] = m->seen->start[from + u];
        margin[u] = rank_margin(&s->scorer, p);
        largest_phi[u] = 1.001 * sqrt(rank_dot(a, a, m->flip_stride)) * s->longest;
    }
    for (int64_t first = 0; first < m->items && !base_stopped(s->scorer.watch); first += RANK_ITEMS) {
        const int64_t width = m->items - first < RANK_ITEMS ? m->items - first : RANK_ITEMS;
        for (int64_t u = 0; u < count; u++) work->low[u] = low_score(s, margin[u], largest_phi[u]);
        rank_score_block(&s->scorer, work, count, first, width);
        for (int64_t u = 0; u < count; u++) {
            float *scores = work->scores + u * RANK_ITEMS;
            for (int64_t i = 0; isinf(margin[u]) && i < width; i++) scores[i] = 0; /* all are computed in double */
            rank_mask(scores, first, width, m->seen->index, &next[u], m->seen->start[from + u + 1]);
            scan_user(s, work, u, from + u, first, width, margin[u]);
        }
        rank_worked(&s->scorer, count, width);
    }
}

static int ask(void *context)
{
    const scan *s = context;
    return s->progress->call(s->progress->context, NULL);
}

static int tell(scan *s)
{
    const tamis_study_step step = {"hidden positives", "users", atomic_load(&s->done), s->m->users};
    return s->progress && s->progress->call ? s->progress->call(s->progress->context, &step) : 0;
}

static tamis_status scan_all(scan *s, int threads, tamis_error *error)
{
    const int64_t users = s->m->users, blocks = (users + RANK_USERS - 1) / RANK_USERS;
    base_watch *watch = s->scorer.watch;
    rank_work *work = rank_work_new(&s->scorer, blocks, &threads, error);
    if (!work) return TAMIS_FAILURE;
#pragma omp parallel for schedule(dynamic, 1) num_threads(base_team(threads))
    for (int64_t block = 0; block < blocks; block++) {
        const int64_t from = block * RANK_USERS, count = users - from < RANK_USERS ? users - from : RANK_USERS;
        if (base_stopped(watch)) continue;
        scan_block(s, from, count, &work[omp_get_thread_num()]);
        atomic_fetch_add(&s->done, count);
        if (omp_get_thread_num() == 0 && tell(s)) atomic_store(&watch->stopped, true);
    }
    rank_work_free(work, threads);
    return rank_stopped(watch, error);
}

tamis_status tamis_model_hidden(const tamis_model *m, size_t count, int64_t threads, const tamis_study_progress *progress,
                                tamis_hidden *pairs, size_t *found, tamis_error *error)
{
    base_clear(error);
    *found = 0;
    if (!m) return base_null(error, "the model");
    if (!m->flip_user)
        return base_fail(error, TAMIS_USAGE, "the model has no flip probabilities; train one with --method nbpo");
    if (count == 0) return TAMIS_OK;
    scan s = {.m = m, .heap = {pairs, sizeof *pairs, 0, (int64_t)count, worse}, .least = -(double)INFINITY,
              .progress = progress};
    const rank_factors factors = rank_factors_of(m);
    const tamis_stop stop = {&s, ask};
    base_watch watch = {.stop = progress && progress->call ? &stop : NULL};
    rank_scorer_start(&s.scorer, &factors);
    rank_scorer_measure(&s.scorer);
    s.scorer.watch = &watch;
    for (int64_t i = 0; i < m->items; i++) {
        const float *c = m->flip_item + (size_t)i * m->flip_stride;
        s.longest = fmax(s.longest, sqrt(rank_dot(c, c, m->flip_stride)));
    }
    pthread_mutex_init(&s.lock, NULL);
    tamis_status status = scan_all(&s, base_threads(threads), error);
    pthread_mutex_destroy(&s.lock);
    if (status) return status;
    rank_heap_sort(&s.heap);
    *found = (size_t)s.heap.count;
    return TAMIS_OK;
}
