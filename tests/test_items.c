/* Item-item methods against brute force in double: neighbours, the linear model, scores, ranks; the inverse in tiles; the model
 * file; what is refused. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/random.h"
#include "data/log.h"
#include "kernel/kernel.h"
#include "model/model.h"
#include "suites.h"
#include "train/inverse.h"
#include "train/options.h"

static tamis_error error;

/* User u takes item i of its group with chance 2/5, others with chance 1/10; weights are 0.5, 1, ... 3. */
static tamis_log *random_log(int64_t users, int64_t items, bool weighted, uint64_t seed)
{
    base_stream s = base_stream_key(seed, BASE_FOR_SYNTH, 0, 0);
    const size_t room = (size_t)(users * items);
    int32_t *user = malloc(room * sizeof *user), *item = malloc(room * sizeof *item);
    float *weight = malloc(room * sizeof *weight);
    int64_t n = 0;
    for (int64_t u = 0; u < users; u++)
        for (int64_t i = 0; i < items; i++)
            if (base_below(&s, 20) < (u % 3 == i % 3 ? 8u : 2u) || i == u % items) {
                user[n] = (int32_t)u;
                weight[n] = (float)(1 + base_below(&s, 6)) / 2;
                item[n++] = (int32_t)i;
            }
    tamis_log_arrays arrays;
    tamis_log_arrays_default(&arrays);
    arrays.users = users;
    arrays.items = items;
    arrays.count = n;
    arrays.user = user;
    arrays.item = item;
    arrays.weight = weighted ? weight : NULL;
    tamis_log *log;
    ck_assert_msg(tamis_log_from_arrays(&arrays, &log, &error) == TAMIS_OK, "%s", error.text);
    free(user);
    free(item);
    free(weight);
    return log;
}

static void set(tamis_train_options *o, const char *name, const char *value)
{
    const tamis_option *row = base_option_find(tamis_option_find_table(o->method), name);
    if (!row) row = base_option_find(&train_option_table, name);
    ck_assert_ptr_nonnull(row);
    ck_assert_msg(tamis_option_set(row, o, value, &error) == TAMIS_OK, "%s", error.text);
}

/* "NAME=VALUE NAME=VALUE ..." */
static tamis_train_options options_of(const char *name, const char *text)
{
    tamis_train_options o;
    char copy[256], *word, *rest = copy;
    ck_assert_int_eq(tamis_train_options_default(&o, name, &error), TAMIS_OK);
    snprintf(copy, sizeof copy, "%s", text);
    while ((word = strtok_r(rest, " ", &rest))) {
        char *equals = strchr(word, '=');
        *equals = '\0';
        set(&o, word, equals + 1);
    }
    return o;
}

static tamis_model *train(const tamis_log *log, const char *name, const char *text)
{
    const tamis_train_options o = options_of(name, text);
    tamis_model *model;
    ck_assert_msg(tamis_train(log, NULL, &o, NULL, &model, NULL, &error) == TAMIS_OK, "%s %s: %s", name, text, error.text);
    return model;
}

static double weight_at(const tamis_log *log, int64_t k)
{
    return log->weight ? (double)log->weight[k] : 1;
}

/* ---------------------------------------------------------------- in double, written out */

/* X, users by items; counts of rows and columns. */
typedef struct dense {
    int64_t users, items;
    double *x, *of_user, *of_item, mean;
} dense;

static dense dense_of(const tamis_log *log)
{
    dense d = {log->users, log->items, calloc((size_t)(log->users * log->items), sizeof(double)),
               calloc((size_t)log->users, sizeof(double)), calloc((size_t)log->items, sizeof(double)), 0};
    for (int64_t u = 0; u < d.users; u++)
        for (int64_t k = log->matrix->start[u]; k < log->matrix->start[u + 1]; k++) {
            const int32_t i = log->matrix->index[k];
            d.x[u * d.items + i] = weight_at(log, k);
            d.of_user[u]++;
            d.of_item[i]++;
            d.mean += 1 / (double)d.items;
        }
    return d;
}

static void dense_free(dense *d)
{
    free(d->x);
    free(d->of_user);
    free(d->of_item);
}

