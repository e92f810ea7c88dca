/* BPO: pointwise logistic loss on a positive and its sampled negatives, the positive counted once per negative.
 *
 *   L = softplus(-s_ui) + softplus(s_uj)      -dL/ds_ui = σ(-s_ui), -dL/ds_uj = -σ(s_uj)
 * Source: Yu, Qin, SIGIR 2020. */
#include "base/base.h"
#include "method/method.h"

static void weigh(const tamis_train_options *options, const method_exposure *exposure, method_weights *weights)
{
    (void)exposure;
    if (options->pairs != TAMIS_PAIRS_ALL) weights->positive_weight = (float)options->negatives;
}

static const method_preset presets[] = {{"negatives", "4"}, {"learning-rate", "0.05"}};

const method method_bpo = {
    .name = "bpo",
    .help = "pointwise: each positive against sampled negatives, log-loss",
    .source = "Yu, Qin: Sampler design for implicit feedback data by noisy-label robust learning, SIGIR 2020",
    .noise = "None: interactions are positives, sampled unseen items negatives.",
    .use = "As bpr, for scores that can be compared between users. Needs more L2 than bpr on small logs: try "
        "--regularization 0.03 to 0.1.",
    .cost = "1 + --negatives updates of two vectors per interaction.",
    .presets = presets, .preset_count = BASE_COUNT(presets),
    .options = {.name = "bpo"},
    .point = kernel_logistic_point,
    .weigh = weigh,
};
