/* What to evaluate: the test log, matched by id with a model, once. */
#include <math.h>
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
    size_t masks, item_capacity, mask_capacity, list_capacity;
    rank_rules rules;
    float from; /* relevance is kept in float: 3.3 in the file is compared with 3.3f */
} making;

static bool is_relevant(const making *m, int64_t row)
{
    const tamis_log *log = m->test.log;
    return !log->labelled || (isnan(m->from) ? log->rating[row] > 0 : log->rating[row] >= m->from);
}

static bool add_masks(making *m, int64_t user, int64_t test_user)
{
    rank_task *task = m->task;
    int64_t from = task->mask_start[task->count], n = 0;
    size_t length;
    const char *id = base_ids_get(&m->test.log->users, test_user, &length);
    for (size_t k = m->rules.mask_training ? 0 : 1; k <= m->masks; k++) {
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

/* A test user's rows by what becomes of them. */
typedef struct tally {
    int64_t relevant, unknown;           /* relevant ones; of these, of an unknown item */
    int64_t others, unknown_others;      /* candidates that are not relevant */
} tally;

/* The test items that can be found: known and not masked; likewise the candidates. */
static bool add_items(making *m, int64_t test_user, tally *rows)
{
    rank_task *task = m->task;
    const tamis_log *log = m->test.log;
    int64_t t = task->count, from = task->start[t], list_from = task->list_start[t], mask_from = task->mask_start[t];
    int64_t n = 0, listed = 0, room = log->start[test_user + 1] - log->start[test_user];
    size_t masked = (size_t)(task->mask_start[t + 1] - mask_from);
    if (!base_grow(&task->item, &m->item_capacity, (size_t)(from + room), sizeof *task->item)) return false;
    if (task->listed && !base_grow(&task->list, &m->list_capacity, (size_t)(list_from + room), sizeof *task->list))
        return false;
    for (int64_t j = log->start[test_user]; j < log->start[test_user + 1]; j++) {
        bool relevant = is_relevant(m, j);
        if (!relevant && !task->listed) continue;
        int32_t item = m->test.item[log->item[j]];
        if (item < 0) {
            ++*(relevant ? &rows->unknown : &rows->unknown_others);
        } else if (masked && bsearch(&item, task->mask + mask_from, masked, sizeof item, ascending)) {
            task->counts.masked_rows += relevant;
        } else {
            if (relevant) task->item[from + n++] = item;
            if (task->listed) task->list[list_from + listed++] = item;
        }
    }
    if (n) n = sort_distinct(task->item + from, n);
    if (listed) listed = sort_distinct(task->list + list_from, listed);
    task->start[t + 1] = from + n;
    task->list_start[t + 1] = list_from + listed;
    return true;
}

static tally count_rows(const making *m, int64_t test_user)
{
    tally rows = {0};
    for (int64_t j = m->test.log->start[test_user]; j < m->test.log->start[test_user + 1]; j++)
        ++*(is_relevant(m, j) ? &rows.relevant : &rows.others);
    return rows;
}

static bool add_user(making *m, int64_t test_user)
{
    rank_task *task = m->task;
    const tamis_log *log = m->test.log;
    int64_t t = task->count;
    if (log->start[test_user] == log->start[test_user + 1]) return true;
    size_t length;
    const char *id = base_ids_get(&log->users, test_user, &length);
    int64_t user = base_ids_find(m->users, id, length);
    tally rows = count_rows(m, test_user);
    /* those of t + 1 are written again by the next user when this one is left out */
    task->start[t + 1] = task->start[t];
    task->mask_start[t + 1] = task->mask_start[t];
    task->list_start[t + 1] = task->list_start[t];
    if (user < 0) {
        task->counts.unknown_users++;
        task->counts.unknown_user_rows += rows.relevant;
        if (m->rules.drop_unknown) return true;
        rows.unknown_others = rows.others;
    } else {
        if (!add_masks(m, user, test_user) || !add_items(m, test_user, &rows)) return false;
        task->counts.unknown_item_rows += rows.unknown;
        if (m->rules.drop_unknown) {
            rows.relevant -= rows.unknown;
            rows.others -= rows.unknown_others;
            rows.unknown_others = 0;
        }
    }
    if (rows.relevant == 0) {
        task->counts.empty_users++;
        if (!m->rules.keep_empty) return true;
    }
    task->test_user[t] = test_user;
    task->user[t] = user;
    task->relevant[t] = rows.relevant;
    task->candidates[t] = task->listed ? task->list_start[t + 1] - task->list_start[t] + rows.unknown_others
                                       : task->items - (task->mask_start[t + 1] - task->mask_start[t]);
    task->counts.users++;
    task->counts.rows += rows.relevant;
    if (task->listed) {
        task->counts.candidate_rows += rows.relevant + rows.others;
        task->counts.unknown_candidates += rows.unknown_others;
    }
    task->count++;
    return true;
}

static tamis_status fail_empty(const rank_task *task, size_t users, tamis_error *error)
{
    long long known = (long long)users - task->counts.unknown_users;
    if (known > 0 && task->counts.empty_users > 0)
        return base_fail(error, TAMIS_DATA,
                         "the test log holds no user to evaluate: of %lld users the model knows %lld, and %lld have no "
                         "relevant row (see --relevance, --relevant-from, --drop-unknown)",
                         (long long)users, known, (long long)task->counts.empty_users);
    return base_fail(error, TAMIS_DATA,
                     "the test log holds no user to evaluate: %lld users, of whom the model knows %lld"
                     "; expected ids as in the log that was trained on",
                     (long long)users, known);
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
    task->listed = m->rules.listed;
    task->test_user = base_alloc_raw(users, sizeof *task->test_user);
    task->user = base_alloc_raw(users, sizeof *task->user);
    task->relevant = base_alloc_raw(users, sizeof *task->relevant);
    task->candidates = base_alloc_raw(users, sizeof *task->candidates);
    task->start = base_alloc(users + 1, sizeof *task->start);
    task->mask_start = base_alloc(users + 1, sizeof *task->mask_start);
    task->list_start = base_alloc(users + 1, sizeof *task->list_start);
    bool complete = task->test_user && task->user && task->relevant && task->candidates && task->start &&
                    task->mask_start && task->list_start;
    for (size_t u = 0; u < users && complete; u++) complete = add_user(m, (int64_t)u);
    if (!complete) return base_no_memory(error, "the users to evaluate", users, 64);
    return task->count ? TAMIS_OK : fail_empty(task, users, error);
}

tamis_status rank_task_new(const base_ids *users, const base_ids *items, const int64_t *seen_start,
                           const int32_t *seen_item, const tamis_log *test, const tamis_log *const *masks,
                           size_t mask_count, bool drop_unknown, rank_task **task, tamis_error *error)
{
    const rank_rules usual = {.mask_training = true, .drop_unknown = drop_unknown, .relevant_from = (double)NAN};
    return rank_task_make(users, items, seen_start, seen_item, test, masks, mask_count, &usual, task, error);
}

tamis_status rank_task_make(const base_ids *users, const base_ids *items, const int64_t *seen_start,
                            const int32_t *seen_item, const tamis_log *test, const tamis_log *const *masks,
                            size_t mask_count, const rank_rules *rules, rank_task **out, tamis_error *error)
{
    *out = NULL;
    making m = {.task = calloc(1, sizeof *m.task), .users = users, .seen_start = seen_start, .seen_item = seen_item,
                .mask = calloc(mask_count + 1, sizeof *m.mask), .masks = mask_count, .rules = *rules,
                .from = (float)rules->relevant_from};
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
    base_free(task->candidates);
    base_free(task->start);
    base_free(task->mask_start);
    base_free(task->list_start);
    free(task->list);
    free(task->item);
    free(task->mask);
    free(task);
}
