/* The metrics: each a function of where one user's relevant items stand, or of what stands on the user's list.
 *
 * Notation: T the user's relevant test items, unknown and masked ones included; r_1 < r_2 < ... the ranks of those that
 * were found; hits = #{r_h <= K}; C items that were ranked; F relevant items found. T is never empty here.
 * Of an item that is seen with chance θ only one in 1/θ clicks is there, so that w = 1/θ for each makes a sum over hits
 * right in expectation: IPS. SNIPS divides by what the weights themselves would give at best.
 * Sources: Yang, Cui, Xuan, Wang, Belongie, Estrin, RecSys 2018; Swaminathan, Joachims, NIPS 2015.
 * To add one: a function and a line in the table; evaluation, validation and help walk the table. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/order.h"
#include "base/status.h"
#include "rank/metric.h"

static int64_t hits(const rank_case *c)
{
    int64_t h = 0;
    while (h < c->found && c->rank[h] <= c->cutoff) h++;
    return h;
}

static double precision(const rank_case *c)
{
    return (double)hits(c) / (double)c->cutoff;
}

static double recall(const rank_case *c)
{
    return (double)hits(c) / (double)c->relevant;
}

static double hit(const rank_case *c)
{
    return hits(c) > 0 ? 1.0 : 0.0;
}

/* The harmonic mean of precision h/K and recall h/|T|. */
static double f1(const rank_case *c)
{
    return 2 * (double)hits(c) / (double)(c->cutoff + c->relevant);
}

static int64_t reachable(const rank_case *c)
{
    return c->relevant < c->cutoff ? c->relevant : c->cutoff;
}

static double dcg(const rank_case *c)
{
    double gained = 0;
    for (int64_t h = 0, n = hits(c); h < n; h++) gained += 1 / log2((double)c->rank[h] + 1);
    return gained;
}

static double dcg_wsdm(const rank_case *c)
{
    double gained = 0;
    for (int64_t h = 0, n = hits(c); h < n; h++) gained += c->rank[h] == 1 ? 1 : 1 / log2((double)c->rank[h]);
    return gained;
}

/* Relative to hits on the first n ranks. */
static double normalised(const rank_case *c, int64_t n)
{
    double gained = dcg(c), ideal = 0;
    if (gained == 0) return 0;
    for (int64_t r = 1; r <= n; r++) ideal += 1 / log2((double)r + 1);
    return gained / ideal;
}

static double ndcg(const rank_case *c)
{
    return normalised(c, reachable(c));
}

static double ndcg_full(const rank_case *c)
{
    return normalised(c, c->relevant);
}

static double precisions(const rank_case *c)
{
    double sum = 0;
    for (int64_t h = 0, n = hits(c); h < n; h++) sum += (double)(h + 1) / (double)c->rank[h];
    return sum;
}

static double map(const rank_case *c)
{
    return precisions(c) / (double)reachable(c);
}

static double map_full(const rank_case *c)
{
    return precisions(c) / (double)c->relevant;
}

static double mrr(const rank_case *c)
{
    return hits(c) > 0 ? 1 / (double)c->rank[0] : 0.0;
}

/* Of the C - r_h items below the h-th, F - h are relevant. Where all that were ranked are relevant there is nothing to
 * tell apart, and a found one counts 1/2, as chance does. */
static double auc(const rank_case *c)
{
    double sum = 0, others = (double)(c->candidates - c->found);
    for (int64_t h = 0; h < c->found; h++)
        sum += others > 0 ? (double)(c->candidates - c->rank[h] - (c->found - h - 1)) / others : 0.5;
    return sum / (double)c->relevant;
}

/* ---- the same, item by item, to be weighted */

static double gain_hit(const rank_case *c, int64_t h)
{
    return c->rank[h] <= c->cutoff ? 1 : 0;
}

static double gain_dcg(const rank_case *c, int64_t h)
{
    return c->rank[h] <= c->cutoff ? 1 / log2((double)c->rank[h] + 1) : 0;
}

static double gain_wsdm(const rank_case *c, int64_t h)
{
    return c->rank[h] > c->cutoff ? 0 : c->rank[h] == 1 ? 1 : 1 / log2((double)c->rank[h]);
}

