/* A log cut into train, validation and test.
 *
 * Every interaction draws a 64-bit number keyed by (seed, hash of the user's id, hash of the item's id) and nothing
 * else. RANDOM: of each user's interactions, those with the smallest numbers go to test, the next to validation. So the
 * same seed cuts a user's interactions alike, in whatever order the rows stand and whatever other users did. TIME, and the last N
 * of each user: the latest go to test, those before them to validation; the number decides between equal times. FOLDS: in the order
 * of their numbers a user's interactions go to one fold after the other, from one on that the user's id decides. A time for all:
 * what is not earlier. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/date.h"
#include "base/hash.h"
#include "base/option.h"
#include "base/random.h"
#include "base/status.h"
#include "data/log.h"

#define ROW(field, name, kind, range, fallback, ...) \
    BASE_OPTION(tamis_split_options, field, name, TAMIS_OPTION_##kind, range, fallback, "", __VA_ARGS__)

static const tamis_option rows[] = {
    ROW(test_ratio, "test-ratio", REAL, "[0,1)", "0.2", "share of each user's interactions for test"),
    ROW(validation_ratio, "validation-ratio", REAL, "[0,1)", "0", "share of each user's interactions for validation"),
    ROW(order, "order", CHOICE, "random|time", "random",
        "random, or time: the latest are for test, those before for validation"),
    ROW(last, "last", INTEGER, "[0,1000000]", "0", "in the place of shares: so many latest interactions of each user for test; 0: not so"),
    ROW(validation_last, "validation-last", INTEGER, "[0,1000000]", "0", "so many before these for validation", .only = "last"),
    ROW(test_from, "test-from", TEXT, "TIME", NULL, "in the place of shares: all that is not earlier for test, of all users"),
    ROW(validation_from, "validation-from", TEXT, "TIME", NULL, "what is not earlier than this, but than --test-from, for validation",
        .only = "test-from"),
    ROW(folds, "folds", INTEGER, "[0,1000]", "0", "in the place of shares: so many folds, each interaction in one; 0: not so"),
    ROW(fold, "fold", INTEGER, "[0,1000]", "0", "the fold for test, from 1", .only = "folds"),
    ROW(validation_fold, "validation-fold", INTEGER, "[0,1000]", "0", "the fold for validation; 0: none", .only = "folds"),
    ROW(seed, "seed", SEED, NULL, "1", "seed of the random choice"),
};

/* The ways to cut other than by shares; NULL past the last that is asked for. */
static const char *way(const tamis_split_options *o, int k)
{
    const char *const all[] = {o->last ? "--last" : NULL, o->test_from ? "--test-from" : NULL, o->folds ? "--folds" : NULL};
    for (size_t w = 0; w < BASE_COUNT(all); w++)
        if (all[w] && k-- == 0) return all[w];
    return NULL;
}

static tamis_status check_folds(const tamis_split_options *o, tamis_error *error)
{
    if (o->folds == 1)
        return base_fail(error, TAMIS_USAGE, "--folds 1 leaves nothing to train on; expected 2 or more");
    if (o->folds && (o->fold < 1 || o->fold > o->folds))
        return base_fail(error, TAMIS_USAGE, "--folds %" PRId64 " needs the --fold for test, 1 to %" PRId64 "; it is %" PRId64, o->folds,
                         o->folds, o->fold);
    if (o->validation_fold && (o->validation_fold > o->folds || o->validation_fold == o->fold || o->folds < 3))
        return base_fail(error, TAMIS_USAGE, "--validation-fold %" PRId64 " does not go with --folds %" PRId64 " --fold %" PRId64
                         "; expected another of three or more", o->validation_fold, o->folds, o->fold);
    return TAMIS_OK;
}

static tamis_status check_times(const tamis_split_options *o, tamis_error *error)
{
    const struct {
        const char *option, *text;
    } given[] = {{"--test-from", o->test_from}, {"--validation-from", o->validation_from}};
    double time[2] = {(double)INFINITY, -(double)INFINITY};
    for (int k = 0; k < 2; k++)
        if (given[k].text && !date_parse(given[k].text, strlen(given[k].text), &time[k]))
            return base_fail(error, TAMIS_USAGE, "%s %.60s: expected a time such as 1287532527 or 2010-10-19T23:55:27Z", given[k].option,
                             given[k].text);
    if (time[1] / times_unit(time[1]) < time[0] / times_unit(time[0])) return TAMIS_OK;
    return base_fail(error, TAMIS_USAGE, "--validation-from %.60s is not before --test-from %.60s; expected an earlier time", o->validation_from,
                     o->test_from);
}

