/* Folding users into a model: histories of items become models of users. */
#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/status.h"
#include "base/threads.h"
#include "base/watch.h"
#include "train/fold_row.h"

void tamis_history_init(tamis_history *history, size_t size)
{
    const tamis_history none = {0};
    base_option_give(&none, sizeof none, history, size);
}

void tamis_fold_options_init(tamis_fold_options *options, size_t size)
{
    const tamis_fold_options defaults = {0};
    base_option_give(&defaults, sizeof defaults, options, size);
}

/* ------------------------------------------------------------------ one user */

/* An item of a history; place: where it stood. */
typedef struct entry {
    int32_t item;
    float weight;
    int64_t place;
} entry;

static int by_item_then_place(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    return x->item != y->item ? (x->item > y->item) - (x->item < y->item) : (x->place > y->place) - (x->place < y->place);
}

/* of: what the rows are, of which the model has `rows`. */
static tamis_status check(const tamis_history *h, const char *of, int64_t rows, tamis_error *error)
{
    const struct {
        const int32_t *item;
        int64_t count;
    } lists[] = {{h->item, h->count}, {h->dislike, h->dislikes}};
    for (int l = 0; l < 2; l++) {
        if (lists[l].count < 0 || (lists[l].count > 0 && !lists[l].item))
            return base_fail(error, TAMIS_USAGE, "a history of %" PRId64 " %ss without an array of them; expected both or neither",
                             lists[l].count, of);
        for (int64_t k = 0; k < lists[l].count; k++)
            if (lists[l].item[k] < 0 || lists[l].item[k] >= rows)
                return base_fail(error, TAMIS_USAGE, "the history names %s %" PRId32 "; the model's %ss are 0 to %" PRId64, of,
                                 lists[l].item[k], of, rows - 1);
    }
    for (int64_t k = 0; k < h->count && h->weight; k++)
        if (!(h->weight[k] > 0) || !isfinite(h->weight[k]))
            return base_fail(error, TAMIS_USAGE, "weight %" PRId64 " of the history is %g; expected a finite one above 0", k,
                             (double)h->weight[k]);
    return TAMIS_OK;
}

/* A history of ascending items as a matrix of one row, and their weights. */
typedef struct one_row {
    matrix *seen, *dislikes;
    float *weight;
} one_row;

static matrix *row_of(const entry *list, int64_t count, int64_t items, float *weight)
{
    int64_t *start = calloc(2, sizeof *start), n = 0;
    int32_t *index = malloc(((size_t)count + 1) * sizeof *index);
    for (int64_t k = 0; k < count && index; k++) {
        if (n && index[n - 1] == list[k].item) continue;
        if (weight) weight[n] = list[k].weight;
        index[n++] = list[k].item; /* analyzer: possible-null-dereference, the loop ends without it */
    }
    if (start) start[1] = n;
    return matrix_new(1, items, start, index);
}

static tamis_status take(const tamis_history *h, int64_t columns, one_row *row, tamis_error *error)
{
    const size_t most = (size_t)(h->count > h->dislikes ? h->count : h->dislikes) + 1;
    entry *list = base_alloc_raw(most, sizeof *list);
    row->weight = h->weight ? base_alloc((size_t)h->count, sizeof *row->weight) : NULL;
    if (list && (row->weight || !h->weight)) {
        for (int64_t k = 0; k < h->count; k++) list[k] = (entry){h->item[k], h->weight ? h->weight[k] : 1, k};
        qsort(list, (size_t)h->count, sizeof *list, by_item_then_place);
        row->seen = row_of(list, h->count, columns, row->weight);
    }
    if (row->seen && h->dislikes) {
        int64_t n = 0;
        for (int64_t k = 0; k < h->dislikes; k++)
            if (matrix_find(row->seen, 0, h->dislike[k]) < 0) list[n++] = (entry){h->dislike[k], 1, k};
        qsort(list, (size_t)n, sizeof *list, by_item_then_place);
        row->dislikes = row_of(list, n, columns, NULL);
    }
    base_free(list);
    if (row->seen && (row->dislikes || !h->dislikes)) return TAMIS_OK;
    return base_no_memory(error, "a history", most, sizeof *list);
}

