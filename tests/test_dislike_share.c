/* What training learns from dislikes: how often they are drawn, what least squares make of them, the same bits always. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "data/log.h"
#include "model/model.h"
#include "suites.h"
#include "train/options.h"
#include "train/start.h"

enum { USERS = 40, ITEMS = 64, PAIRS = USERS * ITEMS };

static tamis_error error;

/* Six positives, more or less, of each user; of even ones u % 4 + 1 dislikes, more or less, where `disliked`. */
static tamis_log *make(bool disliked)
{
    static int32_t user[PAIRS], item[PAIRS];
    static unsigned char dislike[PAIRS];
    tamis_log_arrays a;
    tamis_log *log;
    base_stream s = {5};
    tamis_log_arrays_default(&a);
    for (int u = 0; u < USERS; u++)
        for (int i = 0; i < ITEMS; i++) {
            const bool likes = i == u || base_below(&s, 10) == 0, hates = u % 2 == 0 && (int)base_below(&s, 60) <= u % 4;
            if (!likes && !(hates && disliked)) continue;
            user[a.count] = u;
            item[a.count] = i;
            dislike[a.count++] = !likes;
        }
    a.users = USERS;
    a.items = ITEMS;
    a.user = user;
    a.item = item;
    a.dislike = dislike;
    ck_assert_msg(!tamis_log_from_arrays(&a, &log, &error), "%s", error.text);
    return log;
}

static tamis_model *train(const tamis_log *log, const tamis_train_options *o)
{
    tamis_model *model;
    ck_assert_msg(!tamis_train(log, NULL, o, NULL, &model, NULL, &error), "%s: %s", o->method, error.text);
    return model;
}

static tamis_train_options options_of(const char *name, int64_t batch_size)
{
    tamis_train_options o;
    ck_assert(!tamis_train_options_default(&o, name, NULL));
    o.factors = 8;
    o.threads = 1;
    o.dislike_share = 0.5;
    if (batch_size >= 0) o.batch_size = batch_size;
    return o;
}

/* ---- how often */

static int64_t drawn[USERS][ITEMS], positives[USERS][ITEMS];

static double count(void *context, const tamis_sample *sample, double *derivative)
{
    (void)context;
    *derivative = 0; /* scores stay where they are */
    if (sample->negative >= 0) {
        positives[sample->user][sample->item]++;
        drawn[sample->user][sample->negative]++;
    } else if (sample->label > 0.5) {
        positives[sample->user][sample->item]++;
    } else {
        drawn[sample->user][sample->item]++;
    }
    return 0;
}

static int64_t length(const matrix *m, int64_t u)
{
    return m ? m->start[u + 1] - m->start[u] : 0;
}

/* Of a user's n negatives each dislike is drawn with chance π / |D| + (1 - π) / (unseen items): within 5 standard deviations, a
 * failure by chance in 10^6 counts; and so is each other item with what remains. */
static void expect_share(const tamis_log *log, double share, int64_t user_samples)
{
    for (int64_t u = 0; u < USERS; u++) {
        const double D = (double)length(log->dislikes, u), unseen = (double)(ITEMS - length(log->matrix, u));
        const double n = (double)(user_samples * length(log->matrix, u)), pi = D > 0 ? share : 0;
        int64_t all = 0;
        for (int32_t i = 0; i < ITEMS; i++) all += drawn[u][i];
        ck_assert_double_eq_tol((double)all, n, 5 * sqrt(2 * n * pi * (1 - pi)) + 1e-9); /* tiles: two draws that do not know of each other */
        for (int32_t i = 0; i < ITEMS; i++) {
            const bool seen = matrix_find(log->matrix, u, i) >= 0, no = log_dislikes(log, u, i);
            const double p = seen ? 0 : (no ? pi / D : 0) + (1 - pi) / unseen;
            ck_assert_msg(fabs((double)drawn[u][i] - n * p) <= 6 * sqrt(n * p) + 1e-9, "user %d, item %d: drawn %d times, not %.1f", (int)u,
                          (int)i, (int)drawn[u][i], n * p);
        }
    }
}

