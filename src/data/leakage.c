/* What a test log shares with a training log and should not. */
#include <math.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/log.h"

/* One user, who stands in both logs. */
static void look_at_user(const tamis_log *train, int64_t u, const tamis_log *test, int64_t v, const int32_t *item,
                         tamis_leakage *leakage)
{
    const int64_t *start = train->matrix->start + u, *test_start = test->matrix->start + v;
    for (int64_t k = test_start[0]; k < test_start[1]; k++) {
        const int32_t same = item[test->matrix->index[k]];
        leakage->shared_rows += same >= 0 && matrix_find(train->matrix, u, same) >= 0;
    }
    if (!leakage->timed) return;
    double first = (double)INFINITY; /* times that are missing are neither before nor later */
    for (int64_t k = test_start[0]; k < test_start[1]; k++)
        if (times_at(&test->time, k) < first) first = times_at(&test->time, k);
    for (int64_t k = start[0]; k < start[1]; k++) leakage->later_rows += times_at(&train->time, k) > first;
}

tamis_status tamis_log_leakage(const tamis_log *train, const tamis_log *test, tamis_leakage *leakage,
                               tamis_error *error)
{
    base_clear(error);
    *leakage = (tamis_leakage){0};
    if (!train || !test) return base_null(error, "a log");
    *leakage = (tamis_leakage){.train_rows = train->matrix->nnz,
                               .test_rows = test->matrix->nnz,
                               .test_users = test->users,
                               .test_items = test->items,
                               .timed = times_any(&train->time) && times_any(&test->time)};
    int32_t *item = id_map_match(test->item_ids, train->item_ids, error);
    int32_t *user = item ? id_map_match(test->user_ids, train->user_ids, error) : NULL;
    for (int64_t k = 0; user && k < test->items; k++) leakage->unknown_items += item[k] < 0;
    for (int64_t v = 0; user && v < test->users; v++) {
        const int32_t u = user[v];
        leakage->unknown_users += u < 0 || train->matrix->start[u] == train->matrix->start[u + 1];
        if (u >= 0) look_at_user(train, u, test, v, item, leakage);
    }
    base_free(item);
    base_free(user);
    return user ? TAMIS_OK : TAMIS_FAILURE;
}
