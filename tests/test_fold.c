/* Fold-in: against normal equations and gradient descent written out here, and against the users of the model themselves. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/random.h"
#include "data/log.h"
#include "method/method.h"
#include "model/model.h"
#include "suites.h"

static _Thread_local tamis_error error;

enum { USERS = 80, ITEMS = 60, OWN = 14, D = 6 };

/* User u likes the even or the odd items, like u itself; of these 30 it has 14. weights: 1 to 3 each. */
static tamis_log *two_kinds(bool weights)
{
    static int32_t user[USERS * OWN], item[USERS * OWN];
    static float weight[USERS * OWN];
    tamis_log *log;
    tamis_log_arrays a;
    tamis_log_arrays_default(&a);
    for (int32_t u = 0; u < USERS; u++) {
        int32_t order[ITEMS / 2];
        base_stream s = {(uint64_t)u * 91 + 3};
        base_shuffle(&s, order, ITEMS / 2);
        for (int k = 0; k < OWN; k++) {
            user[a.count] = u;
            item[a.count] = 2 * order[k] + u % 2;
            weight[a.count++] = (float)(1 + (u + k) % 3);
        }
    }
    a.users = USERS;
    a.items = ITEMS;
    a.user = user;
    a.item = item;
    a.weight = weights ? weight : NULL;
    ck_assert_int_eq(tamis_log_from_arrays(&a, &log, &error), TAMIS_OK);
    return log;
}

static void options_of(const char *name, tamis_train_options *o)
{
    ck_assert_int_eq(tamis_train_options_default(o, name, &error), TAMIS_OK);
    if (method_find(name)->trainer != METHOD_BY_ITEMS) o->factors = D;
    if (o->epochs > 60) o->epochs = 60;
    o->threads = 1;
}

static tamis_model *train(const tamis_log *log, const tamis_train_options *o)
{
    tamis_model *model;
    const tamis_status status = tamis_train(log, NULL, o, NULL, &model, NULL, &error);
    ck_assert_msg(status == TAMIS_OK, "%s", error.text);
    return model;
}

static tamis_model *fold(const tamis_model *model, const int32_t *item, int64_t count, const float *weight)
{
    tamis_history h;
    tamis_model *user;
    tamis_history_default(&h);
    h.item = item;
    h.count = count;
    h.weight = weight;
    h.id = "somebody";
    h.id_length = 8;
    const tamis_status status = tamis_model_fold_in(model, &h, &user, &error);
    ck_assert_msg(status == TAMIS_OK, "%s", error.text);
    ck_assert_int_eq(tamis_model_users(user), 1);
    return user;
}

static int32_t own_items(int kind, int32_t *item) /* ten of a kind, not in order */
{
    for (int32_t k = 0; k < 10; k++) item[k] = (k * 7 % 10) * 6 + kind;
    return 10;
}

/* Gauss-Jordan with pivots. */
static void solve(double a[D][D + 1])
{
    for (int c = 0; c < D; c++) {
        int pivot = c;
        for (int r = c; r < D; r++)
            if (fabs(a[r][c]) > fabs(a[pivot][c])) pivot = r;
        for (int k = 0; k <= D; k++) {
            const double swap = a[c][k];
            a[c][k] = a[pivot][k];
            a[pivot][k] = swap;
        }
        for (int r = 0; r < D; r++) {
            const double by = a[r][c] / a[c][c];
            for (int k = 0; k <= D && r != c; k++) a[r][k] -= by * a[c][k];
        }
    }
    for (int r = 0; r < D; r++) a[r][D] /= a[r][r];
}

/* ials: (α Σ_all q q' + Σ_H c q q' + λ (Σ c + α N)^ν I) p = Σ_H c q; dislikes weigh 1 - α beside the α of every pair, with y = 0. */
static void check_ials(bool dislikes)
{
    tamis_log *log = two_kinds(true);
    tamis_train_options o;
    tamis_history h;
    tamis_model *user;
    int32_t item[10];
    const int32_t no[2] = {1, 7};
    float weight[10];
    double a[D][D + 1] = {{0}}, sum = 0;
    size_t stride;
    options_of("ials", &o);
    o.param[0].real = 0.2;
    o.param[1].real = 0.5;
    o.regularization = 0.3;
    o.dislike_share = dislikes ? 0.5 : 0;
    tamis_model *model = train(log, &o);
    const float *q = tamis_model_item_factors(model, &stride);
    tamis_history_default(&h);
    h.count = own_items(0, item);
    h.item = item;
    h.weight = weight;
    h.dislike = no;
    h.dislikes = 2;
    for (int k = 0; k < 10; k++) weight[k] = (float)(1 + k % 4) / 2;
    for (int i = 0; i < ITEMS; i++) {
        double c = 0, y = 1;
        for (int k = 0; k < 10; k++)
            if (item[k] == i) c = (double)weight[k];
        if (dislikes && (i == 1 || i == 7)) {
            c = 0.8;
            y = 0;
        }
        sum += c;
        for (int r = 0; r < D; r++) {
            const double qr = (double)q[(size_t)i * stride + (size_t)r];
            for (int k = 0; k < D; k++) a[r][k] += (0.2 + c) * qr * (double)q[(size_t)i * stride + (size_t)k];
            a[r][D] += c * y * qr;
        }
    }
    for (int r = 0; r < D; r++) a[r][r] += 0.3 * pow(sum + 0.2 * ITEMS, 0.5);
    solve(a);
    ck_assert_int_eq(tamis_model_fold_in(model, &h, &user, &error), TAMIS_OK);
    const float *p = tamis_model_user_factors(user, NULL);
    for (int r = 0; r < D; r++) ck_assert_double_eq_tol((double)p[r], a[r][D], 1e-5);
    tamis_hit hits[ITEMS];
    const int64_t first = 0;
    ck_assert_int_eq(tamis_recommend(user, &first, 1, ITEMS, 1, hits, &error), TAMIS_OK);
    ck_assert(hits[ITEMS - 13].item >= 0 && hits[ITEMS - 12].item == -1); /* without the ten and the two */
    tamis_model_free(user);
    tamis_model_free(model);
    tamis_log_free(log);
}

