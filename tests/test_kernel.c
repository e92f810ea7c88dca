/* The kernels: every tier gives the reference's bits, the reference does the written equations; losses and their
 * derivatives; scalar functions against libm; drawing by weight. */
#include <math.h>
#include <string.h>

#include "base/base.h"
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
    float *users, *items, bias[ITEMS];
    int32_t user[SAMPLES], positive[SAMPLES], negative[SAMPLES];
    size_t stride;
    kernel_pairs work;
} fixture;

static void fixture_make(fixture *f, size_t factors, float scale, bool bias)
{
    base_stream s = base_stream_key(11, BASE_FOR_START, factors, 0);
    f->stride = (factors + 15) / 16 * 16;
    f->users = base_alloc(USERS * f->stride, sizeof(float));
    f->items = base_alloc(ITEMS * f->stride, sizeof(float));
    fill(f->users, USERS, factors, f->stride, &s, scale);
    fill(f->items, ITEMS, factors, f->stride, &s, scale);
    for (int k = 0; k < ITEMS; k++) f->bias[k] = (float)base_normal(&s);
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

START_TEST(tiers_agree_to_the_bit)
{
    const size_t sizes[] = {1, 3, 16, 20, 32, 48, 64, 70, 96, 128, 200, 256, 300};
    const float scales[] = {0.1f, 1e-20f, 3e-38f, 5.f, 1e4f, 1e19f}; /* with denormals, and with overflow */
    for (size_t a = 0; a < BASE_COUNT(sizes); a++)
        for (size_t b = 0; b < BASE_COUNT(scales); b++) {
            fixture reference, other;
            fixture_make(&reference, sizes[a], scales[b], b % 2);
            kernel_portable.pairs(&reference.work);
            const kernel_tier *tier;
            for (size_t t = 1; (tier = kernel_list(t)); t++) {
                fixture_make(&other, sizes[a], scales[b], b % 2);
                tier->pairs(&other.work);
                bool finite = isfinite(reference.work.loss_sum);
                size_t user_bytes = USERS * reference.stride * sizeof(float);
                /* NaNs may differ in their payload: there only the fact counts */
                ck_assert_msg(!finite || memcmp(reference.users, other.users, user_bytes) == 0, "%s d %zu scale %g",
                              tier->name, sizes[a], (double)scales[b]);
                ck_assert(!finite || memcmp(reference.items, other.items, ITEMS * reference.stride * sizeof(float)) == 0);
                ck_assert(!finite || memcmp(reference.bias, other.bias, sizeof other.bias) == 0);
                ck_assert_int_eq(finite, isfinite(other.work.loss_sum));
                ck_assert(!finite || reference.work.loss_sum == other.work.loss_sum);
                float x = kernel_portable.dot(reference.users, reference.items, reference.stride);
                float y = tier->dot(reference.users, reference.items, reference.stride);
                ck_assert(x == y || (isnan(x) && isnan(y)));
                fixture_free(&other);
            }
            fixture_free(&reference);
        }
}
END_TEST

/* the update as methods.md writes it, in double */
START_TEST(pairs_do_the_equations)
{
    fixture f;
    const size_t d = 20;
    fixture_make(&f, d, 0.5f, true);
    double p[USERS][20], q[ITEMS][20], bias[ITEMS], loss = 0;
    for (size_t k = 0; k < d; k++) {
        for (size_t r = 0; r < USERS; r++) p[r][k] = (double)f.users[r * f.stride + k];
        for (size_t r = 0; r < ITEMS; r++) q[r][k] = (double)f.items[r * f.stride + k];
    }
    for (int r = 0; r < ITEMS; r++) bias[r] = (double)f.bias[r];
    for (int s = 0; s < SAMPLES; s++) {
        int u = f.user[s], i = f.positive[s], j = f.negative[s];
        double x = bias[i] - bias[j];
        for (size_t k = 0; k < d; k++) x += p[u][k] * (q[i][k] - q[j][k]);
        double g = 1 / (1 + exp(x)), eta = 0.05, lu = 0.02, li = 0.04, lj = 0.06, lb = 0.08;
        loss += log1p(exp(-x));
        for (size_t k = 0; k < d; k++) {
            double a = p[u][k], b = q[i][k], c = q[j][k];
            p[u][k] += eta * (g * (b - c) - lu * a);
            q[i][k] += eta * (g * a - li * b);
            q[j][k] += eta * (-g * a - lj * c);
        }
        bias[i] += eta * (g - lb * bias[i]);
        bias[j] += eta * (-g - lb * bias[j]);
    }
    kernel_portable.pairs(&f.work);
    for (size_t k = 0; k < d; k++) {
        for (size_t r = 0; r < USERS; r++) ck_assert_double_eq_tol((double)f.users[r * f.stride + k], p[r][k], 3e-6);
        for (size_t r = 0; r < ITEMS; r++) ck_assert_double_eq_tol((double)f.items[r * f.stride + k], q[r][k], 3e-6);
    }
    for (int r = 0; r < ITEMS; r++) ck_assert_double_eq_tol((double)f.bias[r], bias[r], 3e-6);
    ck_assert_double_eq_tol(f.work.loss_sum, loss, 1e-4);
    for (size_t r = 0; r < ITEMS; r++)
        for (size_t k = d; k < f.stride; k++) ck_assert(f.items[r * f.stride + k] == 0);
    fixture_free(&f);
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
    sampler_slot slot[7];
    uint32_t stack[7];
    double chance[7] = {0};
    memcpy(left, weight, sizeof weight);
    sampler_fill(slot, left, 7, stack);
    for (int k = 0; k < 7; k++) {
        double share = slot[k].other == (uint32_t)k ? 1 : slot[k].share / 0x1p32;
        chance[k] += share / 7;
        chance[slot[k].other] += (1 - share) / 7;
    }
    for (int k = 0; k < 7; k++) ck_assert_double_eq_tol(chance[k], weight[k] / total, 1e-9);
    base_stream s = base_stream_key(3, BASE_FOR_TILE, 0, 0);
    int64_t count[7] = {0};
    for (int k = 0; k < 200000; k++) count[sampler_draw(slot, 7, &s)]++;
    for (int k = 0; k < 7; k++)
        ck_assert_double_eq_tol((double)count[k] / 200000, weight[k] / total, 5 * sqrt(0.25 / 200000));
    ck_assert_int_eq(count[1], 0);
    memset(left, 0, sizeof left);
    sampler_fill(slot, left, 7, stack);
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

Suite *kernel_suite(void)
{
    Suite *suite = suite_create("kernel");
    TCase *tests = tcase_create("kernel");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, tiers_agree_to_the_bit);
    tcase_add_test(tests, pairs_do_the_equations);
    tcase_add_test(tests, scalars_match_libm);
    tcase_add_test(tests, exponentials_of_a_row);
    tcase_add_test(tests, drawing_by_weight);
    suite_add_tcase(suite, tests);
    return suite;
}
