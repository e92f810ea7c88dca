/* Training on batches of positives against negatives that the whole batch shares: scores and gradients are matrix products.
 *
 * Notation: rows of a batch are its distinct users u, n_u positives each, E positives in all; û, q̂ unit vectors of user
 * and item, c_ui = û . q̂_i; M negatives j, those that are the user's own positives left out; e_uj = e^{(c_uj - 1)/τ1}
 * (<= 1, whatever τ1), Z_u = Σ_j e_uj. With the loss of method/softmax.h divided by E, its gradients (-d/d.) are
 *   a_ui = 1 / (τ1 E)                               along c_ui of a positive; pooled: times n_u e_ui / Σ_k e_uk
 *   w_u e_uj,   w_u = -n_u τ2 / (τ1 E Z_u)          along c_uj of a negative
 *   G_u = Σ_i a_ui q̂_i + w_u Σ_j e_uj q̂_j           along û,      the second term being rows of  E N
 *   H_i = Σ_u a_ui û + Σ_u w_u e_ui û               along q̂_i,    the second term being rows of  Eᵀ (w U)
 * so that the weights w enter through narrow matrices and e is written once. With item biases b_i, c_ui is û . q̂_i + b_i, and
 * the gradient along b_i is Σ_u a_ui + Σ_u w_u e_ui. Through the normalisation û = p / |p|,
 *   gradient of p = (G - (G . û) û) / |p|.
 * With dropout û is the unit vector of the factors of p that are left, and |p| their length: the others have gradient 0.
 * Every factor row is kept at length 1: it is normalised again after each step, so that the learning rate alone says how
 * far a vector turns, and p . q, by which models rank, is the cosine that was trained (plus the
 * item's bias, where there is one).
 *
 * A block of ROWS users times all negatives stays in the L2 cache. Blocks are dealt to a fixed number of groups, which add up
 * Eᵀ(wU) each for itself: who computes a group does not matter, so the bits are the same for any number of threads. */
#include <stdatomic.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/threads.h"
#include "kernel/prefetch.h"
#include "train/softmax.h"
#include "train/softmax_scores.h"
#include "train/softmax_top.h"

static void fetch_step(float *rows, const optimizer_moments *moments, size_t at, size_t stride)
{
    prefetch_row(rows + at, stride);
    if (moments->first) prefetch_row(moments->first + at, stride);
    if (moments->second) prefetch_row(moments->second + at, stride);
}

static void fetch_bias(float *bias, const optimizer_moments *moments, int32_t row)
{
    if (bias) __builtin_prefetch(bias + row, 1);
    if (moments->bias_first) __builtin_prefetch(moments->bias_first + row, 1);
    if (moments->bias_second) __builtin_prefetch(moments->bias_second + row, 1);
}

/* One step on a row of length 1, and back to length 1. */
static void step_unit(const train_run *run, float *row, const optimizer_moments *moments, size_t at, const float *gradient,
                      const kernel_step *step)
{
    const size_t stride = run->model->stride;
    optimizer_step_row(run, row, moments, at, stride, gradient, step);
    run->kernel->normalize(row, stride, row);
}

static void step_user(train_run *run, softmax_batch *c, int32_t u, float *gradient, const kernel_step *step)
{
    const tamis_model *model = run->model;
    const edge_groups *g = &c->by_user;
    const size_t stride = model->stride, at = (size_t)g->row[u] * stride;
    const float *pull = c->user_gradient + (size_t)u * stride, w = c->weight[u];
    if (u + SOFTMAX_AHEAD < g->slots)
        fetch_step(model->user_factors, &c->user_moments, (size_t)g->row[u + SOFTMAX_AHEAD] * stride, stride);
    run->kernel->combine(model->item_factors, g->other + g->start[u], c->gradient + g->start[u], g->start[u + 1] - g->start[u],
                           stride, gradient);
    run->kernel->axpy(gradient, w, pull, stride);
    run->kernel->tangent(gradient, c->users + (size_t)u * stride, stride, 1 / c->length[u]);
    step_unit(run, model->user_factors + at, &c->user_moments, at, gradient, step);
}

static void step_item(train_run *run, softmax_batch *c, int32_t s, float *gradient, const kernel_step *step,
                      const kernel_step *bias_step)
{
    const tamis_model *model = run->model;
    edge_groups *g = &c->by_item;
    const size_t stride = model->stride, at = (size_t)g->row[s] * stride;
    int32_t e = g->start[s];
    float sum = 0; /* along the bias */
    if (s + SOFTMAX_AHEAD < g->slots) {
        fetch_step(model->item_factors, &c->item_moments, (size_t)g->row[s + SOFTMAX_AHEAD] * stride, stride);
        fetch_bias(model->item_bias, &c->item_moments, g->row[s + SOFTMAX_AHEAD]);
    }
    for (; e < g->start[s + 1] && g->edge[e] < c->edges; e++)
        sum += g->weight[0][e] = c->edge_gradient[g->edge[e]];
    run->kernel->combine(c->users, g->other + g->start[s], g->weight[0] + g->start[s], e - g->start[s], stride, gradient);
    for (; e < g->start[s + 1]; e++)
        for (size_t group = 0; group < (size_t)c->groups; group++) {
            const size_t column = group * (size_t)c->padded + (size_t)(g->edge[e] - c->edges);
            run->kernel->axpy(gradient, 1, c->push + column * stride, stride);
            if (c->bias_push) sum += c->bias_push[column];
        }
    run->kernel->tangent(gradient, model->item_factors + at, stride, 1);
    step_unit(run, model->item_factors + at, &c->item_moments, at, gradient, step);
    if (model->item_bias)
        optimizer_step_bias(&model->item_bias[g->row[s]], &c->item_moments, g->row[s], sum, run->options.optimizer, bias_step);
}

