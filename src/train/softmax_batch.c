/* A batch of sampled softmax: what is drawn, and the vectors side by side that the matrix products want. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "kernel/prefetch.h"
#include "sampler/alias.h"
#include "train/draw.h"
#include "train/estimate.h"
#include "train/softmax_batch.h"

/* The member's part of the batch's positives: the interactions that stand at `first` and behind in the epoch's order. */
static void draw_positives(const train_run *run, softmax_batch *c, const member *me, int64_t first)
{
    const uint64_t order = base_stream_key(run->options.seed, BASE_FOR_ORDER, (uint64_t)run->epoch, 0).state;
    const int64_t all = run->log->matrix->nnz;
    TEAM_FOR(me, k, c->edges) {
        c->interaction[k] = draw_permuted(first + k, all, order);
        __builtin_prefetch(&run->user_of[c->interaction[k]]);
        __builtin_prefetch(&run->log->matrix->index[c->interaction[k]]);
    }
    TEAM_FOR(me, k, c->edges) {
        c->user[k] = run->user_of[c->interaction[k]];
        c->item[k] = run->log->matrix->index[c->interaction[k]];
    }
}

static void draw_negative(const train_run *run, softmax_batch *c, int64_t j)
{
    base_stream stream = base_stream_key(run->options.seed, BASE_FOR_TILE, (uint64_t)run->step, (uint64_t)j);
    c->item[c->edges + j] = (int32_t)alias_draw(run->slot, (uint32_t)run->model->items, &stream);
}

/* Groups of what was drawn, and what is to be known of the negatives. */
void softmax_batch_group(softmax_batch *c, const tamis_model *model)
{
    const int64_t items = model->items;
    float *const none[METHOD_FACTORISATIONS] = {NULL};
    const int64_t n = c->edges;
    edge_groups_fill(&c->by_user, c->user, c->item, none, n);
    /* an item's other side is a row of the batch; a negative has none */
    memset(c->by_user.edge_slot + n, 0, (size_t)c->count * sizeof *c->by_user.edge_slot);
    edge_groups_fill(&c->by_item, c->item, c->by_user.edge_slot, none, n + c->count);
    memset(c->is_negative, 0, ((size_t)items / 64 + 1) * sizeof *c->is_negative);
    for (int64_t j = 0; j < c->count; j++) {
        const int32_t i = c->item[n + j];
        c->is_negative[i / 64] |= UINT64_C(1) << i % 64;
        c->negative_offset[j] = c->offset ? c->offset[i] : 0;
    }
    const int32_t blocks = (c->by_user.slots + SOFTMAX_ROWS - 1) / SOFTMAX_ROWS;
    c->groups = blocks < SOFTMAX_GROUPS ? blocks : SOFTMAX_GROUPS;
    c->top = c->ceiling;
    if (!model->item_bias) return;
    float most = -INFINITY;
    for (int64_t j = 0; j < c->count; j++) {
        const float bias = model->item_bias[c->item[n + j]] / (float)c->terms.temperature;
        c->negative_offset[j] += bias;
        most = bias > most ? bias : most;
    }
    c->top += (double)most;
}

/* Row u of the batch: its user's vector, or what dropout leaves of it. */
static void take_user(const train_run *run, softmax_batch *c, int64_t u)
{
    const tamis_model *model = run->model;
    const size_t stride = model->stride;
    const int32_t user = c->by_user.row[u];
    float *row = c->users + (size_t)u * stride;
    if (u + SOFTMAX_AHEAD < c->by_user.slots)
        prefetch_row(model->user_factors + (size_t)c->by_user.row[u + SOFTMAX_AHEAD] * stride, stride);
    memcpy(row, model->user_factors + (size_t)user * stride, stride * sizeof *row);
    c->length[u] = 1;
    if (!(c->terms.dropout > 0)) return;
    base_stream stream = base_stream_key(run->options.seed, BASE_FOR_DROPOUT, (uint64_t)run->step, (uint64_t)user);
    const uint32_t below = (uint32_t)(c->terms.dropout * 65536); /* a draw serves four factors */
    uint64_t bits = 0;
    for (int64_t k = 0; k < model->factors; k++, bits >>= 16) {
        if (k % 4 == 0) bits = base_next(&stream);
        row[k] = (bits & 0xFFFF) < below ? 0 : row[k];
    }
    const float length = run->kernel->normalize(row, stride, row);
    c->length[u] = length > 0 ? length : 1;
}

