/* The table of metrics, and the names that options give: "ndcg-snips@20" is a metric, a weighting and a cut-off. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/order.h"
#include "base/status.h"
#include "base/text.h"
#include "rank/metric.h"

static const rank_family *const families[] = {&metric_hits, &metric_dcg, &metric_map, &metric_auc, &metric_lists};

/* NULL past the last. */
static const rank_metric *row_of(size_t index)
{
    for (size_t f = 0; f < BASE_COUNT(families); f++) {
        if (index < families[f]->count) return &families[f]->row[index];
        index -= families[f]->count;
    }
    return NULL;
}

bool rank_metric_of_ranks(const rank_metric *metric)
{
    return metric->gain || metric->value;
}

const char *tamis_metric_list(size_t index, const char **help)
{
    const rank_metric *row = row_of(index);
    if (row && help) *help = row->help;
    return row ? row->name : NULL;
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

/* "precision@K, recall@K, ..., auc", those of ranks; or all without @K. */
static base_list known_metrics(bool cutoffs)
{
    base_list known = {0};
    const rank_metric *row;
    for (size_t k = 0; (row = row_of(k)); k++)
        if (!cutoffs || rank_metric_of_ranks(row)) base_list_add(&known, row->name, cutoffs && row->per_cutoff ? "@K" : "");
    return known;
}

static tamis_status unknown_metric(const char *name, tamis_error *error)
{
    const base_list known = known_metrics(true);
    char shown[280];
    return base_fail(error, TAMIS_USAGE, "there is no metric \"%s\"; expected one of %s, such as ndcg@20; or with "
                     "-ips or -snips behind the name, such as ndcg-snips@20",
                     base_quote(shown, sizeof shown, name, strlen(name)), known.text);
}

static const char *const suffix[] = {"", "-ips", "-snips"}; /* of a rank_weighting */

/* NAME, NAME-ips or NAME-snips. */
static rank_column named(const char *name, size_t length)
{
    const rank_metric *row;
    for (size_t k = 0; (row = row_of(k)); k++)
        for (int w = RANK_PLAIN; w <= RANK_SNIPS; w++) {
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
    if (metric && rank_metric_of_ranks(metric) && metric->per_cutoff == (at != NULL) &&
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
    char shown[280];
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
                             base_quote(shown, sizeof shown, at, length), known_metrics(false).text);
        while (before < *count && (wanted[before].metric != one.metric || wanted[before].weighting != one.weighting))
            before++;
        if (before == RANK_MOST_METRICS)
            return base_fail(error, TAMIS_USAGE, "--metrics: more than %d metrics; expected fewer at a time", RANK_MOST_METRICS);
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
    /* cppcheck-suppress uninitvar ; n of them are there, one at least */
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
        if (!rank_metric_of_ranks(column[k].metric)) continue;
        if (!column[k].metric->per_cutoff) return 0;
        if (column[k].cutoff > depth) depth = column[k].cutoff;
    }
    return depth;
}
