/* The K-th largest of each user's scores, among the positives and as many items as a batch has negatives, drawn alike; the user's
 * own ones among these are left out. */
#include <math.h>
#include <omp.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "base/threads.h"
#include "train/softmax_top.h"

/* The best so far, in descending order. */
typedef struct best {
    float *score;
    int64_t count, k;
} best;

static void offer(best *b, float score)
{
    if (b->count == b->k && !(score > b->score[b->k - 1])) return;
    int64_t at = b->count < b->k ? b->count++ : b->k - 1;
    for (; at > 0 && b->score[at - 1] < score; at--) b->score[at] = b->score[at - 1];
    b->score[at] = score;
}

static float score(const train_run *run, int64_t user, int64_t item)
{
    const tamis_model *m = run->model;
    return run->kernel->dot(m->user_factors + (size_t)user * m->stride, m->item_factors + (size_t)item * m->stride, m->stride) +
           (m->item_bias ? m->item_bias[item] : 0);
}

static float threshold(const train_run *run, const softmax_batch *c, int64_t user, float *room)
{
    const matrix *m = run->log->matrix;
    base_stream stream = base_stream_key(run->options.seed, BASE_FOR_THRESHOLD, (uint64_t)run->epoch, (uint64_t)user);
    best b = {room, 0, c->terms.top};
    for (int64_t k = m->start[user]; k < m->start[user + 1]; k++) offer(&b, score(run, user, m->index[k]));
    for (int64_t j = 0; j < c->count; j++) {
        const int32_t item = (int32_t)base_below(&stream, (uint32_t)m->columns);
        if (matrix_find(m, user, item) < 0) offer(&b, score(run, user, item));
    }
    return b.count ? b.score[b.count - 1] : 0;
}

tamis_status softmax_top_renew(train_run *run, softmax_batch *c, tamis_error *error)
{
    const int64_t users = run->model->users, top = c->terms.top;
    const int threads = base_threads(run->options.threads);
    if (!c->threshold || run->epoch == 0 || run->epoch % c->terms.interval) return TAMIS_OK;
    float *room = base_alloc_raw((size_t)threads * (size_t)top, sizeof *room);
    if (!room) return base_no_memory(error, "the best scores of users", (size_t)threads * (size_t)top, sizeof *room);
#pragma omp parallel for schedule(dynamic, 64) num_threads(base_team(threads))
    for (int64_t u = 0; u < users; u++) {
        if (base_stopped(&run->watch)) continue;
        c->threshold[u] = threshold(run, c, u, room + (size_t)omp_get_thread_num() * (size_t)top);
        if (omp_get_thread_num() == 0) base_worked(&run->watch, c->count * (int64_t)run->model->stride);
    }
    base_free(room);
    return TAMIS_OK;
}
