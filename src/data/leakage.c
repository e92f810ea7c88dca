/* What a test log shares with a training log and should not. */
#include <math.h>
#include <stdlib.h>

#include "data/log.h"

/* Per item of the test log: its row in the training log, or -1. */
static int32_t *match_items(const tamis_log *train, const tamis_log *test)
{
    int32_t *row = base_alloc_raw(test->items.count, sizeof *row);
    for (size_t k = 0; row && k < test->items.count; k++) {
        size_t length;
        const char *id = base_ids_get(&test->items, (int64_t)k, &length);
        row[k] = (int32_t)base_ids_find(&train->items, id, length);
    }
    return row;
}

static int ascending(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* One user, who stands in both logs. */
static void look_at_user(const tamis_log *train, int64_t u, const tamis_log *test, int64_t v, const int32_t *item,
                         tamis_leakage *leakage)
{
    const int32_t *row = train->item + train->start[u];
    size_t n = (size_t)(train->start[u + 1] - train->start[u]);
    for (int64_t k = test->start[v]; k < test->start[v + 1]; k++) {
        int32_t same = item[test->item[k]];
        leakage->shared_rows += same >= 0 && n && bsearch(&same, row, n, sizeof same, ascending);
    }
    if (!leakage->timed) return;
    double first = (double)INFINITY; /* times that are missing are neither before nor later */
    for (int64_t k = test->start[v]; k < test->start[v + 1]; k++)
        if (times_at(&test->time, k) < first) first = times_at(&test->time, k);
    for (int64_t k = train->start[u]; k < train->start[u + 1]; k++) leakage->later_rows += times_at(&train->time, k) > first;
}

tamis_status tamis_log_leakage(const tamis_log *train, const tamis_log *test, tamis_leakage *leakage,
                               tamis_error *error)
{
    base_clear(error);
    *leakage = (tamis_leakage){.train_rows = train->start[train->users.count],
                               .test_rows = test->start[test->users.count],
                               .test_users = (int64_t)test->users.count,
                               .test_items = (int64_t)test->items.count,
                               .timed = times_any(&train->time) && times_any(&test->time)};
    int32_t *item = match_items(train, test);
    if (!item) return base_no_memory(error, "matching of item ids", test->items.count, sizeof *item);
    for (size_t k = 0; k < test->items.count; k++) leakage->unknown_items += item[k] < 0;
    for (size_t v = 0; v < test->users.count; v++) {
        size_t length;
        const char *id = base_ids_get(&test->users, (int64_t)v, &length);
        int64_t u = base_ids_find(&train->users, id, length);
        leakage->unknown_users += u < 0 || train->start[u] == train->start[u + 1];
        if (u >= 0) look_at_user(train, u, test, (int64_t)v, item, leakage);
    }
    base_free(item);
    return TAMIS_OK;
}
