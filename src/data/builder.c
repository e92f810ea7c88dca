/* From rows to a matrix: numbers ids in order of arrival (index.c), groups rows by user, merges duplicates (merge.c), takes
 * the k-core. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/threads.h"
#include "data/builder.h"
#include "data/core.h"
#include "data/days.h"
#include "data/merge.h"
#include "data/weights.h"

tamis_status log_ids_full(const id_index *index, const char *what, tamis_error *error)
{
    if (index->ids.count >= INT32_MAX)
        return base_fail(error, TAMIS_DATA, "more than %d %ss, the most that tamis can number", (int)INT32_MAX, what);
    return base_no_memory(error, "ids", index->ids.text_capacity + index->room * sizeof(index_entry), 2);
}

tamis_status log_builder_append(log_builder *b, int64_t count, const int32_t *user, const int32_t *item,
                                const row_values *values, tamis_error *error)
{
    bool seconds = values->time != NULL;
    for (int64_t k = 0; k < count && b->rows.has_time && seconds; k++) seconds = rows_is_second(values->time[k]);
    if (!rows_reserve(&b->rows, count, seconds))
        return base_no_memory(error, "interactions", (size_t)(b->rows.count + count), 20);
    rows_put(&b->rows, b->rows.count, count, user, item, values);
    b->rows.count += count;
    return TAMIS_OK;
}

tamis_status log_builder_add(log_builder *b, const log_entry *e, tamis_error *error)
{
    const index_key user = index_key_of(e->user, e->user_length), item = index_key_of(e->item, e->item_length);
    const int64_t u = index_add(&b->users, &user, e->user, e->user_length);
    if (u < 0) return log_ids_full(&b->users, "user", error);
    const int64_t i = index_add(&b->items, &item, e->item, e->item_length);
    if (i < 0) return log_ids_full(&b->items, "item", error);
    const row_values values = {.rating = &(float){(float)e->rating}, .weight = &(float){(float)e->weight}, .time = &e->time};
    return log_builder_append(b, 1, &(int32_t){(int32_t)u}, &(int32_t){(int32_t)i}, &values, error);
}

void log_builder_clear(log_builder *b)
{
    index_clear(&b->users);
    index_clear(&b->items);
    rows_clear(&b->rows);
    *b = (log_builder){0};
}

/* Takes the rows of weight 0 out of the draft, as its dislikes. */
static tamis_status part_dislikes(log_draft *draft, tamis_error *error)
{
    tamis_log *log = draft->log;
    const int64_t users = log->users, n = draft->nnz;
    int64_t count = 0, at = 0, no = 0;
    size_t room = 0;
    for (int64_t k = 0; log->weight && k < n; k++) count += !(log->weight[k] > 0);
    log->summary.both = draft->both;
    if (count == n)
        return base_fail(error, TAMIS_DATA, "no interaction: all %" PRId64 " rows are dislikes; expected rows that are positives, too", log->summary.rows);
    if (count) {
        draft->dislike_start = calloc((size_t)users + 1, sizeof *draft->dislike_start);
        draft->dislike_item = malloc((size_t)count * sizeof *draft->dislike_item);
        if (!draft->dislike_start || !draft->dislike_item || !times_grow(&log->dislike_time, &log->time, &room, (size_t)count))
            return base_no_memory(error, "dislikes", (size_t)count, 12);
        for (int64_t u = 0, k = 0; u < users; u++) {
            const int64_t end = draft->start[u + 1];
            for (draft->start[u] = at; k < end; k++) {
                if (log->weight[k] > 0) {
                    draft->item[at] = draft->item[k];
                    log_copy_values(log, at++, log, k);
                } else {
                    draft->dislike_item[no] = draft->item[k];
                    times_copy(&log->dislike_time, no++, &log->time, k);
                }
            }
            draft->dislike_start[u + 1] = no;
        }
        draft->start[users] = draft->nnz = at;
    }
    return TAMIS_OK;
}

/* Gives back the memory that doubling, duplicates and the k-core have left unused. */
static void shrink(void *array_pointer, size_t bytes)
{
    void *array, *smaller;
    memcpy(&array, array_pointer, sizeof array);
    if (array && bytes && (smaller = realloc(array, bytes))) memcpy(array_pointer, &smaller, sizeof smaller);
}

/* Where all ratings are missing, the log has none. */
static void look_at_ratings(tamis_log *log, size_t n)
{
    const float *rating = log->rating;
    size_t first = 0;
    while (rating && first < n && isnan(rating[first])) first++;
    for (size_t k = first; rating && k < n && !log->summary.ratings_differ; k++)
        log->summary.ratings_differ = rating[k] < rating[first] || rating[k] > rating[first];
    if (first < n) return;
    free(log->rating);
    log->rating = NULL;
}

static void look_at_times(tamis_log *log, size_t n)
{
    size_t first = 0;
    while (log->time.value && first < n && isnan(log->time.value[first])) first++;
    if (first == n) times_free(&log->time);
}

/* Whether the rows can become a matrix. */
static tamis_status check_rows(const log_builder *b, tamis_error *error)
{
    if (b->rows.count == 0) return base_fail(error, TAMIS_DATA, "no interaction is left; expected one at least");
    if (b->rows.count > ROWS_MOST && !rows_grouped(&b->rows))
        return base_fail(error, TAMIS_DATA,
                         "%" PRId64 " rows in no order; tamis takes more than %" PRIu32 " only where each user's rows stand "
                         "together: sort the log by user",
                         b->rows.count, ROWS_MOST);
    return TAMIS_OK;
}

