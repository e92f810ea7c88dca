/* Scores and gradients of a batch of sampled softmax, as matrix products; notation: softmax.c. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/watch.h"
#include "kernel/scalar.h"
#include "train/softmax_power.h"
#include "train/softmax_scores.h"

/* The scores of row u's positives, in units of the temperature. */
static void take_scores(const train_run *run, softmax_batch *c, int32_t u)
{
    const edge_groups *g = &c->by_user;
    const size_t stride = run->model->stride;
    const float temperature = (float)c->terms.temperature, *bias = run->model->item_bias;
    for (int32_t e = g->start[u]; e < g->start[u + 1]; e++) {
        const float *q = run->model->item_factors + (size_t)g->other[e] * stride;
        c->score[e] = (run->kernel->dot(c->users + (size_t)u * stride, q, stride) + (bias ? bias[g->other[e]] : 0)) /
                      temperature;
    }
}

/* Positives of row u: its part of the loss, their summed weights, and the gradients a. scale: 1 / E. */
static double score_positives(train_run *run, softmax_batch *c, int32_t u, float scale, double *weights)
{
    const edge_groups *g = &c->by_user;
    const int32_t from = g->start[u], to = g->start[u + 1];
    const float temperature = (float)c->terms.temperature, n = (float)(to - from);
    double sum = 0, pool = 0;
    float most = -1;
    *weights = 0;
    for (int32_t e = from; e < to; e++) {
        const float weight = softmax_weight(run, c, g->edge[e]);
        *weights += (double)weight;
        sum += (double)(weight * c->score[e]);
        most = e == from || c->score[e] > most ? c->score[e] : most;
    }
    for (int32_t e = from; e < to; e++) {
        c->gradient[e] = c->terms.pooled ? scalar_exp_negative(c->score[e] - most) : softmax_weight(run, c, g->edge[e]);
        pool += (double)c->gradient[e];
    }
    for (int32_t e = from; e < to; e++) {
        c->gradient[e] *= scale / temperature * (c->terms.pooled ? (float)*weights / (float)pool : 1);
        c->edge_gradient[g->edge[e]] = c->gradient[e];
    }
    return c->terms.pooled ? -*weights * ((double)most + log(pool / (double)n)) : -sum;
}

/* The same where positives weigh w = σ((c_ui - β_u) / τw), l = ln Σ_j e^{c_uj/τ1}: a loss w (l - c_ui/τ1) has the gradient
 * -dL/dc_ui = w/τ1 - w (1 - w)/τw (l - c_ui/τ1), of which the second part is left out where weights are held. */
static double weigh_positives(train_run *run, softmax_batch *c, int32_t u, double l, double *weights)
{
    const edge_groups *g = &c->by_user;
    const float t = (float)c->terms.temperature, tw = (float)c->terms.weight_temperature, scale = 1 / (float)c->edges;
    const float beta = c->threshold[g->row[u]];
    double sum = 0;
    *weights = 0;
    for (int32_t e = g->start[u]; e < g->start[u + 1]; e++) {
        const float of_row = softmax_weight(run, c, g->edge[e]), w = scalar_sigmoid((c->score[e] * t - beta) / tw);
        const float loss = (float)l - c->score[e], through = c->terms.held ? 0 : w * (1 - w) / tw * loss;
        c->gradient[e] = of_row * scale * (w / t - through);
        c->edge_gradient[g->edge[e]] = c->gradient[e];
        *weights += (double)(of_row * w);
        sum += (double)(of_row * w * c->score[e]);
    }
    return -sum;
}

/* Takes the user's own items out of a row of scores; how many there were. */
static int64_t mask_positives(const train_run *run, const softmax_batch *c, int32_t user, float *row)
{
    const edge_groups *g = &c->by_item;
    int64_t masked = 0;
    for (int64_t k = run->log->matrix->start[user]; k < run->log->matrix->start[user + 1]; k++) {
        const int32_t i = run->log->matrix->index[k];
        if (!(c->is_negative[i / 64] >> i % 64 & 1)) continue; /* a table that stays in the nearest cache */
        const int32_t s = g->slot[i];
        for (int32_t e = g->start[s + 1]; e-- > g->start[s] && g->edge[e] >= c->edges; masked++)
            row[g->edge[e] - c->edges] = -1e30f; /* edges are in order: the negatives stand last */
    }
    return masked;
}

/* What a group of blocks adds up of the gradients of negatives and of their biases. */
typedef struct pushes {
    float *push, *bias_push; /* bias_push NULL: no biases */
} pushes;

