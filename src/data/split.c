/* A log cut per user into train, validation and test.
 *
 * Every interaction draws a 64-bit number keyed by (seed, hash of the user's id, hash of the item's id) and nothing
 * else. RANDOM: of each user's interactions, those with the smallest numbers go to test, the next to validation. So the
 * same seed cuts a user's interactions alike, in whatever order the rows stand and whatever other users did. TIME: the latest go to
 * test, those before them to validation; the number decides between equal times. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/hash.h"
#include "base/option.h"
#include "base/random.h"
#include "base/status.h"
#include "data/log.h"

#define ROW(field, name, kind, range, fallback, help)                                                                  \
    BASE_OPTION(tamis_split_options, field, name, TAMIS_OPTION_##kind, range, fallback, "", help)

static const tamis_option rows[] = {
    ROW(test_ratio, "test-ratio", REAL, "[0,1)", "0.2", "share of each user's interactions for test"),
    ROW(validation_ratio, "validation-ratio", REAL, "[0,1)", "0", "share of each user's interactions for validation"),
    ROW(order, "order", CHOICE, "random|time", "random",
        "random, or time: the latest are for test, those before for validation"),
    ROW(seed, "seed", SEED, NULL, "1", "seed of the random choice"),
};

static tamis_status check(const void *values, tamis_error *error)
{
    const tamis_split_options *options = values;
    if (options->test_ratio + options->validation_ratio < 1) return TAMIS_OK;
    return base_fail(error, TAMIS_USAGE,
                     "--test-ratio %g and --validation-ratio %g leave nothing to train on; expected a sum below 1",
                     options->test_ratio, options->validation_ratio);
}

const tamis_option_table split_option_table = {"split", rows, BASE_COUNT(rows), sizeof(tamis_split_options), check};

void tamis_split_options_init(tamis_split_options *options, size_t size)
{
    tamis_split_options defaults = {0};
    base_option_defaults(&split_option_table, &defaults);
    base_option_give(&defaults, sizeof defaults, options, size);
}

enum { TRAIN, VALIDATION, TEST, PARTS };

typedef struct draw {
    double time;
    uint64_t number;
    int64_t at; /* in matrix->index */
} draw;

