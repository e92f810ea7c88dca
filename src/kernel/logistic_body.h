/* The logistic losses of pairs and of single scores, sixteen at once, compiled once per tier by way of body.h. */

/* σ(-x); loss: softplus(-x) */
INLINE v16 logistic_pair(v16 x, v16 *loss)
{
    const v16 y = v_sub(v_all(0), x), e = logistic_exp(y);
    *loss = logistic_softplus(y, logistic_log1p(e));
    return logistic_sigmoid(y, e);
}

/* t - σ(x); loss: t softplus(-x) + (1 - t) softplus(x) */
INLINE v16 logistic_point(v16 x, v16 t, v16 *loss)
{
    const v16 y = v_sub(v_all(0), x), e = logistic_exp(x), log1p = logistic_log1p(e);
    *loss = v_add(v_mul(t, logistic_softplus(y, log1p)), v_mul(v_sub(v_all(1), t), logistic_softplus(x, log1p)));
    return v_sub(t, logistic_sigmoid(x, e));
}

static void logistic_pairs(float *x, float *loss, int64_t n)
{
    for (int64_t k = 0; k < n; k += LANES) {
        v16 lost;
        v_store(x + k, logistic_pair(v_load(x + k), &lost));
        v_store(loss + k, lost);
    }
}

static void logistic_losses(const float *x, float *loss, int64_t n)
{
    for (int64_t k = 0; k < n; k += LANES) {
        const v16 y = v_sub(v_all(0), v_load(x + k));
        v_store(loss + k, logistic_softplus(y, logistic_log1p(logistic_exp(y))));
    }
}

static void logistic_points(float *s, const float *target, float *loss, int64_t n)
{
    for (int64_t k = 0; k < n; k += LANES) {
        v16 lost;
        v_store(s + k, logistic_point(v_load(s + k), v_load(target + k), &lost));
        v_store(loss + k, lost);
    }
}