START_TEST(ials_solves_the_normal_equations)
{
    check_ials(false);
    check_ials(true);
}
END_TEST

/* ials, an item: (α Σ_all p p' + Σ_U c p p' + λ (Σ c + α M)^ν I) q = Σ_U c p over the M users. */
START_TEST(ials_solves_the_normal_equations_of_an_item)
{
    tamis_log *log = two_kinds(true);
    tamis_train_options o;
    tamis_history h;
    int32_t user[10];
    float weight[10], row[16];
    double a[D][D + 1] = {{0}}, sum = 0;
    size_t stride;
    options_of("ials", &o);
    o.param[0].real = 0.2;
    o.param[1].real = 0.5;
    o.regularization = 0.3;
    tamis_model *model = train(log, &o);
    const float *p = tamis_model_user_factors(model, &stride);
    tamis_history_default(&h);
    h.count = own_items(1, user);
    h.item = user;
    h.weight = weight;
    for (int k = 0; k < 10; k++) weight[k] = (float)(1 + k % 4) / 2;
    for (int u = 0; u < USERS; u++) {
        double c = 0;
        for (int k = 0; k < 10; k++)
            if (user[k] == u) c = (double)weight[k];
        sum += c;
        for (int r = 0; r < D; r++) {
            const double pr = (double)p[(size_t)u * stride + (size_t)r];
            for (int k = 0; k < D; k++) a[r][k] += (0.2 + c) * pr * (double)p[(size_t)u * stride + (size_t)k];
            a[r][D] += c * pr;
        }
    }
    for (int r = 0; r < D; r++) a[r][r] += 0.3 * pow(sum + 0.2 * USERS, 0.5);
    solve(a);
    ck_assert_uint_eq(stride, BASE_COUNT(row));
    ck_assert_int_eq(tamis_model_fold_in_item(model, &h, row, NULL, &error), TAMIS_OK);
    for (int r = 0; r < D; r++) ck_assert_double_eq_tol((double)row[r], a[r][D], 1e-5);
    tamis_model_free(model);
    tamis_log_free(log);
}
END_TEST

/* Direction and length of a row of few steps on drawn samples, beside where gradient descent ends. */
static void check_near(const char *name, const float *row, const double *least, double nearest)
{
    double dot = 0, square[2] = {0, 0};
    for (int f = 0; f < D; f++) {
        dot += least[f] * (double)row[f];
        square[0] += least[f] * least[f];
        square[1] += (double)(row[f] * row[f]);
    }
    ck_assert_msg(dot / sqrt(square[0] * square[1]) > nearest, "%s: cosine %g", name, dot / sqrt(square[0] * square[1]));
    ck_assert_msg(fabs(sqrt(square[1] / square[0]) - 1) < 0.15, "%s: %g as long", name, sqrt(square[1] / square[0]));
}

/* bpr's expected loss over one row, n positives against the others alike, with λ/2 |p|² for each sample, by plain gradient
 * descent to its end. */
START_TEST(bpr_comes_to_the_least_loss)
{
    tamis_log *log = two_kinds(false);
    tamis_train_options o;
    int32_t item[10];
    double p[D] = {0};
    size_t stride;
    options_of("bpr", &o);
    o.regularization = 0.05;
    tamis_model *model = train(log, &o), *user;
    const float *q = tamis_model_item_factors(model, &stride), *b = tamis_model_item_bias(model);
    own_items(1, item);
    for (int step = 0; step < 20000; step++) {
        double g[D] = {0};
        for (int k = 0; k < 10; k++)
            for (int j = 0; j < ITEMS; j++) {
                const float *qi = q + (size_t)item[k] * stride, *qj = q + (size_t)j * stride;
                double x = (double)(b[item[k]] - b[j]);
                bool own = false;
                for (int other = 0; other < 10; other++) own = own || item[other] == j;
                for (int f = 0; f < D; f++) x += p[f] * (double)(qi[f] - qj[f]);
                for (int f = 0; f < D && !own; f++) g[f] += (double)(qi[f] - qj[f]) / (1 + exp(x)) / (10 * (ITEMS - 10));
            }
        for (int f = 0; f < D; f++) p[f] += 0.2 * (g[f] - 0.05 * p[f]);
    }
    user = fold(model, item, 10, NULL);
    const float *mine = tamis_model_user_factors(user, NULL);
    check_near("bpr", mine, p, 0.98);
    tamis_model_free(user);
    tamis_model_free(model);
    tamis_log_free(log);
}
END_TEST

static bool has(const tamis_log *log, int64_t user, int32_t item)
{
    int64_t n;
    const int32_t *own = tamis_log_row(log, user, &n);
    for (int64_t k = 0; k < n; k++)
        if (own[k] == item) return true;
    return false;
}

/* A new item's expected loss in an epoch of bpr, by plain gradient descent to its end: its ten users each against all that the user has
 * not got, alike; and each interaction of others against it, which is one of the items that the user has not got. λ/2 |q|² each time. */
