/* The kernels: every tier gives the reference's bits, the reference does the written equations; losses and their
 * derivatives; scalar functions against libm; drawing by weight. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/random.h"
#include "kernel/kernel.h"
#include "kernel/scalar.h"
#include "method/method.h"
#include "sampler/sampler.h"
#include "suites.h"

enum { USERS = 5, ITEMS = 9, SAMPLES = 40 };

static void fill(float *rows, size_t count, size_t factors, size_t stride, base_stream *s, float scale)
{
    for (size_t r = 0; r < count; r++)
        for (size_t k = 0; k < stride; k++) rows[r * stride + k] = k < factors ? scale * (float)base_normal(s) : 0;
}

typedef struct fixture {
    float *users, *items, bias[ITEMS * KERNEL_BIAS];
    int32_t user[SAMPLES], positive[SAMPLES], negative[SAMPLES];
    size_t stride;
    kernel_pairs work;
} fixture;

static void fixture_make(fixture *f, size_t factors, float scale, bool bias)
{
    base_stream s = base_stream_key(11, BASE_FOR_START, factors, 0);
    *f = (fixture){.stride = (factors + 15) / 16 * 16};
    f->users = base_alloc(USERS * f->stride, sizeof(float));
    f->items = base_alloc(ITEMS * f->stride, sizeof(float));
    fill(f->users, USERS, factors, f->stride, &s, scale);
    fill(f->items, ITEMS, factors, f->stride, &s, scale);
    for (int k = 0; k < ITEMS; k++) f->bias[k * KERNEL_BIAS] = (float)base_normal(&s);
    for (int k = 0; k < SAMPLES; k++) {
        f->user[k] = (int32_t)base_below(&s, USERS);
        f->positive[k] = (int32_t)base_below(&s, ITEMS - 1);
        f->negative[k] = f->positive[k] + 1;
    }
    f->work = (kernel_pairs){.users = f->users, .items = f->items, .bias = bias ? f->bias : NULL, .stride = f->stride,
                             .user = f->user, .positive = f->positive, .negative = f->negative, .count = SAMPLES,
                             .rate = 0.05f, .keep_user = 0.999f, .keep_positive = 0.998f, .keep_negative = 0.997f,
                             .keep_bias = 0.996f, .loss = method_find("bpr")->pair};
}

static void fixture_free(fixture *f)
{
    base_free(f->users);
    base_free(f->items);
}

static kernel_points points_of(const fixture *f, int count, const float *target, const float *weight, kernel_loss loss)
{
    return (kernel_points){.users = f->users, .items = f->items, .bias = f->work.bias, .stride = f->stride, .user = f->user,
                           .item = f->positive, .target = target, .weight = weight, .count = count, .rate = 0.05f,
                           .keep_user = 0.999f, .keep_item = 0.998f, .keep_bias = 0.996f, .loss = loss};
}

static void draw_targets(float *target, float *weight)
{
    base_stream s = base_stream_key(12, BASE_FOR_START, 0, 0);
    for (int k = 0; k < SAMPLES; k++) {
        target[k] = k % 3 == 0 ? 1 : k % 3 == 1 ? 0 : 1.7f;
        weight[k] = 0.5f + (float)base_uniform(&s);
    }
}

START_TEST(tiers_agree_to_the_bit)
{
    const size_t sizes[] = {1, 3, 16, 20, 32, 48, 64, 70, 96, 128, 200, 256, 300};
    float target[SAMPLES], weight[SAMPLES];
    draw_targets(target, weight);
    const float scales[] = {0.1f, 1e-20f, 3e-38f, 5.f, 1e4f, 1e19f}; /* with denormals, and with overflow */
    for (size_t a_size = 0; a_size < BASE_COUNT(sizes); a_size++)
        for (size_t b = 0; b < BASE_COUNT(scales); b++) {
            fixture reference, other;
            fixture_make(&reference, sizes[a_size], scales[b], b % 2);
            kernel_portable.pairs(&reference.work);
            const kernel_tier *tier;
            for (size_t t = 1; (tier = kernel_list(t)); t++) {
                fixture_make(&other, sizes[a_size], scales[b], b % 2);
                tier->pairs(&other.work);
                bool finite = isfinite(reference.work.loss_sum);
                size_t user_bytes = USERS * reference.stride * sizeof(float);
                /* NaNs may differ in their payload: there only the fact counts */
                ck_assert_msg(!finite || memcmp(reference.users, other.users, user_bytes) == 0, "%s d %zu scale %g",
                              tier->name, sizes[a_size], (double)scales[b]);
                ck_assert(!finite || memcmp(reference.items, other.items, ITEMS * reference.stride * sizeof(float)) == 0);
                ck_assert(!finite || memcmp(reference.bias, other.bias, sizeof other.bias) == 0);
                ck_assert_int_eq(finite, isfinite(other.work.loss_sum));
                ck_assert(!finite || reference.work.loss_sum == other.work.loss_sum);
                if (finite) {
                    kernel_points a = points_of(&reference, SAMPLES, target, weight, kernel_logistic_point), c = a;
                    c.users = other.users;
                    c.items = other.items;
                    c.bias = other.work.bias;
                    kernel_portable.points(&a);
                    tier->points(&c);
                    ck_assert(!isfinite(a.loss_sum) || memcmp(reference.items, other.items,
                                                              ITEMS * reference.stride * sizeof(float)) == 0);
                    fixture_free(&reference);
                    fixture_make(&reference, sizes[a_size], scales[b], b % 2);
                    kernel_portable.pairs(&reference.work);
                }
                float x = kernel_portable.dot(reference.users, reference.items, reference.stride);
                float y = tier->dot(reference.users, reference.items, reference.stride);
                ck_assert(x == y || (isnan(x) && isnan(y)));
                fixture_free(&other);
            }
            fixture_free(&reference);
        }
}
END_TEST

