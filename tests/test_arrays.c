/* Logs from arrays, and public functions that are given no log or model. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "data/log.h"
#include "suites.h"

static tamis_error error;

static void check_row(const tamis_log *log, int64_t user, const int32_t *item, int64_t count)
{
    int64_t n;
    const int32_t *row = tamis_log_row(log, user, &n);
    ck_assert_int_eq(n, count);
    ck_assert(memcmp(row, item, (size_t)n * sizeof *row) == 0);
}

static void check_id(const char *(*id_of)(const tamis_log *log, int64_t number, size_t *length), const tamis_log *log, int64_t number,
                     const char *expected)
{
    size_t length;
    const char *id = id_of(log, number, &length);
    ck_assert(length == strlen(expected) && memcmp(id, expected, length) == 0);
}

/* two users and a third without interactions, three items; (1, 0) stands twice: the largest rating and the first time stay */
START_TEST(pairs_with_all_that_there_is)
{
    static const int32_t user[] = {1, 0, 1, 1}, item[] = {0, 2, 2, 0};
    static const float rating[] = {1, 4, NAN, 3};
    static const double time[] = {50, 1.5, 7, 40};
    static const char *const users[] = {"anna", "b", "zo\xC3\xAB"}, *const items[] = {"x\0?", "y", "z..."};
    static const size_t lengths[] = {1, 1, 4};
    tamis_log_arrays a;
    tamis_log *log;
    tamis_log_arrays_default(&a);
    a.users = a.items = 3;
    a.count = 4;
    a.user = user;
    a.item = item;
    a.rating = rating;
    a.time = time;
    a.user_id = users;
    a.item_id = items;
    a.item_id_length = lengths;
    ck_assert_msg(tamis_log_from_arrays(&a, &log, &error) == TAMIS_OK, "%s", error.text);
    check_row(log, 0, (int32_t[]){2}, 1);
    check_row(log, 1, (int32_t[]){0, 2}, 2);
    check_row(log, 2, item, 0);
    const float *stars = tamis_log_rating(log, 1);
    ck_assert(stars[0] == 3 && isnan(stars[1]) && tamis_log_rating(log, 0)[0] == 4);
    ck_assert(times_at(&log->time, 0) == 1.5 && times_at(&log->time, 1) == 40 && times_at(&log->time, 2) == 7);
    check_id(tamis_log_user_id, log, 2, "zo\xC3\xAB");
    check_id(tamis_log_item_id, log, 0, "x");
    check_id(tamis_log_item_id, log, 2, "z...");
    const tamis_log_summary *s = tamis_log_summarize(log);
    ck_assert_int_eq(s->rows, 4);
    ck_assert_int_eq(s->duplicates, 1);
    ck_assert_int_eq(s->interactions, 3);
    ck_assert_int_eq(s->without_rating, 1);
    ck_assert_int_eq(s->without_time, 0);
    tamis_log_free(log);
}
END_TEST

/* the same interactions as pairs and as CSR, whose rows are in no order */
START_TEST(rows_and_pairs_agree)
{
    enum { USERS = 700, ITEMS = 90, MOST = 40 };
    static int32_t user[USERS * MOST], item[USERS * MOST];
    int64_t start[USERS + 1] = {0};
    base_stream s = {5};
    int64_t n = 0;
    for (int32_t u = 0; u < USERS; u++) {
        const int64_t k = u % 3 == 1 ? 0 : base_below(&s, MOST); /* some have none, the last one as well */
        for (int64_t j = 0; j < k; j++, n++) {
            user[n] = u;
            item[n] = (int32_t)base_below(&s, ITEMS);
        }
        start[u + 1] = n;
    }
    tamis_log_arrays a;
    tamis_log *pairs, *rows;
    tamis_log_arrays_default(&a);
    a.users = USERS;
    a.items = ITEMS;
    a.count = n;
    a.item = item;
    a.user = user;
    ck_assert_int_eq(tamis_log_from_arrays(&a, &pairs, &error), TAMIS_OK);
    a.user = NULL;
    a.start = start;
    ck_assert_msg(tamis_log_from_arrays(&a, &rows, &error) == TAMIS_OK, "%s", error.text);
    ck_assert_int_eq(tamis_log_interactions(rows), tamis_log_interactions(pairs));
    for (int64_t u = 0; u < USERS; u++) {
        bool there[ITEMS] = {false};
        int64_t count = 0, k;
        for (k = start[u]; k < start[u + 1]; k++) {
            count += !there[item[k]];
            there[item[k]] = true;
        }
        const int32_t *row = tamis_log_row(rows, u, &k);
        ck_assert_int_eq(k, count);
        check_row(pairs, u, row, k);
        for (k = 0; k < count; k++) ck_assert(there[row[k]] && (k == 0 || row[k - 1] < row[k]));
    }
    tamis_log_free(pairs);
    tamis_log_free(rows);
}
END_TEST

