/* The methods' losses against formulas written here in double, their gradients against central differences of these, and
 * what the estimators claim. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/option.h"
#include "base/random.h"
#include "sampler/sampler.h"
#include "suites.h"
#include "train/minibatch.h"
#include "train/draw.h"
#include "train/epoch.h"
#include "train/options.h"
#include "train/start.h"

#define minibatch_of(run) ((minibatch *)(run)->state)
static void draw_all(train_run *run, const member *me, int64_t first, int64_t count)
{
    minibatch *b = minibatch_of(run);
    draw_batch(run, me, first, count, &(draw_edges){b->user, b->item, b->target, b->weight, b->score[0]});
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double softplus(double x)
{
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static tamis_train_options options_of(const char *name)
{
    tamis_train_options o;
    ck_assert_int_eq(tamis_train_options_default(&o, name, NULL), TAMIS_OK);
    return o;
}

static void set(tamis_train_options *o, const char *name, const char *value)
{
    const tamis_option *row = base_option_find(&method_find(o->method)->options, name);
    ck_assert_ptr_nonnull(row);
    ck_assert_int_eq(tamis_option_set(row, o, value, NULL), TAMIS_OK);
}

/* |a - b| within 1e-6 of the larger, or of what a float can hold near 1 */
static void same(double a, double b, const char *what, double at)
{
    double size = fabs(a) > fabs(b) ? fabs(a) : fabs(b);
    ck_assert_msg(fabs(a - b) <= 1e-6 * size + 2e-7, "%s at %g: %.9g, expected %.9g", what, at, a, b);
}

/* -------------------------------------------------------------------- losses on a pair */

static double logistic(double x, double unused)
{
    (void)unused;
    return softplus(-x);
}

static double robust(double x, double flip)
{
    return ((1 - flip) * softplus(-x) - flip * softplus(x)) / (1 - 2 * flip);
}

static double hinge(double x, double unused)
{
    (void)unused;
    return x < 1 ? 1 - x : 0;
}

/* A loss without a formula of its own here is an error. */
static void all_listed(bool pairs, const char *const *names, size_t count)
{
    const method *m;
    for (size_t k = 0; (m = method_get(k)); k++) {
        size_t n = 0;
        while (n < count && strcmp(names[n], m->name) != 0) n++;
        ck_assert_msg(n < count || !(pairs ? m->pair != NULL : m->point != NULL), "no formula for %s", m->name);
    }
}

START_TEST(pair_losses)
{
    const struct {
        const char *method;
        double (*loss)(double x, double parameter);
        double parameter;
    } rows[] = {{"bpr", logistic, 0}, {"ubpr", logistic, 0}, {"pld", logistic, 0}, {"pld-fresh", logistic, 0}, {"robust-bpr", robust, 0.1}, {"warp", hinge, 0}};
    const char *names[BASE_COUNT(rows)];
    for (size_t k = 0; k < BASE_COUNT(rows); k++) names[k] = rows[k].method;
    all_listed(true, names, BASE_COUNT(rows));
    for (size_t k = 0; k < BASE_COUNT(rows); k++) {
        tamis_train_options o = options_of(rows[k].method);
        const method *m = method_find(rows[k].method);
        for (double x = -9.97; x < 10; x += 0.173) {
            const double h = 1e-5, at = (double)(float)x;
            double loss = 0;
            double gradient = (double)m->pair(o.param, &(kernel_sample){.score = (float)x}, &loss);
            same(loss, rows[k].loss(at, rows[k].parameter), rows[k].method, x);
            double lower = rows[k].loss(at - h, rows[k].parameter), upper = rows[k].loss(at + h, rows[k].parameter);
            same(-gradient, (upper - lower) / (2 * h), rows[k].method, x);
        }
    }
}
END_TEST

/* ------------------------------------------------------------------- losses on a point */

static double point_log(double s, double t)
{
    return t * softplus(-s) + (1 - t) * softplus(s);
}

static double point_squared(double s, double t)
{
    return t * (1 - sigmoid(s)) * (1 - sigmoid(s)) + (1 - t) * sigmoid(s) * sigmoid(s);
}

START_TEST(point_losses)
{
    const char *names[] = {"bpo", "mf", "wmf", "relmf", "mf-du", "t-ce", "r-ce"};
    const double targets[] = {0, 1, 3.25};
    all_listed(false, names, BASE_COUNT(names));
    for (size_t k = 0; k < BASE_COUNT(names); k++)
        for (int squared = 0; squared < 2; squared++) {
            tamis_train_options o = options_of(names[k]);
            const method *m = method_find(names[k]);
            if (squared && !base_option_find(&m->options, "loss")) continue;
            if (squared) set(&o, "loss", "squared");
            double (*reference)(double, double) = squared ? point_squared : point_log;
            for (size_t t = 0; t < BASE_COUNT(targets); t++)
                for (double s = -9.97; s < 10; s += 0.173) {
                    const double h = 1e-5, at = (double)(float)s;
                    const kernel_sample sample = {.score = (float)s, .target = (float)targets[t]};
                    double loss = 0, gradient = (double)m->point(o.param, &sample, &loss);
                    /* with t > 1 the loss is a difference of large terms: their size counts */
                    double scale = targets[t] > 1 ? 16 : 1;
                    same(loss / scale, reference(at, targets[t]) / scale, names[k], s);
                    same(-gradient / scale,
                         (reference(at + h, targets[t]) - reference(at - h, targets[t])) / (2 * h) / scale, names[k], s);
                }
        }
}
END_TEST

/* --------------------------------------------------------------------- NBPO's two factorisations */

static double likelihood(double s, double phi, bool positive)
{
    double flip = sigmoid(phi);
    return positive ? (1 - flip) * sigmoid(s) : sigmoid(-s) + flip * sigmoid(s);
}