/* Sixteen negatives' vectors, as rows and as columns. */
static void take_negatives(const train_run *run, softmax_batch *c, int64_t p)
{
    const tamis_model *model = run->model;
    const size_t stride = model->stride, panel = (size_t)p * SOFTMAX_LANES * stride;
    for (int64_t j = (p + 1) * SOFTMAX_LANES; j < (p + 2) * SOFTMAX_LANES && j < c->count; j++)
        prefetch_row(model->item_factors + (size_t)c->item[c->edges + j] * stride, stride);
    for (int64_t j = p * SOFTMAX_LANES; j < (p + 1) * SOFTMAX_LANES && j < c->count; j++) {
        const float *row = model->item_factors + (size_t)c->item[c->edges + j] * stride;
        memcpy(c->negatives + (size_t)j * stride, row, stride * sizeof *row);
    }
    run->kernel->pack(c->negatives + panel, SOFTMAX_LANES, stride, c->panels + panel);
}

void softmax_batch_draw(const train_run *run, softmax_batch *c, const member *me, int64_t first)
{
    draw_positives(run, c, me, first);
    TEAM_FOR(me, j, c->count) draw_negative(run, c, j);
}

void softmax_batch_take(const train_run *run, softmax_batch *c, const member *me)
{
    TEAM_FOR(me, u, c->by_user.slots) take_user(run, c, u);
    TEAM_FOR(me, p, c->padded / SOFTMAX_LANES) take_negatives(run, c, p);
}

/* -------------------------------------------------------------------- start and end */

/* Items drawn with chance q_i stand for 1 / (N q_i) items each. */
static bool weigh_negatives(train_run *run, softmax_batch *c)
{
    const int64_t items = run->model->items;
    double sum = 0, most = -INFINITY;
    c->ceiling = 1 / c->terms.temperature;
    for (int64_t j = c->count; j < c->padded; j++) c->negative_offset[j] = -1e30f;
    if (!run->sampler->weight) return true;
    if (!(c->offset = base_alloc((size_t)items, sizeof *c->offset))) return false;
    for (int64_t i = 0; i < items; i++) sum += run->sampler->weight(run->item_clicks[i], &run->options);
    for (int64_t i = 0; i < items; i++) {
        const double w = run->sampler->weight(run->item_clicks[i], &run->options);
        if (!(w > 0)) continue;
        const double offset = log(sum / ((double)items * w));
        c->offset[i] = (float)offset;
        most = offset > most ? offset : most;
    }
    if (most > 0) c->ceiling += most;
    return true;
}

/* What has length 1 but for its last bits, as rows of a model that the run goes on from have, stays as it is. */
static void normalize_rows(const train_run *run, float *rows, int64_t count)
{
    const size_t stride = run->model->stride;
    for (int64_t r = 0; r < count; r++) {
        float *row = rows + (size_t)r * stride;
        if (fabsf(run->kernel->dot(row, row, stride) - 1) > 1e-5f) run->kernel->normalize(row, stride, row);
    }
}

