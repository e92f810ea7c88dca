/* WARP: hinge loss on the first sampled negative that violates the margin, weighed by the rank that this suggests.
 *
 *   L = w max(0, 1 - x), w = ln(max(1, floor((N-1) / draws)))      (the search and w: sampler/warp.c)
 * Sources: Weston, Bengio, Usunier, IJCAI 2011; Kula, LightFM, 2015. */
#include <math.h>

#include "base/base.h"
#include "method/method.h"

static float pair(const void *context, const kernel_sample *sample, double *loss)
{
    const float x = sample->score;
    (void)context;
    if (!(x < 1)) return 0;
    *loss += (double)(1 - x);
    return 1;
}

static double regularization_rule(const method_log *log, const tamis_train_options *o)
{
    (void)o;
    return 0.025 * sqrt((double)log->users / (double)log->interactions);
}

static const method_rule rules[] = {
    {"regularization", regularization_rule, "0.025 / sqrt(n), with n interactions per user", false},
};

static const method_preset presets[] = {
    {"negative-sampling", "warp"}, {"batch-size", "256"}, {"optimizer", "adagrad"}, {"learning-rate", "0.06"},
    {"regularization", "auto"}, {"epochs", "30"}, {"item-bias", "1"},
};

const method method_warp = {
    .name = "warp",
    .help = "pairwise hinge on the first negative that violates the margin, weighed by rank",
    .source = "Weston, Bengio, Usunier: WSABIE: scaling up to large vocabulary image annotation, IJCAI 2011",
    .noise = "None is modelled. On MovieLens 100K uniform noise of half the log again cost it 7% of NDCG@20, bpr 8%, ials 4%, all "
        "tuned; with real noise (rows rated 1 to 3) it was level with ials, the best.",
    .use = "Metrics at small cut-offs, clean and noisy logs alike; a baseline that a denoising method should beat.",
    .cost = "Up to --max-sampled scores per update of bpr, more as the model gets better.",
    .presets = presets, .preset_count = BASE_COUNT(presets),
    .rules = rules, .rule_count = BASE_COUNT(rules),
    .options = {.name = "warp"},
    .pair = pair,
};
