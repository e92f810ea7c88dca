/* From rows to a matrix: counting sort by user, each row sorted and its duplicates merged; then the k-core.
 *
 * Memory: rows are scattered one array after the other, each freed as soon as it is moved, so that the peak is the rows
 * and one array more. A log that is grouped by user already (most are) is not moved at all. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/reader.h"

static tamis_status ids_full(const base_ids *ids, const char *what, tamis_error *error)
{
    if (ids->count >= INT32_MAX)
        return base_fail(error, TAMIS_DATA, "more than %d %ss, the most that tamis can number", (int)INT32_MAX, what);
    return base_no_memory(error, "ids", ids->text_capacity, 2);
}

/* ---- the batch: a look-up in a large table waits for memory three times (slot, start, text), each to know the next
 * place. Over a batch of rows, each of the three is asked for ahead for all rows, so that the waits overlap. */

enum { BATCH = 64 };

typedef struct waiting {
    size_t user, item; /* where the ids begin in the batch's text */
    size_t user_length, item_length;
    uint64_t user_hash, item_hash;
    double rating, time;
    bool same_user; /* as the row before: consecutive rows often are of one user */
} waiting;

struct log_batch {
    waiting row[BATCH];
    int count;
    char *text;
    size_t used, capacity;
};

#if defined(__GNUC__)
#define PREFETCH(place) __builtin_prefetch(place)
#else
#define PREFETCH(place) ((void)(place))
#endif

static void ask_slot(const base_ids *ids, uint64_t hash)
{
    if (ids->slots) PREFETCH(&ids->slot[hash & (ids->slots - 1)]);
}

static void ask_start(const base_ids *ids, uint64_t hash)
{
    uint32_t slot = ids->slots ? ids->slot[hash & (ids->slots - 1)] : 0;
    if (slot) PREFETCH(&ids->start[slot - 1]);
}

static void ask_text(const base_ids *ids, uint64_t hash)
{
    uint32_t slot = ids->slots ? ids->slot[hash & (ids->slots - 1)] : 0;
    if (slot) PREFETCH(ids->text + ids->start[slot - 1]);
}

static void ask_ahead(const log_builder *b, const log_batch *batch, void (*ask)(const base_ids *, uint64_t))
{
    for (int k = 0; k < batch->count; k++) {
        if (!batch->row[k].same_user) ask(&b->users, batch->row[k].user_hash);
        ask(&b->items, batch->row[k].item_hash);
    }
}

static bool make_room(log_builder *b, size_t need)
{
    return base_grow(&b->user, &b->user_capacity, need, sizeof *b->user) &&
           base_grow(&b->item, &b->item_capacity, need, sizeof *b->item) &&
           (!b->has_rating || base_grow(&b->rating, &b->rating_capacity, need, sizeof *b->rating)) &&
           (!b->has_time || base_grow(&b->time, &b->time_capacity, need, sizeof *b->time));
}

tamis_status log_builder_flush(log_builder *b, tamis_error *error)
{
    log_batch *batch = b->batch;
    if (!batch || batch->count == 0) return TAMIS_OK;
    if (!make_room(b, (size_t)(b->count + batch->count)))
        return base_no_memory(error, "interactions", (size_t)b->count, 20);
    ask_ahead(b, batch, ask_start);
    ask_ahead(b, batch, ask_text);
    int64_t user = -1;
    for (int k = 0; k < batch->count; k++) {
        const waiting *w = &batch->row[k];
        if (!w->same_user) user = base_ids_add(&b->users, batch->text + w->user, w->user_length);
        if (user < 0) return ids_full(&b->users, "user", error);
        int64_t item = base_ids_add(&b->items, batch->text + w->item, w->item_length);
        if (item < 0) return ids_full(&b->items, "item", error);
        b->user[b->count] = (int32_t)user;
        b->item[b->count] = (int32_t)item;
        if (b->has_rating) b->rating[b->count] = (float)w->rating;
        if (b->has_time) b->time[b->count] = w->time;
        b->count++;
    }
    batch->count = 0;
    batch->used = 0;
    return TAMIS_OK;
}

tamis_status log_builder_add(log_builder *b, const char *user, size_t user_length, const char *item, size_t item_length,
                             double rating, double time, tamis_error *error)
{
    if (!b->batch && !(b->batch = calloc(1, sizeof *b->batch)))
        return base_no_memory(error, "a batch", 1, sizeof *b->batch);
    log_batch *batch = b->batch;
    if (batch->count == BATCH) {
        tamis_status status = log_builder_flush(b, error);
        if (status) return status;
    }
    size_t need = batch->used + user_length + item_length;
    if (need > batch->capacity && !base_grow(&batch->text, &batch->capacity, need, 1))
        return base_no_memory(error, "ids", need, 1);
    waiting *w = &batch->row[batch->count];
    const waiting *before = batch->count ? w - 1 : NULL;
    w->same_user =
        before && before->user_length == user_length && memcmp(batch->text + before->user, user, user_length) == 0;
    if (w->same_user) {
        w->user = before->user;
    } else {
        memcpy(batch->text + batch->used, user, user_length);
        w->user = batch->used;
        batch->used += user_length;
        w->user_hash = base_hash(user, user_length);
        ask_slot(&b->users, w->user_hash);
    }
    memcpy(batch->text + batch->used, item, item_length);
    w->item = batch->used;
    batch->used += item_length;
    w->user_length = user_length;
    w->item_length = item_length;
    w->item_hash = base_hash(item, item_length);
    ask_slot(&b->items, w->item_hash);
    w->rating = rating;
    w->time = time;
    batch->count++;
    return TAMIS_OK;
}