static tamis_log_arrays sound(void)
{
    static const int32_t user[] = {0, 1}, item[] = {1, 0};
    tamis_log_arrays a;
    tamis_log_arrays_default(&a);
    a.users = a.items = a.count = 2;
    a.user = user;
    a.item = item;
    return a;
}

static void refuse(const tamis_log_arrays *a, tamis_status status, const char *sentence)
{
    tamis_log *log = (tamis_log *)&error;
    ck_assert_int_eq(tamis_log_from_arrays(a, &log, &error), status);
    ck_assert_ptr_null(log);
    ck_assert_msg(strstr(error.text, sentence), "%s", error.text);
    ck_assert_int_eq(tamis_log_from_arrays(a, &log, NULL), status);
}

#define REFUSE(field, value, status, sentence) \
    do {                                       \
        tamis_log_arrays a = sound();          \
        a.field = value;                       \
        refuse(&a, status, sentence);          \
    } while (0)

START_TEST(wrong_arrays_are_refused)
{
    static const int32_t below[] = {0, -1}, above[] = {0, 2};
    static const int64_t late[] = {1, 1, 2}, few[] = {0, 1, 1}, down[] = {0, 3, 2}, good[] = {0, 1, 2};
    static const char *const twice[] = {"a", "a"}, *const hole[] = {"a", NULL}, *const empty[] = {"a", ""}, *const pair[] = {"a\0", "b"};
    static const size_t two[] = {2, 1};
    static const float infinite[] = {1, INFINITY}, missing[] = {1, NAN}, nothing[] = {0, 1}, negative[] = {1, -2};
    static const double never[] = {-(double)INFINITY, 0};
    refuse(NULL, TAMIS_USAGE, "no arrays");
    REFUSE(size, 0, TAMIS_USAGE, "size 0");
    REFUSE(users, 0, TAMIS_USAGE, "0 users and 2 items");
    REFUSE(items, (int64_t)INT32_MAX + 1, TAMIS_USAGE, "2147483648 items");
    REFUSE(count, 0, TAMIS_DATA, "no interaction");
    REFUSE(count, -1, TAMIS_DATA, "-1 were given");
    REFUSE(item, NULL, TAMIS_USAGE, "given are user");
    REFUSE(user, NULL, TAMIS_USAGE, "given are item");
    REFUSE(start, good, TAMIS_USAGE, "given are item user start");
    REFUSE(user, below, TAMIS_USAGE, "interaction 1 is of user -1 and item 0");
    REFUSE(item, above, TAMIS_USAGE, "interaction 1 is of user 1 and item 2; expected users below 2 and items below 2");
    REFUSE(rating, infinite, TAMIS_USAGE, "interaction 1 has the rating inf");
    REFUSE(time, never, TAMIS_USAGE, "interaction 0 has the time -inf");
    REFUSE(weight, infinite, TAMIS_USAGE, "interaction 1 has the weight inf; expected a number above 0");
    REFUSE(weight, missing, TAMIS_USAGE, "interaction 1 has the weight nan");
    REFUSE(weight, nothing, TAMIS_USAGE, "interaction 0 has the weight 0");
    REFUSE(weight, negative, TAMIS_USAGE, "interaction 1 has the weight -2");
    REFUSE(labelled, 1, TAMIS_USAGE, "needs ratings");
    REFUSE(user_id, twice, TAMIS_USAGE, "users 0 and 1 have the same id, a");
    REFUSE(item_id, hole, TAMIS_USAGE, "the id of item 1 is NULL");
    REFUSE(item_id, empty, TAMIS_USAGE, "the id of item 1 is empty");
    tamis_log_arrays a = sound();
    a.user_id = pair;
    a.user_id_length = two;
    refuse(&a, TAMIS_USAGE, "user 0 is one with a NUL byte");
    a = sound();
    a.user = NULL;
    a.start = late;
    refuse(&a, TAMIS_USAGE, "start goes from 1 to 2; expected 0 to count, 2");
    a.start = few;
    refuse(&a, TAMIS_USAGE, "start goes from 0 to 1");
    a.start = down;
    refuse(&a, TAMIS_USAGE, "start[1] = 3 is above start[2] = 2");
    a = sound();
    a.labelled = 1;
    a.rating = missing;
    refuse(&a, TAMIS_USAGE, "interaction 1 has the rating nan; expected a number");
}
END_TEST

