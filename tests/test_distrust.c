/* Weights from cross-fitted ranks: worked by hand, and on a planted log. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "data/log.h"
#include "model/model.h"
#include "suites.h"
#include "train/cross_ranks.h"
#include "train/distrust.h"

/* Distribution 2/4 at .1, 3/4 at .5, 1 at 1; slopes of its majorant, which is itself: 5, .625, .5. */
static const double five[] = {0.5, 0.1, (double)NAN, 1.0, 0.1};

START_TEST(density_is_the_slope_of_the_majorant)
{
    double density[5];
    ck_assert(distrust_density(five, 5, density));
    const double expected[] = {0.625, 5, 1, 0.5, 5};
    for (int k = 0; k < 5; k++) ck_assert_double_eq_tol(density[k], expected[k], 1e-15);
    /* (.2, 1/3), (.25, 2/3), (.6, 1): the first lies below the line from 0 to (.25, 2/3), of slope 8/3 */
    const double three[] = {0.6, 0.2, 0.25};
    ck_assert(distrust_density(three, 3, density));
    ck_assert_double_eq_tol(density[1], 8.0 / 3, 1e-14);
    ck_assert_double_eq_tol(density[2], 8.0 / 3, 1e-14);
    ck_assert_double_eq_tol(density[0], 1 / 1.05, 1e-14);
}
END_TEST

START_TEST(share_is_the_least_over_lambda)
{
    ck_assert_double_eq_tol(distrust_share(five, 5), 0.5, 1e-15); /* one of four above .5 */
    const double none[] = {(double)NAN}, low[] = {0.1, 0.2};
    ck_assert_double_eq(distrust_share(none, 1), 1);
    ck_assert_double_eq(distrust_share(low, 2), 0);
}
END_TEST

START_TEST(weights_by_hand)
{
    double share;
    float weight[5];
    ck_assert(distrust_weights(five, 5, 0.5, &share, weight));
    /* share / density .8 .1 - 1 .1: before scaling .6 .95 1 .5 .95, mean .8 */
    const double expected[] = {0.75, 1.1875, 1.25, 0.625, 1.1875};
    ck_assert_double_eq_tol(share, 0.5, 1e-15);
    for (int k = 0; k < 5; k++) ck_assert_double_eq_tol((double)weight[k], expected[k], 1e-6);
    ck_assert(distrust_weights(five, 5, 0, &share, weight));
    for (int k = 0; k < 5; k++) ck_assert(weight[k] == 1);
}
END_TEST

/* Where r is uniform nothing can be told apart. */
START_TEST(flat_ranks_weigh_alike)
{
    enum { N = 1000 };
    static double r[N];
    static float weight[N];
    double share;
    for (int k = 0; k < N; k++) r[k] = (k + 1.0) / N;
    ck_assert(distrust_weights(r, N, 1, &share, weight) && share > 0.99);
    ck_assert(distrust_weights(r, N, 0.5, &share, weight));
    for (int k = 0; k < N; k++) ck_assert_double_eq_tol((double)weight[k], 1, 1e-5);
}
END_TEST

/* Users and items of two kinds; a sixth of the rows are of the other kind. */
static tamis_log *planted(signed char *noise)
{
    enum { USERS = 120, ITEMS = 60 };
    static int32_t user[USERS * ITEMS], item[USERS * ITEMS];
    int64_t n = 0;
    base_stream s = {3};
    for (int32_t u = 0; u < USERS; u++)
        for (int32_t i = 0; i < ITEMS; i++) {
            const bool own = u % 2 == i % 2;
            if (base_below(&s, 100) >= (own ? 50u : 10u)) continue;
            noise[n] = !own;
            user[n] = u;
            item[n++] = i;
        }
    tamis_log *log;
    ck_assert(!tamis_log_from_pairs(user, item, n, USERS, ITEMS, &log, NULL));
    return log;
}

/* What --distrust trains on is the log with these weights, and they tell the noise. */
START_TEST(distrust_is_weights)
{
    static signed char noise[120 * 60];
    tamis_log *log = planted(noise), *weighted;
    const int64_t n = log->matrix->nnz;
    tamis_train_options o;
    tamis_model *model[2];
    double *r = malloc((size_t)n * sizeof *r), share, sum[2] = {0, 0};
    int64_t count[2] = {0, 0};
    ck_assert(!tamis_train_options_default(&o, "ials", NULL));
    ck_assert(!log_copy(log, &weighted, NULL));
    weighted->weight = malloc((size_t)n * sizeof *weighted->weight);
    const cross_request how = {.folds = 5, .seed = o.seed};
    ck_assert(!cross_ranks(&how, log, r, NULL));
    ck_assert(distrust_weights(r, n, 0.5, &share, weighted->weight));
    for (int64_t k = 0; k < n; k++) {
        sum[noise[k]] += (double)weighted->weight[k];
        count[noise[k]]++;
    }
    ck_assert(share > (double)count[1] / (double)n && share < 0.4);
    ck_assert(sum[1] / (double)count[1] < 0.8 * sum[0] / (double)count[0]);
    ck_assert_double_eq_tol((sum[0] + sum[1]) / (double)n, 1, 1e-5);
    ck_assert(!tamis_train(weighted, NULL, &o, NULL, &model[0], NULL, NULL));
    o.distrust = 0.5;
    ck_assert(!tamis_train(log, NULL, &o, NULL, &model[1], NULL, NULL));
    ck_assert(memcmp(model[0]->item_factors, model[1]->item_factors,
                     (size_t)model[0]->items * model[0]->stride * sizeof(float)) == 0);
    for (int k = 0; k < 2; k++) tamis_model_free(model[k]);
    tamis_log_free(log);
    tamis_log_free(weighted);
    free(r);
}
END_TEST

/* Whatever the method: it trains, and on other weights than without. */
START_TEST(every_method_takes_them)
{
    static signed char noise[120 * 60];
    const char *name;
    tamis_log *log = planted(noise);
    for (size_t m = 0; (name = tamis_method_list(m, NULL, NULL)); m++) {
        tamis_train_options o;
        tamis_model *model[2];
        tamis_error error;
        ck_assert(!tamis_train_options_default(&o, name, NULL));
        if (o.epochs > 3) o.epochs = 3;
        for (int k = 0; k < 2; k++) {
            o.distrust = 0.5 * k;
            ck_assert_msg(!tamis_train(log, NULL, &o, NULL, &model[k], NULL, &error), "%s: %s", name, error.text);
        }
        if (model[0]->factors == 0) /* item-item */
            ck_assert_int_eq(model[0]->items, model[1]->items);
        else
            ck_assert_msg(memcmp(model[0]->item_factors, model[1]->item_factors,
                             (size_t)model[0]->items * model[0]->stride * sizeof(float)) != 0, "%s", name);
        for (int k = 0; k < 2; k++) tamis_model_free(model[k]);
    }
    tamis_log_free(log);
}
END_TEST

Suite *distrust_suite(void)
{
    Suite *suite = suite_create("distrust");
    TCase *tests = tcase_create("by hand");
    tcase_add_test(tests, density_is_the_slope_of_the_majorant);
    tcase_add_test(tests, share_is_the_least_over_lambda);
    tcase_add_test(tests, weights_by_hand);
    tcase_add_test(tests, flat_ranks_weigh_alike);
    suite_add_tcase(suite, tests);
    tests = tcase_create("training");
    tcase_add_test(tests, distrust_is_weights);
    tcase_add_test(tests, every_method_takes_them);
    suite_add_tcase(suite, tests);
    return suite;
}
