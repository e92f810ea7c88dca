/* SGD steps of a loss on single scores, in groups as in pairs_body.h, compiled once per tier by way of body.h. Two samples
 * that follow each other are a duo: most often they have the same user. */

/* Adds the first n, which are weighted already. */
INLINE void add_losses(kernel_points *work, v16 losses, int64_t n)
{
    _Alignas(64) float loss[LANES];
    if (n == LANES) {
        work->loss_sum += (double)v_sum(losses);
        return;
    }
    v_store(loss, losses);
    for (int64_t r = 0; r < n; r++) work->loss_sum += (double)loss[r];
}

/* The values of samples at[0 .. 2 GROUP-1], where at[k + 1] is at[k] + 1 for even k, or both are the last. */
INLINE v16 duo_values(const float *value, const int64_t *at, int64_t last)
{
    const float end[2] = {value[last], value[last]};
    v4 part[4];
    for (int64_t k = 0; k < 4; k++)
        part[k] = v4_load_two(at[4 * k] < last ? value + at[4 * k] : end, at[4 * k + 2] < last ? value + at[4 * k + 2] : end);
    return v_join(part);
}

/* The gradients at the scores of samples at[0 .. n-1], by any loss. */
static v16 called_points(const kernel_points *work, v16 score, const int64_t *at, int64_t n, v16 *lost)
{
    _Alignas(64) float x[LANES], losses[LANES] = {0};
    v_store(x, score);
    for (int64_t r = 0; r < n; r++) {
        const kernel_sample sample = {x[r], work->target[at[r]], work->user[at[r]], work->item[at[r]], -1};
        double loss = 0;
        x[r] = work->loss(work->context, &sample, &loss);
        losses[r] = (float)loss;
    }
    *lost = v_load(losses);
    return v_load(x);
}

/* The weighted gradients at the scores of samples at[0 .. n-1]; duos, and up to the last one. */
INLINE v16 point_gradients(kernel_points *work, v16 score, const int64_t *at, int64_t last, int64_t n)
{
    const v16 weight = duo_values(work->weight, at, last);
    v16 lost, gradient;
    if (work->loss == kernel_logistic_point)
        gradient = logistic_point(score, duo_values(work->target, at, last), &lost);
    else
        gradient = called_points(work, score, at, n, &lost);
    add_losses(work, v_mul(weight, lost), n);
    return v_mul(weight, gradient);
}

INLINE void point_update(float *p, float *q, float step, const kernel_points *work, size_t stride)
{
    const v16 keep_p = v_all(work->keep_user), keep_q = v_all(work->keep_item), up = v_all(step);
    for (size_t k = 0; k < stride; k += LANES) {
        v16 a = v_load(p + k), i = v_load(q + k);
        v_store(p + k, v_fma(up, i, v_mul(keep_p, a)));
        v_store(q + k, v_fma(up, a, v_mul(keep_q, i)));
    }
}

INLINE void duo_update(float *p, float *q, float *r, const float *step, const kernel_points *work, size_t stride)
{
    const v16 keep_p = v_all(work->keep_user * work->keep_user), keep_q = v_all(work->keep_item);
    const v16 first = v_all(step[0]), second = v_all(step[1]);
    for (size_t k = 0; k < stride; k += LANES) {
        v16 a = v_load(p + k), i = v_load(q + k), j = v_load(r + k);
        v_store(p + k, v_fma(first, i, v_fma(second, j, v_mul(keep_p, a))));
        v_store(q + k, v_fma(first, a, v_mul(keep_q, i)));
        v_store(r + k, v_fma(second, a, v_mul(keep_q, j)));
    }
}

/* Samples s and, with n = 2, s + 1: as one step where they have the same user and different items; the user's row is then read and written once. */
INLINE void take_duo(const kernel_points *work, int64_t s, int64_t n, const float *step, size_t stride)
{
    const int32_t *user = work->user + s, *item = work->item + s;
    float *q[2];
    for (int64_t k = 0; k < n; k++) q[k] = work->items + (size_t)item[k] * stride;
    if (n == 2 && user[0] == user[1] && item[0] != item[1]) {
        duo_update(work->users + (size_t)user[0] * stride, q[0], q[1], step, work, stride);
    } else {
        for (int64_t k = 0; k < n; k++) point_update(work->users + (size_t)user[k] * stride, q[k], step[k], work, stride);
    }
    for (int64_t k = 0; work->bias && k < n; k++) {
        float *b = bias_of(work->bias, item[k]);
        *b = work->keep_bias * *b + step[k];
    }
}

