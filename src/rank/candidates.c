/* Sampled candidates: the draws of a user depend on the seed and the user's id, and on nothing else. */
#include "base/memory.h"
#include "base/random.h"
#include "rank/candidates.h"

bool candidate_draws_new(candidate_draws *draws, int64_t items, int64_t wanted, uint64_t seed)
{
    *draws = (candidate_draws){items, wanted < items ? wanted : items, seed, base_alloc((size_t)items, sizeof *draws->excluded),
                               base_alloc_raw((size_t)items, sizeof *draws->left)};
    return draws->excluded && draws->left;
}

void candidate_draws_clear(candidate_draws *draws)
{
    base_free(draws->excluded);
    base_free(draws->left);
}

/* Few of many: an item that was drawn before is drawn again. */
static void draw_few(const candidate_draws *d, base_stream *stream, int32_t *drawn)
{
    for (int64_t k = 0; k < d->wanted;) {
        int32_t item = (int32_t)base_below(stream, (uint32_t)d->items);
        if (d->excluded[item]) continue;
        d->excluded[item] = true;
        drawn[k++] = item;
    }
    for (int64_t k = 0; k < d->wanted; k++) d->excluded[drawn[k]] = false;
}

/* Most of them: the first ones of a shuffle. Returns how many there are. */
static int64_t draw_many(const candidate_draws *d, base_stream *stream, int32_t *drawn)
{
    int64_t left = 0;
    for (int64_t i = 0; i < d->items; i++)
        if (!d->excluded[i]) d->left[left++] = (int32_t)i;
    const int64_t n = d->wanted < left ? d->wanted : left;
    for (int64_t k = 0; k < n; k++) {
        int64_t other = k + base_below(stream, (uint32_t)(left - k));
        drawn[k] = d->left[other];
        d->left[other] = d->left[k];
    }
    return n;
}

static void exclude(const candidate_draws *d, candidate_set set, bool excluded)
{
    for (int64_t k = 0; k < set.count; k++) d->excluded[set.item[k]] = excluded;
}

int64_t candidates_draw(const candidate_draws *d, uint64_t user_hash, candidate_set relevant, candidate_set masked,
                        int32_t *drawn)
{
    base_stream stream = base_stream_key(d->seed, BASE_FOR_CANDIDATES, user_hash, 0);
    int64_t n = d->wanted;
    exclude(d, relevant, true);
    exclude(d, masked, true);
    if (2 * (n + relevant.count + masked.count) < d->items) draw_few(d, &stream, drawn);
    else n = draw_many(d, &stream, drawn);
    exclude(d, relevant, false);
    exclude(d, masked, false);
    return n;
}
