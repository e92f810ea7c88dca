/* Figures of groups: relevant items by their popularity, users by their number of clicks, either by a column of a table. A slice
 * of items does not change the ranking; only the items of the group are taken for relevant. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/order.h"
#include "base/status.h"
#include "base/table.h"
#include "rank/slice.h"

enum { SLICE_GROUPS = 100 };

/* Who is in which group: per row of the task (users) or per item of the test log. */
typedef struct grouping {
    const char *name;
    int32_t *group;
    bool items;
    char label[SLICE_GROUPS + 1][80];
    int32_t groups;
} grouping;

void rank_slices_clear(rank_slices *slices)
{
    for (size_t k = 0; k < slices->count; k++) rank_figures_clear(&slices->slice[k].figures);
    free(slices->slice);
}

static void name_groups(grouping *g, const char *const *label, int32_t count)
{
    g->groups = count;
    for (int32_t k = 0; k < count; k++) snprintf(g->label[k], sizeof *g->label, "%s", label[k]);
}

/* ---- by clicks */

/* The clicks from which on an item is in the head, and in the middle: those that together have a third of all clicks,
 * and two thirds. Items of equal clicks are in one group. */
static tamis_status popular_from(const rank_catalog *catalog, int64_t from[2], tamis_error *error)
{
    size_t items = (size_t)catalog->items;
    int64_t *clicks = base_alloc_raw(items, sizeof *clicks);
    if (!clicks) return base_no_memory(error, "the clicks of items", items, sizeof *clicks);
    double all = 0, sum = 0;
    for (size_t i = 0; i < items; i++) all += (double)(clicks[i] = catalog->clicks[i]);
    qsort(clicks, items, sizeof *clicks, base_descending_int64);
    int part = 0;
    from[0] = from[1] = INT64_MAX;
    for (size_t i = 0; i < items && part < 2; i++) {
        sum += (double)clicks[i];
        while (part < 2 && sum * 3 >= all * (part + 1)) from[part++] = clicks[i];
    }
    base_free(clicks);
    return TAMIS_OK;
}

static tamis_status by_popularity(const rank_evaluated *e, grouping *g, tamis_error *error)
{
    const id_map *items = e->test->item_ids;
    const int64_t rare = e->options->rare_threshold;
    static const char *const thirds[] = {"head", "middle", "tail"}, *const two[] = {"rare", "not rare"};
    int64_t from[2];
    tamis_status status = popular_from(e->catalog, from, error);
    if (status) return status;
    name_groups(g, rare ? two : thirds, rare ? 2 : 3);
    for (int64_t k = 0; k < items->count; k++) {
        size_t length;
        const char *id = id_map_get(items, k, &length);
        int64_t item = id_map_find(e->model->item_ids, id, length), clicks = item < 0 ? 0 : e->catalog->clicks[item];
        g->group[k] = rare ? clicks > rare : clicks >= from[0] ? 0 : clicks >= from[1] ? 1 : 2;
    }
    return TAMIS_OK;
}

/* Bounds so that a third of the users is at or below the first, two thirds at or below the second. */
static tamis_status by_activity(const rank_task *task, const tamis_model *model, grouping *g, tamis_error *error)
{
    static const char *const thirds[] = {"light", "medium", "heavy"};
    size_t users = (size_t)task->count;
    int64_t *clicks = base_alloc_raw(2 * users, sizeof *clicks);
    if (!clicks) return base_no_memory(error, "the clicks of users", 2 * users, sizeof *clicks);
    int64_t *sorted = clicks + users;
    name_groups(g, thirds, 3);
    for (size_t t = 0; t < users; t++) {
        int64_t u = task->user[t];
        sorted[t] = clicks[t] = u < 0 ? 0 : model->seen->start[u + 1] - model->seen->start[u];
    }
    qsort(sorted, users, sizeof *sorted, base_descending_int64);
    int64_t heavy = sorted[users / 3], light = sorted[users - 1 - users / 3];
    for (size_t t = 0; t < users; t++) g->group[t] = clicks[t] <= light ? 0 : clicks[t] <= heavy ? 1 : 2;
    base_free(clicks);
    return TAMIS_OK;
}

/* ---- by a table */

static tamis_status label_of(grouping *g, const char *text, const tamis_table *table, int32_t *label,
                             tamis_error *error)
{
    int64_t line;
    char short_text[80];
    snprintf(short_text, sizeof short_text, "%s", *text ? text : "(none)");
    for (*label = 0; *label < g->groups; ++*label)
        if (strcmp(g->label[*label], short_text) == 0) return TAMIS_OK;
    if (g->groups == SLICE_GROUPS)
        return base_fail(error, TAMIS_DATA, "%s: column %s has more than %d different values; expected groups, such as "
                         "ranges of numbers", base_table_place(table, -1, &line), g->name, SLICE_GROUPS);
    memcpy(g->label[g->groups++], short_text, sizeof short_text);
    return TAMIS_OK;
}

