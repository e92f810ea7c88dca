/* BPR, Bayesian personalised ranking: a positive should score above a sampled negative.
 *
 * Notation: x = s_ui - s_uj for a positive i and a negative j of user u.
 *   L = softplus(-x) = -ln σ(x)        -dL/dx = σ(-x)
 * Source: Rendle, Freudenthaler, Gantner, Schmidt-Thieme, UAI 2009. */
#include "method/pairwise.h"

const method method_bpr = {
    .name = "bpr",
    .help = "pairwise: each positive above sampled negatives",
    .source = "Rendle, Freudenthaler, Gantner, Schmidt-Thieme: BPR: Bayesian personalized ranking from implicit feedback, UAI 2009",
    .noise = "None: every interaction is a true preference, and unseen items are liked less.",
    .use = "The baseline, once its --regularization is chosen in validation, more of it the more noise there is: on MovieLens "
        "100K that cuts what uniform noise costs to a third, and puts bpr above t-ce and r-ce.",
    .cost = "One update of three vectors per interaction and negative.",
    .options = {.name = "bpr"},
    .pair = pairwise_logistic,
};
