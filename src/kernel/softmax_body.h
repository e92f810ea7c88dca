/* What softmax and bsl need besides products, compiled once per tier by way of body.h: sums of exponentials, unit vectors. */

/* y = n ln 2 + r, |r| <= ln 2 / 2, ln 2 in two parts. Adding 1.5 * 2^23 rounds to a whole number, which then stands in
 * the lowest bits; the 127 there makes it an exponent. The polynomial has the least largest relative error among those
 * that begin with 1 + r. */
INLINE v16 exp_negative(v16 y)
{
    const v16 shift = v_all(12582912.0f + 127);
    y = v_max(v_all(-87), y);
    v16 whole = v_fma(y, v_all(1.44269504f), shift), n = v_sub(whole, shift);
    v16 r = v_fma(n, v_all(2.12194440e-4f), v_fma(n, v_all(-0.693359375f), y));
    v16 e = v_fma(r, v_all(0.00836792309f), v_all(0.0419162698f));
    e = v_fma(r, e, v_all(0.16666536f));
    e = v_fma(r, e, v_all(0.499990076f));
    e = v_fma(r, e, v_all(1));
    e = v_fma(r, e, v_all(1));
    return v_mul(e, v_power(whole));
}

static float exp_sum(float *x, int64_t n, float top)
{
    const v16 down = v_all(top);
    v16 even = v_all(0), odd = v_all(0);
    for (int64_t k = 0; k < n; k += 2 * LANES) {
        v16 e = exp_negative(v_sub(v_load(x + k), down));
        v_store(x + k, e);
        even = v_add(even, e);
        if (k + LANES >= n) break;
        e = exp_negative(v_sub(v_load(x + k + LANES), down));
        v_store(x + k + LANES, e);
        odd = v_add(odd, e);
    }
    return v_sum(v_add(even, odd));
}

static float normalize(const float *row, size_t stride, float *out)
{
    const float length = sqrtf(dot(row, row, stride));
    const v16 scale = v_all(length > 0 ? 1 / length : 0);
    for (size_t k = 0; k < stride; k += LANES) v_store(out + k, v_mul(scale, v_load(row + k)));
    return length;
}

static void tangent(float *gradient, const float *unit, size_t stride, float scale)
{
    const v16 zero = v_all(0), along = v_all(-dot(gradient, unit, stride)), by = v_all(scale);
    for (size_t k = 0; k < stride; k += LANES) {
        const v16 u = v_load(unit + k), negative = v_sub(zero, v_max(u, v_sub(zero, u))); /* -|u| */
        v_store(gradient + k, v_signed(negative, v_mul(by, v_fma(along, u, v_load(gradient + k))), zero));
    }
}