/* Lists that fill no whole group: odd ones, and those of one sample. */
START_TEST(tiers_agree_on_lists_of_any_length)
{
    const size_t sizes[] = {1, 16, 20, 64, 300};
    float target[SAMPLES], weight[SAMPLES];
    draw_targets(target, weight);
    for (size_t z = 0; z < BASE_COUNT(sizes); z++)
        for (int n = 1; n <= SAMPLES; n++) {
            const kernel_tier *tier;
            for (size_t t = 1; (tier = kernel_list(t)); t++) {
                fixture reference, other;
                fixture_make(&reference, sizes[z], 0.1f, n % 3 == 0);
                fixture_make(&other, sizes[z], 0.1f, n % 3 == 0);
                reference.work.count = other.work.count = n;
                kernel_portable.pairs(&reference.work);
                tier->pairs(&other.work);
                ck_assert(reference.work.loss_sum == other.work.loss_sum);
                kernel_points a = points_of(&reference, n, target, weight, kernel_logistic_point);
                kernel_points b = points_of(&other, n, target, weight, kernel_logistic_point);
                kernel_portable.points(&a);
                tier->points(&b);
                ck_assert_msg(a.loss_sum == b.loss_sum, "%s d %zu, %d samples", tier->name, sizes[z], n);
                ck_assert(memcmp(reference.users, other.users, USERS * reference.stride * sizeof(float)) == 0);
                ck_assert(memcmp(reference.items, other.items, ITEMS * reference.stride * sizeof(float)) == 0);
                fixture_free(&reference);
                fixture_free(&other);
            }
        }
}
END_TEST

/* The place of sample s among n: group by group, of m = ceil(n / 8) groups, group g being samples g, g + m, ... */
static int taken_order(int n, int *order, int *group_end)
{
    const int m = (n + 7) / 8;
    int at = 0;
    for (int g = 0; g < m; g++) {
        for (int s = g; s < n; s += m) order[at++] = s;
        group_end[g] = at;
    }
    return m;
}

typedef struct plain {
    double p[USERS][20], q[ITEMS][20], bias[ITEMS], loss;
} plain;

static void plain_copy(plain *x, const fixture *f, size_t d)
{
    for (size_t k = 0; k < d; k++) {
        for (size_t r = 0; r < USERS; r++) x->p[r][k] = (double)f->users[r * f->stride + k];
        for (size_t r = 0; r < ITEMS; r++) x->q[r][k] = (double)f->items[r * f->stride + k];
    }
    for (int r = 0; r < ITEMS; r++) x->bias[r] = (double)f->bias[r * KERNEL_BIAS];
    x->loss = 0;
}

static void plain_equal(const plain *x, const fixture *f, size_t d, double loss)
{
    for (size_t k = 0; k < d; k++) {
        for (size_t r = 0; r < USERS; r++) ck_assert_double_eq_tol((double)f->users[r * f->stride + k], x->p[r][k], 3e-6);
        for (size_t r = 0; r < ITEMS; r++) ck_assert_double_eq_tol((double)f->items[r * f->stride + k], x->q[r][k], 3e-6);
    }
    for (int r = 0; r < ITEMS; r++) ck_assert_double_eq_tol((double)f->bias[r * KERNEL_BIAS], x->bias[r], 3e-6);
    ck_assert_double_eq_tol(loss, x->loss, 1e-4);
    for (size_t r = 0; r < ITEMS; r++)
        for (size_t k = d; k < f->stride; k++) ck_assert(f->items[r * f->stride + k] == 0);
}

