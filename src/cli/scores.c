/* One value per user and metric, from an evaluation or from a file that evaluate --per-user wrote; and bringing those of
 * several models to the same users. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/table.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/message.h"
#include "cli/scores.h"
#include "cli/text.h"

static int no_memory(void)
{
    return cli_fail(TAMIS_FAILURE, "not enough memory for the values per user");
}

static int make(cli_scores *s, int64_t users, size_t metrics)
{
    *s = (cli_scores){.users = users, .metrics = metrics};
    s->id = calloc((size_t)users + 1, sizeof *s->id);
    s->name = calloc(metrics + 1, sizeof *s->name);
    s->value = calloc((size_t)users * metrics + 1, sizeof *s->value);
    return s->id && s->name && s->value ? 0 : no_memory();
}

static bool copy_id(cli_scores *s, int64_t user, const char *id, size_t length)
{
    char *copy = malloc(length + 1);
    if (!copy) return false;
    if (length) memcpy(copy, id, length);
    copy[length] = '\0';
    s->id[user] = copy;
    return true;
}

int cli_scores_take(const tamis_evaluation *e, cli_scores *s)
{
    size_t length, metrics = tamis_evaluation_metrics(e);
    int code = make(s, tamis_evaluation_users(e), metrics);
    for (size_t m = 0; !code && m < metrics; m++)
        snprintf(s->name[m], sizeof *s->name, "%s", tamis_evaluation_name(e, m));
    for (int64_t u = 0; !code && u < s->users; u++) {
        const char *id = tamis_evaluation_user_id(e, u, &length);
        if (!copy_id(s, u, id, length)) return no_memory();
        for (size_t m = 0; m < metrics; m++) s->value[(size_t)u * metrics + m] = tamis_evaluation_value(e, u, m);
    }
    return code;
}

static int fill(const tamis_table *table, cli_scores *s)
{
    tamis_error error;
    size_t metrics = s->metrics, length;
    for (size_t m = 0; m < metrics; m++) snprintf(s->name[m], sizeof *s->name, "%s", base_table_name(table, m + 1));
    for (int64_t u = 0; u < s->users; u++) {
        const char *id = base_table_text(table, u, 0, &length);
        if (!copy_id(s, u, id, length)) return no_memory();
        for (size_t m = 0; m < metrics; m++) {
            double *value = &s->value[(size_t)u * metrics + m];
            (void)base_table_text(table, u, m + 1, &length);
            *value = (double)NAN; /* an empty field: not defined for this user */
            if (length && base_table_number(table, u, m + 1, value, &error)) return cli_fail(TAMIS_DATA, "%s", error.text);
        }
    }
    return 0;
}

typedef struct user_row {
    const char *id;
    int64_t row;
} user_row;

static int by_id(const void *a, const void *b)
{
    return strcmp(((const user_row *)a)->id, ((const user_row *)b)->id);
}

static user_row *sorted(const cli_scores *s)
{
    user_row *p = calloc((size_t)s->users + 1, sizeof *p);
    for (int64_t u = 0; p && u < s->users; u++) p[u] = (user_row){s->id[u], u};
    if (p) qsort(p, (size_t)s->users, sizeof *p, by_id);
    return p;
}

/* Which of a user's two rows holds cannot be known. */
static int refuse_twice(const tamis_table *table, const cli_scores *s)
{
    user_row *known = sorted(s);
    int code = known ? 0 : no_memory();
    for (int64_t u = 1; !code && u < s->users; u++) {
        int64_t line, row = known[u].row > known[u - 1].row ? known[u].row : known[u - 1].row;
        char id[280];
        if (strcmp(known[u].id, known[u - 1].id) != 0) continue;
        const char *path = base_table_place(table, row, &line);
        code = cli_fail(TAMIS_DATA, "%s:%lld: a second row of user %s; expected one each", path, (long long)line,
                        base_quote(id, sizeof id, known[u].id, strlen(known[u].id)));
    }
    free(known);
    return code;
}

int cli_scores_read(const char *path, cli_scores *s)
{
    tamis_error error;
    tamis_table *table;
    *s = (cli_scores){0};
    if (cli_is_model(path)) return cli_fail(TAMIS_USAGE, "%s is a model: to compare models, give the test log with --test", path);
    int code = cli_status(tamis_table_read(path, &table, &error), &error);
    if (code) return code;
    if (strcmp(base_table_name(table, 0), "user_id") != 0 || base_table_columns(table) < 2)
        code = cli_fail(TAMIS_DATA, "%s:1: these are no values per user; expected user_id and a column per metric, as "
                        "tamis evaluate --per-user writes them (models are compared with --test)", path);
    if (!code) code = make(s, base_table_rows(table), base_table_columns(table) - 1);
    if (!code) code = fill(table, s);
    if (!code) code = refuse_twice(table, s);
    tamis_table_free(table);
    return code;
}

void cli_scores_clear(cli_scores *s)
{
    for (int64_t u = 0; s->id && u < s->users; u++) free(s->id[u]);
    free(s->id);
    free(s->name);
    free(s->value);
    *s = (cli_scores){0};
}

