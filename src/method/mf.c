/* MF, the naive estimate: a click is relevance, no click is none.
 *
 *   L = sum over all pairs of Y δ1 + (1 - Y) δ0                    (δ1, δ0: see mnar.h)
 * The control that the unbiased estimates are compared with; Saito et al., WSDM 2020. */
#include "base/base.h"
#include "method/mnar.h"

static const method_preset presets[] = {MNAR_PRESETS};

static const tamis_option rows[] = {
    MNAR_LOSS_OPTION,
};

const method method_mf = {
    .name = "mf",
    .help = "pointwise on all pairs: the naive estimate, as if no click were no interest",
    .source = "Saito, Yaginuma, Nishino, Sakata, Nakata: Unbiased recommender learning from missing-not-at-random implicit feedback, WSDM 2020",
    .noise = "None: no click means no relevance. Items that were rarely shown come out as disliked.",
    .use = "The naive estimate, to compare relmf and mf-du with.",
    .cost = "All pairs: one score and two row additions per user-item pair; sampled: 1 + --negatives per "
        "interaction. adam also updates every row per batch.",
    .presets = presets, .preset_count = BASE_COUNT(presets),
    .options = METHOD_OPTIONS("mf", rows),
    .point = mnar_point,
    .known_point = mnar_known_point,
    .every_pair = true,
};
