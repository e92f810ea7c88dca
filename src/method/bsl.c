/* Bilateral softmax: the softmax's guard against wrong negatives, and one against wrong positives.
 *
 * Notation: c = cosine of user and item factors, M negatives j shared by the batch, k the user's positives in the batch.
 *   L_ui = -ln [ mean_k e^{c_uk/τ1} / (1/M Σ_j e^{c_uj/τ1})^τ2 ]
 * The mean gives most of the gradient to those positives that the model believes; it is at work where a batch holds several
 * of a user, that is, with large batches. τ2 > 1 makes negatives weigh more than positives, none of which then has to be
 * fitted closely. When to use it: noisy logs, large catalogues; tune tau1 first, then tau2 between 0.9 and 1.3.
 *
 * Vectors have length 1, so that the model's p . q is the cosine; hence L2 weights and init-scale mean nothing to them.
 * With --item-bias c_ui is the cosine plus a bias of the item, for what cosines alone cannot say of popularity.
 * A user's own items are left out of the negatives. Negatives that are not drawn alike (--negative-sampling) are weighted
 * to stand for all items alike. An epoch costs about 3 (negatives) (factors) multiplications per user of a batch. */
#include "base/base.h"
#include "method/softmax.h"

enum { TAU1, TAU2, DROPOUT };

static const tamis_option rows[] = {
    METHOD_TUNED(TAU1, real, "tau1", TAMIS_OPTION_REAL, "[0.03,100]", "auto", "", "temperature: cosines are divided by it",
        "log:0.05..0.4", .automatic = 1),
    METHOD_TUNED(TAU2, real, "tau2", TAMIS_OPTION_REAL, "(0,100]", "1.1", "",
        "how much negatives weigh against positives; above 1 guards against wrong positives", "linear:0.9..1.6"),
    SOFTMAX_DROPOUT(DROPOUT),
};

static tamis_status check(const void *options, tamis_error *error)
{
    return softmax_check("bsl", options, error);
}

static void terms(const tamis_parameter *param, softmax_terms *t)
{
    *t = (softmax_terms){.temperature = param[TAU1].real, .power = param[TAU2].real, .pooled = true,
                                 .dropout = param[DROPOUT].real};
}

static const softmax_family contrast = {terms};
static const method_preset presets[] = {SOFTMAX_PRESETS};
static const method_rule rules[] = {{"tau1", softmax_tau1, SOFTMAX_TAU1_TEXT, false}};

const method method_bsl = {
    .name = "bsl",
    .control = {.name = "softmax"},
    .help = "bilateral softmax over cosines: stands wrong positives and wrong negatives",
    .source = "Wu, Chen, Wu, Shi, Zhang, Wang: BSL: understanding and improving softmax loss for recommendation, ICDE 2024",
    .noise = "Both sides: unseen items may be liked, and interactions may be accidents.",
    .use = "Large noisy logs and large catalogues; the best ranking here on Gowalla, with --item-bias --tau2 1.1. Tune "
        "--tau1, then --tau2 between 0.9 and 1.3.",
    .cost = "As softmax.",
    .presets = presets,
    .preset_count = BASE_COUNT(presets),
    .rules = rules,
    .rule_count = BASE_COUNT(rules),
    .options = {"bsl", rows, BASE_COUNT(rows), sizeof(tamis_train_options), check},
    .trainer = METHOD_BY_SOFTMAX,
    .family = &contrast,
};