static void central(double s, double phi, bool positive, bool logarithm, double gradient[2])
{
    const double h = 1e-5;
    double at[4] = {likelihood(s + h, phi, positive), likelihood(s - h, phi, positive), likelihood(s, phi + h, positive),
                    likelihood(s, phi - h, positive)};
    for (int k = 0; k < 4; k++) at[k] = logarithm ? log(at[k]) : at[k];
    gradient[0] = (at[0] - at[1]) / (2 * h);
    gradient[1] = (at[2] - at[3]) / (2 * h);
}

/* Of one sample, at a place among others that changes nothing. */
static void on_two_scores(const method *m, const tamis_train_options *o, float s, float phi, int positive, float gradient[2],
                     double *loss)
{
    enum { N = 32, PLACE = 19 };
    _Alignas(64) float a[N] = {0}, b[N] = {0}, target[N] = {0}, first[N], second[N], losses[N];
    a[PLACE] = s;
    b[PLACE] = phi;
    target[PLACE] = (float)positive;
    m->two_scores(o->param, kernel_choose(), N, (float *const[]){a, b}, target, (float *const[]){first, second}, losses);
    gradient[0] = first[PLACE];
    gradient[1] = second[PLACE];
    *loss += (double)losses[PLACE];
}

START_TEST(nbpo_two_scores)
{
    const char *variants[] = {"original", "surrogate", "nbpo"};
    const method *m = method_find("nbpo");
    for (int v = 0; v < 3; v++) {
        tamis_train_options o = options_of("nbpo");
        set(&o, "variant", variants[v]);
        for (double s = -7.9; s < 8; s += 0.61)
            for (double phi = -7.7; phi < 8; phi += 0.67)
                for (int positive = 0; positive < 2; positive++) {
                    const double a = (double)(float)s, b = (double)(float)phi, flip = sigmoid(b);
                    float gradient[2];
                    double loss = 0, expected[2];
                    on_two_scores(m, &o, (float)s, (float)phi, positive, gradient, &loss);
                    /* a difference of terms of about 8 */
                    same(loss / 8, -log(likelihood(a, b, positive)) / 8, "negative log-likelihood", s);
                    if (v < 2) {
                        central(a, b, positive, v == 0, expected);
                    } else { /* as published: each factorisation with the other frozen */
                        expected[0] = positive ? (1 - flip) * sigmoid(-a) : flip * sigmoid(-a) - sigmoid(a);
                        expected[1] = positive ? -flip * sigmoid(a) : (1 - flip) * sigmoid(a);
                    }
                    same((double)gradient[0], expected[0], variants[v], s);
                    same((double)gradient[1], expected[1], variants[v], phi);
                }
    }
}
END_TEST

/* Whatever the method: the gradient is minus the derivative of the loss that it tells, by a difference of fourth order. The
 * losses are floats, hence the tolerance; where the loss has a kink there is nothing to compare. */
static double told(const method *m, const tamis_train_options *o, double s, float target, double *gradient)
{
    double loss = 0;
    *gradient = (double)(m->pair ? m->pair : m->point)(o->param, &(kernel_sample){.score = (float)s, .target = target}, &loss);
    return loss;
}

static void gradients_of(const method *m, const tamis_train_options *o, const char *with)
{
    int points = 0, compared = 0;
    for (double s = -7.7; s < 8; s += 0.31)
        for (int target = 0; target < 2; target++) {
            const double h = 0.0625, at = (double)(float)s;
            double gradient, unused, low[2], high[2];
            const double here = told(m, o, at, (float)target, &gradient);
            for (int n = 0; n < 2; n++) {
                low[n] = told(m, o, at - (n + 1) * h, (float)target, &unused);
                high[n] = told(m, o, at + (n + 1) * h, (float)target, &unused);
            }
            /* exact for parabolas, however curved: they differ at a kink, of the loss or of its gradient */
            const double left = (3 * here - 4 * low[0] + low[1]) / (2 * h), right = (4 * high[0] - 3 * here - high[1]) / (2 * h);
            points++;
            if (fabs(left - right) > 2e-3 + 2e-3 * fabs(gradient)) continue;
            compared++;
            const double derivative = (8 * (high[0] - low[0]) - (high[1] - low[1])) / (12 * h);
            ck_assert_msg(fabs(gradient + derivative) < 4e-4 + 4e-4 * fabs(gradient), "%s%s at %g: gradient %g, derivative %g",
                          m->name, with, s, gradient, derivative);
        }
    ck_assert_msg(compared * 4 >= points * 3, "%s%s: only %d of %d gradients could be compared", m->name, with, compared, points);
}

/* with its defaults, and with each own option at other values that the option takes */
START_TEST(gradients_of_every_method)
{
    static const char *const values[] = {"0.2", "0.45", "2.5", "3"};
    const method *m;
    for (size_t k = 0; (m = method_get(k)); k++) {
        if (!m->pair && !m->point) continue;
        tamis_train_options o = options_of(m->name);
        gradients_of(m, &o, "");
        for (size_t r = 0; r < m->options.count; r++)
            for (size_t v = 0; v < BASE_COUNT(values); v++) {
                char with[64];
                o = options_of(m->name);
                if (tamis_option_set(&m->options.rows[r], &o, values[v], NULL) != TAMIS_OK) continue;
                snprintf(with, sizeof with, " --%s %s", m->options.rows[r].name, values[v]);
                gradients_of(m, &o, with);
            }
    }
}
END_TEST