static double gain_precision(const rank_case *c, int64_t h)
{
    return c->rank[h] <= c->cutoff ? (double)(h + 1) / (double)c->rank[h] : 0;
}

static double gain_auc(const rank_case *c, int64_t h)
{
    double others = (double)(c->candidates - c->found);
    return others > 0 ? (double)(c->candidates - c->rank[h] - (c->found - h - 1)) / others : 0.5;
}

static double norm_one(const rank_case *c)
{
    (void)c;
    return 1;
}

static double norm_cutoff(const rank_case *c)
{
    return (double)c->cutoff;
}

static double norm_relevant(const rank_case *c)
{
    return (double)c->relevant;
}

static double norm_reachable(const rank_case *c)
{
    return (double)reachable(c);
}

static double norm_ideal(const rank_case *c)
{
    double ideal = 0;
    for (int64_t r = 1; r <= reachable(c); r++) ideal += 1 / log2((double)r + 1);
    return ideal;
}

static double norm_full(const rank_case *c)
{
    double ideal = 0;
    for (int64_t r = 1; r <= c->relevant; r++) ideal += 1 / log2((double)r + 1);
    return ideal;
}

static double ideal_one(const rank_case *c, int64_t r)
{
    (void)c;
    (void)r;
    return 1;
}

static double ideal_reachable(const rank_case *c, int64_t r)
{
    return r <= c->cutoff ? 1 : 0;
}

static double ideal_dcg(const rank_case *c, int64_t r)
{
    return r <= c->cutoff ? 1 / log2((double)r + 1) : 0;
}

static double ideal_full(const rank_case *c, int64_t r)
{
    (void)c;
    return 1 / log2((double)r + 1);
}

/* ---- what stands on the list */

static double list_popularity(const rank_catalog *catalog, int32_t item)
{
    return (double)catalog->clicks[item];
}

static double list_novelty(const rank_catalog *catalog, int32_t item)
{
    double clicks = catalog->clicks[item] > 0 ? (double)catalog->clicks[item] : 1;
    return -log2(clicks / (double)catalog->users);
}

static double list_tail(const rank_catalog *catalog, int32_t item)
{
    return catalog->tail[item] ? 1 : 0;
}

static double coverage(const uint32_t *count, int64_t items)
{
    int64_t shown = 0;
    for (int64_t k = 0; k < items; k++) shown += count[k] > 0;
    return (double)shown / (double)items;
}

/* Σ (2 k - N - 1) x_(k) / (N Σ x), x_(1) <= x_(2) <= ...: 0 when all are shown alike, 1 - 1/N when only one is. */
static double gini(const uint32_t *count, int64_t items)
{
    double sum = 0, skew = 0;
    for (int64_t k = 0; k < items; k++) {
        sum += count[k];
        skew += (double)(2 * (k + 1) - items - 1) * count[k];
    }
    return skew / ((double)items * sum);
}

#define RANKED(value, gain, norm, ideal) value, gain, norm, ideal, NULL, NULL
#define SHOWN(listed, exposed) NULL, NULL, NULL, NULL, listed, exposed

