/* PSL: a softmax loss whose exponential is replaced by a power.
 *
 * Notation: as in softmax.c.
 *   L_ui = ln 1/M Σ_j (max(0, 1 + (c_uj - c_ui) / 2))^{2/τ1}
 * Where e^{x/τ1} grows without end, this grows slowly: negatives far above a positive, which may be likes that are unseen, or mean
 * that the positive is none, pull less. At c_uj = c_ui the gradients of both are alike. In the authors' terms cosines are halved, so
 * that differences are within -1 and 1, and the temperature is τ1/2.
 * The sum does not part into a factor of the positive and one of the negative: each positive costs a power per negative.
 * Source: Yang, Chen et al., NeurIPS 2024. */
#include "base/base.h"
#include "method/softmax.h"

enum { TAU1, DROPOUT };

static const tamis_option rows[] = {
    METHOD_TUNED(TAU1, real, "tau1", TAMIS_OPTION_REAL, "[0.03,2]", "auto", "", "temperature, as that of softmax: the power is 2 / this",
        "log:0.05..0.4", .automatic = 1),
    SOFTMAX_DROPOUT(DROPOUT),
};

static tamis_status check(const void *options, tamis_error *error)
{
    return softmax_check("psl", options, error);
}

static void terms(const tamis_parameter *param, softmax_terms *t)
{
    *t = (softmax_terms){.temperature = 1, .power = 1, .dropout = param[DROPOUT].real, .exponent = 2 / param[TAU1].real};
}

static const softmax_family family = {terms};
static const method_preset presets[] = {SOFTMAX_PRESETS};
static const method_rule rules[] = {{"tau1", softmax_tau1, SOFTMAX_TAU1_TEXT, false}};

const method method_psl = {
    .name = "psl",
    .help = "softmax over cosines with a power in the place of the exponential: negatives far above pull less",
    .source = "Yang, Chen et al.: PSL: rethinking and improving softmax loss from pairwise perspective for "
              "recommendation, NeurIPS 2024",
    .noise = "Negatives that score far above a positive may be liked, and it may be an accident: they do not decide alone.",
    .use = "Beside softmax, whose --tau1 fits it as well.",
    .cost = "As softmax, and a power per interaction and negative: some five times as long.",
    .presets = presets,
    .preset_count = BASE_COUNT(presets),
    .rules = rules,
    .rule_count = BASE_COUNT(rules),
    .options = {"psl", rows, BASE_COUNT(rows), sizeof(tamis_train_options), check},
    .trainer = METHOD_BY_SOFTMAX,
    .family = &family,
};
