/* Discounted cumulative gain: a hit counts the less the lower it stands.
 *
 *   dcg = Σ over hits of 1 / log2(r_h + 1)
 *   dcg-wsdm = Σ over hits of 1 / log2(r_h), and 1 for rank 1
 *   ndcg = dcg / the dcg of min(|T|, K) hits on the first ranks, which is the largest possible one
 *   ndcg-full = dcg / the dcg of |T| hits on the first ranks, however small K is
 *
 * Sources: Järvelin, Kekäläinen, ACM Transactions on Information Systems 20(4), 2002; dcg-wsdm as computed in the code of Saito
 * et al., WSDM 2020; ndcg-full in that of Zhang et al. (PLD), WWW 2025. Notation as in metric.h. */
#include <math.h>

#include "base/base.h"
#include "rank/metric.h"

static double gain(const rank_case *c, int64_t h)
{
    return c->rank[h] <= c->cutoff ? 1 / log2((double)c->rank[h] + 1) : 0;
}

static double gain_wsdm(const rank_case *c, int64_t h)
{
    return c->rank[h] > c->cutoff ? 0 : c->rank[h] == 1 ? 1 : 1 / log2((double)c->rank[h]);
}

static double not_normalised(const rank_case *c)
{
    (void)c;
    return 1;
}

/* For SNIPS, dcg's divisor is the weight of T. */
static double one(const rank_case *c, int64_t r)
{
    (void)c;
    (void)r;
    return 1;
}

static double within_cutoff(const rank_case *c, int64_t r)
{
    return r <= c->cutoff ? 1 / log2((double)r + 1) : 0;
}

static double everywhere(const rank_case *c, int64_t r)
{
    (void)c;
    return 1 / log2((double)r + 1);
}

static const rank_metric rows[] = {
    {"ndcg", "sum over the hits of 1 / log2(rank + 1), relative to the best possible: min(|T|, K) hits on the first ranks", true,
     .gain = gain, .ideal = within_cutoff},
    {"dcg", "sum over the hits of 1 / log2(rank + 1), not normalised", true,
     .gain = gain, .norm = not_normalised, .ideal = one},
    {"dcg-wsdm", "dcg with 1 / log2(rank), and 1 for rank 1, as Saito et al. (WSDM 2020) computed it", true,
     .gain = gain_wsdm, .norm = not_normalised, .ideal = one},
    {"ndcg-full", "dcg relative to that of |T| hits on the first ranks, however small K is, as Zhang et al. (PLD, WWW 2025) computed it",
     true, .gain = gain, .ideal = everywhere},
};
const rank_family metric_dcg = {rows, BASE_COUNT(rows)};