static const rank_metric table[] = {
    {"precision", "share of the first K that are test items", true, RANKED(precision, gain_hit, norm_cutoff, NULL)},
    {"recall", "share of the user's test items among the first K", true,
     RANKED(recall, gain_hit, norm_relevant, ideal_one)},
    {"hit", "1 when a test item is among the first K, else 0", true, RANKED(hit, NULL, NULL, NULL)},
    {"ndcg", "sum of 1/log2(rank + 1) over the hits, relative to the best possible with min(test items, K)", true,
     RANKED(ndcg, gain_dcg, norm_ideal, ideal_dcg)},
    {"map", "sum of the precision at each hit's rank, divided by min(test items, K)", true,
     RANKED(map, gain_precision, norm_reachable, ideal_reachable)},
    {"mrr", "1/rank of the first hit among the first K", true, RANKED(mrr, NULL, NULL, NULL)},
    {"auc", "mean over the test items of the share of the other unmasked items that stand below", false,
     RANKED(auc, gain_auc, norm_relevant, ideal_one)},
    {"f1", "harmonic mean of the user's precision and recall", true, RANKED(f1, NULL, NULL, NULL)},
    {"dcg", "sum of 1/log2(rank + 1) over the hits, not normalised", true,
     RANKED(dcg, gain_dcg, norm_one, ideal_one)},
    {"dcg-wsdm", "the same with 1/log2(rank), and 1 for rank 1, as Saito et al. (WSDM 2020) computed it", true,
     RANKED(dcg_wsdm, gain_wsdm, norm_one, ideal_one)},
    {"ndcg-full", "dcg relative to that of all test items on the first ranks, however small K is", true,
     RANKED(ndcg_full, gain_dcg, norm_full, ideal_full)},
    {"map-full", "sum of the precision at each hit's rank, divided by the number of test items", true,
     RANKED(map_full, gain_precision, norm_relevant, ideal_one)},
    {"coverage", "share of all items that stand among anybody's first K", true, SHOWN(NULL, coverage)},
    {"gini", "Gini index of how often items stand among the first K: 0 all alike, 1 always the same ones", true,
     SHOWN(NULL, gini)},
    {"popularity", "mean training clicks of the first K", true, SHOWN(list_popularity, NULL)},
    {"novelty", "mean self-information of the first K, -log2(share of the training users who clicked the item)", true,
     SHOWN(list_novelty, NULL)},
    {"tail", "share of the first K that are not among the fifth of the items with the most training clicks", true,
     SHOWN(list_tail, NULL)},
};

_Static_assert(3 * BASE_COUNT(table) <= RANK_MOST_METRICS, "a list of metrics has to hold them all");

const char *tamis_metric_list(size_t index, const char **help)
{
    if (index >= BASE_COUNT(table)) return NULL;
    if (help) *help = table[index].help;
    return table[index].name;
}

/* Digits alone, 1 .. 2^31 - 1. */
static bool parse_cutoff(const char *text, size_t length, int64_t *cutoff)
{
    int64_t value = 0;
    for (size_t k = 0; k < length; k++) {
        if (text[k] < '0' || text[k] > '9') return false;
        value = 10 * value + (text[k] - '0');
        if (value > INT32_MAX) return false;
    }
    *cutoff = value;
    return value > 0;
}

/* "precision@K, recall@K, ..., auc", or without @K. */
static const char *known_metrics(char *buffer, size_t size, bool cutoffs)
{
    size_t used = 0;
    for (size_t k = 0; k < BASE_COUNT(table) && used < size; k++)
        if (!cutoffs || table[k].value) used += (size_t)snprintf(buffer + used, size - used, "%s%s%s", k ? ", " : "", table[k].name,
                                 cutoffs && table[k].per_cutoff ? "@K" : "");
    return buffer;
}

static tamis_status unknown_metric(const char *name, tamis_error *error)
{
    char known[400], shown[280];
    return base_fail(error, TAMIS_USAGE, "there is no metric \"%s\"; expected one of %s, such as ndcg@20; or with "
                     "-ips or -snips behind the name, such as ndcg-snips@20",
                     base_quote(shown, sizeof shown, name, strlen(name)), known_metrics(known, sizeof known, true));
}

static const char *const suffix[] = {"", "-ips", "-snips"}; /* of a rank_weighting */

/* NAME, NAME-ips or NAME-snips. */
static rank_column named(const char *name, size_t length)
{
    for (size_t k = 0; k < BASE_COUNT(table); k++)
        for (int w = RANK_PLAIN; w <= RANK_SNIPS; w++) {
            const rank_metric *row = &table[k];
            size_t stem = strlen(row->name);
            if ((w == RANK_IPS && !row->gain) || (w == RANK_SNIPS && !row->ideal)) continue;
            if (stem + strlen(suffix[w]) == length && memcmp(row->name, name, stem) == 0 &&
                memcmp(suffix[w], name + stem, length - stem) == 0)
                return (rank_column){row, (rank_weighting)w, 0};
        }
    return (rank_column){0};
}

tamis_status rank_metric_find(const char *name, rank_column *column, tamis_error *error)
{
    const char *at = name ? strchr(name, '@') : NULL;
    *column = named(name ? name : "", at ? (size_t)(at - name) : name ? strlen(name) : 0);
    const rank_metric *metric = column->metric;
    if (metric && metric->value && metric->per_cutoff == (at != NULL) &&
        (!at || parse_cutoff(at + 1, strlen(at + 1), &column->cutoff)))
        return TAMIS_OK;
    return unknown_metric(name ? name : "", error);
}

