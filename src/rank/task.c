/* What to evaluate: the test log, matched by id with a model, once. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/status.h"
#include "rank/candidates.h"
#include "rank/task.h"

rank_known rank_known_of(const tamis_model *model)
{
    return (rank_known){model->user_ids, model->item_ids, model->seen};
}

/* A log beside the model: which of the model's rows its users' items are. */
typedef struct match {
    const tamis_log *log;
    int32_t *item; /* the log's item -> the model's row, -1: unknown */
} match;

static tamis_status match_items(match *m, const tamis_log *log, const id_map *items, tamis_error *error)
{
    *m = (match){log, id_map_match(log->item_ids, items, error)};
    return m->item ? TAMIS_OK : TAMIS_FAILURE;
}

/* While a task is made. */
typedef struct making {
    rank_task *task;
    const rank_known *known;
    match test, *mask;
    size_t masks, item_capacity, test_item_capacity, missed_capacity, mask_capacity, list_capacity;
    int64_t user;          /* the row in the model of the one in progress */
    candidate_draws draws; /* where candidates are sampled */
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
    const char *id = id_map_get(m->test.log->user_ids, test_user, &length);
    for (size_t k = m->rules.mask_training ? 0 : 1; k <= m->masks; k++) {
        const tamis_log *log = k ? m->mask[k - 1].log : NULL;
        int64_t row = log ? id_map_find(log->user_ids, id, length) : user;
        if (row < 0) continue;
        const matrix *mask = log ? log->matrix : m->known->seen;
        const int64_t *start = mask->start;
        const int32_t *item = mask->index;
        int64_t room = start[row + 1] - start[row];
        if (!base_grow(&task->mask, &m->mask_capacity, (size_t)(from + n + room), sizeof *task->mask)) return false;
        for (int64_t j = start[row]; j < start[row + 1]; j++) {
            int32_t known = log ? m->mask[k - 1].item[item[j]] : item[j];
            if (known >= 0) task->mask[from + n++] = known;
        }
    }
    task->mask_start[task->count + 1] = from + (n ? base_sort_distinct_int32(task->mask + from, n) : 0);
    return true;
}

/* A test user's rows by what becomes of them. */
typedef struct tally {
    int64_t relevant, unknown;           /* relevant ones; of these, of an unknown item */
    int64_t others, unknown_others;      /* candidates that are not relevant */
} tally;

typedef struct pair {
    int32_t item, test_item;
} pair;

static int by_item(const void *a, const void *b)
{
    const pair *x = a, *y = b;
    return (x->item > y->item) - (x->item < y->item);
}

static bool in_training(const making *m, int64_t user, int32_t item)
{
    return matrix_find(m->known->seen, user, item) >= 0;
}

static bool keep_missed(making *m, int64_t t, int64_t row)
{
    rank_task *task = m->task;
    size_t at = (size_t)task->missed_start[t + 1];
    if (!base_grow(&task->missed, &m->missed_capacity, at + 1, sizeof *task->missed)) return false;
    task->missed[at] = m->test.log->matrix->index[row];
    task->missed_start[t + 1]++;
    return true;
}

/* Brings the user's items into the model's order. */
static bool sort_items(rank_task *task, int64_t from, int64_t n)
{
    bool sorted = true;
    for (int64_t k = 1; k < n; k++) sorted &= task->item[from + k - 1] < task->item[from + k];
    if (sorted) return true;
    pair *scratch = base_alloc_raw((size_t)n, sizeof *scratch);
    if (!scratch) return false;
    for (int64_t k = 0; k < n; k++) scratch[k] = (pair){task->item[from + k], task->test_item[from + k]};
    qsort(scratch, (size_t)n, sizeof *scratch, by_item);
    for (int64_t k = 0; k < n; k++) {
        task->item[from + k] = scratch[k].item;
        task->test_item[from + k] = scratch[k].test_item;
    }
    base_free(scratch);
    return true;
}

/* Items of which training tells nothing. */
static bool close_untrained(making *m)
{
    rank_task *task = m->task;
    if (!m->rules.trained) return true;
    int64_t *trained = matrix_column_counts(m->known->seen);
    task->closed = base_alloc_raw((size_t)task->items + 1, sizeof *task->closed);
    for (int32_t i = 0; trained && task->closed && i < task->items; i++)
        if (trained[i] == 0) task->closed[task->closed_count++] = i;
    base_free(trained);
    return trained && task->closed;
}

static bool is_closed(const rank_task *task, int32_t item)
{
    return task->closed_count && bsearch(&item, task->closed, (size_t)task->closed_count, sizeof item, base_ascending_int32);
}