/* B of nearest neighbours, items by items, all entries kept; kind 0: cosine, 1: tf-idf, 2: bm25. */
static double *nearest(const tamis_log *clicks, int kind, double shrinkage, double k1, double b)
{
    dense d = dense_of(clicks);
    const int64_t n = d.items;
    double *x = calloc((size_t)(d.users * n), sizeof *x), *out = calloc((size_t)(n * n), sizeof *out);
    for (int64_t u = 0; u < d.users; u++)
        for (int64_t i = 0; i < n; i++) {
            const double c = d.x[u * n + i];
            if (c == 0) continue;
            double idf = log((double)n) - log1p(d.of_user[u]), saturated = c * (k1 + 1) / (c + k1 * (1 - b + b * d.of_item[i] / d.mean));
            if (idf < 0) idf = 0;
            x[u * n + i] = kind == 0 ? c : kind == 1 ? sqrt(c) * idf : saturated * idf;
        }
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i < n; i++) {
            double product = 0, jj = 0, ii = 0, both = 0;
            for (int64_t u = 0; u < d.users; u++) {
                product += x[u * n + i] * x[u * n + j];
                ii += x[u * n + i] * x[u * n + i];
                jj += x[u * n + j] * x[u * n + j];
                both += d.x[u * n + i] > 0 && d.x[u * n + j] > 0;
            }
            if (i == j || both == 0) continue;
            out[j * n + i] = (kind == 2 ? product : ii * jj > 0 ? product / sqrt(ii * jj) : 0) * both / (both + shrinkage);
        }
    free(x);
    dense_free(&d);
    return out;
}

/* a becomes its inverse: Gauss and Jordan, with the largest pivot of a column. */
static void invert(double *a, int64_t n)
{
    double *right = calloc((size_t)(n * n), sizeof *right);
    for (int64_t k = 0; k < n; k++) right[k * n + k] = 1;
    for (int64_t k = 0; k < n; k++) {
        int64_t best = k;
        for (int64_t r = k; r < n; r++)
            if (fabs(a[r * n + k]) > fabs(a[best * n + k])) best = r;
        for (int64_t c = 0; c < n; c++) {
            double held = a[k * n + c];
            a[k * n + c] = a[best * n + c];
            a[best * n + c] = held;
            held = right[k * n + c];
            right[k * n + c] = right[best * n + c];
            right[best * n + c] = held;
        }
        const double pivot = a[k * n + k];
        for (int64_t c = 0; c < n; c++) {
            a[k * n + c] /= pivot;
            right[k * n + c] /= pivot;
        }
        for (int64_t r = 0; r < n; r++) {
            const double factor = a[r * n + k];
            for (int64_t c = 0; r != k && factor != 0 && c < n; c++) {
                a[r * n + c] -= factor * a[k * n + c];
                right[r * n + c] -= factor * right[k * n + c];
            }
        }
    }
    memcpy(a, right, (size_t)(n * n) * sizeof *a);
    free(right);
}

static double *linear(const tamis_log *log, double lambda)
{
    dense d = dense_of(log);
    const int64_t n = d.items;
    double *p = calloc((size_t)(n * n), sizeof *p), *b = calloc((size_t)(n * n), sizeof *b);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            p[i * n + j] = i == j ? lambda : 0;
            for (int64_t u = 0; u < d.users; u++) p[i * n + j] += d.x[u * n + i] * d.x[u * n + j];
        }
    invert(p, n);
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i < n; i++) b[j * n + i] = i == j ? 0 : -p[j * n + i] / p[i * n + i];
    dense_free(&d);
    free(p);
    return b;
}

/* ---------------------------------------------------------------- comparisons */

/* Each row of the model has the `kept` largest of b's row (0: all), as far as these can be told apart, and their values. */
static void same_rows(const tamis_model *model, const double *b, int64_t kept, double tolerance, const char *what)
{
    const int64_t n = model->items;
    for (int64_t j = 0; j < n; j++) {
        int64_t count, others = 0;
        const float *value;
        const int32_t *item = tamis_model_neighbours(model, j, &value, &count);
        double least = INFINITY;
        for (int64_t i = 0; i < n; i++) others += b[j * n + i] != 0;
        ck_assert_msg(count == (kept && kept < others ? kept : others), "%s, row %d: %d entries of %d", what, (int)j, (int)count, (int)others);
        for (int64_t k = 0; k < count; k++) {
            const double expected = b[j * n + item[k]];
            ck_assert_msg(k == 0 || item[k] > item[k - 1], "%s, row %d: order", what, (int)j);
            ck_assert_msg(fabs((double)value[k] - expected) <= tolerance * (1 + fabs(expected)), "%s (%d, %d): %g, expected %g", what,
                          (int)j, item[k], (double)value[k], expected);
            least = fmin(least, fabs(expected));
        }
        for (int64_t i = 0, k = 0; i < n; i++) {
            if (k < count && item[k] == i) k++;
            else ck_assert_msg(fabs(b[j * n + i]) <= least + tolerance, "%s, row %d: %d is larger than one that is kept", what, (int)j, (int)i);
        }
    }
}