START_TEST(bpr_comes_to_the_least_loss_of_an_item)
{
    tamis_log *log = two_kinds(false);
    tamis_train_options o;
    tamis_history h;
    int32_t user[10];
    double q[D] = {0};
    float row[16], bias;
    size_t stride;
    options_of("bpr", &o);
    o.regularization = 0.02;
    tamis_model *model = train(log, &o);
    const float *p = tamis_model_user_factors(model, &stride), *items = tamis_model_item_factors(model, NULL), *b = tamis_model_item_bias(model);
    tamis_history_default(&h);
    h.count = own_items(1, user);
    h.item = user;
    ck_assert_int_eq(tamis_model_fold_in_item(model, &h, row, &bias, &error), TAMIS_OK);
    const double unseen = ITEMS - OWN, times = 1.0 / (ITEMS + 1 - OWN);
    for (int step = 0; step < 4000; step++) {
        double g[D] = {0};
        for (int u = 0; u < USERS; u++) {
            const float *pu = p + (size_t)u * stride;
            double score = (double)bias, pull = 0;
            bool mine = false;
            for (int k = 0; k < 10; k++) mine = mine || user[k] == u;
            for (int f = 0; f < D; f++) score += (double)pu[f] * q[f];
            for (int32_t i = 0; i < ITEMS; i++) {
                double other = (double)b[i];
                for (int f = 0; f < D; f++) other += (double)(pu[f] * items[(size_t)i * stride + (size_t)f]);
                if (mine && !has(log, u, i)) pull += 1 / (1 + exp(score - other)) / unseen;
                if (!mine && has(log, u, i)) pull -= times / (1 + exp(other - score));
            }
            for (int f = 0; f < D; f++) g[f] += pull * (double)pu[f] / 10;
        }
        /* as a positive ten times in an epoch, as a negative for 70 users with 14 interactions each */
        for (int f = 0; f < D; f++) q[f] += 0.2 * (g[f] - o.regularization * (10 + 70 * OWN * times) / 10 * q[f]);
    }
    check_near("bpr", row, q, 0.97);
    tamis_model_free(model);
    tamis_log_free(log);
}
END_TEST

/* softmax without bias: the item's ten users, whose loss is -c/τ1 but for what they draw; and for each interaction of others, with 32
 * negatives of which one is the item as often as chance has it, ln (e^{c/τ1} + 31 of the others' mean). On the sphere. Those others are sampled once,
 * 128 of 980: the cosine was .89 with 32 of them, .96 with 256, above .97 with 1024. */
START_TEST(softmax_comes_to_the_least_loss_of_an_item)
{
    tamis_log *log = two_kinds(false);
    tamis_train_options o;
    tamis_history h;
    int32_t user[10];
    double q[D] = {1};
    float row[16];
    size_t stride;
    options_of("softmax", &o);
    o.item_bias = 0;
    o.param[0].real = 0.5;
    tamis_model *model = train(log, &o);
    const float *p = tamis_model_user_factors(model, &stride), *items = tamis_model_item_factors(model, NULL);
    tamis_history_default(&h);
    h.count = own_items(1, user);
    h.item = user;
    ck_assert_int_eq(tamis_model_fold_in_item(model, &h, row, NULL, &error), TAMIS_OK);
    for (int step = 0; step < 4000; step++) {
        double g[D] = {0}, square = 0;
        for (int u = 0; u < USERS; u++) {
            const float *pu = p + (size_t)u * stride;
            double score = 0, sum = 0;
            bool mine = false;
            for (int k = 0; k < 10; k++) mine = mine || user[k] == u;
            for (int f = 0; f < D; f++) score += (double)pu[f] * q[f] / 0.5;
            for (int32_t i = 0; i < ITEMS; i++) {
                double other = 0;
                for (int f = 0; f < D; f++) other += (double)(pu[f] * items[(size_t)i * stride + (size_t)f]) / 0.5;
                sum += has(log, u, i) ? 0 : exp(other); /* own ones are left out */
            }
            const double of_item = exp(score) / (exp(score) + 31 * sum / ITEMS);
            const double pull = mine ? 1 / 0.5 : -OWN * 32.0 / (ITEMS + 1) * of_item / 0.5;
            for (int f = 0; f < D; f++) g[f] += pull * (double)pu[f] / 10;
        }
        for (int f = 0; f < D; f++) q[f] += 0.05 * g[f];
        for (int f = 0; f < D; f++) square += q[f] * q[f];
        for (int f = 0; f < D; f++) q[f] /= sqrt(square);
    }
    check_near("softmax", row, q, 0.92);
    tamis_model_free(model);
    tamis_log_free(log);
}
END_TEST

/* How far the items of the user's kind that it has not got score above those of the other kind, in the mean. */
static double lead(const tamis_model *user, int64_t row, int kind)
{
    tamis_hit hits[ITEMS];
    double sum[2] = {0}, n[2] = {0};
    ck_assert_int_eq(tamis_recommend(user, &row, 1, ITEMS, 1, hits, &error), TAMIS_OK);
    for (int k = 0; k < ITEMS && hits[k].item >= 0; k++) {
        ck_assert(isfinite(hits[k].score));
        sum[hits[k].item % 2] += (double)hits[k].score;
        n[hits[k].item % 2]++;
    }
    return sum[kind] / n[kind] - sum[!kind] / n[!kind];
}

/* Each method finds out of which kind a new user is, in any order of the items and with weights; the same bits again; the model may
 * be freed first, and is not changed. */