tamis_status softmax_batch_new(train_run *run, tamis_error *error)
{
    const tamis_train_options *o = &run->options;
    const tamis_model *model = run->model;
    const tamis_log *log = run->log;
    softmax_batch *c = run->state = base_alloc(1, sizeof *c);
    if (!c) return base_no_memory(error, "training in batches", 1, sizeof *c);
    ((const softmax_family *)run->method->family)->terms(o->param, &c->terms);
    if (c->terms.exponent > 0 && run->sampler->weight)
        return base_fail(error, TAMIS_USAGE, "--negative-sampling %s: %s counts all items alike; take uniform", run->sampler->name,
                         run->method->name);
    const int64_t nnz = log->matrix->nnz;
    c->room = o->batch_size < nnz ? o->batch_size : nnz;
    c->count = o->negatives;
    c->padded = BASE_PADDED(c->count);
    const size_t stride = model->stride, room = (size_t)c->room, edges = room + (size_t)c->count;
    bool done = draw_list_users(run);
    done = (c->interaction = base_alloc_raw(room, sizeof *c->interaction)) && done;
    done = (c->user = base_alloc_raw(room, sizeof *c->user)) && done;
    done = (c->item = base_alloc_raw(edges, sizeof *c->item)) && done;
    done = edge_groups_new(&c->by_user, model->users, (int64_t)edges) && done;
    done = edge_groups_new(&c->by_item, model->items, (int64_t)edges) && done;
    float **const narrow[] = {&c->score, &c->gradient, &c->edge_gradient, &c->weight, &c->length};
    for (size_t k = 0; k < BASE_COUNT(narrow); k++) done = (*narrow[k] = base_alloc(room, sizeof(float))) && done;
    float **const wide[] = {&c->users, &c->pushed, &c->user_gradient};
    for (size_t k = 0; k < BASE_COUNT(wide); k++) done = (*wide[k] = base_alloc(room * stride, sizeof(float))) && done;
    done = (c->negatives = base_alloc((size_t)c->padded * stride, sizeof(float))) && done;
    done = (c->panels = base_alloc((size_t)c->padded * stride, sizeof(float))) && done;
    done = (c->push = base_alloc(SOFTMAX_GROUPS * (size_t)c->padded * stride, sizeof(float))) && done;
    if (model->item_bias)
        done = (c->bias_push = base_alloc(SOFTMAX_GROUPS * (size_t)c->padded, sizeof(float))) && done;
    done = (c->negative_offset = base_alloc((size_t)c->padded, sizeof *c->negative_offset)) && done;
    done = (c->is_negative = base_alloc((size_t)model->items / 64 + 1, sizeof *c->is_negative)) && done;
    if (c->terms.weight_temperature > 0)
        done = (c->threshold = base_alloc((size_t)model->users, sizeof *c->threshold)) && done;
    done = (c->loss = base_alloc(room, sizeof *c->loss)) && done;
    done = optimizer_moments_new(&c->user_moments, model->users, stride, false, o->optimizer) && done;
    done = optimizer_moments_new(&c->item_moments, model->items, stride, model->item_bias != NULL, o->optimizer) && done;
    if (!done || !draw_fill_slots(run) || !weigh_negatives(run, c))
        return base_no_memory(error, "training in batches", edges * stride, sizeof(float));
    normalize_rows(run, model->user_factors, model->users);
    normalize_rows(run, model->item_factors, model->items);
    return TAMIS_OK;
}

void softmax_batch_takes(const train_plan *plan, estimate *e)
{
    const tamis_train_options *o = plan->options;
    const double users = (double)plan->users, items = (double)plan->items, stride = (double)plan->stride[0];
    const int64_t room = o->batch_size < plan->interactions ? o->batch_size : plan->interactions, edges = room + o->negatives;
    const int64_t columns = BASE_PADDED(o->negatives);
    const double padded = (double)columns;
    softmax_terms terms;
    ((const softmax_family *)plan->method->family)->terms(o->param, &terms);
    draw_takes(plan, true, e);
    if (plan->sampler->weight) estimate_keep(e, "samplers", items * sizeof(float));
    estimate_keep(e, "batches", edge_groups_bytes(plan->users, edges) + edge_groups_bytes(plan->items, edges) +
                                    (double)room * (8 + 4 + 5 * 4 + 8 + 3 * 4 * stride) + (double)edges * 4 + items / 8);
    estimate_keep(e, "batches", padded * (4 * stride * (2 + SOFTMAX_GROUPS) + 4 + (plan->bias ? 4 * SOFTMAX_GROUPS : 0)));
    if (terms.weight_temperature > 0) estimate_remember(e, "thresholds", users * sizeof(float));
    estimate_remember(e, "moments", optimizer_moments_bytes(plan->users, plan->stride[0], false, o->optimizer) +
                                        optimizer_moments_bytes(plan->items, plan->stride[0], plan->bias, o->optimizer));
    const int threads = plan->threads < SOFTMAX_GROUPS ? plan->threads : SOFTMAX_GROUPS;
    estimate_work(e, "an epoch", threads * ((SOFTMAX_ROWS + 2) * padded + stride) * sizeof(float) +
                                     plan->threads * (double)terms.top * sizeof(float));
}

float softmax_weight(const train_run *run, const softmax_batch *c, int32_t edge)
{
    return run->row_weights ? run->row_weights[c->interaction[edge]] : 1;
}

void softmax_batch_clear(train_run *run)
{
    softmax_batch *c = run->state;
    if (!c) return;
    void *all[] = {c->interaction, c->user, c->item, c->score, c->gradient,
                   c->edge_gradient, c->users, c->pushed, c->user_gradient, c->weight, c->length, c->negatives, c->panels, c->push, c->bias_push, c->loss, c->threshold,
                   c->negative_offset, c->offset, c->is_negative};
    for (size_t k = 0; k < BASE_COUNT(all); k++) base_free(all[k]);
    edge_groups_clear(&c->by_user);
    edge_groups_clear(&c->by_item);
    optimizer_moments_clear(&c->user_moments);
    optimizer_moments_clear(&c->item_moments);
    base_free(c);
    run->state = NULL;
}
