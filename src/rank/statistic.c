/* Tests of paired values: Student's t, Wilcoxon's signed ranks, and Holm's correction for several of them.
 *
 * Notation: n pairs, d_k = a_k - b_k, m their mean, s their deviation (n - 1).
 *   t = m / (s / sqrt n), n - 1 degrees of freedom;  P(|T| >= t) = I_x(ν/2, 1/2), x = ν / (ν + t²),
 *   I the regularised incomplete beta function by its continued fraction
 *   W+ = sum of the ranks of |d_k| over d_k > 0; every sign equally likely gives its distribution
 * Sources: Student, Biometrika 6, 1908; Wilcoxon, Biometrics Bulletin 1(6), 1945; Holm, Scandinavian Journal of
 * Statistics 6, 1979; the fraction: NIST Digital Library of Mathematical Functions, 8.17.22. */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/status.h"
#include "base/threads.h"
#include "rank/resample.h"
#include "rank/statistic.h"

enum { EXACT_RANKS = 200 }; /* differences up to which W+ is enumerated; beyond, the normal one is near enough */

/* DLMF 8.17.22 by Lentz's method; quick for x < (a + 1) / (a + b + 2). */
static double fraction(double x, double a, double b)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1), value;
    d = 1 / (fabs(d) < tiny ? tiny : d);
    value = d;
    for (int k = 1; k < 10000; k++) {
        double even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k));
        double odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1));
        d = 1 + even * d;
        c = 1 + even / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        value *= c * d;
        d = 1 + odd * d;
        c = 1 + odd / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        value *= c * d;
        if (fabs(c * d - 1) < 1e-16) break;
    }
    return value;
}

/* I_x(a, b); rest = 1 - x, given apart since it may be tiny. */
static double incomplete_beta(double x, double rest, double a, double b)
{
    int sign;
    if (x <= 0) return 0;
    if (rest <= 0) return 1;
    double front = exp(a * log(x) + b * log(rest) + lgamma_r(a + b, &sign) - lgamma_r(a, &sign) - lgamma_r(b, &sign));
    if (x < (a + 1) / (a + b + 2)) return front * fraction(x, a, b) / a;
    return 1 - front * fraction(rest, b, a) / b;
}

double statistic_student(double t, double degrees)
{
    if (isnan(t)) return (double)NAN;
    if (isinf(t)) return 0;
    double whole = degrees + t * t;
    return incomplete_beta(degrees / whole, t * t / whole, degrees / 2, 0.5);
}