/* ids of the rows to be grouped: users of the task by their row in the test log, or items of it. */
static tamis_status by_table(const id_map *ids, const int64_t *row, size_t count, const tamis_slice *slice,
                             grouping *g, tamis_error *error)
{
    const tamis_table *table = slice->table;
    int32_t *label = base_alloc_raw((size_t)ids->count, sizeof *label), none = -1;
    tamis_status status = label ? TAMIS_OK : base_no_memory(error, "a slice", (size_t)ids->count, sizeof *label);
    for (int64_t k = 0; !status && k < ids->count; k++) label[k] = -1;
    for (int64_t r = 0; !status && r < base_table_rows(table); r++) {
        size_t length;
        const char *id = base_table_text(table, r, 0, &length);
        int64_t at = id_map_find(ids, id, length), line;
        if (at < 0) continue;
        const int32_t before = label[at];
        status = label_of(g, base_table_text(table, r, slice->column, NULL), table, &label[at], error);
        if (status || before < 0 || before == label[at]) continue;
        const char *path = base_table_place(table, r, &line);
        status = base_fail(error, TAMIS_DATA, "%s:%lld: another group of the same %s than before; expected one each", path,
                           (long long)line, row ? "user" : "item");
    }
    for (size_t k = 0; !status && k < count; k++) {
        int32_t *work = &label[row ? (size_t)row[k] : k];
        if (*work < 0) {
            if (none < 0) status = label_of(g, "", table, &none, error);
            *work = none;
        }
        g->group[k] = *work;
    }
    base_free(label);
    return status;
}

/* ---- figures */

static int64_t count_rows(const rank_task *task, int64_t t, const int32_t *group, int32_t only)
{
    int64_t rows = 0;
    for (int64_t k = task->start[t]; k < task->start[t + 1]; k++) rows += group[task->test_item[k]] == only;
    for (int64_t k = task->missed_start[t]; k < task->missed_start[t + 1]; k++) rows += group[task->missed[k]] == only;
    return rows;
}

/* The users that have figures in the group, into member[]. */
static void find_members(const rank_task *task, const grouping *g, int32_t only, int64_t *member,
                         rank_slice *slice)
{
    slice->users = slice->rows = 0;
    for (int64_t t = 0; t < task->count; t++) {
        int64_t rows = g->items ? count_rows(task, t, g->group, only) : g->group[t] == only ? task->relevant[t] : -1;
        if (g->items ? rows == 0 : rows < 0) continue;
        member[slice->users++] = t;
        slice->rows += rows;
    }
}

/* One more, at the end; NULL: memory. */
static rank_slice *add_slice(rank_slices *slices, size_t columns)
{
    if (!base_grow(&slices->slice, &slices->capacity, slices->count + 1, sizeof *slices->slice)) return NULL;
    rank_slice *slice = &slices->slice[slices->count++];
    *slice = (rank_slice){0};
    return rank_figures_new(&slice->figures, columns) ? slice : NULL;
}

/* What the slices' figures are made in. */
typedef struct scratch {
    grouping grouping;
    rank_cells cells; /* of the relevant items of one group */
    int64_t *member;
} scratch;

static tamis_status figures_of(const rank_evaluated *e, scratch *work, rank_slices *slices, tamis_error *error)
{
    const grouping *g = &work->grouping;
    const tamis_evaluate_options *o = e->options;
    const rank_bootstrap bootstrap = {o->bootstrap, o->confidence, o->seed, e->outcome->threads};
    for (int32_t only = 0; only < g->groups; only++) {
        rank_slice *slice = add_slice(slices, e->outcome->columns);
        if (!slice) return base_no_memory(error, "a slice", e->outcome->columns, sizeof(double));
        snprintf(slice->slice, sizeof slice->slice, "%s", g->name);
        snprintf(slice->group, sizeof slice->group, "%s", g->label[only]);
        find_members(e->outcome->task, g, only, work->member, slice);
        const rank_members members = {work->member, slice->users};
        tamis_status status = g->items ? rank_measure(e->outcome, g->group, only, &work->cells, error) : TAMIS_OK;
        if (!status) status = rank_summarize(g->items ? &work->cells : e->cells, &members, &bootstrap, slice->figures, error);
        if (status) return status;
    }
    return TAMIS_OK;
}

static tamis_status make_grouping(const rank_evaluated *e, const tamis_slice *wanted, grouping *g, tamis_error *error)
{
    const rank_task *task = e->outcome->task;
    if (wanted->by == TAMIS_SLICE_POPULARITY) {
        g->name = "popularity";
        g->items = true;
        return by_popularity(e, g, error);
    }
    if (wanted->by == TAMIS_SLICE_ACTIVITY) {
        g->name = "activity";
        return by_activity(task, e->model, g, error);
    }
    if (!wanted->table || wanted->column >= base_table_columns(wanted->table))
        return base_fail(error, TAMIS_USAGE, "a slice by a table needs the table and one of its columns");
    g->name = base_table_name(wanted->table, wanted->column);
    g->items = wanted->by == TAMIS_SLICE_ITEMS;
    return g->items ? by_table(e->test->item_ids, NULL, (size_t)e->test->items, wanted, g, error)
                    : by_table(e->test->user_ids, task->test_user, (size_t)task->count, wanted, g, error);
}

tamis_status rank_slices_make(const rank_evaluated *e, rank_slices *slices, tamis_error *error)
{
    const size_t users = (size_t)e->outcome->task->count, columns = e->outcome->columns;
    const size_t most = users > (size_t)e->test->items ? users : (size_t)e->test->items;
    scratch *work = base_alloc(1, sizeof *work);
    int32_t *group = base_alloc_raw(most, sizeof *group);
    tamis_status status = TAMIS_OK;
    if (!work || !group || !(work->member = base_alloc_raw(users, sizeof *work->member)) ||
        !rank_cells_new(&work->cells, (int64_t)users, columns))
        status = base_no_memory(error, "slices", users * columns, 2 * sizeof(double));
    for (size_t k = 0; !status && k < e->options->slices; k++) {
        work->grouping = (grouping){.group = group};
        status = make_grouping(e, &e->options->slice[k], &work->grouping, error);
        if (!status) status = figures_of(e, work, slices, error);
    }
    if (work) {
        rank_cells_clear(&work->cells);
        base_free(work->member);
    }
    base_free(work);
    base_free(group);
    return status;
}
