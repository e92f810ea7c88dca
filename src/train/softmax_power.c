/* A row of a batch where powers stand for exponentials.
 *
 * Notation: z_j = max(0, 1 + (c_uj - c_ui) / 2), p the exponent, S = Σ_j z_j^p, L_ui = ln (S / M).
 *   dL_ui/dc_uj = p/2 z_j^(p-1) / S,   dL_ui/dc_ui = -Σ_j of that
 * With m the largest z_j, z_j^(p-1) = m^(p-1) e^{(p-1) ln (z_j/m)} does not overflow. */
#include <math.h>

#include "kernel/scalar.h"
#include "train/softmax_power.h"

/* room[j] = (z_j/m)^(p-1) for positive score c. Gives Σ_j (z_j/m)^p, and m; 0: no z_j is above 0. */
static double take_powers(const softmax_batch *c, const float *row, float of_positive, float *room, float *most)
{
    const float p = (float)c->terms.exponent - 1;
    float m = 0;
    double sum = 0;
    for (int64_t j = 0; j < c->count; j++) {
        const float z = 1 + (row[j] - of_positive) / 2;
        m = z > m ? z : m;
    }
    *most = m;
    if (!(m > 0)) return 0;
    for (int64_t j = 0; j < c->count; j++) {
        const float z = (1 + (row[j] - of_positive) / 2) / m;
        room[j] = z > 0 ? scalar_exp_negative(p * scalar_log(z)) : 0;
        sum += (double)(room[j] * z);
    }
    return sum;
}

float softmax_power_row(train_run *run, softmax_batch *c, int32_t r, int64_t left, float *row, float *room)
{
    const edge_groups *g = &c->by_user;
    const double p = c->terms.exponent;
    const float scale = 1 / (float)c->edges;
    float *pull = room + c->padded, m;
    c->loss[r] = 0;
    for (int64_t j = 0; j < c->padded; j++) pull[j] = 0;
    for (int32_t e = g->start[r]; e < g->start[r + 1]; e++) {
        const float weight = softmax_weight(run, c, g->edge[e]);
        const double sum = take_powers(c, row, c->score[e], room, &m);
        float all = 0;
        const float by = sum > 0 ? (float)((double)weight * p / 2 / ((double)m * sum)) : 0;
        for (int64_t j = 0; by > 0 && j < c->count; j++) {
            const float share = by * room[j];
            pull[j] += share;
            all += share;
        }
        c->gradient[e] = c->edge_gradient[g->edge[e]] = scale * all;
        if (sum > 0) c->loss[r] += (double)weight * (p * log((double)m) + log(sum / (double)left));
    }
    for (int64_t j = 0; j < c->padded; j++) row[j] = pull[j];
    return -scale;
}
