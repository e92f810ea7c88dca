/* Training: same bits for any thread count, a planted problem is solved, validation, divergence, the schedule. */
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/random.h"
#include "suites.h"
#include "train/epoch.h"
#include "train/reference.h"
#include "train/sgd_blocks.h"
#include "train/start.h"

/* A log in which user u likes items i with i % groups == u % groups, each with chance 1/2. */
static tamis_log *planted(int64_t users, int64_t items, int groups, uint64_t seed)
{
    base_stream s = base_stream_key(seed, BASE_FOR_SYNTH, 0, 0);
    int64_t room = users * items / groups + users, n = 0;
    int32_t *user = malloc((size_t)room * sizeof *user), *item = malloc((size_t)room * sizeof *item);
    for (int64_t u = 0; u < users; u++)
        for (int64_t i = u % groups; i < items; i += groups)
            if (base_below(&s, 2) || i < groups) {
                user[n] = (int32_t)u;
                item[n++] = (int32_t)i;
            }
    tamis_log *log;
    tamis_error error;
    ck_assert_msg(tamis_log_from_pairs(user, item, n, users, items, &log, &error) == TAMIS_OK, "%s", error.text);
    free(user);
    free(item);
    return log;
}

static tamis_model *train(const tamis_log *log, tamis_train_options *o)
{
    tamis_model *model;
    tamis_error error;
    ck_assert_msg(tamis_train(log, NULL, o, NULL, &model, NULL, &error) == TAMIS_OK, "%s", error.text);
    return model;
}

START_TEST(same_bits_at_any_thread_count)
{
    tamis_log *log = planted(700, 900, 7, 1);
    const char *samplers[] = {"uniform", "popularity"};
    for (int s = 0; s < 2; s++) {
        tamis_train_options o;
        ck_assert_int_eq(tamis_train_options_default(&o, "bpr", NULL), TAMIS_OK);
        o.factors = 20;
        o.epochs = 3;
        o.item_bias = s;
        o.negative_sampling = samplers[s];
        o.validation_ratio = 0.1;
        const int64_t threads[] = {1, 2, 3, 8};
        tamis_model *model[4];
        for (int t = 0; t < 4; t++) {
            o.threads = threads[t];
            model[t] = train(log, &o);
            size_t bytes = (size_t)model[0]->users * model[0]->stride * sizeof(float);
            ck_assert(memcmp(model[t]->user_factors, model[0]->user_factors, bytes) == 0);
            bytes = (size_t)model[0]->items * model[0]->stride * sizeof(float);
            ck_assert(memcmp(model[t]->item_factors, model[0]->item_factors, bytes) == 0);
            if (s) ck_assert(memcmp(model[t]->item_bias, model[0]->item_bias, (size_t)model[0]->items * sizeof(float)) == 0);
        }
        o.seed = 2;
        tamis_model *other = train(log, &o);
        ck_assert(memcmp(other->user_factors, model[0]->user_factors, 64) != 0);
        tamis_model_free(other);
        for (int t = 0; t < 4; t++) tamis_model_free(model[t]);
    }
    tamis_log_free(log);
}
END_TEST

/* nearly every liked but unseen item must outrank nearly every disliked one */
static void groups_are_found(const char *name)
{
    tamis_log *log = planted(300, 200, 4, 3);
    tamis_train_options o;
    ck_assert_int_eq(tamis_train_options_default(&o, name, NULL), TAMIS_OK);
    o.batch_size = 0;
    o.regularization = 0.01;
    o.factors = 8;
    o.epochs = 60;
    o.init_scale = 1;
    tamis_model *model = train(log, &o);
    int64_t right = 0, total = 0;
    for (int64_t u = 0; u < 300; u++) {
        int64_t n;
        const int32_t *row = tamis_log_row(log, u, &n);
        tamis_hit hits[10];
        ck_assert_int_eq(tamis_recommend(model, &u, 1, 10, 1, hits, NULL), TAMIS_OK);
        for (int k = 0; k < 10; k++) {
            for (int64_t a = 0; a < n; a++) ck_assert_int_ne(row[a], hits[k].item);
            right += hits[k].item % 4 == u % 4;
            total++;
        }
    }
    ck_assert_int_gt(right, total * 95 / 100); /* chance: about one in seven */
    tamis_model_free(model);
    tamis_log_free(log);
}

