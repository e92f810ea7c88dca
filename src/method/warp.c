/* WARP: hinge loss on the first sampled negative that violates the margin, weighed by the rank that this suggests.
 *
 *   L = w max(0, 1 - x), w = ln(max(1, floor((N-1) / draws)))      (the search and w: sampler/warp.c)
 * Sources: Weston, Bengio, Usunier, IJCAI 2011; Kula, LightFM, 2015. */
#include "method/method.h"

static float pair(const void *context, float x, double *loss)
{
    (void)context;
    if (!(x < 1)) return 0;
    *loss += (double)(1 - x);
    return 1;
}

static const method_preset presets[] = {
    {"negative-sampling", "warp"}, {"batch-size", "256"}, {"optimizer", "adagrad"}, {"learning-rate", "0.05"},
    {"regularization", "0.003"}, {"epochs", "30"}, {"item-bias", "1"},
};

const method method_warp = {
    .name = "warp",
    .help = "pairwise hinge on the first negative that violates the margin, weighed by rank",
    .source = "Weston, Bengio, Usunier: WSABIE: scaling up to large vocabulary image annotation, IJCAI 2011",
    .noise = "None; it works on the top of the list, where wrong interactions hurt.",
    .use = "Clean logs and metrics at small cut-offs.",
    .cost = "Up to --max-sampled scores per update of bpr, more as the model gets better.",
    .presets = presets, .preset_count = BASE_COUNT(presets),
    .options = {.name = "warp"},
    .pair = pair,
};
