/* BPR by stochastic gradient descent, as plain as it can be: to read first, and for tests to compare the fast trainers with.
 *
 * Users u and items i have factors p_u and q_i, and the score s_ui = p_u . q_i. The log is a sparse matrix in CSR form: user
 * u's items are item[start[u]] .. item[start[u+1] - 1], ascending. For an interaction (u, i) and an item j that u has not,
 *
 *   L = -ln σ(s_ui - s_uj) + λ/2 (|p_u|² + |q_i|² + |q_j|²)
 *   g = -dL/ds = σ(s_uj - s_ui)
 *   p_u += η (g (q_i - q_j) - λ p_u),    q_i += η (g p_u - λ q_i),    q_j += η (-g p_u - λ q_j)
 *
 * Source: Rendle, Freudenthaler, Gantner, Schmidt-Thieme, UAI 2009. What train/sgd.c does differently: the order of the
 * interactions and the item block that j is drawn from, for the cache's sake and for several threads. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"
#include "train/reference.h"

static bool has(const tamis_log *log, int64_t user, int32_t item)
{
    for (int64_t k = log->matrix->start[user]; k < log->matrix->start[user + 1]; k++)
        if (log->matrix->index[k] == item) return true;
    return false;
}

/* An item that the user has not, each as likely. -1: the user has all. */
static int32_t draw_negative(const tamis_log *log, int64_t user, base_stream *stream)
{
    const int64_t items = tamis_log_items(log);
    if (log->matrix->start[user + 1] - log->matrix->start[user] == items) return -1;
    int32_t j;
    do j = (int32_t)base_below(stream, (uint32_t)items);
    while (has(log, user, j));
    return j;
}

/* One step; the loss before it, without the L2 term. */
static double step(double *p, double *qi, double *qj, int64_t factors, double rate, double regularization)
{
    double x = 0;
    for (int64_t f = 0; f < factors; f++) x += p[f] * (qi[f] - qj[f]);
    const double g = 1 / (1 + exp(x));
    for (int64_t f = 0; f < factors; f++) {
        const double pf = p[f], qif = qi[f], qjf = qj[f];
        p[f] += rate * (g * (qif - qjf) - regularization * pf);
        qi[f] += rate * (g * pf - regularization * qif);
        qj[f] += rate * (-g * pf - regularization * qjf);
    }
    return x > 0 ? log1p(exp(-x)) : log1p(exp(x)) - x;
}

double reference_epoch(const tamis_log *log, const reference_model *model, double rate, double regularization, base_stream *stream)
{
    const int64_t interactions = log->matrix->nnz, d = model->factors;
    int32_t *order = malloc((size_t)(interactions + 1) * sizeof *order), *user_of = matrix_rows_of(log->matrix);
    double loss = 0;
    int64_t samples = 0;
    if (order && user_of) {
        base_shuffle(stream, order, interactions);
        for (int64_t k = 0; k < interactions; k++) {
            const int32_t u = user_of[order[k]], i = log->matrix->index[order[k]], j = draw_negative(log, u, stream);
            if (j < 0) continue;
            loss += step(model->user + u * d, model->item + i * d, model->item + j * d, d, rate, regularization);
            samples++;
        }
    }
    free(order);
    base_free(user_of);
    return samples ? loss / (double)samples : NAN;
}