/* the update as methods.md writes it, in double */
START_TEST(pairs_do_the_equations)
{
    const size_t d = 20;
    const int counts[] = {SAMPLES, 1, 7, 9, 37};
    for (size_t c = 0; c < BASE_COUNT(counts); c++) {
        fixture f;
        plain x;
        fixture_make(&f, d, 0.5f, true);
        f.work.count = counts[c];
        plain_copy(&x, &f, d);
        int order[SAMPLES], end[SAMPLES], at = 0, groups = taken_order(counts[c], order, end);
        for (int group = 0; group < groups; group++) {
            double gradient[8];
            for (int k = at; k < end[group]; k++) {
                int u = f.user[order[k]], i = f.positive[order[k]], j = f.negative[order[k]];
                double score = x.bias[i] - x.bias[j];
                for (size_t a = 0; a < d; a++) score += x.p[u][a] * (x.q[i][a] - x.q[j][a]);
                gradient[k - at] = 1 / (1 + exp(score));
                x.loss += log1p(exp(-score));
            }
            for (int k = at; k < end[group]; k++) {
                int u = f.user[order[k]], i = f.positive[order[k]], j = f.negative[order[k]];
                double g = gradient[k - at], eta = 0.05, lu = 0.02, li = 0.04, lj = 0.06, lb = 0.08;
                for (size_t a = 0; a < d; a++) {
                    double p = x.p[u][a], qi = x.q[i][a], qj = x.q[j][a];
                    x.p[u][a] += eta * (g * (qi - qj) - lu * p);
                    x.q[i][a] += eta * (g * p - li * qi);
                    x.q[j][a] += eta * (-g * p - lj * qj);
                }
                x.bias[i] += eta * (g - lb * x.bias[i]);
                x.bias[j] += eta * (-g - lb * x.bias[j]);
            }
            at = end[group];
        }
        kernel_portable.pairs(&f.work);
        plain_equal(&x, &f, d, f.work.loss_sum);
        fixture_free(&f);
    }
}
END_TEST

/* Steps of duos 2k, 2k + 1; of one user, neighbours: so that both kinds of duos occur */
START_TEST(points_do_the_equations)
{
    const size_t d = 20;
    const int counts[] = {SAMPLES, 1, 2, 11, 37};
    const double eta = 0.05, lu = 0.02, li = 0.04, lb = 0.08;
    float target[SAMPLES], weight[SAMPLES];
    draw_targets(target, weight);
    int together = 0, apart = 0;
    for (size_t c = 0; c < BASE_COUNT(counts); c++) {
        fixture f;
        plain x;
        fixture_make(&f, d, 0.5f, true);
        for (int k = 1; k < SAMPLES; k++) f.user[k] = k % 3 ? f.user[k - 1] : f.user[k];
        plain_copy(&x, &f, d);
        int order[SAMPLES], end[SAMPLES], at = 0, groups = taken_order((counts[c] + 1) / 2, order, end);
        for (int group = 0; group < groups; group++) {
            double gradient[8][2] = {{0}};
            for (int k = at; k < end[group]; k++)
                for (int s = 2 * order[k]; s < 2 * order[k] + 2 && s < counts[c]; s++) {
                    double score = x.bias[f.positive[s]], t = (double)target[s], w = (double)weight[s];
                    for (size_t a = 0; a < d; a++) score += x.p[f.user[s]][a] * x.q[f.positive[s]][a];
                    gradient[k - at][s % 2] = w * (t - 1 / (1 + exp(-score)));
                    x.loss += w * (t * log1p(exp(-score)) + (1 - t) * log1p(exp(score)));
                }
            for (int k = at; k < end[group]; k++) {
                const int first = 2 * order[k], n = first + 1 < counts[c] ? 2 : 1;
                const bool one = n == 2 && f.user[first] == f.user[first + 1] && f.positive[first] != f.positive[first + 1];
                together += one;
                apart += !one;
                for (int s = first; s < first + n; s++) {
                    const int i = f.positive[s];
                    const double g = gradient[k - at][s % 2];
                    double *p = x.p[f.user[s]], *q = x.q[i];
                    for (size_t a = 0; a < d && !one; a++) {
                        const double old = p[a];
                        p[a] += eta * (g * q[a] - lu * old);
                        q[a] += eta * (g * old - li * q[a]);
                    }
                    x.bias[i] += eta * (g - lb * x.bias[i]);
                }
                double *p = x.p[f.user[first]], *q = x.q[f.positive[first]], *r = x.q[f.positive[first + n - 1]];
                for (size_t a = 0; a < d && one; a++) {
                    const double old = p[a], *g = gradient[k - at];
                    p[a] = (1 - eta * lu) * (1 - eta * lu) * old + eta * (g[0] * q[a] + g[1] * r[a]);
                    q[a] += eta * (g[0] * old - li * q[a]);
                    r[a] += eta * (g[1] * old - li * r[a]);
                }
            }
            at = end[group];
        }
        kernel_points work = points_of(&f, counts[c], target, weight, kernel_logistic_point);
        kernel_portable.points(&work);
        plain_equal(&x, &f, d, work.loss_sum);
        fixture_free(&f);
    }
    ck_assert(together > 5 && apart > 5);
}
END_TEST