START_TEST(everything_is_finite_far_out)
{
    const float far[] = {-1e30f, -100, 100, 1e30f};
    const method *m;
    for (size_t k = 0; (m = method_get(k)); k++) {
        tamis_train_options o = options_of(m->name);
        for (size_t a = 0; a < BASE_COUNT(far); a++)
            for (int positive = 0; positive < 2; positive++) {
                float gradient[2] = {0, 0};
                double loss = 0;
                const kernel_sample sample = {.score = far[a], .target = (float)positive};
                if (m->pair || m->point) gradient[0] = (m->pair ? m->pair : m->point)(o.param, &sample, &loss);
                for (size_t b = 0; m->two_scores && b < BASE_COUNT(far); b++)
                    on_two_scores(m, &o, far[a], far[b], positive, gradient, &loss);
                ck_assert_msg(isfinite(loss) && isfinite(gradient[0]) && isfinite(gradient[1]), "%s", m->name);
            }
    }
}
END_TEST

/* ---------------------------------------------------------------- batch-wide weights */

/* 10 samples, 6 positives; dropping 0.2 of 10 = 2: those two positives whose losses are largest */
START_TEST(t_ce_drops_the_hardest_positives)
{
    tamis_train_options o = options_of("t-ce");
    set(&o, "drop-steps", "100");
    const float loss[] = {1, 9, 2, 5, 7, 3, 8, 4, 6, 20}, target[] = {1, 0, 1, 1, 1, 1, 0, 1, 0, 0};
    float weight[10], none[10];
    for (int k = 0; k < 10; k++) weight[k] = none[k] = 1;
    method_find("t-ce")->batch(o.param, 0, 10, loss, target, none);
    method_find("t-ce")->batch(o.param, 100, 10, loss, target, weight);
    for (int k = 0; k < 10; k++) {
        ck_assert(none[k] == 1);
        ck_assert(weight[k] == (k == 3 || k == 4 ? 0 : 1));
    }
}
END_TEST

/* weight = (belief in the label)^beta, and e^-loss is that belief */
START_TEST(r_ce_weights)
{
    tamis_train_options o = options_of("r-ce");
    const float loss[] = {0.1f, 2.5f}, target[] = {1, 0};
    float weight[] = {1, 2};
    method_find("r-ce")->batch(o.param, 0, 2, loss, target, weight);
    ck_assert_double_eq_tol((double)weight[0], pow(exp(-0.1), 0.2), 1e-6);
    ck_assert_double_eq_tol((double)weight[1], 2 * pow(exp(-2.5), 0.2), 1e-6);
}
END_TEST

/* each side's weights sum to the number of samples */
START_TEST(mf_du_normalises_both_sides)
{
    tamis_train_options o = options_of("mf-du");
    const float target[] = {1, 0, 0, 1};
    float weight[] = {4, 1, 3, 1};
    method_find("mf-du")->batch(o.param, 0, 4, target, target, weight);
    const double expected[] = {3.2, 1, 3, 0.8};
    for (int k = 0; k < 4; k++) ck_assert_double_eq_tol((double)weight[k], expected[k], 1e-6);
}
END_TEST

/* --------------------------------------------------------------- what estimators claim */

enum { PAIRS = 40, DRAWS = 20000 };

/* Worlds of known exposure θ and relevance R: the mean over draws of Y = O R of the estimated loss is the ideal loss when
 * nothing is clipped; a higher clip has less variance and more bias. */
START_TEST(relmf_is_unbiased)
{
    base_stream s = base_stream_key(5, BASE_FOR_SYNTH, 1, 1);
    double theta[PAIRS], score[PAIRS], relevance[PAIRS], ideal = 0;
    for (int k = 0; k < PAIRS; k++) {
        theta[k] = 0.03 + 0.9 * base_uniform(&s);
        relevance[k] = base_below(&s, 2);
        score[k] = -fabs(base_normal(&s)); /* of one sign, so that the pairs' biases do not cancel */
        ideal += relevance[k] * softplus(-score[k]) + (1 - relevance[k]) * softplus(score[k]);
    }
    const double clips[] = {0, 0.3, 1};
    double bias[3], variance[3];
    const method *m = method_find("relmf");
    tamis_train_options o = options_of("relmf");
    for (int c = 0; c < 3; c++) {
        double sum = 0, square = 0;
        o.param[1].real = clips[c]; /* the option --clip */
        for (int draw = 0; draw < DRAWS; draw++) {
            double loss = 0;
            for (int k = 0; k < PAIRS; k++) {
                bool click = relevance[k] > 0 && base_uniform(&s) < theta[k];
                method_weights w = {1, 1, 0, 1};
                const method_exposure exposure = {theta[k], 1 - theta[k]};
                m->weigh(&o, &exposure, &w);
                const float target = click ? w.positive_target : w.negative_target;
                (void)m->point(o.param, &(kernel_sample){.score = (float)score[k], .target = target}, &loss);
            }
            sum += loss;
            square += loss * loss;
        }
        bias[c] = sum / DRAWS - ideal;
        variance[c] = square / DRAWS - sum / DRAWS * (sum / DRAWS);
    }
    ck_assert_double_lt(fabs(bias[0]), 4 * sqrt(variance[0] / DRAWS));
    ck_assert(fabs(bias[1]) > 4 * sqrt(variance[1] / DRAWS) && fabs(bias[2]) > fabs(bias[1]));
    ck_assert(variance[0] > variance[1] && variance[1] > variance[2]);
}
END_TEST

static team team_of_one = {.size = 1};
static const member alone = {&team_of_one, 0};

