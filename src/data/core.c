/* The k-core: users and items are the nodes of a graph, interactions its edges. Who has too few neighbours goes and
 * takes their edges along, until nobody has too few. What remains does not depend on the order in which they go; each
 * edge is seen twice, so the time is linear. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "data/log.h"

typedef struct core {
    const tamis_log *log;
    int64_t users, items;
    int64_t *degree; /* users, then items */
    int64_t *start;  /* item i's users: user[start[i] .. start[i+1]-1] */
    int32_t *user;
    int64_t *gone; /* stack of nodes to take out */
    int64_t waiting;
    int64_t least[2]; /* for users, items */
    bool *dead;
} core;

static void lose(core *c, int64_t node)
{
    if (c->dead[node] || c->degree[node] >= c->least[node >= c->users]) return;
    c->dead[node] = true;
    c->gone[c->waiting++] = node;
}

static void core_clear(core *c)
{
    free(c->degree);
    free(c->start);
    free(c->user);
    free(c->gone);
    free(c->dead);
}

static bool core_open(core *c, const tamis_log *log, const tamis_log_options *options)
{
    int64_t users = (int64_t)log->users.count, items = (int64_t)log->items.count, n = log->start[users];
    size_t nodes = (size_t)(users + items);
    *c = (core){.log = log,
                .users = users,
                .items = items,
                .least = {options->min_user_interactions, options->min_item_interactions}};
    c->degree = calloc(nodes, sizeof *c->degree);
    c->start = calloc((size_t)items + 2, sizeof *c->start);
    c->user = malloc((size_t)n * sizeof *c->user + 1);
    c->gone = malloc(nodes * sizeof *c->gone);
    c->dead = calloc(nodes, sizeof *c->dead);
    if (!c->degree || !c->start || !c->user || !c->gone || !c->dead) return false;
    for (int k = 0; k < 2; k++)
        if (c->least[k] < 1) c->least[k] = 1;
    /* start[i + 2] counts, then start[i + 1] walks from i's first place to its end, which is where i + 1 begins */
    for (int64_t k = 0; k < n; k++)
        c->start[log->item[k] + 2]++;
    for (int64_t i = 0; i < items; i++) {
        c->degree[users + i] = c->start[i + 2];
        c->start[i + 2] += c->start[i + 1];
    }
    for (int64_t u = 0; u < users; u++) {
        c->degree[u] = log->start[u + 1] - log->start[u];
        for (int64_t k = log->start[u]; k < log->start[u + 1]; k++)
            c->user[c->start[log->item[k] + 1]++] = (int32_t)u;
    }
    return true;
}

static void core_shrink(core *c)
{
    for (int64_t node = 0; node < c->users + c->items; node++)
        lose(c, node);
    while (c->waiting) {
        int64_t node = c->gone[--c->waiting];
        bool user = node < c->users;
        const int64_t *start = user ? c->log->start + node : c->start + (node - c->users);
        const int32_t *other = user ? c->log->item : c->user;
        for (int64_t k = start[0]; k < start[1]; k++) {
            int64_t neighbour = user ? c->users + other[k] : other[k];
            c->degree[neighbour]--;
            lose(c, neighbour);
        }
    }
}

/* New numbers, in the old order, of those that live; -1 for the others. Returns how many live. */
static int64_t renumber(const bool *dead, int64_t count, int32_t *number)
{
    int64_t living = 0;
    for (int64_t k = 0; k < count; k++)
        number[k] = dead[k] ? -1 : (int32_t)living++;
    return living;
}

static bool keep_ids(base_ids *ids, const int32_t *number)
{
    base_ids kept;
    if (!base_ids_copy(&kept, ids, number)) return false;
    base_ids_clear(ids);
    *ids = kept;
    return true;
}

/* Leaves out the dead, in place. */
static tamis_status compact(tamis_log *log, const core *c, tamis_error *error)
{
    int64_t at = 0, row = 0, before = log->start[c->users];
    int32_t *number = malloc((size_t)(c->users + c->items) * sizeof *number), *item_number = number + c->users;
    if (!number) return base_no_memory(error, "the k-core", (size_t)(c->users + c->items), 4);
    int64_t users = renumber(c->dead, c->users, number), items = renumber(c->dead + c->users, c->items, item_number);
    for (int64_t u = 0; u < c->users; u++) {
        int64_t from = log->start[u], end = log->start[u + 1];
        if (c->dead[u]) continue;
        log->start[row++] = at; /* row <= u: what it overwrites has been read */
        for (int64_t k = from; k < end; k++) {
            if (item_number[log->item[k]] < 0) continue;
            log->item[at] = item_number[log->item[k]];
            if (log->rating) log->rating[at] = log->rating[k];
            times_copy(&log->time, at, &log->time, k);
            at++;
        }
    }
    log->start[row] = at;
    log->summary.core_users = c->users - users;
    log->summary.core_items = c->items - items;
    log->summary.core_interactions = before - at;
    bool kept = at == 0 || (keep_ids(&log->users, number) && keep_ids(&log->items, item_number));
    free(number);
    return kept ? TAMIS_OK : base_no_memory(error, "ids", (size_t)(users + items), 16);
}

tamis_status log_take_core(tamis_log *log, const tamis_log_options *options, tamis_error *error)
{
    core c;
    tamis_status status = TAMIS_OK;
    if (!core_open(&c, log, options)) {
        status = base_no_memory(error, "the k-core", (size_t)log->start[c.users], 12);
    } else {
        core_shrink(&c);
        status = compact(log, &c, error);
        if (!status && log->summary.core_users == c.users)
            status = base_fail(error, TAMIS_DATA,
                               "no interaction: none of the %" PRId64 " users and %" PRId64 " items is left "
                               "with --min-user-interactions %" PRId64 " and --min-item-interactions %" PRId64
                               "; expected lower numbers",
                               c.users, c.items, c.least[0], c.least[1]);
    }
    core_clear(&c);
    return status;
}