/* Row `number` of a model whose seen is in place. */
static tamis_status fold_one(const folding *f, tamis_model *model, int64_t number, const float *weight, tamis_error *error)
{
    const int64_t from = model->seen->start[number];
    size_t length;
    const char *id = id_map_get(model->user_ids, number, &length);
    const matrix *no = model->dislikes;
    const fold_row row = {.index = model->seen->index + from, .count = model->seen->start[number + 1] - from, .weight = weight,
                          .dislike = no ? no->index + no->start[number] : NULL,
                          .dislikes = no ? no->start[number + 1] - no->start[number] : 0, .key = base_hash(id, length)};
    if (!model->factors) return TAMIS_OK;
    float *flip = model->flip_user ? model->flip_user + (size_t)number * model->flip_stride : NULL;
    return fold_user(f, &row, model->user_factors + (size_t)number * model->stride, flip, error);
}

static id_map *map_of_one(const tamis_history *h)
{
    id_set set = {0};
    if (id_set_add(&set, h->id ? h->id : "", h->id ? h->id_length : 0) == 0) return id_set_finish(&set);
    id_set_clear(&set);
    return NULL;
}

tamis_status tamis_model_fold_in(const tamis_model *model, const tamis_history *history, tamis_model **out, tamis_error *error)
{
    tamis_history h = {0};
    const folding *f;
    one_row row = {0};
    *out = NULL;
    base_clear(error);
    if (!model || !history) return base_null(error, model ? "the history" : "the model");
    tamis_status status = base_option_adopt(history, &h, sizeof h, error);
    if (!status) status = check(&h, "item", model->items, error);
    if (!status) status = folding_of(model, &f, error);
    if (!status) status = take(&h, model->items, &row, error);
    id_map *users = status ? NULL : map_of_one(&h);
    if (!status && !users) status = base_no_memory(error, "a user", 1, h.id_length);
    if (!status) status = model_with_users(model, users, row.seen, out, error);
    if (!status) status = model_set_dislikes(*out, row.dislikes, error);
    if (!status) status = fold_one(f, *out, 0, row.weight, error);
    if (!status && !model->factors) {
        (*out)->neighbours.history = matrix_hold(row.seen);
        (*out)->neighbours.weight = row.weight;
        row.weight = NULL;
    }
    id_map_drop(users);
    matrix_drop(row.seen);
    matrix_drop(row.dislikes);
    base_free(row.weight);
    if (status) {
        tamis_model_free(*out);
        *out = NULL;
    }
    return status;
}

tamis_status tamis_model_fold_in_item(const tamis_model *model, const tamis_history *history, float *factors, float *bias,
                                      tamis_error *error)
{
    tamis_history h = {0};
    const folding *f;
    one_row row = {0};
    base_clear(error);
    if (!model || !history || !factors) return base_null(error, !model ? "the model" : !history ? "the history" : "the row");
    if (!model->factors)
        return base_fail(error, TAMIS_USAGE, "the model has no factors that a new item could have; go on from it with the item's rows, as in: "
                                             "tamis train --from MODEL ROWS");
    tamis_status status = base_option_adopt(history, &h, sizeof h, error);
    if (!status) status = check(&h, "user", model->users, error);
    if (!status) status = folding_of(model, &f, error);
    if (!status) status = take(&h, model->users, &row, error);
    const size_t stride = model->stride;
    float *own = status ? NULL : base_alloc(stride, sizeof *own), own_bias = 0; /* aligned, as the caller's may not be */
    if (!status && !own) status = base_no_memory(error, "an item", stride, sizeof *own);
    if (!status) {
        const matrix *no = row.dislikes;
        const fold_row of = {.index = row.seen->index, .count = row.seen->nnz, .weight = row.weight, .dislike = no ? no->index : NULL,
                             .dislikes = no ? no->nnz : 0, .key = base_hash(h.id ? h.id : "", h.id ? h.id_length : 0)};
        status = fold_item(f, &of, own, &own_bias, error);
    }
    if (!status) memcpy(factors, own, stride * sizeof *own);
    if (!status && bias) *bias = own_bias;
    base_free(own);
    matrix_drop(row.seen);
    matrix_drop(row.dislikes);
    base_free(row.weight);
    return status;
}

/* ---------------------------------------------------------- all users of a log */

/* A log's users in a model to be. */
typedef struct joined {
    const tamis_model *model;
    const tamis_log *log;
    id_map *users;       /* of both */
    int32_t *user, *item; /* of the log, in the model to be; -1: left out */
    int64_t *own;        /* per user of the model to be: the log's; -1: none */
    float *weight;       /* of the model to be's interactions; NULL: 1 each */
} joined;

static void clear(joined *j)
{
    id_map_drop(j->users);
    base_free(j->user);
    base_free(j->item);
    base_free(j->own);
    base_free(j->weight);
}