/* s_ui = Σ_j c_uj B_ji over the log, with the model's own B. */
static double score_of(const tamis_model *model, const tamis_log *log, int64_t u, int64_t i)
{
    double s = model->item_bias ? (double)model->item_bias[i] : 0;
    for (int64_t k = log->matrix->start[u]; k < log->matrix->start[u + 1]; k++) {
        int64_t count;
        const float *value;
        const int32_t *item = tamis_model_neighbours(model, log->matrix->index[k], &value, &count);
        for (int64_t n = 0; n < count; n++)
            if (item[n] == i) s += weight_at(log, k) * (double)value[n];
    }
    return s;
}

static bool is_in(const matrix *m, int64_t u, int64_t i)
{
    return matrix_find(m, u, (int32_t)i) >= 0;
}

/* ---------------------------------------------------------------- tests */

/* Three users, three items: 0 {a, b}, 1 {a, b}, 2 {a, c}. */
START_TEST(by_hand)
{
    const int32_t user[] = {0, 0, 1, 1, 2, 2}, item[] = {0, 1, 0, 1, 0, 2};
    tamis_log *log;
    int64_t count;
    const float *value;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 6, 3, 3, &log, &error), TAMIS_OK);
    tamis_model *model = train(log, "itemknn", "similarity=cosine shrinkage=1");
    const int32_t *row = tamis_model_neighbours(model, 0, &value, &count);
    ck_assert_int_eq(count, 2);
    ck_assert_int_eq(row[0], 1);
    ck_assert_int_eq(row[1], 2);
    ck_assert_double_eq_tol((double)value[0], 2 / sqrt(3 * 2) * 2 / 3, 1e-6); /* a and b: 2 users of both, 3 and 2 of each */
    ck_assert_double_eq_tol((double)value[1], 1 / sqrt(3 * 1) * 1 / 2, 1e-6);
    tamis_hit hit[2];
    const int64_t last = 2;
    ck_assert_int_eq(tamis_recommend(model, &last, 1, 2, 1, hit, &error), TAMIS_OK);
    ck_assert_int_eq(hit[0].item, 1); /* user 2 has a and c: b by way of a */
    ck_assert_double_eq_tol((double)hit[0].score, 4 / sqrt(54), 1e-6);
    ck_assert_int_eq(hit[1].item, -1);
    ck_assert_int_eq(tamis_similar(model, 0, 2, hit, &error), TAMIS_OK);
    ck_assert(hit[0].item == 1 && hit[1].item == 2 && hit[1].score == value[1]);
    ck_assert_int_eq(tamis_similar(model, 1, 2, hit, &error), TAMIS_OK);
    ck_assert(hit[0].item == 0 && hit[1].item == -1);
    ck_assert_int_eq(tamis_model_factors(model), 0);
    ck_assert_ptr_null(tamis_model_user_factors(model, NULL));
    tamis_model_free(model);

    model = train(log, "pop", "");
    ck_assert_int_eq(tamis_recommend(model, &last, 1, 2, 1, hit, &error), TAMIS_OK);
    ck_assert(hit[0].item == 1 && hit[0].score == 2 && hit[1].item == -1);
    ck_assert_int_eq(tamis_similar(model, 0, 2, hit, &error), TAMIS_USAGE);
    ck_assert_ptr_null(tamis_model_neighbours(model, 0, &value, &count));
    tamis_model_free(model);

    /* X'X + 1 = [[4, 2, 1], [2, 3, 0], [1, 0, 2]], determinant 13; P = [[6, -4, -3], [-4, 7, 2], [-3, 2, 8]] / 13 */
    model = train(log, "ease", "regularization=1");
    const double expected[] = {0, 4.0 / 7, 3.0 / 8, 4.0 / 6, 0, -2.0 / 8, 3.0 / 6, -2.0 / 7, 0};
    same_rows(model, expected, 0, 1e-6, "ease by hand");
    tamis_model_free(model);
    tamis_log_free(log);
}
END_TEST