/* Sampled with importance weights, every user-item pair weighs the same on average, positives and the rest alike. */
START_TEST(sampling_stands_for_all_pairs)
{
    const int32_t user[] = {0, 0, 0, 1, 2, 2}, item[] = {0, 1, 2, 3, 0, 4};
    enum { USERS = 3, ITEMS = 7, EPOCHS = 20000 };
    tamis_log *log;
    tamis_error error;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 6, USERS, ITEMS, &log, &error), TAMIS_OK);
    const int64_t items = tamis_log_items(log);
    train_run state = {.log = log, .options = options_of("mf")};
    state.options.pairs = TAMIS_PAIRS_SAMPLED;
    state.options.batch_size = 100;
    state.options.negatives = 2;
    ck_assert_msg(run_start(&state, log, NULL, &state.options, &error) == TAMIS_OK, "%s", error.text);
    double weight[USERS * ITEMS] = {0};
    const int64_t samples = draw_samples(&state), edges = samples * draw_edges_each(&state);
    ck_assert_int_eq(samples, 6);
    for (state.epoch = 0; state.epoch < EPOCHS; state.epoch++) {
        draw_all(&state, &alone, 0, samples);
        for (int64_t e = 0; e < edges; e++) {
            int64_t n;
            const int32_t *row = tamis_log_row(log, minibatch_of(&state)->user[e], &n);
            bool own = false;
            for (int64_t k = 0; k < n; k++) own = own || row[k] == minibatch_of(&state)->item[e];
            ck_assert(minibatch_of(&state)->target[e] == (own ? 1 : 0));
            weight[minibatch_of(&state)->user[e] * items + minibatch_of(&state)->item[e]] += (double)minibatch_of(&state)->weight[e];
        }
    }
    double mean = (double)edges / ((double)USERS * (double)items);
    for (int64_t k = 0; k < USERS * items; k++) ck_assert_double_eq_tol(weight[k] / EPOCHS / mean, 1, 0.06);
    run_clear(&state);
    tamis_log_free(log);
}
END_TEST

/* An exhaustive epoch holds each pair exactly once, with its own target. */
START_TEST(all_pairs_come_once)
{
    const int32_t user[] = {0, 0, 1, 2}, item[] = {0, 1, 2, 0};
    tamis_log *log;
    tamis_error error;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 4, 3, 3, &log, &error), TAMIS_OK);
    train_run state = {.log = log, .options = options_of("relmf")};
    ck_assert_msg(run_start(&state, log, NULL, &state.options, &error) == TAMIS_OK, "%s", error.text);
    ck_assert(state.all_pairs);
    ck_assert_int_eq(draw_samples(&state), 9);
    draw_all(&state, &alone, 0, 9);
    /* clicks per item 2, 1, 1: θ = 1, sqrt(1/2), sqrt(1/2) */
    const double expected[3][3] = {{1, 1.41421356, 0}, {0, 0, 1.41421356}, {1, 0, 0}};
    bool seen[3][3] = {{false}};
    for (int e = 0; e < 9; e++) {
        int32_t u = minibatch_of(&state)->user[e], i = minibatch_of(&state)->item[e];
        ck_assert(!seen[u][i]);
        seen[u][i] = true;
        ck_assert_double_eq_tol((double)minibatch_of(&state)->target[e], expected[u][i], 1e-6);
    }
    run_clear(&state);
    tamis_log_free(log);
}
END_TEST

/* UBPR, unbiased: each click comes once per epoch with any item j; their mean weight is that of the estimate,
 * (1/θ_i) (1 - Y_j/θ_j). Clicks per item 2, 1, 1, 0, and θ = their share of the most, to the power 1/2. */
START_TEST(ubpr_weighs_any_pair)
{
    const int32_t user[] = {0, 0, 1, 1}, item[] = {0, 1, 2, 0};
    enum { ITEMS = 4, EPOCHS = 40000 };
    tamis_log *log;
    tamis_error error;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 4, 2, ITEMS, &log, &error), TAMIS_OK);
    train_run state = {.log = log, .options = options_of("ubpr")};
    set(&state.options, "variant", "unbiased");
    set(&state.options, "clip", "0");
    ck_assert_msg(run_start(&state, log, NULL, &state.options, &error) == TAMIS_OK, "%s", error.text);
    const double theta[ITEMS] = {1, sqrt(0.5), sqrt(0.5), 1};
    double weight[2][ITEMS][ITEMS] = {{{0}}};
    for (state.epoch = 0; state.epoch < EPOCHS; state.epoch++) {
        draw_all(&state, &alone, 0, 4);
        for (int e = 0; e < 8; e += 2)
            weight[minibatch_of(&state)->user[e]][minibatch_of(&state)->item[e]][minibatch_of(&state)->item[e + 1]] += (double)minibatch_of(&state)->weight[e] / EPOCHS;
    }
    for (int k = 0; k < 4; k++)
        for (int j = 0; j < ITEMS; j++) {
            bool clicked = false;
            for (int e = 0; e < 4; e++) clicked = clicked || (user[e] == user[k] && item[e] == j);
            const double expected = (1 - (clicked ? 1 / theta[j] : 0)) / theta[item[k]] / ITEMS;
            ck_assert_double_eq_tol(weight[user[k]][item[k]][j], expected, 0.01);
        }
    run_clear(&state);
    tamis_log_free(log);
}
END_TEST

/* ------------------------------------------------------------------- propensities from a file */

static const char *write_file(const char *text)
{
    static char path[64];
    snprintf(path, sizeof path, "test_method_%d.csv", (int)getpid());
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    return path;
}

/* Of an all-pairs epoch on the log (0,0) (0,1) (1,1), users 2, items 3: the targets Y/θ. */
static tamis_status targets(const char *file, const char *clip, double target[2][3], tamis_error *error)
{
    const int32_t user[] = {0, 0, 1}, item[] = {0, 1, 1};
    tamis_log *log;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 3, 2, 3, &log, NULL), TAMIS_OK);
    train_run state = {.log = log, .options = options_of("relmf")};
    set(&state.options, "clip", clip);
    state.options.propensity = write_file(file);
    tamis_status status = run_start(&state, log, NULL, &state.options, error);
    if (!status) {
        draw_all(&state, &alone, 0, 6);
        for (int e = 0; e < 6; e++) target[minibatch_of(&state)->user[e]][minibatch_of(&state)->item[e]] = (double)minibatch_of(&state)->target[e];
    }
    run_clear(&state);
    tamis_log_free(log);
    remove(state.options.propensity ? state.options.propensity : write_file(""));
    return status;
}

