/* Alternating regressions: kernels in every tier, normal equations and ExpoMF against naive double arithmetic, falling
 * objectives, the same bits for any number of threads. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/random.h"
#include "kernel/ridge.h"
#include "suites.h"
#include "train/epoch.h"
#include "train/options.h"
#include "train/start.h"

/* User u likes items of its group with chance 3/4, others with chance 1/8. */
static tamis_log *groups_log(int64_t users, int64_t items, uint64_t seed)
{
    base_stream s = base_stream_key(seed, BASE_FOR_SYNTH, 0, 0);
    const size_t room = (size_t)(users * items);
    int32_t *user = malloc(room * sizeof *user), *item = malloc(room * sizeof *item);
    int64_t n = 0;
    for (int64_t u = 0; u < users; u++)
        for (int64_t i = 0; i < items; i++)
            if (base_below(&s, 8) < (u % 3 == i % 3 ? 6u : 1u) || i == u % items) {
                user[n] = (int32_t)u;
                item[n++] = (int32_t)i;
            }
    tamis_log *log;
    tamis_error error;
    ck_assert_msg(tamis_log_from_pairs(user, item, n, users, items, &log, &error) == TAMIS_OK, "%s", error.text);
    free(user);
    free(item);
    return log;
}

static bool likes(const tamis_log *log, int64_t u, int64_t i)
{
    for (int64_t k = log->matrix->start[u]; k < log->matrix->start[u + 1]; k++)
        if (log->matrix->index[k] == i) return true;
    return false;
}

/* How often the row is written; 0: not at all. */
static double weight_of(const tamis_log *log, int64_t u, int64_t i)
{
    const int64_t k = matrix_find(log->matrix, u, (int32_t)i);
    return k < 0 ? 0 : log->weight ? (double)log->weight[k] : 1;
}

/* Whole numbers from 1 to 4, and of one row a thousand. */
static void put_weights(tamis_log *log)
{
    base_stream s = {5};
    log->weight = malloc((size_t)log->matrix->nnz * sizeof *log->weight);
    ck_assert_ptr_nonnull(log->weight);
    for (int64_t k = 0; k < log->matrix->nnz; k++) log->weight[k] = (float)(1 + base_below(&s, 4));
    log->weight[log->matrix->nnz / 2] = 1000;
}

static void begin(train_run *state, const char *name, const tamis_log *log)
{
    tamis_error error;
    *state = (train_run){.log = log};
    ck_assert_int_eq(tamis_train_options_default(&state->options, name, &error), TAMIS_OK);
}

static void set(train_run *state, const char *name, const char *value)
{
    tamis_error error;
    const tamis_option *row = train_option_find(state->options.method, name);
    ck_assert_ptr_nonnull(row);
    ck_assert_msg(tamis_option_set(row, &state->options, value, &error) == TAMIS_OK, "%s", error.text);
}

static double one_epoch(train_run *state)
{
    tamis_epoch report;
    tamis_error error;
    ck_assert_msg(epoch_run(state, &report, &error) == TAMIS_OK, "%s", error.text);
    return report.loss;
}

static void go(train_run *state)
{
    tamis_error error;
    ck_assert_msg(run_start(state, state->log, NULL, &state->options, &error) == TAMIS_OK, "%s", error.text);
}

static double factor(const train_run *state, int side, int64_t row, int64_t f)
{
    const float *rows = side ? state->model->item_factors : state->model->user_factors;
    return (double)rows[(size_t)row * state->model->stride + (size_t)f];
}

/* ------------------------------------------------------------------ double arithmetic */

