/* Natural noise in parts of a log: which rows may come, that more of a ratio holds what less of it had, and how many go where. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/log.h"
#include "study/natural.h"
#include "suites.h"

enum { USERS = 100, ITEMS = 200, MOST = USERS * ITEMS };
static tamis_log *all, *rows, *train, *validation;
static int32_t user[MOST], item[MOST];
static tamis_error error;

static tamis_log *make(int64_t count, int64_t users)
{
    tamis_log *log;
    ck_assert(!tamis_log_from_pairs(user, item, count, users, ITEMS, &log, &error));
    return log;
}

/* Users have the even items below 100: those divisible by 4 in train, by 6 alone in validation. Noise: all odd ones below 100,
 * items 0 and 2, which are clean, too; and a user whom the log does not know. */
static void setup(void)
{
    int64_t clean = 0, kept = 0, held = 0, noisy = 0;
    for (int32_t u = 0; u < USERS; u++)
        for (int32_t i = 0; i < 100; i += 2, clean++) user[clean] = u, item[clean] = i;
    all = make(clean, USERS);
    for (int32_t u = 0; u < USERS; u++)
        for (int32_t i = 0; i < 100; i += 4, kept++) user[kept] = u, item[kept] = i;
    train = make(kept, USERS);
    for (int32_t u = 0; u < USERS; u++)
        for (int32_t i = 6; i < 100; i += 12, held++) user[held] = u, item[held] = i;
    validation = make(held, USERS);
    for (int32_t u = 0; u <= USERS; u++)
        for (int32_t i = 0; i < 100; i += i < 1 ? 1 : i < 3 ? 1 : 2, noisy++) user[noisy] = u, item[noisy] = i;
    rows = make(noisy, USERS + 1);
}

static void teardown(void)
{
    tamis_log_free(all);
    tamis_log_free(rows);
    tamis_log_free(train);
    tamis_log_free(validation);
    all = rows = train = validation = NULL;
}

static natural_noise noise(double ratio)
{
    return (natural_noise){.rows = rows, .log = all, .ratio = ratio, .validation_share = 0.25, .seed = 7};
}

static bool has(const tamis_log *log, int64_t u, int32_t i)
{
    return matrix_find(log->matrix, u, i) >= 0;
}

START_TEST(test_whole)
{
    const natural_noise n = noise(1);
    int64_t in[2] = {0};
    ck_assert(!natural_put(&n, &train, &validation, &error));
    ck_assert_int_eq(tamis_log_users(train), USERS);
    for (int64_t u = 0; u < USERS; u++)
        for (int32_t i = 0; i < ITEMS; i++) {
            const bool odd = i % 2 && i < 100;
            if (odd) {
                ck_assert(has(train, u, i) != has(validation, u, i)); /* in one of them */
                in[has(validation, u, i)]++;
            } else {
                ck_assert(has(train, u, i) == (i < 100 && i % 4 == 0));
                ck_assert(has(validation, u, i) == (i < 100 && i % 12 == 6));
            }
        }
    /* 5,000 rows, a quarter of them: standard deviation 31 */
    ck_assert(labs(in[1] - 1250) < 125);
}
END_TEST

START_TEST(test_nested)
{
    tamis_log *seen[3][2] = {{NULL}};
    static const double ratio[] = {0, 0.3, 0.6};
    for (int k = 0; k < 3; k++) {
        const natural_noise n = noise(ratio[k]);
        tamis_log *parts[2];
        for (int p = 0; p < 2; p++) {
            const tamis_log *from = p ? validation : train;
            ck_assert(!log_with(from, matrix_hold(from->matrix), &parts[p], &error));
        }
        ck_assert(!natural_put(&n, &parts[0], &parts[1], &error));
        memcpy(seen[k], parts, sizeof parts);
    }
    for (int p = 0; p < 2; p++) {
        const int64_t clean = tamis_log_interactions(p ? validation : train);
        ck_assert_int_eq(tamis_log_interactions(seen[0][p]), clean);
        for (int k = 1; k < 3; k++) {
            const double expected = 5000 * ratio[k] * (p ? 0.25 : 0.75);
            const double came = (double)(tamis_log_interactions(seen[k][p]) - clean);
            ck_assert_msg(fabs(came - expected) < 4 * sqrt(expected), "%g for %g", came, expected);
        }
        for (int64_t u = 0; u < USERS; u++)
            for (int32_t i = 0; i < ITEMS; i++) ck_assert(!has(seen[1][p], u, i) || has(seen[2][p], u, i));
        for (int k = 0; k < 3; k++) tamis_log_free(seen[k][p]);
    }
}
END_TEST

Suite *natural_suite(void)
{
    Suite *suite = suite_create("natural");
    TCase *test = tcase_create("natural");
    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, test_whole);
    tcase_add_test(test, test_nested);
    suite_add_tcase(suite, test);
    return suite;
}
