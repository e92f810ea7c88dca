/* What training in batches needs, compiled once per tier by way of body.h: scores of lists, sums of rows, the optimisers'
 * steps. */

typedef struct score_list {
    const float *a, *b;
    const int32_t *a_row, *b_row;
    int64_t n;
    size_t stride;
    float *out;
} score_list;

/* Four at a time, so that their lanes are summed together. */
INLINE void score_rows(const score_list *l, size_t stride)
{
    for (int64_t k = 0; k < l->n; k += 4) {
        const int64_t left = l->n - k;
        _Alignas(16) float four[4];
        v16 sum[4];
        for (int64_t r = 0; r < 4; r++) {
            const int64_t next = k + r + AHEAD, at = r < left ? k + r : l->n - 1;
            if (next < l->n) {
                fetch_read(l->a + (size_t)l->a_row[next] * stride, stride);
                if (l->b_row[next] != l->b_row[next - 1]) fetch_read(l->b + (size_t)l->b_row[next] * stride, stride);
            }
            sum[r] = dot_lanes(l->a + (size_t)l->a_row[at] * stride, l->b + (size_t)l->b_row[at] * stride, stride);
        }
        v4_store(four, v_sum_four(sum));
        for (int64_t r = 0; r < 4 && r < left; r++) l->out[k + r] = four[r];
    }
}

static void scores(const float *a, const int32_t *a_row, const float *b, const int32_t *b_row, int64_t n, size_t stride,
                   float *out)
{
    const score_list list = {a, b, a_row, b_row, n, stride, out};
    BY_STRIDE(score_rows, &list);
}

static void axpy(float *y, float a, const float *x, size_t stride)
{
    const v16 by = v_all(a);
    for (size_t k = 0; k < stride; k += LANES) v_store(y + k, v_fma(by, v_load(x + k), v_load(y + k)));
}

/* Up to four chunks of the row at a time: their sums stay in registers. */
INLINE void combine_chunks(const float *rows, const int32_t *index, const float *weight, int64_t n, size_t stride,
                           float *out, int chunks)
{
    v16 sum[4] = {v_all(0), v_all(0), v_all(0), v_all(0)};
    for (int64_t k = 0; k < n; k++) {
        const float *row = rows + (size_t)index[k] * stride;
        const v16 w = v_all(weight[k]);
        for (int c = 0; c < chunks; c++) sum[c] = v_fma(w, v_load(row + c * LANES), sum[c]);
    }
    for (int c = 0; c < chunks; c++) v_store(out + c * LANES, sum[c]);
}

static void combine(const float *rows, const int32_t *index, const float *weight, int64_t n, size_t stride, float *out)
{
    size_t at = 0;
    for (; at + 4 * LANES <= stride; at += 4 * LANES) combine_chunks(rows + at, index, weight, n, stride, out + at, 4);
    for (; at < stride; at += LANES) combine_chunks(rows + at, index, weight, n, stride, out + at, 1);
}

/* Numbers that only decay become denormal, and arithmetic with those is a hundred times slower. Rounding to multiples of about
 * 2^-90 makes them zero and changes nothing else noticeably. */
INLINE v16 without_denormals(v16 x)
{
    const v16 tiny = v_all(1e-20f);
    return v_sub(v_add(x, tiny), tiny);
}

static void sgd(float *row, const float *gradient, size_t stride, const kernel_step *step)
{
    const v16 rate = v_all(step->rate), keep = v_all(1 - step->rate * step->regularization);
    for (size_t k = 0; k < stride; k += LANES)
        v_store(row + k, without_denormals(v_fma(rate, v_load(gradient + k), v_mul(keep, v_load(row + k)))));
}

static void adagrad(float *row, float *square, const float *gradient, size_t stride, const kernel_step *step)
{
    const v16 rate = v_all(step->rate), l2 = v_all(-step->regularization), epsilon = v_all(step->epsilon);
    for (size_t k = 0; k < stride; k += LANES) {
        v16 x = v_load(row + k), g = v_fma(l2, x, v_load(gradient + k)), sum = v_fma(g, g, v_load(square + k));
        v_store(square + k, sum);
        v_store(row + k, v_fma(rate, v_div(g, v_add(v_sqrt(sum), epsilon)), x));
    }
}

static void adam(float *row, float *m, float *v, const float *gradient, size_t stride, const kernel_step *step)
{
    const v16 rate = v_all(step->rate), l2 = v_all(-step->regularization), epsilon = v_all(step->epsilon);
    const v16 b1 = v_all(step->beta1), c1 = v_all(1 - step->beta1), b2 = v_all(step->beta2), c2 = v_all(1 - step->beta2);
    const v16 keep = v_all(step->keep);
    for (size_t k = 0; k < stride; k += LANES) {
        v16 x = v_load(row + k), g = v_mul(l2, x);
        if (gradient) g = v_add(g, v_load(gradient + k));
        v16 first = without_denormals(v_fma(b1, v_load(m + k), v_mul(c1, g)));
        v16 second = without_denormals(v_fma(b2, v_load(v + k), v_mul(c2, v_mul(g, g))));
        v_store(m + k, first);
        v_store(v + k, second);
        v_store(row + k, v_fma(rate, v_div(first, v_add(v_sqrt(second), epsilon)), v_mul(keep, x)));
    }
}