/* The test items that can be found: known and not masked; likewise the candidates. */
static bool add_items(making *m, int64_t test_user, tally *rows)
{
    rank_task *task = m->task;
    const tamis_log *log = m->test.log;
    int64_t t = task->count, from = task->start[t], list_from = task->list_start[t], mask_from = task->mask_start[t];
    int64_t n = 0, listed = 0, room = log->matrix->start[test_user + 1] - log->matrix->start[test_user];
    size_t masked = (size_t)(task->mask_start[t + 1] - mask_from);
    const bool alike = m->rules.mask_training && m->masks == 0; /* masked is what is in training */
    if (!base_grow(&task->item, &m->item_capacity, (size_t)(from + room), sizeof *task->item) ||
        !base_grow(&task->test_item, &m->test_item_capacity, (size_t)(from + room), sizeof *task->test_item) ||
        (m->rules.listed &&
         !base_grow(&task->list, &m->list_capacity, (size_t)(list_from + room), sizeof *task->list)))
        return false;
    for (int64_t j = log->matrix->start[test_user]; j < log->matrix->start[test_user + 1]; j++) {
        bool relevant = is_relevant(m, j);
        if (!relevant && !m->rules.listed) continue;
        int32_t item = m->test.item[log->matrix->index[j]];
        const bool trained = item >= 0 && m->user >= 0 && in_training(m, m->user, item);
        task->counts.train_rows += relevant && trained;
        const bool hidden = alike ? trained || (item >= 0 && is_closed(task, item))
                                  : item >= 0 && masked && bsearch(&item, task->mask + mask_from, masked, sizeof item, base_ascending_int32);
        if (relevant && (hidden || (item < 0 && !m->rules.drop_unknown)) && !keep_missed(m, t, j)) return false;
        if (item < 0) {
            ++*(relevant ? &rows->unknown : &rows->unknown_others);
        } else if (hidden) {
            task->counts.masked_rows += relevant;
        } else {
            if (relevant) {
                task->item[from + n] = item;
                task->test_item[from + n++] = log->matrix->index[j];
            }
            if (m->rules.listed) task->list[list_from + listed++] = item;
        }
    }
    if (!sort_items(task, from, n)) return false;
    if (listed) listed = base_sort_distinct_int32(task->list + list_from, listed);
    task->start[t + 1] = from + n;
    task->list_start[t + 1] = list_from + listed;
    return true;
}

/* Candidates: the relevant items that can be found, and others drawn from those that are neither relevant nor masked. */
static bool draw_candidates(making *m, const char *id, size_t length)
{
    rank_task *task = m->task;
    const int64_t t = task->count, from = task->list_start[t];
    const candidate_set relevant = {task->item + task->start[t], task->start[t + 1] - task->start[t]};
    const candidate_set masked = {task->mask + task->mask_start[t], task->mask_start[t + 1] - task->mask_start[t]};
    if (!base_grow(&task->list, &m->list_capacity, (size_t)(from + relevant.count + m->draws.wanted), sizeof *task->list))
        return false;
    int32_t *list = task->list + from;
    for (int64_t k = 0; k < relevant.count; k++) list[k] = relevant.item[k];
    const int64_t n = candidates_draw(&m->draws, base_hash(id, length), relevant, masked, list + relevant.count);
    task->drawn += n;
    task->list_start[t + 1] = from + base_sort_distinct_int32(list, relevant.count + n);
    return true;
}

/* Nothing of an unknown user can be found. */
static bool miss_all(making *m, int64_t test_user)
{
    const tamis_log *log = m->test.log;
    for (int64_t j = log->matrix->start[test_user]; j < log->matrix->start[test_user + 1]; j++)
        if (is_relevant(m, j) && !keep_missed(m, m->task->count, j)) return false;
    return true;
}

static tally count_rows(const making *m, int64_t test_user)
{
    tally rows = {0};
    for (int64_t j = m->test.log->matrix->start[test_user]; j < m->test.log->matrix->start[test_user + 1]; j++)
        ++*(is_relevant(m, j) ? &rows.relevant : &rows.others);
    return rows;
}

