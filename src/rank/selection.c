/* Which items the lists of one call are made of.
 *
 * Candidates without what is excluded for all are a subset of the items, and only these are scored. What is left out for one user is
 * a mask: training interactions, masks, dislikes, exclusions of the user's own. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/order.h"
#include "base/status.h"
#include "rank/selection.h"

static tamis_status check_items(const int32_t *item, int64_t count, int64_t items, const char *what, tamis_error *error)
{
    for (int64_t k = 0; k < count; k++) {
        if (item[k] < 0 || item[k] >= items)
            return base_fail(error, TAMIS_USAGE, "%s: there is no item %" PRId32 "; the model's items are 0 to %" PRId64, what, item[k],
                             items - 1);
        if (k && item[k] <= item[k - 1])
            return base_fail(error, TAMIS_USAGE, "%s: item %" PRId32 " stands behind %" PRId32 "; expected ascending items, each once",
                             what, item[k], item[k - 1]);
    }
    return TAMIS_OK;
}

static tamis_status check(const rank_selection *s, int64_t users, tamis_error *error)
{
    const tamis_recommend_options *o = s->options;
    const int64_t items = s->model->items;
    if (o->candidate_count < 0 || o->excluded_count < 0)
        return base_fail(error, TAMIS_USAGE, "%s: there is no list of %" PRId64 " items", o->candidate_count < 0 ? "candidates" : "excluded",
                         o->candidate_count < 0 ? o->candidate_count : o->excluded_count);
    tamis_status status = o->candidates ? check_items(o->candidates, o->candidate_count, items, "candidates", error) : TAMIS_OK;
    if (!status && o->excluded) status = check_items(o->excluded, o->excluded_count, items, "excluded", error);
    if (!status && o->excluded_start && o->excluded_start[0] != 0)
        status = base_fail(error, TAMIS_USAGE, "excluded_start[0] is %" PRId64 "; expected 0", o->excluded_start[0]);
    for (int64_t n = 0; o->excluded_start && n < users && !status; n++) {
        const int64_t from = o->excluded_start[n], count = o->excluded_start[n + 1] - from;
        if (count < 0)
            status = base_fail(error, TAMIS_USAGE, "excluded_start descends behind user %" PRId64 " of the call", n);
        else if (count > 0 && !o->excluded_item)
            status = base_fail(error, TAMIS_USAGE, "excluded_start is of %" PRId64 " items and more, but there is no excluded_item", count);
        else if (count > 0)
            status = check_items(o->excluded_item + from, count, items, "excluded_item", error);
    }
    for (size_t l = 0; l < o->limits && !status; l++)
        if (!o->limit[l].group || o->limit[l].most < 1)
            status = base_fail(error, TAMIS_USAGE, "limit[%zu]: %" PRId64 " items of a group%s; expected 1 or more, and each item's group",
                               l, o->limit[l].most, o->limit[l].group ? "" : ", and no groups");
    return status;
}

/* Those of `from` (NULL: 0 .. all - 1) that are not in `without`. */
static int64_t subtract(const int32_t *from, int64_t all, const int32_t *without, int64_t count, int32_t *to)
{
    int64_t n = 0, skip = 0;
    for (int64_t k = 0; k < all; k++) {
        const int32_t item = from ? from[k] : (int32_t)k;
        while (skip < count && without[skip] < item) skip++;
        if (skip == count || without[skip] != item) to[n++] = item;
    }
    return n;
}

tamis_status rank_selection_open(rank_selection *s, const tamis_model *model, const tamis_recommend_options *options, int64_t users,
                                 tamis_error *error)
{
    *s = (rank_selection){.model = model, .options = options, .item = options->candidates,
                          .items = options->candidates ? options->candidate_count : model->items};
    tamis_status status = check(s, users, error);
    if (status || !options->excluded || !options->excluded_count) return status;
    s->own = base_alloc_raw((size_t)s->items, sizeof *s->own);
    if (!s->own) return base_no_memory(error, "candidates", (size_t)s->items, sizeof *s->own);
    s->items = subtract(s->item, s->items, options->excluded, options->excluded_count, s->own);
    s->item = s->own;
    return TAMIS_OK;
}

void rank_selection_clear(rank_selection *s)
{
    base_free(s->own);
    base_free(s->start);
    base_free(s->mask);
    *s = (rank_selection){0};
}

/* Adds row r of a matrix, which may be NULL, to the mask. */
static bool add(rank_selection *s, int64_t *n, const int32_t *item, int64_t count)
{
    if (!base_grow(&s->mask, &s->room, (size_t)(*n + count) + 1, sizeof *s->mask)) return false;
    if (count) memcpy(s->mask + *n, item, (size_t)count * sizeof *item);
    *n += count;
    return true;
}

static bool add_row(rank_selection *s, int64_t *n, const matrix *m, int64_t row)
{
    return !m || row < 0 || add(s, n, m->index + m->start[row], m->start[row + 1] - m->start[row]);
}

/* From items to places in item[], those that are not there left out. */
static int64_t place_items(const rank_selection *s, int32_t *mask, int64_t count)
{
    int64_t n = 0;
    const int32_t *low = s->item, *end = s->item + s->items;
    for (int64_t k = 0; k < count; k++) {
        for (const int32_t *high = end; low < high;) { /* the first that is not below mask[k] */
            const int32_t *middle = low + (high - low) / 2;
            if (*middle < mask[k]) low = middle + 1;
            else high = middle;
        }
        if (low < end && *low == mask[k]) mask[n++] = (int32_t)(low - s->item);
    }
    return n;
}

tamis_status rank_selection_mask(rank_selection *s, const int64_t *user, const int64_t *place, int64_t count, tamis_error *error)
{
    const tamis_recommend_options *o = s->options;
    const tamis_model *m = s->model;
    int64_t n = 0;
    bool complete = base_grow(&s->start, &s->start_room, (size_t)count + 1, sizeof *s->start) &&
                    base_grow(&s->mask, &s->room, 1, sizeof *s->mask);
    if (complete) s->start[0] = 0;
    for (int64_t k = 0; k < count && complete; k++) {
        const int64_t from = n, row = user[place[k]];
        if (o->mask_training)
            complete = add_row(s, &n, model_excluded(m), row);
        else
            complete = add_row(s, &n, m->masked, row) && add_row(s, &n, m->dislikes, row);
        if (complete && o->excluded_start && o->excluded_item) {
            const int64_t *start = o->excluded_start + place[k];
            complete = add(s, &n, o->excluded_item + start[0], start[1] - start[0]);
        }
        if (!complete) break;
        if (o->excluded_start || !o->mask_training) n = from + base_sort_distinct_int32(s->mask + from, n - from);
        if (s->item) n = from + place_items(s, s->mask + from, n - from);
        s->start[k + 1] = n;
    }
    return complete ? TAMIS_OK : base_no_memory(error, "what is not recommended", (size_t)n, sizeof *s->mask);
}
