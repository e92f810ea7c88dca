/* R-CE, reweighted cross-entropy: a sample weighs the less, the less the model believes its label; no gradient through the
 * weight.
 *
 *   weight σ(s)^β for a positive, σ(-s)^β for a negative
 * Source: Wang, Feng, He, Nie, Chua, WSDM 2021. */
#include "base/base.h"
#include "method/mnar.h"

enum { BETA };

/* the belief in a label is e^-loss: its power β is the weight */
static void batch(const void *context, int64_t step, int64_t edges, const float *loss, const float *target, float *weight)
{
    const float beta = (float)((const tamis_parameter *)context)[BETA].real;
    (void)step;
    (void)target;
    for (int64_t k = 0; k < edges; k++) weight[k] *= scalar_exp_negative(loss[k] > 0 ? -beta * loss[k] : 0);
}

static const method_preset presets[] = {
    {"batch-size", "2048"}, {"optimizer", "adam"}, {"learning-rate", "0.001"}, {"regularization", "1e-5"},
    {"schedule", "constant"}, {"init-scale", "0.8"},
};

static const tamis_option rows[] = {
    METHOD_TUNED(BETA, real, "beta", TAMIS_OPTION_REAL, "[0,10]", "0.2", "", "how strongly belief weighs; 0: plain log-loss",
        "linear:0.03..0.5"),
};

const method method_r_ce = {
    .name = "r-ce",
    .control = {.name = "bpo"},
    .help = "pointwise log-loss, samples weighted by how far the model believes their label",
    .source = "Wang, Feng, He, Nie, Chua: Denoising implicit feedback for recommendation, WSDM 2021",
    .noise = "Wrong interactions have large losses, and are believed less, none being dropped.",
    .use = "As t-ce, where dropping is too harsh. On MovieLens 100K, both tuned, it was 10% below bpo on the clean log, 6% with uniform "
        "noise of half the log again and 3% with real noise (rows rated 1 to 3).",
    .cost = "As t-ce.",
    .presets = presets, .preset_count = BASE_COUNT(presets),
    .options = METHOD_OPTIONS("r-ce", rows),
    .point = kernel_logistic_point,
    .batch = batch,
};
