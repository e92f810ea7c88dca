/* How often items were clicked in training, and the weights and effective sample size that come of it.
 *
 *   θ_i = (n_i / max n)^power,  w_i = 1 / max(θ_i, clip),  effective rows = (Σ w)² / Σ w²
 * Source of the latter: Kish, Survey Sampling, 1965. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/table.h"
#include "data/propensity.h"
#include "rank/catalog.h"

typedef struct ranked_item {
    int64_t clicks;
    int64_t item;
} ranked_item;

static int most_clicks_first(const void *a, const void *b)
{
    const ranked_item *x = a, *y = b;
    if (x->clicks != y->clicks) return x->clicks > y->clicks ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

tamis_status rank_catalog_make(const matrix *seen, rank_catalog *catalog, tamis_error *error)
{
    const int64_t items = seen->columns;
    size_t n = (size_t)items;
    ranked_item *order = base_alloc_raw(n, sizeof *order);
    *catalog = (rank_catalog){matrix_column_counts(seen), base_alloc(n, sizeof *catalog->tail), items,
                              seen->rows, 0};
    if (!order || !catalog->clicks || !catalog->tail) {
        base_free(order);
        rank_catalog_clear(catalog);
        return base_no_memory(error, "the clicks of items", n, sizeof *order);
    }
    for (int64_t i = 0; i < items; i++) order[i] = (ranked_item){catalog->clicks[i], i};
    qsort(order, n, sizeof *order, most_clicks_first);
    if (items) catalog->most = order[0].clicks;
    for (int64_t r = (items + 4) / 5; r < items; r++) catalog->tail[order[r].item] = true;
    base_free(order);
    return TAMIS_OK;
}

void rank_catalog_clear(rank_catalog *catalog)
{
    base_free(catalog->clicks);
    base_free(catalog->tail);
    *catalog = (rank_catalog){0};
}

/* ---- weights */

static tamis_status no_chance(const char *id, size_t length, tamis_error *error)
{
    char shown[280];
    return base_fail(error, TAMIS_DATA, "item \"%s\" of the test log has propensity 0 and cannot be weighted; expected "
                     "--propensity-clip above 0", base_quote(shown, sizeof shown, id, length));
}

static tamis_status weights_by_table(const tamis_log *test, const tamis_table *table, double clip, double *weight,
                                     tamis_error *error)
{
    char shown[280];
    if (base_table_columns(table) < 2) {
        int64_t line;
        return base_fail(error, TAMIS_DATA, "%s: there is one column; expected item ids and their propensities",
                         base_table_place(table, -1, &line));
    }
    tamis_status status = log_propensity_header(table, 1, error);
    if (status) return status;
    for (int64_t r = 0; r < base_table_rows(table); r++) {
        size_t length;
        double theta;
        int64_t line;
        const char *id = base_table_text(table, r, 0, &length);
        status = base_table_number(table, r, 1, &theta, error);
        if (status) return status;
        if (!(theta >= 0 && theta <= 1)) {
            const char *file = base_table_place(table, r, &line);
            return base_fail(error, TAMIS_DATA, "%s:%" PRId64 ":2: propensity %g is no chance; expected 0 to 1", file,
                             line, theta);
        }
        int64_t item = id_map_find(test->item_ids, id, length);
        if (item >= 0 && fmax(theta, clip) <= 0) return no_chance(id, length, error);
        if (item >= 0) weight[item] = 1 / fmax(theta, clip);
    }
    for (int64_t k = 0; k < test->items; k++) {
        size_t length;
        int64_t line;
        if (weight[k] > 0) continue;
        const char *id = id_map_get(test->item_ids, k, &length);
        return base_fail(error, TAMIS_DATA, "%s: item \"%s\" of the test log is not there; expected a propensity for "
                         "each item", base_table_place(table, -1, &line), base_quote(shown, sizeof shown, id, length));
    }
    return TAMIS_OK;
}

double *rank_click_weights(const int64_t *clicks, const id_map *items, const tamis_log *test, double power)
{
    double *weight = base_alloc((size_t)test->items, sizeof *weight), most = 1;
    if (!weight) return NULL;
    for (int64_t i = 0; i < items->count; i++) most = fmax(most, (double)clicks[i]);
    for (int64_t k = 0; k < test->items; k++) {
        size_t length;
        const char *id = id_map_get(test->item_ids, k, &length);
        const int64_t item = id_map_find(items, id, length);
        weight[k] = pow(most / fmax(1, item < 0 ? 0 : (double)clicks[item]), power);
    }
    return weight;
}

tamis_status rank_propensity_weights(const rank_catalog *catalog, const id_map *known, const tamis_log *test,
                                     const tamis_evaluate_options *options, double **out, tamis_error *error)
{
    const size_t items = (size_t)test->items;
    double *weight = base_alloc(items, sizeof *weight);
    *out = weight;
    if (!weight) return base_no_memory(error, "the weights of items", items, sizeof *weight);
    if (options->propensities)
        return weights_by_table(test, options->propensities, options->propensity_clip, weight, error);
    for (int64_t k = 0; k < test->items; k++) {
        size_t length;
        const char *id = id_map_get(test->item_ids, k, &length);
        int64_t item = id_map_find(known, id, length);
        double share = item < 0 || catalog->most == 0 ? 0 : (double)catalog->clicks[item] / (double)catalog->most;
        double theta = fmax(pow(share, options->propensity_power), options->propensity_clip);
        if (theta <= 0) return no_chance(id, length, error);
        weight[k] = 1 / theta;
    }
    return TAMIS_OK;
}

double rank_effective_rows(const rank_task *task, const double *weight)
{
    double sum = 0, squares = 0;
    for (int64_t k = 0; k < task->start[task->count]; k++) {
        double w = weight[task->test_item[k]];
        sum += w;
        squares += w * w;
    }
    for (int64_t k = 0; k < task->missed_start[task->count]; k++) {
        double w = weight[task->missed[k]];
        sum += w;
        squares += w * w;
    }
    return squares > 0 ? sum * sum / squares : 0;
}
