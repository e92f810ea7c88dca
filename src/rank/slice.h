/* Figures of groups of users or items; how often items were clicked; what the lists show. */
#ifndef TAMIS_RANK_SLICE_H
#define TAMIS_RANK_SLICE_H

#include <stdbool.h>

#include "model/model.h"
#include "rank/rank.h"
#include "tamis.h"

enum { SLICE_GROUPS = 100 };

/* One group of one slice. */
struct rank_slice {
    char slice[80], group[80];
    int64_t users, rows;
    rank_figures figures;
};

/* Fills evaluation->slice from what the options ask for. cells: of all; catalog: of the model's log. */
tamis_status slice_all(const rank_outcome *outcome, const rank_cells *cells, const tamis_model *model,
                       const tamis_log *test, const rank_catalog *catalog, const tamis_evaluate_options *options,
                       tamis_evaluation *evaluation, tamis_error *error);
void slice_free(tamis_evaluation *evaluation);

/* w = 1 / max(theta, clip) per item of the test log. TAMIS_DATA: the table lacks an item or holds no chance for it. */
tamis_status slice_weights(const tamis_model *model, const tamis_log *test, const rank_catalog *catalog,
                           const tamis_evaluate_options *options, double **weight, tamis_error *error);
double slice_effective_rows(const rank_task *task, const double *weight);
bool slice_figures_new(rank_figures *figures, size_t columns);
void slice_figures_free(rank_figures *figures);

#endif