START_TEST(planted_groups_are_found)
{
    groups_are_found("bpr");
    groups_are_found("bpo");
    groups_are_found("nbpo");
}
END_TEST

START_TEST(divergence_is_told)
{
    tamis_log *log = planted(50, 60, 3, 4);
    tamis_train_options o;
    tamis_model *model;
    tamis_error error;
    ck_assert_int_eq(tamis_train_options_default(&o, "bpr", NULL), TAMIS_OK);
    o.learning_rate = 1e6;
    ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &model, NULL, &error), TAMIS_DIVERGED);
    ck_assert_ptr_null(model);
    ck_assert_ptr_nonnull(strstr(error.text, "learning rate 1e+06"));
    tamis_log_free(log);
}
END_TEST

/* Rows that L2 alone moves lose a quarter with each update: they end as zeros, not as denormal numbers, which are slow. The
 * caller's own arithmetic keeps such numbers. */
START_TEST(nothing_ends_as_a_denormal_number)
{
    tamis_log *log = planted(300, 200, 4, 3);
    tamis_train_options o;
    ck_assert_int_eq(tamis_train_options_default(&o, "bpr", NULL), TAMIS_OK);
    o.learning_rate = 0.05;
    o.regularization = 5;
    o.epochs = 40;
    o.schedule = TAMIS_SCHEDULE_CONSTANT;
    o.threads = 2;
    tamis_model *model = train(log, &o);
    const float *const rows[] = {model->user_factors, model->item_factors};
    const int64_t count[] = {model->users * (int64_t)model->stride, model->items * (int64_t)model->stride};
    for (int r = 0; r < 2; r++) {
        int64_t zeros = 0;
        for (int64_t k = 0; k < count[r]; k++) {
            ck_assert_int_ne(fpclassify(rows[r][k]), FP_SUBNORMAL);
            zeros += fpclassify(rows[r][k]) == FP_ZERO;
        }
        ck_assert_int_gt(zeros, count[r] / 2);
    }
    volatile float least = FLT_MIN;
    ck_assert(least / 2 > 0);
    tamis_model_free(model);
    tamis_log_free(log);
}
END_TEST

static int stop_after_two(void *context, const tamis_epoch *epoch)
{
    *(int64_t *)context = epoch->epoch;
    return epoch->epoch == 2;
}

START_TEST(callback_stops_and_the_model_is_that_of_a_shorter_run)
{
    tamis_log *log = planted(80, 90, 3, 5);
    tamis_train_options o;
    ck_assert_int_eq(tamis_train_options_default(&o, "bpr", NULL), TAMIS_OK);
    o.schedule = TAMIS_SCHEDULE_CONSTANT;
    o.epochs = 10;
    int64_t last = 0;
    tamis_progress progress = {&last, stop_after_two};
    tamis_train_report report;
    tamis_model *model, *shorter;
    ck_assert_int_eq(tamis_train(log, NULL, &o, &progress, &model, &report, NULL), TAMIS_OK);
    ck_assert(last == 2 && report.interrupted && report.epochs == 2 && report.kept_epoch == 2);
    o.epochs = 2;
    shorter = train(log, &o);
    ck_assert(memcmp(model->user_factors, shorter->user_factors, (size_t)model->users * model->stride * sizeof(float)) == 0);
    tamis_model_free(model);
    tamis_model_free(shorter);
    tamis_log_free(log);
}
END_TEST

static int keep_values(void *context, const tamis_epoch *epoch)
{
    ((double *)context)[epoch->epoch] = epoch->validation;
    return 0;
}