/* -dL/ds is the target, whatever the score */
static float given_gradient(const void *context, const kernel_sample *sample, double *loss)
{
    (void)context;
    (void)loss;
    return sample->target;
}

/* Up to 16 samples are one group, whose scores have no part here: both go duo after duo. */
START_TEST(steps_are_the_updates_of_points)
{
    const int counts[] = {1, 2, 7, 16};
    const size_t sizes[] = {20, 64, 70};
    float target[SAMPLES], weight[SAMPLES], gradient[SAMPLES];
    draw_targets(target, weight);
    for (int k = 0; k < SAMPLES; k++) gradient[k] = weight[k] * target[k];
    const kernel_tier *tier;
    for (size_t t = 0; (tier = kernel_list(t)); t++)
        for (size_t c = 0; c < BASE_COUNT(counts); c++)
            for (size_t d = 0; d < BASE_COUNT(sizes); d++) {
                fixture a, b;
                fixture_make(&a, sizes[d], 0.5f, c % 2);
                fixture_make(&b, sizes[d], 0.5f, c % 2);
                a.user[1] = b.user[1] = a.user[0]; /* a duo together */
                kernel_points points = points_of(&a, counts[c], target, weight, given_gradient);
                kernel_points steps = points_of(&b, counts[c], NULL, NULL, NULL);
                kernel_portable.points(&points);
                tier->steps(&steps, gradient, SAMPLES);
                ck_assert(memcmp(a.users, b.users, USERS * a.stride * sizeof(float)) == 0);
                ck_assert(memcmp(a.items, b.items, ITEMS * a.stride * sizeof(float)) == 0);
                ck_assert(memcmp(a.bias, b.bias, sizeof a.bias) == 0);
                fixture_free(&a);
                fixture_free(&b);
            }
}
END_TEST

/* losses that kernels do not know, with the values of those that they do */
static float own_pair(const void *context, const kernel_sample *sample, double *loss)
{
    return kernel_logistic_pair(context, sample, loss);
}

static float own_point(const void *context, const kernel_sample *sample, double *loss)
{
    return kernel_logistic_point(context, sample, loss);
}

/* the vectors of the logistic losses have the bits of the scalar functions, in every tier, at any score */
START_TEST(known_losses_are_the_scalar_ones)
{
    const float scales[] = {0.1f, 1, 3, 6, 30, 1e10f};
    const kernel_tier *tier;
    float target[SAMPLES], weight[SAMPLES];
    draw_targets(target, weight);
    for (size_t t = 0; (tier = kernel_list(t)); t++)
        for (size_t k = 0; k < 2 * BASE_COUNT(scales); k++) {
            fixture known, own;
            const size_t stride = 64;
            fixture_make(&known, stride, scales[k / 2], true);
            fixture_make(&own, stride, scales[k / 2], true);
            double loss[2];
            if (k % 2) {
                own.work.loss = own_pair;
                tier->pairs(&known.work);
                tier->pairs(&own.work);
                loss[0] = known.work.loss_sum;
                loss[1] = own.work.loss_sum;
            } else {
                kernel_points a = points_of(&known, SAMPLES, target, weight, kernel_logistic_point);
                kernel_points b = points_of(&own, SAMPLES, target, weight, own_point);
                tier->points(&a);
                tier->points(&b);
                loss[0] = a.loss_sum;
                loss[1] = b.loss_sum;
            }
            ck_assert(memcmp(&loss[0], &loss[1], sizeof loss[0]) == 0);
            ck_assert(memcmp(known.users, own.users, USERS * stride * sizeof(float)) == 0);
            ck_assert(memcmp(known.items, own.items, ITEMS * stride * sizeof(float)) == 0);
            fixture_free(&known);
            fixture_free(&own);
        }
}
END_TEST

/* the same, of whole rows of scores */
START_TEST(rows_of_losses_are_the_scalar_ones)
{
    enum { N = 160 };
    float *x = base_alloc(N, sizeof *x), *loss = base_alloc(N, sizeof *loss), *alone = base_alloc(N, sizeof *alone),
          *target = base_alloc(N, sizeof *target);
    const kernel_tier *tier;
    for (size_t t = 0; (tier = kernel_list(t)); t++)
        for (int pass = 0; pass < 2; pass++) {
            base_stream s = base_stream_key(6, BASE_FOR_START, (uint64_t)pass, 0);
            float from[N];
            for (int k = 0; k < N; k++) {
                from[k] = x[k] = (float)(base_uniform(&s) - 0.5) * (k % 3 ? 20.0f : 300.0f);
                target[k] = k % 4 == 3 ? 2.5f : (float)(k % 2);
            }
            tier->logistic_losses(x, alone, N);
            if (pass)
                tier->logistic_points(x, target, loss, N);
            else
                tier->logistic_pairs(x, loss, N);
            for (int k = 0; k < N; k++) {
                double right = 0;
                const kernel_sample sample = {.score = from[k], .target = target[k]};
                const float gradient = (pass ? kernel_logistic_point : kernel_logistic_pair)(NULL, &sample, &right);
                const float own = (float)right;
                ck_assert(memcmp(&x[k], &gradient, sizeof gradient) == 0 && memcmp(&loss[k], &own, sizeof own) == 0);
                ck_assert(pass || memcmp(&alone[k], &own, sizeof own) == 0);
            }
        }
    base_free(x);
    base_free(loss);
    base_free(alone);
    base_free(target);
}
END_TEST

