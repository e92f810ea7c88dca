/* Average precision: the mean of the precision at each hit's rank.
 *
 *   map = Σ over hits of (h / r_h) / min(|T|, K)        map-full = Σ over hits of (h / r_h) / |T|
 *
 * map-full is the MAP of Saito et al. (Rel-MF), WSDM 2020, and of Lee et al. (MF-DU), SIGIR 2021. Notation as in metric.h. */
#include "base/base.h"
#include "rank/metric.h"

static double gain(const rank_case *c, int64_t h)
{
    return c->rank[h] <= c->cutoff ? (double)(h + 1) / (double)c->rank[h] : 0;
}

static double within_cutoff(const rank_case *c, int64_t r)
{
    return r <= c->cutoff ? 1 : 0;
}

static double everywhere(const rank_case *c, int64_t r)
{
    (void)c;
    (void)r;
    return 1;
}

static const rank_metric rows[] = {
    {"map", "sum over the hits of the precision at the hit's rank, divided by min(|T|, K)", true,
     .gain = gain, .ideal = within_cutoff},
    {"map-full", "map divided by |T|, as Saito et al. (WSDM 2020) and Lee et al. (SIGIR 2021) computed it", true,
     .gain = gain, .ideal = everywhere},
};
const rank_family metric_map = {rows, BASE_COUNT(rows)};