static tamis_status check(const void *values, tamis_error *error)
{
    const tamis_split_options *o = values;
    const char *one = way(o, 0), *two = way(o, 1);
    tamis_status status = base_option_check_idle(&split_option_table, o, error);
    if (!status) status = check_folds(o, error);
    if (!status) status = check_times(o, error);
    if (status) return status;
    if (two) return base_fail(error, TAMIS_USAGE, "%s and %s are two ways to cut a log; expected one of them", one, two);
    if (one && o->validation_ratio > 0)
        return base_fail(error, TAMIS_USAGE, "--validation-ratio is a share, and %s cuts otherwise; expected %s", one,
                         o->last ? "--validation-last" : o->folds ? "--validation-fold" : "--validation-from");
    if (o->folds && o->order == TAMIS_SPLIT_TIME)
        return base_fail(error, TAMIS_USAGE, "--folds are drawn at random, without --order time; by time cut --last and --test-from");
    if (one || o->test_ratio + o->validation_ratio < 1) return TAMIS_OK;
    return base_fail(error, TAMIS_USAGE,
                     "--test-ratio %g and --validation-ratio %g leave nothing to train on; expected a sum below 1",
                     o->test_ratio, o->validation_ratio);
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

/* A log being cut. */
typedef struct cut {
    const tamis_log *log;
    const tamis_split_options *options;
    bool timed;         /* times decide */
    double from[PARTS]; /* by a time for all: from where on; in the log's unit */
    draw *draws;        /* of one user */
    uint64_t *item_key; /* hashes of ids */
} cut;

/* How many of n go to test and validation. One stays in train: validation is cut first. */
static void count_parts(const tamis_split_options *o, int64_t n, int64_t *test, int64_t *validation)
{
    *test = o->last ? o->last : (int64_t)round(o->test_ratio * (double)n);
    *validation = o->last ? o->validation_last : (int64_t)round(o->validation_ratio * (double)n);
    if (*test > n - 1) *test = n - 1;
    if (*validation > n - 1 - *test) *validation = n - 1 - *test;
}

static uint8_t part_of_fold(const tamis_split_options *o, int64_t fold)
{
    return fold == o->fold ? TEST : fold == o->validation_fold ? VALIDATION : TRAIN;
}

static uint8_t part_of_time(const cut *c, double time)
{
    return time >= c->from[TEST] ? TEST : time >= c->from[VALIDATION] ? VALIDATION : TRAIN;
}

/* A user's interactions, the first for test first. */
static void draw_user(const cut *c, int64_t user, uint64_t user_key)
{
    const matrix *m = c->log->matrix;
    const int64_t from = m->start[user], n = m->start[user + 1] - from;
    for (int64_t k = 0; k < n; k++) {
        base_stream stream = base_stream_key(c->options->seed, BASE_FOR_SPLIT, user_key, c->item_key[m->index[from + k]]);
        c->draws[k] = (draw){c->timed ? times_at(&c->log->time, from + k) : 0, base_next(&stream), from + k};
    }
    qsort(c->draws, (size_t)n, sizeof *c->draws, by_time_then_number);
}

static void cut_user(const cut *c, int64_t user, uint8_t *part)
{
    const tamis_split_options *o = c->options;
    const int64_t n = c->log->matrix->start[user + 1] - c->log->matrix->start[user];
    int64_t test, validation;
    size_t length;
    const char *id = id_map_get(c->log->user_ids, user, &length);
    const uint64_t user_key = base_hash(id, length);
    count_parts(o, n, &test, &validation);
    if (n == 0 || (!o->folds && test + validation == 0)) return;
    draw_user(c, user, user_key);
    for (int64_t k = 0; k < n; k++) {
        const int64_t fold = o->folds ? (int64_t)((user_key + (uint64_t)k) % (uint64_t)o->folds) + 1 : 0;
        part[c->draws[k].at] = o->folds ? part_of_fold(o, fold) : k < test ? TEST : k < test + validation ? VALIDATION : TRAIN;
    }
}

/* Of each user's interactions. */
static tamis_status cut_users(cut *c, uint8_t *part, tamis_error *error)
{
    const matrix *m = c->log->matrix;
    int64_t longest = 0;
    size_t length;
    for (int64_t u = 0; u < m->rows; u++)
        if (m->start[u + 1] - m->start[u] > longest) longest = m->start[u + 1] - m->start[u];
    c->draws = malloc(((size_t)longest + 1) * sizeof *c->draws);
    c->item_key = malloc(((size_t)m->columns + 1) * sizeof *c->item_key);
    if (!c->draws || !c->item_key) return base_no_memory(error, "a split", (size_t)longest, sizeof *c->draws);
    for (int64_t i = 0; i < m->columns; i++) {
        const char *id = id_map_get(c->log->item_ids, i, &length);
        c->item_key[i] = base_hash(id, length);
    }
    for (int64_t u = 0; u < m->rows; u++) cut_user(c, u, part);
    return TAMIS_OK;
}

/* By one time for all. */
static tamis_status cut_time(cut *c, uint8_t *part, tamis_error *error)
{
    const tamis_split_options *o = c->options;
    const log_times *time = &c->log->time;
    const int64_t n = c->log->matrix->nnz;
    double least = (double)INFINITY, most = -(double)INFINITY;
    char a[40], b[40];
    int64_t count[PARTS] = {0};
    for (int64_t k = 0; k < n; k++) {
        least = fmin(least, times_at(time, k));
        most = fmax(most, times_at(time, k));
    }
    const double unit = times_unit(most);
    c->from[VALIDATION] = (double)INFINITY;
    (void)date_parse(o->test_from, strlen(o->test_from), &c->from[TEST]);
    if (o->validation_from) (void)date_parse(o->validation_from, strlen(o->validation_from), &c->from[VALIDATION]);
    for (int p = VALIDATION; p < PARTS; p++) c->from[p] *= unit / times_unit(isinf(c->from[p]) ? 0 : c->from[p]);
    for (int64_t k = 0; k < n; k++) count[part[k] = part_of_time(c, times_at(time, k))]++;
    if (count[TRAIN] && count[TEST] && (count[VALIDATION] || !o->validation_from)) return TAMIS_OK;
    return base_fail(error, TAMIS_DATA, "no interaction is %s; the log's are of %s to %s, and --folds and --test-ratio need no times",
                     !count[TRAIN] ? o->validation_from ? "before --validation-from" : "before --test-from"
                     : !count[TEST] ? "of --test-from or later" : "between --validation-from and --test-from",
                     date_text(least / unit, a), date_text(most / unit, b));
}

/* The first time of a user's test and validation, or of all. */
static void find_first(const cut *c, const uint8_t *part, int64_t user, double first[PARTS])
{
    const int64_t *start = c->log->matrix->start + user;
    memcpy(first, c->from, PARTS * sizeof *first);
    for (int64_t k = start[0]; !c->options->test_from && k < start[1]; k++)
        first[part[k]] = fmin(first[part[k]], times_at(&c->log->time, k));
}

/* Where dislikes go: to train, or, by time, to the part of that time. */
static void place_dislikes(const cut *c, const uint8_t *part, uint8_t *dislike_part)
{
    const matrix *no = c->log->dislikes;
    cut user = *c;
    for (int64_t u = 0; c->timed && u < no->rows; u++) {
        find_first(c, part, u, user.from);
        for (int64_t k = no->start[u]; k < no->start[u + 1]; k++)
            dislike_part[k] = part_of_time(&user, times_at(&c->log->dislike_time, k));
    }
}

static tamis_status split_dislikes(const cut *c, const uint8_t *part, tamis_log **const out[PARTS], tamis_error *error)
{
    const tamis_log *log = c->log;
    tamis_status status = TAMIS_OK;
    if (!log->dislikes) return TAMIS_OK;
    uint8_t *dislike_part = calloc((size_t)log->dislikes->nnz + 1, 1);
    if (!dislike_part) return base_no_memory(error, "a split", (size_t)log->dislikes->nnz, 1);
    place_dislikes(c, part, dislike_part);
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
    cut c = {.log = log, .options = options, .timed = options->order == TAMIS_SPLIT_TIME || options->last || options->test_from,
             .from = {-(double)INFINITY, (double)INFINITY, (double)INFINITY}};
    if (c.timed && !times_all(&log->time, tamis_log_interactions(log)))
        return base_fail(error, TAMIS_DATA,
                         "%s, but %s needs a time in every row; name their column with --time (with "
                         "--on-error skip rows without are passed over), or split at random: --test-ratio, --folds",
                         log->lacking[1].text[0] ? log->lacking[1].text : "the log has no times", way(options, 0) ? way(options, 0) : "--order time");
    uint8_t *part = calloc((size_t)tamis_log_interactions(log) + 1, 1);
    if (!part) return base_no_memory(error, "a split", (size_t)tamis_log_interactions(log), 1);
    status = options->test_from ? cut_time(&c, part, error) : cut_users(&c, part, error);
    free(c.draws);
    free(c.item_key);
    for (int k = 0; k < PARTS && !status; k++)
        if (out[k]) status = log_extract(log, part, (uint8_t)k, out[k], error);
    if (!status) status = split_dislikes(&c, part, out, error);
    free(part);
    for (int k = 0; status && k < PARTS; k++)
        if (out[k]) {
            tamis_log_free(*out[k]);
            *out[k] = NULL;
        }
    return status;
}