/* Called by all threads: each batch in steps, which wait for the one before. False: to stop. Until rows are stepped nothing has
 * changed; once they are, the batch is finished. */
static bool run_batch(train_run *run, softmax_batch *c, const member *me, double rate, int64_t first, float *e,
                      float *gradient)
{
    const tamis_model *model = run->model;
    softmax_batch_draw(run, c, me, first);
    if (team_meet(me)) return false;
    if (me->index == 0) {
        softmax_batch_group(c, model);
        atomic_store(&c->next_group, 0);
    }
    team_meet(me);
    softmax_batch_take(run, c, me);
    if (team_meet(me)) return false;
    for (int group; (group = atomic_fetch_add(&c->next_group, 1)) < c->groups;) softmax_score_group(run, c, group, e);
    if (team_meet(me)) return false;
    /* users first, from the items before their step; then items, from the batch's copy of the users */
    const kernel_step step = optimizer_constants(&run->options, rate, 0, run->step + 1);
    const kernel_step bias_step = optimizer_constants(&run->options, rate, run->options.bias_regularization, run->step + 1);
    TEAM_FOR(me, u, run->freeze == TAMIS_FREEZE_USERS ? 0 : c->by_user.slots) step_user(run, c, (int32_t)u, gradient, &step);
    team_meet(me);
    TEAM_FOR(me, s, run->freeze == TAMIS_FREEZE_ITEMS ? 0 : c->by_item.slots) step_item(run, c, (int32_t)s, gradient, &step, &bias_step);
    if (me->index == 0)
        for (int32_t u = 0; u < c->by_user.slots; u++) c->loss_sum += c->loss[u];
    const bool stop = team_meet(me);
    if (me->index == 0) run->step++;
    return !stop;
}

static tamis_status epoch(train_run *run, double rate, double *loss, int64_t *samples, tamis_error *error)
{
    softmax_batch *c = run->state;
    const int64_t total = run->log->matrix->nnz;
    const size_t stride = run->model->stride, each = (size_t)(SOFTMAX_ROWS + 2) * (size_t)c->padded + stride;
    int threads = base_threads(run->options.threads);
    if (threads > SOFTMAX_GROUPS) threads = SOFTMAX_GROUPS;
    float *work = base_alloc_raw((size_t)threads * each, sizeof *work);
    if (!work) return base_no_memory(error, "a block of scores", (size_t)threads * each, sizeof *work);
    tamis_status status = softmax_top_renew(run, c, error);
    if (status || base_stopped(&run->watch)) {
        base_free(work);
        return status;
    }
    team all = TEAM_NEW(&run->watch);
    c->loss_sum = 0;
#pragma omp parallel num_threads(base_team(threads))
    {
        const member me = team_join(&all);
        float *e = work + (size_t)me.index * each, *gradient = e + (size_t)(SOFTMAX_ROWS + 2) * (size_t)c->padded;
        bool more = true;
        for (int64_t first = 0; first < total && more; first += c->room) {
            if (me.index == 0) c->edges = total - first < c->room ? total - first : c->room;
            more = !team_meet(&me) && run_batch(run, c, &me, rate, first, e, gradient);
        }
    }
    base_free(work);
    *loss = c->loss_sum;
    *samples = total;
    return TAMIS_OK;
}

static void memory(train_run *run, parameters *list)
{
    static const optimizer_names users = {"user_moment1", "user_moment2", NULL, NULL};
    static const optimizer_names items = {"item_moment1", "item_moment2", "bias_moment1", "bias_moment2"};
    softmax_batch *c = run->state;
    const parameters arrays = model_parameters(run->model);
    optimizer_moments_list(&c->user_moments, &users, &arrays.at[MODEL_USER_FACTORS], list);
    optimizer_moments_list(&c->item_moments, &items, &arrays.at[MODEL_ITEM_FACTORS], list);
    const parameter threshold = {"score_threshold", PARAMETER_OF_USERS, run->model->users, 1, 1, &c->threshold};
    if (c->threshold) parameters_add(list, &threshold);
}

const trainer trainer_softmax = {.steps = true, .open = softmax_batch_new, .epoch = epoch, .close = softmax_batch_clear, .memory = memory,
                                 .takes = softmax_batch_takes};
