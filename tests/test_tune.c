/* Tuning on planted logs: which options are drawn from what, that the value that is clearly best is found, how many trials a
 * rung has, and that neither jobs nor threads nor a stop on the way change what comes out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/option.h"
#include "base/random.h"
#include "method/method.h"
#include "study/tune.h"
#include "suites.h"
#include "train/options.h"

static char directory[] = "/tmp/tamis-tune-XXXXXX", path[2][80];
static tamis_log *blocks;
static tamis_error error;

/* Eight groups of users: each likes every eighth of 80 items, and has interacted with seven in ten of those. */
static void make_blocks(void)
{
    enum { USERS = 96, ITEMS = 80, GROUPS = 8 };
    int32_t user[USERS * ITEMS], item[USERS * ITEMS];
    int64_t count = 0;
    base_stream s = {5};
    for (int32_t u = 0; u < USERS; u++)
        for (int32_t i = u % GROUPS; i < ITEMS; i += GROUPS)
            if (base_below(&s, 10) < 7) {
                user[count] = u;
                item[count++] = i;
            }
    ck_assert(!tamis_log_from_pairs(user, item, count, USERS, ITEMS, &blocks, NULL));
}

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    for (int k = 0; k < 2; k++) snprintf(path[k], sizeof path[k], "%s/trials-%d.csv", directory, k);
    make_blocks();
}

static void teardown(void)
{
    char waiting[100];
    for (int k = 0; k < 2; k++) {
        (void)unlink(path[k]);
        snprintf(waiting, sizeof waiting, "%s.waiting", path[k]);
        (void)unlink(waiting);
    }
    (void)rmdir(directory);
    memcpy(directory + strlen(directory) - 6, "XXXXXX", 6);
    tamis_log_free(blocks);
}

/* ---- what is drawn */

static void open_space(search_space *space, const char *name, search_set *set, size_t sets)
{
    *space = (search_space){.name = name};
    ck_assert(!tamis_train_options_default(&space->base, name, NULL));
    ck_assert(!tamis_train_options_fit(&space->base, blocks, NULL)); /* ranges are multiples of numbers */
    ck_assert_msg(!search_open(space, set, sets, &error), "%s", error.text);
}

static void list_axes(const search_space *space, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t k = 0; k < space->axes; k++)
        snprintf(text + strlen(text), size - strlen(text), "%s%s", k ? "," : "", space->axis[k].row->name);
}

START_TEST(test_axes)
{
    /* what has no effect on a method is not drawn: steps of one that solves, L2 of cosines, a temperature without pld */
    static const char *const expected[][2] = {
        {"bpr", "item-bias,learning-rate,regularization,negatives"},
        {"ials", "regularization,unobserved-weight"},
        {"softmax", "item-bias,learning-rate,negatives,tau1,dropout"},
        {"bsl", "item-bias,learning-rate,negatives,tau1,tau2,dropout"},
        {"pld", "item-bias,learning-rate,regularization,negatives,pool,temperature"},
    };
    for (size_t k = 0; k < BASE_COUNT(expected); k++) {
        char text[400];
        search_space space;
        open_space(&space, expected[k][0], NULL, 0);
        list_axes(&space, text, sizeof text);
        ck_assert_str_eq(text, expected[k][1]);
    }
}
END_TEST

/* Every row of every method: what it says can be read, and what is drawn passes all checks. */
START_TEST(test_rows)
{
    const method *m;
    for (size_t k = 0; (m = method_get(k)); k++) {
        search_space space;
        open_space(&space, m->name, NULL, 0);
        ck_assert_uint_ge(space.axes, m->trainer == METHOD_BY_ITEMS ? m->options.count > 0 : 2);
        for (int64_t trial = 0; trial < 50; trial++) {
            tamis_train_options options;
            search_draw(&space, 3, trial, 0, &options);
            ck_assert_msg(!base_option_check(&train_option_table, &options, &error), "%s", error.text);
        }
    }
}
END_TEST

START_TEST(test_draws)
{
    search_set set[2];
    ck_assert(!search_set_read(&set[0], "learning-rate=0.01..1", NULL));
    ck_assert(!search_set_read(&set[1], "bpr:regularization=linear:0..4", NULL));
    search_space space, other;
    open_space(&space, "bpr", set, 2);
    open_space(&other, "bpr", &set[1], 1);
    int low_rates = 0, low_weights = 0, apart = 0;
    for (int64_t trial = 1; trial <= 1000; trial++) {
        tamis_train_options a, b, c;
        search_draw(&space, 1, trial, 0, &a);
        search_draw(&other, 1, trial, 0, &b);
        search_draw(&space, 2, trial, 0, &c);
        ck_assert(a.learning_rate >= 0.01 && a.learning_rate <= 1 && a.regularization >= 0 && a.regularization <= 4);
        ck_assert(a.negatives >= 2 && a.negatives <= 8);
        ck_assert(a.regularization == b.regularization); /* whatever else is drawn */
        low_rates += a.learning_rate < 0.1;      /* half, by the logarithm */
        low_weights += a.regularization < 2;     /* half */
        apart += a.learning_rate != c.learning_rate;
    }
    ck_assert(low_rates > 437 && low_rates < 563); /* four standard deviations of 15.8 */
    ck_assert(low_weights > 437 && low_weights < 563);
    ck_assert_int_gt(apart, 900);
}
END_TEST