START_TEST(share_is_drawn)
{
    static const struct {
        const char *name;
        int64_t batch_size, negatives;
    } ways[] = {{"bpr", 0, 1}, {"bpr", 0, 3}, {"bpr", 50, 2}, {"bpo", 0, 2}, {"bpo", 50, 1}, {"warp", 50, 1}};
    static const double shares[] = {0.5, 0.2, 1, 0};
    enum { EPOCHS = 3000 };
    tamis_log *log = make(true);
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++)
        for (size_t s = 0; s < 4; s++) {
            tamis_train_options o = options_of(ways[w].name, ways[w].batch_size);
            tamis_loss loss;
            tamis_loss_default(&loss);
            loss.name = "count";
            loss.pairwise = strcmp(ways[w].name, "bpo") != 0;
            loss.call = count;
            o.loss = &loss;
            o.epochs = EPOCHS / ways[w].negatives;
            o.negatives = ways[w].negatives;
            o.dislike_share = shares[s];
            o.regularization = 0;
            o.learning_rate = 1e-9; /* warp: scores are near 0, so that the first draw outscores the positive less 1 */
            memset(drawn, 0, sizeof drawn);
            memset(positives, 0, sizeof positives);
            tamis_model_free(train(log, &o));
            expect_share(log, shares[s], EPOCHS / ways[w].negatives * ways[w].negatives);
        }
    tamis_log_free(log);
}
END_TEST

/* ---- least squares */

/* Sides take turns, items last: there the gradient of the objective along each item's factors is 0. In double, with
 *   Σ over interactions of (s - 1)² + α s², over dislikes of s², over other pairs of α s², + Σ_i λ_i |q_i|²,
 *   λ_i = λ (sum of these weights, 1 + α, 1 and α)^ν. */
START_TEST(ials_takes_them_for_certain)
{
    const double alpha = 0.2, lambda = 0.05, nu = 0.7;
    tamis_log *log = make(true);
    tamis_train_options o = options_of("ials", -1);
    o.epochs = 3;
    o.regularization = lambda;
    ck_assert(!tamis_option_set(train_option_find("ials", "unobserved-weight"), &o, "0.2", &error));
    ck_assert(!tamis_option_set(train_option_find("ials", "regularization-exponent"), &o, "0.7", &error));
    ck_assert(!tamis_option_set(train_option_find("ials", "solve-factors"), &o, "0", &error));
    tamis_model *m = train(log, &o);
    for (int64_t i = 0; i < ITEMS; i++) {
        double gradient[8] = {0}, c_sum = 0, largest = 0;
        const float *q = m->item_factors + (size_t)i * m->stride;
        for (int64_t u = 0; u < USERS; u++) {
            const bool yes = matrix_find(log->matrix, u, (int32_t)i) >= 0, no = log_dislikes(log, u, (int32_t)i);
            const double c = yes ? 1 + alpha : no ? 1 : alpha;
            const float *p = m->user_factors + (size_t)u * m->stride;
            double s = 0;
            for (int f = 0; f < 8; f++) s += (double)p[f] * (double)q[f];
            const double slope = yes ? s - 1 + alpha * s : c * s;
            for (int f = 0; f < 8; f++) {
                gradient[f] += slope * (double)p[f];
                largest = fmax(largest, fabs(slope * (double)p[f]));
            }
            c_sum += c;
        }
        for (int f = 0; f < 8; f++)
            ck_assert_double_eq_tol(gradient[f], -lambda * pow(c_sum, nu) * (double)q[f], 1e-4 * largest);
    }
    tamis_model_free(m);
    tamis_log_free(log);
}
END_TEST

/* ---- bits */

static bool same(const tamis_model *a, const tamis_model *b)
{
    return memcmp(a->user_factors, b->user_factors, (size_t)a->users * a->stride * sizeof(float)) == 0 &&
           memcmp(a->item_factors, b->item_factors, (size_t)a->items * a->stride * sizeof(float)) == 0 &&
           (!a->item_bias || memcmp(a->item_bias, b->item_bias, (size_t)a->items * sizeof(float)) == 0);
}

/* A method in its usual way, sample by sample where it can be, or in batches; false: it cannot be trained so. */
static bool take_way(const char *name, int way, tamis_train_options *o)
{
    *o = options_of(name, way == 1 ? 0 : way == 2 ? 32 : -1);
    o->epochs = method_find(name)->trainer == METHOD_BY_ITEMS ? o->epochs : 3;
    if (way == 1) o->optimizer = TAMIS_OPTIMIZER_SGD, o->pairs = TAMIS_PAIRS_SAMPLED, o->negatives = 400, o->learning_rate = 1e-4;
    o->item_bias = way == 1 || o->item_bias;
    if (method_find(name)->trainer == METHOD_BY_SOFTMAX) o->dislike_share = 0; /* refused above */
    return method_find(name)->trainer != METHOD_BY_ITEMS && !tamis_option_check(&train_option_table, o, NULL);
}

