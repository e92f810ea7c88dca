/* iALS, implicit alternating least squares: every pair counts, interactions count more.
 *
 * Notation: s_ui = p_u.q_i, c_ui the interaction's weight (1 where the log has none), n_u and n_i the sums of weights of user u
 * and item i, M users, N items.
 *   L = Σ_(interactions) c_ui (s_ui - 1)² + α Σ_(all pairs) s_ui² + Σ_u λ_u |p_u|² + Σ_i λ_i |q_i|²
 *   λ_u = λ (n_u + α N)^ν,  λ_i = λ (n_i + α M)^ν
 * The sum over all pairs is cheap because Σ_i s_ui² = p_u' (Σ_i q_i q_i') p_u. In the form of Hu, Koren and Volinsky
 * with confidence c for interactions and 1 for the others, α = 1 / (c - 1) and their λ is this one times c - 1.
 * Source: Hu, Koren, Volinsky, ICDM 2008; this form and ν: Rendle, Krichene, Zhang, Koren, "Revisiting the performance
 * of iALS on item recommendation benchmarks", RecSys 2022; some factors at a time: the same, "iALS++", 2021. */
#include <math.h>

#include "base/base.h"
#include "method/als.h"

enum { UNOBSERVED, EXPONENT, BLOCK };

static const tamis_option rows[] = {
    METHOD_TUNED(UNOBSERVED, real, "unobserved-weight", TAMIS_OPTION_REAL, "[0,inf)", "auto", "",
        "weight of every pair; interactions weigh 1 more", "log:x0.1..x10", .automatic = 1),
    METHOD_OPTION(EXPONENT, real, "regularization-exponent", TAMIS_OPTION_REAL, "[0,2]", "1", "",
        "L2 weight grows as (interactions + unobserved-weight * all)^this"),
    METHOD_OPTION(BLOCK, integer, "solve-factors", TAMIS_OPTION_INTEGER, "[0,4096]", "16", "factors",
        "solved at a time, rounded up to 16; fewer are faster; 0: all"),
};

static tamis_status check(const void *options, tamis_error *error)
{
    return als_check("ials", options, error);
}

static double unobserved(const tamis_parameter *param)
{
    return param[UNOBSERVED].real;
}

static double exponent(const tamis_parameter *param)
{
    return param[EXPONENT].real;
}

static int64_t block(const tamis_parameter *param)
{
    return param[BLOCK].integer;
}

/* With D the density of the log and n interactions per user: good settings lie on a line in these two coordinates, the weight of
 * a pair without interaction over D, and the L2 weight times 1 + that weight over D. */
static double density(const method_log *log)
{
    return (double)log->interactions / ((double)log->users * (double)log->items);
}

static double per_user(const method_log *log)
{
    return (double)log->interactions / (double)log->users;
}

static double unobserved_rule(const method_log *log, const tamis_train_options *o)
{
    (void)o;
    return fmin(1, 0.08 * pow(per_user(log), 1.5) * density(log));
}

static double regularization_rule(const method_log *log, const tamis_train_options *o)
{
    return fmax(0.18, 0.78 * pow(per_user(log), -0.36)) / (1 + o->param[UNOBSERVED].real / density(log));
}

static const method_rule rules[] = {
    {"unobserved-weight", unobserved_rule, "min(1, 0.08 n^1.5 D), with n interactions per user and D the density, n / items", false},
    {"regularization", regularization_rule, "max(0.18, 0.78 n^-0.36) / (1 + unobserved-weight / D)", false},
};

static const method_als solving = {.unobserved = unobserved, .exponent = exponent, .block = block};
static const method_preset presets[] = {
    {"epochs", "12"}, {"regularization", "auto"}, {"init-scale", "0.1"}, {"schedule", "constant"}};

const method method_ials = {
    .name = "ials",
    .help = "alternating least squares over all pairs: fast, and strong once tuned",
    .source = "Hu, Koren, Volinsky: Collaborative filtering for implicit feedback datasets, ICDM 2008; "
              "Rendle, Krichene, Zhang, Koren: Revisiting the performance of iALS on item recommendation "
              "benchmarks, RecSys 2022",
    .noise = "A missing interaction is a weak zero; every interaction is trusted alike.",
    .use = "The strong classical baseline, and the fastest to a good model. What decides are --regularization and "
        "--unobserved-weight, which follow from the log: within 1.3% of the best method on each of four logs. On MovieLens 100K "
        "it lost 4% to uniform noise of half the log again; --distrust 0.5 wins back half of that.",
    .cost = "About d (interactions + users + items) (--solve-factors + 4) multiplications; with --solve-factors "
        "0, per user and item d^2 per interaction and d^3 / 3. A few epochs are enough.",
    .presets = presets,
    .preset_count = BASE_COUNT(presets),
    .rules = rules,
    .rule_count = BASE_COUNT(rules),
    .options = {"ials", rows, BASE_COUNT(rows), sizeof(tamis_train_options), check},
    .trainer = METHOD_BY_ALS,
    .family = &solving,
};
