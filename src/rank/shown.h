/* Metrics of what is recommended, relevant or not. */
#ifndef TAMIS_RANK_SHOWN_H
#define TAMIS_RANK_SHOWN_H

#include <stddef.h>
#include <stdint.h>

#include "rank/measure.h"

typedef struct rank_shown {
    const rank_column *column;
    size_t columns;
    const rank_catalog *catalog;
    const rank_cells *cells; /* the values per user are written there */
    uint32_t *count;         /* per column that asks for it and item: how often it stands on a list */
} rank_shown;

/* Of the list of user t of the task, from any thread. */
void rank_shown_take(void *shown, int64_t t, const tamis_hit *hit, int64_t count);
/* When all lists have been taken: the metrics of all of them together into mean[]. */
void rank_shown_finish(const rank_shown *shown, double *mean);

#endif
