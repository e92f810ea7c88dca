/* Figures of groups: of the relevant items that are popular or rare, of users with few or many clicks, by any column of
 * a table. A slice of items leaves the ranking as it is and counts the relevant items of the group alone. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/table.h"
#include "rank/slice.h"

/* Who is in which group: per row of the task (users) or per item of the test log. */
typedef struct grouping {
    const char *name;
    int32_t *group;
    bool items;
    char label[SLICE_GROUPS + 1][80];
    int32_t groups;
} grouping;

bool slice_figures_new(rank_figures *figures, size_t columns)
{
    *figures = (rank_figures){base_alloc(columns, sizeof(double)), base_alloc(columns, sizeof(double)),
                              base_alloc(columns, sizeof(double))};
    return figures->mean && figures->low && figures->high;
}

void slice_figures_free(rank_figures *figures)
{
    base_free(figures->mean);
    base_free(figures->low);
    base_free(figures->high);
    *figures = (rank_figures){0};
}

void slice_free(tamis_evaluation *evaluation)
{
    for (size_t k = 0; k < evaluation->slices; k++) slice_figures_free(&evaluation->slice[k].figures);
    free(evaluation->slice);
}

static void name_groups(grouping *g, const char *const *label, int32_t count)
{
    g->groups = count;
    for (int32_t k = 0; k < count; k++) snprintf(g->label[k], sizeof *g->label, "%s", label[k]);
}

/* ---- by clicks */

static int descending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x < y) - (x > y);
}

/* The clicks from which on an item is in the head, and in the middle: those that together have a third of all clicks,
 * and two thirds. Items of equal clicks are in one group. */
static tamis_status popular_from(const rank_catalog *catalog, int64_t from[2], tamis_error *error)
{
    size_t items = (size_t)catalog->items;
    int64_t *clicks = base_alloc_raw(items, sizeof *clicks);
    if (!clicks) return base_no_memory(error, "the clicks of items", items, sizeof *clicks);
    double all = 0, sum = 0;
    for (size_t i = 0; i < items; i++) all += (double)(clicks[i] = catalog->clicks[i]);
    qsort(clicks, items, sizeof *clicks, descending);
    int part = 0;
    from[0] = from[1] = INT64_MAX;
    for (size_t i = 0; i < items && part < 2; i++) {
        sum += (double)clicks[i];
        while (part < 2 && sum * 3 >= all * (part + 1)) from[part++] = clicks[i];
    }
    base_free(clicks);
    return TAMIS_OK;
}

static tamis_status by_popularity(const tamis_model *model, const tamis_log *test, const rank_catalog *catalog,
                                  int64_t rare, grouping *g, tamis_error *error)
{
    static const char *const thirds[] = {"head", "middle", "tail"}, *const two[] = {"rare", "not rare"};
    int64_t from[2];
    tamis_status status = popular_from(catalog, from, error);
    if (status) return status;
    name_groups(g, rare ? two : thirds, rare ? 2 : 3);
    for (int64_t k = 0; k < test->items; k++) {
        size_t length;
        const char *id = id_map_get(test->item_ids, k, &length);
        int64_t item = id_map_find(model->item_ids, id, length), clicks = item < 0 ? 0 : catalog->clicks[item];
        g->group[k] = rare ? clicks > rare : clicks >= from[0] ? 0 : clicks >= from[1] ? 1 : 2;
    }
    return TAMIS_OK;
}

/* Bounds so that a third of the users is at or below the first, two thirds at or below the second. */
static tamis_status by_activity(const rank_task *task, const tamis_model *model, grouping *g, tamis_error *error)
{
    static const char *const thirds[] = {"light", "medium", "heavy"};
    size_t users = (size_t)task->count;
    int64_t *clicks = base_alloc_raw(2 * users, sizeof *clicks), *sorted = clicks + users;
    if (!clicks) return base_no_memory(error, "the clicks of users", 2 * users, sizeof *clicks);
    name_groups(g, thirds, 3);
    for (size_t t = 0; t < users; t++) {
        int64_t u = task->user[t];
        sorted[t] = clicks[t] = u < 0 ? 0 : model->seen->start[u + 1] - model->seen->start[u];
    }
    qsort(sorted, users, sizeof *sorted, descending);
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
        int32_t *own = &label[row ? (size_t)row[k] : k];
        if (*own < 0) {
            if (none < 0) status = label_of(g, "", table, &none, error);
            *own = none;
        }
        g->group[k] = *own;
    }
    base_free(label);
    return status;
}

/* ---- figures */