static int by_time_then_number(const void *a, const void *b)
{
    const draw *x = a, *y = b;
    if (x->time != y->time) return x->time > y->time ? -1 : 1;
    if (x->number != y->number) return x->number < y->number ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* How many of n go to test and validation. One stays in train: validation is cut first. */
static void count_parts(const tamis_split_options *options, int64_t n, int64_t *test, int64_t *validation)
{
    *test = (int64_t)round(options->test_ratio * (double)n);
    *validation = (int64_t)round(options->validation_ratio * (double)n);
    if (*test > n - 1) *test = n - 1;
    if (*validation > n - 1 - *test) *validation = n - 1 - *test;
}

/* part[k]: where interaction k goes. */
static tamis_status choose(const tamis_log *log, const tamis_split_options *options, uint8_t *part, tamis_error *error)
{
    const matrix *m = log->matrix;
    int64_t longest = 0, users = tamis_log_users(log), items = tamis_log_items(log), test, validation, n;
    for (int64_t u = 0; u < users; u++) {
        (void)tamis_log_row(log, u, &n);
        if (n > longest) longest = n;
    }
    draw *draws = malloc(((size_t)longest + 1) * sizeof *draws);
    uint64_t *item_key = malloc(((size_t)items + 1) * sizeof *item_key);
    if (!draws || !item_key) {
        free(draws);
        free(item_key);
        return base_no_memory(error, "a split", (size_t)longest, sizeof *draws);
    }
    size_t length;
    for (int64_t i = 0; i < items; i++) {
        const char *id = id_map_get(log->item_ids, i, &length);
        item_key[i] = base_hash(id, length);
    }
    for (int64_t u = 0; u < users; u++) {
        const char *id = id_map_get(log->user_ids, u, &length);
        uint64_t user_key = base_hash(id, length);
        int64_t from = m->start[u];
        n = m->start[u + 1] - from;
        count_parts(options, n, &test, &validation);
        if (n == 0 || test + validation == 0) continue;
        for (int64_t k = 0; k < n; k++) {
            base_stream stream =
                base_stream_key(options->seed, BASE_FOR_SPLIT, user_key, item_key[m->index[from + k]]);
            draws[k] =
                (draw){options->order == TAMIS_SPLIT_TIME ? times_at(&log->time, from + k) : 0, base_next(&stream), from + k};
        }
        qsort(draws, (size_t)n, sizeof *draws, by_time_then_number);
        for (int64_t k = 0; k < test + validation; k++)
            part[draws[k].at] = k < test ? TEST : VALIDATION;
    }
    free(draws);
    free(item_key);
    return TAMIS_OK;
}

/* Where dislikes go: to train, or, by time, where what the user met at that time has gone. */
static void place_dislikes(const tamis_log *log, const tamis_split_options *options, const uint8_t *part, uint8_t *dislike_part)
{
    const matrix *m = log->matrix, *no = log->dislikes;
    for (int64_t u = 0; options->order == TAMIS_SPLIT_TIME && u < log->users; u++) {
        double first[PARTS] = {-(double)INFINITY, (double)INFINITY, (double)INFINITY};
        for (int64_t k = m->start[u]; k < m->start[u + 1]; k++)
            if (part[k] != TRAIN) first[part[k]] = fmin(first[part[k]], times_at(&log->time, k));
        for (int64_t k = no->start[u]; k < no->start[u + 1]; k++) {
            const double time = times_at(&log->dislike_time, k);
            dislike_part[k] = time >= first[TEST] ? TEST : time >= first[VALIDATION] ? VALIDATION : TRAIN;
        }
    }
}

static tamis_status split_dislikes(const tamis_log *log, const tamis_split_options *options, const uint8_t *part,
                                   tamis_log **const out[PARTS], tamis_error *error)
{
    tamis_status status = TAMIS_OK;
    if (!log->dislikes) return TAMIS_OK;
    uint8_t *dislike_part = calloc((size_t)log->dislikes->nnz + 1, 1);
    if (!dislike_part) return base_no_memory(error, "a split", (size_t)log->dislikes->nnz, 1);
    place_dislikes(log, options, part, dislike_part);
    for (int k = 0; k < PARTS && !status; k++)
        if (out[k]) status = log_extract_dislikes(*out[k], log, dislike_part, (uint8_t)k, error);
    free(dislike_part);
    return status;
}

tamis_status tamis_log_split(const tamis_log *log, const tamis_split_options *options, tamis_log **train,
                             tamis_log **validation, tamis_log **test, tamis_error *error)
{
    tamis_split_options taken;
    tamis_log **out[PARTS] = {[TRAIN] = train, [VALIDATION] = validation, [TEST] = test};
    base_clear(error);
    for (int k = 0; k < PARTS; k++)
        if (out[k]) *out[k] = NULL;
    if (!log) return base_null(error, "the log");
    tamis_split_options_default(&taken);
    tamis_status status = base_option_take(&split_option_table, options, &taken, error);
    if (status) return status;
    options = &taken;
    if (options->order == TAMIS_SPLIT_TIME && !times_all(&log->time, tamis_log_interactions(log)))
        return base_fail(error, TAMIS_DATA,
                         "%s, but --order time needs a time in every row; name their column with --time (with "
                         "--on-error skip rows without are passed over), or split at random",
                         log->lacking[1].text[0] ? log->lacking[1].text : "the log has no times");
    uint8_t *part = calloc((size_t)tamis_log_interactions(log) + 1, 1);
    if (!part) return base_no_memory(error, "a split", (size_t)tamis_log_interactions(log), 1);
    status = choose(log, options, part, error);
    for (int k = 0; k < PARTS && !status; k++)
        if (out[k]) status = log_extract(log, part, (uint8_t)k, out[k], error);
    if (!status) status = split_dislikes(log, options, part, out, error);
    free(part);
    for (int k = 0; status && k < PARTS; k++)
        if (out[k]) {
            tamis_log_free(*out[k]);
            *out[k] = NULL;
        }
    return status;
}
