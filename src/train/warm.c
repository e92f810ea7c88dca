/* Training that goes on from a model: its log and the new one together, its rows, and a start for new ones.
 *
 * A new user folds in from its interactions with items that the model knows. A new item folds in from the known users
 * that it has; its bias is that of items with as many, in the mean. */
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/status.h"
#include "base/threads.h"
#include "train/estimate.h"
#include "train/fold_row.h"
#include "train/options.h"
#include "train/told.h"
#include "train/warm.h"

enum { BATCH = 256 };

tamis_status tamis_model_train_options_init(const tamis_model *model, tamis_train_options *options, size_t size, tamis_error *error)
{
    tamis_train_options told = {0};
    base_clear(error);
    if (!model) return base_null(error, "the model");
    const tamis_status status = told_options_again(model, &told, error);
    if (!status) base_option_give(&told, sizeof told, options, size);
    return status;
}

static tamis_status check(const train_run *run, const tamis_train_options *o, tamis_error *error)
{
    const tamis_model *from = run->from;
    const char *name = told_note(from, "method");
    if (run->freeze < TAMIS_FREEZE_NONE || run->freeze > TAMIS_FREEZE_ITEMS)
        return base_fail(error, TAMIS_USAGE, "%d is none of the sides that can be frozen", run->freeze);
    if (!o->method || strcmp(name, o->method) != 0)
        return base_fail(error, TAMIS_USAGE, "the model is of %s and cannot be gone on with by %.60s; leave --method out", name,
                         o->method ? o->method : "");
    if (!from->factors) {
        if (run->freeze) return base_fail(error, TAMIS_USAGE, "%s has no factors, of which a side could be frozen", name);
        return TAMIS_OK;
    }
    if (o->factors != from->factors)
        return base_fail(error, TAMIS_USAGE, "--factors %lld: the model has %lld, and so has what goes on from it; leave it out",
                         (long long)o->factors, (long long)from->factors);
    if (from->flip_factors && o->param[METHOD_FLIP_FACTORS].integer != from->flip_factors)
        return base_fail(error, TAMIS_USAGE, "--flip-factors %lld: the model has %lld; leave it out",
                         (long long)o->param[METHOD_FLIP_FACTORS].integer, (long long)from->flip_factors);
    if (from->item_bias && !o->item_bias)
        return base_fail(error, TAMIS_USAGE, "the model has biases of items, and so has what goes on from it; leave --no-item-bias out");
    return TAMIS_OK;
}

tamis_status warm_options(const train_run *run, const tamis_train_options *given, tamis_train_options *wanted, tamis_error *error)
{
    tamis_status status = told_options_again(run->from, wanted, error);
    if (!status && given) status = base_option_adopt(given, wanted, sizeof *wanted, error);
    if (!status) status = check(run, wanted, error);
    if (status || run->freeze == TAMIS_FREEZE_NONE || wanted->batch_size > 0) return status;
    const method *m = method_find(wanted->method);
    if (m->trainer != METHOD_BY_SGD) return TAMIS_OK;
    wanted->batch_size = BATCH; /* a tile updates both sides */
    wanted->optimizer = TAMIS_OPTIMIZER_LAZY_SGD;
    wanted->negative_regularization = (double)NAN;
    return TAMIS_OK;
}

/* ------------------------------------------------------------------ the log */

typedef struct pairs {
    int32_t *user, *item;
    float *weight;
    unsigned char *dislike;
    int64_t count;
} pairs;

static void add_rows(pairs *p, const matrix *m, const float *weight, const int32_t *const map[2], bool dislike)
{
    for (int64_t u = 0; m && u < m->rows; u++)
        for (int64_t k = m->start[u]; k < m->start[u + 1]; k++) {
            p->user[p->count] = map[0] ? map[0][u] : (int32_t)u;
            p->item[p->count] = map[1] ? map[1][m->index[k]] : m->index[k];
            p->weight[p->count] = weight ? weight[k] : 1;
            p->dislike[p->count++] = dislike;
        }
}

/* Ids as arrays of pointers and lengths. */
typedef struct id_list {
    id_map *all;
    int32_t *map;
    const char **id;
    size_t *length;
} id_list;

