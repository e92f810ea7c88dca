/* Rel-MF: a click needs exposure and relevance, Y = O R with P(O = 1) = θ. Dividing clicks by θ makes the loss an unbiased
 * estimate of that on relevance; clipping θ from below trades some bias for much variance.
 *
 *   L = sum over all pairs of (Y/θ) δ1 + (1 - Y/θ) δ0,   θ <- max(θ, clip)       (δ1, δ0: see mnar.h)
 * A clicked pair may have a negative weight on δ0; it is kept. Source: Saito et al., WSDM 2020. */
#include "base/base.h"
#include "method/mnar.h"

static void weigh(const tamis_train_options *options, const method_exposure *exposure, method_weights *weights)
{
    weights->positive_target = method_inverse(exposure->seen, options->param[MNAR_CLIP].real);
}

static const method_preset presets[] = {MNAR_PRESETS};

static const tamis_option rows[] = {
    MNAR_LOSS_OPTION,
    MNAR_CLIP_OPTION("0.1"),
};

const method method_relmf = {
    .name = "relmf",
    .help = "pointwise on all pairs, clicks divided by their chance of being seen: unbiased for relevance",
    .source = "Saito, Yaginuma, Nishino, Sakata, Nakata: Unbiased recommender learning from missing-not-at-random implicit feedback, WSDM 2020",
    .noise = "Clicks are right, but popular items are over-exposed; a missing click may mean that the item was not "
        "seen.",
    .use = "When the model is to be judged on randomised or unbiased tests, or rare items matter. Raise --clip "
        "where training is unstable, give --propensity where exposure is known. On large sparse logs, of millions of "
        "pairs with hardly a click, it learns next to nothing in its usual epochs: train ubpr or bpo there.",
    .cost = "As mf.",
    .presets = presets, .preset_count = BASE_COUNT(presets),
    .options = METHOD_OPTIONS("relmf", rows),
    .point = mnar_point,
    .known_point = mnar_known_point,
    .every_pair = true,
    .weigh = weigh,
    .exposed = true,
};