/* x of Ax = b, n <= 64; A and b are overwritten */
static void eliminate(double *A, double *b, size_t n)
{
    for (size_t c = 0; c < n; c++) {
        size_t best = c;
        for (size_t r = c; r < n; r++)
            if (fabs(A[r * n + c]) > fabs(A[best * n + c])) best = r;
        for (size_t k = 0; k < n; k++) {
            double swap = A[c * n + k];
            A[c * n + k] = A[best * n + k];
            A[best * n + k] = swap;
        }
        double swap = b[c];
        b[c] = b[best];
        b[best] = swap;
        for (size_t r = 0; r < n; r++) {
            if (r == c) continue;
            double share = A[r * n + c] / A[c * n + c];
            for (size_t k = c; k < n; k++) A[r * n + k] -= share * A[c * n + k];
            b[r] -= share * b[c];
        }
    }
    for (size_t c = 0; c < n; c++) b[c] /= A[c * n + c];
}

/* argmin over p of Σ_k w_k (y_k - p.q_k)² + λ |p|² */
static void regress(const double *q, const double *w, const double *y, size_t n, size_t d, double lambda, double *p)
{
    double A[64 * 64] = {0};
    memset(p, 0, d * sizeof *p);
    for (size_t f = 0; f < d; f++) A[f * d + f] = lambda;
    for (size_t k = 0; k < n; k++)
        for (size_t f = 0; f < d; f++) {
            p[f] += w[k] * y[k] * q[k * d + f];
            for (size_t g = 0; g < d; g++) A[f * d + g] += w[k] * q[k * d + f] * q[k * d + g];
        }
    eliminate(A, p, d);
}

static void copy_rows(const float *rows, size_t stride, size_t count, size_t d, double *out)
{
    for (size_t r = 0; r < count; r++)
        for (size_t f = 0; f < d; f++) out[r * d + f] = (double)rows[r * stride + f];
}

static double product(const double *a, const double *b, size_t d)
{
    double sum = 0;
    for (size_t f = 0; f < d; f++) sum += a[f] * b[f];
    return sum;
}

/* ------------------------------------------------------------------ the kernels */

enum { ROWS = 40, MOST = 96 };

typedef struct fixture {
    float *rows, *tiles, *matrix, *gradient, *sums, *point, *gram;
    float weight[ROWS], residual[ROWS], score[ROWS];
    int32_t index[ROWS];
    _Alignas(64) float lambda[16];
    size_t stride;
} fixture;

static void fill(float *to, size_t n, base_stream *s)
{
    for (size_t k = 0; k < n; k++) to[k] = (float)base_normal(s);
}

static void fixture_make(fixture *f, size_t stride)
{
    base_stream s = base_stream_key(5, BASE_FOR_START, stride, 0);
    f->stride = stride;
    f->rows = base_alloc(ROWS * stride, sizeof(float));
    f->tiles = base_alloc(16 * 256 * ridge_tiles(stride), sizeof(float));
    f->matrix = base_alloc(16 * stride * stride, sizeof(float));
    f->gradient = base_alloc(16 * stride, sizeof(float));
    f->sums = base_alloc(16 * stride, sizeof(float));
    f->point = base_alloc(16 * stride, sizeof(float));
    f->gram = base_alloc(stride * stride, sizeof(float));
    fill(f->rows, ROWS * stride, &s);
    fill(f->sums, 16 * stride, &s);
    fill(f->point, 16 * stride, &s);
    fill(f->score, ROWS, &s);
    fill(f->residual, ROWS, &s);
    for (int k = 0; k < ROWS; k++) {
        f->weight[k] = (float)base_uniform(&s);
        f->index[k] = (int32_t)base_below(&s, ROWS);
    }
    for (size_t l = 0; l < 16; l++) f->lambda[l] = (float)(l + 1) / 4;
    for (size_t a = 0; a < stride; a++)
        for (size_t b = 0; b < stride; b++) {
            float sum = 0;
            for (size_t k = 0; k < 7; k++) sum += f->rows[k * stride + a] * f->rows[k * stride + b];
            f->gram[a * stride + b] = sum;
        }
}

