/* PLD with fresh negatives, ours: as pld.c, but that the chosen item is trained against another negative than the one by which it
 * was chosen. Then an epoch's items can be chosen at its start, for all users, and trained on in tiles (train/sgd.c).
 *
 * As published, an item is chosen with a negative that it already stands above, since its loss is low by that negative, and is
 * then trained against this very one, from which there is little left to learn. A fresh negative keeps the choice and has the
 * usual gradient. After Zhang, Cao, Wu, Sun, Shen, Cheng, WWW 2025. */
#include <math.h>

#include "base/base.h"
#include "method/pairwise.h"

static double regularization_rule(const method_log *log, const tamis_train_options *o)
{
    (void)o;
    const double per_user = (double)log->interactions / (double)log->users;
    return fmin(0.09, 0.3 * pow(per_user, -0.7));
}

static const method_rule rules[] = {{"regularization", regularization_rule, "min(0.09, 0.3 n^-0.7), with n interactions per user", false}};

static const method_preset presets[] = {
    {"positive-sampling", "pld"}, {"pool-negative", "fresh"}, {"regularization", "auto"}, {"temperature", "0.3"}, {"item-bias", "1"},
};

const method method_pld_fresh = {
    .name = "pld-fresh",
    .control = {"user-bpr", "bpr", "positive-sampling", "user"},
    .help = "pairwise, positives resampled as in pld, but trained against fresh negatives; ours",
    .source = "tamis; after Zhang, Cao, Wu, Sun, Shen, Cheng: Personalized denoising implicit feedback for robust recommender system, WWW 2025",
    .noise = "As pld: some interactions are accidents, and stand out by their loss among the same user's others.",
    .use = "As pld; what is ours is the fresh negative and that items are chosen once per epoch, for all users, which lets it train "
        "sample by sample. On a clean log it may cost: from nothing (MovieLens) to 13% of bpr's NDCG (Amazon's electronics), less with a higher "
        "--temperature; choose it in validation: --select temperature=0.1,0.3,1. Its control without denoising: bpr with "
        "--positive-sampling user.",
    .cost = "About 2.4 times bpr's.",
    .presets = presets, .preset_count = BASE_COUNT(presets), .rules = rules, .rule_count = BASE_COUNT(rules),
    .options = {.name = "pld-fresh"},
    .pair = pairwise_logistic,
};
