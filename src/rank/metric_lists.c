/* Metrics of what is recommended, relevant or not: of the first K items of each user, from all items.
 *
 *   popularity, novelty, tail: means over a user's list of n_i, -log2(max(n_i, 1) / U), and whether i is in the tail
 *   coverage = items that are on any list / N
 *   gini = Σ_k (2 k - N - 1) x_(k) / (N Σ x), x_(1) <= x_(2) <= ... how often items are on a list: 0 when all are alike,
 *          1 - 1/N when only one is there
 *
 * n_i the training clicks of item i, N items, U users of the training log; the tail: all but the fifth of the items that has
 * the most clicks. */
#include <math.h>

#include "base/base.h"
#include "rank/metric.h"

static double popularity(const rank_catalog *catalog, int32_t item)
{
    return (double)catalog->clicks[item];
}

static double novelty(const rank_catalog *catalog, int32_t item)
{
    const double clicks = catalog->clicks[item] > 0 ? (double)catalog->clicks[item] : 1;
    return -log2(clicks / (double)catalog->users);
}

static double tail(const rank_catalog *catalog, int32_t item)
{
    return catalog->tail[item] ? 1 : 0;
}

static double coverage(const uint32_t *count, int64_t items)
{
    int64_t shown = 0;
    for (int64_t k = 0; k < items; k++) shown += count[k] > 0;
    return (double)shown / (double)items;
}

static double gini(const uint32_t *count, int64_t items)
{
    double sum = 0, skew = 0;
    for (int64_t k = 0; k < items; k++) {
        sum += count[k];
        skew += (double)(2 * (k + 1) - items - 1) * count[k];
    }
    return skew / ((double)items * sum);
}

static const rank_metric rows[] = {
    {"coverage", "share of all items that stand among anybody's first K", true, .exposed = coverage},
    {"gini", "Gini index of how often items stand among the first K: 0 all alike, 1 always the same ones", true, .exposed = gini},
    {"popularity", "mean training clicks of the first K", true, .listed = popularity},
    {"novelty", "mean self-information of the first K, -log2(share of the training users who clicked the item)", true,
     .listed = novelty},
    {"tail", "share of the first K that are not among the fifth of the items with the most training clicks", true, .listed = tail},
};
const rank_family metric_lists = {rows, BASE_COUNT(rows)};
