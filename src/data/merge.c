/* Rows of one user and item become one interaction: each user's rows are sorted by item, with the index of the row behind it, so
 * that those of one item stand together in the order in which they came. */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/threads.h"
#include "data/merge.h"
#include "data/weights.h"

/* With fewer rows, one thread. */
enum { LEAST_ROWS = 1 << 16 };

static int useful_threads(int64_t rows)
{
    return rows < LEAST_ROWS ? 1 : base_threads(0);
}

/* ---- a user's rows: keys are item << 32 | index among them */

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

/* A stable radix sort by item, whose largest value is `most`. *key and *spare may be swapped. */
static void radix_sort(uint64_t **key, uint64_t **spare, size_t n, uint64_t most)
{
    for (int shift = 32; most; shift += 8, most >>= 8) {
        size_t bucket[256] = {0}, sum = 0;
        for (size_t k = 0; k < n; k++)
            bucket[(*key)[k] >> shift & 255]++;
        for (int digit = 0; digit < 256; digit++) {
            size_t count = bucket[digit];
            bucket[digit] = sum;
            sum += count;
        }
        for (size_t k = 0; k < n; k++)
            (*spare)[bucket[(*key)[k] >> shift & 255]++] = (*key)[k];
        uint64_t *swap = *key;
        *key = *spare;
        *spare = swap;
    }
}

/* The larger one, or the one that is not missing. */
static inline double larger(double a, double b)
{
    return b > a || isnan(a) ? b : a;
}

/* Brings array[from ..] into the keys' order. */
#define GATHER(type, array)                                                                \
    do {                                                                                   \
        type *old = (type *)(void *)spare; /* NOLINT(bugprone-macro-parentheses): a type */ \
        memcpy(old, (array) + from, n * sizeof *old);                                      \
        for (size_t k = 0; k < n; k++) (array)[from + (int64_t)k] = old[(uint32_t)key[k]]; \
    } while (0)

/* Whether row a is earlier than b, which stands behind it; one without a time comes after all others. */
static bool is_earlier(const log_times *time, int64_t a, int64_t b)
{
    if (!times_any(time)) return true;
    const double x = times_at(time, a), y = times_at(time, b);
    return isnan(y) || x <= y;
}

/* Rows of one pair, some of which are dislikes and some are not. */
static void count_both(log_draft *draft, int64_t from, int64_t end)
{
    const float *weight = draft->log->weight;
    bool yes = false, no = false;
    for (int64_t k = from; weight && k < end; k++) {
        yes |= weight[k] > 0;
        no |= !(weight[k] > 0);
    }
    if (!yes || !no) return;
#pragma omp atomic
    draft->both++;
}

/* The rows from .. end - 1, in the order in which they came, are of the same pair: they become one, in row `to` (at most from). */
static void merge_rows(tamis_log *log, const tamis_log_options *o, int64_t to, int64_t from, int64_t end)
{
    int64_t first = from, last = from;
    double rating = log->rating ? (double)log->rating[from] : 0, weight = log->weight ? (double)log->weight[from] : 0;
    for (int64_t k = from + 1; k < end; k++) {
        if (!is_earlier(&log->time, first, k)) first = k;
        if (is_earlier(&log->time, last, k) && !(times_any(&log->time) && isnan(times_at(&log->time, k)))) last = k;
        if (log->rating) rating = larger(rating, (double)log->rating[k]);
        if (log->weight && o->repeats != TAMIS_REPEATS_MERGE) weight += (double)log->weight[k];
        else if (log->weight) weight = larger(weight, (double)log->weight[k]);
    }
    const int64_t kept = o->keep == TAMIS_KEEP_FIRST ? first : last, timed = o->keep_time == TAMIS_KEEP_TIME_FIRST ? first : last;
    if (log->rating && o->keep != TAMIS_KEEP_MOST && !isnan(log->rating[kept])) rating = (double)log->rating[kept];
    if (log->weight && o->keep != TAMIS_KEEP_MOST && o->repeats == TAMIS_REPEATS_MERGE) weight = (double)log->weight[kept];
    times_copy(&log->time, to, &log->time, timed);
    if (log->rating) log->rating[to] = (float)rating;
    if (log->weight) log->weight[to] = weight < (double)FLT_MAX ? (float)weight : FLT_MAX;
}