START_TEST(nearest_neighbours)
{
    static const struct {
        const char *options;
        int kind;
        double shrinkage, k1, b;
        int64_t kept;
    } cases[] = {{"similarity=cosine shrinkage=0 neighbours=0", 0, 0, 0, 0, 0}, {"similarity=cosine neighbours=7 shrinkage=5", 0, 5, 0, 0, 7},
                 {"similarity=tf-idf neighbours=0 shrinkage=2.5", 1, 2.5, 0, 0, 0}, {"shrinkage=0 neighbours=1", 1, 0, 0, 0, 1},
                 {"similarity=bm25 shrinkage=0 neighbours=0", 2, 0, 1.2, 0.2, 0},
                 {"similarity=bm25 shrinkage=0 bm25-k1=3 bm25-b=0.75 neighbours=10", 2, 0, 3, 0.75, 10}};
    for (int weighted = 0; weighted < 2; weighted++) {
        tamis_log *log = random_log(60, 45, weighted, 5);
        for (size_t k = 0; k < BASE_COUNT(cases); k++) {
            tamis_model *model = train(log, "itemknn", cases[k].options);
            double *b = nearest(log, cases[k].kind, cases[k].shrinkage, cases[k].k1, cases[k].b);
            same_rows(model, b, cases[k].kept, 2e-5, cases[k].options);
            free(b);
            tamis_model_free(model);
        }
        tamis_log_free(log);
    }
}
END_TEST

/* within a tile, in two tiles, and with only some entries kept */
START_TEST(linear_model)
{
    const int64_t items[] = {40, 300};
    for (int k = 0; k < 4; k++) {
        tamis_log *log = random_log(80, items[k % 2], k > 1, 7);
        double *b = linear(log, 20);
        tamis_model *model = train(log, "ease", "regularization=20 neighbours=0"), *thin = train(log, "ease", "regularization=20 neighbours=9");
        same_rows(model, b, 0, 2e-5, "ease");
        same_rows(thin, b, 9, 2e-5, "ease, 9 neighbours");
        free(b);
        tamis_model_free(model);
        tamis_model_free(thin);
        tamis_log_free(log);
    }
}
END_TEST

/* A A⁻¹ = 1 of a random positive definite matrix over three tiles; the same bits in every tier, for any number of threads. */
START_TEST(inverse_in_tiles)
{
    enum { N = 600, WIDTH = 40 };
    double *a = calloc((size_t)N * N, sizeof *a), *x = calloc((size_t)N * WIDTH, sizeof *x);
    float *first = NULL;
    base_stream s = base_stream_key(2, BASE_FOR_START, 0, 0);
    for (int k = 0; k < N * WIDTH; k++) x[k] = base_normal(&s);
    for (int i = 0; i < N; i++)
        for (int j = 0; j <= i; j++) {
            double sum = i == j ? 10 + i % 7 : 0;
            for (int k = 0; k < WIDTH; k++) sum += x[i * WIDTH + k] * x[j * WIDTH + k];
            a[i * N + j] = a[j * N + i] = (double)(float)sum;
        }
    const kernel_tier *tier;
    const int threads[] = {1, 2, 5};
    for (size_t t = 0; (tier = kernel_list(t)); t++)
        for (size_t n = 0; n < (t ? 1 : BASE_COUNT(threads)); n++) {
            inverse_matrix m;
            ck_assert_int_eq(inverse_new(N, &m, &error), TAMIS_OK);
            for (int64_t i = 0; i < N; i++)
                for (int64_t j = 0; j <= i; j++) *inverse_at(&m, i, j) = (float)a[i * N + j];
            ck_assert_msg(inverse_make(&m, tier, threads[n], NULL, &error) == TAMIS_OK, "%s", error.text);
            float *lower = calloc((size_t)N * N, sizeof *lower);
            for (int64_t i = 0; i < N; i++)
                for (int64_t j = 0; j <= i; j++) lower[i * N + j] = *inverse_at(&m, i, j);
            if (first) {
                ck_assert_msg(memcmp(first, lower, (size_t)N * N * sizeof *lower) == 0, "%s, %d threads", tier->name, threads[n]);
                free(lower);
            } else {
                first = lower;
            }
            inverse_free(&m);
        }
    invert(a, N);
    for (int i = 0; i < N; i++)
        for (int j = 0; j <= i; j++)
            ck_assert_msg(fabs((double)first[i * N + j] + a[i * N + j]) < 1e-5, "(%d, %d): %g, expected %g", i, j, (double)first[i * N + j],
                          -a[i * N + j]);
    inverse_matrix m;
    ck_assert_int_eq(inverse_new(3, &m, &error), TAMIS_OK);
    for (int64_t i = 0; i < 3; i++) *inverse_at(&m, i, i) = i == 2 ? -1 : 1;
    ck_assert_int_eq(inverse_make(&m, kernel_choose(), 1, NULL, &error), TAMIS_DIVERGED);
    inverse_free(&m);
    free(first);
    free(a);
    free(x);
}
END_TEST