void log_drop_rating(log_builder *b)
{
    free(b->rating);
    b->rating = NULL;
    b->rating_capacity = 0;
    b->has_rating = false;
}

void log_drop_time(log_builder *b)
{
    free(b->time);
    b->time = NULL;
    b->time_capacity = 0;
    b->has_time = false;
}

void log_builder_clear(log_builder *b)
{
    base_ids_clear(&b->users);
    base_ids_clear(&b->items);
    free(b->user);
    free(b->item);
    log_drop_rating(b);
    log_drop_time(b);
    if (b->batch) free(b->batch->text);
    free(b->batch);
    *b = (log_builder){0};
}

/* ---- by user */

/* Moves array[k] to the next free place of its user, for every k, and frees the old array. */
#define SCATTER(type, array)                                                                                           \
    do {                                                                                                               \
        type *moved = malloc((size_t)b->count * sizeof *moved);                                                        \
        if (!moved) goto no_memory;                                                                                    \
        memcpy(next, log->start, users * sizeof *next);                                                                \
        for (int64_t k = 0; k < b->count; k++)                                                                         \
            moved[next[b->user[k]]++] = (array)[k];                                                                    \
        free(array);                                                                                                   \
        (array) = moved;                                                                                               \
    } while (0)

static tamis_status group_by_user(log_builder *b, tamis_log *log, tamis_error *error)
{
    size_t users = b->users.count;
    bool grouped = true;
    int64_t *next = NULL;
    log->start = calloc(users + 1, sizeof *log->start);
    if (!log->start) goto no_memory;
    for (int64_t k = 0; k < b->count; k++) {
        log->start[b->user[k] + 1]++;
        grouped &= k == 0 || b->user[k - 1] <= b->user[k];
    }
    for (size_t u = 0; u < users; u++)
        log->start[u + 1] += log->start[u];
    if (!grouped) {
        next = malloc(users * sizeof *next);
        if (!next) goto no_memory;
        if (b->has_time) SCATTER(double, b->time);
        if (b->has_rating) SCATTER(float, b->rating);
        SCATTER(int32_t, b->item);
        free(next);
    }
    free(b->user);
    b->user = NULL;
    return TAMIS_OK;
no_memory:
    free(next);
    return base_no_memory(error, "the matrix", (size_t)b->count + users, 8);
}

/* ---- within a row: keys are item << 32 | place in the row */

static void insertion_sort(uint64_t *key, size_t n)
{
    for (size_t k = 1; k < n; k++) {
        uint64_t moving = key[k];
        size_t to = k;
        for (; to > 0 && key[to - 1] > moving; to--)
            key[to] = key[to - 1];
        key[to] = moving;
    }
}

/* Sorts by the item's bytes that are in use, lowest first; stable. The result is in *key, *spare is what is left. */
static void radix_sort(uint64_t **key, uint64_t **spare, size_t n, uint64_t most)
{
    for (int shift = 32; most; shift += 8, most >>= 8) {
        size_t place[256] = {0}, sum = 0;
        for (size_t k = 0; k < n; k++)
            place[(*key)[k] >> shift & 255]++;
        for (int digit = 0; digit < 256; digit++) {
            size_t count = place[digit];
            place[digit] = sum;
            sum += count;
        }
        for (size_t k = 0; k < n; k++)
            (*spare)[place[(*key)[k] >> shift & 255]++] = (*key)[k];
        uint64_t *swap = *key;
        *key = *spare;
        *spare = swap;
    }
}

/* array[to ..] from array[from ..] in the keys' order, equal items as one with the larger value. */
#define GATHER(type, array)                                                                                            \
    do {                                                                                                               \
        type *old = (type *)(void *)spare;                                                                             \
        memcpy(old, (array) + from, n * sizeof *old);                                                                  \
        for (size_t k = 0, at = 0; k < n; k++) {                                                                       \
            type value = old[(uint32_t)key[k]];                                                                        \
            bool again = k && key[k] >> 32 == key[k - 1] >> 32;                                                        \
            if (!again)                                                                                                \
                (array)[to + (int64_t)at++] = value;                                                                   \
            else if (value > (array)[to + (int64_t)at - 1])                                                            \
                (array)[to + (int64_t)at - 1] = value;                                                                 \
        }                                                                                                              \
    } while (0)

