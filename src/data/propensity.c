/* Propensities from a CSV file, matched to a log by id; see propensity.h. */
#include "base/memory.h"
#include "base/status.h"
#include "base/table.h"
#include "base/text.h"
#include "data/propensity.h"

#include <inttypes.h>

static int64_t find_pair(const tamis_log *log, int64_t user, int64_t item)
{
    return user < 0 || item < 0 ? -1 : matrix_find(log->matrix, user, (int32_t)item);
}

static int64_t find_id(const tamis_table *table, int64_t row, size_t column, const id_map *ids)
{
    size_t length;
    const char *id = base_table_text(table, row, column, &length);
    return id_map_find(ids, id, length);
}

/* Puts every row's value into value[], per item or per interaction. */
static tamis_status take_rows(const tamis_table *table, const tamis_log *log, double *value, tamis_error *error)
{
    const size_t columns = base_table_columns(table);
    for (int64_t row = 0; row < base_table_rows(table); row++) {
        double x;
        int64_t line;
        tamis_status status = base_table_number(table, row, columns - 1, &x, error);
        if (status) return status;
        const char *path = base_table_place(table, row, &line);
        if (!(x > 0 && x <= 1))
            return base_fail(error, TAMIS_DATA, "%s:%" PRId64 ":%zu: the propensity %g is no chance; expected above 0, at most 1",
                             path, line, columns, x);
        const int64_t item = find_id(table, row, columns - 2, log->item_ids);
        const int64_t at = columns == 2 ? item : find_pair(log, find_id(table, row, 0, log->user_ids), item);
        if (at < 0) continue;
        if (value[at] > 0)
            return base_fail(error, TAMIS_DATA, "%s:%" PRId64 ":%zu: a second propensity of the same %s; expected one each",
                             path, line, columns, columns == 2 ? "item" : "user and item");
        value[at] = x;
    }
    return TAMIS_OK;
}

/* Every item (interaction) of the log must have got a value. */
static tamis_status check_all(const char *path, const tamis_log *log, bool pairs, const double *value, tamis_error *error)
{
    size_t length, more;
    for (int64_t i = 0; !pairs && i < log->items; i++)
        if (!(value[i] > 0)) {
            const char *id = id_map_get(log->item_ids, i, &length);
            return base_fail(error, TAMIS_DATA, "%s: item %.*s of the log has no propensity; expected one for every item", path,
                             (int)(length < 60 ? length : 60), id);
        }
    for (int64_t u = 0; pairs && u < log->users; u++)
        for (int64_t k = log->matrix->start[u]; k < log->matrix->start[u + 1]; k++)
            if (!(value[k] > 0)) {
                const char *user = id_map_get(log->user_ids, u, &length);
                const char *item = id_map_get(log->item_ids, log->matrix->index[k], &more);
                return base_fail(error, TAMIS_DATA,
                                 "%s: user %.*s and item %.*s, an interaction of the log, have no propensity; expected one for "
                                 "every interaction",
                                 path, (int)(length < 60 ? length : 60), user, (int)(more < 60 ? more : 60), item);
            }
    return TAMIS_OK;
}

tamis_status log_propensity_header(const tamis_table *table, size_t column, tamis_error *error)
{
    const char *name = base_table_name(table, column);
    double value;
    int64_t line;
    if (!base_parse_real(name, &value)) return TAMIS_OK;
    const char *path = base_table_place(table, -1, &line);
    return base_fail(error, TAMIS_DATA,
                     "%s:%" PRId64 ":%zu: %.40s stands where the column's name belongs; put a header above the first row, such as "
                     "%sitem,propensity", path, line, column + 1, name, column == 2 ? "user," : "");
}

tamis_status log_propensity_read(const char *path, const tamis_log *log, log_propensity *propensity, tamis_error *error)
{
    tamis_table *table;
    *propensity = (log_propensity){0};
    tamis_status status = tamis_table_read(path, &table, error);
    if (status) return status;
    const size_t columns = base_table_columns(table);
    const bool pairs = columns == 3;
    const size_t count = pairs ? (size_t)log->matrix->nnz : (size_t)log->items;
    double *value = NULL;
    if (columns != 2 && columns != 3)
        status = base_fail(error, TAMIS_DATA,
                           "%s:1:1: %zu columns; expected item and propensity, or user, item and propensity", path, columns);
    else
        status = log_propensity_header(table, columns - 1, error);
    if (!status && !(value = base_alloc(count, sizeof *value)))
        status = base_no_memory(error, "propensities", count, sizeof *value);
    *(pairs ? &propensity->interaction : &propensity->item) = value;
    if (!status) status = take_rows(table, log, value, error);
    if (!status) status = check_all(path, log, pairs, value, error);
    tamis_table_free(table);
    if (status) log_propensity_clear(propensity);
    return status;
}

void log_propensity_clear(log_propensity *propensity)
{
    base_free(propensity->item);
    base_free(propensity->interaction);
    *propensity = (log_propensity){0};
}
