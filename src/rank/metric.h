/* The metrics, and how they are asked for. A metric is a row in its family's file, metric_*.c, which begins with the definitions:
 *
 *   T      the user's relevant test items, unknown and masked ones included; never empty here
 *   r_1 < r_2 < ...  the ranks, from 1, of those that were found; F how many there are
 *   K      the cut-off; hits: those with r_h <= K
 *   C      how many candidates were ranked
 *
 * An item that is seen with chance θ has one click for every 1/θ that there could be. With weights w = 1/θ a sum over hits is
 * right in expectation: IPS. SNIPS divides by what the weights themselves would give at best.
 * Sources: Yang, Cui, Xuan, Wang, Belongie, Estrin, RecSys 2018; Swaminathan, Joachims, NIPS 2015. */
#ifndef TAMIS_RANK_METRIC_H
#define TAMIS_RANK_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rank/catalog.h"

/* One user's outcome. */
typedef struct rank_case {
    const int64_t *rank;     /* r_1, r_2, ... */
    int64_t found, relevant; /* F <= |T| */
    int64_t candidates;      /* C */
    int64_t cutoff;          /* K */
    const double *weight;    /* w of the items found, parallel to rank[]; NULL: 1 */
    const double *largest;   /* w_(1) >= w_(2) >= ..., those of all of T; NULL: 1 */
} rank_case;

/* One of four kinds of metric.
 * A sum over found items is Σ_h w_h gain(h) / norm: plain with w = 1, or IPS. Where norm is NULL, the divisor is that of a perfect
 * ranking, Σ_r ideal(r) over r <= |T|. With ideal there is SNIPS, Σ_h w_h gain(h) / Σ_r w_(r) ideal(r). */
typedef struct rank_metric {
    const char *name, *help;
    bool per_cutoff; /* named with @K */
    double (*gain)(const rank_case *user, int64_t h); /* h from 0; 0 beyond the cut-off */
    double (*norm)(const rank_case *user);
    double (*ideal)(const rank_case *user, int64_t r);
    /* any other function of the ranks */
    double (*value)(const rank_case *user);
    /* the mean of this over a list of recommended items */
    double (*listed)(const rank_catalog *catalog, int32_t item);
    /* of all lists together: how often each item is on one, ascending */
    double (*exposed)(const uint32_t *count, int64_t items);
} rank_metric;

typedef struct rank_family {
    const rank_metric *row;
    size_t count;
} rank_family;
extern const rank_family metric_hits, metric_dcg, metric_map, metric_auc, metric_lists;

/* Whether it is of ranks; else of lists. */
bool rank_metric_of_ranks(const rank_metric *metric);

typedef enum rank_weighting { RANK_PLAIN, RANK_IPS, RANK_SNIPS } rank_weighting;

/* "ndcg-snips@20" */
typedef struct rank_column {
    const rank_metric *metric;
    rank_weighting weighting;
    int64_t cutoff; /* 0: the metric takes none */
} rank_column;

/* TAMIS_USAGE: no such metric, no cut-off, or none of rankings. */
tamis_status rank_metric_find(const char *name, rank_column *column, tamis_error *error);
tamis_status rank_metric_check(const char *name, tamis_error *error);
void rank_metric_name(const rank_column *column, char name[32]);

enum { RANK_MOST_METRICS = 64, RANK_MOST_CUTOFFS = 16, RANK_MOST_COLUMNS = RANK_MOST_METRICS * RANK_MOST_CUTOFFS };
#define RANK_USUAL_METRICS "precision,recall,hit,ndcg,map,mrr,auc"
/* Each metric of "recall,ndcg-snips" (NULL: the usual ones) at each cut-off of "5,10,20", distinct, in the order of the
 * former. */
tamis_status rank_columns(const char *metrics, const char *cutoffs, rank_column column[RANK_MOST_COLUMNS], size_t *count,
                          tamis_error *error);
/* How deep ranks matter to these: to the largest cut-off; 0: one looks at all ranks. */
int64_t rank_columns_depth(const rank_column *column, size_t count);

#endif
