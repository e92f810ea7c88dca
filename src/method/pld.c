/* PLD: BPR on positives resampled by the user's personal loss distribution. Of a pool of the user's items one is trained
 * on, chosen in proportion to exp(-loss / temperature), so that items which stand out by their loss - likely noise - are
 * rarely chosen. The resampling (train/personal.c) goes before any loss: --positive-sampling pld.
 * Source: Zhang, Cao, Wu, Sun, Shen, Cheng, WWW 2025. */
#include "method/pairwise.h"

static const method_preset presets[] = {
    {"positive-sampling", "pld"}, {"regularization", "0.015"},
};

const method method_pld = {
    .name = "pld",
    .help = "pairwise, positives resampled by each user's own distribution of losses",
    .source = "Zhang, Cao, Wu, Sun, Shen, Cheng: Personalized denoising implicit feedback for robust recommender system, WWW 2025",
    .noise = "Some interactions are accidents, and stand out by their loss among the same user's others.",
    .use = "Noisy logs; on a clean one it costs nothing (MovieLens) or some (Gowalla), less with a higher "
        "--temperature, which trusts the losses less. What an epoch trains on is chosen at its start; with a --batch-size it is "
        "chosen batch by batch, at four times the cost. As published: --temperature 0.1 --optimizer adam --learning-rate "
        "0.001 --batch-size 2048 --weight-decay 0.0001 --regularization 0 --init-scale 0.8 --schedule "
        "constant.",
    .cost = "About 2.4 times bpr's; with a --batch-size --pool further scores per update.",
    .presets = presets, .preset_count = BASE_COUNT(presets),
    .options = {.name = "pld"},
    .pair = pairwise_logistic,
};
