/* Interactions weighted by how far they can be trusted, whatever the method:
 *
 *   1. Cross-fitting: the log is cut into five folds; alternating least squares, trained on four, ranks the interactions of the fifth.
 *      r of interaction (u, i) is the fraction of the items without interaction with u that this model ranks above i.
 *   2. At most a share π of the log is noise: distrust_share().
 *   3. w = 1 - distrust min(1, π / f(r)), f being the falling density of r, all scaled to mean 1: distrust_weights().
 *   4. The method trains on the log with these weights, times the log's own.
 *
 * The weights learn from the log how much to distrust. On a log that can be foretold π is small and nearly all weights are 1;
 * where r is flat nothing can be told apart and all are alike. π is an upper bound, the truth lies between 0 and it: so half of
 * it, distrust = .5, is the value to take. What is assumed is noise that is uniform over items.
 * This is our own, made of Storey's and Grenander's estimators and of cross-fitting; no paper has it. */
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "train/cross_ranks.h"
#include "train/distrust.h"
#include "train/progress.h"
#include "train/reweigh.h"

static tamis_status put_weights(train_run *run, const double *r, float *weight, tamis_error *error)
{
    const int64_t n = run->log->matrix->nnz;
    double noise;
    if (!distrust_weights(r, n, run->options.distrust, &noise, weight)) return base_no_memory(error, "weights", (size_t)n, sizeof *r);
    for (int64_t k = 0; run->log->weight && k < n; k++) weight[k] *= run->log->weight[k];
    float least = weight[0], largest = weight[0];
    for (int64_t k = 1; k < n; k++) {
        least = weight[k] < least ? weight[k] : least;
        largest = weight[k] > largest ? weight[k] : largest;
    }
    tamis_status status = log_copy(run->log, &run->reweighed, error);
    if (status) return status;
    free(run->reweighed->weight);
    run->reweighed->weight = weight;
    log_describe_weights(run->reweighed);
    run->log = run->reweighed;
    progress_tell(run, "distrust %g: at most %.1f%% of the interactions look like noise; weights from %.2f to %.2f",
                  run->options.distrust, 100 * noise, (double)least, (double)largest);
    return TAMIS_OK;
}

tamis_status reweigh_log(train_run *run, tamis_error *error)
{
    const tamis_train_options *o = &run->options;
    const cross_request how = {.folds = CROSS_FOLDS, .seed = o->seed, .threads = o->threads, .stop = o->stop};
    const size_t n = (size_t)run->log->matrix->nnz;
    if (!(o->distrust > 0) || n == 0) return TAMIS_OK;
    double *r = base_alloc_raw(n, sizeof *r);
    float *weight = malloc(n * sizeof *weight);
    tamis_status status = r && weight ? cross_ranks(&how, run->log, r, error) : base_no_memory(error, "ranks", n, sizeof *r);
    if (status == TAMIS_STOPPED) status = base_fail(error, status, "stopped before the first epoch");
    if (!status) status = put_weights(run, r, weight, error);
    if (status) free(weight);
    base_free(r);
    return status;
}
