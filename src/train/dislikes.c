/* What training learns from dislikes D_u, the items that user u said no to; π is dislike-share.
 *
 *   sampled losses    of the negatives of a user who has dislikes a share π is drawn from D_u, all alike; the others are drawn as
 *                     ever, so that some of them are dislikes by chance: sampler_negative() in batches, sgd_dislikes.c in tiles
 *   warp              with chance π a search tries D_u first
 *   sums over all pairs  a dislike has target 0 and weight 1, without a correction by propensities
 *   least squares     ials: weight 1 in place of that of unobserved pairs; expomf: exposed for certain, target 0
 * The softmax family and item-item models do not learn from them, and refuse the option. */
#include "train/dislikes.h"
#include "train/progress.h"

void dislikes_open(train_run *run)
{
    const matrix *dislikes = run->log->dislikes;
    if (!(run->options.dislike_share > 0)) return;
    if (!dislikes || dislikes->nnz == 0) {
        progress_tell(run, "the log has no dislikes, so that dislike-share has no effect");
        return;
    }
    run->dislikes = dislikes;
    run->certain = run->all_pairs || run->method->every_pair || !run->trainer->samples;
}

method_weights dislikes_weigh(const train_run *run, int32_t user, int32_t item)
{
    if (!run->weights || (run->certain && matrix_find(run->dislikes, user, item) >= 0)) return METHOD_WEIGHTS_ALIKE;
    return run->weights[item];
}
