/* The k best items of users.
 *
 * Users without interactions, whose factors nothing was learnt of, get the most popular items. Limits of groups are kept by walking
 * down a longer list, and a longer one still where that does not do. */
#include <inttypes.h>
#include <stddef.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/status.h"
#include "base/threads.h"
#include "base/watch.h"
#include "model/popularity.h"
#include "rank/recommend.h"
#include "rank/selection.h"
#include "rank/top.h"

enum {
    FEW_USERS = 4,        /* up to so many, exact scores alone are faster than a product */
    PART_USERS = 1 << 16, /* whose masks are in memory at once */
    PART_HITS = 1 << 22,  /* longer lists that are in memory at once */
    LONGER = 4            /* how much longer than asked for; then so much again */
};

static const tamis_option rows[] = {
    BASE_OPTION(tamis_recommend_options, mask_training, "mask-training", TAMIS_OPTION_FLAG, NULL, "1", "",
               "leave out the users' training items; with --no-mask-training they are recommended again"),
    BASE_OPTION(tamis_recommend_options, threads, "threads", TAMIS_OPTION_INTEGER, "[0,1024]", "0", "threads",
               "0: as many as OpenMP offers; never changes the result", .neutral = 1),
};
const tamis_option_table recommend_option_table = {"recommend", rows, BASE_COUNT(rows), sizeof(tamis_recommend_options), NULL};

void tamis_recommend_options_init(tamis_recommend_options *options, size_t size)
{
    tamis_recommend_options defaults = {0};
    base_option_defaults(&recommend_option_table, &defaults);
    base_option_give(&defaults, sizeof defaults, options, size);
}

/* One call. */
typedef struct recommendation {
    const tamis_model *model;
    const tamis_recommend_options *options;
    const int64_t *user;
    int64_t count, k;
    tamis_hit *hits;
    int threads;
    base_watch watch;
    rank_scorer known, cold; /* of users with and without interactions */
    rank_selection items;
    int64_t *row, *call, *at; /* room for the users of a part: rows of the model, of the call, of the hits */
    tamis_error *error;
} recommendation;

/* How popular items are, as scores of a model without factors. */
static tamis_status start_cold(recommendation *r)
{
    const float *popularity;
    const tamis_status status = model_popularity(r->model, &popularity, r->error);
    if (status) return status;
    rank_factors f = rank_factors_of_items(popularity, r->model->items);
    f.items = r->items.items;
    f.subset = r->items.item;
    rank_scorer_start(&r->cold, &f);
    r->cold.watch = &r->watch;
    return TAMIS_OK;
}

static tamis_status start(recommendation *r)
{
    const rank_factors f = rank_factors_of(r->model);
    bool any_cold = false;
    tamis_status status = rank_selection_open(&r->items, r->model, r->options, r->count, r->error);
    if (status) return status;
    for (int64_t n = 0; n < r->count; n++) {
        const bool cold = model_is_cold(r->model, r->user[n]);
        any_cold = any_cold || cold;
        if (r->options->origin) r->options->origin[n] = cold ? TAMIS_ORIGIN_POPULARITY : TAMIS_ORIGIN_MODEL;
    }
    r->watch.stop = r->options->stop;
    rank_scorer_start(&r->known, &f);
    if (r->count > FEW_USERS && r->model->factors) rank_scorer_measure(&r->known);
    r->known.f.subset = r->items.item;
    r->known.f.items = r->items.items;
    r->known.watch = &r->watch;
    return any_cold ? start_cold(r) : TAMIS_OK;
}

/* The k best items of the call's users which[0 .. count-1]: of which[c] at hits[c * k]. */
static tamis_status best(recommendation *r, const int64_t *which, int64_t count, int64_t k, tamis_hit *hits)
{
    int64_t known = 0;
    for (int64_t c = 0; c < count; c++) known += !model_is_cold(r->model, r->user[which[c]]);
    int64_t next[2] = {0, known};
    for (int64_t c = 0; c < count; c++) {
        const int64_t row = r->user[which[c]], n = next[model_is_cold(r->model, row)]++;
        r->row[n] = row;
        r->call[n] = which[c];
        r->at[n] = c;
    }
    tamis_status status = rank_selection_mask(&r->items, r->user, r->call, count, r->error);
    rank_request q = {.scorer = &r->known, .user = r->row, .place = r->at, .mask_start = r->items.start, .mask = r->items.mask,
                      .count = known, .k = k, .exact = r->count <= FEW_USERS, .hits = hits};
    if (!status && known) status = rank_top(&q, r->threads, r->error);
    q.scorer = &r->cold;
    q.user += known;
    q.place += known;
    q.mask_start += known;
    q.count = count - known;
    return status || !q.count ? status : rank_top(&q, r->threads, r->error);
}

/* How many of the chosen items are in the item's group. */
static int64_t in_group(const tamis_group_limit *limit, const tamis_hit *chosen, int64_t count, int32_t item)
{
    int64_t n = 0;
    for (int64_t k = 0; k < count && limit->group[item] >= 0; k++) n += limit->group[chosen[k].item] == limit->group[item];
    return n;
}

