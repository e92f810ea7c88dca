/* Which items are recommended: --candidates, --exclude, --max-per. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/column.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/order.h"
#include "base/status.h"
#include "base/table.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/message.h"
#include "cli/selection.h"
#include "cli/text.h"

static const tamis_option rows[] = {
    BASE_OPTION(cli_selection_options, candidates, "candidates", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "recommend only the items in this file, such as what is in stock: one id a line, or a CSV file with a column of items "
               "(- for standard input)", .file = TAMIS_FILE_INPUT),
    BASE_OPTION(cli_selection_options, exclude, "exclude", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "do not recommend the items in this file; with a column of users beside that of items, to these users alone; may be given "
               "more than once", .file = TAMIS_FILE_INPUT),
    BASE_OPTION(cli_selection_options, max_per, "max-per", TAMIS_OPTION_TEXT, "FILE:COLUMN=N", NULL, "",
               "at most N items with the same text in this column of a CSV file, whose first column holds items, such as brands.csv:brand=2; "
               "may be given more than once"),
};
CLI_TABLE(cli_selection_table, "selection", rows, cli_selection_options);

/* ---- files */

static int no_memory(const char *what)
{
    return cli_fail(TAMIS_FAILURE, "not enough memory for %s", what);
}

/* FILE:COLUMN=N; the file's name may hold colons, and both names an equals sign. */
static int read_group(const cli_args *args, const char *text, cli_group_table *group)
{
    tamis_error error;
    const char *equals = strrchr(text, '=');
    char *path = equals ? strndup(text, (size_t)(equals - text)) : NULL, *colon = path ? strrchr(path, ':') : NULL;
    int code = 0;
    if (!colon || colon == path || !colon[1] || !base_parse_integer(equals + 1, &group->most) || group->most < 1)
        code = cli_usage(args->command, "--max-per: \"%.200s\" is no limit; expected FILE:COLUMN=N with a whole number N of at least 1", text);
    if (!code) {
        *colon = '\0';
        code = cli_status(tamis_table_read(path, &group->table, &error), &error);
        if (!code) code = cli_status(tamis_table_find(group->table, colon + 1, &group->column, &error), &error);
    }
    free(path);
    return code;
}

int cli_selection_read(const cli_args *args, cli_selection *s)
{
    const char *candidates = cli_text(args, "candidates");
    *s = (cli_selection){.chosen = candidates != NULL};
    s->exclude = calloc(args->given_count + 1, sizeof *s->exclude);
    s->group = calloc(args->given_count + 1, sizeof *s->group);
    if (!s->exclude || !s->group) return no_memory("the selection");
    int code = candidates ? cli_ids_read(candidates, ROLE_ITEM, false, &s->candidates) : 0;
    for (size_t k = 0; k < args->given_count && !code; k++) {
        const cli_given *given = &args->given[k];
        if (strcmp(given->row->name, "exclude") == 0) code = cli_ids_read(given->text, ROLE_ITEM, true, &s->exclude[s->excludes++]);
        if (strcmp(given->row->name, "max-per") == 0) code = read_group(args, given->text, &s->group[s->groups++]);
    }
    return code;
}

void cli_selection_clear(cli_selection *s)
{
    cli_ids_clear(&s->candidates);
    for (size_t k = 0; k < s->excludes; k++) cli_ids_clear(&s->exclude[k]);
    for (size_t k = 0; k < s->groups; k++) tamis_table_free(s->group[k].table);
    free(s->exclude);
    free(s->group);
    *s = (cli_selection){0};
}

/* ---- rows of a model */

static int64_t find_item(const tamis_model *model, const cli_ids *ids, size_t k)
{
    size_t length;
    const char *id = cli_ids_get(ids, k, &length);
    return tamis_model_find_item(model, id, length);
}

static size_t first_item(const tamis_model *model, const cli_ids *ids)
{
    return ids->count ? cli_ids_begin(ids, find_item(model, ids, 0) >= 0) : 0;
}

/* Items that a model does not know. */
static void tell_unknown(const cli_ids *ids, int64_t unknown, int64_t all, const char *what)
{
    char a[64], b[64];
    if (unknown) cli_note("%s: %s of %s %s", ids->name, cli_count(unknown, a), cli_plural(all, "item", b), what);
}

