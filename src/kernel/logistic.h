/* The logistic losses of sixteen scores at once, with the bits of scalar.h: the same operations in the same order, none
 * of them fused. With e = e^-|x|:
 *   σ(x) = (x < 0 ? e : 1) / (1 + e)        softplus(x) = max(x, 0) + ln(1 + e) */
#ifndef TAMIS_KERNEL_LOGISTIC_H
#define TAMIS_KERNEL_LOGISTIC_H

#include "kernel/vector.h"

/* t + a x */
static inline v16 logistic_term(v16 a, v16 x, float t)
{
    return v_add(v_all(t), v_mul(a, x));
}

/* e^-|x|, as scalar_exp_negative() */
static inline v16 logistic_exp(v16 x)
{
    const v16 shift = v_all(12582912.0f);
    x = v_max(v_all(-87.0f), v_sub(v_all(0), v_max(x, v_sub(v_all(0), x))));
    v16 whole = v_add(v_mul(x, v_all(1.44269504f)), shift), n = v_sub(whole, shift);
    v16 r = v_add(v_sub(x, v_mul(n, v_all(0.693359375f))), v_mul(n, v_all(2.12194440e-4f)));
    v16 e = logistic_term(r, v_all(0.0013888889f), 0.0083333338f);
    e = logistic_term(r, e, 0.041666668f);
    e = logistic_term(r, e, 0.16666667f);
    e = logistic_term(r, e, 0.5f);
    e = logistic_term(r, e, 1);
    e = logistic_term(r, e, 1);
    return v_mul(e, v_power(v_add(whole, v_all(127))));
}

/* ln(1 + e), as scalar_log1p() */
static inline v16 logistic_log1p(v16 e)
{
    v16 t = v_div(e, v_add(v_all(2), e)), s = v_mul(t, t);
    v16 sum = logistic_term(s, v_all(0.07692308f), 0.090909094f);
    sum = logistic_term(s, sum, 0.11111111f);
    sum = logistic_term(s, sum, 0.14285715f);
    sum = logistic_term(s, sum, 0.2f);
    sum = logistic_term(s, sum, 0.33333334f);
    sum = logistic_term(s, sum, 1);
    return v_mul(v_mul(v_all(2), t), sum);
}

/* σ(x) from e^-|x| */
static inline v16 logistic_sigmoid(v16 x, v16 e)
{
    return v_div(v_signed(x, e, v_all(1)), v_add(v_all(1), e));
}

/* softplus(x) from ln(1 + e^-|x|) */
static inline v16 logistic_softplus(v16 x, v16 log1p)
{
    return v_add(v_max(x, v_all(0)), log1p);
}

#endif
