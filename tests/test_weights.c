/* Weights of interactions: they stay with their interactions whatever becomes of a log. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "data/log.h"
#include "study/natural.h"
#include "suites.h"

static tamis_error error;

/* A weight that tells whose it is; exact in float. */
static float weight_of(int64_t user, int64_t item)
{
    return (float)(1 + user) + (float)item / 256;
}

enum { USERS = 60, ITEMS = 200, MOST = 70000 };

/* Rows in no order, some of them several times, enough for several threads to group them. */
static tamis_log *make(bool weighted)
{
    static int32_t user[MOST], item[MOST];
    static float weight[MOST];
    static double time[MOST];
    tamis_log_arrays a;
    tamis_log *log;
    base_stream s = {9};
    for (int64_t k = 0; k < MOST; k++) {
        user[k] = (int32_t)base_below(&s, USERS);
        item[k] = (int32_t)base_below(&s, ITEMS / 2) * 2;
        weight[k] = weight_of(user[k], item[k]) / (float)(1 + base_below(&s, 2));
        time[k] = (double)k + 0.5;
    }
    tamis_log_arrays_default(&a);
    a.users = USERS;
    a.items = ITEMS;
    a.count = MOST;
    a.user = user;
    a.item = item;
    a.time = time;
    a.weight = weighted ? weight : NULL;
    ck_assert_msg(tamis_log_from_arrays(&a, &log, &error) == TAMIS_OK, "%s", error.text);
    return log;
}

/* The number of interactions that have another weight than weight_of(). */
static int64_t count_odd(const tamis_log *log)
{
    int64_t odd = 0, n;
    ck_assert(log->weight);
    for (int64_t u = 0; u < tamis_log_users(log); u++) {
        const int32_t *item = tamis_log_row(log, u, &n);
        const float *weight = tamis_log_weight(log, u);
        for (int64_t k = 0; k < n; k++) odd += weight[k] < weight_of(u, item[k]) || weight[k] > weight_of(u, item[k]);
    }
    return odd;
}

/* some six rows of each pair: the largest weight stays, which nearly all pairs have */
START_TEST(rows_are_grouped_and_merged)
{
    tamis_log *log = make(true), *plain = make(false);
    const tamis_log_summary *s = tamis_log_summarize(log);
    ck_assert(tamis_log_interactions(log) == USERS * ITEMS / 2 || tamis_log_interactions(log) > USERS * ITEMS / 2 - 10);
    ck_assert(count_odd(log) < USERS * ITEMS / 100);
    ck_assert(s->weighted && s->least_weight >= 0.5 && s->largest_weight <= (double)weight_of(USERS - 1, ITEMS - 2));
    ck_assert(s->mean_weight > s->least_weight && s->mean_weight < s->largest_weight);
    ck_assert(!plain->weight && !tamis_log_weight(plain, 0) && !tamis_log_summarize(plain)->weighted);
    tamis_log_free(log);
    tamis_log_free(plain);
}
END_TEST

/* three interactions of weight 1, 2, 6: least 1, mean 3, largest 6 */
START_TEST(a_summary_by_hand)
{
    static const int32_t user[] = {0, 1, 0, 0}, item[] = {1, 0, 0, 1};
    static const float weight[] = {0.5f, 6, 2, 1};
    tamis_log_arrays a;
    tamis_log *log;
    tamis_log_arrays_default(&a);
    a.users = a.items = 2;
    a.count = 4;
    a.user = user;
    a.item = item;
    a.weight = weight;
    ck_assert_int_eq(tamis_log_from_arrays(&a, &log, &error), TAMIS_OK);
    const tamis_log_summary *s = tamis_log_summarize(log);
    ck_assert(s->least_weight == 1 && s->mean_weight == 3 && s->largest_weight == 6);
    ck_assert(tamis_log_weight(log, 0)[0] == 2 && tamis_log_weight(log, 0)[1] == 1 && tamis_log_weight(log, 1)[0] == 6);
    tamis_log_free(log);
}
END_TEST

/* A log with weight_of() for every pair, each once. */
static tamis_log *make_exact(void)
{
    tamis_log *log = make(true);
    for (int64_t u = 0, n; u < USERS; u++) {
        const int32_t *item = tamis_log_row(log, u, &n);
        for (int64_t k = 0; k < n; k++) log->weight[log->matrix->start[u] + k] = weight_of(u, item[k]);
    }
    return log;
}

START_TEST(parts_keep_their_weights)
{
    tamis_log *log = make_exact(), *part[3], *copy;
    tamis_split_options o;
    tamis_split_options_default(&o);
    o.validation_ratio = 0.1;
    ck_assert_int_eq(tamis_log_split(log, &o, &part[0], &part[1], &part[2], &error), TAMIS_OK);
    for (int k = 0; k < 3; k++) {
        ck_assert_int_eq(count_odd(part[k]), 0);
        ck_assert(tamis_log_summarize(part[k])->weighted);
        tamis_log_free(part[k]);
    }
    ck_assert_int_eq(log_copy(log, &copy, &error), TAMIS_OK);
    ck_assert(copy->matrix == log->matrix && copy->weight != log->weight);
    ck_assert_int_eq(count_odd(copy), 0);
    ck_assert_int_eq(tamis_log_add_ids(copy, log, &error), TAMIS_OK);
    ck_assert_int_eq(count_odd(copy), 0);
    tamis_log_free(copy);
    tamis_log_free(log);
}
END_TEST

