/* What tamis_evaluation is. */
#ifndef TAMIS_RANK_RESULT_H
#define TAMIS_RANK_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include "rank/slice.h"

struct tamis_evaluation {
    int64_t users;
    size_t metrics;
    char (*name)[32];
    rank_figures figures;
    double *value;       /* users x metrics; NAN: not defined */
    rank_slices slices;
    char *id_text;       /* the users' ids, one after another */
    uint64_t *id_start;
    tamis_evaluation_counts counts;
};

#endif
