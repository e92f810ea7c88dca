/* WMF: pairs without a click weigh less.
 *
 *   L = sum over all pairs of Y δ1 + w (1 - Y) δ0                  (δ1, δ0: see mnar.h)
 * Source: Hu, Koren, Volinsky, ICDM 2008, as a baseline in Saito et al., WSDM 2020. */
#include "base/base.h"
#include "method/mnar.h"

static void weigh(const tamis_train_options *options, const method_exposure *exposure, method_weights *weights)
{
    (void)exposure;
    weights->negative_weight = (float)options->param[MNAR_ADDED].real;
}

static const method_preset presets[] = {MNAR_PRESETS};

static const tamis_option rows[] = {
    MNAR_LOSS_OPTION,
    METHOD_TUNED(MNAR_ADDED, real, "unobserved-weight", TAMIS_OPTION_REAL, "[0,inf)", "0.1", "",
                  "weight of a pair without interaction", "log:0.01..1"),
};

const method method_wmf = {
    .name = "wmf",
    .help = "pointwise on all pairs, those without a click weighing less",
    .source = "Hu, Koren, Volinsky: Collaborative filtering for implicit feedback datasets, ICDM 2008",
    .noise = "A missing click says little, but the same about every item.",
    .use = "When exposure is unknown; ials does the same job faster on large logs.",
    .cost = "As mf.",
    .presets = presets, .preset_count = BASE_COUNT(presets),
    .options = METHOD_OPTIONS("wmf", rows),
    .point = mnar_point,
    .known_point = mnar_known_point,
    .every_pair = true,
    .weigh = weigh,
};