/* a row that was there keeps its weight; an injected one has a weight of the same user's, whose whole part tells the user */
START_TEST(noise_takes_weights_of_the_user)
{
    tamis_log *log = make_exact(), *noisy;
    tamis_noise_options o;
    uint8_t *kind;
    int64_t n;
    tamis_noise_options_default(&o);
    o.uniform = 0.3;
    o.drop = 0.1;
    ck_assert_int_eq(tamis_log_noise(log, &o, &noisy, &kind, NULL, &error), TAMIS_OK);
    for (int64_t u = 0, at = 0; u < USERS; u++) {
        const int32_t *item = tamis_log_row(noisy, u, &n);
        const float *weight = tamis_log_weight(noisy, u);
        for (int64_t k = 0; k < n; k++, at++)
            ck_assert(kind[at] ? (int64_t)weight[k] == u + 1 : weight[k] == weight_of(u, item[k]));
    }
    ck_assert(tamis_log_summarize(noisy)->weighted);
    tamis_free(kind);
    tamis_log_free(noisy);
    tamis_log_free(log);
}
END_TEST

/* clean rows keep theirs, natural noise brings its own, in train and validation alike */
START_TEST(natural_noise_brings_its_weights)
{
    static const int32_t user[] = {0, 0, 1, 1}, item[] = {0, 1, 0, 2}, noisy_user[] = {1, 0, 0}, noisy_item[] = {1, 2, 0};
    static const float weight[] = {2, 3, 4, 5}, noisy_weight[] = {7, 8, 9};
    static const float expected[2][3] = {{2, 3, 8}, {4, 7, 5}};
    tamis_log_arrays a;
    tamis_log *log, *rows, *train, *validation;
    tamis_log_arrays_default(&a);
    a.users = 2;
    a.items = 3;
    a.count = 4;
    a.user = user;
    a.item = item;
    a.weight = weight;
    ck_assert_int_eq(tamis_log_from_arrays(&a, &log, &error), TAMIS_OK);
    a.count = 3;
    a.user = noisy_user;
    a.item = noisy_item;
    a.weight = noisy_weight;
    ck_assert_int_eq(tamis_log_from_arrays(&a, &rows, &error), TAMIS_OK);
    ck_assert_int_eq(log_copy(log, &train, &error), TAMIS_OK);
    ck_assert_int_eq(log_copy(log, &validation, &error), TAMIS_OK);
    const natural_noise n = {.rows = rows, .log = log, .ratio = 1, .validation_share = 0, .seed = 1};
    ck_assert_int_eq(natural_put(&n, &train, &validation, &error), TAMIS_OK);
    for (int64_t u = 0; u < 2; u++) {
        ck_assert(memcmp(tamis_log_weight(train, u), expected[u], sizeof expected[u]) == 0);
        ck_assert(memcmp(tamis_log_weight(validation, u), weight + 2 * u, 2 * sizeof *weight) == 0);
    }
    free(rows->weight);
    rows->weight = NULL; /* noise without weights counts 1 */
    tamis_log_free(train);
    ck_assert_int_eq(log_copy(log, &train, &error), TAMIS_OK);
    ck_assert_int_eq(natural_put(&n, &train, &validation, &error), TAMIS_OK);
    ck_assert(tamis_log_weight(train, 0)[2] == 1 && tamis_log_weight(train, 1)[1] == 1 && tamis_log_weight(train, 1)[2] == 5);
    tamis_log_free(train);
    tamis_log_free(validation);
    tamis_log_free(rows);
    tamis_log_free(log);
}
END_TEST

START_TEST(another_weight_is_another_log)
{
    tamis_log *log = make_exact(), *plain = make(false);
    uint64_t a[2], b[2], c[2];
    log_fingerprint(log, false, a);
    log_fingerprint(plain, false, b);
    ck_assert(memcmp(a, b, sizeof a) != 0);
    log->weight[7] *= 2;
    log_fingerprint(log, false, c);
    ck_assert(memcmp(a, c, sizeof a) != 0);
    free(log->weight);
    log->weight = NULL;
    log_fingerprint(log, false, c);
    ck_assert(memcmp(b, c, sizeof b) == 0);
    tamis_log_free(log);
    tamis_log_free(plain);
}
END_TEST

static int keep(void *context, const void *bytes, size_t count)
{
    char *text = context;
    strncat(text, bytes, count);
    return 0;
}

START_TEST(weights_are_written)
{
    static const int32_t user[] = {0, 1}, item[] = {1, 0};
    static const float weight[] = {0.1f, 3}, rating[] = {NAN, 2};
    tamis_log_arrays a;
    tamis_log *log;
    char text[300] = "";
    tamis_log_arrays_default(&a);
    a.users = a.items = a.count = 2;
    a.user = user;
    a.item = item;
    a.rating = rating;
    a.weight = weight;
    ck_assert_int_eq(tamis_log_from_arrays(&a, &log, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_log_put(log, &(tamis_sink){text, keep}, &error), TAMIS_OK);
    ck_assert_str_eq(text, "user_id,item_id,rating,weight\n0,1,,0.1\n1,0,2,3\n");
    tamis_log_free(log);
}
END_TEST

Suite *weights_suite(void)
{
    Suite *suite = suite_create("weights");
    TCase *tests = tcase_create("weights");
    tcase_add_test(tests, rows_are_grouped_and_merged);
    tcase_add_test(tests, a_summary_by_hand);
    tcase_add_test(tests, parts_keep_their_weights);
    tcase_add_test(tests, noise_takes_weights_of_the_user);
    tcase_add_test(tests, natural_noise_brings_its_weights);
    tcase_add_test(tests, another_weight_is_another_log);
    tcase_add_test(tests, weights_are_written);
    suite_add_tcase(suite, tests);
    return suite;
}