/* Merges a user's n rows from `from` on, in the order of items, of which some stand several times. Returns how many are left. */
static int64_t merge_row(log_draft *draft, const tamis_log_options *options, int64_t from, int64_t n)
{
    int32_t *item = draft->item;
    int64_t at = from, next;
    for (int64_t k = from; k < from + n; k = next, at++) {
        next = k + 1;
        while (next < from + n && item[next] == item[k]) next++;
        item[at] = item[k];
        if (next > k + 1) count_both(draft, k, next);
        if (next > k + 1) merge_rows(draft->log, options, at, k, next);
        else log_copy_values(draft->log, at, draft->log, k);
    }
    return at - from;
}

/* Sorts a user's n rows at `from` in place and merges duplicates. Returns how many are left. */
static int64_t sort_row(log_draft *draft, const tamis_log_options *options, int64_t from, size_t n, uint64_t *key, uint64_t *spare)
{
    tamis_log *log = draft->log;
    int32_t *item = draft->item;
    bool sorted = true, repeated = false;
    uint32_t most = 0;
    for (size_t k = 0; k < n; k++) {
        uint32_t i = (uint32_t)item[from + (int64_t)k];
        sorted &= k == 0 || item[from + (int64_t)k - 1] < item[from + (int64_t)k];
        if (i > most) most = i;
    }
    if (sorted) return (int64_t)n;
    for (size_t k = 0; k < n; k++) key[k] = (uint64_t)(uint32_t)item[from + (int64_t)k] << 32 | k;
    if (n < 24)
        insertion_sort(key, n);
    else
        radix_sort(&key, &spare, n, most);
    if (log->rating) GATHER(float, log->rating);
    if (log->weight) GATHER(float, log->weight);
    if (log->time.second) GATHER(uint32_t, log->time.second);
    if (log->time.value) GATHER(double, log->time.value);
    for (size_t k = 0; k < n; k++) {
        item[from + (int64_t)k] = (int32_t)(key[k] >> 32);
        repeated |= k && key[k] >> 32 == key[k - 1] >> 32;
    }
    return repeated ? merge_row(draft, options, from, (int64_t)n) : (int64_t)n;
}

/* Closes the gaps that merging has left: kept[u] rows of user u. */
static void close_gaps(log_draft *draft, const uint32_t *kept)
{
    tamis_log *log = draft->log;
    int64_t at = 0, from = 0;
    for (int64_t u = 0; u < log->users; u++) {
        const int64_t end = draft->start[u + 1];
        const size_t n = kept[u];
        if (at != from) {
            memmove(draft->item + at, draft->item + from, n * sizeof *draft->item);
            if (log->rating) memmove(log->rating + at, log->rating + from, n * sizeof *log->rating);
            if (log->weight) memmove(log->weight + at, log->weight + from, n * sizeof *log->weight);
            if (log->time.second) memmove(log->time.second + at, log->time.second + from, n * sizeof *log->time.second);
            if (log->time.value) memmove(log->time.value + at, log->time.value + from, n * sizeof *log->time.value);
        }
        draft->start[u] = at;
        at += (int64_t)n;
        from = end;
    }
    log->summary.duplicates = from - at;
    draft->start[log->users] = draft->nnz = at;
}

tamis_status log_merge_rows(log_draft *draft, const tamis_log_options *options, tamis_error *error)
{
    const int64_t users = draft->log->users, *start = draft->start;
    const int threads = useful_threads(draft->nnz);
    int64_t longest = 0;
    bool failed = false;
    for (int64_t u = 0; u < users; u++)
        if (start[u + 1] - start[u] > longest) longest = start[u + 1] - start[u];
    if (longest > UINT32_MAX)
        return base_fail(error, TAMIS_DATA, "a user has %" PRId64 " rows; tamis takes at most 2^32 - 1 of one user",
                         longest);
    uint32_t *kept = malloc((size_t)users * sizeof *kept);
    if (!kept) return base_no_memory(error, "sorting rows", (size_t)users, sizeof *kept);
#pragma omp parallel num_threads(base_team(threads))
    {
        uint64_t *key = malloc((size_t)longest * 2 * sizeof *key);
        if (!key) {
#pragma omp atomic write
            failed = true;
        }
#pragma omp for schedule(dynamic, 64)
        for (int64_t u = 0; u < users; u++)
            if (key)
                kept[u] = (uint32_t)sort_row(draft, options, start[u], (size_t)(start[u + 1] - start[u]), key, key + longest);
        free(key);
    }
    if (!failed) close_gaps(draft, kept);
    free(kept);
    return failed ? base_no_memory(error, "sorting a row", (size_t)longest, 16) : TAMIS_OK;
}
