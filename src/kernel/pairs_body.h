/* SGD steps of a pairwise loss, sample after sample, compiled once per tier by way of body.h.
 *
 * Notation: p user row, q_i and q_j item rows, x = p . (q_i - q_j) + b_i - b_j, g = -dL/dx, r = learning rate.
 *   p   <- keep_user p       + r g (q_i - q_j)
 *   q_i <- keep_positive q_i + r g p             (the p from before)
 *   q_j <- keep_negative q_j - r g p
 * The gradients of GROUP samples are computed before the first of them is used for an update, so that no update waits for
 * a sum; the samples of a group are spread over the whole list, because neighbours in it often share a user. */

enum { GROUP = 8 };
enum { USER_AHEAD = 2 }; /* groups: items' rows come from the L2 cache, users' from farther away */

/* the sixteen sums of p . (q_i - q_j) */
INLINE v16 difference(const float *p, const float *qi, const float *qj, size_t stride)
{
    v16 even = v_mul(v_load(p), v_sub(v_load(qi), v_load(qj))), odd = v_all(0);
    for (size_t k = LANES; k < stride; k += 2 * LANES) {
        odd = v_fma(v_load(p + k), v_sub(v_load(qi + k), v_load(qj + k)), odd);
        if (k + LANES < stride)
            even = v_fma(v_load(p + k + LANES), v_sub(v_load(qi + k + LANES), v_load(qj + k + LANES)), even);
    }
    return v_add(even, odd);
}

INLINE void pair_update(float *p, float *qi, float *qj, float step, const kernel_pairs *work, size_t stride)
{
    const v16 keep_p = v_all(work->keep_user), keep_i = v_all(work->keep_positive), keep_j = v_all(work->keep_negative);
    const v16 up = v_all(step), down = v_all(-step);
    for (size_t k = 0; k < stride; k += LANES) {
        v16 a = v_load(p + k), i = v_load(qi + k), j = v_load(qj + k);
        v_store(p + k, v_fma(up, v_sub(i, j), v_mul(keep_p, a)));
        v_store(qi + k, v_fma(up, a, v_mul(keep_i, i)));
        v_store(qj + k, v_fma(down, a, v_mul(keep_j, j)));
    }
}

/* The gradients at x of n samples, `groups` apart from s on, by any loss. */
static v16 called_pairs(kernel_pairs *work, v16 x, int64_t s, int64_t groups, int64_t n)
{
    _Alignas(64) float gradient[LANES];
    v_store(gradient, x);
    for (int64_t r = 0; r < n; r++, s += groups) {
        const kernel_sample sample = {gradient[r], 1, work->user[s], work->positive[s], work->negative[s]};
        gradient[r] = work->loss(work->context, &sample, &work->loss_sum);
    }
    return v_load(gradient);
}

/* The gradients at x of group g's n samples; their losses are added in order. */
INLINE v16 pair_gradients(kernel_pairs *work, v16 x, int64_t g, int64_t groups, int64_t n)
{
    _Alignas(64) float loss[LANES];
    if (work->loss != kernel_logistic_pair) return called_pairs(work, x, g, groups, n);
    v16 lost;
    x = logistic_pair(x, &lost);
    v_store(loss, lost);
    for (int64_t r = 0; r < n; r++) work->loss_sum += (double)loss[r];
    return x;
}

/* Group g of `groups`: samples g, g + groups, g + 2 groups, ..., n <= GROUP of them. Their gradients first, then the updates
 * one after the other; meanwhile the next group's rows are prefetched, and users' rows of the group after it. */
INLINE void pair_group(kernel_pairs *work, int64_t g, int64_t groups, int64_t n, size_t stride)
{
    const int32_t *user = work->user + g, *positive = work->positive + g, *negative = work->negative + g;
    _Alignas(64) float step[LANES];
    v4 part[4] = {v4_zero(), v4_zero(), v4_zero(), v4_zero()};
    for (int64_t r = 0; r < n; r += 4) {
        v16 sum[4];
        for (int64_t k = 0; k < 4; k++) {
            const int64_t s = (r + k < n ? r + k : n - 1) * groups;
            sum[k] = difference(work->users + (size_t)user[s] * stride, work->items + (size_t)positive[s] * stride,
                                work->items + (size_t)negative[s] * stride, stride);
        }
        part[r / 4] = v_sum_four(sum);
    }
    v16 x = v_join(part);
    if (work->bias) {
        _Alignas(64) float apart[LANES] = {0};
        for (int64_t r = 0; r < n; r++)
            apart[r] = *bias_of(work->bias, positive[r * groups]) - *bias_of(work->bias, negative[r * groups]);
        x = v_add(x, v_load(apart));
    }
    v_store(step, v_mul(v_all(work->rate), pair_gradients(work, x, g, groups, n)));
    for (int64_t r = 0; r < n; r++) {
        const int64_t s = r * groups;
        if (g + s + 1 < work->count) {
            fetch(work->items + (size_t)positive[s + 1] * stride, stride);
            fetch(work->items + (size_t)negative[s + 1] * stride, stride);
        }
        if (g + s + USER_AHEAD < work->count) fetch(work->users + (size_t)user[s + USER_AHEAD] * stride, stride);
        pair_update(work->users + (size_t)user[s] * stride, work->items + (size_t)positive[s] * stride,
                    work->items + (size_t)negative[s] * stride, step[r], work, stride);
        if (!work->bias) continue;
        float *bi = bias_of(work->bias, positive[s]), *bj = bias_of(work->bias, negative[s]);
        *bi = work->keep_bias * *bi + step[r];
        *bj = work->keep_bias * *bj - step[r];
    }
}

INLINE void pairs(kernel_pairs *work, size_t stride)
{
    const int64_t groups = (work->count + GROUP - 1) / GROUP;
    for (int64_t g = 0; g < groups; g++) pair_group(work, g, groups, (work->count - g + groups - 1) / groups, stride);
}

static void pairs_any(kernel_pairs *work)
{
    BY_STRIDE(pairs, work);
}
