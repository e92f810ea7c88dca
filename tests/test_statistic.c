/* Statistics against published worked examples and against enumeration of all signs. */
#include <math.h>
#include <stdlib.h>

#include "rank/resample.h"
#include "rank/statistic.h"
#include "suites.h"

static uint64_t state = 7;

static uint32_t draw(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 20) % n);
}

static tamis_paired compare(const double *a, const double *b, int64_t n)
{
    tamis_paired p;
    tamis_error error;
    ck_assert_msg(tamis_paired_compare(a, b, n, NULL, &p, &error) == TAMIS_OK, "%s", error.text);
    return p;
}

/* Student, 1908: hours of sleep gained by ten patients with two drugs; t 4.06, and as R's documentation has it. */
START_TEST(sleep_hours)
{
    static const double first[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
    static const double second[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
    tamis_paired p = compare(first, second, 10);
    ck_assert_double_eq_tol(p.t, -4.0621, 5e-5);
    ck_assert_double_eq_tol(p.t_p, 0.002833, 5e-7);
    ck_assert_double_eq_tol(p.low, -2.4598858, 5e-8);
    ck_assert_double_eq_tol(p.high, -0.7001142, 5e-8);
    ck_assert_double_eq_tol(p.mean, -1.58, 1e-12);
    ck_assert(p.pairs == 10 && p.wins == 0 && p.ties == 1 && p.losses == 9);
    ck_assert(p.wilcoxon == 0 && p.wilcoxon_exact && p.permutation_exact);
    ck_assert_double_eq_tol(p.wilcoxon_p, 2.0 / 512, 1e-15); /* all nine signs alike */
    ck_assert_double_eq_tol(p.permutation_p, 2.0 / 512, 1e-15);
}
END_TEST

/* Hollander and Wolfe, Nonparametric Statistical Methods, 1973: a depression scale before and after; V = 40, one-sided
 * p 0.01953. */
START_TEST(depression)
{
    static const double before[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
    static const double after[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
    tamis_paired p = compare(before, after, 9);
    ck_assert_double_eq_tol(p.wilcoxon, 40, 1e-15);
    ck_assert_double_eq_tol(p.wilcoxon_p, 2 * 0.01953125, 1e-15);
}
END_TEST

/* Darwin's maize in Fisher, The Design of Experiments, 1935, sections 17 and 21: t 2.148, and of the 32,768 choices of
 * signs 863 give as large a sum or a larger one, both sides 5.267 %. */
START_TEST(darwin)
{
    static const double d[] = {49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48}, zero[15] = {0};
    tamis_paired p = compare(d, zero, 15);
    ck_assert_double_eq_tol(p.t, 2.148, 5e-4);
    ck_assert_double_eq_tol(p.t_p, 0.0497, 5e-5);
    ck_assert(p.permutation_exact);
    ck_assert_double_eq_tol(p.permutation_p, 2 * 863 / 32768.0, 1e-15);
}
END_TEST

/* The example of man tamis: differences 1 2 3 4 -5 6 7 8 9. */
START_TEST(manual)
{
    static const double d[] = {1, 2, 3, 4, -5, 6, 7, 8, 9}, zero[9] = {0};
    tamis_paired p = compare(d, zero, 9);
    ck_assert_double_eq_tol(p.wilcoxon, 40, 1e-15);
    ck_assert_double_eq_tol(p.wilcoxon_p, 20 / 512.0, 1e-15); /* one-sided {}, 1, 2, 3, 1+2, 4, 1+3, 5, 1+4, 2+3: 10 */
}
END_TEST

/* Printed tables of Student's distribution, and its closed forms for one and two degrees of freedom. */
START_TEST(student_tables)
{
    ck_assert_double_eq_tol(statistic_student_bound(0.95, 1), 12.7062047, 1e-6);
    ck_assert_double_eq_tol(statistic_student_bound(0.95, 10), 2.228139, 5e-7);
    ck_assert_double_eq_tol(statistic_student_bound(0.99, 30), 2.749996, 5e-7);
    ck_assert_double_eq_tol(statistic_student_bound(0.95, 1e7), 1.959964, 1e-6);
    for (double t = 1e-6; t < 1e6; t *= 3) {
        double one = 1 - 2 / acos(-1.0) * atan(t), two = 1 - t / sqrt(2 + t * t);
        ck_assert_double_eq_tol(statistic_student(t, 1), one, 1e-13);
        ck_assert_double_eq_tol(statistic_student(-t, 2), two, 1e-13);
        ck_assert_double_eq_tol(statistic_student(t, 1e6), erfc(t / sqrt(2)), 1e-6);
    }
}
END_TEST

/* Holm's procedure by hand: the smallest times 4, the next times 3, ... never falling. */
START_TEST(holm)
{
    static const double p[] = {0.01, 0.04, 0.03, 0.005}, expected[] = {0.03, 0.06, 0.06, 0.02};
    double adjusted[4];
    tamis_holm(p, 4, adjusted);
    for (int k = 0; k < 4; k++) ck_assert_double_eq_tol(adjusted[k], expected[k], 1e-15);
    static const double large[] = {0.9, 0.5, 0.9};
    tamis_holm(large, 3, adjusted);
    for (int k = 0; k < 3; k++) ck_assert_double_eq_tol(adjusted[k], 1, 1e-15);
    tamis_holm(p, 0, adjusted);
}
END_TEST

/* Both tests by going through all 2^n signs; differences are small whole numbers, so that ties and zeros abound. */
static void enumerate(const double *d, int n, double *wilcoxon, double *positive, double *permutation)
{
    double rank[12], sum = 0, w = 0, all = 0;
    for (int k = 0; k < n; k++) {
        double below = 0, same = 0;
        for (int j = 0; j < n; j++) {
            below += d[j] != 0 && fabs(d[j]) < fabs(d[k]);
            same += d[j] != 0 && fabs(d[j]) == fabs(d[k]);
        }
        rank[k] = d[k] == 0 ? 0 : below + (same + 1) / 2;
        all += rank[k];
        if (d[k] > 0) w += rank[k];
        sum += d[k];
    }
    double far = fabs(w - all / 2), reached_w = 0, reached = 0;
    for (int signs = 0; signs < 1 << n; signs++) {
        double other = 0, other_w = 0;
        for (int k = 0; k < n; k++) {
            other += signs >> k & 1 ? d[k] : -d[k];
            other_w += signs >> k & 1 ? rank[k] : 0;
        }
        reached += fabs(other) >= fabs(sum);
        reached_w += fabs(other_w - all / 2) >= far;
    }
    *wilcoxon = reached_w / (1 << n);
    *permutation = reached / (1 << n);
    *positive = w;
}

START_TEST(all_signs)
{
    static const double zero[12] = {0};
    for (int round = 0; round < 1500; round++) {
        int n = 1 + (int)draw(12), spread = 1 + (int)draw(9);
        double d[12], w, p_w, p_sum;
        for (int k = 0; k < n; k++) d[k] = (double)draw(2 * (uint32_t)spread + 1) - spread + (draw(3) == 0);
        enumerate(d, n, &p_w, &w, &p_sum);
        tamis_paired p = compare(d, zero, n);
        ck_assert_double_eq_tol(p.wilcoxon, w, 1e-12);
        ck_assert_double_eq_tol(p.wilcoxon_p, p_w, 1e-12);
        ck_assert_double_eq_tol(p.permutation_p, p_sum, 1e-12);
    }
}
END_TEST

/* Where not all signs can be tried: the drawn ones agree with the exact chance. Differences of +-1 make the sum a
 * binomial: P(|S| >= 2 j - n) is a sum of binomial coefficients. */
START_TEST(many_pairs)
{
    enum { N = 400 };
    static double d[N], zero[N];
    for (int up = 200; up <= 230; up += 10) {
        double exact = 0, term = exp(lgamma(N + 1) - lgamma(up + 1) - lgamma(N - up + 1) - N * log(2));
        for (int k = up; k <= N; k++) {
            exact += 2 * term;
            term *= (double)(N - k) / (k + 1);
        }
        if (exact > 1) exact = 1;
        for (int k = 0; k < N; k++) d[k] = k < up ? 1 : -1;
        tamis_paired p = compare(d, zero, N);
        ck_assert(!p.permutation_exact && !p.wilcoxon_exact);
        ck_assert_double_eq_tol(p.permutation_p, exact, 4 * sqrt(exact * (1 - exact) / 10000) + 2e-4);
    }
    tamis_paired_options options;
    tamis_paired one, other;
    tamis_paired_options_default(&options);
    options.threads = 1;
    options.bootstrap = 1000;
    ck_assert_int_eq(tamis_paired_compare(d, zero, N, &options, &one, NULL), TAMIS_OK);
    options.threads = 3;
    ck_assert_int_eq(tamis_paired_compare(d, zero, N, &options, &other, NULL), TAMIS_OK);
    ck_assert(one.permutation_p == other.permutation_p && one.bootstrap_low == other.bootstrap_low);
    /* the bootstrap's spread is that of the mean, sqrt(p (1 - p) / n) on each side times two, times 1.96 */
    double half = 1.96 * 2 * sqrt(230.0 / N * (170.0 / N) / N);
    ck_assert_double_eq_tol(one.bootstrap_low, one.mean - half, 0.012);
    ck_assert_double_eq_tol(one.bootstrap_high, one.mean + half, 0.012);
}
END_TEST

/* More pairs than are enumerated: the normal approximation against the exact distribution, from the number of subsets
 * of 1..n with each sum. */
START_TEST(many_ranks)
{
    enum { N = 201, SUMS = N * (N + 1) / 2 + 1 };
    static double chance[SUMS], d[N], zero[N];
    chance[0] = 1;
    for (int k = 1; k <= N; k++)
        for (int s = SUMS - 1; s >= 0; s--) chance[s] = chance[s] / 2 + (s >= k ? chance[s - k] / 2 : 0);
    for (int every = 3; every < 12; every++) {
        double w = 0, exact = 0;
        for (int k = 0; k < N; k++) {
            d[k] = (k + 1) * (k % every == 0 ? 1 : k % 2 ? 1 : -1);
            if (d[k] > 0) w += k + 1;
        }
        for (int s = 0; s < SUMS; s++)
            if (fabs(s - (SUMS - 1) / 2.0) >= fabs(w - (SUMS - 1) / 2.0)) exact += chance[s];
        tamis_paired p = compare(d, zero, N);
        ck_assert(!p.wilcoxon_exact && p.wilcoxon == w);
        ck_assert_double_eq_tol(p.wilcoxon_p, exact, 1e-3);
    }
}
END_TEST

/* Every resample of two values is one of 00, 01, 10, 11: means 0, 1/2, 1 with chances 1/4, 1/2, 1/4. */
START_TEST(bootstrap_by_hand)
{
    enum { B = 40000 };
    static const double value[] = {0, 10, 1, 20}; /* two rows, two columns */
    static double mean[2 * B], scratch[B];
    int count[3] = {0};
    double interval[2];
    resample_means(&(resample_rows){value, 2, 2}, &(resample_draws){B, 3, 2}, mean);
    for (int b = 0; b < B; b++) {
        ck_assert(mean[2 * b + 1] == 10 + 10 * mean[2 * b]); /* both columns of the same rows */
        count[(int)(2 * mean[2 * b])]++;
    }
    ck_assert_int_lt(abs(count[0] - B / 4), 400);
    ck_assert_int_lt(abs(count[1] - B / 2), 400);
    resample_interval(mean, B, 2, 0.4, scratch, interval);
    ck_assert(interval[0] == 0.5 && interval[1] == 0.5);
    resample_interval(mean, B, 2, 0.95, scratch, interval);
    ck_assert(interval[0] == 0 && interval[1] == 1);
    static const double five[] = {5, 1, 4, 2, 3};
    resample_interval(five, 5, 1, 0.75, scratch, interval); /* at 1/8 and 7/8 of the way from 1 to 5 */
    ck_assert_double_eq_tol(interval[0], 1.5, 1e-15);
    ck_assert_double_eq_tol(interval[1], 4.5, 1e-15);
}
END_TEST

/* Ten differences of deviation sqrt(10/9) around a mean, so that the mean's standard error is 1/3: t has nine degrees of
 * freedom, whose two-sided 5%, 1% and 0.5% points tables give as 2.262, 3.250 and 3.690. Looked at with four others the
 * interval takes the 1% point, with nine others the 0.5% point. An interval that leaves out 0 jointly goes with a Holm p
 * below 0.05, here for means around the points. */
START_TEST(joint_intervals)
{
    static const struct {
        int64_t comparisons;
        double point;
    } known[] = {{1, 2.262157}, {5, 3.249836}, {10, 3.689662}};
    static const double zero[10], ten[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    tamis_paired_options options;
    tamis_paired p;
    tamis_error error;
    tamis_paired_options_default(&options);
    for (size_t k = 0; k < 3; k++)
        for (double mean = 0.7; mean < 1.3; mean += 0.01) {
            double d[10], same[10], corrected[10];
            for (int u = 0; u < 10; u++) d[u] = mean + (u % 2 ? 1 : -1);
            options.comparisons = known[k].comparisons;
            ck_assert_int_eq(tamis_paired_compare(d, zero, 10, &options, &p, &error), TAMIS_OK);
            ck_assert_double_eq_tol(p.low, mean - known[0].point / 3, 1e-6);
            ck_assert_double_eq_tol(p.joint_low, mean - known[k].point / 3, 1e-6);
            ck_assert_double_eq_tol(p.joint_high, mean + known[k].point / 3, 1e-6);
            for (int64_t c = 0; c < options.comparisons; c++) same[c] = p.t_p;
            tamis_holm(same, (size_t)options.comparisons, corrected);
            ck_assert((p.joint_low > 0) == (corrected[0] < 0.05));
        }
    options.bootstrap = 4000;
    ck_assert_int_eq(tamis_paired_compare(ten, zero, 10, &options, &p, &error), TAMIS_OK);
    ck_assert(p.bootstrap_joint_low < p.bootstrap_low && p.bootstrap_high < p.bootstrap_joint_high);
    options.comparisons = 0;
    ck_assert_int_eq(tamis_paired_compare(ten, zero, 10, &options, &p, &error), TAMIS_USAGE);
}
END_TEST

START_TEST(edges)
{
    static const double same[] = {1, 2, 3}, more[] = {2, 3, 4};
    tamis_paired p = compare(same, same, 3);
    ck_assert(p.t == 0 && p.t_p == 1 && p.wilcoxon_p == 1 && p.permutation_p == 1 && p.ties == 3);
    p = compare(more, same, 3);
    ck_assert(isinf(p.t) && p.t > 0 && p.t_p == 0 && p.mean == 1 && p.low == 1 && p.high == 1);
    ck_assert_double_eq_tol(p.permutation_p, 0.25, 1e-15); /* +++ and --- of eight */
    p = compare(more, same, 1);
    ck_assert(isnan(p.t) && p.t_p == 1 && isnan(p.low) && isnan(p.deviation) && p.wilcoxon_p == 1);
    static const double wrong[] = {1, NAN};
    tamis_error error;
    ck_assert_int_eq(tamis_paired_compare(wrong, same, 2, NULL, &p, &error), TAMIS_DATA);
    ck_assert_int_eq(tamis_paired_compare(same, same, 0, NULL, &p, &error), TAMIS_USAGE);
    tamis_paired_options options;
    tamis_paired_options_default(&options);
    options.confidence = 1;
    ck_assert_int_eq(tamis_paired_compare(same, same, 3, &options, &p, &error), TAMIS_USAGE);
    options.confidence = 0.9;
    options.bootstrap = 0;
    ck_assert_int_eq(tamis_paired_compare(same, more, 3, &options, &p, &error), TAMIS_OK);
    ck_assert(isnan(p.bootstrap_low));
}
END_TEST

Suite *statistic_suite(void)
{
    Suite *suite = suite_create("statistic");
    TCase *tests = tcase_create("statistic");
    tcase_add_test(tests, sleep_hours);
    tcase_add_test(tests, depression);
    tcase_add_test(tests, darwin);
    tcase_add_test(tests, manual);
    tcase_add_test(tests, student_tables);
    tcase_add_test(tests, holm);
    tcase_add_test(tests, all_signs);
    tcase_add_test(tests, many_pairs);
    tcase_add_test(tests, many_ranks);
    tcase_add_test(tests, bootstrap_by_hand);
    tcase_add_test(tests, joint_intervals);
    tcase_add_test(tests, edges);
    suite_add_tcase(suite, tests);
    return suite;
}
