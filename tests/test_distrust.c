/* Weights from cross-fitted ranks, worked by hand. */
#include <check.h>
#include <math.h>

#include "suites.h"
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

Suite *distrust_suite(void)
{
    Suite *suite = suite_create("distrust");
    TCase *tests = tcase_create("by hand");
    tcase_add_test(tests, density_is_the_slope_of_the_majorant);
    tcase_add_test(tests, share_is_the_least_over_lambda);
    tcase_add_test(tests, weights_by_hand);
    tcase_add_test(tests, flat_ranks_weigh_alike);
    suite_add_tcase(suite, tests);
    return suite;
}