START_TEST(propensities_from_a_file)
{
    tamis_error error;
    double t[2][3];
    ck_assert_msg(targets("item,p\n1,0.25\n0,0.5\nunknown,0.3\n2,1\n", "0", t, &error) == TAMIS_OK, "%s", error.text);
    const double by_item[2][3] = {{2, 4, 0}, {0, 4, 0}};
    for (int k = 0; k < 6; k++) ck_assert_double_eq_tol(t[k / 3][k % 3], by_item[k / 3][k % 3], 1e-6);
    ck_assert_msg(targets("user,item,p\n0,0,0.5\n1,1,0.1\n0,1,0.8\n1,0,0.3\n", "0.2", t, &error) == TAMIS_OK, "%s", error.text);
    const double by_pair[2][3] = {{2, 1.25, 0}, {0, 5, 0}};
    for (int k = 0; k < 6; k++) ck_assert_double_eq_tol(t[k / 3][k % 3], by_pair[k / 3][k % 3], 1e-6);
    const struct {
        const char *file, *said;
    } wrong[] = {
        {"item,p\n0,0.5\n1,1.5\n2,1\n", ":3:2: the propensity 1.5"},
        {"item,p\n0,0\n1,1\n2,1\n", ":2:2: the propensity 0"},
        {"item,p\n0,-1\n1,1\n2,1\n", ":2:2: the propensity -1"},
        {"item,p\n0,nan\n1,1\n2,1\n", ":2:2:"},
        {"item,p\n0,x\n1,1\n2,1\n", ":2:2:"},
        {"item,p\n0,1\n1,1\n", "item 2 of the log has no propensity"},
        {"item,p\n0,1\n1,1\n2,1\n0,1\n", ":5:2: a second propensity"},
        {"user,item,p\n0,0,1\n0,1,1\n", "user 1 and item 1"},
        {"item\n0\n", "1 columns"},
        {"", ""},
    };
    for (size_t k = 0; k < BASE_COUNT(wrong); k++) {
        ck_assert_msg(targets(wrong[k].file, "0", t, &error) == TAMIS_DATA, "%s", wrong[k].file);
        ck_assert_msg(strstr(error.text, wrong[k].said), "%s", error.text);
    }
    tamis_train_options o = options_of("bpr");
    o.propensity = "some.csv";
    ck_assert_int_eq(tamis_option_check(&train_option_table, &o, &error), TAMIS_USAGE);
}
END_TEST

/* ------------------------------------------------------------------- pages of the manual */

START_TEST(every_method_has_a_page)
{
    const method *m;
    tamis_method_page page;
    for (size_t k = 0; (m = method_get(k)); k++) {
        ck_assert_int_eq(tamis_method_describe(m->name, &page, NULL), TAMIS_OK);
        const char *const parts[] = {page.help, page.source, page.noise, page.use, page.cost};
        for (size_t p = 0; p < BASE_COUNT(parts); p++) ck_assert_msg(parts[p] && strlen(parts[p]) > 5, "%s, part %zu", m->name, p);
    }
    ck_assert_int_eq(tamis_method_describe("nobody", &page, NULL), TAMIS_USAGE);
}
END_TEST

/* ------------------------------------------------------------------- a loss of the caller's own */

static double own_logistic(void *context, const tamis_sample *sample, double *derivative)
{
    const double score = sample->score, label = sample->label;
    (void)context;
    *derivative = sigmoid(score) - label; /* of label softplus(-s) + (1 - label) softplus(s) */
    return label * softplus(-score) + (1 - label) * softplus(score);
}

/* One that remembers what it was asked. */
typedef struct asked {
    int64_t count;
    tamis_sample sample[4000];
} asked;

static double remembering(void *context, const tamis_sample *sample, double *derivative)
{
    asked *a = context;
    if (a->count < (int64_t)BASE_COUNT(a->sample)) a->sample[a->count] = *sample;
    a->count++;
    return own_logistic(NULL, sample, derivative);
}

/* Who is asked about: with next to no learning the scores are the model's in the end. */
static void check_asked(const asked *a, const tamis_log *log, const tamis_model *m, bool pairwise)
{
    int64_t positives = 0;
    ck_assert(a->count > 0 && a->count <= (int64_t)BASE_COUNT(a->sample));
    for (int64_t k = 0; k < a->count; k++) {
        const tamis_sample *s = &a->sample[k];
        const float *p = m->user_factors + (size_t)s->user * m->stride, *q = m->item_factors + (size_t)s->item * m->stride;
        const float *r = s->negative < 0 ? NULL : m->item_factors + (size_t)s->negative * m->stride;
        const bool own = matrix_find(log->matrix, s->user, (int32_t)s->item) >= 0;
        double score = 0;
        for (size_t f = 0; f < m->stride; f++) score += (double)p[f] * ((double)q[f] - (r ? (double)r[f] : 0));
        ck_assert_double_eq_tol(s->score, score, 1e-5);
        ck_assert_int_eq(s->epoch, 1);
        ck_assert(pairwise == (s->negative >= 0) && (!r || matrix_find(log->matrix, s->user, (int32_t)s->negative) < 0));
        ck_assert(pairwise ? own && s->label == 1 : s->label == own);
        positives += own;
    }
    ck_assert(positives >= log->matrix->nnz);
}