/* The ids and all rows, grouped by user. */
static tamis_status start_draft(log_builder *b, log_draft *draft, tamis_error *error)
{
    tamis_log *log = draft->log;
    const size_t users = (size_t)b->users.ids.count, items = (size_t)b->items.ids.count, rows = (size_t)b->rows.count;
    base_free(b->users.entry); /* id_set_finish() makes the table that lasts */
    base_free(b->items.entry);
    b->users.entry = b->items.entry = NULL;
    log->user_ids = id_set_finish(&b->users.ids);
    log->item_ids = id_set_finish(&b->items.ids);
    if (!log->user_ids || !log->item_ids) return base_no_memory(error, "ids", users + items, 8);
    log->users = log->user_ids->count;
    log->items = log->item_ids->count;
    log->summary = b->summary;
    log->summary.rows = b->rows.count + b->summary.below_rating + b->summary.left_out + b->summary.bad;
    log->summary.without_rating = b->have[0] ? b->without[0] : 0;
    log->summary.without_time = b->have[1] ? b->without[1] : 0;
    memcpy(log->lacking, b->lacking, sizeof log->lacking);
    grouped_rows grouped = {0};
    draft->nnz = b->rows.count;
    for (size_t k = 0; b->rows.weight && k < rows; k++) log->summary.disliked += !(b->rows.weight[k] > 0);
    draft->start = malloc((users + 1) * sizeof *draft->start);
    const bool done = draft->start && rows_group(&b->rows, log->users, draft->start, &grouped);
    draft->item = grouped.item;
    log->rating = grouped.rating;
    log->weight = grouped.weight;
    log->time = grouped.time;
    return done ? TAMIS_OK : base_no_memory(error, "the matrix", rows + users, 8);
}

/* The matrix, and the parts of the summary that need all of it. */
static tamis_status finish_draft(log_draft *draft, const tamis_log_options *options, tamis_error *error)
{
    tamis_log *log = draft->log;
    const size_t users = (size_t)log->users, n = (size_t)draft->nnz;
    look_at_ratings(log, n);
    look_at_times(log, n);
    shrink(&draft->start, (users + 1) * sizeof *draft->start);
    shrink(&draft->item, n * sizeof *draft->item);
    shrink(&log->rating, n * sizeof *log->rating);
    shrink(&log->weight, n * sizeof *log->weight);
    shrink(&log->time.second, n * sizeof *log->time.second);
    shrink(&log->time.value, n * sizeof *log->time.value);
    log->matrix = matrix_new(log->users, log->items, draft->start, draft->item);
    draft->start = NULL;
    draft->item = NULL;
    if (!log->matrix) return base_no_memory(error, "the matrix", n + users, 8);
    if (draft->dislike_start) {
        log->dislikes = matrix_new(log->users, log->items, draft->dislike_start, draft->dislike_item);
        draft->dislike_start = NULL;
        draft->dislike_item = NULL;
        if (!log->dislikes) return base_no_memory(error, "dislikes", n, 8);
        log->summary.dislikes = log->dislikes->nnz;
    }
    log->summary.users = log->users;
    log->summary.items = log->items;
    log->summary.interactions = log->matrix->nnz;
    log_scale_weights(log->weight, log->matrix->nnz, options);
    log_describe_weights(log);
    return TAMIS_OK;
}

tamis_status log_builder_finish(log_builder *b, const tamis_log_options *options, tamis_log **out, tamis_error *error)
{
    log_draft draft = {.log = calloc(1, sizeof *draft.log)};
    tamis_log *log = draft.log;
    *out = NULL;
    tamis_status status = log ? check_rows(b, error) : base_no_memory(error, "a log", 1, sizeof *log);
    if (!status) status = log_weigh_rows(&b->rows, options, &b->summary, error);
    if (!status) status = start_draft(b, &draft, error);
    if (!status) status = log_judge_ids(&b->findings, &draft, error);
    if (!status && options->day_limit > 0) status = log_look_at_days(&draft, options->day_limit, error);
    const bool doubtful = b->findings.rating_doubtful, weighted = b->weighted || log_is_weighted(options);
    log_builder_clear(b);
    if (!status) status = log_merge_rows(&draft, options, error);
    if (!status) status = part_dislikes(&draft, error);
    if (!weighted) {
        free(log ? log->weight : NULL);
        if (log) log->weight = NULL;
    }
    if (!status && (options->min_user_interactions > 1 || options->min_item_interactions > 1))
        status = log_take_core(&draft, options, error);
    if (!status) status = finish_draft(&draft, options, error);
    if (status) {
        free(draft.start);
        free(draft.item);
        free(draft.dislike_start);
        free(draft.dislike_item);
        tamis_log_free(log);
        return status;
    }
    if (!log->summary.header && !log->rating) log->summary.column[ROLE_RATING][0] = '\0'; /* was only a guess */
    if (!log->summary.header && !times_any(&log->time)) log->summary.column[ROLE_TIME][0] = '\0';
    log_judge_ratings(log, options, doubtful);
    *out = log;
    return TAMIS_OK;
}
