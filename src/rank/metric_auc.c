/* The area under the ROC curve: the chance that a test item stands above another candidate.
 *
 *   auc = 1/|T| Σ over all found h of (C - r_h - (F - h)) / (C - F)
 *
 * Of the C - r_h candidates below the h-th, F - h are relevant. A test item that cannot be found counts 0. Where all candidates
 * are relevant there is nothing to tell apart, and a found one counts 1/2, as chance does. Notation as in metric.h. */
#include "base/base.h"
#include "rank/metric.h"

static double gain(const rank_case *c, int64_t h)
{
    const double others = (double)(c->candidates - c->found);
    return others > 0 ? (double)(c->candidates - c->rank[h] - (c->found - h - 1)) / others : 0.5;
}

static double one(const rank_case *c, int64_t r)
{
    (void)c;
    (void)r;
    return 1;
}

static const rank_metric rows[] = {
    {"auc", "mean over the test items of the share of the other candidates that stand below; of all ranks, without a cut-off", false,
     .gain = gain, .ideal = one},
};
const rank_family metric_auc = {rows, BASE_COUNT(rows)};