START_TEST(best_epoch_is_kept)
{
    tamis_log *log = planted(200, 150, 5, 6), *rest, *held;
    tamis_split_options split;
    tamis_split_options_default(&split);
    split.test_ratio = 0.3;
    ck_assert_int_eq(tamis_log_split(log, &split, &rest, NULL, &held, NULL), TAMIS_OK);
    tamis_train_options o;
    ck_assert_int_eq(tamis_train_options_default(&o, "bpr", NULL), TAMIS_OK);
    o.epochs = 40;
    o.patience = 5;
    o.learning_rate = 0.3;
    o.validation_metric = "recall@5";
    o.validation_interval = 1;
    double value[64] = {0};
    tamis_progress progress = {value, keep_values};
    tamis_train_report report;
    tamis_model *model;
    ck_assert_int_eq(tamis_train(rest, held, &o, &progress, &model, &report, NULL), TAMIS_OK);
    int64_t best = 1;
    for (int64_t e = 1; e <= report.epochs; e++)
        if (value[e] > value[best]) best = e;
    ck_assert_int_eq(report.kept_epoch, best);
    ck_assert(report.validation == value[best]);
    if (report.stopped_early) ck_assert_int_eq(report.epochs, best + 5);
    tamis_evaluate_options e = {.size = sizeof(tamis_evaluate_options), .cutoffs = "5", .drop_unknown = 1, .threads = 1};
    tamis_evaluation *evaluation;
    ck_assert_int_eq(tamis_evaluate(model, held, NULL, 0, &e, &evaluation, NULL), TAMIS_OK);
    for (size_t k = 0; k < tamis_evaluation_metrics(evaluation); k++)
        if (!strcmp(tamis_evaluation_name(evaluation, k), "recall@5"))
            ck_assert(tamis_evaluation_mean(evaluation, k) == report.validation);
    tamis_evaluation_free(evaluation);
    tamis_model_free(model);
    tamis_log_free(log);
    tamis_log_free(rest);
    tamis_log_free(held);
}
END_TEST

/* every interaction is in exactly one tile, negatives are never the user's, their counts are even */
START_TEST(tiles_hold_everything_once)
{
    tamis_log *log = planted(500, 700, 3, 8);
    train_run state = {0};
    tamis_error error;
    ck_assert_int_eq(tamis_train_options_default(&state.options, "bpr", NULL), TAMIS_OK);
    state.log = log;
    state.options.negatives = 1;
    ck_assert_msg(run_start(&state, log, NULL, &state.options, &error) == TAMIS_OK, "%s", error.text);
    tamis_epoch report;
    ck_assert_int_eq(epoch_run(&state, &report, &error), TAMIS_OK);
    ck_assert_int_eq(report.samples, tamis_log_interactions(log));
    const sgd_blocks *blocks = sgd_blocks_of(&state);
    const int64_t U = blocks->user_blocks, C = blocks->item_blocks;
    int64_t seen = 0;
    char *had = calloc(500 * 700, 1);
    for (int64_t b = 0; b < U; b++)
        for (int64_t c = 0; c < C; c++)
            for (int64_t k = blocks->tile[b * (C + 1) + c]; k < blocks->tile[b * (C + 1) + c + 1]; k++, seen++) {
                int64_t u = blocks->first_user[b] + (blocks->entry[k] >> 16);
                int64_t i = blocks->item_order[c * blocks->item_room + (blocks->entry[k] & 0xFFFF)], n;
                const int32_t *row = tamis_log_row(log, u, &n);
                bool found = false;
                for (int64_t a = 0; a < n; a++) found = found || row[a] == i;
                ck_assert(found && !had[u * 700 + i]);
                had[u * 700 + i] = 1;
            }
    ck_assert_int_eq(seen, tamis_log_interactions(log));
    free(had);
    run_clear(&state);
    tamis_log_free(log);
}
END_TEST

/* The fast trainers against src/train/reference.c, which draws other negatives and takes another order: from one start, the
 * mean over many seeds of where an epoch leads to is the same, and so is the loss. Means of K runs with deviation s differ by
 * less than 6 s sqrt(2 / K), but for one value in some 500 million. */
enum { ORACLE_USERS = 30, ORACLE_ITEMS = 70, ORACLE_FACTORS = 3, ORACLE_SEEDS = 500,
       ORACLE_VALUES = (ORACLE_USERS + ORACLE_ITEMS) * ORACLE_FACTORS + 1 };

/* so small that the order of the updates, which differs, is of no account */
static const double ORACLE_RATE = 0.02, ORACLE_L2 = 0.3;

typedef struct moments {
    double sum[ORACLE_VALUES], square[ORACLE_VALUES];
} moments;

static void note_value(moments *m, int at, double value)
{
    m->sum[at] += value;
    m->square[at] += value * value;
}