/* Lists and ranks against scores that are summed in double; all ways of evaluating ask for the same scores. */
START_TEST(scores_and_ranks)
{
    static const char *const methods[][2] = {{"pop", ""}, {"itemknn", "neighbours=10"}, {"ease", "regularization=30"}};
    tamis_log *log = random_log(90, 70, true, 3), *test = random_log(90, 70, false, 4);
    for (size_t m = 0; m < BASE_COUNT(methods); m++) {
        tamis_model *model = train(log, methods[m][0], methods[m][1]);
        int64_t users[90];
        static tamis_hit hits[90 * 70], more[90 * 70];
        for (int64_t u = 0; u < 90; u++) users[u] = u;
        ck_assert_int_eq(tamis_recommend(model, users, 90, 70, 1, hits, &error), TAMIS_OK);
        ck_assert_int_eq(tamis_recommend(model, users, 90, 70, 3, more, &error), TAMIS_OK);
        ck_assert(memcmp(hits, more, sizeof hits) == 0);
        double reciprocal = 0;
        int64_t counted = 0;
        for (int64_t u = 0; u < 90; u++) {
            const tamis_hit *list = hits + u * 70;
            int64_t first = 0;
            for (int64_t k = 0; k < 70 && list[k].item >= 0; k++) {
                ck_assert(!is_in(log->matrix, u, list[k].item));
                const double s = score_of(model, log, u, list[k].item);
                ck_assert_msg(fabs((double)list[k].score - s) < 1e-4 * (1 + fabs(s)), "%s: %g, expected %g", methods[m][0], (double)list[k].score, s);
                ck_assert(k == 0 || list[k].score < list[k - 1].score || (list[k].score == list[k - 1].score && list[k].item > list[k - 1].item));
                if (!first && is_in(test->matrix, u, list[k].item)) first = k + 1;
            }
            counted += test->matrix->start[u + 1] > test->matrix->start[u];
            if (first) reciprocal += 1 / (double)first;
        }
        static const char *const ways[] = {"all", "listed", "sampled:100"};
        for (size_t w = 0; w < BASE_COUNT(ways); w++) { /* by the best items, by counting, from lists: the same first rank */
            tamis_evaluate_options e;
            tamis_evaluation *evaluation;
            tamis_evaluate_options_default(&e);
            e.metrics = w ? "mrr" : "mrr,auc"; /* auc asks for all ranks */
            e.cutoffs = "70";
            e.candidates = ways[w];
            e.mask_training = TAMIS_MASK_TRAINING_YES;
            const tamis_status status = tamis_evaluate(model, test, NULL, 0, &e, &evaluation, &error);
            if (w == 1) { /* needs a labelled log */
                ck_assert_int_eq(status, TAMIS_USAGE);
                continue;
            }
            ck_assert_msg(status == TAMIS_OK, "%s", error.text);
            ck_assert_double_eq_tol(tamis_evaluation_mean(evaluation, 0), reciprocal / (double)counted, 1e-12);
            tamis_evaluation_free(evaluation);
        }
        tamis_metrics metrics;
        ck_assert_int_eq(tamis_measure(model, test, 70, 2, &metrics, &error), TAMIS_OK);
        ck_assert_double_eq_tol(metrics.mrr, reciprocal / (double)counted, 1e-12);
        tamis_model_free(model);
    }
    tamis_log_free(log);
    tamis_log_free(test);
}
END_TEST

