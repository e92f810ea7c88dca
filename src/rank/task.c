/* What to evaluate: the test log, matched by id with a model, once. */
#include <stdlib.h>
#include <string.h>

#include "rank/rank.h"

/* A log beside the model: which of the model's rows its users' items are. */
typedef struct match {
    const tamis_log *log;
    int32_t *item; /* the log's item -> the model's row, -1: unknown */
} match;

static tamis_status match_items(match *m, const tamis_log *log, const base_ids *items, tamis_error *error)
{
    size_t count = log->items.count;
    *m = (match){log, base_alloc_raw(count, sizeof *m->item)};
    if (!m->item) return base_no_memory(error, "matching of item ids", count, sizeof *m->item);
    for (size_t k = 0; k < count; k++) {
        size_t length;
        const char *id = base_ids_get(&log->items, (int64_t)k, &length);
        m->item[k] = (int32_t)base_ids_find(items, id, length);
    }
    return TAMIS_OK;
}

static int ascending(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* Sorts rows and leaves out repetitions; gives how many remain. */
static int64_t sort_distinct(int32_t *row, int64_t n)
{
    int64_t kept = 0;
    qsort(row, (size_t)n, sizeof *row, ascending);
    for (int64_t k = 0; k < n; k++)
        if (k == 0 || row[k] != row[k - 1]) row[kept++] = row[k];
    return kept;
}

/* While a task is made. */
typedef struct making {
    rank_task *task;
    const base_ids *users;
    const int64_t *seen_start;
    const int32_t *seen_item;
    match test, *mask;
    size_t masks, item_capacity, mask_capacity;
    bool drop_unknown;
} making;

static bool add_masks(making *m, int64_t user, int64_t test_user)
{
    rank_task *task = m->task;
    int64_t from = task->mask_start[task->count], n = 0;
    size_t length;
    const char *id = base_ids_get(&m->test.log->users, test_user, &length);
    for (size_t k = 0; k <= m->masks; k++) {
        const tamis_log *log = k ? m->mask[k - 1].log : NULL;
        int64_t row = log ? base_ids_find(&log->users, id, length) : user;
        if (row < 0) continue;
        const int64_t *start = log ? log->start : m->seen_start;
        const int32_t *item = log ? log->item : m->seen_item;
        int64_t room = start[row + 1] - start[row];
        if (!base_grow(&task->mask, &m->mask_capacity, (size_t)(from + n + room), sizeof *task->mask)) return false;
        for (int64_t j = start[row]; j < start[row + 1]; j++) {
            int32_t known = log ? m->mask[k - 1].item[item[j]] : item[j];
            if (known >= 0) task->mask[from + n++] = known;
        }
    }
    task->mask_start[task->count + 1] = from + (n ? sort_distinct(task->mask + from, n) : 0);
    return true;
}

/* The test items that can be found: known and not masked. */
static bool add_items(making *m, int64_t test_user)
{
    rank_task *task = m->task;
    const tamis_log *log = m->test.log;
    int64_t from = task->start[task->count], n = 0, mask_from = task->mask_start[task->count];
    size_t masked = (size_t)(task->mask_start[task->count + 1] - mask_from);
    int64_t room = log->start[test_user + 1] - log->start[test_user];
    if (!base_grow(&task->item, &m->item_capacity, (size_t)(from + room), sizeof *task->item)) return false;
    for (int64_t j = log->start[test_user]; j < log->start[test_user + 1]; j++) {
        int32_t item = m->test.item[log->item[j]];
        if (item < 0)
            task->counts.unknown_item_rows++;
        else if (masked && bsearch(&item, task->mask + mask_from, masked, sizeof item, ascending))
            task->counts.masked_rows++;
        else
            task->item[from + n++] = item;
    }
    if (n) n = sort_distinct(task->item + from, n);
    task->start[task->count + 1] = from + n;
    return true;
}

static bool add_user(making *m, int64_t test_user)
{
    rank_task *task = m->task;
    const tamis_log *log = m->test.log;
    int64_t rows = log->start[test_user + 1] - log->start[test_user], t = task->count;
    if (rows == 0) return true;
    size_t length;
    const char *id = base_ids_get(&log->users, test_user, &length);
    int64_t user = base_ids_find(m->users, id, length), unknown_before = task->counts.unknown_item_rows;
    task->start[t + 1] = task->start[t];
    task->mask_start[t + 1] = task->mask_start[t];
    if (user < 0) {
        task->counts.unknown_users++;
        task->counts.unknown_user_rows += rows;
        if (m->drop_unknown) return true;
    } else {
        if (!add_masks(m, user, test_user) || !add_items(m, test_user)) return false;
        if (m->drop_unknown) rows -= task->counts.unknown_item_rows - unknown_before;
        if (rows == 0) return true; /* start and mask_start of t + 1 are written again by the next user */
    }
    task->test_user[t] = test_user;
    task->user[t] = user;
    task->relevant[t] = rows;
    task->counts.users++;
    task->counts.rows += rows;
    task->count++;
    return true;
}

static tamis_status make(making *m, const base_ids *items, const tamis_log *test, const tamis_log *const *masks,
                         tamis_error *error)
{
    size_t users = test->users.count;
    rank_task *task = m->task;
    tamis_status status = match_items(&m->test, test, items, error);
    for (size_t k = 0; k < m->masks && !status; k++) status = match_items(&m->mask[k], masks[k], items, error);
    if (status) return status;
    task->items = (int64_t)items->count;
    task->test_user = base_alloc_raw(users, sizeof *task->test_user);
    task->user = base_alloc_raw(users, sizeof *task->user);
    task->relevant = base_alloc_raw(users, sizeof *task->relevant);
    task->start = base_alloc(users + 1, sizeof *task->start);
    task->mask_start = base_alloc(users + 1, sizeof *task->mask_start);
    bool complete = task->test_user && task->user && task->relevant && task->start && task->mask_start;
    for (size_t u = 0; u < users && complete; u++) complete = add_user(m, (int64_t)u);
    if (!complete) return base_no_memory(error, "the users to evaluate", users, 64);
    if (task->count == 0)
        return base_fail(error, TAMIS_DATA,
                         "the test log holds no user to evaluate: %lld users, of whom the model knows %lld"
                         "; expected ids as in the log that was trained on",
                         (long long)users, (long long)((int64_t)users - task->counts.unknown_users));
    return TAMIS_OK;
}

tamis_status rank_task_new(const base_ids *users, const base_ids *items, const int64_t *seen_start,
                           const int32_t *seen_item, const tamis_log *test, const tamis_log *const *masks,
                           size_t mask_count, bool drop_unknown, rank_task **out, tamis_error *error)
{
    *out = NULL;
    making m = {.task = calloc(1, sizeof *m.task), .users = users, .seen_start = seen_start, .seen_item = seen_item,
                .mask = calloc(mask_count + 1, sizeof *m.mask), .masks = mask_count, .drop_unknown = drop_unknown};
    tamis_status status = m.task && m.mask ? make(&m, items, test, masks, error)
                                           : base_no_memory(error, "an evaluation", 1, sizeof *m.task);
    for (size_t k = 0; m.mask && k < mask_count; k++) base_free(m.mask[k].item);
    base_free(m.test.item);
    free(m.mask);
    if (status) {
        rank_task_free(m.task);
        return status;
    }
    *out = m.task;
    return TAMIS_OK;
}

void rank_task_free(rank_task *task)
{
    if (!task) return;
    base_free(task->test_user);
    base_free(task->user);
    base_free(task->relevant);
    base_free(task->start);
    base_free(task->mask_start);
    free(task->item);
    free(task->mask);
    free(task);
}