START_TEST(test_sets)
{
    /* a temperature needs the sampler, whichever comes first; one for the method alone wins; what is fixed is not drawn */
    static const char *const texts[] = {"temperature=0.3", "positive-sampling=pld", "bpr:temperature=0.5", "item-bias=1", "pool=3,4"};
    search_set set[BASE_COUNT(texts)];
    char text[400];
    for (size_t k = 0; k < BASE_COUNT(texts); k++) ck_assert(!search_set_read(&set[k], texts[k], NULL));
    search_space space;
    open_space(&space, "bpr", set, BASE_COUNT(texts));
    ck_assert_str_eq(space.base.positive_sampling, "pld");
    ck_assert_double_eq(space.base.temperature, 0.5);
    ck_assert_int_eq(space.base.item_bias, 1);
    ck_assert_int_eq(space.base.pool, 3); /* 5 is not among them */
    list_axes(&space, text, sizeof text);
    ck_assert_str_eq(text, "pool,learning-rate,regularization,negatives");
    open_space(&space, "warp", set, BASE_COUNT(texts));
    ck_assert_double_eq(space.base.temperature, 0.3);
}
END_TEST

/* ---- what comes of it */

static tamis_tune_options options_for(const char *const *set, size_t sets)
{
    tamis_tune_options o;
    tamis_tune_options_default(&o);
    o.methods = "bpr";
    o.trials = 6;
    o.rungs = 3;
    o.epochs = 9;
    o.metric = "ndcg@5";
    o.set = set;
    o.sets = sets;
    o.threads = 1;
    o.jobs = 1;
    return o;
}

static tamis_tune *run(const tamis_tune_options *o, int file)
{
    tamis_tune *tune;
    ck_assert_msg(!tamis_tune_run(blocks, NULL, o, path[file], NULL, &tune, &error), "%s", error.text);
    return tune;
}

static size_t count_rows(const tamis_tune *tune)
{
    size_t count = 0;
    while (tamis_tune_rows(tune, count)) count++;
    return count;
}

static void same_rows(const tamis_tune *a, const tamis_tune *b)
{
    ck_assert_uint_eq(count_rows(a), count_rows(b));
    for (size_t k = 0; k < count_rows(a); k++) {
        const tamis_tune_row *x = tamis_tune_rows(a, k), *y = tamis_tune_rows(b, k);
        ck_assert_str_eq(x->method, y->method);
        ck_assert_str_eq(x->options, y->options);
        ck_assert(x->trial == y->trial && x->rung == y->rung && x->epochs == y->epochs);
        ck_assert(memcmp(&x->value, &y->value, sizeof(double)) == 0);
    }
}

static void same_files(void)
{
    char bytes[2][60000];
    size_t count[2];
    for (int k = 0; k < 2; k++) {
        FILE *file = fopen(path[k], "r");
        ck_assert_ptr_nonnull(file);
        count[k] = fread(bytes[k], 1, sizeof bytes[k], file);
        fclose(file);
    }
    ck_assert_uint_eq(count[0], count[1]);
    ck_assert(memcmp(bytes[0], bytes[1], count[0]) == 0);
}

/* Who takes no steps learns nothing; the first trial has that, since the default is not allowed. */
START_TEST(test_planted)
{
    static const char *const set[] = {"learning-rate=1e-9,0.3", "factors=8", "regularization=0.01", "item-bias=0", "negatives=1"};
    const tamis_tune_options o = options_for(set, BASE_COUNT(set));
    tamis_tune *tune = run(&o, 0);
    tamis_train_options best;
    const size_t count = count_rows(tune);
    const tamis_tune_row *row = tamis_tune_rows(tune, 0);
    ck_assert_uint_eq(count, 2); /* there are no more */
    ck_assert_int_eq(row[0].trial, 2);
    ck_assert_int_eq(row[1].trial, 1);
    ck_assert_double_gt(row[0].value, 0.5); /* of 10 items that a user likes and 70 others */
    ck_assert_double_lt(row[1].value, 0.3);
    ck_assert(!tamis_tune_best(tune, NULL, &best, NULL));
    ck_assert_double_eq(best.learning_rate, 0.3);
    ck_assert_int_eq(best.factors, 8);
    ck_assert_int_eq(best.epochs, 9);
    ck_assert_int_eq(tamis_tune_best(tune, "warp", &best, &error), TAMIS_USAGE);
    tamis_tune_free(tune);
}
END_TEST