/* Row r against the negatives, of which so many are left: row[j] becomes e_uj. Gives w_u. */
static float score_row(train_run *run, softmax_batch *c, int32_t r, float *row, int64_t left)
{
    const bool weigh = c->threshold && run->epoch >= c->terms.warmup;
    const double t = c->terms.temperature, sum = (double)run->kernel->exp_sum(row, c->padded, (float)c->top);
    double n, l = 0; /* positives, by their weights; ln Z */
    /* else the user has every item that was drawn, or all lie so far below the batch's largest bias that they count for nothing */
    const bool any = left > 0 && sum > 0;
    if (any) l = log(weigh ? sum : sum / (double)left) + c->top;
    const double loss = weigh ? weigh_positives(run, c, r, l, &n) : score_positives(run, c, r, 1 / (float)c->edges, &n);
    for (int64_t j = c->count; j < c->padded; j++) row[j] = 0;
    c->loss[r] = any ? loss + n * c->terms.power * l : 0;
    for (int32_t k = c->by_user.start[r]; !any && k < c->by_user.start[r + 1]; k++)
        c->gradient[k] = c->edge_gradient[c->by_user.edge[k]] = 0;
    return any ? (float)(-n * c->terms.power / (t * (double)c->edges * sum)) : 0;
}

/* Rows from .. to - 1 against all negatives. e: SOFTMAX_ROWS + 2 rows of padded. first: of what adds up in to_items. */
static void score_block(train_run *run, softmax_batch *c, int32_t from, int32_t to, float *e, const pushes *to_items, bool first)
{
    float *push = to_items->push, *bias_push = to_items->bias_push;
    const size_t d = run->model->stride, m = (size_t)c->padded;
    const int rows = to - from;
    const double t = c->terms.temperature;
    const int64_t *start = run->log->matrix->start;
    float *u = c->users + (size_t)from * d, *pushed = c->pushed + (size_t)from * d;
    for (int32_t g = c->by_user.start[from]; g < c->by_user.start[to]; g++) /* wanted once the product is done */
        for (size_t k = 0; k < d; k += 16)
            __builtin_prefetch(run->model->item_factors + (size_t)c->by_user.other[g] * d + k);
    for (int32_t r = from; r < to; r++)
        for (int64_t k = start[c->by_user.row[r]]; k < start[c->by_user.row[r] + 1]; k += 16)
            __builtin_prefetch(run->log->matrix->index + k);
    run->kernel->product(&(kernel_product){.a = u, .a_row = d, .a_step = 1, .b = c->panels, .b_panel = SOFTMAX_LANES * d,
                                             .b_step = SOFTMAX_LANES, .c = e, .c_row = m, .rows = rows, .steps = (int64_t)d,
                                             .columns = c->padded, .base = c->negative_offset, .scale = (float)(1 / t)});
    for (int32_t r = from; r < to; r++) {
        float *row = e + (size_t)(r - from) * m;
        const int64_t left = c->count - mask_positives(run, c, c->by_user.row[r], row);
        take_scores(run, c, r);
        const float w = c->terms.exponent > 0 ? softmax_power_row(run, c, r, left, row, e + SOFTMAX_ROWS * m) : score_row(run, c, r, row, left);
        run->kernel->combine(u, &(int32_t){r - from}, &w, 1, d, pushed + (size_t)(r - from) * d);
        c->weight[r] = w;
        if (bias_push) run->kernel->axpy(bias_push, w, row, m);
    }
    run->kernel->product(&(kernel_product){.a = e, .a_row = m, .a_step = 1, .b = c->negatives, .b_panel = SOFTMAX_LANES,
                                             .b_step = d, .c = c->user_gradient + (size_t)from * d, .c_row = d, .rows = rows,
                                             .steps = c->padded, .columns = (int64_t)d, .scale = 1});
    run->kernel->product(&(kernel_product){.a = e, .a_row = 1, .a_step = m, .b = pushed, .b_panel = SOFTMAX_LANES, .b_step = d,
                                             .c = push, .c_row = d, .rows = c->padded, .steps = rows,
                                             .columns = (int64_t)d, .base = first ? NULL : push, .base_row = d,
                                             .scale = 1});
}

void softmax_score_group(train_run *run, softmax_batch *c, int group, float *e)
{
    const int32_t rows = c->by_user.slots, blocks = (rows + SOFTMAX_ROWS - 1) / SOFTMAX_ROWS;
    const int32_t from = blocks * group / c->groups, to = blocks * (group + 1) / c->groups;
    const pushes to_items = {c->push + (size_t)group * (size_t)c->padded * run->model->stride,
                             c->bias_push ? c->bias_push + (size_t)group * (size_t)c->padded : NULL};
    if (to_items.bias_push) memset(to_items.bias_push, 0, (size_t)c->padded * sizeof *to_items.bias_push);
    const int64_t work = (int64_t)3 * SOFTMAX_ROWS * c->padded * (int64_t)run->model->stride; /* three products */
    for (int32_t b = from; b < to && !base_stopped(&run->watch); b++) {
        score_block(run, c, b * SOFTMAX_ROWS, (b + 1) * SOFTMAX_ROWS < rows ? (b + 1) * SOFTMAX_ROWS : rows, e, &to_items, b == from);
        if (omp_get_thread_num() == 0) base_worked(&run->watch, work);
    }
}