/* How many of a row's items the model knows. */
static int64_t known_of(const joined *j, const matrix *m, int64_t row)
{
    int64_t known = 0;
    for (int64_t k = m->start[row]; k < m->start[row + 1]; k++) known += j->item[m->index[k]] >= 0;
    return known;
}

/* New users without a row that is left stay out; a dislike is one. */
static id_map *join_users(const joined *j, tamis_fold_report *report)
{
    id_set set = {0};
    size_t length;
    bool done = true;
    for (int64_t u = 0; u < j->log->users && done; u++) {
        const matrix *const rows[] = {j->log->matrix, j->log->dislikes};
        int64_t left = 0;
        for (size_t k = 0; k < BASE_COUNT(rows) && rows[k]; k++) {
            const int64_t known = known_of(j, rows[k], u);
            report->unknown_rows += rows[k]->start[u + 1] - rows[k]->start[u] - known;
            left += known;
        }
        report->left_users += left == 0;
        const char *id = id_map_get(j->log->user_ids, u, &length);
        if (left) done = id_set_add(&set, id, length) >= 0;
    }
    id_map *more = done ? id_set_finish(&set) : NULL;
    id_map *all = more ? id_map_unite(j->model->user_ids, more) : NULL;
    id_set_clear(&set);
    id_map_drop(more);
    return all;
}

static tamis_status join(joined *j, tamis_fold_report *report, tamis_error *error)
{
    j->item = id_map_match(j->log->item_ids, j->model->item_ids, error);
    if (!j->item) return TAMIS_FAILURE;
    for (int64_t i = 0; i < j->log->items; i++) report->unknown_items += j->item[i] < 0;
    if (report->unknown_items == j->log->items)
        return base_fail(error, TAMIS_DATA, "the model knows none of the history's %" PRId64 " items; expected ids as in the log that it was "
                         "trained on", j->log->items);
    j->users = join_users(j, report);
    if (!j->users) return base_no_memory(error, "users", (size_t)(j->log->users + j->model->users), sizeof(int64_t));
    j->user = id_map_match(j->log->user_ids, j->users, error);
    j->own = base_alloc_raw((size_t)j->users->count, sizeof *j->own);
    if (!j->user) return TAMIS_FAILURE;
    if (!j->own) return base_no_memory(error, "users", (size_t)j->users->count, sizeof *j->own);
    for (int64_t u = 0; u < j->users->count; u++) j->own[u] = -1;
    for (int64_t u = 0; u < j->log->users; u++)
        if (j->user[u] >= 0) j->own[j->user[u]] = u;
    return TAMIS_OK;
}

/* The rows of both; in a model to be, of its users. */
static matrix *unite(const joined *j, const matrix *mine, const matrix *theirs)
{
    matrix *grown = matrix_grow(mine, j->users->count, mine->columns); /* analyzer: null-dereference, asked only where the model has no factors, and a history therefore */
    matrix *both = grown ? matrix_unite(grown, theirs, j->user, j->item) : NULL;
    matrix_drop(grown);
    return both;
}

/* Beside `both`: the log's weights, or those of an item-item model's history, else 1. False: memory. */
static bool join_weights(joined *j, const matrix *both)
{
    const model_neighbours *n = &j->model->neighbours;
    const bool kept = n->history && n->weight;
    if (!j->log->weight && !kept) return true;
    j->weight = base_alloc_raw((size_t)both->nnz, sizeof *j->weight);
    int32_t *back = base_alloc_raw((size_t)both->columns, sizeof *back); /* the log's item */
    for (int64_t i = 0; back && i < both->columns; i++) back[i] = -1;
    for (int64_t i = 0; back && i < j->log->items; i++)
        if (j->item[i] >= 0) back[j->item[i]] = (int32_t)i;
    for (int64_t u = 0; back && j->weight && u < both->rows; u++)
        for (int64_t k = both->start[u]; k < both->start[u + 1]; k++) {
            const int32_t i = both->index[k];
            const int64_t then = kept && u < n->history->rows ? matrix_find(n->history, u, i) : -1;
            const int64_t now = j->own[u] >= 0 && back[i] >= 0 ? matrix_find(j->log->matrix, j->own[u], back[i]) : -1;
            j->weight[k] = now >= 0 && j->log->weight ? j->log->weight[now] : then >= 0 ? n->weight[then] : 1;
        }
    const bool done = back && j->weight;
    base_free(back);
    return done;
}

