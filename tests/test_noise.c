/* Noise in a log: how many rows, which ones never, which ones how often. Expected counts are floor(share * n) by hand,
 * those of the PLD authors' files where the data are at hand, and chances worked out beside each test. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "data/log.h"
#include "suites.h"

enum { CLEAN, UNIFORM, POPULAR, USERS, DROP, KINDS };

static tamis_log *log_of, *held, *noisy, *dropped;
static uint8_t *kind;
static tamis_error error;
static tamis_noise_options options;

static void setup(void)
{
    tamis_noise_options_default(&options);
}

static void let_go(void)
{
    tamis_log_free(noisy);
    tamis_log_free(dropped);
    tamis_free(kind);
    noisy = dropped = NULL;
    kind = NULL;
}

static void teardown(void)
{
    let_go();
    tamis_log_free(log_of);
    tamis_log_free(held);
    log_of = held = NULL;
}

/* User u has the items 0 .. u-1 of ten. */
static void stairs(void)
{
    int32_t user[45], item[45];
    int n = 0;
    for (int32_t u = 1; u < 10; u++)
        for (int32_t i = 0; i < u; i++) {
            user[n] = u;
            item[n++] = i;
        }
    ck_assert_int_eq(tamis_log_from_pairs(user, item, n, 10, 10, &log_of, &error), TAMIS_OK);
}

static void make(void)
{
    const tamis_log *others[] = {held};
    let_go();
    options.held_out = others;
    options.held_outs = held != NULL;
    ck_assert_msg(tamis_log_noise(log_of, &options, &noisy, &kind, &dropped, &error) == TAMIS_OK,
                  "%s", error.text);
}

/* Rows of a user by kind; each must be where its kind says: the user's own, or not. */
static void count_kinds(int64_t user, int64_t count[KINDS])
{
    int64_t n, own;
    const int32_t *item = tamis_log_row(noisy, user, &n), *mine = tamis_log_row(log_of, user, &own);
    int64_t first = noisy->matrix->start[user];
    memset(count, 0, KINDS * sizeof *count);
    for (int64_t k = 0; k < n; k++) {
        bool is_own = false;
        for (int64_t j = 0; j < own; j++) is_own |= mine[j] == item[k];
        ck_assert_int_lt(kind[first + k], DROP);
        ck_assert_int_eq(is_own, kind[first + k] == CLEAN);
        ck_assert(k == 0 || item[k - 1] < item[k]);
        count[kind[first + k]]++;
    }
    if (!dropped) return;
    item = tamis_log_row(dropped, user, &n);
    for (int64_t k = 0; k < n; k++) {
        bool is_own = false;
        for (int64_t j = 0; j < own; j++) is_own |= mine[j] == item[k];
        ck_assert(is_own);
    }
    count[DROP] = n;
}

START_TEST(amounts)
{
    int64_t count[KINDS];
    stairs();
    options.uniform = 0.5;
    options.drop = 0.4;
    make();
    for (int64_t u = 0; u < 10; u++) {
        count_kinds(u, count);
        int64_t wanted = u / 2 < 10 - u ? u / 2 : 10 - u, drop = 4 * u / 10;
        ck_assert_int_eq(count[UNIFORM], wanted);
        ck_assert_int_eq(count[DROP], drop);
        ck_assert_int_eq(count[CLEAN], u - drop);
    }
}
END_TEST

START_TEST(all_but_one_can_be_dropped)
{
    int64_t count[KINDS];
    stairs();
    options.drop = 1;
    make();
    for (int64_t u = 1; u < 10; u++) {
        count_kinds(u, count);
        ck_assert_int_eq(count[CLEAN], 1);
        ck_assert_int_eq(count[DROP], u - 1);
    }
}
END_TEST

START_TEST(popular_items_are_clicked_ones)
{
    int64_t count[KINDS];
    stairs();
    options.popular = 100; /* more than there is: all clicked items that are left, 0..8 */
    make();
    for (int64_t u = 1; u < 10; u++) {
        count_kinds(u, count);
        ck_assert_int_eq(count[POPULAR], 9 - u);
    }
    options.uniform = 100; /* takes all ten before popular's turn */
    make();
    for (int64_t u = 1; u < 10; u++) {
        count_kinds(u, count);
        ck_assert_int_eq(count[UNIFORM], 10 - u);
        ck_assert_int_eq(count[POPULAR], 0);
    }
}
END_TEST

START_TEST(a_share_of_users)
{
    int64_t count[KINDS], noisy_users = 0;
    stairs();
    options.users = 0.3;
    make();
    for (int64_t u = 1; u < 10; u++) {
        count_kinds(u, count);
        ck_assert(count[USERS] == 0 || count[USERS] == (u < 10 - u ? u : 10 - u));
        noisy_users += count[USERS] > 0;
    }
    ck_assert(noisy_users == 3 || noisy_users == 2); /* user 0 has nothing to double */
}
END_TEST