/* By weight alone negatives are drawn in proportion: uniform all alike, popularity by interactions^power. */
START_TEST(samplers_weigh)
{
    static const int64_t interactions[] = {0, 1, 4, 1000000000};
    tamis_train_options o;
    const char *name, *help;
    ck_assert_int_eq(tamis_train_options_default(&o, "bpr", NULL), TAMIS_OK);
    for (size_t k = 0; (name = tamis_sampler_list(k, &help)); k++) {
        const sampler *s = sampler_find(name);
        for (size_t i = 0; i < BASE_COUNT(interactions) && s->weight; i++) {
            const double w = s->weight(interactions[i], &o);
            ck_assert_msg(isfinite(w) && w >= 0, "%s: weight %g of %lld interactions", name, w, (long long)interactions[i]);
        }
        ck_assert_msg(!s->search == !s->scores && !s->search == !s->weight_of_another, "%s: all of a search, or nothing", name);
    }
    /* a search that found its negative at the fifth draw of 1,000 items: Σ_d ln (1000 / d) over d = 1 .. 5 is 29.75, by the integral 31.5;
     * one that found none in 100: Σ_d over 1 .. 100 is 327.0, by the integral 330.3 */
    const sampler_view view = {.items = 1000, .options = &o};
    const sampler_sample found = {.negative = 3, .weight = (float)log(200)}, none = {.negative = -1};
    ck_assert_double_eq_tol(sampler_find("warp")->weight_of_another(&view, &found), 31.5, 0.05);
    ck_assert_double_eq_tol(sampler_find("warp")->weight_of_another(&view, &none), 330.3, 0.1);
    ck_assert(!sampler_find("uniform")->weight);
    o.popularity_power = 0.5;
    ck_assert_double_eq_tol(sampler_find("popularity")->weight(9, &o), 3 * sampler_find("popularity")->weight(1, &o), 1e-12);
}
END_TEST

/* No two options of a run share a name or a place, whatever the method and the samplers. */
START_TEST(options_of_samplers_are_apart)
{
    const tamis_option_table *table;
    const tamis_option *seen[200];
    for (size_t m = 0; method_get(m); m++) {
        size_t count = 0;
        for (size_t t = 0; (table = tamis_train_option_table(method_get(m)->name, t)); t++)
            for (size_t k = 0; k < table->count; k++) {
                const tamis_option *row = &table->rows[k];
                for (size_t s = 0; s < count; s++)
                    ck_assert_msg(strcmp(seen[s]->name, row->name) != 0 && seen[s]->offset != row->offset, "%s and %s of %s", seen[s]->name,
                                  row->name, method_get(m)->name);
                ck_assert(row->offset < sizeof(tamis_train_options) && count < BASE_COUNT(seen));
                seen[count++] = row;
            }
        ck_assert_int_eq(table == NULL, 1);
    }
    ck_assert_ptr_null(tamis_train_option_table("no such method", 0));
}
END_TEST

/* What only PLD, popularity or warp sampling and propensities look at is refused elsewhere, and taken there. */
START_TEST(options_without_effect_are_refused)
{
    static const char *const tries[][4] = { /* option, value, a method without use for it, one with */
        {"temperature", "0.3", "bpr", "pld"},     {"pool", "4", "bpo", "pld"},          {"warmup", "2", "relmf", "pld"},
        {"propensity-power", "0.7", "bpr", "relmf"}, {"max-sampled", "9", "bpr", "warp"}, {"popularity-power", "1", "bpr", "popularity"}};
    const tamis_option_table *table = tamis_option_find_table("train");
    tamis_train_options o;
    tamis_error error;
    for (size_t k = 0; k < BASE_COUNT(tries); k++)
        for (int with = 0; with < 2; with++) {
            const char *name = tries[k][2 + with];
            const bool own = method_find(name) != NULL;
            ck_assert_int_eq(tamis_train_options_default(&o, own ? name : "bpr", NULL), TAMIS_OK);
            if (!own) o.negative_sampling = name;
            if (!own) o.batch_size = 64;
            ck_assert_int_eq(tamis_option_set(train_option_find(o.method, tries[k][0]), &o, tries[k][1], NULL), TAMIS_OK);
            const tamis_status status = tamis_option_check(table, &o, &error);
            ck_assert_msg(status == (with ? TAMIS_OK : TAMIS_USAGE), "%s %s: %s", name, tries[k][0], error.text);
            ck_assert_msg(with || strstr(error.text, tries[k][0]), "%s", error.text);
        }
}
END_TEST