static int64_t count_rows(const rank_task *task, int64_t t, const int32_t *group, int32_t only)
{
    int64_t rows = 0;
    for (int64_t k = task->start[t]; k < task->start[t + 1]; k++) rows += group[task->place[k]] == only;
    for (int64_t k = task->lost_start[t]; k < task->lost_start[t + 1]; k++) rows += group[task->lost[k]] == only;
    return rows;
}

/* The users that have figures in the group, into member[]. */
static void find_members(const rank_task *task, const grouping *g, int32_t only, int64_t *member,
                         struct rank_slice *slice)
{
    slice->users = slice->rows = 0;
    for (int64_t t = 0; t < task->count; t++) {
        int64_t rows = g->items ? count_rows(task, t, g->group, only) : g->group[t] == only ? task->relevant[t] : -1;
        if (g->items ? rows == 0 : rows < 0) continue;
        member[slice->users++] = t;
        slice->rows += rows;
    }
}

static bool grow(tamis_evaluation *evaluation, size_t *room)
{
    if (!base_grow(&evaluation->slice, room, evaluation->slices + 1, sizeof *evaluation->slice)) return false;
    struct rank_slice *slice = &evaluation->slice[evaluation->slices++];
    *slice = (struct rank_slice){0};
    return slice_figures_new(&slice->figures, evaluation->metrics);
}

static tamis_status figures_of(const rank_outcome *o, const grouping *g, const rank_cells *cells, rank_cells own,
                               int64_t *member, const tamis_evaluate_options *options, tamis_evaluation *evaluation,
                               size_t *room, tamis_error *error)
{
    for (int32_t only = 0; only < g->groups; only++) {
        if (!grow(evaluation, room)) return base_no_memory(error, "a slice", evaluation->metrics, sizeof(double));
        struct rank_slice *slice = &evaluation->slice[evaluation->slices - 1];
        snprintf(slice->slice, sizeof slice->slice, "%s", g->name);
        snprintf(slice->group, sizeof slice->group, "%s", g->label[only]);
        find_members(o->task, g, only, member, slice);
        tamis_status status = g->items ? rank_measure(o, g->group, only, own, error) : TAMIS_OK;
        if (!status)
            status = rank_summarize(g->items ? &own : cells, o->columns, member, slice->users, options->bootstrap,
                                    options->confidence, options->seed, o->threads, slice->figures, error);
        if (status) return status;
    }
    return TAMIS_OK;
}

static tamis_status make_grouping(const rank_outcome *o, const tamis_model *model, const tamis_log *test,
                                  const rank_catalog *catalog, const tamis_evaluate_options *options,
                                  const tamis_slice *wanted, grouping *g, tamis_error *error)
{
    const rank_task *task = o->task;
    if (wanted->by == TAMIS_SLICE_POPULARITY) {
        g->name = "popularity";
        g->items = true;
        return by_popularity(model, test, catalog, options->rare_threshold, g, error);
    }
    if (wanted->by == TAMIS_SLICE_ACTIVITY) {
        g->name = "activity";
        return by_activity(task, model, g, error);
    }
    if (!wanted->table || wanted->column >= base_table_columns(wanted->table))
        return base_fail(error, TAMIS_USAGE, "a slice by a table needs the table and one of its columns");
    g->name = base_table_name(wanted->table, wanted->column);
    g->items = wanted->by == TAMIS_SLICE_ITEMS;
    return g->items ? by_table(test->item_ids, NULL, (size_t)test->items, wanted, g, error)
                    : by_table(test->user_ids, task->test_user, (size_t)task->count, wanted, g, error);
}

tamis_status slice_all(const rank_outcome *o, const rank_cells *cells, const tamis_model *model, const tamis_log *test,
                       const rank_catalog *catalog, const tamis_evaluate_options *options, tamis_evaluation *evaluation,
                       tamis_error *error)
{
    size_t users = (size_t)o->task->count, cell = users * o->columns, room = 0;
    size_t most = users > (size_t)test->items ? users : (size_t)test->items;
    rank_cells own = {base_alloc(cell, sizeof(double)), base_alloc(cell, sizeof(double))};
    int64_t *member = base_alloc_raw(users, sizeof *member);
    grouping *g = base_alloc(1, sizeof *g);
    int32_t *group = base_alloc_raw(most, sizeof *group);
    tamis_status status = TAMIS_OK;
    if (!own.top || !own.bottom || !member || !g || !group)
        status = base_no_memory(error, "slices", cell, 2 * sizeof(double));
    for (size_t k = 0; !status && k < options->slices; k++) {
        *g = (grouping){.group = group};
        status = make_grouping(o, model, test, catalog, options, &options->slice[k], g, error);
        if (!status) status = figures_of(o, g, cells, own, member, options, evaluation, &room, error);
    }
    base_free(own.top);
    base_free(own.bottom);
    base_free(member);
    base_free(g);
    base_free(group);
    return status;
}
