/* PLD: BPR on positives resampled by the user's personal loss distribution. Users are drawn alike; of a pool of the user's items
 * one is trained on, chosen in proportion to exp(-loss / temperature), against the negative by which the losses were taken. Items
 * that stand out by their loss - likely noise - are rarely chosen. The resampling (sampler/pld.c) goes before any loss:
 * --positive-sampling pld. A pool spans all items and keeps one negative, which tiles cannot give, so that it trains in batches;
 * what tiles can do is pld_fresh.c.
 * Source: Zhang, Cao, Wu, Sun, Shen, Cheng, WWW 2025. */
#include <math.h>

#include "base/base.h"
#include "method/pairwise.h"

static double regularization_rule(const method_log *log, const tamis_train_options *o)
{
    (void)o;
    const double per_user = (double)log->interactions / (double)log->users;
    return fmin(0.05, 0.1 / sqrt(per_user));
}

static const method_rule rules[] = {{"regularization", regularization_rule, "min(0.05, 0.1 / sqrt(n)), with n interactions per user", false}};

static const method_preset presets[] = {
    {"positive-sampling", "pld"}, {"pool-negative", "same"}, {"batch-size", "512"}, {"optimizer", "lazy-sgd"}, {"regularization", "auto"}, {"temperature", "0.3"}, {"item-bias", "1"},
};

const method method_pld = {
    .name = "pld",
    .control = {"user-bpr", "bpr", "positive-sampling", "user"},
    .help = "pairwise, positives resampled by each user's own distribution of losses",
    .source = "Zhang, Cao, Wu, Sun, Shen, Cheng: Personalized denoising implicit feedback for robust recommender system, WWW 2025",
    .noise = "Some interactions are accidents, and stand out by their loss among the same user's others.",
    .use = "Logs with accidental interactions; compare it with warp, with a bpr whose --regularization is chosen in validation, "
        "and with its own control, users alike without denoising: bpr with --positive-sampling user. On a clean log it may "
        "cost; the best --temperature depends on the log, higher ones trusting the losses less, so choose it in validation: "
        "--select temperature=0.1,0.3,1. pld-fresh, of ours, was better on MovieLens and trains faster. The published "
        "settings: --temperature 0.1 --optimizer adam --learning-rate 0.001 --batch-size 2048 --weight-decay 0.0001 "
        "--regularization 0 --init-scale 0.8 --schedule constant.",
    .cost = "About 10 times bpr's: beside its updates, batches have to be put in order and --pool items scored per sample.",
    .presets = presets, .preset_count = BASE_COUNT(presets), .rules = rules, .rule_count = BASE_COUNT(rules),
    .options = {.name = "pld"},
    .pair = pairwise_logistic,
};