/* One epoch from the start of seed 1, by the seed's own draws. */
static void fast_epoch(const tamis_log *log, uint64_t seed, int64_t batch, double start[ORACLE_VALUES], moments *m)
{
    train_run state = {.log = log};
    tamis_error error;
    tamis_epoch report;
    ck_assert_int_eq(tamis_train_options_default(&state.options, "bpr", NULL), TAMIS_OK);
    state.options.factors = ORACLE_FACTORS;
    state.options.negatives = 1;
    state.options.learning_rate = ORACLE_RATE;
    state.options.regularization = ORACLE_L2;
    state.options.init_scale = 2;
    state.options.schedule = TAMIS_SCHEDULE_CONSTANT;
    if (batch > 0) {
        state.options.batch_size = batch;
        state.options.optimizer = TAMIS_OPTIMIZER_LAZY_SGD;
    }
    ck_assert_msg(run_start(&state, log, NULL, &state.options, &error) == TAMIS_OK, "%s", error.text);
    const size_t stride = state.model->stride;
    for (int pass = 0; pass < 2; pass++) {
        int at = 0;
        for (int64_t r = 0; r < ORACLE_USERS + ORACLE_ITEMS; r++)
            for (size_t f = 0; f < ORACLE_FACTORS; f++, at++) {
                const float value = r < ORACLE_USERS ? state.model->user_factors[(size_t)r * stride + f]
                                                     : state.model->item_factors[(size_t)(r - ORACLE_USERS) * stride + f];
                if (pass == 0)
                    start[at] = (double)value;
                else
                    note_value(m, at, (double)value);
            }
        if (pass == 1) break;
        state.options.seed = seed; /* the start is drawn already */
        ck_assert_int_eq(epoch_run(&state, &report, &error), TAMIS_OK);
    }
    note_value(m, ORACLE_VALUES - 1, report.loss);
    run_clear(&state);
}

static void plain_epoch(const tamis_log *log, uint64_t seed, const double start[ORACLE_VALUES], moments *m)
{
    double now[ORACLE_VALUES];
    memcpy(now, start, sizeof now);
    const reference_model model = {now, now + ORACLE_USERS * ORACLE_FACTORS, ORACLE_FACTORS};
    base_stream stream = base_stream_key(seed, BASE_FOR_ORDER, 1, 1);
    now[ORACLE_VALUES - 1] = reference_epoch(log, &model, ORACLE_RATE, ORACLE_L2, &stream);
    for (int at = 0; at < ORACLE_VALUES; at++) note_value(m, at, now[at]);
}

static void same_means(const moments *a, const moments *b)
{
    for (int at = 0; at < ORACLE_VALUES; at++) {
        const double n = ORACLE_SEEDS, mean_a = a->sum[at] / n, mean_b = b->sum[at] / n;
        const double variance = (a->square[at] / n - mean_a * mean_a + b->square[at] / n - mean_b * mean_b) / n;
        ck_assert_double_eq_tol(mean_a, mean_b, 6 * sqrt(variance));
    }
}

START_TEST(an_epoch_leads_where_the_reference_leads)
{
    static moments tiles, batches, plain;
    double start[ORACLE_VALUES];
    tamis_log *log = planted(ORACLE_USERS, ORACLE_ITEMS, 3, 5);
    for (uint64_t seed = 1; seed <= ORACLE_SEEDS; seed++) {
        fast_epoch(log, seed, 0, start, &tiles);
        fast_epoch(log, seed, 4, start, &batches);
        plain_epoch(log, seed, start, &plain);
    }
    same_means(&tiles, &plain);
    same_means(&batches, &plain);
    tamis_log_free(log);
}
END_TEST

/* tiny shapes: one user, one item, a user who has everything */
START_TEST(tiny_logs_train)
{
    const int64_t shapes[][2] = {{1, 1}, {1, 5}, {5, 1}, {2, 2}, {40, 33}};
    for (size_t k = 0; k < BASE_COUNT(shapes); k++) {
        tamis_log *log = planted(shapes[k][0], shapes[k][1], 1, k);
        tamis_train_options o;
        ck_assert_int_eq(tamis_train_options_default(&o, "bpr", NULL), TAMIS_OK);
        o.epochs = 2;
        o.negatives = 3;
        tamis_model_free(train(log, &o));
        tamis_log_free(log);
    }
}
END_TEST

