/* From ranks to figures: each user's value in every metric, means over users, bootstrap intervals.
 *
 * Every figure is a ratio Σ top_u / Σ bottom_u over users. For a plain metric top is the user's value and bottom is 1, so that the
 * ratio is the mean; for a user without a value, as in a slice, both are 0. For a SNIPS metric they are Σ w gain and Σ w ideal: a
 * user counts in proportion to the relevant items that the weights stand for. So the figure is consistent: it converges with the
 * number of users, which the mean of the users' own ratios does not.
 * Any thread measures any user; sums are taken in the order of users, so that they do not depend on the number of threads. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/order.h"
#include "base/status.h"
#include "base/threads.h"
#include "rank/measure.h"
#include "rank/resample.h"

/* Room for the relevant items of every user: those of t begin at start[t] + missed_start[t]. */
typedef struct measure_room {
    int64_t *rank;
    double *weight, *largest;
} measure_room;

/* User t's relevant items in the group, with their weights. */
static rank_case gather(const rank_outcome *o, const int32_t *group, int32_t only, const measure_room *s, int64_t t)
{
    const rank_task *task = o->task;
    int64_t from = task->start[t], missed = task->missed_start[t], n = 0, all = 0;
    int64_t *rank = s->rank + from + missed;
    double *weight = s->weight + from + missed, *largest = s->largest + from + missed;
    for (int64_t k = from; k < task->start[t + 1]; k++) {
        int32_t test_item = o->test_item[k];
        if (group && group[test_item] != only) continue;
        rank[n] = o->rank[k];
        weight[n] = largest[n] = o->weight ? o->weight[test_item] : 1;
        n++;
    }
    all = n;
    for (int64_t k = missed; k < task->missed_start[t + 1]; k++)
        if (!group || group[task->missed[k]] == only) largest[all++] = o->weight ? o->weight[task->missed[k]] : 1;
    if (o->weight) qsort(largest, (size_t)all, sizeof *largest, base_descending_double);
    return (rank_case){.rank = rank, .found = n, .relevant = all, .candidates = task->candidates[t],
                       .weight = weight, .largest = largest};
}

/* Σ w gain; weight NULL: 1 */
static double gained(const rank_case *c, const rank_metric *metric, const double *weight)
{
    double sum = 0;
    for (int64_t h = 0; h < c->found; h++) sum += (weight ? weight[h] : 1) * metric->gain(c, h);
    return sum;
}

static double ideal(const rank_case *c, const rank_metric *metric, const double *weight)
{
    double sum = 0;
    for (int64_t r = 1; r <= c->relevant; r++) sum += metric->ideal(c, r) * (weight ? weight[r - 1] : 1);
    return sum;
}

static double norm(const rank_case *c, const rank_metric *metric)
{
    return metric->norm ? metric->norm(c) : ideal(c, metric, NULL);
}

static void measure_user(const rank_outcome *o, rank_case *c, bool sliced, double *top, double *bottom)
{
    for (size_t k = 0; k < o->columns; k++) {
        const rank_metric *metric = o->column[k].metric;
        if (!rank_metric_of_ranks(metric)) continue;
        c->cutoff = o->column[k].cutoff;
        top[k] = 0;
        bottom[k] = !sliced && o->column[k].weighting != RANK_SNIPS; /* a user without relevant items may count as 0 */
        if (c->relevant == 0) continue;
        bottom[k] = 1;
        if (metric->value) {
            top[k] = metric->value(c);
            continue;
        }
        top[k] = gained(c, metric, o->column[k].weighting == RANK_PLAIN ? NULL : c->weight);
        if (o->column[k].weighting == RANK_SNIPS) bottom[k] = ideal(c, metric, c->largest);
        else top[k] /= norm(c, metric);
    }
}

bool rank_cells_new(rank_cells *cells, int64_t users, size_t columns)
{
    const size_t n = (size_t)users * columns;
    *cells = (rank_cells){base_alloc(n, sizeof(double)), base_alloc(n, sizeof(double)), users, columns};
    return cells->top && cells->bottom;
}

void rank_cells_clear(rank_cells *cells)
{
    base_free(cells->top);
    base_free(cells->bottom);
}

tamis_status rank_measure(const rank_outcome *o, const int32_t *group, int32_t only, const rank_cells *cells,
                          tamis_error *error)
{
    const rank_task *task = o->task;
    bool plain = !group && !o->weight;
    size_t room = plain ? 0 : (size_t)(task->start[task->count] + task->missed_start[task->count]);
    measure_room s = {base_alloc_raw(room, sizeof *s.rank), base_alloc_raw(room, sizeof *s.weight),
                      base_alloc_raw(room, sizeof *s.largest)};
    tamis_status status = TAMIS_OK;
    if (!s.rank || !s.weight || !s.largest) status = base_no_memory(error, "the weights of test items", room, 24);
#pragma omp parallel for schedule(static) num_threads(base_team(o->threads))
    for (int64_t t = 0; t < task->count; t++) {
        if (status) continue;
        rank_case c = {.rank = o->rank + task->start[t], .found = task->start[t + 1] - task->start[t],
                       .relevant = task->relevant[t], .candidates = task->candidates[t]};
        if (!plain) c = gather(o, group, only, &s, t);
        measure_user(o, &c, group != NULL, cells->top + (size_t)t * o->columns, cells->bottom + (size_t)t * o->columns);
    }
    base_free(s.rank);
    base_free(s.weight);
    base_free(s.largest);
    return status;
}