static void fixture_free(fixture *f)
{
    float *all[] = {f->rows, f->tiles, f->matrix, f->gradient, f->sums, f->point, f->gram};
    for (size_t k = 0; k < BASE_COUNT(all); k++) base_free(all[k]);
}

/* Lane l has its first 2 l rows; the last `width` factors are solved for. */
static void run(fixture *f, const kernel_ridge *kernel, size_t width, bool indexed)
{
    const size_t at = f->stride - width, tiles = ridge_tiles(width);
    for (size_t l = 0; l < 16; l++) {
        const ridge_rows rows = {f->rows, indexed ? f->index : NULL, (int64_t)(2 * l), f->stride};
        float *tile = f->tiles + l * tiles * 256;
        for (size_t a = 0; a < width; a += 16)
            for (size_t b = 0; b <= a; b += 16, tile += 256)
                kernel->moments(&rows, indexed ? f->weight : NULL, a == b ? f->residual : NULL, at + a, at + b, tile,
                                f->sums + l * width + b);
        kernel->project(&rows, f->stride, f->point + 16 * (l % f->stride), f->score);
    }
    const ridge_step step = {.at = at, .width = width, .stride = f->stride, .tiles = f->tiles, .pair_gradients = f->sums,
                             .matrix = f->matrix, .gradient = f->gradient, .point = f->point,
                             .gram = indexed ? NULL : f->gram, .lambda = f->lambda};
    kernel->step(&step);
}

START_TEST(tiers_agree_to_the_bit)
{
    const size_t shapes[][2] = {{16, 16}, {32, 16}, {48, 32}, {64, 64}, {96, 48}};
    for (size_t k = 0; k < BASE_COUNT(shapes); k++)
        for (int indexed = 0; indexed < 2; indexed++) {
            fixture reference, other;
            fixture_make(&reference, shapes[k][0]);
            run(&reference, kernel_portable.ridge, shapes[k][1], indexed);
            const kernel_tier *tier;
            for (size_t t = 1; (tier = kernel_list(t)); t++) {
                fixture_make(&other, shapes[k][0]);
                run(&other, tier->ridge, shapes[k][1], indexed);
                const size_t bytes = 16 * shapes[k][1] * sizeof(float);
                ck_assert_msg(memcmp(reference.gradient, other.gradient, bytes) == 0, "%s %zu %zu", tier->name,
                              shapes[k][0], shapes[k][1]);
                ck_assert(memcmp(reference.score, other.score, sizeof other.score) == 0);
                fixture_free(&other);
            }
            fixture_free(&reference);
        }
}
END_TEST

START_TEST(a_step_solves_its_sixteen_systems)
{
    enum { STRIDE = 64, WIDTH = 48, AT = STRIDE - WIDTH };
    for (int indexed = 0; indexed < 2; indexed++) {
        fixture f, before;
        fixture_make(&f, STRIDE);
        fixture_make(&before, STRIDE);
        run(&f, kernel_choose()->ridge, WIDTH, indexed);
        for (size_t l = 0; l < 16; l++) {
            double A[WIDTH * WIDTH], b[WIDTH], largest = 0;
            for (size_t i = 0; i < WIDTH; i++) {
                b[i] = (double)before.sums[l * WIDTH + i] + (double)f.lambda[l] * (double)f.point[(AT + i) * 16 + l];
                for (size_t k = 0; k < STRIDE && !indexed; k++)
                    b[i] += (double)f.gram[(AT + i) * STRIDE + k] * (double)f.point[k * 16 + l];
                for (size_t k = 0; k < 2 * l; k++)
                    b[i] += (double)f.residual[k] * (double)f.rows[(indexed ? (size_t)f.index[k] : k) * STRIDE + AT + i];
                for (size_t j = 0; j < WIDTH; j++) {
                    A[i * WIDTH + j] = i == j ? (double)f.lambda[l] : 0;
                    if (!indexed) A[i * WIDTH + j] += (double)f.gram[(AT + i) * STRIDE + AT + j];
                    for (size_t k = 0; k < 2 * l; k++) {
                        const float *row = f.rows + (indexed ? (size_t)f.index[k] : k) * STRIDE + AT;
                        A[i * WIDTH + j] += (indexed ? (double)f.weight[k] : 1) * (double)row[i] * (double)row[j];
                    }
                }
            }
            eliminate(A, b, WIDTH);
            for (size_t i = 0; i < WIDTH; i++) largest = fmax(largest, fabs(b[i]));
            for (size_t i = 0; i < WIDTH; i++)
                ck_assert_double_eq_tol((double)f.gradient[i * 16 + l], b[i], 1e-4 * largest);
        }
        fixture_free(&f);
        fixture_free(&before);
    }
}
END_TEST