tamis_status rank_metric_check(const char *name, tamis_error *error)
{
    rank_column column;
    return rank_metric_find(name, &column, error);
}

void rank_metric_name(const rank_column *column, char name[32])
{
    int used = snprintf(name, 32, "%s%s", column->metric->name, suffix[column->weighting]);
    if (column->metric->per_cutoff) snprintf(name + used, 32 - (size_t)used, "@%" PRId64, column->cutoff);
}

/* "recall,ndcg-snips" -> these in this order, distinct, without cut-offs. */
static tamis_status parse_metrics(const char *text, rank_column wanted[RANK_MOST_METRICS], size_t *count, tamis_error *error)
{
    char known[400], shown[280];
    *count = 0;
    for (const char *at = text ? text : RANK_USUAL_METRICS; at;) {
        size_t length = strcspn(at, ","), before = 0;
        const size_t name = strcspn(at, ",@");
        const rank_column one = named(at, length);
        if (!one.metric && name < length && named(at, name).metric)
            return base_fail(error, TAMIS_USAGE, "--metrics: \"%s\" holds a cutoff; write %.*s here, and the cutoff in --cutoffs",
                             base_quote(shown, sizeof shown, at, length), (int)name, at);
        if (!one.metric)
            return base_fail(error, TAMIS_USAGE,
                             "--metrics: there is no metric \"%s\"; expected a list of names, such as recall,ndcg, "
                             "of: %s; those that are sums over the hits also with -ips, and with -snips where they "
                             "are normalised",
                             base_quote(shown, sizeof shown, at, length), known_metrics(known, sizeof known, false));
        while (before < *count && (wanted[before].metric != one.metric || wanted[before].weighting != one.weighting))
            before++;
        if (before == *count) wanted[(*count)++] = one;
        at = at[length] ? at + length + 1 : NULL;
    }
    return TAMIS_OK;
}

/* "5,10,20" -> ascending, distinct. */
static tamis_status parse_cutoffs(const char *text, int64_t cutoff[RANK_MOST_CUTOFFS], size_t *count, tamis_error *error)
{
    size_t n = 0, kept = 0;
    char shown[280];
    for (const char *at = text; at; n++) {
        size_t length = strcspn(at, ",");
        if (n == RANK_MOST_CUTOFFS || !parse_cutoff(at, length, &cutoff[n]))
            return base_fail(
                error, TAMIS_USAGE,
                "--cutoffs: \"%s\" is no list of cut-offs; expected 1 to %d positive whole numbers such as "
                "5,10,20",
                base_quote(shown, sizeof shown, text, strlen(text)), RANK_MOST_CUTOFFS);
        at = at[length] ? at + length + 1 : NULL;
    }
    qsort(cutoff, n, sizeof *cutoff, base_ascending_int64);
    for (size_t k = 0; k < n; k++)
        if (k == 0 || cutoff[k] != cutoff[k - 1]) cutoff[kept++] = cutoff[k];
    *count = kept;
    return TAMIS_OK;
}

tamis_status rank_columns(const char *metrics, const char *cutoffs, rank_column column[RANK_MOST_COLUMNS], size_t *count,
                          tamis_error *error)
{
    rank_column wanted[RANK_MOST_METRICS];
    int64_t cutoff[RANK_MOST_CUTOFFS];
    size_t n = 0, ks = 0;
    *count = 0;
    tamis_status status = parse_cutoffs(cutoffs, cutoff, &ks, error);
    if (!status) status = parse_metrics(metrics, wanted, &n, error);
    for (size_t m = 0; !status && m < n; m++)
        for (size_t k = 0; k < (wanted[m].metric->per_cutoff ? ks : 1); k++) {
            column[*count] = wanted[m];
            column[(*count)++].cutoff = wanted[m].metric->per_cutoff ? cutoff[k] : 0;
        }
    return status;
}

int64_t rank_columns_depth(const rank_column *column, size_t count)
{
    int64_t depth = 1;
    for (size_t k = 0; k < count; k++) {
        if (column[k].metric->value && !column[k].metric->per_cutoff) return 0;
        if (column[k].metric->value && column[k].cutoff > depth) depth = column[k].cutoff;
    }
    return depth;
}