/* any number of them, of rows of any length, against sums in double */
START_TEST(scores_of_lists)
{
    static const size_t strides[] = {16, 32, 48, 64, 128, 192};
    const kernel_tier *tier;
    for (size_t t = 0; (tier = kernel_list(t)); t++)
        for (size_t k = 0; k < BASE_COUNT(strides); k++) {
            fixture f;
            fixture_make(&f, strides[k], 1, false);
            for (int64_t n = 0; n < 23; n++) {
                float out[24];
                out[n] = 7;
                tier->scores(f.users, f.work.user, f.items, f.work.positive, n, strides[k], out);
                for (int64_t s = 0; s < n; s++) {
                    double right = 0;
                    for (size_t c = 0; c < strides[k]; c++)
                        right += (double)f.users[(size_t)f.work.user[s] * strides[k] + c] *
                                 (double)f.items[(size_t)f.work.positive[s] * strides[k] + c];
                    ck_assert_double_eq_tol((double)out[s], right, 1e-5);
                }
                ck_assert(out[n] > 6.5f && out[n] < 7.5f); /* untouched */
            }
            fixture_free(&f);
        }
}
END_TEST

/* unit vectors, the part of a gradient at a right angle to one, and sums of rows: against double, and alike in every tier */
START_TEST(rows_are_turned)
{
    enum { N = 80 };
    float *row = base_alloc(N, sizeof *row), *unit = base_alloc(N, sizeof *unit), *gradient = base_alloc(N, sizeof *gradient);
    float *first = base_alloc(2 * N, sizeof *first), *sum = base_alloc(N, sizeof *sum);
    const kernel_tier *tier;
    for (size_t t = 0; (tier = kernel_list(t)); t++) {
        base_stream s = base_stream_key(7, BASE_FOR_START, 0, 0);
        double square = 0, along = 0, rest = 0;
        _Alignas(64) float from[N];
        for (int k = 0; k < N; k++) {
            row[k] = k % 5 == 4 ? 0 : (float)base_normal(&s); /* as dropout leaves it */
            from[k] = gradient[k] = (float)base_normal(&s);
            sum[k] = 2;
            square += (double)row[k] * (double)row[k];
        }
        ck_assert_double_eq_tol((double)tier->normalize(row, N, unit), sqrt(square), 1e-5);
        tier->axpy(sum, -0.5f, from, N);
        for (int k = 0; k < N; k++) {
            ck_assert_double_eq_tol((double)unit[k], (double)row[k] / sqrt(square), 1e-6);
            ck_assert_double_eq_tol((double)sum[k], 2 - 0.5 * (double)from[k], 1e-6);
            along += (double)unit[k] * (double)from[k];
        }
        tier->tangent(gradient, unit, N, 3);
        for (int k = 0; k < N; k++) {
            const double right = k % 5 == 4 ? 0 : 3 * ((double)from[k] - along * (double)unit[k]);
            ck_assert_double_eq_tol((double)gradient[k], right, 1e-5);
            rest += (double)gradient[k] * (double)unit[k];
        }
        ck_assert_double_eq_tol(rest, 0, 1e-5);
        if (t == 0) {
            memcpy(first, gradient, N * sizeof *first);
            memcpy(first + N, unit, N * sizeof *first);
        }
        ck_assert(memcmp(first, gradient, N * sizeof *first) == 0 && memcmp(first + N, unit, N * sizeof *first) == 0);
        memset(row, 0, N * sizeof *row);
        ck_assert(!(tier->normalize(row, N, row) > 0) && !(row[3] > 0));
    }
    base_free(row);
    base_free(unit);
    base_free(gradient);
    base_free(first);
    base_free(sum);
}
END_TEST

START_TEST(scalars_match_libm)
{
    for (double x = -100; x <= 100; x += 0.00713) {
        float y = (float)x;
        double sigmoid = 1 / (1 + exp(-(double)y)), softplus = y > 0 ? (double)y + log1p(exp(-(double)y)) : log1p(exp((double)y));
        if (y > -87) {
            ck_assert_double_eq_tol((double)scalar_sigmoid(y) / sigmoid, 1, 4e-7);
            ck_assert_double_eq_tol((double)scalar_softplus(y) / softplus, 1, 4e-7);
        }
        ck_assert(isfinite(scalar_sigmoid(y)) && isfinite(scalar_softplus(y)));
    }
    ck_assert(isnan(scalar_sigmoid(NAN)) && isnan(scalar_softplus(NAN)));
    ck_assert(isfinite(scalar_sigmoid(INFINITY)) && scalar_sigmoid(-INFINITY) < 1e-37f);
}
END_TEST

