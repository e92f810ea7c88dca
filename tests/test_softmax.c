/* Softmax losses against shared negatives: gradients against differences of an independent loss, thread counts, masks, a
 * planted problem. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/option.h"
#include "base/random.h"
#include "base/text.h"
#include "rank/score.h"
#include "suites.h"
#include "train/softmax_batch.h"
#include "train/epoch.h"
#include "train/options.h"
#include "train/start.h"

/* User u likes items i with i % groups == u % groups, each with chance 1/2. */
static tamis_log *planted(int64_t users, int64_t items, int groups, uint64_t seed)
{
    base_stream s = base_stream_key(seed, BASE_FOR_SYNTH, 0, 0);
    int32_t *user = malloc((size_t)(users * items) * sizeof *user), *item = malloc((size_t)(users * items) * sizeof *item);
    int64_t n = 0;
    for (int64_t u = 0; u < users; u++)
        for (int64_t i = u % groups; i < items; i += groups)
            if (base_below(&s, 2) || i < groups) {
                user[n] = (int32_t)u;
                item[n++] = (int32_t)i;
            }
    tamis_log *log;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, n, users, items, &log, NULL), TAMIS_OK);
    free(user);
    free(item);
    return log;
}

/* ------------------------------------------------------------------ the loss, written down plainly in double */

enum { USERS = 7, ITEMS = 12, D = 5, MOST = 64 };

typedef struct plain {
    double p[USERS][D], q[ITEMS][D];
    int positives, negatives, user[MOST], item[MOST], negative[MOST];
    bool own[USERS][ITEMS], pooled, dropped[USERS][D];
    double tau1, tau2, bias[ITEMS];
    double tauw, beta[USERS], held[MOST]; /* slatk: tauw above 0; held[e]: a weight that does not change; 0: none */
    bool power;                           /* psl */
} plain;

/* of a user's factors, but those dropped, and an item's; plus the item's bias */
static double score(const plain *w, int user, int item)
{
    const double *b = w->q[item];
    double ab = 0, aa = 0, bb = 0;
    for (int k = 0; k < D; k++) {
        const double a = w->dropped[user][k] ? 0 : w->p[user][k];
        ab += a * b[k], aa += a * a, bb += b[k] * b[k];
    }
    return ab / sqrt(aa * bb) + w->bias[item];
}

static double weight_of(const plain *w, int e)
{
    return 1 / (1 + exp(-(score(w, w->user[e], w->item[e]) - w->beta[w->user[e]]) / w->tauw));
}

/* of positive e, the logarithm of a sum over the negatives that are left */
static double log_sum(const plain *w, int e)
{
    double sum = 0;
    int left = 0;
    for (int j = 0; j < w->negatives; j++) {
        if (w->own[w->user[e]][w->negative[j]]) continue;
        const double x = score(w, w->user[e], w->negative[j]) - score(w, w->user[e], w->item[e]);
        sum += w->power ? pow(fmax(0, 1 + x / 2), 2 / w->tau1) : exp(x / w->tau1);
        left++;
    }
    return sum > 0 ? log(w->power ? sum / left : sum) : 0;
}

static double plain_loss(const plain *w)
{
    double total = 0;
    for (int e = 0; (w->power || w->tauw > 0) && e < w->positives; e++)
        total += log_sum(w, e) * (w->power ? 1 : w->held[e] > 0 ? w->held[e] : weight_of(w, e));
    if (w->power || w->tauw > 0) return total / w->positives;
    for (int e = 0; e < w->positives; e++) {
        double z = 0, pool = 0;
        int left = 0, pooled = 0;
        for (int j = 0; j < w->negatives; j++) {
            if (w->own[w->user[e]][w->negative[j]]) continue;
            z += exp(score(w, w->user[e], w->negative[j]) / w->tau1);
            left++;
        }
        for (int k = 0; k < w->positives; k++) {
            if (w->pooled ? w->user[k] != w->user[e] : k != e) continue;
            pool += exp(score(w, w->user[e], w->item[k]) / w->tau1);
            pooled++;
        }
        if (left) total -= log(pool / pooled / pow(z / left, w->tau2));
    }
    return total / w->positives;
}