/* Rows of users who are not folded in stay as they are. */
static tamis_status fold_rows(const joined *j, const folding *f, tamis_model *model, const tamis_fold_options *o, tamis_error *error)
{
    const tamis_model *from = j->model;
    base_watch watch = {.stop = o->stop};
    tamis_status status = TAMIS_OK;
    tamis_error first = {.text = ""};
    int failed = 0;
    if (from->factors) memcpy(model->user_factors, from->user_factors, (size_t)from->users * from->stride * sizeof(float));
    if (from->flip_user) memcpy(model->flip_user, from->flip_user, (size_t)from->users * from->flip_stride * sizeof(float));
#pragma omp parallel for schedule(dynamic, 16) num_threads(base_team(base_threads(o->threads)))
    for (int64_t u = 0; u < model->users; u++) {
        tamis_error why;
        if (j->own[u] < 0 || base_stopped(&watch)) continue;
        const tamis_status one = fold_one(f, model, u, j->weight ? j->weight + model->seen->start[u] : NULL, &why);
        if (omp_get_thread_num() == 0) base_worked(&watch, BASE_WATCH_WORK / 8);
        if (!one) continue;
        int before;
#pragma omp atomic capture
        before = failed++;
        if (before > 0) continue;
        status = one;
        first = why;
    }
    if (status && error) *error = first;
    if (!status && base_stopped(&watch)) return base_fail(error, TAMIS_STOPPED, "stopped while users were folded in");
    return status;
}

static tamis_status make(joined *j, const folding *f, const tamis_fold_options *o, tamis_model **out, tamis_error *error)
{
    const tamis_model *from = j->model;
    const matrix *mine = from->neighbours.history ? from->neighbours.history : from->seen;
    matrix *seen = unite(j, from->seen, j->log->matrix), *dislikes = NULL;
    matrix *history = from->factors ? NULL : unite(j, mine, j->log->matrix);
    bool done = seen && (history || from->factors) && join_weights(j, history ? history : seen);
    if (done && j->log->dislikes) {
        matrix *none = from->dislikes ? NULL : matrix_new(0, from->items, calloc(1, sizeof(int64_t)), calloc(1, sizeof(int32_t)));
        dislikes = from->dislikes || none ? unite(j, from->dislikes ? from->dislikes : none, j->log->dislikes) : NULL;
        matrix_drop(none);
        done = dislikes != NULL;
    } else if (done && from->dislikes) {
        done = (dislikes = matrix_grow(from->dislikes, j->users->count, from->items)) != NULL;
    }
    tamis_status status = done ? model_with_users(from, j->users, seen, out, error)
                               : base_no_memory(error, "a history", (size_t)(from->seen->nnz + j->log->matrix->nnz), sizeof(int32_t));
    if (!status) status = model_set_dislikes(*out, dislikes, error);
    for (size_t k = 0; !status && k < from->note_count; k++)
        if (!model_add_note(*out, from->note[k].name, from->note[k].value)) status = base_no_memory(error, "the model's notes", 1, 1);
    if (!status && history) {
        (*out)->neighbours.history = matrix_hold(history);
        (*out)->neighbours.weight = j->weight;
        j->weight = NULL;
    }
    if (!status && from->factors) status = fold_rows(j, f, *out, o, error);
    matrix_drop(seen);
    matrix_drop(dislikes);
    matrix_drop(history);
    return status;
}

tamis_status tamis_model_fold_in_log(const tamis_model *model, const tamis_log *history, const tamis_fold_options *options,
                                     tamis_model **out, tamis_fold_report *told, tamis_error *error)
{
    const double begin = base_seconds();
    tamis_fold_options o = {0};
    tamis_fold_report report = {0};
    joined j = {.model = model, .log = history};
    const folding *f = NULL;
    *out = NULL;
    base_clear(error);
    if (!model || !history) return base_null(error, model ? "the history" : "the model");
    tamis_status status = base_option_adopt(options, &o, sizeof o, error);
    if (!status && o.threads < 0)
        status = base_fail(error, TAMIS_USAGE, "%" PRId64 " threads are asked for; expected 0 or more", o.threads);
    if (!status) status = folding_of(model, &f, error);
    if (!status) status = join(&j, &report, error);
    if (!status) status = make(&j, f, &o, out, error);
    for (int64_t u = 0; !status && u < (*out)->users; u++) {
        if (j.own[u] < 0) continue;
        report.users++;
        report.new_users += u >= model->users;
        report.rows += (*out)->seen->start[u + 1] - (*out)->seen->start[u];
    }
    clear(&j);
    if (status) {
        tamis_model_free(*out);
        *out = NULL;
        return status;
    }
    report.seconds = base_seconds() - begin;
    if (told) *told = report;
    return TAMIS_OK;
}