/* Walks down the list. True: the chosen ones are k, or there are no more. */
static bool choose(const recommendation *r, const tamis_hit *list, int64_t length, tamis_hit *chosen)
{
    const tamis_recommend_options *o = r->options;
    int64_t n = 0, at;
    for (at = 0; at < length && list[at].item >= 0 && n < r->k; at++) {
        bool taken = true;
        for (size_t l = 0; l < o->limits && taken; l++)
            taken = in_group(&o->limit[l], chosen, n, list[at].item) < o->limit[l].most;
        if (taken) chosen[n++] = list[at];
    }
    for (int64_t k = n; k < r->k; k++) chosen[k] = (tamis_hit){-1, 0.0f};
    return n == r->k || at < length || length >= r->items.items;
}

/* Of the users which[0 .. *count-1], with lists of that length; those whose lists were too short remain. */
static tamis_status choose_from(recommendation *r, int64_t *which, int64_t *count, int64_t length)
{
    const int64_t most = length < PART_HITS / PART_USERS ? PART_USERS : length < PART_HITS ? PART_HITS / length : 1;
    const int64_t part = *count < most ? *count : most;
    tamis_hit *list = base_alloc_raw((size_t)part * (size_t)length, sizeof *list);
    if (!list) return base_no_memory(r->error, "longer lists", (size_t)part * (size_t)length, sizeof *list);
    tamis_status status = TAMIS_OK;
    int64_t left = 0;
    for (int64_t from = 0; from < *count && !status; from += part) {
        const int64_t n = *count - from < part ? *count - from : part;
        status = best(r, which + from, n, length, list);
        for (int64_t c = 0; c < n && !status; c++)
            if (!choose(r, list + c * length, length, r->hits + which[from + c] * r->k)) which[left++] = which[from + c];
    }
    *count = left;
    base_free(list);
    return status;
}

/* The length of the next lists: never more than there are items, nor 0. */
static int64_t longer(const recommendation *r, int64_t length)
{
    const int64_t items = r->items.items ? r->items.items : 1;
    return length < items / LONGER ? LONGER * length : items;
}

static tamis_status recommend_part(recommendation *r, int64_t *which, int64_t count)
{
    if (!r->options->limits) return best(r, which, count, r->k, r->hits + which[0] * r->k);
    tamis_status status = TAMIS_OK;
    for (int64_t length = longer(r, r->k); count && !status; length = longer(r, length)) status = choose_from(r, which, &count, length);
    return status;
}

static tamis_status recommend(recommendation *r)
{
    const size_t part = (size_t)(r->count < PART_USERS ? r->count : PART_USERS);
    int64_t *room = base_alloc_raw(4 * part, sizeof *room), *which = room;
    if (!room) return base_no_memory(r->error, "users", part, 4 * sizeof *room);
    r->row = room + part;
    r->call = room + 2 * part;
    r->at = room + 3 * part;
    tamis_status status = TAMIS_OK;
    for (int64_t from = 0; from < r->count && !status; from += PART_USERS) {
        const int64_t n = r->count - from < PART_USERS ? r->count - from : PART_USERS;
        for (int64_t c = 0; c < n; c++) which[c] = from + c;
        status = recommend_part(r, which, n);
    }
    base_free(room);
    return status;
}

static tamis_status check(const tamis_model *model, const int64_t *users, size_t count, int64_t k, tamis_error *error)
{
    if (k < 1 || k > INT32_MAX || count > (size_t)(INT64_MAX / k))
        return base_fail(error, TAMIS_USAGE, "%" PRId64 " items are asked for; expected a number of at least 1", k);
    for (size_t u = 0; u < count; u++)
        if (users[u] < -1 || users[u] >= model->users)
            return base_fail(error, TAMIS_USAGE, "there is no user %" PRId64 "; the model's users are 0 to %" PRId64 ", or -1: unknown",
                             users[u], model->users - 1);
    return TAMIS_OK;
}

tamis_status tamis_recommend_from(const tamis_model *model, const int64_t *users, size_t count, int64_t k,
                                  const tamis_recommend_options *given, tamis_hit *hits, tamis_error *error)
{
    tamis_recommend_options options;
    base_clear(error);
    if (!model) return base_null(error, "the model");
    tamis_recommend_options_default(&options);
    tamis_status status = base_option_take(&recommend_option_table, given, &options, error);
    if (!status) status = check(model, users, count, k, error);
    if (status || !count) return status;
    recommendation r = {.model = model, .options = &options, .user = users, .count = (int64_t)count, .k = k, .hits = hits,
                        .threads = base_threads(options.threads), .error = error};
    status = start(&r);
    if (!status) status = recommend(&r);
    rank_selection_clear(&r.items);
    return status;
}

tamis_status tamis_recommend(const tamis_model *model, const int64_t *users, size_t count, int64_t k, int64_t threads,
                             tamis_hit *hits, tamis_error *error)
{
    tamis_recommend_options options;
    base_clear(error);
    if (threads < 0)
        return base_fail(error, TAMIS_USAGE, "%" PRId64 " threads are asked for; expected 0 or more", threads);
    tamis_recommend_options_default(&options);
    options.threads = threads;
    return tamis_recommend_from(model, users, count, k, &options, hits, error);
}