/* what is asked for and not there is told by its place */
START_TEST(a_split_by_time_names_what_has_none)
{
    static const double time[] = {3, NAN};
    tamis_log_arrays a = sound();
    tamis_log *log, *train, *test;
    tamis_split_options o;
    a.time = time;
    ck_assert_int_eq(tamis_log_from_arrays(&a, &log, &error), TAMIS_OK);
    tamis_split_options_default(&o);
    o.order = TAMIS_SPLIT_TIME;
    ck_assert_int_eq(tamis_log_split(log, &o, &train, NULL, &test, &error), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(error.text, "interaction 1 has no time"));
    tamis_log_free(log);
}
END_TEST

/* ---- NULL: tests/test_rooms.sh sees to it that no function of the header is missing here */

static tamis_log *log_of_four(void)
{
    static const int32_t user[] = {0, 0, 1, 1}, item[] = {0, 1, 0, 2};
    tamis_log *log;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 4, 2, 3, &log, NULL), TAMIS_OK);
    return log;
}

static void expect_usage(tamis_status status, const char *call)
{
    ck_assert_msg(status == TAMIS_USAGE, "%s gives %d", call, (int)status);
    ck_assert_msg(strstr(error.text, "is NULL; expected"), "%s says \"%s\"", call, error.text);
    error.text[0] = '\0';
}
#define USAGE(call) expect_usage(call, #call)

#define REFUSED(call) ck_assert_int_eq(call, TAMIS_USAGE)

/* What is written under no name would lie about under another. */
START_TEST(an_empty_path_is_a_status)
{
    tamis_log *log = log_of_four();
    tamis_train_options o;
    tamis_model *model, *none;
    tamis_trainer *trainer, *other;
    tamis_table *table;
    ck_assert_int_eq(tamis_train_options_default(&o, "bpr", &error), TAMIS_OK);
    o.epochs = 1;
    o.factors = 4;
    ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &model, NULL, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_trainer_new(log, NULL, &o, &trainer, &error), TAMIS_OK);
    static const char *const paths[] = {"", NULL};
    for (int k = 0; k < 2; k++) {
        const char *path = paths[k];
        REFUSED(tamis_model_save(model, path, &error));
        REFUSED(tamis_trainer_save(trainer, path, &error));
        REFUSED(tamis_log_write(log, path, &error));
        REFUSED(tamis_model_export(model, path, &error));
        REFUSED(tamis_synth(NULL, path, &error));
        REFUSED(tamis_model_load(path, &none, &error));
        REFUSED(tamis_model_load_copy(path, &none, &error));
        REFUSED(tamis_table_read(path, &table, &error));
        REFUSED(tamis_trainer_resume(path, log, NULL, NULL, &other, &error));
    }
    ck_assert_int_ne(access(".saved-1", F_OK), 0);
    tamis_trainer_free(trainer);
    tamis_model_free(model);
    tamis_log_free(log);
}
END_TEST

