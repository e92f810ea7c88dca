/* Metrics of how many hits there are, and of where the first one is.
 *
 *   precision = hits / K        recall = hits / |T|        hit = 1 if there is a hit, else 0
 *   f1 = 2 hits / (K + |T|), the harmonic mean of a user's precision and recall
 *   mrr = 1 / r_1 if r_1 <= K, else 0
 *
 * Notation as in metric.h. */
#include "base/base.h"
#include "rank/metric.h"

static int64_t hits(const rank_case *c)
{
    int64_t h = 0;
    while (h < c->found && c->rank[h] <= c->cutoff) h++;
    return h;
}

static double hit(const rank_case *c)
{
    return hits(c) > 0 ? 1.0 : 0.0;
}

static double f1(const rank_case *c)
{
    return 2 * (double)hits(c) / (double)(c->cutoff + c->relevant);
}

static double mrr(const rank_case *c)
{
    return hits(c) > 0 ? 1 / (double)c->rank[0] : 0.0;
}

/* 1 for each hit */
static double gain(const rank_case *c, int64_t h)
{
    return c->rank[h] <= c->cutoff ? 1 : 0;
}

static double cutoff(const rank_case *c)
{
    return (double)c->cutoff;
}

static double one(const rank_case *c, int64_t r)
{
    (void)c;
    (void)r;
    return 1;
}

static const rank_metric rows[] = {
    {"precision", "share of the first K that are test items: hits / K", true, .gain = gain, .norm = cutoff},
    {"recall", "share of the user's test items that are among the first K: hits / |T|", true, .gain = gain, .ideal = one},
    {"hit", "1 when a test item is among the first K, else 0", true, .value = hit},
    {"mrr", "1 / rank of the first hit, 0 without one", true, .value = mrr},
    {"f1", "harmonic mean of the user's precision and recall, 2 hits / (K + |T|)", true, .value = f1},
};
const rank_family metric_hits = {rows, BASE_COUNT(rows)};
