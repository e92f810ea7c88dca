/* MF-DU, dually unbiased: clicks are weighted by 1/θ, pairs without a click by 1/θ⁻, each side normalised by its sum over
 * the batch (SNIPS).
 *
 *   L = Σ_clicks δ1/θ / Σ_clicks 1/θ + Σ_rest δ0/θ⁻ / Σ_rest 1/θ⁻,   θ⁻ = (1 - clicks / most clicks)^power, both clipped
 * Source: Lee, Park, Lee, SIGIR 2021. */
#include "base/base.h"
#include "method/mnar.h"

static void weigh(const tamis_train_options *options, const method_exposure *exposure, method_weights *weights)
{
    weights->positive_weight = method_inverse(exposure->seen, options->param[MNAR_CLIP].real);
    weights->negative_weight = method_inverse(exposure->unseen, options->param[MNAR_CLIP].real);
}

static void batch(const void *context, int64_t step, int64_t edges, const float *loss, const float *target, float *weight)
{
    double sum[2] = {0, 0};
    (void)context;
    (void)step;
    (void)loss;
    for (int64_t k = 0; k < edges; k++) sum[target[k] > 0] += (double)weight[k];
    for (int64_t k = 0; k < edges; k++)
        if (sum[target[k] > 0] > 0) weight[k] = (float)((double)weight[k] * (double)edges / sum[target[k] > 0]);
}

static const method_preset presets[] = {MNAR_PRESETS};

static const tamis_option rows[] = {
    MNAR_LOSS_OPTION,
    MNAR_CLIP_OPTION("0.1"),
};

const method method_mf_du = {
    .name = "mf-du",
    .help = "pointwise on all pairs, clicks and non-clicks both weighted by their propensities",
    .source = "Lee, Park, Lee: Dual unbiased recommender learning for implicit feedback, SIGIR 2021",
    .noise = "As relmf, and pairs without a click are weighted by their own propensity, both sides normalised.",
    .use = "As relmf, where its variance hurts: small logs. With --propensity of items, a pair without a click "
        "has 1 minus that of its item.",
    .cost = "As mf.",
    .presets = presets, .preset_count = BASE_COUNT(presets),
    .options = METHOD_OPTIONS("mf-du", rows),
    .point = mnar_point,
    .known_point = mnar_known_point,
    .every_pair = true,
    .weigh = weigh,
    .exposed = true,
    .batch = batch,
};
