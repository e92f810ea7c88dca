/* Scalar functions for losses: the same bits on every machine (no libm, no fused operations), finite at any finite
 * argument, relative error below 3e-7.
 *
 *   σ(x) = 1 / (1 + e^-x)        softplus(x) = ln(1 + e^x) = -ln σ(-x) */
#ifndef TAMIS_KERNEL_SCALAR_H
#define TAMIS_KERNEL_SCALAR_H

#include <stdint.h>
#include <string.h>

/* e^x for x in [-87, 0]; below that e^-87, about 1.6e-38. NaN stays NaN. */
static inline float scalar_exp_negative(float x)
{
    x = x < -87.0f ? -87.0f : x;
    /* x = n ln 2 + r, |r| <= ln 2 / 2; ln 2 in two parts, the first short, so that n times it is exact */
    const float shift = 12582912.0f; /* 1.5 * 2^23: adding it rounds to a whole number */
    float n = (x * 1.44269504f + shift) - shift;
    float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float e = 1.0f + r * (1.0f + r * (0.5f + r * (0.16666667f + r * (0.041666668f + r * (0.0083333338f + r * 0.0013888889f)))));
    int32_t bits = ((x == x ? (int32_t)n : 0) + 127) * (1 << 23);
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return e * scale;
}

static inline float scalar_sigmoid(float x)
{
    float e = scalar_exp_negative(x < 0 ? x : -x);
    return (x < 0 ? e : 1.0f) / (1.0f + e);
}

/* ln(1 + e) for e in [0, 1], as 2 artanh(t), t = e / (2 + e) <= 1/3 */
static inline float scalar_log1p(float e)
{
    float t = e / (2.0f + e), s = t * t;
    return 2.0f * t *
           (1.0f + s * (0.33333334f + s * (0.2f + s * (0.14285715f + s * (0.11111111f + s * (0.090909094f + s * 0.07692308f))))));
}

/* ln x of a normal number x > 0: with x = 2^n f, f in [sqrt(1/2), sqrt(2)), n ln 2 + 2 artanh((f - 1) / (f + 1)) */
static inline float scalar_log(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int32_t n = (bits - 0x3f3504f3) >> 23;
    bits -= n * (1 << 23);
    float f;
    memcpy(&f, &bits, sizeof f);
    const float t = (f - 1.0f) / (f + 1.0f), s = t * t;
    return (float)n * 0.693147181f +
           2.0f * t * (1.0f + s * (0.33333334f + s * (0.2f + s * (0.14285715f + s * (0.11111111f + s * 0.090909094f)))));
}

static inline float scalar_softplus(float x)
{
    return (x > 0 ? x : 0) + scalar_log1p(scalar_exp_negative(x < 0 ? x : -x));
}

#endif