/* the table holds exactly the weights: summed share by share it gives each item its proportion */
START_TEST(drawing_by_weight)
{
    double weight[7] = {5, 0, 1, 1, 0.5, 2.5, 10}, left[7];
    const double total = 20;
    alias_slot slot[7];
    uint32_t stack[7];
    double chance[7] = {0};
    memcpy(left, weight, sizeof weight);
    alias_fill(slot, left, 7, stack);
    for (int k = 0; k < 7; k++) {
        double share = slot[k].other == (uint32_t)k ? 1 : slot[k].chance / 0x1p32;
        chance[k] += share / 7;
        chance[slot[k].other] += (1 - share) / 7;
    }
    for (int k = 0; k < 7; k++) ck_assert_double_eq_tol(chance[k], weight[k] / total, 1e-9);
    base_stream s = base_stream_key(3, BASE_FOR_TILE, 0, 0);
    int64_t count[7] = {0};
    for (int k = 0; k < 200000; k++) count[alias_draw(slot, 7, &s)]++;
    for (int k = 0; k < 7; k++)
        ck_assert_double_eq_tol((double)count[k] / 200000, weight[k] / total, 5 * sqrt(0.25 / 200000));
    ck_assert_int_eq(count[1], 0);
    memset(left, 0, sizeof left);
    alias_fill(slot, left, 7, stack);
    for (int k = 0; k < 7; k++) ck_assert_uint_eq(slot[k].other, (uint32_t)k);
}
END_TEST

/* e^(x - top), masks far below it, and sums of any length, in every tier alike */
START_TEST(exponentials_of_a_row)
{
    enum { N = 400 };
    float *x = base_alloc(N, sizeof *x), *y = base_alloc(N, sizeof *y);
    const float top = 12.5f;
    const int64_t lengths[] = {0, 16, 32, 48, N};
    for (size_t l = 0; l < BASE_COUNT(lengths); l++) {
        base_stream s = base_stream_key(5, BASE_FOR_START, l, 0);
        double sum = 0;
        float first = 0;
        const kernel_tier *tier;
        for (size_t t = 0; (tier = kernel_list(t)); t++) {
            for (int64_t k = 0; k < lengths[l]; k++)
                y[k] = t ? x[k] : k % 7 == 6 ? -1e30f : k % 7 == 5 ? top : top - 87 * (float)base_uniform(&s);
            if (t == 0) memcpy(x, y, N * sizeof *x); /* what the other tiers are given */
            float got = tier->exp_sum(y, lengths[l], top);
            for (int64_t k = 0; k < lengths[l]; k++) {
                double right = exp(fmax((double)(x[k] - top), -87));
                ck_assert_double_eq_tol((double)y[k] / right, 1, 3e-7);
                sum += t ? 0 : right;
            }
            first = t ? first : got;
            ck_assert(memcmp(&got, &first, sizeof got) == 0);
            ck_assert_double_eq_tol((double)got, sum, 1e-6 * sum + 1e-30);
        }
    }
    const kernel_tier *tier;
    for (size_t t = 0; (tier = kernel_list(t)); t++) {
        for (int k = 0; k < 16; k++) x[k] = k == 3 ? NAN : 0;
        ck_assert(isnan(tier->exp_sum(x, 16, 0)) && isnan(x[3]) && x[4] == 1);
    }
    base_free(x);
    base_free(y);
}
END_TEST

/* C = base + scale A B: both layouts of A, every kind of base, more steps than are taken at once; against double, and alike
 * in every tier. Behind C nothing is written. */
