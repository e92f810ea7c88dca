/* Logs from arrays in memory. */
#include <inttypes.h>
#include <stdio.h>

#include "base/status.h"
#include "data/builder.h"

static bool number_ids(id_set *ids, int64_t count)
{
    char text[24];
    for (int64_t k = 0; k < count; k++)
        if (id_set_append(ids, text, (size_t)snprintf(text, sizeof text, "%" PRId64, k)) < 0) return false;
    return true;
}

static tamis_status check_pairs(const int32_t *user, const int32_t *item, int64_t count, int64_t users, int64_t items,
                                tamis_error *error)
{
    if (users < 1 || users > INT32_MAX || items < 1 || items > INT32_MAX)
        return base_fail(error, TAMIS_USAGE, "%" PRId64 " users and %" PRId64 " items: expected 1 to %d of each", users,
                         items, (int)INT32_MAX);
    if (count < 1)
        return base_fail(error, TAMIS_DATA, "no interaction: %" PRId64 " pairs were given; expected one at least",
                         count);
    for (int64_t k = 0; k < count; k++)
        if (user[k] < 0 || user[k] >= users || item[k] < 0 || item[k] >= items)
            return base_fail(error, TAMIS_USAGE,
                             "pair %" PRId64 " is user %" PRId32 ", item %" PRId32 "; expected users below %" PRId64
                             " and items below %" PRId64 ", none negative",
                             k, user[k], item[k], users, items);
    return TAMIS_OK;
}

tamis_status tamis_log_from_pairs(const int32_t *user, const int32_t *item, int64_t count, int64_t users, int64_t items,
                                  tamis_log **log, tamis_error *error)
{
    log_builder b = {0};
    tamis_log_options options;
    *log = NULL;
    base_clear(error);
    tamis_status status = check_pairs(user, item, count, users, items, error);
    if (status) return status;
    if (number_ids(&b.users.ids, users) && number_ids(&b.items.ids, items))
        status = log_builder_append(&b, count, user, item, NULL, NULL, error);
    else
        status = base_no_memory(error, "ids", (size_t)(users + items), 8);
    if (status) {
        log_builder_clear(&b);
        return status;
    }
    tamis_log_options_default(&options);
    return log_builder_finish(&b, &options, log, error);
}
