/* UBPR, pairwise unbiased: BPR with each positive weighted by 1/θ, θ its clipped chance of being seen. The estimate's
 * second factor, 1 - Y_j/θ_j, is 1 because negatives are drawn among the items without interaction: the non-negative
 * variant.
 *
 *   L = softplus(-x) / max(θ_i, clip)
 * Source: Saito, ICTIR 2020. */
#include "method/pairwise.h"

enum { CLIP };

static void weigh(const tamis_train_options *options, double popularity, method_weights *weights)
{
    double propensity = method_propensity(options, popularity), clip = options->param[CLIP].real;
    weights->positive_weight = (float)(1 / (propensity > clip ? propensity : clip));
}

static const method_preset presets[] = {
    {"batch-size", "1024"}, {"optimizer", "adam"}, {"learning-rate", "0.001"}, {"schedule", "constant"},
    {"regularization", "1e-5"}, {"init-scale", "0.8"},
};

static const tamis_option rows[] = {
    METHOD_OPTION(CLIP, real, "clip", TAMIS_OPTION_REAL, "[0,1]", "0.1", "", "propensities below count as this"),
};

const method method_ubpr = {
    .name = "ubpr",
    .help = "pairwise, positives weighted by the inverse of their chance of being seen",
    .source = "Saito: Unbiased pairwise learning from biased implicit feedback, ICTIR 2020",
    .presets = presets, .preset_count = BASE_COUNT(presets),
    .options = METHOD_OPTIONS("ubpr", rows),
    .pair = pairwise_logistic,
    .weigh = weigh,
};