static bool add_user(making *m, int64_t test_user)
{
    rank_task *task = m->task;
    const tamis_log *log = m->test.log;
    int64_t t = task->count;
    if (log->matrix->start[test_user] == log->matrix->start[test_user + 1]) return true;
    size_t length;
    const char *id = id_map_get(log->user_ids, test_user, &length);
    int64_t user = m->user = id_map_find(m->known->users, id, length);
    tally rows = count_rows(m, test_user);
    /* those of t + 1 are written again by the next user when this one is left out */
    task->start[t + 1] = task->start[t];
    task->mask_start[t + 1] = task->mask_start[t];
    task->list_start[t + 1] = task->list_start[t];
    task->missed_start[t + 1] = task->missed_start[t];
    if (user < 0) {
        task->counts.unknown_users++;
        task->counts.unknown_user_rows += rows.relevant;
        if (m->rules.drop_unknown) return true;
    }
    if (user < 0 && !m->rules.rank_unknown) {
        rows.unknown_others = rows.others;
        if (!miss_all(m, test_user)) return false;
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
    if (m->rules.sampled && (user >= 0 || m->rules.rank_unknown) && !draw_candidates(m, id, length)) return false;
    task->test_user[t] = test_user;
    task->user[t] = user >= 0 ? user : m->rules.rank_unknown ? RANK_POPULAR : RANK_UNKNOWN;
    task->relevant[t] = rows.relevant;
    task->candidates[t] = task->listed ? task->list_start[t + 1] - task->list_start[t] +
                                             (m->rules.listed ? rows.unknown_others : 0)
                                       : task->items - task->closed_count - (task->mask_start[t + 1] - task->mask_start[t]);
    task->counts.users++;
    task->counts.rows += rows.relevant;
    if (m->rules.listed) {
        task->counts.candidate_rows += rows.relevant + rows.others;
        task->counts.unknown_candidates += rows.unknown_others;
    }
    task->count++;
    return true;
}

static tamis_status fail_empty(const rank_task *task, const rank_rules *rules, size_t users, tamis_error *error)
{
    long long known = (long long)users - task->counts.unknown_users;
    if (known > 0 && task->counts.empty_users > 0)
        return base_fail(error, TAMIS_DATA,
                         "the held-out log has no user to evaluate: of %lld users the model knows %lld, and %lld have no "
                         "relevant row%s",
                         (long long)users, known, (long long)task->counts.empty_users,
                         isfinite(rules->relevant_from) ? "; expected a lower --relevant-from"
                         : rules->drop_unknown          ? " of an item that the model knows"
                                                        : "; expected rows of relevance above 0");
    return base_fail(error, TAMIS_DATA,
                     "the held-out log has no user to evaluate: %lld users, of whom the model knows %lld"
                     "; expected ids as in the log that was trained on",
                     (long long)users, known);
}

static tamis_status make(making *m, const tamis_log *test, const tamis_log *const *masks, tamis_error *error)
{
    const id_map *items = m->known->items;
    size_t users = (size_t)test->users;
    rank_task *task = m->task;
    tamis_status status = match_items(&m->test, test, items, error);
    for (size_t k = 0; k < m->masks && !status; k++) status = match_items(&m->mask[k], masks[k], items, error);
    if (status) return status;
    task->items = items->count;
    task->counts.test_items = test->items;
    for (int64_t k = 0; k < test->items; k++) task->counts.unknown_items += m->test.item[k] < 0;
    task->listed = m->rules.listed || m->rules.sampled > 0;
    task->test_user = base_alloc_raw(users, sizeof *task->test_user);
    task->user = base_alloc_raw(users, sizeof *task->user);
    task->relevant = base_alloc_raw(users, sizeof *task->relevant);
    task->candidates = base_alloc_raw(users, sizeof *task->candidates);
    task->start = base_alloc(users + 1, sizeof *task->start);
    task->mask_start = base_alloc(users + 1, sizeof *task->mask_start);
    task->list_start = base_alloc(users + 1, sizeof *task->list_start);
    task->missed_start = base_alloc(users + 1, sizeof *task->missed_start);
    bool complete = (!m->rules.sampled || candidate_draws_new(&m->draws, task->items, m->rules.sampled, m->rules.seed)) &&
                    task->test_user && task->user && task->relevant && task->candidates && task->start &&
                    task->mask_start && task->list_start && task->missed_start && close_untrained(m);
    for (size_t u = 0; u < users && complete; u++) complete = add_user(m, (int64_t)u);
    if (!complete) return base_no_memory(error, "the users to evaluate", users, 64);
    return task->count ? TAMIS_OK : fail_empty(task, &m->rules, users, error);
}

tamis_status rank_task_new(const rank_known *known, const tamis_log *test, const tamis_log *const *masks, size_t mask_count,
                           const rank_rules *rules, rank_task **out, tamis_error *error)
{
    *out = NULL;
    making m = {.task = calloc(1, sizeof *m.task), .known = known, .mask = calloc(mask_count + 1, sizeof *m.mask),
                .masks = mask_count, .rules = *rules, .from = (float)rules->relevant_from};
    tamis_status status =
        m.task && m.mask ? make(&m, test, masks, error) : base_no_memory(error, "an evaluation", 1, sizeof *m.task);
    for (size_t k = 0; m.mask && k < mask_count; k++) base_free(m.mask[k].item);
    base_free(m.test.item);
    candidate_draws_clear(&m.draws);
    free(m.mask);
    if (status) {
        rank_task_free(m.task);
        return status;
    }
    *out = m.task;
    return TAMIS_OK;
}

double rank_task_bytes(int64_t users, int64_t rows, int64_t seen)
{
    return (double)users * 8 * sizeof(int64_t) + 2 * base_grown((double)rows, sizeof(int32_t)) + base_grown((double)seen, sizeof(int32_t));
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
    base_free(task->missed_start);
    base_free(task->closed);
    free(task->test_item);
    free(task->missed);
    free(task->list);
    free(task->item);
    free(task->mask);
    free(task);
}