/* What the method computes itself, computed by the caller: the same model, to the rounding of float. */
START_TEST(own_loss)
{
    enum { USERS = 30, ITEMS = 20 };
    int32_t user[USERS * ITEMS], item[USERS * ITEMS];
    int64_t n = 0;
    for (int u = 0; u < USERS; u++)
        for (int i = u % 5; i < ITEMS; i += 5) user[n] = u, item[n++] = i;
    tamis_log *log;
    tamis_error error;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, n, USERS, ITEMS, &log, &error), TAMIS_OK);
    const char *methods[] = {"bpr", "bpo", "mf", "pld", "pld-fresh"};
    for (size_t k = 0; k < BASE_COUNT(methods); k++) {
        tamis_loss loss;
        tamis_loss_default(&loss);
        loss.name = "mine";
        loss.pairwise = method_find(methods[k])->pair != NULL;
        loss.call = own_logistic;
        tamis_model *model[2];
        for (int own = 0; own < 2; own++) {
            tamis_train_options o = options_of(methods[k]);
            o.epochs = 3;
            o.factors = 8;
            o.loss = own ? &loss : NULL;
            ck_assert_msg(tamis_train(log, NULL, &o, NULL, &model[own], NULL, &error) == TAMIS_OK, "%s", error.text);
        }
        for (size_t f = 0; f < USERS * model[0]->stride; f++)
            ck_assert_double_eq_tol((double)model[0]->user_factors[f], (double)model[1]->user_factors[f], 1e-3);
        const char *name, *value = NULL;
        for (size_t note = 0; (name = tamis_model_note(model[1], note, &value)) && strcmp(name, "own-loss") != 0; note++) {}
        ck_assert_str_eq(value, "mine");
        tamis_model_free(model[0]);
        tamis_model_free(model[1]);
        for (int batches = 0; batches < 2; batches++) {
            if (!batches && strcmp(methods[k], "pld") == 0) continue; /* keeps a negative */
            asked a = {0};
            tamis_train_options o = options_of(methods[k]);
            o.epochs = o.threads = 1;
            if (o.warmup > 0 && strncmp(methods[k], "pld", 3) == 0) o.warmup = 0;
            o.factors = 8;
            o.init_scale = 1;
            o.batch_size = batches ? 64 : 0;
            if (!batches) o.optimizer = TAMIS_OPTIMIZER_SGD;
            if (!batches) o.pairs = TAMIS_PAIRS_SAMPLED;
            o.learning_rate = 1e-12;
            o.loss = &loss;
            loss.context = &a;
            loss.call = remembering;
            ck_assert_msg(tamis_train(log, NULL, &o, NULL, &model[0], NULL, &error) == TAMIS_OK, "%s", error.text);
            check_asked(&a, log, model[0], loss.pairwise);
            tamis_model_free(model[0]);
        }
    }
    tamis_train_options o = options_of("bpr");
    tamis_loss point;
    tamis_loss_default(&point);
    point.call = own_logistic;
    tamis_model *none;
    o.loss = &point;
    ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &none, NULL, &error), TAMIS_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "name"));
    point.name = "mine";
    ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &none, NULL, &error), TAMIS_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "pointwise"));
    point = (tamis_loss){.name = "mine", .call = own_logistic}; /* without its size */
    ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &none, NULL, &error), TAMIS_USAGE);
    tamis_log_free(log);
}
END_TEST

/* ------------------------------------------------------------------- every method trains */

START_TEST(every_method_trains_to_the_same_bits)
{
    enum { USERS = 300, ITEMS = 200 }; /* enough for batches to be shared by threads */
    static int32_t user[USERS * ITEMS], item[USERS * ITEMS];
    int64_t n = 0;
    for (int u = 0; u < USERS; u++)
        for (int i = 0; i < ITEMS; i++)
            if (i % 5 == u % 5 && (u * 7 + i * 3) % 4) {
                user[n] = u;
                item[n++] = i;
            }
    tamis_log *log;
    tamis_error error;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, n, USERS, ITEMS, &log, &error), TAMIS_OK);
    const method *m;
    int by_sample = 0;
    for (size_t k = 0; (m = method_get(k / 2)); k++) { /* each as it is, then updated after each sample where it can be */
        tamis_train_options o = options_of(m->name);
        if (m->trainer == METHOD_BY_ITEMS) continue; /* test_items.c */
        o.epochs = 2;
        o.factors = m->trainer == METHOD_BY_ALS ? 20 : 70;
        if (o.batch_size > 2000) o.batch_size = 2000;
        if (o.negatives > 64) o.negatives = 64;
        if (k % 2) {
            if (o.batch_size == 0) continue;
            o.batch_size = 0;
            o.optimizer = TAMIS_OPTIMIZER_SGD;
            o.regularization = 0.01;
            if (tamis_option_check(tamis_option_find_table("train"), &o, NULL) != TAMIS_OK) continue;
            by_sample++;
        }
        float *first = NULL;
        const int64_t threads[] = {1, 3, 8};
        for (size_t t = 0; t < BASE_COUNT(threads); t++) {
            tamis_model *model;
            tamis_train_report report;
            o.threads = threads[t];
            ck_assert_msg(tamis_train(log, NULL, &o, NULL, &model, &report, &error) == TAMIS_OK, "%s: %s", m->name, error.text);
            const size_t users = (size_t)model->users * model->stride, both = users + (size_t)model->items * model->stride;
            float *all = malloc(both * sizeof *all);
            memcpy(all, model->user_factors, users * sizeof *all);
            memcpy(all + users, model->item_factors, (both - users) * sizeof *all);
            if (first) ck_assert_msg(memcmp(first, all, both * sizeof *all) == 0, "%s, %d threads", m->name, (int)threads[t]);
            free(first);
            first = all;
            tamis_model_free(model);
        }
        free(first);
    }
    ck_assert_int_ge(by_sample, 4); /* nbpo, mf, wmf, relmf */
    tamis_log_free(log);
}
END_TEST

