/* Figures of groups of users or items. */
#ifndef TAMIS_RANK_SLICE_H
#define TAMIS_RANK_SLICE_H

#include <stddef.h>
#include <stdint.h>

#include "model/model.h"
#include "rank/measure.h"

/* One group of one slice. */
typedef struct rank_slice {
    char slice[80], group[80];
    int64_t users, rows;
    rank_figures figures;
} rank_slice;

typedef struct rank_slices {
    rank_slice *slice;
    size_t count, capacity;
} rank_slices;

/* An evaluation whose ranks and values per user are known. */
typedef struct rank_evaluated {
    const tamis_model *model;
    const tamis_log *test;
    const tamis_evaluate_options *options;
    const rank_catalog *catalog; /* of the model's log */
    const rank_outcome *outcome;
    const rank_cells *cells;
} rank_evaluated;

/* The slices that the options ask for. */
tamis_status rank_slices_make(const rank_evaluated *evaluated, rank_slices *slices, tamis_error *error);
void rank_slices_clear(rank_slices *slices);

#endif