static double difference(plain *w, double *at)
{
    const double h = 1e-5, here = *at;
    *at = here + h;
    double high = plain_loss(w);
    *at = here - h;
    double low = plain_loss(w);
    *at = here;
    return (high - low) / (2 * h);
}

/* A unit row that took one sgd step along s at a right angle to it, and was normalised: s = (after / (after.before) -
 * before) / rate. It must be minus the loss's gradient at that row. */
static void check_row(plain *w, double *row, const float *after, double rate)
{
    double along = 0;
    for (int k = 0; k < D; k++) along += row[k] * (double)after[k];
    for (int k = 0; k < D; k++) {
        double gradient = ((double)after[k] / along - row[k]) / rate;
        ck_assert_double_eq_tol(gradient, -difference(w, &row[k]), 2e-6 * fmax(1, 4 * fabs(gradient)));
    }
}

static void fill(plain *w, train_run *state)
{
    for (int u = 0; u < USERS; u++)
        for (int k = 0; k < D; k++) w->p[u][k] = (double)state->model->user_factors[(size_t)u * state->model->stride + (size_t)k];
    for (int i = 0; i < ITEMS; i++)
        for (int k = 0; k < D; k++) w->q[i][k] = (double)state->model->item_factors[(size_t)i * state->model->stride + (size_t)k];
}

/* tau2: of bsl; of slatk the temperature of the weights, below 0 where they are held */
static void check_gradient(const char *name, double tau1, double tau2, double dropout, bool bias, uint64_t seed)
{
    tamis_log *log = planted(USERS, ITEMS, 3, seed);
    tamis_train_options *o;
    train_run state = {0};
    plain w = {.tau1 = tau1, .tau2 = tau2, .pooled = strcmp(name, "bsl") == 0};
    tamis_error error;
    o = &state.options;
    ck_assert_int_eq(tamis_train_options_default(o, name, NULL), TAMIS_OK);
    char text[32];
    const tamis_option_table *own = tamis_option_find_table(name);
    ck_assert_int_eq(tamis_option_set(base_option_find(own, "tau1"), o, base_real_text(tau1, text), &error), TAMIS_OK);
    if (w.pooled)
        ck_assert_int_eq(tamis_option_set(base_option_find(own, "tau2"), o, base_real_text(tau2, text), &error), TAMIS_OK);
    ck_assert_int_eq(tamis_option_set(base_option_find(own, "dropout"), o, base_real_text(dropout, text), &error), TAMIS_OK);
    const bool slatk = strcmp(name, "slatk") == 0;
    w.power = strcmp(name, "psl") == 0;
    if (slatk) {
        w.tauw = fabs(tau2);
        ck_assert_int_eq(tamis_option_set(base_option_find(own, "weight-temperature"), o, base_real_text(w.tauw, text), &error), TAMIS_OK);
        ck_assert_int_eq(tamis_option_set(base_option_find(own, "held-weights"), o, tau2 < 0 ? "1" : "0", &error), TAMIS_OK);
    }
    o->factors = D;
    o->batch_size = MOST; /* all of the log */
    o->negatives = 19;
    o->optimizer = TAMIS_OPTIMIZER_SGD;
    o->learning_rate = 0.25;
    o->epochs = 1;
    o->seed = seed;
    o->item_bias = bias;
    o->bias_regularization = 0.5;
    state.log = log;
    ck_assert_msg(run_start(&state, log, NULL, &state.options, &error) == TAMIS_OK, "%s", error.text);
    fill(&w, &state);
    for (int i = 0; bias && i < ITEMS; i++) {
        state.model->item_bias[i] = 0.3f * (float)(i % 5) - 0.8f;
        w.bias[i] = (double)state.model->item_bias[i];
    }
    for (int u = 0; slatk && u < USERS; u++) {
        w.beta[u] = 0.1 * u - 0.2;
        ((softmax_batch *)state.state)->threshold[u] = (float)w.beta[u];
    }
    tamis_epoch report;
    ck_assert_msg(epoch_run(&state, &report, &error) == TAMIS_OK, "%s", error.text);
    const softmax_batch *c = state.state;
    w.positives = (int)c->edges;
    w.negatives = (int)o->negatives;
    ck_assert_int_eq(w.positives, tamis_log_interactions(log));
    for (int e = 0; e < w.positives; e++) {
        w.user[e] = c->user[e];
        w.item[e] = c->item[e];
        ck_assert(!w.own[w.user[e]][w.item[e]]); /* every interaction once */
        w.own[w.user[e]][w.item[e]] = true;
    }
    for (int j = 0; j < w.negatives; j++) w.negative[j] = c->item[w.positives + j];
    for (int64_t u = 0; u < USERS; u++) {
        int64_t n;
        const int32_t *row = tamis_log_row(log, u, &n);
        for (int64_t k = 0; k < n; k++) ck_assert(w.own[u][row[k]]);
    }
    int dropped = 0;
    for (int u = 0; u < USERS; u++) /* what the trainer drew */
        for (int k = 0; k < D; k++) {
            const float left = c->users[(size_t)c->by_user.slot[u] * state.model->stride + (size_t)k];
            w.dropped[u][k] = !(left < 0 || left > 0);
            dropped += w.dropped[u][k];
        }
    ck_assert_int_eq(dropped > 0, dropout > 0);
    for (int e = 0; tau2 < 0 && e < w.positives; e++) w.held[e] = weight_of(&w, e);
    ck_assert_double_eq_tol(report.loss, plain_loss(&w), 2e-5);
    for (size_t u = 0; u < USERS; u++)
        check_row(&w, w.p[u], state.model->user_factors + u * state.model->stride, o->learning_rate);
    for (size_t i = 0; i < ITEMS; i++)
        check_row(&w, w.q[i], state.model->item_factors + i * state.model->stride, o->learning_rate);
    for (int i = 0; bias && i < ITEMS; i++) {
        const double gradient = ((double)state.model->item_bias[i] - w.bias[i]) / o->learning_rate;
        ck_assert_double_eq_tol(gradient, -difference(&w, &w.bias[i]) - 0.5 * w.bias[i], 2e-6 * fmax(1, 4 * fabs(gradient)));
    }
    run_clear(&state);
    tamis_log_free(log);
}

