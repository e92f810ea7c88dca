/* UBPR, pairwise unbiased: a click's pair counts by 1/θ, θ its clipped chance of being seen, and the pair's other item by
 * how likely it is irrelevant.
 *
 *   L = (Y_i/θ_i) (1 - Y_j/θ_j) softplus(-x)          x = s_ui - s_uj, θ <- max(θ, clip)
 * unbiased: j is any item; one that the user has clicked has the negative weight 1 - 1/θ_j. non-negative: such pairs count
 * as 0, so that j is drawn among the items without a click; some bias for much variance. Source: Saito, ICTIR 2020. */
#include "base/base.h"
#include "method/pairwise.h"

enum { CLIP, VARIANT };

static void weigh(const tamis_train_options *options, const method_exposure *exposure, method_weights *weights)
{
    weights->positive_weight = weights->positive_target = method_inverse(exposure->seen, options->param[CLIP].real);
}

static bool any_negative(const tamis_train_options *options)
{
    return options->param[VARIANT].choice == 1;
}

static const method_preset presets[] = {
    {"batch-size", "1024"}, {"optimizer", "adam"}, {"learning-rate", "0.001"}, {"schedule", "constant"},
    {"regularization", "1e-5"}, {"init-scale", "0.8"},
};

static const tamis_option rows[] = {
    METHOD_TUNED(CLIP, real, "clip", TAMIS_OPTION_REAL, "[0,1]", "0.1", "", "propensities below count as this", "log:0.01..0.5"),
    METHOD_OPTION(VARIANT, choice, "variant", TAMIS_OPTION_CHOICE, "non-negative|unbiased", "non-negative", "",
                  "unbiased: the user's own items are drawn as negatives too, with the negative weight 1 - 1 / propensity"),
};

const method method_ubpr = {
    .name = "ubpr",
    .help = "pairwise, positives weighted by the inverse of their chance of being seen",
    .source = "Saito: Unbiased pairwise learning from biased implicit feedback, ICTIR 2020",
    .noise = "As relmf, for pairs: a click on an item that few people see says more.",
    .use = "Ranking under exposure bias. --variant unbiased is the exact estimate, with more variance.",
    .cost = "As bpr in batches; adam also updates every row per batch.",
    .presets = presets, .preset_count = BASE_COUNT(presets),
    .options = METHOD_OPTIONS("ubpr", rows),
    .pair = pairwise_logistic,
    .weigh = weigh,
    .exposed = true,
    .any_negative = any_negative,
};