START_TEST(every_method_folds_in)
{
    tamis_log *log = two_kinds(false);
    const method *m;
    for (size_t at = 0; (m = method_get(at)); at++) {
        tamis_train_options o;
        int32_t item[10], turned[12];
        float weight[12];
        options_of(m->name, &o);
        tamis_model *model = train(log, &o);
        own_items(1, item);
        for (int k = 0; k < 10; k++) {
            turned[k] = item[9 - k];
            weight[k] = 2.5f;
        }
        tamis_model *user = fold(model, item, 10, NULL), *again = fold(model, turned, 10, NULL), *weighed = fold(model, item, 10, weight);
        const float *p = tamis_model_user_factors(user, NULL), *same = tamis_model_user_factors(again, NULL);
        if (p) ck_assert_msg(memcmp(p, same, (size_t)D * sizeof *p) == 0, "%s: other bits", m->name);
        const int64_t factors = tamis_model_factors(model);
        double known = strcmp(m->name, "pop") == 0 ? 0 : (lead(model, 1, 1) + lead(model, 3, 1) + lead(model, 5, 1)) / 3;
        tamis_model_free(model);
        const double by = lead(user, 0, 1), with_weights = lead(weighed, 0, 1);
        if (known < 0.1) known = -(double)INFINITY; /* by its defaults the method learns little of so small a log */
        ck_assert_msg(by >= 0.3 * known && with_weights >= 0.3 * known, "%s: %g and %g of %g", m->name, by, with_weights, known);
        ck_assert_int_eq(tamis_model_factors(user), factors);
        int64_t n;
        const int32_t *seen = tamis_model_row(user, 0, &n);
        ck_assert_int_eq(n, 10);
        for (int k = 1; k < 10; k++) ck_assert(seen[k - 1] < seen[k]);
        tamis_model_free(user);
        tamis_model_free(again);
        tamis_model_free(weighed);
    }
    tamis_log_free(log);
}
END_TEST

/* A log of rows (user, item) whose ids are "n" and a number for new users; plain numbers are the model's own. */
static tamis_log *history_of(const int (*row)[2], int count)
{
    static char text[64][8];
    static const char *user_id[64], *item_id[64];
    int32_t user[64], item[64];
    tamis_log_arrays a;
    tamis_log *log;
    tamis_log_arrays_default(&a);
    for (int k = 0; k < count; k++) {
        user[k] = item[k] = -1;
        for (int j = 0; j < k; j++) {
            if (row[j][0] == row[k][0]) user[k] = user[j];
            if (row[j][1] == row[k][1]) item[k] = item[j];
        }
        if (user[k] < 0) {
            snprintf(text[k], sizeof *text, row[k][0] >= USERS ? "n%d" : "%d", row[k][0]);
            user[k] = (int32_t)a.users;
            user_id[a.users++] = text[k];
        }
        if (item[k] < 0) {
            snprintf(text[32 + k], sizeof *text, "%d", row[k][1]);
            item[k] = (int32_t)a.items;
            item_id[a.items++] = text[32 + k];
        }
    }
    a.count = count;
    a.user = user;
    a.item = item;
    a.user_id = user_id;
    a.item_id = item_id;
    ck_assert_msg(tamis_log_from_arrays(&a, &log, &error) == TAMIS_OK, "%s", error.text);
    return log;
}

/* New users, news of a known one, an item that nobody knows, a user of whom nothing is left; at one thread and four. */
START_TEST(a_log_is_folded_in)
{
    static const int rows[][2] = {{90, 0}, {90, 2}, {90, 4}, {4, 1}, {4, 3}, {91, 1}, {91, 999}, {92, 999}, {91, 5}};
    tamis_log *log = two_kinds(false), *history = history_of(rows, BASE_COUNT(rows));
    tamis_train_options o;
    options_of("bpr", &o);
    tamis_model *model = train(log, &o), *folded[2];
    tamis_fold_options how;
    tamis_fold_report told;
    tamis_fold_options_default(&how);
    for (int k = 0; k < 2; k++) {
        how.threads = k ? 4 : 1;
        ck_assert_msg(tamis_model_fold_in_log(model, history, &how, &folded[k], &told, &error) == TAMIS_OK, "%s", error.text);
    }
    ck_assert_int_eq(told.users, 3);
    ck_assert_int_eq(told.new_users, 2);
    int64_t had = 0, has, n;
    const int32_t *before = tamis_model_row(model, 4, &had);
    for (int64_t k = 0; k < had; k++) ck_assert(before[k] % 2 == 0);
    (void)tamis_model_row(folded[0], 4, &has);
    ck_assert_int_eq(has, had + 2);
    ck_assert_int_eq(told.rows, 3 + had + 2 + 2);
    ck_assert_int_eq(told.unknown_items, 1);
    ck_assert_int_eq(told.unknown_rows, 2);
    ck_assert_int_eq(told.left_users, 1);
    ck_assert_int_eq(tamis_model_users(folded[0]), USERS + 2);
    ck_assert_int_eq(tamis_model_find_user(folded[0], "n92", 3), -1);
    size_t stride;
    const float *p = tamis_model_user_factors(model, &stride), *a = tamis_model_user_factors(folded[0], NULL),
                *b = tamis_model_user_factors(folded[1], NULL);
    ck_assert(memcmp(a, b, (USERS + 2) * stride * sizeof *a) == 0);
    ck_assert(memcmp(a, p, 4 * stride * sizeof *a) == 0 && memcmp(a + 5 * stride, p + 5 * stride, (USERS - 5) * stride * sizeof *a) == 0);
    ck_assert(memcmp(a + 4 * stride, p + 4 * stride, stride * sizeof *a) != 0);
    /* one of them alone comes to the same bits */
    const int32_t item[] = {4, 0, 2, 0};
    tamis_history h;
    tamis_model *user;
    tamis_history_default(&h);
    h.item = item;
    h.count = 4;
    h.id = "n90";
    h.id_length = 3;
    ck_assert_int_eq(tamis_model_fold_in(model, &h, &user, &error), TAMIS_OK);
    ck_assert(memcmp(tamis_model_user_factors(user, NULL), a + USERS * stride, stride * sizeof *a) == 0);
    (void)tamis_model_row(user, 0, &n);
    ck_assert_int_eq(n, 3);
    tamis_model_free(user);
    tamis_model_free(folded[0]);
    tamis_model_free(folded[1]);
    tamis_model_free(model);
    tamis_log_free(history);
    tamis_log_free(log);
}
END_TEST

typedef struct asked {
    const tamis_model *model;
    float row[16];
} asked;

static void *ask(void *context)
{
    asked *a = context;
    int32_t item[10];
    own_items(0, item);
    tamis_model *user = fold(a->model, item, 10, NULL);
    memcpy(a->row, tamis_model_user_factors(user, NULL), sizeof a->row);
    tamis_model_free(user);
    return NULL;
}