START_TEST(gradients_match_differences_of_the_whole_loss)
{
    for (uint64_t seed = 1; seed <= 4; seed++) {
        check_gradient("softmax", 0.5, 1, 0, false, seed);
        check_gradient("softmax", 0.2, 1, 0, false, seed);
        check_gradient("softmax", 0.5, 1, 0.3, false, seed);
        check_gradient("bsl", 0.5, 1.22, 0, false, seed);
        check_gradient("bsl", 0.2, 0.8, 0, false, seed);
        check_gradient("bsl", 0.5, 1.22, 0.3, false, seed);
        check_gradient("softmax", 0.4, 1, 0, true, seed);
        check_gradient("bsl", 0.5, 1.22, 0.3, true, seed);
        check_gradient("slatk", 0.5, 2.25, 0, false, seed);
        check_gradient("slatk", 0.3, 0.4, 0, true, seed);
        check_gradient("slatk", 0.3, -0.4, 0, true, seed);
        check_gradient("slatk", 0.5, -2.25, 0.3, false, seed);
        check_gradient("psl", 0.5, 1, 0, false, seed);
        check_gradient("psl", 0.2, 1, 0.3, true, seed);
        check_gradient("psl", 1, 1, 0, true, seed);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------------ whole runs */

static tamis_model *train(const tamis_log *log, const tamis_train_options *o)
{
    tamis_model *model;
    tamis_error error;
    ck_assert_msg(tamis_train(log, NULL, o, NULL, &model, NULL, &error) == TAMIS_OK, "%s", error.text);
    return model;
}

static size_t user_bytes(const tamis_model *model) { return (size_t)model->users * model->stride * sizeof(float); }
static size_t item_bytes(const tamis_model *model) { return (size_t)model->items * model->stride * sizeof(float); }

START_TEST(same_bits_at_any_thread_count)
{
    const char *names[] = {"softmax", "bsl", "slatk", "psl"};
    tamis_log *log = planted(700, 300, 7, 1);
    for (int m = 0; m < 4; m++) {
        tamis_train_options o;
        ck_assert_int_eq(tamis_train_options_default(&o, names[m], NULL), TAMIS_OK);
        o.factors = 20;
        o.epochs = 3;
        o.batch_size = 1500; /* 24 blocks of rows, the last batch smaller */
        o.negatives = 100;
        o.optimizer = m ? TAMIS_OPTIMIZER_LAZY_ADAM : TAMIS_OPTIMIZER_ADAGRAD;
        o.negative_sampling = m == 1 || m == 2 ? "popularity" : "uniform";
        o.item_bias = m > 0;
        const int64_t threads[] = {1, 2, 3, 8};
        tamis_model *model[4];
        for (int t = 0; t < 4; t++) {
            o.threads = threads[t];
            model[t] = train(log, &o);
            ck_assert(memcmp(model[t]->user_factors, model[0]->user_factors, user_bytes(model[0])) == 0);
            ck_assert(memcmp(model[t]->item_factors, model[0]->item_factors, item_bytes(model[0])) == 0);
            if (m) ck_assert(memcmp(model[t]->item_bias, model[0]->item_bias, (size_t)model[0]->items * sizeof(float)) == 0);
        }
        o.seed = 2;
        tamis_model *other = train(log, &o);
        ck_assert(memcmp(other->user_factors, model[0]->user_factors, 64) != 0);
        for (int64_t u = 0; u < other->users; u++) { /* so that p . q is the cosine */
            const float *p = other->user_factors + (size_t)u * other->stride;
            ck_assert_double_eq_tol(rank_dot(p, p, other->stride), 1, 1e-6);
        }
        tamis_model_free(other);
        for (int t = 0; t < 4; t++) tamis_model_free(model[t]);
    }
    tamis_log_free(log);
}
END_TEST

/* nearly every liked but unseen item must outrank nearly every disliked one */
START_TEST(planted_groups_are_found)
{
    const char *names[] = {"softmax", "bsl", "slatk", "psl"};
    tamis_log *log = planted(300, 200, 4, 3);
    for (int m = 0; m < 4; m++) {
        tamis_train_options o;
        ck_assert_int_eq(tamis_train_options_default(&o, names[m], NULL), TAMIS_OK);
        o.factors = 8;
        o.epochs = 15;
        o.learning_rate = 0.02;
        o.param[0].real = m == 3 ? 0.3 : 0.5; /* a temperature at which 8 factors cannot tell apart what was seen and what was not */
        o.batch_size = 256;
        o.negatives = 64;
        tamis_model *model = train(log, &o);
        int64_t right = 0;
        for (int64_t u = 0; u < 300; u++) {
            tamis_hit hits[10];
            ck_assert_int_eq(tamis_recommend(model, &u, 1, 10, 1, hits, NULL), TAMIS_OK);
            for (int k = 0; k < 10; k++) right += hits[k].item % 4 == u % 4;
        }
        ck_assert_msg(right > 3000 * 95 / 100, "%s: %d", names[m], (int)right); /* chance: about one in seven */
        tamis_model_free(model);
    }
    tamis_log_free(log);
}
END_TEST

/* The K-th largest of a user's scores: of three positives and three other items, all of which are drawn many times, the second
 * is that of a positive or of a negative that is drawn twice. */
START_TEST(top_scores_are_renewed)
{
    const int32_t user[] = {0, 0, 0, 1}, item[] = {0, 1, 2, 5};
    tamis_log *log;
    train_run state = {0};
    tamis_error error;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 4, 2, 6, &log, NULL), TAMIS_OK);
    ck_assert_int_eq(tamis_train_options_default(&state.options, "slatk", NULL), TAMIS_OK);
    const tamis_option_table *own = tamis_option_find_table("slatk");
    ck_assert_int_eq(tamis_option_set(base_option_find(own, "top"), &state.options, "2", &error), TAMIS_OK);
    ck_assert_int_eq(tamis_option_set(base_option_find(own, "top-interval"), &state.options, "3", &error), TAMIS_OK);
    state.options.factors = 4;
    state.options.item_bias = 1;
    state.options.negatives = 200;
    state.log = log;
    ck_assert_msg(run_start(&state, log, NULL, &state.options, &error) == TAMIS_OK, "%s", error.text);
    const softmax_batch *c = state.state;
    const tamis_model *m = state.model;
    for (int i = 0; i < 6; i++) m->item_bias[i] = 0.1f * (float)i;
    for (int64_t epoch = 0; epoch < 7; epoch++) {
        tamis_epoch report;
        double expected[2] = {0, 0};
        const float last[2] = {c->threshold[0], c->threshold[1]};
        for (int u = 0; u < 2; u++) {
            double best[2] = {-INFINITY, -INFINITY};
            for (int i = 0; i < 6; i++) {
                const float *p = m->user_factors + (size_t)u * m->stride, *q = m->item_factors + (size_t)i * m->stride;
                const double s = rank_dot(p, q, m->stride) + (double)m->item_bias[i];
                for (int copies = u ? i != 5 : i > 2; copies >= 0; copies--) { /* a negative counts twice */
                    if (s > best[0]) {
                        best[1] = best[0];
                        best[0] = s;
                    } else if (s > best[1]) {
                        best[1] = s;
                    }
                }
            }
            expected[u] = best[1];
        }
        ck_assert_int_eq(epoch_run(&state, &report, &error), TAMIS_OK);
        for (int u = 0; u < 2; u++)
            ck_assert_double_eq_tol((double)c->threshold[u], epoch == 0 ? 0 : epoch % 3 ? (double)last[u] : expected[u], 1e-6);
    }
    run_clear(&state);
    tamis_log_free(log);
}
END_TEST