/* ------------------------------------------------------------------ iALS */

enum { USERS = 53, ITEMS = 37, D = 20 };

/* The objective of ials.c in double; *plain: without the L2 terms. */
static double objective(const train_run *state, double alpha, double lambda, double nu, double *plain)
{
    const tamis_log *log = state->log;
    const int64_t users = state->model->users, items = state->model->items;
    double *p = malloc((size_t)users * D * sizeof *p), *q = malloc((size_t)items * D * sizeof *q), penalty = 0;
    double *rows = calloc((size_t)items, sizeof *rows);
    copy_rows(state->model->user_factors, state->model->stride, (size_t)users, D, p);
    copy_rows(state->model->item_factors, state->model->stride, (size_t)items, D, q);
    *plain = 0;
    for (int64_t u = 0; u < users; u++) {
        double n = 0;
        for (int64_t i = 0; i < items; i++) {
            double s = product(p + u * D, q + i * D, D);
            *plain += alpha * s * s;
            for (double row = weight_of(log, u, i); row > 0; row--) { /* the same row again and again */
                *plain += (s - 1) * (s - 1);
                rows[i]++;
                n++;
            }
        }
        penalty += lambda * pow(n + alpha * (double)items, nu) * product(p + u * D, p + u * D, D);
    }
    for (int64_t i = 0; i < items; i++)
        penalty += lambda * pow(rows[i] + alpha * (double)users, nu) * product(q + i * D, q + i * D, D);
    free(p);
    free(q);
    free(rows);
    return *plain + penalty;
}

START_TEST(objective_falls_and_is_told)
{
    const char *blocks[] = {"0", "16", "32"};
    for (int b = 0; b < 6; b++) {
        tamis_log *log = groups_log(USERS, ITEMS, 1);
        if (b >= 3) put_weights(log);
        train_run state;
        begin(&state, "ials", log);
        state.options.factors = D;
        state.options.regularization = 0.02;
        set(&state, "unobserved-weight", "0.3");
        set(&state, "regularization-exponent", "0.7");
        set(&state, "solve-factors", blocks[b % 3]);
        go(&state);
        double plain, last = objective(&state, 0.3, 0.02, 0.7, &plain);
        for (int e = 0; e < 8; e++) {
            const double told = one_epoch(&state), now = objective(&state, 0.3, 0.02, 0.7, &plain);
            ck_assert_msg(now < last, "epoch %d: %g after %g", e, now, last);
            ck_assert_double_eq_tol(told * (double)tamis_log_interactions(log), plain, 1e-4 * plain);
            last = now;
        }
        run_clear(&state);
        tamis_log_free(log);
    }
}
END_TEST