/* User u of stairs() has u items: at 2.5 a noisy one gets floor(2.5 u), as far as there are items. */
START_TEST(much_of_a_few_users)
{
    int64_t count[KINDS], noisy_users = 0;
    stairs();
    options.users = 0.3;
    options.users_ratio = 2.5;
    make();
    for (int64_t u = 1; u < 10; u++) {
        const int64_t wanted = 5 * u / 2;
        count_kinds(u, count);
        ck_assert(count[USERS] == 0 || count[USERS] == (wanted < 10 - u ? wanted : 10 - u));
        noisy_users += count[USERS] > 0;
    }
    ck_assert(noisy_users == 3 || noisy_users == 2);
}
END_TEST

/* User 1 of a held-out log has items 3 and 4; only the paper's protocol may inject them. */
START_TEST(held_out_items_are_no_noise)
{
    const int32_t user[] = {1, 1}, item[] = {3, 4};
    int64_t n;
    stairs();
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 2, 10, 10, &held, &error), TAMIS_OK);
    options.uniform = 100;
    make();
    const int32_t *row = tamis_log_row(noisy, 1, &n);
    ck_assert_int_eq(n, 8);
    for (int64_t k = 0; k < n; k++) ck_assert(row[k] != 3 && row[k] != 4);
    options.paper_protocol = 1;
    make();
    (void)tamis_log_row(noisy, 1, &n);
    ck_assert_int_eq(n, 10);
}
END_TEST

/* 4,000 users with item 0 (clicked by all) draw one of items 1, 2, 3; another 300, 200 and 100 have those. Uniform: 1/3
 * each. Popular: 3/6, 2/6, 1/6. Four standard deviations of a binomial are 126 at most. */
START_TEST(chances)
{
    enum { MANY = 4000, OTHERS = 600, ALL = MANY + OTHERS };
    static int32_t user[ALL], item[ALL];
    static const double chance[2][3] = {{1 / 3.0, 1 / 3.0, 1 / 3.0}, {1 / 2.0, 1 / 3.0, 1 / 6.0}};
    for (int32_t u = 0; u < ALL; u++) {
        user[u] = u;
        item[u] = u < MANY ? 0 : u < MANY + 300 ? 1 : u < MANY + 500 ? 2 : 3;
    }
    ck_assert_int_eq(tamis_log_from_pairs(user, item, ALL, ALL, 4, &log_of, &error), TAMIS_OK);
    for (int popular = 0; popular < 2; popular++) {
        int drawn[4] = {0};
        options.uniform = !popular;
        options.popular = popular;
        make();
        for (int64_t u = 0; u < MANY; u++) {
            int64_t n;
            const int32_t *row = tamis_log_row(noisy, u, &n);
            ck_assert_int_eq(n, 2);
            drawn[row[1]]++;
        }
        for (int i = 1; i < 4; i++) ck_assert_double_lt(fabs(drawn[i] - MANY * chance[popular][i - 1]), 126);
    }
}
END_TEST

START_TEST(same_seed_same_noise)
{
    stairs();
    options.uniform = options.popular = options.drop = 0.3;
    make();
    tamis_log *first = noisy;
    int64_t n = tamis_log_interactions(first);
    noisy = NULL;
    make();
    ck_assert_int_eq(tamis_log_interactions(noisy), n);
    ck_assert_mem_eq(noisy->matrix->index, first->matrix->index, (size_t)n * sizeof(int32_t));
    options.seed = 2;
    make();
    ck_assert(tamis_log_interactions(noisy) != n || memcmp(noisy->matrix->index, first->matrix->index, (size_t)n * sizeof(int32_t)) != 0);
    tamis_log_free(first);
}
END_TEST

/* The PLD authors' script on ml-100k: what it injected at each ratio. */
START_TEST(as_many_as_the_authors)
{
    static const struct {
        double ratio;
        int64_t rows;
    } file[] = {{0.1, 41523}, {0.3, 49179}, {0.5, 56971}};
    char path[400];
    const char *place = getenv("TAMIS_DATASETS"), *paths[] = {path};
    snprintf(path, sizeof path, "%.300s/ml-100k-noise/train-0.0.csv", place ? place : "");
    if (!place || tamis_log_read(paths, 1, NULL, &log_of, &error)) {
        puts("noise: ml-100k-noise is not under TAMIS_DATASETS, skipped");
        return;
    }
    for (size_t k = 0; k < BASE_COUNT(file); k++) {
        options.uniform = file[k].ratio;
        make();
        ck_assert_int_eq(tamis_log_interactions(noisy), file[k].rows);
    }
}
END_TEST

Suite *noise_suite(void)
{
    Suite *suite = suite_create("noise");
    TCase *group = tcase_create("noise");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, amounts);
    tcase_add_test(group, all_but_one_can_be_dropped);
    tcase_add_test(group, popular_items_are_clicked_ones);
    tcase_add_test(group, a_share_of_users);
    tcase_add_test(group, much_of_a_few_users);
    tcase_add_test(group, held_out_items_are_no_noise);
    tcase_add_test(group, chances);
    tcase_add_test(group, same_seed_same_noise);
    tcase_add_test(group, as_many_as_the_authors);
    suite_add_tcase(suite, group);
    return suite;
}