/* a user with every item has no negative left: the others are trained, nothing is broken */
START_TEST(user_with_every_item)
{
    int32_t user[12] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2}, item[12] = {0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3};
    tamis_log *log;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 12, 3, 8, &log, NULL), TAMIS_OK);
    tamis_train_options o;
    ck_assert_int_eq(tamis_train_options_default(&o, "bsl", NULL), TAMIS_OK);
    o.epochs = 5;
    tamis_model *model = train(log, &o);
    for (size_t k = 0; k < 3 * model->stride; k++) ck_assert(isfinite(model->user_factors[k]));
    tamis_model_free(model);
    tamis_log_free(log);
}
END_TEST

START_TEST(what_does_not_go_together)
{
    tamis_log *log = planted(20, 30, 3, 4);
    for (int k = 0; k < 4; k++) {
        tamis_train_options o;
        tamis_model *model;
        tamis_error error;
        ck_assert_int_eq(tamis_train_options_default(&o, "softmax", NULL), TAMIS_OK);
        const char *say[] = {"--batch-size", "lazy-adam", "--positive-sampling", "warp"};
        if (k == 0) o.batch_size = 0;
        if (k == 1) o.optimizer = TAMIS_OPTIMIZER_ADAM;
        if (k == 2) o.positive_sampling = "pld";
        if (k == 3) o.negative_sampling = "warp";
        ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &model, NULL, &error), TAMIS_USAGE);
        ck_assert_msg(strstr(error.text, say[k]) != NULL, "%s", error.text);
    }
    tamis_log_free(log);
}
END_TEST

Suite *softmax_suite(void)
{
    Suite *suite = suite_create("softmax");
    TCase *tests = tcase_create("softmax");
    tcase_add_test(tests, gradients_match_differences_of_the_whole_loss);
    tcase_add_test(tests, same_bits_at_any_thread_count);
    tcase_add_test(tests, planted_groups_are_found);
    tcase_add_test(tests, top_scores_are_renewed);
    tcase_add_test(tests, user_with_every_item);
    tcase_add_test(tests, what_does_not_go_together);
    suite_add_tcase(suite, tests);
    return suite;
}
