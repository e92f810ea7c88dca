/* The metrics, and how they are asked for. */
#ifndef TAMIS_RANK_METRIC_H
#define TAMIS_RANK_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rank/catalog.h"

/* One user's outcome. rank[]: 1-based, ascending, of the relevant items found. */
typedef struct rank_case {
    const int64_t *rank;
    int64_t found, relevant; /* found <= relevant = |T_u| */
    int64_t candidates;      /* items that were ranked */
    int64_t cutoff;          /* K */
    const double *weight;    /* of the items found, parallel to rank[]; NULL: not asked for */
    const double *largest;   /* the weights of all of T_u, descending */
} rank_case;

/* Plain metrics have value(). Those that are sums over the hits have gain() too: with weights w the IPS version is
 * Σ w gain / norm, the SNIPS version Σ w gain over Σ ideal(r) w_(r), w_(1) >= w_(2) >= ... the weights of T_u.
 * Metrics of what is recommended, relevant or not, have one of the last two instead. */
typedef struct rank_metric {
    const char *name, *help;
    bool per_cutoff; /* named with @K */
    double (*value)(const rank_case *user);
    double (*gain)(const rank_case *user, int64_t hit); /* of found item number hit; 0 beyond the cut-off */
    double (*norm)(const rank_case *user);
    double (*ideal)(const rank_case *user, int64_t place); /* place from 1; NULL: no SNIPS version */
    double (*listed)(const rank_catalog *catalog, int32_t item); /* the mean over the list */
    double (*exposed)(const uint32_t *count, int64_t items); /* of how often each item stands on a list, ascending */
} rank_metric;

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