/* ---- the same users in the same order */

/* Keeps the rows named, in this order. */
static bool keep(cli_scores *s, const int64_t *row, int64_t count)
{
    cli_scores kept;
    if (make(&kept, count, s->metrics)) {
        cli_scores_clear(&kept);
        return false;
    }
    for (int64_t u = 0; u < count; u++) {
        kept.id[u] = s->id[row[u]];
        s->id[row[u]] = NULL;
        memcpy(kept.value + (size_t)u * s->metrics, s->value + (size_t)row[u] * s->metrics,
               s->metrics * sizeof *s->value);
    }
    memcpy(kept.name, s->name, s->metrics * sizeof *s->name);
    cli_scores_clear(s);
    *s = kept;
    return true;
}

/* row[k * users + u]: in scores k, the row of the u-th user of scores 0; -1: none. Gives how many are everywhere. */
static int64_t match(const cli_scores *s, size_t count, int64_t *row)
{
    int64_t users = s[0].users, common = 0;
    for (size_t k = 0; k < count; k++) {
        user_row *known = sorted(&s[k]);
        if (!known) return -1;
        for (int64_t u = 0; u < users; u++) {
            const user_row wanted = {s[0].id[u], 0};
            const user_row *found = bsearch(&wanted, known, (size_t)s[k].users, sizeof *known, by_id);
            row[k * (size_t)users + (size_t)u] = found ? found->row : -1;
        }
        free(known);
    }
    for (int64_t u = 0; u < users; u++) {
        bool everywhere = true;
        for (size_t k = 0; k < count; k++) everywhere &= row[k * (size_t)users + (size_t)u] >= 0;
        for (size_t k = 0; everywhere && k < count; k++)
            row[k * (size_t)users + (size_t)common] = row[k * (size_t)users + (size_t)u];
        common += everywhere;
    }
    return common;
}

int cli_scores_align(cli_scores *s, size_t count)
{
    int64_t users = s[0].users, most = 0;
    int64_t *row = calloc(count * (size_t)users + 1, sizeof *row);
    int64_t common = row ? match(s, count, row) : -1;
    for (size_t k = 0; k < count; k++) most = s[k].users > most ? s[k].users : most;
    bool done = common >= 0;
    for (size_t k = 0; done && k < count; k++) done = keep(&s[k], row + k * (size_t)users, common);
    free(row);
    if (!done) return no_memory();
    char a[64], b[32];
    if (common == 0) return cli_fail(TAMIS_DATA, "there is no user in all of them; are they of the same test log?");
    if (common < most)
        cli_note("warning: only the %s that all have in common are compared, of up to %s", cli_plural(common, "user", a),
                 cli_count(most, b));
    return 0;
}

/* ---- the users of any */

/* Each user once, sorted; *users: how many. NULL: memory. */
static user_row *every_user(const cli_scores *s, size_t count, int64_t *users)
{
    int64_t all = 0, n = 0;
    for (size_t k = 0; k < count; k++) all += s[k].users;
    user_row *p = calloc((size_t)all + 1, sizeof *p);
    if (!p) return NULL;
    for (size_t k = 0; k < count; k++)
        for (int64_t u = 0; u < s[k].users; u++) p[n++].id = s[k].id[u];
    qsort(p, (size_t)n, sizeof *p, by_id);
    *users = 0;
    for (int64_t u = 0; u < n; u++)
        if (u == 0 || strcmp(p[u].id, p[*users - 1].id) != 0) p[(*users)++] = p[u];
    return p;
}

/* The scores of these users. */
static int spread(const cli_scores *s, const user_row *user, int64_t users, cli_scores *wide)
{
    user_row *known = sorted(s);
    int code = make(wide, users, s->metrics);
    if (!known) code = no_memory();
    if (!code) memcpy(wide->name, s->name, s->metrics * sizeof *s->name);
    for (int64_t u = 0; !code && u < users; u++) {
        const user_row *found = bsearch(&user[u], known, (size_t)s->users, sizeof *known, by_id);
        if (!copy_id(wide, u, user[u].id, strlen(user[u].id))) code = no_memory();
        for (size_t m = 0; m < s->metrics; m++)
            wide->value[(size_t)u * s->metrics + m] = found ? s->value[(size_t)found->row * s->metrics + m] : (double)NAN;
    }
    free(known);
    return code;
}

int cli_scores_unite(cli_scores *s, size_t count)
{
    int64_t users = 0;
    cli_scores *wide = calloc(count, sizeof *wide);
    user_row *user = every_user(s, count, &users);
    int code = wide && user ? 0 : no_memory();
    for (size_t k = 0; !code && k < count; k++) code = spread(&s[k], user, users, &wide[k]);
    for (size_t k = 0; wide && k < count; k++) {
        cli_scores_clear(code ? &wide[k] : &s[k]);
        if (!code) s[k] = wide[k];
    }
    free(user);
    free(wide);
    return code;
}
