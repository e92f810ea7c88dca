/* ExpoMF: an item that was not clicked may not have been seen.
 *
 * Notation: a_ui = 1 if user u was exposed to item i, μ_i its prior, λ_y the precision, N(y; s, v) the normal density.
 * (An interaction of weight c has the precision c λ_y.)
 *   a_ui ~ Bernoulli(μ_i),   y_ui | a_ui = 1 ~ N(p_u.q_i, 1/λ_y),   y_ui = 0 if a_ui = 0,   p, q ~ N(0, I/λ)
 * Expectation, for pairs without interaction (interactions are exposed: a = 1):
 *   E a_ui = μ_i N(0; s_ui, 1/λ_y) / (μ_i N(0; s_ui, 1/λ_y) + 1 - μ_i)
 * Maximisation: ridge regression per user, then per item, with weights λ_y E a_ui, and
 *   μ_i = (α1 + Σ_u E a_ui - 1) / (α1 + α2 + M - 2),  kept inside (0, 1)
 * Users take expectations with the parameters from before, items and priors with the users' new ones: each of the three
 * raises the posterior. The loss is the mean of -ln p(y_ui) over all pairs, taken between users and items.
 * Source: Liang, Charlin, McInerney, Blei, WWW 2016. */
#include <math.h>

#include "base/base.h"
#include "kernel/scalar.h"
#include "method/als.h"

enum { PRECISION, START, ALPHA, BETA, BLOCK };

static const tamis_option rows[] = {
    METHOD_TUNED(PRECISION, real, "precision", TAMIS_OPTION_REAL, "(0,1e6]", "1", "",
        "of an exposed pair's label around its score (lambda_y)", "log:0.1..10"),
    METHOD_TUNED(START, real, "exposure-start", TAMIS_OPTION_REAL, "(0,1)", "0.01", "",
                  "first prior of every item's exposure", "log:0.001..0.1"),
    METHOD_OPTION(ALPHA, real, "exposure-alpha", TAMIS_OPTION_REAL, "[1,inf)", "1", "",
                  "Beta prior of the exposure prior"),
    METHOD_OPTION(BETA, real, "exposure-beta", TAMIS_OPTION_REAL, "[1,inf)", "1", "", "the same, second parameter"),
    METHOD_OPTION(BLOCK, integer, "solve-factors", TAMIS_OPTION_INTEGER, "[0,4096]", "0", "factors",
        "solved at a time, rounded up to 16; 0: all"),
};

static tamis_status check(const void *options, tamis_error *error)
{
    return als_check("expomf", options, error);
}

static int64_t block(const tamis_parameter *param)
{
    return param[BLOCK].integer;
}

static void describe(const tamis_parameter *param, als_exposure *exposure)
{
    *exposure = (als_exposure){param[PRECISION].real, param[START].real, param[ALPHA].real, param[BETA].real};
}

/* sqrt(λ_y / 2π), the density at its peak */
static double peak(const als_exposure *exposure)
{
    return sqrt(exposure->precision / 6.283185307179586);
}

static void expect(const als_exposure *exposure, const float *score, const float *prior, size_t step, int64_t n,
                   float *weight, double *loss)
{
    enum { TOGETHER = 8 }; /* likelihoods of at least 1e-38 each multiplied before one logarithm is taken */
    const float top = (float)peak(exposure), half = (float)(-0.5 * exposure->precision);
    const float scale = (float)exposure->precision;
    double product = 1;
    for (int64_t k = 0; k < n; k++) {
        const float mu = prior[(size_t)k * step];
        const float seen = mu * top * scalar_exp_negative(half * score[k] * score[k]), either = seen + (1.0f - mu);
        weight[k] = scale * (seen / either);
        product *= (double)either;
        if (loss && (k % TOGETHER == TOGETHER - 1 || k == n - 1)) {
            *loss -= log(product);
            product = 1;
        }
    }
}

static double surprise(const als_exposure *exposure, float score, float prior)
{
    const double miss = 1 - (double)score;
    return 0.5 * exposure->precision * miss * miss - log((double)prior * peak(exposure));
}

static double prior(const als_exposure *exposure, double exposed, int64_t users)
{
    double mu = (exposure->alpha + exposed - 1) / (exposure->alpha + exposure->beta + (double)users - 2);
    return mu < 1e-6 ? 1e-6 : mu > 1 - 1e-6 ? 1 - 1e-6 : mu;
}

static const method_als solving = {
    .block = block, .describe = describe, .expect = expect, .surprise = surprise, .prior = prior};
static const method_preset presets[] = {
    {"epochs", "10"}, {"regularization", "3"}, {"init-scale", "0.1"}, {"schedule", "constant"}};

const method method_expomf = {
    .name = "expomf",
    .help = "exposure matrix factorization: infers which unclicked items were seen; small data only",
    .source = "Liang, Charlin, McInerney, Blei: Modeling user exposure in recommendation, WWW 2016",
    .noise = "An item without a click was perhaps not seen: how likely is inferred with the factors.",
    .use = "Small logs with strong exposure bias and no known propensities.",
    .cost = "Every user-item pair, d^2 each: only for some million pairs.",
    .presets = presets,
    .preset_count = BASE_COUNT(presets),
    .options = {"expomf", rows, BASE_COUNT(rows), sizeof(tamis_train_options), check},
    .trainer = METHOD_BY_ALS,
    .family = &solving,
};