/* By halving: the bound of 1 degree of freedom at confidence 0.99999 is 63,662. */
double statistic_student_bound(double confidence, double degrees)
{
    double low = 0, high = 1;
    while (statistic_student(high, degrees) > 1 - confidence && high < 1e18) high *= 2;
    for (int k = 0; k < 200 && high - low > 1e-15 * high; k++) {
        double middle = (low + high) / 2;
        *(statistic_student(middle, degrees) > 1 - confidence ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

/* ---- Wilcoxon */

static int by_size(const void *a, const void *b)
{
    double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x > y) - (x < y);
}

/* P(W+ <= w) when each of the ranks, here doubled to be whole, is in the sum or not with chance 1/2. */
static double chance_up_to(const int64_t *rank, int64_t n, int64_t w, double *chance)
{
    double sum = 0;
    int64_t top = 0;
    for (int64_t k = 0; k <= w; k++) chance[k] = k == 0;
    for (int64_t k = 0; k < n; k++) {
        top = top + rank[k] < w ? top + rank[k] : w;
        for (int64_t s = top; s >= 0; s--) chance[s] = (chance[s] + (s >= rank[k] ? chance[s - rank[k]] : 0)) / 2;
    }
    for (int64_t s = 0; s <= w; s++) sum += chance[s];
    return sum;
}

/* Both tails are alike, so the smaller of W+ and W- says all. */
static double normal_p(double w, double n, double ties)
{
    double mean = n * (n + 1) / 4, variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48;
    double distance = fabs(w - mean) - 0.5;
    if (distance <= 0 || variance <= 0) return 1;
    return erfc(distance / sqrt(2 * variance));
}

/* sorted: by size, zeros left out. */
static tamis_status signed_ranks(const double *sorted, int64_t n, statistic_signed_rank *outcome, tamis_error *error)
{
    int64_t *rank = base_alloc_raw((size_t)n, sizeof *rank), positive = 0, all = n * (n + 1);
    double ties = 0;
    if (!rank) return base_no_memory(error, "the ranks of differences", (size_t)n, sizeof *rank);
    for (int64_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && fabs(sorted[to]) == fabs(sorted[from]);) to++;
        double alike = (double)(to - from);
        ties += alike * alike * alike - alike;
        for (int64_t k = from; k < to; k++) {
            rank[k] = from + 1 + to; /* twice the mean of from + 1 .. to */
            if (sorted[k] > 0) positive += rank[k];
        }
    }
    outcome->positive = (double)positive / 2;
    outcome->exact = n <= EXACT_RANKS;
    int64_t smaller = positive < all - positive ? positive : all - positive;
    tamis_status status = TAMIS_OK;
    if (outcome->exact) {
        double *chance = base_alloc_raw((size_t)smaller + 1, sizeof *chance);
        if (chance) outcome->p = fmin(1, 2 * chance_up_to(rank, n, smaller, chance));
        else status = base_no_memory(error, "the distribution of ranks", (size_t)smaller + 1, sizeof *chance);
        base_free(chance);
    } else {
        outcome->p = normal_p(outcome->positive, (double)n, ties);
    }
    base_free(rank);
    return status;
}

tamis_status statistic_wilcoxon(const double *difference, int64_t count, statistic_signed_rank *outcome,
                                tamis_error *error)
{
    double *sorted = base_alloc_raw((size_t)count, sizeof *sorted);
    int64_t n = 0;
    *outcome = (statistic_signed_rank){0, 1, true};
    if (!sorted) return base_no_memory(error, "differences", (size_t)count, sizeof *sorted);
    for (int64_t k = 0; k < count; k++)
        if (difference[k] != 0) sorted[n++] = difference[k];
    qsort(sorted, (size_t)n, sizeof *sorted, by_size);
    tamis_status status = n ? signed_ranks(sorted, n, outcome, error) : TAMIS_OK;
    base_free(sorted);
    return status;
}

/* ---- everything about a pair of columns */

/* seed and threads are an evaluation's options too, where a command line finds them */
static const tamis_option paired_rows[] = {
    BASE_OPTION(tamis_paired_options, confidence, "confidence", TAMIS_OPTION_REAL, "(0,1)", "0.95", "",
                "of the intervals"),
    BASE_OPTION(tamis_paired_options, bootstrap, "bootstrap", TAMIS_OPTION_INTEGER, "[0,1000000]", "0", "resamples",
                "for the interval of a difference, by percentiles; 0: Student's"),
    BASE_OPTION(tamis_paired_options, permutations, "permutations", TAMIS_OPTION_INTEGER, "[1,100000000]", "10000",
                "permutations", "drawn for the permutation test; of up to 20 differences all are tried"),
};
static tamis_status check_paired(const void *values, tamis_error *error)
{
    const tamis_paired_options *options = values;
    if (!(options->overlap >= 0 && isfinite(options->overlap)))
        return base_fail(error, TAMIS_USAGE, "the overlap of the splits, test rows per training row, is %g; expected 0 or more", options->overlap);
    if (options->comparisons >= 1) return TAMIS_OK;
    return base_fail(error, TAMIS_USAGE, "%lld comparisons are looked at together; expected at least 1",
                     (long long)options->comparisons);
}

const tamis_option_table paired_option_table = {"paired", paired_rows, BASE_COUNT(paired_rows),
                                                sizeof(tamis_paired_options), check_paired};

void tamis_paired_options_init(tamis_paired_options *options, size_t size)
{
    tamis_paired_options defaults = {.comparisons = 1, .seed = 1};
    base_option_defaults(&paired_option_table, &defaults);
    base_option_give(&defaults, sizeof defaults, options, size);
}

/* Bonferroni: each of m intervals misses with a chance of (1 - confidence) / m, any of them with one of at most 1 - confidence. */
static double joint(const tamis_paired_options *options)
{
    return 1 - (1 - options->confidence) / (double)options->comparisons;
}

static void student(const double *d, int64_t n, const tamis_paired_options *options, tamis_paired *paired)
{
    double sum = 0, squares = 0;
    for (int64_t k = 0; k < n; k++) sum += d[k];
    paired->mean = sum / (double)n;
    for (int64_t k = 0; k < n; k++) squares += (d[k] - paired->mean) * (d[k] - paired->mean);
    paired->deviation = n > 1 ? sqrt(squares / (double)(n - 1)) : (double)NAN;
    paired->t = paired->low = paired->high = paired->joint_low = paired->joint_high = (double)NAN;
    paired->t_p = 1;
    if (n < 2) return;
    const double error = paired->deviation * sqrt(1 / (double)n + options->overlap), degrees = (double)(n - 1);
    const double reach = error * statistic_student_bound(options->confidence, degrees);
    const double joint_reach = error * statistic_student_bound(joint(options), degrees);
    /* equal differences leave rounding behind, which is no deviation */
    bool none = paired->deviation <= 1e-14 * fabs(paired->mean);
    paired->t = !none ? paired->mean / error : paired->mean == 0 ? 0 : copysign((double)INFINITY, paired->mean);
    paired->t_p = paired->mean == 0 ? 1 : statistic_student(paired->t, degrees);
    paired->low = paired->mean - reach;
    paired->high = paired->mean + reach;
    paired->joint_low = paired->mean - joint_reach;
    paired->joint_high = paired->mean + joint_reach;
}

static tamis_status bootstrap(const double *d, int64_t n, const tamis_paired_options *options, tamis_paired *paired,
                              tamis_error *error)
{
    size_t resamples = (size_t)options->bootstrap;
    paired->bootstrap_low = paired->bootstrap_high = (double)NAN;
    paired->bootstrap_joint_low = paired->bootstrap_joint_high = (double)NAN;
    if (resamples == 0) return TAMIS_OK;
    double *mean = base_alloc_raw(2 * resamples, sizeof *mean), interval[2];
    if (!mean) return base_no_memory(error, "a bootstrap", 2 * resamples, sizeof *mean);
    const resample_draws draws = {options->bootstrap, options->seed, base_threads(options->threads)};
    resample_means(&(resample_rows){d, n, 1}, &draws, mean);
    resample_interval(mean, options->bootstrap, 1, options->confidence, mean + resamples, interval);
    paired->bootstrap_low = interval[0];
    paired->bootstrap_high = interval[1];
    resample_interval(mean, options->bootstrap, 1, joint(options), mean + resamples, interval);
    paired->bootstrap_joint_low = interval[0];
    paired->bootstrap_joint_high = interval[1];
    base_free(mean);
    return TAMIS_OK;
}

static tamis_status compare(const double *d, int64_t n, const tamis_paired_options *options, tamis_paired *paired,
                            tamis_error *error)
{
    statistic_signed_rank ranks;
    bool all = false;
    student(d, n, options, paired);
    tamis_status status = statistic_wilcoxon(d, n, &ranks, error);
    if (!status)
        status = resample_signs(d, n, &(resample_draws){options->permutations, options->seed, base_threads(options->threads)},
                                &paired->permutation_p, &all, error);
    if (!status) status = bootstrap(d, n, options, paired, error);
    if (status) return status;
    paired->wilcoxon = ranks.positive;
    paired->wilcoxon_p = ranks.p;
    paired->wilcoxon_exact = ranks.exact;
    paired->permutation_exact = all;
    return TAMIS_OK;
}

tamis_status tamis_paired_compare(const double *a, const double *b, int64_t count, const tamis_paired_options *options,
                                  tamis_paired *paired, tamis_error *error)
{
    tamis_paired_options taken;
    base_clear(error);
    *paired = (tamis_paired){.pairs = count};
    tamis_paired_options_default(&taken);
    tamis_status status = base_option_take(&paired_option_table, options, &taken, error);
    options = &taken;
    if (status) return status;
    if (count < 1 || count > UINT32_MAX)
        return base_fail(error, TAMIS_USAGE, "%lld pairs are to be compared; expected at least 1", (long long)count);
    double *d = base_alloc_raw((size_t)count, sizeof *d);
    if (!d) return base_no_memory(error, "differences", (size_t)count, sizeof *d);
    for (int64_t k = 0; k < count && !status; k++) {
        d[k] = a[k] - b[k];
        if (!isfinite(d[k]))
            status = base_fail(error, TAMIS_DATA, "the values %g and %g of pair %lld have no difference; expected "
                               "finite numbers", a[k], b[k], (long long)k + 1);
        paired->wins += d[k] > 0;
        paired->ties += d[k] == 0;
        paired->losses += d[k] < 0;
    }
    if (!status) status = compare(d, count, options, paired, error);
    base_free(d);
    return status;
}

/* p_(1) <= p_(2) <= ...: adjusted_(k) = the largest of min(1, (count - j + 1) p_(j)), j <= k. */
void tamis_holm(const double *p, size_t count, double *adjusted)
{
    /* the next smallest over and over: there are as many as models and metrics; places of equal p in order */
    double largest = 0;
    for (size_t done = 0; done < count; done++) adjusted[done] = -1;
    for (size_t done = 0; done < count; done++) {
        size_t next = count;
        for (size_t k = 0; k < count; k++)
            if (adjusted[k] < 0 && (next == count || p[k] < p[next])) next = k;
        largest = fmax(largest, fmin(1, (double)(count - done) * p[next]));
        adjusted[next] = largest;
    }
}
