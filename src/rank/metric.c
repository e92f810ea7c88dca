/* The metrics: each a function of where one user's relevant items stand.
 *
 * Notation: T the user's relevant test items, unknown and masked ones included; r_1 < r_2 < ... the ranks of those that
 * were found; hits = #{r_h <= K}; C items that were ranked; F relevant items found. T is never empty here.
 * To add one: a function and a line in the table; evaluation, validation and help walk the table. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rank/rank.h"

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

static const rank_metric metrics[] = {
    {"precision", "share of the first K that are test items", true, precision},
    {"recall", "share of the user's test items among the first K", true, recall},
    {"hit", "1 when a test item is among the first K, else 0", true, hit},
    {"ndcg", "sum of 1/log2(rank + 1) over the hits, relative to the best possible with min(test items, K)", true,
     ndcg},
    {"map", "sum of the precision at each hit's rank, divided by min(test items, K)", true, map},
    {"mrr", "1/rank of the first hit among the first K", true, mrr},
    {"auc", "mean over the test items of the share of the other unmasked items that stand below", false, auc},
    {"f1", "harmonic mean of the user's precision and recall", true, f1},
    {"dcg", "sum of 1/log2(rank + 1) over the hits, not normalised", true, dcg},
    {"dcg-wsdm", "the same with 1/log2(rank), and 1 for rank 1, as Saito et al. (WSDM 2020) computed it", true,
     dcg_wsdm},
    {"ndcg-full", "dcg relative to that of all test items on the first ranks, however small K is", true,
     ndcg_full},
    {"map-full", "sum of the precision at each hit's rank, divided by the number of test items", true, map_full},
};
_Static_assert(BASE_COUNT(metrics) <= RANK_MOST_METRICS, "a list of metrics has to hold them all");

const rank_metric *rank_metric_row(size_t index)
{
    return index < BASE_COUNT(metrics) ? &metrics[index] : NULL;
}

const char *tamis_metric_list(size_t index, const char **help)
{
    if (index >= BASE_COUNT(metrics)) return NULL;
    if (help) *help = metrics[index].help;
    return metrics[index].name;
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
    for (size_t k = 0; k < BASE_COUNT(metrics) && used < size; k++)
        used += (size_t)snprintf(buffer + used, size - used, "%s%s%s", k ? ", " : "", metrics[k].name,
                                 cutoffs && metrics[k].per_cutoff ? "@K" : "");
    return buffer;
}

static tamis_status unknown_metric(const char *name, tamis_error *error)
{
    char known[400], shown[280];
    return base_fail(error, TAMIS_USAGE, "there is no metric \"%s\"; expected one of %s, such as ndcg@20",
                     base_quote(shown, sizeof shown, name, strlen(name)), known_metrics(known, sizeof known, true));
}

tamis_status rank_metric_find(const char *name, const rank_metric **metric, int64_t *cutoff, tamis_error *error)
{
    const char *at = name ? strchr(name, '@') : NULL;
    size_t length = at ? (size_t)(at - name) : name ? strlen(name) : 0;
    for (size_t k = 0; k < BASE_COUNT(metrics); k++) {
        const rank_metric *row = &metrics[k];
        if (strlen(row->name) != length || strncmp(row->name, name, length) != 0 || row->per_cutoff != (at != NULL))
            continue;
        int64_t value = 0;
        if (at && !parse_cutoff(at + 1, strlen(at + 1), &value)) break;
        *metric = row;
        *cutoff = value;
        return TAMIS_OK;
    }
    return unknown_metric(name ? name : "", error);
}

tamis_status rank_metric_check(const char *name, tamis_error *error)
{
    const rank_metric *metric;
    int64_t cutoff;
    return rank_metric_find(name, &metric, &cutoff, error);
}

static const rank_metric *named(const char *name, size_t length)
{
    for (size_t k = 0; k < BASE_COUNT(metrics); k++)
        if (strlen(metrics[k].name) == length && memcmp(metrics[k].name, name, length) == 0) return &metrics[k];
    return NULL;
}

tamis_status rank_metrics(const char *text, const rank_metric *metric[RANK_MOST_METRICS], size_t *count,
                          tamis_error *error)
{
    char known[400], shown[280];
    *count = 0;
    for (const char *at = text ? text : RANK_USUAL_METRICS; at;) {
        size_t length = strcspn(at, ","), before = 0;
        const rank_metric *row = named(at, length);
        if (!row)
            return base_fail(error, TAMIS_USAGE,
                             "--metrics: there is no metric \"%s\"; expected a list of names, such as recall,ndcg, "
                             "of: %s",
                             base_quote(shown, sizeof shown, at, length), known_metrics(known, sizeof known, false));
        while (before < *count && metric[before] != row) before++;
        if (before == *count) metric[(*count)++] = row;
        at = at[length] ? at + length + 1 : NULL;
    }
    return TAMIS_OK;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

tamis_status rank_cutoffs(const char *text, int64_t cutoff[RANK_MOST_CUTOFFS], size_t *count, tamis_error *error)
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
    qsort(cutoff, n, sizeof *cutoff, ascending);
    for (size_t k = 0; k < n; k++)
        if (k == 0 || cutoff[k] != cutoff[k - 1]) cutoff[kept++] = cutoff[k];
    *count = kept;
    return TAMIS_OK;
}