static int choose_candidates(const cli_ids *ids, const tamis_model *model, bool told, cli_choice *c)
{
    const size_t first = first_item(model, ids);
    const int64_t all = (int64_t)(ids->count - first);
    c->candidates = malloc((ids->count + 1) * sizeof *c->candidates);
    if (!c->candidates) return no_memory("the candidates");
    for (size_t k = first; k < ids->count; k++) {
        const int64_t row = find_item(model, ids, k);
        if (row >= 0) c->candidates[c->candidate_count++] = (int32_t)row;
    }
    const int64_t unknown = all - c->candidate_count;
    c->candidate_count = base_sort_distinct_int32(c->candidates, c->candidate_count);
    if (told && c->candidate_count == 0)
        return cli_fail(TAMIS_DATA, "%s: none of its items is in the model, so that nothing can be recommended; expected one item id a line, "
                        "or a CSV file with a column of items", ids->name);
    if (told) tell_unknown(ids, unknown, all, "are not in the model and cannot be recommended");
    return 0;
}

/* For all users, or pairs of a user and an item. */
static bool add_exclusions(const cli_ids *ids, const tamis_model *model, bool told, cli_choice *c)
{
    const size_t first = first_item(model, ids);
    int64_t unknown = 0, strangers = 0;
    int32_t *grown = realloc(c->excluded, ((size_t)c->excluded_count + ids->count + 1) * sizeof *grown);
    if (grown) c->excluded = grown;
    cli_exclusion *pairs = realloc(c->exclusion, (c->exclusions + ids->count + 1) * sizeof *pairs);
    if (pairs) c->exclusion = pairs;
    if (!grown || !pairs) return false;
    for (size_t k = first; k < ids->count; k++) {
        const int64_t row = find_item(model, ids, k);
        if (row < 0) {
            unknown++;
        } else if (!ids->user) {
            c->excluded[c->excluded_count++] = (int32_t)row;
        } else {
            cli_exclusion *e = &c->exclusion[c->exclusions++];
            e->user = cli_ids_user(ids, k, &e->length);
            e->item = (int32_t)row;
            strangers += tamis_model_find_user(model, e->user, e->length) < 0;
        }
    }
    char text[64];
    if (told && strangers) cli_note("%s: %s of users who are not in the model", ids->name, cli_plural(strangers, "row", text));
    if (told) tell_unknown(ids, unknown, (int64_t)(ids->count - first), "are not in the model");
    return true;
}