static void items_solve(bool weighted)
{
    tamis_log *log = groups_log(USERS, ITEMS, 2);
    if (weighted) put_weights(log);
    train_run state;
    begin(&state, "ials", log);
    state.options.factors = D;
    state.options.regularization = 0.01;
    set(&state, "unobserved-weight", "0.2");
    set(&state, "solve-factors", "0");
    go(&state);
    one_epoch(&state);
    one_epoch(&state);
    double p[USERS * D], w[USERS], y[USERS], q[D];
    copy_rows(state.model->user_factors, state.model->stride, USERS, D, p);
    for (int64_t i = 0; i < ITEMS; i++) {
        double n = 0, largest = 0;
        for (int64_t u = 0; u < USERS; u++) {
            const double c = weight_of(log, u, i);
            n += c;
            w[u] = c + 0.2;
            y[u] = c / (c + 0.2); /* c (s - 1)² + α s² = (c + α) (s - c / (c + α))² + constant */
        }
        regress(p, w, y, USERS, D, 0.01 * (n + 0.2 * USERS), q);
        for (int f = 0; f < D; f++) largest = fmax(largest, fabs(q[f]));
        for (int f = 0; f < D; f++)
            ck_assert_double_eq_tol(factor(&state, 1, i, f), q[f], 1e-4 * largest);
    }
    run_clear(&state);
    tamis_log_free(log);
}

START_TEST(items_solve_their_normal_equations)
{
    items_solve(false);
    items_solve(true);
}
END_TEST

/* ------------------------------------------------------------------ ExpoMF */

typedef struct naive {
    double p[USERS * D], q[ITEMS * D], mu[ITEMS], lambda, precision, loss;
    bool liked[USERS][ITEMS];
    double weight[USERS][ITEMS]; /* of those that are liked, else 1 */
} naive;

/* -ln p(y_ui), and the expected exposure */
static double pair_surprise(const naive *m, int u, int i, double *exposed)
{
    const double s = product(m->p + u * D, m->q + i * D, D), y = m->liked[u][i];
    const double precision = m->precision * m->weight[u][i];
    const double density = sqrt(precision / 6.283185307179586) * exp(-0.5 * precision * (y - s) * (y - s));
    const double seen = m->mu[i] * density, either = seen + (m->liked[u][i] ? 0 : 1 - m->mu[i]);
    *exposed = seen / either;
    return -log(either);
}

static void naive_epoch(naive *m)
{
    double w[USERS + ITEMS], y[USERS + ITEMS];
    double *old = malloc(sizeof m->p);
    for (int u = 0; u < USERS; u++) {
        for (int i = 0; i < ITEMS; i++) {
            (void)pair_surprise(m, u, i, &w[i]);
            w[i] *= m->precision * m->weight[u][i];
            y[i] = m->liked[u][i];
        }
        regress(m->q, w, y, ITEMS, D, m->lambda, old + u * D);
    }
    memcpy(m->p, old, sizeof m->p);
    free(old);
    m->loss = 0;
    for (int i = 0; i < ITEMS; i++) {
        double exposed = 0;
        for (int u = 0; u < USERS; u++) {
            m->loss += pair_surprise(m, u, i, &w[u]);
            exposed += w[u];
            w[u] *= m->precision * m->weight[u][i];
            y[u] = m->liked[u][i];
        }
        regress(m->p, w, y, USERS, D, m->lambda, m->q + i * D);
        m->mu[i] = (2 + exposed - 1) / (2 + 3 + USERS - 2.0);
    }
}

static double squares(const float *rows, size_t count)
{
    double sum = 0;
    for (size_t k = 0; k < count; k++) sum += (double)rows[k] * (double)rows[k];
    return sum;
}

