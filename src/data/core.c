/* The k-core. Users and items are the nodes of a graph, interactions its edges. A node with too few neighbours is removed together
 * with its edges, until no such node is left. The outcome does not depend on the order; each edge is visited at most twice, so that
 * the time is linear. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/core.h"

typedef struct core {
    matrix of_users; /* the log's, while it is read */
    matrix *of_items; /* transposed */
    int64_t users, items;
    int64_t *degree; /* users, then items */
    int64_t *stack; /* nodes whose edges are still to be removed */
    int64_t waiting;
    int64_t least[2]; /* for users, items */
    bool *removed;
} core;

static void remove_sparse(core *c, int64_t node)
{
    if (c->removed[node] || c->degree[node] >= c->least[node >= c->users]) return;
    c->removed[node] = true;
    c->stack[c->waiting++] = node;
}

static void core_clear(core *c)
{
    free(c->degree);
    matrix_drop(c->of_items);
    free(c->stack);
    free(c->removed);
}

static bool core_open(core *c, const log_draft *draft, const tamis_log_options *options)
{
    const int64_t users = draft->log->users, items = draft->log->items;
    const size_t nodes = (size_t)(users + items);
    *c = (core){.of_users = {.rows = users, .columns = items, .nnz = draft->nnz, .start = draft->start, .index = draft->item},
                .users = users,
                .items = items,
                .least = {options->min_user_interactions, options->min_item_interactions}};
    c->of_items = matrix_transpose(&c->of_users);
    c->degree = calloc(nodes, sizeof *c->degree);
    c->stack = malloc(nodes * sizeof *c->stack);
    c->removed = calloc(nodes, sizeof *c->removed);
    if (!c->of_items || !c->degree || !c->stack || !c->removed) return false;
    for (int k = 0; k < 2; k++)
        if (c->least[k] < 1) c->least[k] = 1;
    for (int64_t u = 0; u < users; u++) c->degree[u] = c->of_users.start[u + 1] - c->of_users.start[u];
    for (int64_t i = 0; i < items; i++) c->degree[users + i] = c->of_items->start[i + 1] - c->of_items->start[i];
    return true;
}

static void core_shrink(core *c)
{
    for (int64_t node = 0; node < c->users + c->items; node++)
        remove_sparse(c, node);
    while (c->waiting) {
        int64_t node = c->stack[--c->waiting];
        bool user = node < c->users;
        const matrix *m = user ? &c->of_users : c->of_items;
        const int64_t row = user ? node : node - c->users;
        for (int64_t k = m->start[row]; k < m->start[row + 1]; k++) {
            int64_t neighbour = user ? c->users + m->index[k] : m->index[k];
            c->degree[neighbour]--;
            remove_sparse(c, neighbour);
        }
    }
}

/* Numbers the nodes that are left, in their old order; -1: removed. Returns how many are left. */
static int64_t renumber(const bool *removed, int64_t count, int32_t *number)
{
    int64_t left = 0;
    for (int64_t k = 0; k < count; k++)
        number[k] = removed[k] ? -1 : (int32_t)left++;
    return left;
}

static bool keep_ids(id_map **ids, const int32_t *number)
{
    id_map *kept = id_map_subset(*ids, number);
    if (!kept) return false;
    id_map_drop(*ids);
    *ids = kept;
    return true;
}

/* Dislikes of and about nodes that are left. number: as in compact(). */
static void compact_dislikes(log_draft *draft, const core *c, const int32_t *number)
{
    int64_t at = 0, row = 0, *start = draft->dislike_start;
    log_times *time = &draft->log->dislike_time;
    for (int64_t u = 0; start && u < c->users; u++) {
        const int64_t from = start[u], end = start[u + 1];
        if (c->removed[u]) continue;
        start[row++] = at;
        for (int64_t k = from; k < end; k++) {
            const int32_t item = number[c->users + draft->dislike_item[k]];
            if (item < 0) continue;
            draft->dislike_item[at] = item;
            times_copy(time, at++, time, k);
        }
    }
    if (!start) return;
    draft->log->summary.core_dislikes = start[c->users] - at;
    start[row] = at;
}

/* Removes their interactions and ids, in place. */
static tamis_status compact(log_draft *draft, const core *c, tamis_error *error)
{
    tamis_log *log = draft->log;
    int64_t at = 0, row = 0, before = draft->nnz;
    int32_t *number = malloc((size_t)(c->users + c->items) * sizeof *number);
    if (!number) return base_no_memory(error, "the k-core", (size_t)(c->users + c->items), 4);
    int32_t *item_number = number + c->users;
    int64_t users = renumber(c->removed, c->users, number), items = renumber(c->removed + c->users, c->items, item_number);
    for (int64_t u = 0; u < c->users; u++) {
        int64_t from = draft->start[u], end = draft->start[u + 1];
        if (c->removed[u]) continue;
        draft->start[row++] = at; /* row <= u: what it overwrites has been read */
        for (int64_t k = from; k < end; k++) {
            if (item_number[draft->item[k]] < 0) continue;
            draft->item[at] = item_number[draft->item[k]];
            log_copy_values(log, at++, log, k);
        }
    }
    draft->start[row] = draft->nnz = at;
    compact_dislikes(draft, c, number);
    log->summary.core_users = c->users - users;
    log->summary.core_items = c->items - items;
    log->summary.core_interactions = before - at;
    bool kept = at == 0 || (keep_ids(&log->user_ids, number) && keep_ids(&log->item_ids, item_number));
    free(number);
    log->users = users;
    log->items = items;
    return kept ? TAMIS_OK : base_no_memory(error, "ids", (size_t)(users + items), 16);
}

tamis_status log_take_core(log_draft *draft, const tamis_log_options *options, tamis_error *error)
{
    core c;
    tamis_status status = TAMIS_OK;
    if (!core_open(&c, draft, options)) {
        status = base_no_memory(error, "the k-core", (size_t)c.of_users.nnz, 12);
    } else {
        core_shrink(&c);
        status = compact(draft, &c, error);
        if (!status && draft->log->summary.core_users == c.users)
            status = base_fail(error, TAMIS_DATA,
                               "no interaction: none of the %" PRId64 " users and %" PRId64 " items is left "
                               "with --min-user-interactions %" PRId64 " and --min-item-interactions %" PRId64
                               "; expected lower numbers",
                               c.users, c.items, c.least[0], c.least[1]);
    }
    core_clear(&c);
    return status;
}
