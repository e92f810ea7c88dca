/* Item-item methods: what they make of the log they make at once, in the only epoch.
 *
 * Notation: method/items.h. Σ_u x_ui x_uj is summed over the users of i, ascending, in double, so that no sum depends on
 * threads. Rows are independent of each other. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/threads.h"
#include "base/watch.h"
#include "method/items.h"
#include "train/estimate.h"
#include "train/inverse.h"
#include "train/items.h"
#include "train/neighbour_rows.h"

enum { STRIP = 16 }; /* rows of the inverse that are read at a time */

/* What all threads share. */
typedef struct items_data {
    const method_items *how;
    const tamis_parameter *param;
    const matrix *of_users;
    const float *weight; /* c, parallel to of_users->index; NULL: 1 each */
    matrix *of_items; /* transposed */
    float *entry;     /* x, parallel to of_users->index */
    double *square;   /* per item: Σ_u x_ui² */
    int64_t items;
    int threads;
    base_watch *watch;
    double lambda;
    inverse_matrix gram; /* X'X + λI, then minus its inverse */
    neighbour_rows rows;
} items_data;

/* A thread's own: what item i has in common with others. */
typedef struct items_scratch {
    double *product;  /* per item j: Σ_u x_ui x_uj */
    int32_t *common;  /* users of both */
    int32_t *touched; /* the items with a user in common */
    int64_t count;
    float *value;     /* of a row, or of a strip */
    tamis_hit *hits;
} items_scratch;

/* Entries of a row at most. */
static int64_t row_most(const method_items *how, const tamis_parameter *param, int64_t items)
{
    const int64_t wanted = how->neighbours(param), most = items > 1 ? items - 1 : 1;
    return wanted > 0 && wanted < most ? wanted : most;
}

static double scratch_bytes(const method_items *how, int64_t items, int64_t most)
{
    const double values = (double)(items + INVERSE_TILE) * (how->inverse ? STRIP : 1);
    return (double)items * (sizeof(double) + 2 * sizeof(int32_t)) + values * sizeof(float) + (double)most * sizeof(tamis_hit);
}

static bool scratch_new(const items_data *d, items_scratch *s)
{
    const size_t items = (size_t)d->items;
    *s = (items_scratch){.product = base_alloc(items, sizeof *s->product), .common = base_alloc(items, sizeof *s->common),
                         .touched = base_alloc_raw(items, sizeof *s->touched),
                         .value = base_alloc_raw(items + INVERSE_TILE, (d->how->inverse ? STRIP : 1) * sizeof *s->value),
                         .hits = base_alloc_raw((size_t)d->rows.most, sizeof *s->hits)};
    return s->product && s->common && s->touched && s->value && s->hits;
}

static void scratch_free(items_scratch *s)
{
    void *const arrays[] = {s->product, s->common, s->touched, s->value, s->hits};
    for (size_t k = 0; k < BASE_COUNT(arrays); k++) base_free(arrays[k]);
}

static void worked(const items_data *d, int64_t work)
{
    if (omp_get_thread_num() == 0) base_worked(d->watch, work);
}

/* What item i has in common with the items up to `last`. */
static void meet(const items_data *d, int64_t i, int64_t last, items_scratch *s)
{
    const matrix *users = d->of_items, *m = d->of_users;
    int64_t work = 0;
    for (int64_t k = 0; k < s->count; k++) s->product[s->touched[k]] = s->common[s->touched[k]] = 0;
    s->count = 0;
    for (int64_t k = users->start[i]; k < users->start[i + 1]; k++) {
        const int64_t u = users->index[k];
        const double x = (double)d->entry[matrix_find(m, u, (int32_t)i)];
        for (int64_t e = m->start[u]; e < m->start[u + 1] && m->index[e] <= last; e++) {
            const int32_t j = m->index[e];
            if (s->common[j]++ == 0) s->touched[s->count++] = j;
            s->product[j] += x * (double)d->entry[e];
        }
        work += m->start[u + 1] - m->start[u];
    }
    worked(d, work);
}

/* ------------------------------------------------------------------ nearest neighbours */

static void similar_row(const items_data *d, int64_t j, items_scratch *s)
{
    meet(d, j, d->items, s);
    for (int64_t k = 0; k < s->count; k++) {
        const int32_t i = s->touched[k];
        const items_two two = {s->product[i], d->square[j], d->square[i], s->common[i]};
        s->value[i] = (float)d->how->similarity(d->param, &two);
    }
    neighbour_rows_put(&d->rows, j, s->value, s->touched, s->count, s->hits);
}