static bool list_ids(id_list *list, id_map *mine, const id_map *theirs, tamis_error *error)
{
    list->all = id_map_unite(mine, theirs);
    if (!list->all || !(list->map = id_map_match(theirs, list->all, error))) return false;
    const size_t n = (size_t)list->all->count;
    list->id = base_alloc_raw(n, sizeof *list->id);
    list->length = base_alloc_raw(n, sizeof *list->length);
    for (size_t k = 0; list->id && list->length && k < n; k++) list->id[k] = id_map_get(list->all, (int64_t)k, &list->length[k]);
    return list->id && list->length;
}

static void clear_ids(id_list *list)
{
    id_map_drop(list->all);
    base_free(list->map);
    base_free(list->id);
    base_free(list->length);
}

tamis_status warm_join(const tamis_model *model, const tamis_log *log, tamis_log **joined, tamis_error *error)
{
    const matrix *mine = model_trained(model), *no = model->dislikes, *theirs = log->dislikes;
    const model_neighbours *n = &model->neighbours;
    const size_t most = (size_t)(mine->nnz + log->matrix->nnz + (no ? no->nnz : 0) + (theirs ? theirs->nnz : 0));
    id_list users = {0}, items = {0};
    pairs p = {.user = base_alloc_raw(most, sizeof *p.user), .item = base_alloc_raw(most, sizeof *p.item),
               .weight = base_alloc_raw(most, sizeof *p.weight), .dislike = base_alloc_raw(most, sizeof *p.dislike)};
    tamis_status status = base_no_memory(error, "the model's log and the new one", most, 2 * sizeof *p.user);
    if (p.user && p.item && p.weight && p.dislike && list_ids(&users, model->user_ids, log->user_ids, error) &&
        list_ids(&items, model->item_ids, log->item_ids, error)) {
        const int32_t *const own[2] = {NULL, NULL}, *const other[2] = {users.map, items.map};
        add_rows(&p, log->matrix, log->weight, other, false);
        add_rows(&p, n->history && n->weight ? n->history : mine, n->history ? n->weight : NULL, own, false);
        add_rows(&p, theirs, NULL, other, true);
        add_rows(&p, no, NULL, own, true);
        tamis_log_arrays a;
        tamis_log_arrays_default(&a);
        a.users = users.all->count;
        a.items = items.all->count;
        a.count = p.count;
        a.user = p.user;
        a.item = p.item;
        a.weight = log->weight || (n->history && n->weight) ? p.weight : NULL;
        a.dislike = no || theirs ? p.dislike : NULL;
        a.user_id = users.id;
        a.user_id_length = users.length;
        a.item_id = items.id;
        a.item_id_length = items.length;
        status = tamis_log_from_arrays(&a, joined, error);
    }
    void *const arrays[] = {p.user, p.item, p.weight, p.dislike};
    for (size_t k = 0; k < BASE_COUNT(arrays); k++) base_free(arrays[k]);
    clear_ids(&users);
    clear_ids(&items);
    return status;
}

void warm_takes(const tamis_log *joined, estimate *e)
{
    const double log = log_all_bytes(joined), rows = (double)joined->summary.rows, ids = (double)(joined->users + joined->items);
    const double pair = 2 * sizeof(int32_t) + sizeof(float) + 1, id = 180; /* in two maps in the making, and their lists; about */
    const double built = base_grown(rows, joined->weight || joined->dislikes ? 3 * sizeof(int32_t) : 2 * sizeof(int32_t)); /* of log_builder */
    estimate_first(e, "the joined log", log);
    estimate_before(e, "joining the logs", rows * pair + ids * id + fmax(built - log, 0));
}

/* ----------------------------------------------------------------- the rows */

/* How many of a row's ascending indices are below a bound. */
static int64_t below(const matrix *m, int64_t row, int64_t bound)
{
    int64_t k = m->start[row];
    while (k < m->start[row + 1] && m->index[k] < bound) k++;
    return k - m->start[row];
}

static void copy_known(train_run *run)
{
    const tamis_model *from = run->from;
    tamis_model *model = run->model;
    memcpy(model->user_factors, from->user_factors, (size_t)from->users * from->stride * sizeof(float));
    memcpy(model->item_factors, from->item_factors, (size_t)from->items * from->stride * sizeof(float));
    if (from->item_bias) memcpy(model->item_bias, from->item_bias, (size_t)from->items * sizeof(float));
    if (!from->flip_user) return;
    memcpy(model->flip_user, from->flip_user, (size_t)from->users * from->flip_stride * sizeof(float));
    memcpy(model->flip_item, from->flip_item, (size_t)from->items * from->flip_stride * sizeof(float));
}