START_TEST(same_bits_at_any_thread_count)
{
    static const char *const methods[] = {"pop", "itemknn", "ease"};
    tamis_log *log = random_log(100, 300, true, 9);
    for (size_t m = 0; m < BASE_COUNT(methods); m++) {
        tamis_model *one = train(log, methods[m], "threads=1"), *five = train(log, methods[m], "threads=5");
        const matrix *a = one->neighbours.items, *b = five->neighbours.items;
        ck_assert((a != NULL) == (m > 0));
        if (m == 0) {
            ck_assert(memcmp(one->item_bias, five->item_bias, 300 * sizeof(float)) == 0);
        } else {
            ck_assert_int_eq(a->nnz, b->nnz);
            ck_assert(memcmp(a->index, b->index, (size_t)a->nnz * sizeof *a->index) == 0);
            ck_assert(memcmp(one->neighbours.value, five->neighbours.value, (size_t)a->nnz * sizeof(float)) == 0);
        }
        tamis_model_free(one);
        tamis_model_free(five);
    }
    tamis_log_free(log);
}
END_TEST

/* Of a validation part nothing is learnt, and no score is made of it; but it is masked. */
START_TEST(the_history_is_what_was_trained_on)
{
    tamis_log *log = random_log(60, 50, true, 3);
    tamis_model *whole = train(log, "itemknn", ""), *part = train(log, "itemknn", "validation-ratio=0.3");
    ck_assert_ptr_eq(whole->neighbours.history, whole->seen);
    ck_assert_int_lt(part->neighbours.history->nnz, log->matrix->nnz);
    ck_assert_int_eq(part->seen->nnz, log->matrix->nnz);
    tamis_split_options split;
    tamis_split_options_default(&split);
    split.test_ratio = 0;
    split.validation_ratio = 0.3;
    tamis_log *train_part;
    ck_assert_int_eq(tamis_log_split(log, &split, &train_part, NULL, NULL, &error), TAMIS_OK);
    tamis_hit hit[50];
    for (int64_t u = 0; u < 60; u++) {
        ck_assert_int_eq(tamis_recommend(part, &u, 1, 50, 1, hit, &error), TAMIS_OK);
        for (int k = 0; k < 50 && hit[k].item >= 0; k++) {
            ck_assert(!is_in(log->matrix, u, hit[k].item));
            ck_assert_double_eq_tol((double)hit[k].score, score_of(part, train_part, u, hit[k].item), 1e-4);
        }
    }
    tamis_log_free(train_part);
    tamis_model_free(whole);
    tamis_model_free(part);
    tamis_log_free(log);
}
END_TEST

START_TEST(model_file)
{
    static const char *const methods[][2] = {{"pop", ""}, {"itemknn", "validation-ratio=0.2"}, {"ease", ""}};
    char path[] = "/tmp/tamis-items-XXXXXX";
    ck_assert_int_ge(close(mkstemp(path)), 0);
    tamis_log *log = random_log(60, 50, true, 3);
    for (size_t m = 0; m < BASE_COUNT(methods); m++) {
        tamis_model *model = train(log, methods[m][0], methods[m][1]), *loaded[3];
        const char *const ids[] = {"7", "nobody", "3"};
        const size_t lengths[] = {1, 6, 1};
        const tamis_user_list list = {ids, lengths, 3};
        const int64_t users[] = {0, 7, 59};
        tamis_hit hit[3 * 20], again[3 * 20];
        ck_assert_int_eq(tamis_recommend(model, users, 3, 20, 1, hit, &error), TAMIS_OK);
        ck_assert_int_eq(tamis_model_save(model, path, &error), TAMIS_OK);
        ck_assert_msg(tamis_model_load(path, &loaded[0], &error) == TAMIS_OK, "%s", error.text);
        ck_assert_int_eq(tamis_model_load_copy(path, &loaded[1], &error), TAMIS_OK);
        ck_assert_msg(tamis_model_load_users(path, &list, &loaded[2], &error) == TAMIS_OK, "%s", error.text);
        tamis_model_free(model);
        for (int k = 0; k < 3; k++) {
            const int64_t row = tamis_model_find_user(loaded[k], "7", 1);
            ck_assert_int_eq(tamis_recommend(loaded[k], &row, 1, 20, 1, again, &error), TAMIS_OK);
            ck_assert(memcmp(hit + 20, again, 20 * sizeof *hit) == 0);
            if (k < 2) ck_assert_int_eq(tamis_recommend(loaded[k], users, 3, 20, 1, again, &error), TAMIS_OK);
            if (k < 2) ck_assert(memcmp(hit, again, sizeof hit) == 0);
            tamis_model_free(loaded[k]);
        }
    }
    unlink(path);
    tamis_log_free(log);
}
END_TEST

