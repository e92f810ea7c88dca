/* Metrics of recommended lists: means over a list's items, and what depends on how often each item is on any list. */
#include <stdlib.h>

#include "base/order.h"
#include "rank/shown.h"

void rank_shown_take(void *context, int64_t t, const tamis_hit *hit, int64_t count)
{
    const rank_shown *s = context;
    for (size_t k = 0; k < s->columns; k++) {
        const rank_column *column = &s->column[k];
        int64_t n = count < column->cutoff ? count : column->cutoff;
        double sum = 0;
        if (column->metric->listed && n > 0) {
            for (int64_t r = 0; r < n; r++) sum += column->metric->listed(s->catalog, hit[r].item);
            s->cells->top[(size_t)t * s->columns + k] = sum / (double)n;
            s->cells->bottom[(size_t)t * s->columns + k] = 1;
        }
        uint32_t *times = s->count + k * (size_t)s->catalog->items;
        for (int64_t r = 0; column->metric->exposed && r < n; r++) {
#pragma omp atomic
            times[hit[r].item]++;
        }
    }
}

void rank_shown_finish(const rank_shown *s, double *mean)
{
    const size_t items = (size_t)s->catalog->items;
    for (size_t k = 0; s->count && k < s->columns; k++) {
        if (!s->column[k].metric->exposed) continue;
        qsort(s->count + k * items, items, sizeof *s->count, base_ascending_uint32);
        mean[k] = s->column[k].metric->exposed(s->count + k * items, s->catalog->items);
    }
}
