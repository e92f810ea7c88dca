/* SL@K: a softmax loss whose positives count as far as they are among the user's best K.
 *
 * Notation: as in softmax.c; β_u the K-th largest of user u's scores, τw a second temperature.
 *   L_u = Σ_i w_ui ln Σ_j e^{(c_uj - c_ui)/τ1},   w_ui = σ((c_ui - β_u) / τw)
 * β_u is taken among the user's positives and as many sampled items as there are --negatives, so that it is below the K-th of the
 * full list, as published; it is 0 at first and renewed every so many epochs. The gradient goes through the weights, as in the
 * authors' code: a positive whose loss is large also gains by weighing less. With a small τw that carries it off; --held-weights
 * is ours: weights are numbers, which only weigh, and low ones are a guard against wrong positives. Their size means nothing to
 * an optimiser like Adam, so that they are not scaled.
 * Source: Yang, Chen et al., KDD 2025. */
#include "base/base.h"
#include "method/softmax.h"

enum { TAU1, TAUW, CUTOFF, RENEWED, HELD, WARMUP, DROPOUT };

static const tamis_option rows[] = {
    METHOD_TUNED(TAU1, real, "tau1", TAMIS_OPTION_REAL, "[0.03,100]", "auto", "", "temperature: cosines are divided by it",
        "log:0.05..0.4", .automatic = 1),
    METHOD_TUNED(TAUW, real, "weight-temperature", TAMIS_OPTION_REAL, "[0.01,100]", "2.25", "",
        "of the weights: the lower, the more they differ", "log:0.3..3"),
    METHOD_OPTION(CUTOFF, integer, "top", TAMIS_OPTION_INTEGER, "[1,1000]", "20", "items", "K: how long the list is that is trained for"),
    METHOD_OPTION(RENEWED, integer, "top-interval", TAMIS_OPTION_INTEGER, "[1,1000000]", "5", "epochs",
        "from one look at the scores of the user's K-th item to the next"),
    METHOD_OPTION(HELD, choice, "held-weights", TAMIS_OPTION_FLAG, NULL, "0", "",
        "the gradient does not go through the weights (not as published)"),
    METHOD_OPTION(WARMUP, integer, "weight-warmup", TAMIS_OPTION_INTEGER, "[0,1000000]", "0", "epochs", "of plain softmax first"),
    SOFTMAX_DROPOUT(DROPOUT),
};

static tamis_status check(const void *options, tamis_error *error)
{
    return softmax_check("slatk", options, error);
}

static void terms(const tamis_parameter *param, softmax_terms *t)
{
    *t = (softmax_terms){.temperature = param[TAU1].real, .power = 1, .dropout = param[DROPOUT].real,
                         .weight_temperature = param[TAUW].real, .top = param[CUTOFF].integer, .interval = param[RENEWED].integer,
                         .held = param[HELD].choice, .warmup = param[WARMUP].integer};
}

static const softmax_family family = {terms};
static const method_preset presets[] = {SOFTMAX_PRESETS, {"item-bias", "0"}};
static const method_rule rules[] = {{"tau1", softmax_tau1, SOFTMAX_TAU1_TEXT, false}};

const method method_slatk = {
    .name = "slatk",
    .help = "softmax over cosines that weighs positives by their place in the user's list (SL@K)",
    .source = "Yang, Chen et al.: Breaking the top-K barrier: advancing top-K ranking metrics optimization "
              "in recommender systems, KDD 2025",
    .noise = "Unseen items may be liked, as softmax has it; and a positive that the user's own ranking puts last counts less, be it an "
        "accident or a rare taste.",
    .use = "Where short lists count and softmax does well: published 10% above it on Amazon's Health. By its defaults it was 5 to 13% "
        "below softmax on each of four logs, so tune --tau1 first (0.2 as published there), then --weight-temperature; with "
        "--held-weights low ones train too. Since the gradient through the weights pulls all of a user's positives down, item biases "
        "cost here; held weights take them.",
    .cost = "As softmax, and every --top-interval epochs (negatives) (factors) multiplications per user.",
    .presets = presets,
    .preset_count = BASE_COUNT(presets),
    .rules = rules,
    .rule_count = BASE_COUNT(rules),
    .options = {"slatk", rows, BASE_COUNT(rows), sizeof(tamis_train_options), check},
    .trainer = METHOD_BY_SOFTMAX,
    .family = &family,
};