static tamis_status start_user(const train_run *run, const folding *f, int64_t u, tamis_error *error)
{
    tamis_model *model = run->model;
    const matrix *m = run->log->matrix, *no = run->log->dislikes;
    size_t length;
    const char *id = id_map_get(model->user_ids, u, &length);
    const fold_row row = {.index = m->index + m->start[u], .count = below(m, u, run->from->items),
                          .weight = run->log->weight ? run->log->weight + m->start[u] : NULL,
                          .dislike = no ? no->index + no->start[u] : NULL, .dislikes = no ? below(no, u, run->from->items) : 0,
                          .key = base_hash(id, length)};
    if (row.count == 0) return TAMIS_OK;
    return fold_user(f, &row, model->user_factors + (size_t)u * model->stride,
                     model->flip_user ? model->flip_user + (size_t)u * model->flip_stride : NULL, error);
}

/* The rows of a new item, item by item. */
typedef struct by_item {
    matrix *users, *dislikes; /* dislikes NULL: none */
} by_item;

static tamis_status start_item(const train_run *run, const folding *f, const by_item *of, int64_t i, tamis_error *error)
{
    tamis_model *model = run->model;
    const tamis_log *log = run->log;
    const int32_t *user = of->users->index + of->users->start[i];
    const matrix *no = of->dislikes;
    size_t length;
    const char *id = id_map_get(model->item_ids, i, &length);
    fold_row row = {.index = user, .count = below(of->users, i, run->from->users), .key = base_hash(id, length),
                    .dislike = no ? no->index + no->start[i] : NULL, .dislikes = no ? below(no, i, run->from->users) : 0};
    if (row.count == 0) return TAMIS_OK;
    float *weight = log->weight ? base_alloc_raw((size_t)row.count, sizeof *weight) : NULL;
    if (log->weight && !weight) return base_no_memory(error, "weights of an item", (size_t)row.count, sizeof *weight);
    for (int64_t k = 0; weight && k < row.count; k++) weight[k] = log->weight[matrix_find(log->matrix, user[k], (int32_t)i)];
    row.weight = weight;
    const tamis_status status = fold_item(f, &row, model->item_factors + (size_t)i * model->stride,
                                          model->item_bias ? &model->item_bias[i] : NULL, error);
    base_free(weight);
    return status;
}

static tamis_status start_new(train_run *run, const folding *f, const by_item *of_items, tamis_error *error)
{
    const int64_t users = run->model->users - run->from->users, items = run->model->items - run->from->items;
    tamis_status status = TAMIS_OK;
    tamis_error first = {.text = ""};
    int failed = 0;
#pragma omp parallel for schedule(dynamic, 16) num_threads(base_team(base_threads(run->options.threads)))
    for (int64_t k = 0; k < users + items; k++) {
        tamis_error why;
        const tamis_status one = k < users ? start_user(run, f, run->from->users + k, &why)
                                           : start_item(run, f, of_items, run->from->items + k - users, &why);
        if (!one) continue;
        int before;
#pragma omp atomic capture
        before = failed++;
        if (before > 0) continue;
        status = one;
        first = why;
    }
    if (status && error) *error = first;
    return status;
}

tamis_status warm_start(train_run *run, tamis_error *error)
{
    const folding *f;
    if (!run->from->factors) return TAMIS_OK;
    copy_known(run);
    const bool grown = run->model->users > run->from->users || run->model->items > run->from->items;
    if (!grown || told_note(run->from, "own-loss")) return TAMIS_OK; /* without its loss new rows start as ever */
    tamis_status status = folding_of(run->from, &f, error);
    const matrix *no = run->log->dislikes;
    const by_item of = {.users = status ? NULL : matrix_transpose(run->log->matrix), .dislikes = status || !no ? NULL : matrix_transpose(no)};
    if (!status && (!of.users || (no && !of.dislikes)))
        status = base_no_memory(error, "a log by items", (size_t)run->log->matrix->nnz, sizeof(int32_t));
    if (!status) status = start_new(run, f, &of, error);
    matrix_drop(of.users);
    matrix_drop(of.dislikes);
    return status;
}