/* ---- means and intervals */

bool rank_figures_new(rank_figures *figures, size_t columns)
{
    *figures = (rank_figures){base_alloc(columns, sizeof(double)), base_alloc(columns, sizeof(double)),
                              base_alloc(columns, sizeof(double))};
    return figures->mean && figures->low && figures->high;
}

void rank_figures_clear(rank_figures *figures)
{
    base_free(figures->mean);
    base_free(figures->low);
    base_free(figures->high);
    *figures = (rank_figures){0};
}

/* Where the cells of member n begin. */
static size_t row_of(const rank_cells *cells, const rank_members *members, int64_t n)
{
    return (size_t)(members ? members->row[n] : n) * cells->columns;
}

static int64_t count_of(const rank_cells *cells, const rank_members *members)
{
    return members ? members->count : cells->users;
}

/* The cells of the members side by side: all tops, then the bottoms that are not 1 throughout. */
typedef struct ratios {
    double *value;
    size_t *bottom; /* per column: where its bottoms are; 0: all are 1 */
    size_t width;
} ratios;

static bool varies(const rank_cells *cells, const rank_members *members, size_t k)
{
    for (int64_t n = 0; n < count_of(cells, members); n++)
        if (cells->bottom[row_of(cells, members, n) + k] != 1) return true;
    return false;
}

static bool gather_ratios(const rank_cells *cells, const rank_members *members, ratios *m)
{
    const size_t columns = cells->columns;
    m->bottom = base_alloc(columns, sizeof *m->bottom);
    m->width = columns;
    for (size_t k = 0; m->bottom && k < columns; k++)
        if (varies(cells, members, k)) m->bottom[k] = m->width++;
    m->value = base_alloc_raw((size_t)count_of(cells, members), m->width * sizeof *m->value);
    if (!m->bottom || !m->value) return false;
    for (int64_t n = 0; n < count_of(cells, members); n++) {
        const size_t row = row_of(cells, members, n);
        double *to = m->value + (size_t)n * m->width;
        memcpy(to, cells->top + row, columns * sizeof *to);
        for (size_t k = 0; k < columns; k++)
            if (m->bottom[k]) to[m->bottom[k]] = cells->bottom[row + k];
    }
    return true;
}

static tamis_status add_intervals(const ratios *m, size_t columns, int64_t rows, const rank_bootstrap *b,
                                  rank_figures figures, tamis_error *error)
{
    const size_t resamples = (size_t)b->resamples;
    double *drawn = base_alloc_raw(resamples, (m->width + 1) * sizeof *drawn), interval[2];
    if (!drawn) return base_no_memory(error, "the bootstrap", resamples, (m->width + 1) * sizeof *drawn);
    double *scratch = drawn + resamples * m->width;
    resample_means(&(resample_rows){m->value, rows, m->width}, &(resample_draws){b->resamples, b->seed, b->threads}, drawn);
    for (size_t k = 0; k < columns; k++) {
        for (size_t r = 0; r < resamples && m->bottom[k]; r++) {
            double *row = drawn + r * m->width;
            row[k] /= row[m->bottom[k]];
        }
        resample_interval(drawn + k, b->resamples, m->width, b->confidence, scratch, interval);
        figures.low[k] = interval[0];
        figures.high[k] = interval[1];
    }
    base_free(drawn);
    return TAMIS_OK;
}

tamis_status rank_summarize(const rank_cells *cells, const rank_members *members, const rank_bootstrap *bootstrap,
                            rank_figures figures, tamis_error *error)
{
    const int64_t count = count_of(cells, members);
    for (size_t k = 0; k < cells->columns; k++) {
        double top = 0, bottom = 0;
        for (int64_t n = 0; n < count; n++) {
            top += cells->top[row_of(cells, members, n) + k];
            bottom += cells->bottom[row_of(cells, members, n) + k];
        }
        figures.mean[k] = bottom > 0 ? top / bottom : (double)NAN;
        figures.low[k] = figures.high[k] = (double)NAN;
    }
    if (bootstrap->resamples == 0 || count == 0) return TAMIS_OK;
    ratios m = {0};
    tamis_status status = gather_ratios(cells, members, &m)
                              ? add_intervals(&m, cells->columns, count, bootstrap, figures, error)
                              : base_no_memory(error, "the bootstrap", (size_t)count, cells->columns * sizeof(double));
    base_free(m.value);
    base_free(m.bottom);
    return status;
}
