/* Pairs without interaction that NBPO believes to be positives whose label was flipped.
 *
 * With γ = σ(φ) the chance that a positive goes unseen, a pair without interaction is a positive with the chance
 *   P(Z=1 | Y=0) = γ σ(s) / (σ(-s) + γ σ(s)) = 1 / (1 + e^-s (1 + e^-φ))
 * Source: Yu, Qin, SIGIR 2020. */
#include <math.h>
#include <stdlib.h>

#include "model/model.h"

/* Worse: less probable, or later. The heap has the worst on top. */
static bool worse(const tamis_hidden *a, const tamis_hidden *b)
{
    if (a->probability != b->probability) return a->probability < b->probability;
    return a->user != b->user ? a->user > b->user : a->item > b->item;
}

static void sink(tamis_hidden *heap, size_t count, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && worse(&heap[child + 1], &heap[child])) child++;
        if (!worse(&heap[child], &heap[at])) return;
        tamis_hidden swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
    }
}

static int best_first(const void *a, const void *b)
{
    return worse(a, b) ? 1 : -1; /* no two are alike */
}

static double dot(const float *a, const float *b, int64_t n)
{
    double sum = 0;
    for (int64_t k = 0; k < n; k++) sum += (double)a[k] * (double)b[k];
    return sum;
}

static double probability(const tamis_model *m, int64_t user, int64_t item)
{
    double s = dot(m->user_factors + (size_t)user * m->stride, m->item_factors + (size_t)item * m->stride, m->factors);
    double phi = dot(m->flip_user + (size_t)user * m->flip_stride, m->flip_item + (size_t)item * m->flip_stride, m->flip_factors);
    if (m->item_bias) s += (double)m->item_bias[item];
    return 1 / (1 + exp(-s) + exp(-s - phi)); /* a product of zero and infinity has no order */
}

tamis_status tamis_model_hidden(const tamis_model *m, size_t count, tamis_hidden *heap, size_t *found, tamis_error *error)
{
    base_clear(error);
    *found = 0;
    if (!m->flip_user)
        return base_fail(error, TAMIS_USAGE, "the model has no flip probabilities; train one with --method nbpo");
    for (int64_t u = 0; u < m->users; u++) {
        int64_t seen = m->seen_start[u];
        for (int64_t i = 0; i < m->items && count > 0; i++) {
            if (seen < m->seen_start[u + 1] && m->seen_item[seen] == i) {
                seen++;
                continue;
            }
            const tamis_hidden here = {(int32_t)u, (int32_t)i, probability(m, u, i)};
            if (*found < count) {
                heap[(*found)++] = here;
                if (*found == count)
                    for (size_t k = count / 2; k-- > 0;) sink(heap, count, k);
            } else if (worse(&heap[0], &here)) {
                heap[0] = here;
                sink(heap, count, 0);
            }
        }
    }
    qsort(heap, *found, sizeof *heap, best_first);
    return TAMIS_OK;
}