/* ------------------------------------------------------------------ the linear model */

/* Row i of X'X + λI, up to the diagonal. */
static void gram_row(const items_data *d, int64_t i, items_scratch *s)
{
    meet(d, i, i, s);
    for (int64_t k = 0; k < s->count; k++) *inverse_at(&d->gram, i, s->touched[k]) = (float)s->product[s->touched[k]];
    *inverse_at(&d->gram, i, i) = (float)(d->square[i] + d->lambda);
}

/* Rows first .. first + STRIP - 1 of -P, which lie in the tiles of one row and, transposed, of one column. */
static void read_strip(const inverse_matrix *m, int64_t first, size_t width, float *strip)
{
    const int64_t row = first / INVERSE_TILE, at = first % INVERSE_TILE;
    for (int64_t c = 0; c < m->tiles; c++) {
        const float *tile = c <= row ? inverse_tile(m, row, c) : inverse_tile(m, c, row);
        for (int64_t x = 0; x < INVERSE_TILE; x++)
            for (int64_t y = at; y < at + STRIP; y++) {
                const bool below = c < row || (c == row && x <= y);
                strip[(size_t)(y - at) * width + (size_t)(c * INVERSE_TILE + x)] = tile[below ? y * INVERSE_TILE + x : x * INVERSE_TILE + y];
            }
    }
}

/* B_ji = -P_ji / P_ii, of a strip of rows */
static void linear_rows(const items_data *d, int64_t at, items_scratch *s)
{
    const inverse_matrix *m = &d->gram;
    const size_t width = (size_t)(m->tiles * INVERSE_TILE);
    const int64_t first = at * STRIP;
    read_strip(m, first, width, s->value);
    for (int64_t j = first; j < first + STRIP && j < d->items; j++) {
        float *row = s->value + (size_t)(j - first) * width;
        for (int64_t i = 0; i < d->items; i++) row[i] /= -*inverse_at(m, i, i);
        neighbour_rows_put(&d->rows, j, row, NULL, d->items, s->hits);
    }
    worked(d, STRIP * d->items);
}

/* ------------------------------------------------------------------ what all of it is made of */

/* Does something for at = 0 .. count - 1. */
static tamis_status for_each(const items_data *d, int64_t count, void (*step)(const items_data *, int64_t, items_scratch *),
                             tamis_error *error)
{
    bool failed = false;
#pragma omp parallel num_threads(base_team(d->threads))
    {
        items_scratch own;
        const bool ready = scratch_new(d, &own);
        if (!ready) {
#pragma omp atomic write
            failed = true;
        }
#pragma omp for schedule(dynamic, 16)
        for (int64_t at = 0; at < count; at++)
            if (ready && !base_stopped(d->watch)) step(d, at, &own);
        scratch_free(&own);
    }
    if (failed) return base_no_memory(error, "rows of an item-item matrix", (size_t)d->items, STRIP * sizeof(float));
    return base_stopped(d->watch) ? base_fail(error, TAMIS_STOPPED, "stopped before the item-item matrix was done, and nothing of it is kept")
                                  : TAMIS_OK;
}

/* x, and the length of its columns. */
static tamis_status make_entries(items_data *d, tamis_error *error)
{
    const matrix *m = d->of_users;
    const size_t items = (size_t)d->items;
    d->of_items = matrix_transpose(m);
    d->entry = base_alloc_raw((size_t)m->nnz, sizeof *d->entry);
    d->square = base_alloc(items, sizeof *d->square);
    if (!d->of_items || !d->entry || !d->square) return base_no_memory(error, "an item-item matrix", (size_t)m->nnz, sizeof(float) + sizeof(int32_t));
    for (int64_t u = 0; u < m->rows; u++)
        for (int64_t e = m->start[u]; e < m->start[u + 1]; e++) {
            const int32_t i = m->index[e];
            const items_pair pair = {.weight = d->weight ? (double)d->weight[e] : 1,
                                     .of_user = (double)(m->start[u + 1] - m->start[u]),
                                     .of_item = (double)(d->of_items->start[i + 1] - d->of_items->start[i]),
                                     .items = (double)d->items, .mean = (double)m->nnz / (double)d->items};
            d->entry[e] = (float)(d->how->entry ? d->how->entry(d->param, &pair) : pair.weight);
            d->square[i] += (double)d->entry[e] * (double)d->entry[e];
        }
    return TAMIS_OK;
}