START_TEST(threads_fold_in_side_by_side)
{
    tamis_log *log = two_kinds(false);
    tamis_train_options o;
    pthread_t thread[8];
    asked a[8];
    options_of("softmax", &o);
    tamis_model *model = train(log, &o);
    for (int k = 0; k < 8; k++) {
        a[k].model = model;
        ck_assert_int_eq(pthread_create(&thread[k], NULL, ask, &a[k]), 0);
    }
    for (int k = 0; k < 8; k++) pthread_join(thread[k], NULL);
    for (int k = 1; k < 8; k++) ck_assert(memcmp(a[0].row, a[k].row, sizeof a[k].row) == 0);
    tamis_model_free(model);
    tamis_log_free(log);
}
END_TEST

/* A model file may come from anybody: options that no training takes are refused, nothing that is no file is read, nothing is written. */
START_TEST(notes_of_a_strange_model)
{
    static const struct {
        const char *method, *name, *value, *words;
    } notes[] = {
        {"bpr", "negative-sampling", "uoiform", "there is no sampler \"uoiform\""},
        {"bpr", "positive-sampling", "", NULL}, /* as if it had none */
        {"bpr", "positive-sampling", "?", "there is no sampler \"?\""},
        {"bpr", "regularization", "auto", "leave open what the training found from the log: regularization"},
        {"bpr", "pairs", "all", "needs a pointwise method"},
        {"bpr", "factors", "7", "does not hold what bpr trains"},
        {"bpr", "item-bias", "0", "does not hold what bpr trains"},
        {"nbpo", "flip-factors", "3", "does not hold what nbpo trains"},
        {"relmf", "propensity", "/dev/zero", "/dev/zero, which is no regular file"},
        {"bpr", "epochs", "many", NULL}, /* not understood, and passed over */
    };
    tamis_log *log = two_kinds(false);
    tamis_train_options o;
    tamis_history h;
    const int32_t item[] = {1, 2};
    tamis_history_default(&h);
    h.item = item;
    h.count = 2;
    for (size_t k = 0; k < BASE_COUNT(notes); k++) {
        tamis_model *folded = NULL;
        tamis_trainer *trainer = NULL;
        options_of(notes[k].method, &o);
        o.epochs = 1;
        tamis_model *model = train(log, &o);
        ck_assert(model_add_note(model, notes[k].name, notes[k].value));
        const tamis_status status = tamis_model_fold_in(model, &h, &folded, &error);
        ck_assert_int_eq(status, notes[k].words ? TAMIS_DATA : TAMIS_OK);
        ck_assert_msg(!notes[k].words || strstr(error.text, notes[k].words), "%s", error.text);
        ck_assert_int_eq(tamis_trainer_from_model(model, log, NULL, NULL, TAMIS_FREEZE_NONE, &trainer, &error), status);
        tamis_trainer_free(trainer);
        tamis_model_free(folded);
        tamis_model_free(model);
    }
    tamis_log_free(log);
}
END_TEST

/* Item-item: a new user with a known one's history has its scores. */
START_TEST(item_item_models_fold_in)
{
    static const char *const methods[] = {"itemknn", "ease", "pop"};
    tamis_log *log = two_kinds(false);
    for (size_t m = 0; m < BASE_COUNT(methods); m++) {
        tamis_train_options o;
        tamis_hit hits[2][ITEMS];
        const int64_t row[2] = {5, 0};
        int64_t n;
        options_of(methods[m], &o);
        tamis_model *model = train(log, &o);
        const int32_t *item = tamis_log_row(log, 5, &n);
        tamis_model *user = fold(model, item, n, NULL);
        ck_assert_int_eq(tamis_recommend(model, &row[0], 1, ITEMS, 1, hits[0], &error), TAMIS_OK);
        ck_assert_int_eq(tamis_recommend(user, &row[1], 1, ITEMS, 1, hits[1], &error), TAMIS_OK);
        for (int k = 0; k < ITEMS; k++)
            ck_assert(hits[0][k].item == hits[1][k].item && (hits[0][k].item < 0 || hits[0][k].score == hits[1][k].score));
        tamis_model_free(user);
        tamis_model_free(model);
    }
    tamis_log_free(log);
}
END_TEST

/* Popularity stays that of the log that was trained on, whatever is folded in; a user without items gets it. */
START_TEST(histories_are_not_counted)
{
    static const int rows[][2] = {{90, 59}, {91, 59}, {92, 59}, {93, 59}, {94, 59}, {95, 59}, {96, 59}, {97, 59}};
    tamis_log *log = two_kinds(false), *history = history_of(rows, BASE_COUNT(rows));
    tamis_train_options o;
    tamis_hit hits[2][5];
    const int64_t unknown = -1, first = 0;
    options_of("ials", &o);
    tamis_model *model = train(log, &o), *folded, *nobody = fold(model, NULL, 0, NULL);
    ck_assert_int_eq(tamis_model_fold_in_log(model, history, NULL, &folded, NULL, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_recommend(model, &unknown, 1, 5, 1, hits[0], &error), TAMIS_OK);
    ck_assert_int_eq(tamis_recommend(folded, &unknown, 1, 5, 1, hits[1], &error), TAMIS_OK);
    ck_assert(memcmp(hits[0], hits[1], sizeof hits[0]) == 0);
    ck_assert_int_eq(tamis_recommend(nobody, &first, 1, 5, 1, hits[1], &error), TAMIS_OK);
    ck_assert(memcmp(hits[0], hits[1], sizeof hits[0]) == 0);
    tamis_model_free(model);
    tamis_model_free(folded);
    tamis_model_free(nobody);
    tamis_log_free(log);
    tamis_log_free(history);
}
END_TEST

static void refuse(const tamis_model *model, const tamis_history *h, const char *words)
{
    tamis_model *user;
    ck_assert_int_eq(tamis_model_fold_in(model, h, &user, &error), TAMIS_USAGE);
    ck_assert(user == NULL);
    ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);
}