/* more interactions than are sorted into tiles at a time: each is taken once, in the same order at any thread count */
START_TEST(large_logs_train_in_parts)
{
    tamis_log *log = planted(3000, 3000, 1, 9);
    tamis_model *model[2];
    for (int t = 0; t < 2; t++) {
        tamis_train_options o;
        tamis_train_report report;
        tamis_error error;
        ck_assert_int_eq(tamis_train_options_default(&o, "bpr", NULL), TAMIS_OK);
        o.factors = 8;
        o.epochs = 1;
        o.threads = t ? 3 : 1;
        ck_assert_msg(tamis_train(log, NULL, &o, NULL, &model[t], &report, &error) == TAMIS_OK, "%s", error.text);
        ck_assert_int_gt(report.samples, 4 << 20);
        ck_assert_int_eq(report.samples, o.negatives * tamis_log_interactions(log));
    }
    ck_assert(memcmp(model[0]->user_factors, model[1]->user_factors, 3000 * model[0]->stride * sizeof(float)) == 0);
    ck_assert(memcmp(model[0]->item_factors, model[1]->item_factors, 3000 * model[0]->stride * sizeof(float)) == 0);
    tamis_model_free(model[0]);
    tamis_model_free(model[1]);
    tamis_log_free(log);
}
END_TEST

static void check_seen(const tamis_model *model, const tamis_log *log, int64_t users)
{
    for (int64_t u = 0; u < users; u++) {
        int64_t n;
        const int32_t *row = tamis_log_row(log, u, &n);
        size_t length, other;
        const char *id = tamis_log_user_id(log, u, &length), *own = id_map_get(model->user_ids, u, &other);
        ck_assert(length == other && memcmp(id, own, length) == 0);
        ck_assert_int_eq(id_map_find(model->user_ids, id, length), u);
        ck_assert_int_eq(model->seen->start[u + 1] - model->seen->start[u], n);
        ck_assert(memcmp(row, model->seen->index + model->seen->start[u], (size_t)n * sizeof *row) == 0);
    }
}