/* One batch of Adam in double, written out, against the trainer: two users, three items, all pairs. */
START_TEST(adam_by_hand)
{
    const int32_t user[] = {0, 0, 1}, item[] = {0, 1, 2};
    enum { D = 3 };
    tamis_log *log;
    tamis_error error;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 3, 2, 3, &log, &error), TAMIS_OK);
    train_run state = {.log = log, .options = options_of("mf")};
    state.options.factors = D;
    state.options.regularization = 0.01;
    ck_assert_msg(run_start(&state, log, NULL, &state.options, &error) == TAMIS_OK, "%s", error.text);
    double p[2][D], q[3][D], m[5][D] = {{0}}, v[5][D] = {{0}};
    for (int k = 0; k < D; k++) {
        for (int r = 0; r < 2; r++) p[r][k] = (double)state.model->user_factors[r * 16 + k];
        for (int r = 0; r < 3; r++) q[r][k] = (double)state.model->item_factors[r * 16 + k];
    }
    const double y[2][3] = {{1, 1, 0}, {0, 0, 1}}, rate = 0.005;
    for (int t = 1; t <= 3; t++) {
        double g[5][D] = {{0}};
        for (int u = 0; u < 2; u++)
            for (int i = 0; i < 3; i++) {
                double s = 0;
                for (int k = 0; k < D; k++) s += p[u][k] * q[i][k];
                for (int k = 0; k < D; k++) {
                    g[u][k] += (y[u][i] - sigmoid(s)) * q[i][k] / 6;
                    g[2 + i][k] += (y[u][i] - sigmoid(s)) * p[u][k] / 6;
                }
            }
        for (int r = 0; r < 5; r++)
            for (int k = 0; k < D; k++) {
                double *x = r < 2 ? &p[r][k] : &q[r - 2][k], gradient = g[r][k] - 0.01 * *x;
                m[r][k] = 0.9 * m[r][k] + 0.1 * gradient;
                v[r][k] = 0.999 * v[r][k] + 0.001 * gradient * gradient;
                *x += rate * (m[r][k] / (1 - pow(0.9, t))) / (sqrt(v[r][k] / (1 - pow(0.999, t))) + 1e-8);
            }
        tamis_epoch report;
        ck_assert_int_eq(epoch_run(&state, &report, &error), TAMIS_OK);
    }
    for (int k = 0; k < D; k++) {
        for (int r = 0; r < 2; r++) ck_assert_double_eq_tol((double)state.model->user_factors[r * 16 + k], p[r][k], 2e-6);
        for (int r = 0; r < 3; r++) ck_assert_double_eq_tol((double)state.model->item_factors[r * 16 + k], q[r][k], 2e-6);
    }
    run_clear(&state);
    tamis_log_free(log);
}
END_TEST

/* lazy-sgd: a batch adds up what BPR's update after each sample would do, all from the parameters before it. */
START_TEST(lazy_sgd_adds_up_updates_of_samples)
{
    const int32_t user[] = {0, 0, 1, 2}, item[] = {0, 1, 2, 0};
    enum { D = 3, USERS = 4, ITEMS = 5 };
    tamis_log *log;
    tamis_error error;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 4, USERS, ITEMS, &log, &error), TAMIS_OK);
    train_run state = {.log = log, .options = options_of("bpr")};
    tamis_train_options *o = &state.options;
    o->factors = D;
    o->negatives = 1;
    o->batch_size = 4;
    o->optimizer = TAMIS_OPTIMIZER_LAZY_SGD;
    o->learning_rate = 0.5;
    o->init_scale = 1;
    o->user_regularization = 0.2;
    o->item_regularization = 0.1;
    ck_assert_msg(run_start(&state, log, NULL, &state.options, &error) == TAMIS_OK, "%s", error.text);
    double p[USERS][D], q[ITEMS][D], dp[USERS][D] = {{0}}, dq[ITEMS][D] = {{0}};
    double user_decay[USERS] = {1, 1, 1, 1}, item_decay[ITEMS] = {1, 1, 1, 1, 1};
    for (int k = 0; k < D; k++) {
        for (int r = 0; r < USERS; r++) p[r][k] = (double)state.model->user_factors[r * 16 + k];
        for (int r = 0; r < ITEMS; r++) q[r][k] = (double)state.model->item_factors[r * 16 + k];
    }
    tamis_epoch report;
    ck_assert_int_eq(epoch_run(&state, &report, &error), TAMIS_OK);
    for (int e = 0; e < 8; e += 2) {
        const int u = minibatch_of(&state)->user[e], i = minibatch_of(&state)->item[e], j = minibatch_of(&state)->item[e + 1];
        double x = 0;
        for (int k = 0; k < D; k++) x += p[u][k] * (q[i][k] - q[j][k]);
        for (int k = 0; k < D; k++) {
            dp[u][k] += sigmoid(-x) * (q[i][k] - q[j][k]);
            dq[i][k] += sigmoid(-x) * p[u][k];
            dq[j][k] += -sigmoid(-x) * p[u][k];
        }
        user_decay[u] *= 1 - 0.5 * 0.2;
        item_decay[i] *= 1 - 0.5 * 0.1;
        item_decay[j] *= 1 - 0.5 * 0.1;
    }
    for (int k = 0; k < D; k++) {
        for (int r = 0; r < USERS; r++)
            ck_assert_double_eq_tol((double)state.model->user_factors[r * 16 + k], user_decay[r] * p[r][k] + 0.5 * dp[r][k], 1e-6);
        for (int r = 0; r < ITEMS; r++)
            ck_assert_double_eq_tol((double)state.model->item_factors[r * 16 + k], item_decay[r] * q[r][k] + 0.5 * dq[r][k], 1e-6);
    }
    run_clear(&state);
    tamis_log_free(log);
}
END_TEST

Suite *method_suite(void)
{
    const TTest *const all[] = {pair_losses, point_losses, gradients_of_every_method, nbpo_two_scores, everything_is_finite_far_out,
                                t_ce_drops_the_hardest_positives, r_ce_weights, mf_du_normalises_both_sides,
                                relmf_is_unbiased, sampling_stands_for_all_pairs, all_pairs_come_once,
                                ubpr_weighs_any_pair, propensities_from_a_file, every_method_has_a_page,
                                samplers_weigh, options_of_samplers_are_apart, options_without_effect_are_refused, own_loss,
                                every_method_trains_to_the_same_bits, adam_by_hand,
                                lazy_sgd_adds_up_updates_of_samples};
    Suite *suite = suite_create("method");
    TCase *tests = tcase_create("method");
    for (size_t k = 0; k < BASE_COUNT(all); k++) tcase_add_test(tests, all[k]);
    suite_add_tcase(suite, tests);
    return suite;
}