/* Sorts the row of n at `from`, merges what is double, and leaves it at `to` <= from. Returns what remains. */
static int64_t settle_row(tamis_log *log, int64_t from, int64_t to, size_t n, uint64_t *key, uint64_t *spare)
{
    int32_t *item = log->item;
    bool settled = true;
    uint32_t most = 0;
    for (size_t k = 0; k < n; k++) {
        uint32_t i = (uint32_t)item[from + (int64_t)k];
        settled &= k == 0 || item[from + (int64_t)k - 1] < item[from + (int64_t)k];
        if (i > most) most = i;
    }
    if (settled) {
        if (to != from) {
            memmove(item + to, item + from, n * sizeof *item);
            if (log->rating) memmove(log->rating + to, log->rating + from, n * sizeof *log->rating);
            if (log->time) memmove(log->time + to, log->time + from, n * sizeof *log->time);
        }
        return (int64_t)n;
    }
    for (size_t k = 0; k < n; k++)
        key[k] = (uint64_t)(uint32_t)item[from + (int64_t)k] << 32 | k;
    if (n < 64)
        insertion_sort(key, n);
    else
        radix_sort(&key, &spare, n, most);
    if (log->rating) GATHER(float, log->rating);
    if (log->time) GATHER(double, log->time);
    int64_t at = to;
    for (size_t k = 0; k < n; k++)
        if (k == 0 || key[k] >> 32 != key[k - 1] >> 32) item[at++] = (int32_t)(key[k] >> 32);
    return at - to;
}

static tamis_status settle_rows(tamis_log *log, tamis_error *error)
{
    int64_t users = (int64_t)log->users.count, longest = 0, at = 0, from = 0;
    for (int64_t u = 0; u < users; u++)
        if (log->start[u + 1] - log->start[u] > longest) longest = log->start[u + 1] - log->start[u];
    if (longest > UINT32_MAX)
        return base_fail(error, TAMIS_DATA, "a user has %" PRId64 " rows; tamis takes at most 2^32 - 1 of one user",
                         longest);
    uint64_t *key = malloc((size_t)longest * 2 * sizeof *key);
    if (!key) return base_no_memory(error, "sorting a row", (size_t)longest, 16);
    for (int64_t u = 0; u < users; u++) {
        int64_t end = log->start[u + 1];
        int64_t kept = settle_row(log, from, at, (size_t)(end - from), key, key + longest);
        log->start[u] = at;
        at += kept;
        from = end;
    }
    log->summary.duplicates = from - at;
    log->start[users] = at;
    free(key);
    return TAMIS_OK;
}

/* Gives back what growing by doubling, duplicates and the k-core have left over. */
static void shrink(void *array_pointer, size_t bytes)
{
    void *array, *smaller;
    memcpy(&array, array_pointer, sizeof array);
    if (array && bytes && (smaller = realloc(array, bytes))) memcpy(array_pointer, &smaller, sizeof smaller);
}

tamis_status log_builder_finish(log_builder *b, const tamis_log_options *options, tamis_log **out, tamis_error *error)
{
    tamis_log *log = calloc(1, sizeof *log);
    tamis_status status = log_builder_flush(b, error);
    *out = NULL;
    if (!status && !log) status = base_no_memory(error, "a log", 1, sizeof *log);
    if (!status && b->count == 0)
        status = base_fail(error, TAMIS_DATA, "no interaction is left; expected one at least");
    if (!status) status = group_by_user(b, log, error);
    if (status) {
        log_builder_clear(b);
        tamis_log_free(log);
        return status;
    }
    log->users = b->users;
    log->items = b->items;
    log->item = b->item;
    log->rating = b->rating;
    log->time = b->time;
    log->no_time = b->no_time;
    log->summary = b->summary;
    log->summary.rows = b->count + b->summary.below_rating + b->summary.bad;
    b->users = b->items = (base_ids){0};
    b->item = NULL;
    b->rating = NULL;
    b->time = NULL;
    log_builder_clear(b);
    status = settle_rows(log, error);
    if (!status && (options->min_user_interactions > 1 || options->min_item_interactions > 1))
        status = log_take_core(log, options, error);
    if (status) {
        tamis_log_free(log);
        return status;
    }
    log->summary.users = (int64_t)log->users.count;
    log->summary.items = (int64_t)log->items.count;
    size_t n = (size_t)log->start[log->users.count];
    log->summary.interactions = (int64_t)n;
    for (size_t k = 1; log->rating && k < n && !log->summary.ratings_differ; k++)
        log->summary.ratings_differ = log->rating[k] < log->rating[0] || log->rating[k] > log->rating[0];
    shrink(&log->start, (log->users.count + 1) * sizeof *log->start);
    shrink(&log->item, n * sizeof *log->item);
    shrink(&log->rating, n * sizeof *log->rating);
    shrink(&log->time, n * sizeof *log->time);
    *out = log;
    return TAMIS_OK;
}