/* what is read at a later step: items' rows of samples s and s + 1, users' rows of u and u + 1 */
INLINE void fetch_duo(const kernel_points *work, int64_t s, int64_t u, int64_t listed, size_t stride)
{
    if (s < listed) fetch(work->items + (size_t)work->item[s] * stride, stride);
    if (s + 1 < listed) fetch(work->items + (size_t)work->item[s + 1] * stride, stride);
    if (u < listed) fetch(work->users + (size_t)work->user[u] * stride, stride);
    if (u + 1 < listed && work->user[u + 1] != work->user[u]) fetch(work->users + (size_t)work->user[u + 1] * stride, stride);
}

/* dot_lanes() of samples at[0] and at[1], with one reading of the user's row where both have the same user */
INLINE void duo_lanes(const kernel_points *work, const int64_t at[2], v16 sum[2], size_t stride)
{
    const float *p = work->users + (size_t)work->user[at[0]] * stride, *q = work->items + (size_t)work->item[at[0]] * stride;
    const float *other = work->users + (size_t)work->user[at[1]] * stride, *r = work->items + (size_t)work->item[at[1]] * stride;
    if (p != other) {
        sum[0] = dot_lanes(p, q, stride);
        sum[1] = dot_lanes(other, r, stride);
        return;
    }
    v16 a = v_load(p), even[2] = {v_mul(a, v_load(q)), v_mul(a, v_load(r))}, odd[2] = {v_all(0), v_all(0)};
    for (size_t k = LANES; k < stride; k += 2 * LANES) {
        a = v_load(p + k);
        odd[0] = v_fma(a, v_load(q + k), odd[0]);
        odd[1] = v_fma(a, v_load(r + k), odd[1]);
        if (k + LANES >= stride) break;
        a = v_load(p + k + LANES);
        even[0] = v_fma(a, v_load(q + k + LANES), even[0]);
        even[1] = v_fma(a, v_load(r + k + LANES), even[1]);
    }
    sum[0] = v_add(even[0], odd[0]);
    sum[1] = v_add(even[1], odd[1]);
}

/* As pair_group(), of n duos: samples 2 (g + r groups) and the next, for r < n. */
INLINE void point_group(kernel_points *work, int64_t g, int64_t groups, int64_t n, size_t stride)
{
    const int64_t last = work->count - 1, samples = 2 * (g + (n - 1) * groups) + 1 > last ? 2 * n - 1 : 2 * n;
    int64_t at[2 * GROUP];
    _Alignas(64) float step[2 * GROUP];
    for (int64_t r = 0; r < GROUP; r++) {
        const int64_t s = 2 * (g + (r < n ? r : n - 1) * groups);
        at[2 * r] = s;
        at[2 * r + 1] = s < last ? s + 1 : last;
    }
    v4 part[4] = {v4_zero(), v4_zero(), v4_zero(), v4_zero()};
    for (int64_t r = 0; r < n; r += 2) {
        v16 sum[4];
        duo_lanes(work, at + 2 * r, sum, stride);
        duo_lanes(work, at + 2 * r + 2, sum + 2, stride);
        part[r / 2] = v_sum_four(sum);
    }
    v16 x = v_join(part);
    if (work->bias) {
        for (int64_t r = 0; r < 2 * GROUP; r++) step[r] = *bias_of(work->bias, work->item[at[r]]);
        x = v_add(x, v_load(step));
    }
    x = point_gradients(work, x, at, last, samples);
    v_store(step, v_mul(v_all(work->rate), x));
    for (int64_t r = 0; r < samples; r += 2) {
        fetch_duo(work, at[r] + 2, at[r] + 2 * USER_AHEAD, work->count, stride);
        take_duo(work, at[r], r + 1 < samples ? 2 : 1, step + r, stride);
    }
}

typedef struct step_list {
    const kernel_points *work;
    const float *gradient;
    int64_t listed;
    size_t stride;
} step_list;

INLINE void steps(const step_list *list, size_t stride)
{
    const kernel_points *work = list->work;
    for (int64_t s = 0; s < work->count; s += 2) {
        const int64_t n = s + 1 < work->count ? 2 : 1;
        float step[2] = {0};
        for (int64_t k = 0; k < n; k++) step[k] = work->rate * list->gradient[s + k];
        fetch_duo(work, s + work->count, s + work->count, list->listed, stride);
        take_duo(work, s, n, step, stride);
    }
}

INLINE void points(kernel_points *work, size_t stride)
{
    const int64_t duos = (work->count + 1) / 2, groups = (duos + GROUP - 1) / GROUP;
    for (int64_t g = 0; g < groups; g++) point_group(work, g, groups, (duos - g + groups - 1) / groups, stride);
}

static void points_any(kernel_points *work)
{
    BY_STRIDE(points, work);
}

static void steps_any(const kernel_points *work, const float *gradient, int64_t listed)
{
    const step_list list = {work, gradient, listed, work->stride};
    BY_STRIDE(steps, &list);
}
