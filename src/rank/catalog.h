/* How often items were clicked in training, and the weights that come of it. */
#ifndef TAMIS_RANK_CATALOG_H
#define TAMIS_RANK_CATALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "rank/task.h"

typedef struct rank_catalog {
    int64_t *clicks; /* per item */
    bool *tail;      /* not among the fifth of the items that has the most clicks */
    int64_t items, users, most; /* most: the largest of clicks[] */
} rank_catalog;

tamis_status rank_catalog_make(const matrix *seen, rank_catalog *catalog, tamis_error *error);
void rank_catalog_clear(rank_catalog *catalog);
/* (most clicks / clicks)^power per item of the test log, at least one click each. NULL: memory. */
double *rank_click_weights(const int64_t *clicks, const id_map *items, const tamis_log *test, double power);
/* w = 1 / max(theta, clip) per item of the test log, as the options say. TAMIS_DATA: the table lacks an item or holds no
 * chance for it. */
tamis_status rank_propensity_weights(const rank_catalog *catalog, const id_map *items, const tamis_log *test,
                                     const tamis_evaluate_options *options, double **weight, tamis_error *error);
double rank_effective_rows(const rank_task *task, const double *weight);

#endif