START_TEST(products_of_matrices)
{
    enum { ROOM = 144 * 160 };
    static const int rows[] = {1, 5, 6, 7, 16, 22, 64, 80}, steps[] = {1, 3, 16, 64, 65, 144}, columns[] = {16, 48, 64};
    static _Alignas(64) float a[ROOM], b[ROOM], base[ROOM], c[ROOM], first[ROOM];
    base_stream s = base_stream_key(13, BASE_FOR_START, 0, 0);
    const kernel_tier *tier;
    for (size_t k = 0; k < ROOM; k++) {
        a[k] = (float)base_normal(&s);
        b[k] = (float)base_normal(&s);
        base[k] = (float)base_normal(&s);
    }
    for (size_t shape = 0; shape < BASE_COUNT(rows) * BASE_COUNT(steps) * BASE_COUNT(columns) * 8; shape++) {
        const int n = rows[shape % BASE_COUNT(rows)], m = steps[shape / 8 % BASE_COUNT(steps)];
        const int width = columns[shape / 48 % BASE_COUNT(columns)], kind = (int)(shape / 144);
        const bool turned = kind % 2, panels = kind >= 4; /* A by its columns; B in panels of their own, or in rows */
        const size_t room = (size_t)((n + 15) / 16 * 16);
        kernel_product work = {.a = a, .a_row = turned ? 1 : (size_t)m + 3, .a_step = turned ? room : 1, .b = b,
                               .b_panel = panels ? 16 * (size_t)m : 16, .b_step = panels ? 16 : (size_t)width, .c = c,
                               .c_row = 80, .rows = n, .steps = m, .columns = width, .scale = 0.7f};
        if (kind % 4 > 1) {
            work.base = base;
            work.base_row = n % 2 ? 0 : 80;
        }
        for (size_t t = 0; (tier = kernel_list(t)); t++) {
            memset(c, 0, sizeof c);
            tier->product(&work);
            if (t == 0) memcpy(first, c, sizeof c);
            ck_assert(memcmp(first, c, sizeof c) == 0);
        }
        double worst = 0;
        for (size_t place = 0; place < ROOM; place++) {
            const size_t r = place / 80, column = place % 80;
            double right = 0;
            if (r < (size_t)n && column < (size_t)width) {
                for (size_t k = 0; k < (size_t)m; k++)
                    right += (double)a[r * work.a_row + k * work.a_step] *
                             (double)b[column / 16 * work.b_panel + k * work.b_step + column % 16];
                right = 0.7 * right + (work.base ? (double)base[r * work.base_row + column] : 0);
            }
            worst = fmax(worst, fabs((double)c[place] - right));
        }
        ck_assert_double_lt(worst, 5e-5);
        if (!work.base) continue;
        memcpy(c, base, sizeof c); /* C as its own base */
        work.base = c;
        work.base_row = work.c_row;
        kernel_choose()->product(&work);
        if (n % 2 == 0)
            for (size_t r = 0; r < (size_t)n; r++)
                ck_assert(memcmp(c + r * 80, first + r * 80, (size_t)width * sizeof *c) == 0);
    }
}
END_TEST

/* Half of the rows have a bound below which nothing matters: what reaches it is marked and written with the bits of a whole
 * product, and product_near gives nearly the same. */
START_TEST(products_above_bounds)
{
    enum { ROWS = 21, WIDTH = 80 };
    static _Alignas(64) float a[ROWS * 144], b[144 * WIDTH], base[WIDTH], whole[ROWS * WIDTH], c[ROWS * WIDTH];
    static const int steps[] = {5, 64, 100, 144};
    base_stream s = base_stream_key(14, BASE_FOR_START, 0, 0);
    const kernel_tier *tier;
    for (size_t k = 0; k < BASE_COUNT(a); k++) a[k] = (float)base_normal(&s);
    for (size_t k = 0; k < BASE_COUNT(b); k++) b[k] = (float)base_normal(&s);
    for (size_t k = 0; k < WIDTH; k++) base[k] = (float)base_normal(&s);
    for (size_t m = 0; m < BASE_COUNT(steps); m++)
        for (size_t t = 0; (tier = kernel_list(t)); t++) {
            int skipped = 0;
            float low[ROWS];
            uint32_t high[ROWS] = {0};
            kernel_product work = {.a = a, .a_row = 144, .a_step = 1, .b = b, .b_panel = 16 * 144, .b_step = 16, .c = whole,
                                   .c_row = WIDTH, .base = base, .rows = ROWS, .steps = steps[m], .columns = WIDTH, .scale = 1};
            tier->product(&work);
            for (int r = 0; r < ROWS; r++) low[r] = r % 2 ? fabsf((float)base_normal(&s)) * 20 : -INFINITY;
            work.c = c;
            work.low = low;
            work.high = high;
            work.first_bit = 7;
            tier->product(&work);
            for (int r = 0; r < ROWS; r++)
                for (int p = 0; p < WIDTH / 16; p++) {
                    const bool marked = high[r] >> (7 + p) & 1;
                    for (int k = 0; k < 16; k++) ck_assert(marked || whole[r * WIDTH + 16 * p + k] < low[r]);
                    for (int k = 16 * p; marked && k < 16 * p + 16; k++)
                        ck_assert(c[r * WIDTH + k] == whole[r * WIDTH + k]);
                }
            for (int r = 0; r < ROWS; r++) skipped += 5 - __builtin_popcount(high[r]);
            ck_assert_int_gt(skipped, 0);
            work.low = NULL;
            tier->product_near(&work);
            for (int k = 0; k < ROWS * WIDTH; k++) ck_assert(fabsf(c[k] - whole[k]) < 1e-4f);
        }
}
END_TEST