START_TEST(no_log_or_model_is_a_status)
{
    tamis_log *log = log_of_four(), *other, *third;
    tamis_model *model, *none = NULL;
    tamis_train_options o;
    tamis_trainer *trainer;
    tamis_memory memory;
    tamis_evaluation *evaluation;
    tamis_robustness *study;
    tamis_tune *tune;
    tamis_audit *audit;
    tamis_leakage leakage;
    tamis_metrics metrics;
    tamis_hidden hidden[1];
    tamis_hit hits[1];
    float score;
    const tamis_log *holes[] = {log, NULL};
    const tamis_sink sink = {NULL, NULL};
    uint8_t *kind;
    size_t found;
    const int64_t first = 0;
    ck_assert_int_eq(tamis_train_options_default(&o, NULL, NULL), TAMIS_OK);
    o.factors = 2;
    o.epochs = 1;
    ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &model, NULL, &error), TAMIS_OK);
    USAGE(tamis_log_add_ids(NULL, log, &error));
    USAGE(tamis_log_add_ids(log, NULL, &error));
    USAGE(tamis_log_write(NULL, "log.csv", &error));
    USAGE(tamis_log_put(NULL, &sink, &error));
    USAGE(tamis_log_split(NULL, NULL, &other, NULL, &third, &error));
    USAGE(tamis_log_leakage(NULL, log, &leakage, &error));
    USAGE(tamis_log_leakage(log, NULL, &leakage, &error));
    tamis_noise_options noise;
    tamis_noise_options_default(&noise);
    noise.held_out = holes;
    noise.held_outs = 2;
    USAGE(tamis_log_noise(NULL, NULL, &other, &kind, &third, &error));
    USAGE(tamis_log_noise(log, &noise, &other, &kind, &third, &error));
    USAGE(tamis_train(NULL, log, &o, NULL, &none, NULL, &error));
    USAGE(tamis_trainer_new(NULL, NULL, &o, &trainer, &error));
    USAGE(tamis_train_memory(NULL, log, &o, &memory, &error));
    USAGE(tamis_train_fits(NULL, NULL, log, &o, &error));
    USAGE(tamis_train_options_fit(&o, NULL, &error));
    USAGE(tamis_train_options_fit(NULL, log, &error));
    USAGE(tamis_trainer_resume("run", NULL, NULL, NULL, &trainer, &error));
    USAGE(tamis_model_save(NULL, "model", &error));
    USAGE(tamis_model_export(NULL, "folder", &error));
    USAGE(tamis_model_export_as(NULL, "folder", NULL, &error));
    USAGE(tamis_model_mask(NULL, log, &error));
    USAGE(tamis_model_mask(model, NULL, &error));
    USAGE(tamis_evaluate(NULL, log, NULL, 0, NULL, &evaluation, &error));
    USAGE(tamis_evaluate(model, NULL, NULL, 0, NULL, &evaluation, &error));
    USAGE(tamis_evaluate(model, log, holes, 2, NULL, &evaluation, &error));
    USAGE(tamis_measure(NULL, log, 5, 1, &metrics, &error));
    USAGE(tamis_measure(model, NULL, 5, 1, &metrics, &error));
    USAGE(tamis_recommend(NULL, &first, 1, 1, 1, hits, &error));
    USAGE(tamis_score(NULL, &first, &first, 1, 1, &score, &error));
    USAGE(tamis_recommend_from(NULL, &first, 1, 1, NULL, hits, &error));
    USAGE(tamis_similar_rows(NULL, &first, 1, 1, NULL, hits, &error));
    USAGE(tamis_similar(NULL, 0, 1, hits, &error));
    tamis_history history;
    tamis_history_default(&history);
    USAGE(tamis_trainer_from_model(NULL, log, NULL, &o, 0, &trainer, &error));
    USAGE(tamis_trainer_from_model(model, NULL, NULL, &o, 0, &trainer, &error));
    USAGE(tamis_model_train_options_init(NULL, &o, sizeof o, &error));
    USAGE(tamis_model_fold_in(NULL, &history, &none, &error));
    USAGE(tamis_model_fold_in(model, NULL, &none, &error));
    float row[16];
    USAGE(tamis_model_fold_in_item(NULL, &history, row, NULL, &error));
    USAGE(tamis_model_fold_in_item(model, NULL, row, NULL, &error));
    USAGE(tamis_model_fold_in_item(model, &history, NULL, NULL, &error));
    USAGE(tamis_model_fold_in_log(NULL, log, NULL, &none, NULL, &error));
    USAGE(tamis_model_fold_in_log(model, NULL, NULL, &none, NULL, &error));
    USAGE(tamis_log_hold_out(NULL, 0.1, 1, &other, &third, &error));
    USAGE(tamis_model_hidden(NULL, 1, 1, NULL, hidden, &found, &error));
    USAGE(tamis_robustness_run(NULL, NULL, "folder", NULL, &study, &error));
    USAGE(tamis_tune_run(NULL, log, NULL, "trials.csv", NULL, &tune, &error));
    USAGE(tamis_mnar_run(NULL, NULL, "folder", NULL, &study, &error));
    USAGE(tamis_synth_from(NULL, NULL, "folder", &error));
    tamis_audit_options fitted;
    tamis_audit_options_default(&fitted);
    fitted.score = TAMIS_AUDIT_FITTED;
    USAGE(tamis_audit_run(NULL, log, &fitted, NULL, &audit, &error));
    USAGE(tamis_audit_run(model, NULL, NULL, NULL, &audit, &error));
    USAGE(tamis_audit_clean(NULL, log, 1, &other, &error));
    USAGE(tamis_audit_report(NULL, log, &sink, &error));
    ck_assert(tamis_log_add_ids(NULL, NULL, NULL) == TAMIS_USAGE && !none);
    tamis_log_free(log);
    tamis_model_free(model);
}
END_TEST