/* a log and its models hold ids and matrix together: whoever changes or goes leaves the others as they were */
START_TEST(models_outlive_their_log)
{
    tamis_log *log = planted(40, 30, 3, 11), *same = planted(40, 30, 3, 11), *more = planted(60, 50, 3, 12);
    tamis_train_options o;
    tamis_error error;
    ck_assert_int_eq(tamis_train_options_default(&o, "bpr", NULL), TAMIS_OK);
    o.factors = 4;
    o.epochs = 1;
    tamis_model *first = train(log, &o), *second = train(log, &o), *masked = train(log, &o);
    ck_assert_ptr_eq(first->seen->index, log->matrix->index); /* not a copy */
    ck_assert_int_eq(tamis_model_mask(masked, more, &error), TAMIS_OK);
    ck_assert_int_gt(masked->seen->start[40], log->matrix->start[40]);
    check_seen(first, log, 40);
    ck_assert_int_eq(tamis_log_add_ids(log, more, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_log_users(log), 60);
    ck_assert_int_eq(first->users, 40);
    check_seen(first, log, 40);
    tamis_model *third = train(log, &o);
    tamis_model_free(first);
    tamis_log_free(log);
    check_seen(second, same, 40);
    check_seen(third, same, 40);
    ck_assert_int_eq(third->users, 60);
    tamis_model_free(second);
    ck_assert_int_eq(tamis_model_mask(third, more, &error), TAMIS_OK); /* alone by now */
    tamis_model_free(third);
    ck_assert_int_eq(id_map_find(masked->user_ids, "39", 2), 39);
    tamis_model_free(masked);
    tamis_log_free(same);
    tamis_log_free(more);
}
END_TEST

/* ---- stopping within an epoch */

typedef struct asking {
    pthread_t from;
    int asked, stop_at; /* 0: never */
} asking;

static int ask(void *context)
{
    asking *a = context;
    ck_assert(pthread_equal(a->from, pthread_self()));
    return ++a->asked == a->stop_at;
}

static void all_finite(const tamis_model *m)
{
    for (size_t k = 0; k < (size_t)m->users * m->stride; k++) ck_assert(isfinite(m->user_factors[k]));
    for (size_t k = 0; k < (size_t)m->items * m->stride; k++) ck_assert(isfinite(m->item_factors[k]));
}

static const char *note(const tamis_model *model, const char *wanted)
{
    const char *name, *value;
    for (size_t k = 0; (name = tamis_model_note(model, k, &value)); k++)
        if (strcmp(name, wanted) == 0) return value;
    return NULL;
}

/* Stopped when it is asked for the at-th time, from 2: the first time is before the first epoch. */
static void check_stopped(const tamis_log *log, tamis_train_options *o, asking *a, int at)
{
    tamis_train_report report;
    tamis_model *model;
    tamis_error error;
    a->asked = 0;
    a->stop_at = at;
    ck_assert_int_eq(tamis_train(log, NULL, o, NULL, &model, &report, &error), TAMIS_OK);
    all_finite(model);
    if (a->asked >= at) { /* else, on several threads, the one that asks had too little work */
        ck_assert_int_eq(a->asked, at); /* and no more */
        ck_assert_int_eq(report.interrupted, 1);
        ck_assert(report.within == 0 || report.within == report.epochs + 1);
        ck_assert_int_eq(report.kept_epoch, report.within ? report.within : report.epochs);
        if (report.within) ck_assert_int_eq(atoi(note(model, "stopped-within-epoch")), (int)report.within);
    }
    tamis_model_free(model);
}

/* every method: asked and never stopped it learns the same; stopped it gives what there is */
START_TEST(any_method_stops_within_an_epoch)
{
    const char *name = tamis_method_list((size_t)_i, NULL, NULL);
    tamis_train_options o;
    if (method_find(name)->trainer == METHOD_BY_ITEMS) return; /* test_items.c: these have nothing before they are done */
    tamis_log *log = planted(300, 400, 5, 1);
    ck_assert_int_eq(tamis_train_options_default(&o, name, NULL), TAMIS_OK);
    o.factors = 64;
    o.epochs = 6;
    o.threads = 1;
    tamis_model *undisturbed = train(log, &o);
    ck_assert_int_eq(tamis_train_options_fit(&o, log, NULL), TAMIS_OK); /* the judge of a log asks, too */
    asking a = {.from = pthread_self()};
    const tamis_stop stop = {&a, ask};
    o.stop = &stop;
    tamis_model *asked = train(log, &o);
    const size_t bytes = (size_t)undisturbed->items * undisturbed->stride * sizeof(float);
    ck_assert(memcmp(asked->item_factors, undisturbed->item_factors, bytes) == 0);
    ck_assert_ptr_null(note(asked, "stopped-within-epoch"));
    const int most = a.asked;
    ck_assert_int_ge(most, 6 + 1); /* once at least in an epoch, and in between */
    check_stopped(log, &o, &a, 2);
    check_stopped(log, &o, &a, (most + 2) / 2);
    check_stopped(log, &o, &a, most);
    o.threads = 3;
    check_stopped(log, &o, &a, 2);
    tamis_model *model;
    tamis_error error;
    a = (asking){.from = pthread_self(), .stop_at = 1};
    ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &model, NULL, &error), TAMIS_STOPPED);
    ck_assert_ptr_null(model);
    ck_assert_str_eq(error.text, "stopped before the first epoch");
    tamis_model_free(undisturbed);
    tamis_model_free(asked);
    tamis_log_free(log);
}
END_TEST

/* with validation a stopped run gives the best of its whole epochs, which a shorter run gives as well */
START_TEST(stopped_runs_keep_the_best_epoch)
{
    tamis_log *log = planted(700, 900, 7, 1);
    tamis_train_options o;
    tamis_train_report report;
    tamis_model *stopped, *shorter;
    tamis_error error;
    asking a = {.from = pthread_self(), .stop_at = 60};
    const tamis_stop stop = {&a, ask};
    ck_assert_int_eq(tamis_train_options_default(&o, "bpr", NULL), TAMIS_OK);
    o.factors = 64;
    o.epochs = 1000;
    o.validation_ratio = 0.2;
    o.validation_interval = 1;
    o.schedule = TAMIS_SCHEDULE_CONSTANT;
    o.stop = &stop;
    ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &stopped, &report, &error), TAMIS_OK);
    ck_assert_int_eq(report.interrupted, 1);
    ck_assert_int_gt(report.epochs, 2);
    ck_assert_int_gt(report.kept_epoch, 0);
    ck_assert_int_le(report.kept_epoch, report.epochs);
    o.epochs = report.kept_epoch;
    o.stop = NULL;
    ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &shorter, NULL, &error), TAMIS_OK);
    ck_assert(memcmp(stopped->item_factors, shorter->item_factors,
                     (size_t)shorter->items * shorter->stride * sizeof(float)) == 0);
    tamis_model_free(stopped);
    tamis_model_free(shorter);
    tamis_log_free(log);
}
END_TEST

