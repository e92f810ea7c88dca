/* PLD: BPR on positives resampled by the user's personal loss distribution. Of a pool of the user's items one is trained
 * on, chosen in proportion to exp(-loss / temperature), so that items which stand out by their loss - likely noise - are
 * rarely chosen. The resampling (sampler/pld.c) goes before any loss: --positive-sampling pld.
 * In batches the chosen item is trained against the negative that it was chosen with, as published; sample by sample an
 * epoch's items are chosen at its start and trained against fresh negatives, which is another algorithm.
 * Source: Zhang, Cao, Wu, Sun, Shen, Cheng, WWW 2025. */
#include "base/base.h"
#include "method/pairwise.h"

static const method_preset presets[] = {
    {"positive-sampling", "pld"}, {"regularization", "0.015"},
};

const method method_pld = {
    .name = "pld",
    .help = "pairwise, positives resampled by each user's own distribution of losses",
    .source = "Zhang, Cao, Wu, Sun, Shen, Cheng: Personalized denoising implicit feedback for robust recommender system, WWW 2025",
    .noise = "Some interactions are accidents, and stand out by their loss among the same user's others.",
    .use = "Logs with accidental interactions; compare it with warp and with a bpr whose --regularization is chosen in "
        "validation. On a clean log it may cost: from nothing (MovieLens) to a tenth of bpr's NDCG, less with a higher "
        "--temperature, which trusts the losses less; the best temperature depends on the log, so choose it in "
        "validation: --select temperature=0.1,0.3,1. By default it is not the published algorithm: what an epoch trains on is "
        "chosen at its start and trained against fresh negatives. With a --batch-size items are chosen batch by "
        "batch and trained against the negative that they were chosen with, as published, at two to three times the cost. The "
        "published settings: --temperature 0.1 --optimizer adam --learning-rate 0.001 --batch-size 2048 --weight-decay 0.0001 "
        "--regularization 0 --init-scale 0.8 --schedule constant.",
    .cost = "About 2.4 times bpr's; with a --batch-size --pool further scores per update.",
    .presets = presets, .preset_count = BASE_COUNT(presets),
    .options = {.name = "pld"},
    .pair = pairwise_logistic,
};