static tamis_status make_rows(const train_run *run, items_data *d, tamis_error *error)
{
    const int64_t strips = (d->items + STRIP - 1) / STRIP;
    tamis_status status = make_entries(d, error);
    if (!status) status = neighbour_rows_new(d->items, d->rows.most, &d->rows, error);
    if (status || !d->how->inverse) return status ? status : for_each(d, d->items, similar_row, error);
    status = inverse_new(d->items, &d->gram, error);
    if (!status) status = for_each(d, d->items, gram_row, error);
    if (!status) status = inverse_make(&d->gram, run->kernel, d->threads, d->watch, error);
    return status ? status : for_each(d, strips, linear_rows, error);
}

static tamis_status make_neighbours(train_run *run, items_data *d, tamis_error *error)
{
    model_neighbours *n = &run->model->neighbours;
    d->rows.most = row_most(d->how, d->param, d->items);
    tamis_status status = make_rows(run, d, error);
    if (!status) {
        n->items = neighbour_rows_finish(&d->rows, &n->value);
        if (!n->items) status = base_no_memory(error, "an item-item matrix", (size_t)d->items, sizeof(int64_t));
    }
    neighbour_rows_free(&d->rows);
    inverse_free(&d->gram);
    matrix_drop(d->of_items);
    base_free(d->entry);
    base_free(d->square);
    return status;
}

static tamis_status make_popularity(train_run *run, tamis_error *error)
{
    const matrix *m = run->log->matrix;
    const float *weight = run->log->weight;
    double *sum = base_alloc((size_t)m->columns, sizeof *sum);
    if (!sum) return base_no_memory(error, "the popularity of items", (size_t)m->columns, sizeof *sum);
    for (int64_t e = 0; e < m->nnz; e++) sum[m->index[e]] += weight ? (double)weight[e] : 1;
    for (int64_t i = 0; i < m->columns; i++) run->model->item_bias[i] = (float)sum[i];
    base_free(sum);
    return TAMIS_OK;
}

static tamis_status epoch(train_run *run, double rate, double *loss, int64_t *samples, tamis_error *error)
{
    items_data d = {.how = run->method->family, .param = run->options.param, .of_users = run->log->matrix, .weight = run->log->weight,
                    .items = run->model->items,
                    .threads = base_threads(run->options.threads), .watch = &run->watch, .lambda = run->options.regularization};
    (void)rate;
    *loss = 0;
    *samples = run->log->matrix->nnz;
    return d.how->neighbours ? make_neighbours(run, &d, error) : make_popularity(run, error);
}

/* The model's history is what is trained on. */
static tamis_status open(train_run *run, tamis_error *error)
{
    model_neighbours *n = &run->model->neighbours;
    const size_t nnz = (size_t)run->log->matrix->nnz;
    n->history = matrix_hold(run->log->matrix);
    if (!run->log->weight) return TAMIS_OK;
    n->weight = base_alloc_raw(nnz, sizeof *n->weight);
    if (!n->weight) return base_no_memory(error, "weights of interactions", nnz, sizeof *n->weight);
    memcpy(n->weight, run->log->weight, nnz * sizeof *n->weight);
    return TAMIS_OK;
}

static void takes(const train_plan *plan, estimate *e)
{
    const method_items *how = plan->method->family;
    const double n = (double)plan->interactions, items = (double)plan->items;
    if (plan->log->weight || plan->options->distrust > 0) estimate_keep(e, "weights", n * sizeof(float));
    if (!how->neighbours) {
        estimate_work(e, "an epoch", items * sizeof(double));
        return;
    }
    const int64_t most = row_most(how, plan->options->param, plan->items);
    double work = plan->threads * scratch_bytes(how, plan->items, most);
    if (how->inverse) {
        estimate_keep(e, "the items' matrix", inverse_bytes(plan->items));
        work = fmax(work, inverse_work_bytes(plan->items, plan->threads));
    }
    estimate_keep(e, "neighbours", neighbour_rows_bytes(plan->items, most));
    estimate_keep(e, "the log by items", n * (sizeof(int32_t) + sizeof(float)) + items * (sizeof(int64_t) + sizeof(double)));
    estimate_work(e, "rows", work);
}

static void close(train_run *run)
{
    (void)run;
}

const trainer trainer_items = {.at_once = true, .open = open, .epoch = epoch, .close = close, .takes = takes};
const trainer trainer_linear = {.at_once = true, .decays = true, .open = open, .epoch = epoch, .close = close, .takes = takes};