static void refused(const tamis_log *log, const char *name, const char *text, tamis_status expected, const char *words)
{
    const tamis_train_options o = options_of(name, text);
    tamis_model *model;
    const tamis_status status = tamis_train(log, NULL, &o, NULL, &model, NULL, &error);
    ck_assert_msg(status == expected && strstr(error.text, words), "%s %s: %d %s", name, text, (int)status, error.text);
    ck_assert_ptr_null(model);
}

typedef struct asking {
    int asked, stop_at; /* 0: never */
} asking;

static int ask(void *context)
{
    asking *a = context;
    return ++a->asked == a->stop_at;
}

/* Stopped at any time there is no model, since half a matrix is none. */
START_TEST(stopped_is_nothing)
{
    static const char *const methods[] = {"itemknn", "ease"};
    tamis_log *log = random_log(600, 700, false, 3);
    for (size_t m = 0; m < BASE_COUNT(methods); m++) {
        asking a = {0, 0};
        const tamis_stop stop = {&a, ask};
        tamis_train_options o = options_of(methods[m], "threads=1");
        tamis_model *model;
        o.stop = &stop;
        ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &model, NULL, &error), TAMIS_OK);
        tamis_model_free(model);
        const int most = a.asked, at[] = {1, 2, (most + 2) / 2, most};
        ck_assert_int_gt(most, 2);
        for (size_t k = 0; k < BASE_COUNT(at); k++) {
            a = (asking){0, at[k]};
            ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &model, NULL, &error), TAMIS_STOPPED);
            ck_assert_ptr_null(model);
            ck_assert_int_eq(a.asked, at[k]);
        }
    }
    tamis_log_free(log);
}
END_TEST

START_TEST(refusals)
{
    tamis_log *log = random_log(600, 1000, false, 3);
    refused(log, "ease", "memory=1", TAMIS_USAGE, "--memory is 1 MB");
    refused(log, "ease", "regularization=0", TAMIS_USAGE, "above 0");
    refused(log, "ease", "regularization=1e300", TAMIS_DIVERGED, "--regularization");
    refused(log, "ease", "factors=8", TAMIS_USAGE, "--factors has no effect on ease; leave it out");
    refused(log, "ease", "epochs=2", TAMIS_USAGE, "--epochs");
    refused(log, "pop", "regularization=1", TAMIS_USAGE, "--regularization");
    refused(log, "itemknn", "item-bias=1", TAMIS_USAGE, "--item-bias");
    refused(log, "itemknn", "learning-rate=1", TAMIS_USAGE, "--learning-rate");
    refused(log, "itemknn", "bm25-b=0.5", TAMIS_USAGE, "--similarity bm25");
    tamis_log_free(log);
}
END_TEST

Suite *items_suite(void)
{
    Suite *suite = suite_create("items");
    TCase *tests = tcase_create("items");
    tcase_add_test(tests, by_hand);
    tcase_add_test(tests, nearest_neighbours);
    tcase_add_test(tests, linear_model);
    tcase_add_test(tests, inverse_in_tiles);
    tcase_add_test(tests, scores_and_ranks);
    tcase_add_test(tests, same_bits_at_any_thread_count);
    tcase_add_test(tests, the_history_is_what_was_trained_on);
    tcase_add_test(tests, model_file);
    tcase_add_test(tests, stopped_is_nothing);
    tcase_add_test(tests, refusals);
    suite_add_tcase(suite, tests);
    return suite;
}