START_TEST(packing_of_rows)
{
    enum { ROWS = 16, STRIDE = 48 };
    static _Alignas(64) float rows[ROWS * STRIDE], panel[STRIDE * 16];
    base_stream s = base_stream_key(15, BASE_FOR_START, 0, 0);
    const kernel_tier *tier;
    for (size_t k = 0; k < BASE_COUNT(rows); k++) rows[k] = (float)base_normal(&s);
    for (size_t t = 0; (tier = kernel_list(t)); t++)
        for (int64_t n = 1; n <= 16; n++) {
            tier->pack(rows, n, STRIDE, panel);
            for (int64_t j = 0; j < 16; j++)
                for (int64_t k = 0; k < STRIDE; k++) ck_assert(panel[16 * k + j] == (j < n ? rows[j * STRIDE + k] : 0));
        }
}
END_TEST

static float few(base_stream *s, uint32_t spread) /* so that many are equal */
{
    return (float)base_below(s, 2 * spread + 1) - (float)spread;
}

static float few_or_none(base_stream *s)
{
    const uint32_t kind = base_below(s, 20);
    return kind == 0 ? NAN : kind == 1 ? INFINITY : kind == 2 ? -INFINITY : few(s, 6);
}

/* Against plain comparisons, what is no number and infinities included. */
START_TEST(comparisons_with_bounds)
{
    enum { MOST = 512 };
    static float x[MOST];
    static int32_t index[MOST];
    base_stream s = base_stream_key(16, BASE_FOR_START, 0, 0);
    const kernel_tier *tier;
    for (size_t t = 0; (tier = kernel_list(t)); t++)
        for (int round = 0; round < 2000; round++) {
            int64_t n = base_below(&s, MOST + 1), above, reach, expect_above = 0, expect_reach = 0, within = 0;
            for (int64_t k = 0; k < n; k++) x[k] = few_or_none(&s);
            const float low = few(&s, 7), high = base_below(&s, 10) ? low + (float)base_below(&s, 3) : INFINITY;
            tier->count(x, n, low, high, &above, &reach);
            const int64_t found = tier->find(x, n, low, high, index);
            for (int64_t k = 0; k < n; k++) {
                expect_above += x[k] > high;
                expect_reach += x[k] >= low;
                if (!(x[k] >= low && x[k] <= high)) continue;
                ck_assert(within < found && index[within] == k);
                within++;
            }
            ck_assert_int_eq(found, within);
            ck_assert_int_eq(above, expect_above);
            ck_assert_int_eq(reach, expect_reach);
        }
}
END_TEST

START_TEST(comparisons_with_four_bounds)
{
    enum { MOST = 512 };
    static float x[MOST];
    base_stream s = base_stream_key(17, BASE_FOR_START, 0, 0);
    const kernel_tier *tier;
    for (size_t t = 0; (tier = kernel_list(t)); t++)
        for (int round = 0; tier->count_four && round < 500; round++) {
            const int64_t n = 16 * (int64_t)base_below(&s, MOST / 16 + 1);
            float low[4], high[4];
            int32_t reach[4], expect[4] = {0};
            unsigned between = 0;
            for (int j = 0; j < 4; j++) {
                low[j] = base_below(&s, 5) ? few(&s, 7) + 0.25f * (float)base_below(&s, 4) : INFINITY;
                high[j] = low[j] + 0.25f * (float)base_below(&s, 3);
            }
            for (int64_t k = 0; k < n; k++) {
                x[k] = few_or_none(&s);
                for (int j = 0; j < 4; j++) {
                    expect[j] += x[k] >= low[j];
                    between |= (unsigned)(x[k] >= low[j] && x[k] <= high[j]) << j;
                }
            }
            ck_assert_uint_eq(between & ~tier->count_four(x, n, low, high, reach), 0);
            for (int j = 0; j < 4; j++) ck_assert_int_eq(reach[j], expect[j]);
        }
}
END_TEST

Suite *kernel_suite(void)
{
    Suite *suite = suite_create("kernel");
    TCase *tests = tcase_create("kernel");
    tcase_add_test(tests, tiers_agree_to_the_bit);
    tcase_add_test(tests, tiers_agree_on_lists_of_any_length);
    tcase_add_test(tests, pairs_do_the_equations);
    tcase_add_test(tests, points_do_the_equations);
    tcase_add_test(tests, steps_are_the_updates_of_points);
    tcase_add_test(tests, known_losses_are_the_scalar_ones);
    tcase_add_test(tests, rows_of_losses_are_the_scalar_ones);
    tcase_add_test(tests, scores_of_lists);
    tcase_add_test(tests, rows_are_turned);
    tcase_add_test(tests, products_of_matrices);
    tcase_add_test(tests, products_above_bounds);
    tcase_add_test(tests, packing_of_rows);
    tcase_add_test(tests, comparisons_with_bounds);
    tcase_add_test(tests, comparisons_with_four_bounds);
    tcase_add_test(tests, scalars_match_libm);
    tcase_add_test(tests, exponentials_of_a_row);
    tcase_add_test(tests, drawing_by_weight);
    suite_add_tcase(suite, tests);
    return suite;
}