static bool learns(const method *m, const tamis_train_options *o)
{
    if (m->trainer == METHOD_BY_SOFTMAX) return false;
    /* over all pairs without interaction these have target 0 and weight 1 already */
    const bool certain = m->every_pair || (o->pairs == TAMIS_PAIRS_ALL && !m->pair);
    return !certain || strcmp(m->name, "wmf") == 0 || strcmp(m->name, "mf-du") == 0;
}

START_TEST(bits)
{
    tamis_log *plain = make(false), *log = make(true);
    const method *m;
    ck_assert_int_eq(plain->matrix->nnz, log->matrix->nnz);
    for (size_t k = 0; (m = method_get(k)); k++)
        for (int way = 0; way < 3; way++) {
            tamis_train_options o;
            if (!take_way(m->name, way, &o)) continue;
            tamis_model *on[5];
            for (int t = 0; t < 2; t++) {
                o.threads = 1 + 2 * t;
                on[t] = train(log, &o);
            }
            ck_assert_msg(same(on[0], on[1]), "%s, way %d: threads", m->name, way);
            on[2] = train(plain, &o);
            if (m->trainer == METHOD_BY_SOFTMAX || m->pair || m->trainer == METHOD_BY_ALS || m->every_pair)
                ck_assert_msg(same(on[0], on[2]) != learns(m, &o), "%s, way %d: it does not learn, or does", m->name, way);
            o.dislike_share = 0;
            on[3] = train(log, &o);
            ck_assert_msg(same(on[2], on[3]), "%s, way %d: without", m->name, way);
            for (int t = 0; t < 4; t++) tamis_model_free(on[t]);
        }
    tamis_log_free(plain);
    tamis_log_free(log);
}
END_TEST

/* ---- checkpoints */

static void go(tamis_trainer *t, int epochs)
{
    tamis_epoch epoch;
    for (int e = 0; e < epochs; e++) ck_assert_msg(!tamis_trainer_epoch(t, &epoch, &error), "%s", error.text);
}

START_TEST(checkpoints_know_them)
{
    static const char *const methods[] = {"bpr", "ials", "expomf", "warp", "bpo", "mf-du"};
    char path[300];
    const char *directory = getenv("TMPDIR");
    snprintf(path, sizeof path, "%.150s/tamis-dislikes-%ld", directory ? directory : "/tmp", (long)getpid());
    tamis_log *log = make(true), *plain = make(false);
    tamis_resume_options resume = {.size = sizeof resume, .threads = 3};
    for (size_t k = 0; k < sizeof methods / sizeof *methods; k++) {
        tamis_train_options o = options_of(methods[k], -1);
        tamis_trainer *t;
        tamis_model *model;
        o.epochs = 4;
        tamis_model *undisturbed = train(log, &o);
        ck_assert(!tamis_trainer_new(log, NULL, &o, &t, &error));
        go(t, 2);
        ck_assert_msg(!tamis_trainer_save(t, path, &error), "%s", error.text);
        tamis_trainer_free(t);
        ck_assert_int_eq(tamis_trainer_resume(path, plain, NULL, &resume, &t, &error), TAMIS_DATA);
        ck_assert_msg(strstr(error.text, "its dislikes differ") != NULL, "%s", error.text);
        ck_assert_msg(!tamis_trainer_resume(path, log, NULL, &resume, &t, &error), "%s", error.text);
        go(t, 2);
        ck_assert(!tamis_trainer_finish(t, &model, NULL, &error));
        ck_assert(same(model, undisturbed));
        tamis_model_free(model);
        tamis_model_free(undisturbed);
        unlink(path);
    }
    tamis_log_free(log);
    tamis_log_free(plain);
}
END_TEST

Suite *dislike_share_suite(void)
{
    Suite *suite = suite_create("dislike_share");
    TCase *tests = tcase_create("share");
    tcase_add_test(tests, share_is_drawn);
    tcase_add_test(tests, ials_takes_them_for_certain);
    tcase_add_test(tests, bits);
    tcase_add_test(tests, checkpoints_know_them);
    suite_add_tcase(suite, tests);
    return suite;
}