static void expomf_is_naive(bool weighted)
{
    tamis_log *log = groups_log(USERS, ITEMS, 3);
    if (weighted) put_weights(log);
    train_run state;
    begin(&state, "expomf", log);
    state.options.factors = D;
    state.options.regularization = 0.5;
    state.options.init_scale = 0.5;
    set(&state, "precision", "1.5");
    set(&state, "exposure-start", "0.2");
    set(&state, "exposure-alpha", "2");
    set(&state, "exposure-beta", "3");
    go(&state);
    naive *m = calloc(1, sizeof *m);
    m->lambda = 0.5;
    m->precision = 1.5;
    copy_rows(state.model->user_factors, state.model->stride, USERS, D, m->p);
    copy_rows(state.model->item_factors, state.model->stride, ITEMS, D, m->q);
    for (int i = 0; i < ITEMS; i++) m->mu[i] = 0.2;
    for (int u = 0; u < USERS; u++)
        for (int i = 0; i < ITEMS; i++) {
            m->liked[u][i] = likes(log, u, i);
            m->weight[u][i] = m->liked[u][i] ? weight_of(log, u, i) : 1;
        }
    for (int e = 0; e < 4; e++) {
        const double told = one_epoch(&state);
        naive_epoch(m);
        ck_assert_double_eq_tol(told, m->loss / (USERS * ITEMS), 1e-4);
    }
    for (int u = 0; u < USERS; u++)
        for (int f = 0; f < D; f++)
            ck_assert_double_eq_tol(factor(&state, 0, u, f), m->p[u * D + f], 2e-3);
    for (int i = 0; i < ITEMS; i++)
        for (int f = 0; f < D; f++)
            ck_assert_double_eq_tol(factor(&state, 1, i, f), m->q[i * D + f], 2e-3);
    free(m);
    run_clear(&state);
    tamis_log_free(log);
}

START_TEST(expomf_is_the_naive_one)
{
    expomf_is_naive(false);
    expomf_is_naive(true);
}
END_TEST

/* The told loss is that of the new users with the old items and priors (a flat Beta prior), so with the L2 terms of
 * those it is minus the logarithm of the posterior, which no step of EM raises; also when each takes some
 * factors at a time. */
START_TEST(expomf_posterior_rises)
{
    const char *blocks[] = {"0", "16"};
    for (int b = 0; b < 2; b++) {
        tamis_log *log = groups_log(USERS, ITEMS, 4);
        train_run state;
        begin(&state, "expomf", log);
        state.options.factors = D;
        state.options.regularization = 0.3;
        set(&state, "precision", "4");
        set(&state, "solve-factors", blocks[b % 3]);
        go(&state);
        double last = INFINITY;
        for (int e = 0; e < 10; e++) {
            const double items = squares(state.model->item_factors, ITEMS * state.model->stride);
            const double now = one_epoch(&state) * USERS * ITEMS +
                               0.15 * (items + squares(state.model->user_factors, USERS * state.model->stride));
            ck_assert_msg(now < last + 1e-4, "epoch %d: %g after %g", e, now, last);
            last = now;
        }
        run_clear(&state);
        tamis_log_free(log);
    }
}
END_TEST

/* ------------------------------------------------------------------ both */

START_TEST(same_bits_at_any_thread_count)
{
    const char *names[] = {"ials", "expomf"};
    const int64_t threads[] = {1, 2, 3, 8};
    for (int m = 0; m < 2; m++) {
        tamis_log *log = groups_log(260, 190, 5);
        tamis_train_options o;
        tamis_model *model[4];
        ck_assert_int_eq(tamis_train_options_default(&o, names[m], NULL), TAMIS_OK);
        o.factors = 40;
        o.epochs = 3;
        for (int t = 0; t < 4; t++) {
            o.threads = threads[t];
            ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &model[t], NULL, NULL), TAMIS_OK);
            const size_t row = model[0]->stride * sizeof(float);
            ck_assert(memcmp(model[t]->user_factors, model[0]->user_factors, 260 * row) == 0);
            ck_assert(memcmp(model[t]->item_factors, model[0]->item_factors, 190 * row) == 0);
        }
        for (int t = 0; t < 4; t++) tamis_model_free(model[t]);
        tamis_log_free(log);
    }
}
END_TEST