START_TEST(no_log_or_model_has_nothing)
{
    int64_t n = 7;
    size_t stride = 7;
    tamis_log_free(NULL);
    tamis_model_free(NULL);
    ck_assert_int_eq(tamis_log_summarize(NULL)->rows, 0);
    ck_assert(tamis_log_users(NULL) == 0 && tamis_log_items(NULL) == 0 && tamis_log_interactions(NULL) == 0);
    ck_assert(!tamis_log_row(NULL, 0, &n) && n == 0);
    ck_assert(!tamis_log_rating(NULL, 0) && !tamis_log_weight(NULL, 0) && !tamis_log_user_id(NULL, 0, NULL) && !tamis_log_item_id(NULL, 0, NULL));
    ck_assert(tamis_model_users(NULL) == 0 && tamis_model_items(NULL) == 0 && tamis_model_factors(NULL) == 0);
    ck_assert_int_eq(tamis_model_interactions(NULL), 0);
    ck_assert(!tamis_model_user_factors(NULL, &stride) && stride == 0);
    ck_assert(!tamis_model_item_factors(NULL, NULL) && !tamis_model_item_bias(NULL));
    n = 7;
    ck_assert(!tamis_model_row(NULL, 0, &n) && n == 0);
    n = 7;
    ck_assert(!tamis_model_dislikes(NULL, 0, &n) && n == 0);
    n = 7;
    ck_assert(!tamis_log_dislikes(NULL, 0, &n) && n == 0);
    ck_assert_int_eq(tamis_model_dislike_count(NULL), 0);
    n = 7;
    ck_assert(!tamis_model_neighbours(NULL, 0, NULL, &n) && n == 0);
    ck_assert(!tamis_model_user_id(NULL, 0, NULL) && !tamis_model_item_id(NULL, 0, NULL));
    ck_assert(tamis_model_find_user(NULL, "a", 1) == -1 && tamis_model_find_item(NULL, "a", 1) == -1);
    ck_assert_ptr_null(tamis_model_note(NULL, 0, NULL));
}
END_TEST

/* the suspects of one log are no places of another */
START_TEST(an_audit_cleans_its_own_log)
{
    static const int32_t user[] = {0}, item[] = {0};
    tamis_log *log = log_of_four(), *other, *clean;
    tamis_model *model;
    tamis_train_options o;
    tamis_audit_options how;
    tamis_audit *audit;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 1, 1, 1, &other, NULL), TAMIS_OK);
    ck_assert_int_eq(tamis_train_options_default(&o, NULL, NULL), TAMIS_OK);
    o.factors = 2;
    o.epochs = 1;
    ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &model, NULL, &error), TAMIS_OK);
    tamis_audit_options_default(&how);
    how.score = TAMIS_AUDIT_FITTED;
    ck_assert_msg(tamis_audit_run(model, log, &how, NULL, &audit, &error) == TAMIS_OK, "%s", error.text);
    ck_assert_int_eq(tamis_audit_clean(audit, other, 1, &clean, &error), TAMIS_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "1 interactions, and the audit is of 4"));
    ck_assert_int_eq(tamis_audit_clean(audit, log, 1, &clean, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_log_interactions(clean), 3);
    tamis_log_free(clean);
    tamis_audit_free(audit);
    tamis_model_free(model);
    tamis_log_free(log);
    tamis_log_free(other);
}
END_TEST

Suite *arrays_suite(void)
{
    Suite *suite = suite_create("arrays");
    TCase *tests = tcase_create("arrays");
    tcase_add_test(tests, pairs_with_all_that_there_is);
    tcase_add_test(tests, rows_and_pairs_agree);
    tcase_add_test(tests, wrong_arrays_are_refused);
    tcase_add_test(tests, a_split_by_time_names_what_has_none);
    tcase_add_test(tests, no_log_or_model_is_a_status);
    tcase_add_test(tests, an_empty_path_is_a_status);
    tcase_add_test(tests, no_log_or_model_has_nothing);
    tcase_add_test(tests, an_audit_cleans_its_own_log);
    suite_add_tcase(suite, tests);
    return suite;
}