static double own_loss(void *context, const tamis_sample *sample, double *derivative)
{
    (void)context;
    *derivative = -1 / (1 + exp(sample->score));
    return log1p(exp(-sample->score));
}

START_TEST(wrong_histories)
{
    static const int strangers[][2] = {{1, 998}, {2, 999}};
    tamis_log *log = two_kinds(false), *history = history_of(strangers, 2), *rest, *held;
    tamis_train_options o;
    tamis_history h;
    tamis_model *folded;
    tamis_loss loss;
    const int32_t high = ITEMS, low = -1, good = 1;
    const float weights[] = {0, -1, NAN, INFINITY};
    options_of("bpr", &o);
    tamis_model *model = train(log, &o);
    tamis_history_default(&h);
    h.count = 1;
    refuse(model, &h, "without an array");
    h.item = &high;
    refuse(model, &h, "item 60");
    h.item = &low;
    refuse(model, &h, "item -1");
    h.item = &good;
    for (size_t k = 0; k < BASE_COUNT(weights); k++) {
        h.weight = &weights[k];
        refuse(model, &h, "weight 0");
    }
    h.weight = NULL;
    h.dislike = &high;
    h.dislikes = 1;
    refuse(model, &h, "item 60");
    ck_assert_int_eq(tamis_model_fold_in_log(model, history, NULL, &folded, NULL, &error), TAMIS_DATA);
    ck_assert(folded == NULL && strstr(error.text, "none of the history's 2 items"));
    tamis_loss_default(&loss);
    loss.name = "mine";
    loss.pairwise = 1;
    loss.call = own_loss;
    o.loss = &loss;
    tamis_model *own = train(log, &o);
    h.dislikes = 0;
    refuse(own, &h, "\"mine\"");
    ck_assert_int_eq(tamis_log_hold_out(log, 0.001, 1, &rest, &held, &error), TAMIS_USAGE);
    ck_assert_int_eq(tamis_log_hold_out(log, NAN, 1, &rest, &held, &error), TAMIS_USAGE);
    ck_assert_int_eq(tamis_log_hold_out(log, 1, 1, &rest, &held, &error), TAMIS_USAGE);
    ck_assert_int_eq(tamis_log_hold_out(log, 0.25, 1, &rest, &held, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_log_interactions(held), USERS / 4 * OWN); /* whole users */
    ck_assert_int_eq(tamis_log_interactions(rest), (USERS - USERS / 4) * OWN);
    tamis_log_free(rest);
    tamis_log_free(held);
    tamis_model_free(own);
    tamis_model_free(model);
    tamis_log_free(log);
    tamis_log_free(history);
}
END_TEST

/* An item that all users have, in a model of one user and in one of two; a user who has all items. */
START_TEST(what_has_everything_folds_in)
{
    static const char *const methods[] = {"bpr", "warp", "bpo", "nbpo", "softmax", "psl", "pld", "ubpr", "t-ce"};
    static const int32_t alone[] = {0, 0}, both[] = {0, 1};
    for (size_t m = 0; m < BASE_COUNT(methods); m++)
        for (int kind = 0; kind < 2; kind++) {
            static const int32_t users[] = {0, 1, 0};
            static const int32_t items[] = {0, 0, 1};
            tamis_train_options o;
            tamis_history h;
            tamis_log *log;
            tamis_model *user;
            tamis_log_arrays a;
            float row[32], bias = 0;
            size_t stride;
            tamis_log_arrays_default(&a);
            a.users = kind ? 2 : 1;
            a.items = 2;
            a.count = kind ? 3 : 1;
            a.user = kind ? users : alone;
            a.item = kind ? items : alone;
            ck_assert_int_eq(tamis_log_from_arrays(&a, &log, &error), TAMIS_OK);
            options_of(methods[m], &o);
            o.epochs = 3;
            tamis_model *model = train(log, &o);
            const float *p = tamis_model_user_factors(model, &stride);
            tamis_history_default(&h);
            h.item = both;
            h.count = a.users;
            ck_assert_msg(tamis_model_fold_in_item(model, &h, row, &bias, &error) == TAMIS_OK, "%s: %s", methods[m], error.text);
            double square = 0;
            for (int k = 0; k < D; k++) {
                ck_assert_msg(isfinite(row[k]), "%s: %g", methods[m], (double)row[k]);
                square += (double)(row[k] * row[k]);
            }
            ck_assert_msg(square > 0 && isfinite(bias) && p, "%s", methods[m]);
            h.count = 2;
            ck_assert_msg(tamis_model_fold_in(model, &h, &user, &error) == TAMIS_OK, "%s: %s", methods[m], error.text);
            p = tamis_model_user_factors(user, NULL);
            for (int k = 0; k < D; k++) ck_assert_msg(isfinite(p[k]), "%s: %g", methods[m], (double)p[k]);
            tamis_model_free(user);
            tamis_model_free(model);
            tamis_log_free(log);
        }
}
END_TEST

/* Users 4 (known) and n90, n91 (new), items 0.. and 60, 61 (new), of which n91 has nothing else. */
static const int news[][2] = {{4, 1}, {90, 0}, {90, 2}, {90, 60}, {1, 60}, {3, 60}, {91, 61}, {4, 0}};

static tamis_trainer *warm(const tamis_model *model, const tamis_log *log, const tamis_train_options *o, int freeze)
{
    tamis_trainer *trainer;
    const tamis_status status = tamis_trainer_from_model(model, log, NULL, o, freeze, &trainer, &error);
    ck_assert_msg(status == TAMIS_OK, "%s", error.text);
    return trainer;
}

static bool same_rows(const float *a, const float *b, int64_t rows, size_t stride)
{
    return memcmp(a, b, (size_t)rows * stride * sizeof *a) == 0;
}

/* The users of item 7, folded in under another name: for users of its kind the twin scores far above items of the other kind, and it is
 * nearer to item 7's kind than to the other. A warm start begins with the same bits. */
START_TEST(an_item_folds_in_near_its_twin)
{
    static const char *const methods[] = {"bpr", "warp", "bpo", "ials", "expomf", "softmax", "nbpo"};
    tamis_log *log = two_kinds(false);
    for (size_t m = 0; m < BASE_COUNT(methods); m++) {
        tamis_train_options o;
        tamis_history h;
        int32_t user[USERS];
        int rows[USERS][2];
        float room[32], bias = 7;
        double score[2] = {0, 0}, twin = 0;
        size_t stride;
        float *row = room + 1 + m % 15; /* wherever the caller has it */
        options_of(methods[m], &o);
        tamis_model *model = train(log, &o);
        const float *p = tamis_model_user_factors(model, &stride), *q = tamis_model_item_factors(model, NULL);
        const float *b = tamis_model_item_bias(model);
        tamis_history_default(&h);
        for (int32_t u = 0; u < USERS; u++) {
            int64_t n;
            const int32_t *own = tamis_log_row(log, u, &n);
            for (int64_t k = 0; k < n; k++)
                if (own[k] == 7) user[h.count++] = u;
        }
        h.item = user;
        h.id = "77";
        h.id_length = 2;
        ck_assert_int_gt(h.count, 3);
        ck_assert_msg(tamis_model_fold_in_item(model, &h, row, &bias, &error) == TAMIS_OK, "%s: %s", methods[m], error.text);
        for (int u = 0; u < USERS; u++)
            for (int k = 0; k < D; k++) {
                score[u % 2] += (double)(p[(size_t)u * stride + (size_t)k] * row[k]) / (USERS / 2);
                twin += (u % 2 ? 1 : -1) * (double)(p[(size_t)u * stride + (size_t)k] * q[7 * stride + (size_t)k]) / (USERS / 2);
            }
        ck_assert_msg(score[1] - score[0] > 0.5 * twin && twin > 0, "%s: %g of %g", methods[m], score[1] - score[0], twin);
        if (!b) ck_assert(bias == 0);
        for (int64_t k = 0; k < h.count; k++) {
            rows[k][0] = user[k];
            rows[k][1] = 77;
        }
        tamis_log *more = history_of((const int (*)[2])rows, (int)h.count);
        tamis_train_options own;
        ck_assert_int_eq(tamis_model_train_options(model, &own, &error), TAMIS_OK);
        for (int threads = 1; threads <= 4; threads += 3) {
            own.threads = threads;
            tamis_trainer *trainer = warm(model, more, &own, TAMIS_FREEZE_NONE);
            const float *now = tamis_model_item_factors(tamis_trainer_model(trainer), NULL);
            ck_assert_msg(same_rows(now + ITEMS * stride, row, 1, stride), "%s: other bits", methods[m]);
            tamis_trainer_free(trainer);
        }
        tamis_log_free(more);
        h.count = 0;
        ck_assert_int_eq(tamis_model_fold_in_item(model, &h, row, NULL, &error), TAMIS_OK);
        for (int k = 0; k < 16; k++) ck_assert(row[k] == 0);
        h.count = -1;
        ck_assert_int_eq(tamis_model_fold_in_item(model, &h, row, NULL, &error), TAMIS_USAGE);
        h.count = 1;
        user[0] = USERS;
        ck_assert_int_eq(tamis_model_fold_in_item(model, &h, row, NULL, &error), TAMIS_USAGE);
        ck_assert(strstr(error.text, "user 80") && strstr(error.text, "users are 0 to 79"));
        tamis_model_free(model);
    }
    tamis_log_free(log);
}
END_TEST

/* Before the first epoch known rows are the model's, new ones are what fold-in gives; then a frozen side stays, and the other does not. */
START_TEST(training_goes_on_from_a_model)
{
    static const char *const methods[] = {"bpr", "ials", "bpo", "nbpo", "warp", "softmax", "bsl"};
    tamis_log *log = two_kinds(false), *more = history_of(news, BASE_COUNT(news));
    for (size_t k = 0; k < BASE_COUNT(methods) * 3; k++) {
        const int freeze = (int)(k % 3);
        tamis_train_options o;
        tamis_epoch epoch;
        tamis_model *grown;
        tamis_train_report report;
        options_of(methods[k / 3], &o);
        o.epochs = 5;
        tamis_model *model = train(log, &o);
        tamis_trainer *trainer = warm(model, more, NULL, freeze);
        const tamis_model *now = tamis_trainer_model(trainer);
        ck_assert_int_eq(tamis_model_users(now), USERS + 2);
        ck_assert_int_eq(tamis_model_items(now), ITEMS + 2);
        int64_t n, had = 0;
        const int32_t *of_4 = tamis_log_row(log, 4, &n);
        for (int64_t at = 0; at < n; at++) had += of_4[at] == 0;
        ck_assert_int_eq(tamis_model_interactions(now), USERS * OWN + 8 - had);
        size_t stride;
        const float *p = tamis_model_user_factors(now, &stride), *q = tamis_model_item_factors(now, NULL);
        ck_assert(same_rows(p, tamis_model_user_factors(model, NULL), USERS, stride));
        ck_assert(same_rows(q, tamis_model_item_factors(model, NULL), ITEMS, stride));
        const int32_t own[] = {0, 2};
        tamis_history h;
        tamis_model *user;
        tamis_history_default(&h);
        h.item = own;
        h.count = 2;
        h.id = "n90";
        h.id_length = 3;
        ck_assert_int_eq(tamis_model_fold_in(model, &h, &user, &error), TAMIS_OK);
        ck_assert(same_rows(p + USERS * stride, tamis_model_user_factors(user, NULL), 1, stride));
        float before = q[ITEMS * stride];
        ck_assert(before != 0 && isfinite(before) && q[(ITEMS + 1) * stride] != 0);
        ck_assert_int_eq(tamis_trainer_epoch(trainer, &epoch, &error), TAMIS_OK);
        ck_assert(same_rows(p, tamis_model_user_factors(model, NULL), USERS, stride) == (freeze == TAMIS_FREEZE_USERS));
        ck_assert(same_rows(q, tamis_model_item_factors(model, NULL), ITEMS, stride) == (freeze == TAMIS_FREEZE_ITEMS));
        ck_assert_int_eq(tamis_trainer_finish(trainer, &grown, &report, &error), TAMIS_OK);
        ck_assert(tamis_model_find_user(grown, "n90", 3) == USERS && tamis_model_find_item(grown, "61", 2) == ITEMS + 1);
        tamis_model_free(user);
        tamis_model_free(grown);
        tamis_model_free(model);
    }
    tamis_log_free(log);
    tamis_log_free(more);
}
END_TEST

/* The same bits on one thread and four; the model may be freed while the trainer lives. */
START_TEST(going_on_does_not_look_at_threads)
{
    tamis_log *log = two_kinds(true), *more = history_of(news, BASE_COUNT(news));
    tamis_model *grown[2];
    size_t stride;
    for (int k = 0; k < 2; k++) {
        tamis_train_options o;
        tamis_epoch epoch;
        options_of("bpr", &o);
        tamis_model *model = train(log, &o);
        ck_assert_int_eq(tamis_model_train_options(model, &o, &error), TAMIS_OK);
        ck_assert(isnan(o.regularization) && isnan(o.user_regularization)); /* "auto", as it was */
        o.threads = k ? 4 : 1;
        o.epochs = 3;
        tamis_trainer *trainer = warm(model, more, &o, TAMIS_FREEZE_NONE);
        tamis_model_free(model);
        while (!tamis_trainer_done(trainer)) ck_assert_int_eq(tamis_trainer_epoch(trainer, &epoch, &error), TAMIS_OK);
        ck_assert_int_eq(tamis_trainer_finish(trainer, &grown[k], NULL, &error), TAMIS_OK);
    }
    const float *a = tamis_model_user_factors(grown[0], &stride), *b = tamis_model_user_factors(grown[1], NULL);
    ck_assert(same_rows(a, b, USERS + 2, stride));
    tamis_model_free(grown[0]);
    tamis_model_free(grown[1]);
    tamis_log_free(log);
    tamis_log_free(more);
}
END_TEST

START_TEST(what_cannot_be_gone_on_with)
{
    tamis_log *log = two_kinds(false);
    tamis_train_options o, other;
    tamis_trainer *trainer;
    options_of("bpr", &o);
    tamis_model *model = train(log, &o);
    options_of("warp", &other);
    ck_assert_int_eq(tamis_trainer_from_model(model, log, NULL, &other, 0, &trainer, &error), TAMIS_USAGE);
    ck_assert(trainer == NULL && strstr(error.text, "the model is of bpr"));
    o.factors = D + 1;
    ck_assert_int_eq(tamis_trainer_from_model(model, log, NULL, &o, 0, &trainer, &error), TAMIS_USAGE);
    o.factors = D;
    o.item_bias = 0;
    ck_assert_int_eq(tamis_trainer_from_model(model, log, NULL, &o, 0, &trainer, &error), TAMIS_USAGE);
    ck_assert_int_eq(tamis_trainer_from_model(model, log, NULL, NULL, 3, &trainer, &error), TAMIS_USAGE);
    tamis_model_free(model);
    options_of("itemknn", &o);
    model = train(log, &o);
    ck_assert_int_eq(tamis_trainer_from_model(model, log, NULL, NULL, TAMIS_FREEZE_ITEMS, &trainer, &error), TAMIS_USAGE);
    tamis_history h;
    float row[16];
    tamis_history_default(&h);
    ck_assert_int_eq(tamis_model_fold_in_item(model, &h, row, NULL, &error), TAMIS_USAGE);
    ck_assert(strstr(error.text, "--from MODEL"));
    trainer = warm(model, log, NULL, TAMIS_FREEZE_NONE); /* anew */
    tamis_trainer_free(trainer);
    tamis_model_free(model);
    tamis_log_free(log);
}
END_TEST

Suite *fold_suite(void)
{
    Suite *suite = suite_create("fold");
    TCase *tests = tcase_create("fold");
    tcase_add_test(tests, ials_solves_the_normal_equations);
    tcase_add_test(tests, ials_solves_the_normal_equations_of_an_item);
    tcase_add_test(tests, an_item_folds_in_near_its_twin);
    tcase_add_test(tests, what_has_everything_folds_in);
    tcase_add_test(tests, bpr_comes_to_the_least_loss);
    tcase_add_test(tests, bpr_comes_to_the_least_loss_of_an_item);
    tcase_add_test(tests, softmax_comes_to_the_least_loss_of_an_item);
    tcase_add_test(tests, every_method_folds_in);
    tcase_add_test(tests, a_log_is_folded_in);
    tcase_add_test(tests, threads_fold_in_side_by_side);
    tcase_add_test(tests, item_item_models_fold_in);
    tcase_add_test(tests, histories_are_not_counted);
    tcase_add_test(tests, wrong_histories);
    tcase_add_test(tests, training_goes_on_from_a_model);
    tcase_add_test(tests, going_on_does_not_look_at_threads);
    tcase_add_test(tests, what_cannot_be_gone_on_with);
    tcase_add_test(tests, notes_of_a_strange_model);
    suite_add_tcase(suite, tests);
    return suite;
}