/* The figure is that of one training with these options, all epochs, and the same validation ratio. */
START_TEST(test_figure)
{
    const tamis_tune_options o = options_for(NULL, 0);
    tamis_tune *tune = run(&o, 0);
    tamis_train_options best;
    tamis_train_report report;
    tamis_model *model;
    ck_assert(!tamis_tune_best(tune, "bpr", &best, NULL));
    best.validation_ratio = o.validation_ratio;
    best.seed = o.seed;
    ck_assert(!tamis_train(blocks, NULL, &best, NULL, &model, &report, NULL));
    const double value = tamis_tune_rows(tune, 0)->value;
    ck_assert(memcmp(&report.validation, &value, sizeof value) == 0);
    ck_assert_int_eq(report.kept_epoch, tamis_tune_rows(tune, 0)->kept_epoch);
    tamis_model_free(model);
    tamis_tune_free(tune);
}
END_TEST

START_TEST(test_rungs)
{
    /* of 10 trials 4 (10/3, rounded up) and 2 (10/9) go on, and the first one anyhow */
    tamis_tune_options o = options_for(NULL, 0);
    o.trials = 10;
    o.methods = "bpr,ials";
    tamis_tune *tune = run(&o, 0);
    const size_t count = count_rows(tune);
    int in[2][4] = {{0}};
    const tamis_tune_row *row = tamis_tune_rows(tune, 0);
    double worst[4] = {2, 2, 2, 2}, best[4] = {-1, -1, -1, -1};
    ck_assert_uint_eq(count, 20);
    for (size_t k = 0; k < count; k++) {
        const int m = strcmp(row[k].method, "ials") == 0;
        in[m][row[k].rung]++;
        ck_assert_int_eq(row[k].epochs, row[k].rung == 3 ? 9 : row[k].rung == 2 ? 3 : 1);
        if (row[k].trial == 1) ck_assert_int_eq(row[k].rung, 3);
        worst[row[k].rung] = fmin(worst[row[k].rung], row[k].value);
        best[row[k].rung] = fmax(best[row[k].rung], row[k].value);
        if (k) ck_assert(row[k].rung < row[k - 1].rung || row[k].value <= row[k - 1].value);
    }
    for (int m = 0; m < 2; m++) {
        ck_assert(in[m][3] == 2 || in[m][3] == 3);
        ck_assert(in[m][2] + in[m][3] == 4 || in[m][2] + in[m][3] == 5);
        ck_assert_int_eq(in[m][1] + in[m][2] + in[m][3], 10);
    }
    tamis_tune_free(tune);
}
END_TEST

START_TEST(test_jobs)
{
    tamis_tune_options o = options_for(NULL, 0);
    o.methods = "bpr,softmax";
    tamis_tune *alone = run(&o, 0);
    o.jobs = 4;
    o.threads = 8;
    tamis_tune *beside = run(&o, 1);
    same_rows(alone, beside);
    same_files();
    tamis_tune_free(alone);
    tamis_tune_free(beside);
}
END_TEST

static int stop_after(void *context, const tamis_study_step *step)
{
    return step && step->done >= *(const int64_t *)context;
}

START_TEST(test_stopped)
{
    tamis_tune_options o = options_for(NULL, 0);
    tamis_tune *whole = run(&o, 0), *again = NULL;
    for (int64_t done = 1; done < 9; done += 3) {
        const tamis_study_progress progress = {&done, stop_after};
        o.jobs = 3;
        ck_assert_int_eq(tamis_tune_run(blocks, NULL, &o, path[1], &progress, &again, &error), TAMIS_STOPPED);
        ck_assert_ptr_null(again);
    }
    again = run(&o, 1);
    same_rows(whole, again);
    same_files();
    tamis_tune_free(whole);
    tamis_tune_free(again);
}
END_TEST

/* However many trials the clock lets begin: they come to what as many come to that were asked for, now and once more. */
START_TEST(test_clock)
{
    tamis_tune_options o = options_for(NULL, 0);
    o.methods = "bpr,ials";
    o.trials = 0;
    o.minutes = 1e-4;
    tamis_tune *timed = run(&o, 0), *again = run(&o, 0);
    const int64_t trials = tamis_tune_trials(timed);
    ck_assert(trials >= 1 && trials < 1000);
    ck_assert_int_eq(tamis_tune_trials(again), trials);
    same_rows(timed, again);
    tamis_tune_free(again);
    o.minutes = 0;
    o.trials = trials;
    again = run(&o, 1);
    same_rows(timed, again);
    tamis_tune_free(timed);
    tamis_tune_free(again);
}
END_TEST