/* a run that was stopped within an epoch can be finished, and no more */
START_TEST(stopped_runs_are_no_checkpoints)
{
    tamis_log *log = planted(300, 400, 5, 1);
    tamis_train_options o;
    tamis_trainer *run;
    tamis_model *model;
    tamis_train_report report;
    tamis_epoch epoch;
    tamis_error error;
    asking a = {.from = pthread_self(), .stop_at = 2};
    const tamis_stop stop = {&a, ask};
    ck_assert_int_eq(tamis_train_options_default(&o, "bpr", NULL), TAMIS_OK);
    o.regularization = 0.01; /* no judge of the log is asked before */
    o.factors = 512;
    o.stop = &stop;
    ck_assert_int_eq(tamis_trainer_new(log, NULL, &o, &run, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_trainer_epoch(run, &epoch, &error), TAMIS_STOPPED);
    ck_assert_str_eq(error.text, "stopped within epoch 1");
    ck_assert_int_eq(tamis_trainer_done(run), 1);
    ck_assert_int_eq(tamis_trainer_save(run, "/nowhere", &error), TAMIS_USAGE);
    ck_assert_int_eq(tamis_trainer_finish(run, &model, &report, &error), TAMIS_OK);
    ck_assert_int_eq(report.within, 1);
    tamis_model_free(model);
    tamis_log_free(log);
}
END_TEST

/* once the loss is infinite there is nothing to save, but for an epoch that was validated before */
static int stop_later(void *context)
{
    return ++*(int *)context > 30;
}

START_TEST(what_has_diverged_is_not_saved)
{
    tamis_log *log = planted(700, 900, 7, 1);
    tamis_train_options o;
    tamis_model *model;
    tamis_error error;
    int asked = 0;
    const tamis_stop stop = {&asked, stop_later};
    ck_assert_int_eq(tamis_train_options_default(&o, "bpo", NULL), TAMIS_OK);
    o.factors = 64;
    o.negatives = 10000;
    o.learning_rate = 1000;
    o.stop = &stop;
    ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &model, NULL, &error), TAMIS_DIVERGED);
    ck_assert_ptr_null(model);
    ck_assert_ptr_nonnull(strstr(error.text, "in epoch 1 "));
    tamis_log_free(log);
}
END_TEST

static int methods(void)
{
    int count = 0;
    while (tamis_method_list((size_t)count, NULL, NULL)) count++;
    return count;
}

Suite *train_suite(void)
{
    Suite *suite = suite_create("train");
    TCase *tests = tcase_create("train");
    tcase_add_test(tests, same_bits_at_any_thread_count);
    tcase_add_test(tests, planted_groups_are_found);
    tcase_add_test(tests, divergence_is_told);
    tcase_add_test(tests, nothing_ends_as_a_denormal_number);
    tcase_add_test(tests, callback_stops_and_the_model_is_that_of_a_shorter_run);
    tcase_add_test(tests, best_epoch_is_kept);
    tcase_add_test(tests, tiles_hold_everything_once);
    tcase_add_test(tests, an_epoch_leads_where_the_reference_leads);
    tcase_add_test(tests, tiny_logs_train);
    tcase_add_test(tests, large_logs_train_in_parts);
    tcase_add_test(tests, models_outlive_their_log);
    tcase_add_loop_test(tests, any_method_stops_within_an_epoch, 0, methods());
    tcase_add_test(tests, stopped_runs_keep_the_best_epoch);
    tcase_add_test(tests, what_has_diverged_is_not_saved);
    tcase_add_test(tests, stopped_runs_are_no_checkpoints);
    suite_add_tcase(suite, tests);
    return suite;
}