static int by_user(const void *a, const void *b)
{
    const cli_exclusion *x = a, *y = b;
    const int order = memcmp(x->user, y->user, x->length < y->length ? x->length : y->length);
    if (order || x->length != y->length) return order ? order : x->length < y->length ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

/* Texts of a column as groups: the numbers of their places in order. */
typedef struct labelled {
    const char *text;
    int64_t item, row;
} labelled;

static int by_text(const void *a, const void *b)
{
    const labelled *x = a, *y = b;
    const int order = strcmp(x->text, y->text);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static int two_groups(const cli_group_table *group, int64_t row)
{
    char shown[280];
    int64_t line;
    size_t length;
    const char *id = base_table_text(group->table, row, 0, &length), *file = base_table_place(group->table, row, &line);
    return cli_fail(TAMIS_DATA, "%s:%" PRId64 ": item \"%s\" stands twice, with different %s; expected each item once", file, line,
                    base_quote(shown, sizeof shown, id, length), base_table_name(group->table, group->column));
}

static int make_groups(const cli_group_table *group, const tamis_model *model, bool told, int32_t **of_item)
{
    const int64_t items = tamis_model_items(model), count = base_table_rows(group->table);
    labelled *all = malloc(((size_t)count + 1) * sizeof *all);
    int32_t *groups = *of_item = malloc((size_t)items * sizeof *groups + 1), number = -1;
    if (!all || !groups) {
        free(all);
        return no_memory("groups of items");
    }
    for (int64_t i = 0; i < items; i++) groups[i] = -1;
    int64_t known = 0, none = items, bad = -1, line;
    for (int64_t r = 0; r < count; r++) {
        size_t length;
        const char *id = base_table_text(group->table, r, 0, &length), *text = base_table_text(group->table, r, group->column, NULL);
        all[known] = (labelled){text, tamis_model_find_item(model, id, length), r};
        if (all[known].item >= 0 && *text) known++;
    }
    qsort(all, (size_t)known, sizeof *all, by_text);
    for (int64_t k = 0; k < known; k++) {
        if (k == 0 || strcmp(all[k].text, all[k - 1].text) != 0) number++;
        int32_t *of = &groups[all[k].item];
        if (*of >= 0 && *of != number) bad = all[k].row;
        none -= *of < 0;
        *of = number;
    }
    free(all);
    if (bad >= 0) return two_groups(group, bad);
    char a[32], b[64];
    if (told && none)
        cli_note("%s: %s of the model's %s have no %s and are not limited", base_table_place(group->table, -1, &line), cli_count(none, a),
                 cli_plural(items, "item", b), base_table_name(group->table, group->column));
    return 0;
}

int cli_choice_make(const cli_selection *s, const tamis_model *model, bool told, cli_choice *c)
{
    *c = (cli_choice){.chosen = s->chosen};
    int code = s->chosen ? choose_candidates(&s->candidates, model, told, c) : 0;
    for (size_t k = 0; k < s->excludes && !code; k++)
        if (!add_exclusions(&s->exclude[k], model, told, c)) code = no_memory("exclusions");
    if (code) return code;
    if (c->excluded_count) c->excluded_count = base_sort_distinct_int32(c->excluded, c->excluded_count);
    if (c->exclusions) qsort(c->exclusion, c->exclusions, sizeof *c->exclusion, by_user);
    c->group = calloc(s->groups + 1, sizeof *c->group);
    c->limit = calloc(s->groups + 1, sizeof *c->limit);
    if (!c->group || !c->limit) return no_memory("groups of items");
    for (size_t k = 0; k < s->groups && !code; k++) {
        c->groups = k + 1;
        code = make_groups(&s->group[k], model, told, &c->group[k]);
        c->limit[k] = (tamis_group_limit){c->group[k], s->group[k].most};
    }
    return code;
}

void cli_choice_apply(const cli_choice *c, tamis_recommend_options *options)
{
    options->candidates = c->chosen ? c->candidates : NULL;
    options->candidate_count = c->candidate_count;
    options->excluded = c->excluded;
    options->excluded_count = c->excluded_count;
    options->limit = c->limit;
    options->limits = c->groups;
}

/* The first exclusion that is not before the user's. */
static size_t find_user(const cli_choice *c, const char *id, size_t length)
{
    const cli_exclusion wanted = {id, length, -1};
    size_t low = 0, high = c->exclusions;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (by_user(&c->exclusion[middle], &wanted) < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

size_t cli_choice_of_user(const cli_choice *c, const char *id, size_t length, const cli_exclusion **first)
{
    const size_t from = find_user(c, id, length);
    size_t n = 0;
    *first = c->exclusion ? c->exclusion + from : NULL;
    for (; from + n < c->exclusions; n++)
        if ((*first)[n].length != length || memcmp((*first)[n].user, id, length) != 0) break; /* analyzer: null-dereference, without exclusions there are 0 */
    return n;
}

bool cli_choice_users(cli_choice *c, const tamis_user_list *users, tamis_recommend_options *options)
{
    size_t used = 0;
    if (!c->exclusions) return true;
    if (!base_grow(&c->start, &c->start_room, users->count + 1, sizeof *c->start) || !base_grow(&c->item, &c->item_room, 1, sizeof *c->item))
        return false;
    c->start[0] = 0;
    for (size_t n = 0; n < users->count; n++) {
        const cli_exclusion *e;
        const size_t count = cli_choice_of_user(c, users->id[n], users->length[n], &e);
        if (!base_grow(&c->item, &c->item_room, used + count + 1, sizeof *c->item)) return false;
        for (size_t k = 0; k < count; k++)
            if (k == 0 || e[k].item != e[k - 1].item) c->item[used++] = e[k].item;
        c->start[n + 1] = (int64_t)used;
    }
    options->excluded_start = c->start;
    options->excluded_item = c->item;
    return true;
}

void cli_choice_clear(cli_choice *c)
{
    for (size_t k = 0; k < c->groups; k++) free(c->group[k]);
    free(c->group);
    free(c->limit);
    free(c->candidates);
    free(c->excluded);
    free(c->exclusion);
    free(c->start);
    free(c->item);
    *c = (cli_choice){0};
}