START_TEST(item_bias_is_refused)
{
    const char *names[] = {"ials", "expomf"};
    for (int m = 0; m < 2; m++) {
        tamis_log *log = groups_log(10, 10, 6);
        tamis_train_options o;
        tamis_model *model;
        tamis_error error;
        ck_assert_int_eq(tamis_train_options_default(&o, names[m], NULL), TAMIS_OK);
        o.item_bias = 1;
        ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &model, NULL, &error), TAMIS_USAGE);
        ck_assert_ptr_nonnull(strstr(error.text, "--item-bias"));
        ck_assert_ptr_nonnull(strstr(error.text, names[m]));
        tamis_log_free(log);
    }
}
END_TEST

/* what would change nothing is refused, not passed over */
START_TEST(idle_options_are_refused)
{
    tamis_log *log = groups_log(10, 10, 6);
    const char *idle[] = {"learning-rate 0.3", "negatives 2", "batch-size 64", "optimizer adam", "positive-sampling pld",
                          "temperature 3"};
    const char *names[] = {"ials", "expomf"};
    for (size_t k = 0; k < 2 * BASE_COUNT(idle); k++) {
        tamis_train_options o;
        tamis_model *model;
        tamis_error error;
        char name[40], value[40];
        ck_assert_int_eq(sscanf(idle[k / 2], "%39s %39s", name, value), 2);
        ck_assert_int_eq(tamis_train_options_default(&o, names[k % 2], NULL), TAMIS_OK);
        const tamis_option *row = train_option_find(names[k % 2], name);
        ck_assert_int_eq(tamis_option_set(row, &o, value, NULL), TAMIS_OK);
        ck_assert_int_eq(tamis_train(log, NULL, &o, NULL, &model, NULL, &error), TAMIS_USAGE);
        ck_assert_msg(strstr(error.text, name) && strstr(error.text, names[k % 2]), "%s", error.text);
    }
    tamis_log_free(log);
}
END_TEST

/* tiny shapes, items that nobody clicked, no regularization: finite all the same */
START_TEST(tiny_logs_train)
{
    const char *names[] = {"ials", "expomf"};
    const int64_t shapes[][2] = {{1, 1}, {1, 5}, {5, 1}, {2, 2}, {17, 33}};
    for (int m = 0; m < 2; m++)
        for (size_t k = 0; k < BASE_COUNT(shapes); k++) {
            int32_t user[64], item[64];
            int64_t n = 0;
            for (int64_t u = 0; u < shapes[k][0]; u++) { /* one item each */
                user[n] = (int32_t)u;
                item[n++] = (int32_t)(u % shapes[k][1]);
            }
            tamis_log *log;
            tamis_model *model;
            tamis_error error;
            ck_assert_int_eq(tamis_log_from_pairs(user, item, n, shapes[k][0], shapes[k][1], &log, NULL), TAMIS_OK);
            tamis_train_options o;
            ck_assert_int_eq(tamis_train_options_default(&o, names[m], NULL), TAMIS_OK);
            o.epochs = 5;
            o.regularization = k % 2 ? 0 : 0.01;
            tamis_status status = tamis_train(log, NULL, &o, NULL, &model, NULL, &error);
            ck_assert_msg(status == TAMIS_OK, "%s %zu: %s", names[m], k, error.text);
            tamis_model_free(model);
            tamis_log_free(log);
        }
}
END_TEST

Suite *als_suite(void)
{
    Suite *suite = suite_create("als");
    TCase *tests = tcase_create("als");
    tcase_add_test(tests, tiers_agree_to_the_bit);
    tcase_add_test(tests, a_step_solves_its_sixteen_systems);
    tcase_add_test(tests, objective_falls_and_is_told);
    tcase_add_test(tests, items_solve_their_normal_equations);
    tcase_add_test(tests, expomf_is_the_naive_one);
    tcase_add_test(tests, expomf_posterior_rises);
    tcase_add_test(tests, same_bits_at_any_thread_count);
    tcase_add_test(tests, item_bias_is_refused);
    tcase_add_test(tests, idle_options_are_refused);
    tcase_add_test(tests, tiny_logs_train);
    suite_add_tcase(suite, tests);
    return suite;
}