START_TEST(test_wrong)
{
    static const char *const wrong[][2] = {
        {"factors", "expected OPTION=VALUE"}, {"=3", "expected OPTION=VALUE"}, {"factors=", "expected OPTION=VALUE"},
        {"factors=0", "out of range"}, {"factors=8,x", "not a number"}, {"factors=8,,9", "not a number"}, {"factors=nan", "not a number"},
        {"learning-rate=0..1", "above 0"}, {"learning-rate=1..0.1", "the smaller one first"}, {"learning-rate=1..", "two numbers"},
        {"learning-rate=..1", "two numbers"}, {"learning-rate=x..1", "two numbers"}, {"learning-rate=1..inf", "two numbers"},
        {"learning-rate=log:", "not a number"}, {"item-bias=yes", "0 or 1"}, {"pool=3", "--positive-sampling pld"},
        {"warp:factors=8", "no \"warp\" among --methods"}, {"tau1=0.1", "none of --methods has an option \"tau1\""}, {"x=0.1", "none of --methods has an option \"x\""},
        {"seed=1", "alike in all trials"}, {"validation-ratio=0.2", "alike in all trials"}, {"epochs=3,4", "alike in all trials"}, {"threads=2", "alike in all trials"}, {"checkpoint=x", "alike in all trials"},
        {"negatives=\"1\"", "quotes"}, {"factors=1\n2", "control"}, {"user-regularization=x0.1..x10", "two numbers"},
    };
    for (size_t k = 0; k < BASE_COUNT(wrong); k++) {
        tamis_tune *tune;
        const tamis_tune_options o = options_for(&wrong[k][0], 1);
        ck_assert_int_eq(tamis_tune_run(blocks, NULL, &o, path[0], NULL, &tune, &error), TAMIS_USAGE);
        ck_assert_msg(strstr(error.text, wrong[k][1]), "%s: %s", wrong[k][0], error.text);
        ck_assert_ptr_null(tune);
        ck_assert_int_ne(access(path[0], F_OK), 0); /* nothing was begun */
    }
    static const char *const twice[] = {"factors=8", "factors=4,8"};
    tamis_tune *tune;
    tamis_tune_options o = options_for(twice, 2);
    ck_assert_int_eq(tamis_tune_run(blocks, NULL, &o, path[0], NULL, &tune, &error), TAMIS_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "twice"));
    const char *const lists[] = {"", "bpr,", "bpr,bpr", "nobody", ",bpr"};
    for (size_t k = 0; k < BASE_COUNT(lists); k++) {
        o = options_for(NULL, 0);
        o.methods = lists[k];
        ck_assert_int_eq(tamis_tune_run(blocks, NULL, &o, path[0], NULL, &tune, &error), TAMIS_USAGE);
    }
}
END_TEST

/* One that diverges is last and no end; where all of a method do, that is told. */
START_TEST(test_diverged)
{
    static const char *const set[] = {"learning-rate=0.1,1e30", "factors=4", "regularization=0.01", "item-bias=0", "negatives=1"};
    tamis_tune_options o = options_for(set, BASE_COUNT(set));
    tamis_tune *tune = run(&o, 0);
    const size_t count = count_rows(tune);
    const tamis_tune_row *row = tamis_tune_rows(tune, 0);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(row[0].trial, 1);
    ck_assert(isnan(row[1].value) && row[1].rung == 1);
    tamis_tune_free(tune);
    static const char *const bad[] = {"learning-rate=1e30"};
    o = options_for(bad, 1);
    ck_assert_int_eq(tamis_tune_run(blocks, NULL, &o, path[0], NULL, &tune, &error), TAMIS_DIVERGED);
    ck_assert_ptr_nonnull(strstr(error.text, "bpr"));
}
END_TEST

Suite *tune_suite(void)
{
    Suite *suite = suite_create("tune");
    TCase *test = tcase_create("tune");
    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, test_axes);
    tcase_add_test(test, test_rows);
    tcase_add_test(test, test_draws);
    tcase_add_test(test, test_sets);
    tcase_add_test(test, test_planted);
    tcase_add_test(test, test_figure);
    tcase_add_test(test, test_rungs);
    tcase_add_test(test, test_jobs);
    tcase_add_test(test, test_stopped);
    tcase_add_test(test, test_clock);
    tcase_add_test(test, test_wrong);
    tcase_add_test(test, test_diverged);
    suite_add_tcase(suite, test);
    return suite;
}
