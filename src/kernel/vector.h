/* Sixteen floats, on whatever the tier has. v_fma(a, b, c) is a * b + c rounded once, everywhere.
 * v_power(a) moves the lowest bits of a into its exponent; v_signed(x, a, b) is a where x has its sign bit set, else b.
 * v_any_from(a, b): some number of a is not below that of b. */
#ifndef TAMIS_KERNEL_VECTOR_H
#define TAMIS_KERNEL_VECTOR_H

#include <stdbool.h>

#if defined(KERNEL_AVX512)
#include <immintrin.h>
#include <stdint.h>
typedef __m512 v16;
static inline v16 v_load(const float *p) { return _mm512_load_ps(p); }
static inline void v_store(float *p, v16 a) { _mm512_store_ps(p, a); }
static inline v16 v_all(float x) { return _mm512_set1_ps(x); }
static inline v16 v_sub(v16 a, v16 b) { return _mm512_sub_ps(a, b); }
static inline v16 v_add(v16 a, v16 b) { return _mm512_add_ps(a, b); }
static inline v16 v_mul(v16 a, v16 b) { return _mm512_mul_ps(a, b); }
static inline v16 v_fma(v16 a, v16 b, v16 c) { return _mm512_fmadd_ps(a, b, c); }
static inline v16 v_div(v16 a, v16 b) { return _mm512_div_ps(a, b); }
static inline v16 v_sqrt(v16 a) { return _mm512_sqrt_ps(a); }
static inline v16 v_max(v16 a, v16 b) { return _mm512_max_ps(a, b); } /* b where a is NaN */
static inline v16 v_power(v16 a) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(a), 23)); }
static inline v16 v_signed(v16 x, v16 a, v16 b)
{
    return _mm512_mask_blend_ps(_mm512_movepi32_mask(_mm512_castps_si512(x)), b, a);
}
static inline float v_sum(v16 a)
{
    __m256 half = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 quarter = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    quarter = _mm_add_ps(quarter, _mm_movehl_ps(quarter, quarter));
    return _mm_cvtss_f32(_mm_add_ss(quarter, _mm_movehdup_ps(quarter)));
}
static inline bool v_any_from(v16 a, v16 b) { return _mm512_cmp_ps_mask(a, b, _CMP_NLT_UQ) != 0; }

#elif defined(KERNEL_AVX2)
#include <immintrin.h>
typedef struct v16 {
    __m256 low, high;
} v16;
static inline v16 v_load(const float *p) { return (v16){_mm256_load_ps(p), _mm256_load_ps(p + 8)}; }
static inline void v_store(float *p, v16 a)
{
    _mm256_store_ps(p, a.low);
    _mm256_store_ps(p + 8, a.high);
}
static inline v16 v_all(float x) { return (v16){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
static inline v16 v_sub(v16 a, v16 b) { return (v16){_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)}; }
static inline v16 v_add(v16 a, v16 b) { return (v16){_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)}; }
static inline v16 v_mul(v16 a, v16 b) { return (v16){_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)}; }
static inline v16 v_div(v16 a, v16 b) { return (v16){_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)}; }
static inline v16 v_sqrt(v16 a) { return (v16){_mm256_sqrt_ps(a.low), _mm256_sqrt_ps(a.high)}; }
static inline v16 v_max(v16 a, v16 b) { return (v16){_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)}; }
static inline v16 v_power(v16 a)
{
    return (v16){_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(a.low), 23)),
                 _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(a.high), 23))};
}
static inline v16 v_signed(v16 x, v16 a, v16 b)
{
    return (v16){_mm256_blendv_ps(b.low, a.low, x.low), _mm256_blendv_ps(b.high, a.high, x.high)};
}
static inline v16 v_fma(v16 a, v16 b, v16 c)
{
    return (v16){_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
static inline float v_sum(v16 a)
{
    __m256 half = _mm256_add_ps(a.low, a.high);
    __m128 quarter = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    quarter = _mm_add_ps(quarter, _mm_movehl_ps(quarter, quarter));
    return _mm_cvtss_f32(_mm_add_ss(quarter, _mm_movehdup_ps(quarter)));
}
static inline bool v_any_from(v16 a, v16 b)
{
    const __m256 from = _mm256_or_ps(_mm256_cmp_ps(a.low, b.low, _CMP_NLT_UQ), _mm256_cmp_ps(a.high, b.high, _CMP_NLT_UQ));
    return !_mm256_testz_ps(from, from);
}

#elif defined(KERNEL_NEON)
#include <arm_neon.h>
typedef struct v16 {
    float32x4_t x[4];
} v16;
#define V_EACH(expression)                    \
    v16 r;                                    \
    for (int k = 0; k < 4; k++) r.x[k] = (expression); \
    return r
static inline v16 v_load(const float *p) { V_EACH(vld1q_f32(p + 4 * k)); }
static inline void v_store(float *p, v16 a)
{
    for (int k = 0; k < 4; k++) vst1q_f32(p + 4 * k, a.x[k]);
}
static inline v16 v_all(float x) { V_EACH(vdupq_n_f32(x)); }
static inline v16 v_sub(v16 a, v16 b) { V_EACH(vsubq_f32(a.x[k], b.x[k])); }
static inline v16 v_add(v16 a, v16 b) { V_EACH(vaddq_f32(a.x[k], b.x[k])); }
static inline v16 v_mul(v16 a, v16 b) { V_EACH(vmulq_f32(a.x[k], b.x[k])); }
static inline v16 v_div(v16 a, v16 b) { V_EACH(vdivq_f32(a.x[k], b.x[k])); }
static inline v16 v_sqrt(v16 a) { V_EACH(vsqrtq_f32(a.x[k])); }
static inline v16 v_max(v16 a, v16 b) { V_EACH(vbslq_f32(vcgtq_f32(a.x[k], b.x[k]), a.x[k], b.x[k])); }
static inline v16 v_power(v16 a) { V_EACH(vreinterpretq_f32_u32(vshlq_n_u32(vreinterpretq_u32_f32(a.x[k]), 23))); }
static inline v16 v_signed(v16 x, v16 a, v16 b)
{
    V_EACH(vbslq_f32(vreinterpretq_u32_s32(vshrq_n_s32(vreinterpretq_s32_f32(x.x[k]), 31)), a.x[k], b.x[k]));
}
static inline v16 v_fma(v16 a, v16 b, v16 c) { V_EACH(vfmaq_f32(c.x[k], a.x[k], b.x[k])); }
static inline float v_sum(v16 a)
{
    float32x4_t quarter = vaddq_f32(vaddq_f32(a.x[0], a.x[2]), vaddq_f32(a.x[1], a.x[3]));
    float32x2_t pair = vadd_f32(vget_low_f32(quarter), vget_high_f32(quarter));
    return vget_lane_f32(pair, 0) + vget_lane_f32(pair, 1);
}
static inline bool v_any_from(v16 a, v16 b)
{
    uint32x4_t below = vcltq_f32(a.x[0], b.x[0]);
    for (int k = 1; k < 4; k++) below = vandq_u32(below, vcltq_f32(a.x[k], b.x[k]));
    return vminvq_u32(below) == 0;
}

#else /* plain C for processors without fused multiply-add: slow, but the same bits */
#include <math.h>
#include <string.h>
typedef struct v16 {
    float x[16];
} v16;
#define V_EACH(expression)                     \
    v16 r;                                     \
    for (int k = 0; k < 16; k++) r.x[k] = (expression); \
    return r
/* a * b is exact in double; the sum is rounded to odd, so that rounding it again to float rounds once in effect.
 * Source: Boldo, Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd",
 * IEEE Transactions on Computers 57(4), 2008. */
static __attribute__((noinline)) float scalar_fma(float a, float b, float c)
{
    double product = (double)a * (double)b, sum = product + (double)c;
    double part = sum - product;
    double lost = (product - (sum - part)) + ((double)c - part);
    if (lost != 0 && lost - lost == 0 && sum - sum == 0) {
        int64_t bits;
        memcpy(&bits, &sum, sizeof bits);
        if (!(bits & 1)) {
            bits += (lost > 0) == (bits >= 0) ? 1 : -1;
            memcpy(&sum, &bits, sizeof bits);
        }
    }
    return (float)sum;
}
static inline v16 v_load(const float *p) { V_EACH(p[k]); }
static inline void v_store(float *p, v16 a) { memcpy(p, a.x, sizeof a.x); }
static inline v16 v_all(float x) { V_EACH(x); }
static inline v16 v_sub(v16 a, v16 b) { V_EACH(a.x[k] - b.x[k]); }
static inline v16 v_add(v16 a, v16 b) { V_EACH(a.x[k] + b.x[k]); }
static inline v16 v_mul(v16 a, v16 b) { V_EACH(a.x[k] * b.x[k]); }
static inline v16 v_div(v16 a, v16 b) { V_EACH(a.x[k] / b.x[k]); }
static inline v16 v_sqrt(v16 a) { V_EACH(sqrtf(a.x[k])); }
static inline v16 v_max(v16 a, v16 b) { V_EACH(a.x[k] > b.x[k] ? a.x[k] : b.x[k]); }
static inline float scalar_power(float a)
{
    uint32_t bits;
    memcpy(&bits, &a, sizeof bits);
    bits <<= 23;
    memcpy(&a, &bits, sizeof a);
    return a;
}
static inline v16 v_power(v16 a) { V_EACH(scalar_power(a.x[k])); }
static inline v16 v_signed(v16 x, v16 a, v16 b) { V_EACH(signbit(x.x[k]) ? a.x[k] : b.x[k]); }
static inline v16 v_fma(v16 a, v16 b, v16 c) { V_EACH(scalar_fma(a.x[k], b.x[k], c.x[k])); }
static inline float v_sum(v16 a)
{
    for (int width = 8; width; width /= 2)
        for (int k = 0; k < width; k++) a.x[k] += a.x[k + width];
    return a.x[0];
}
static inline bool v_any_from(v16 a, v16 b)
{
    int any = 0;
    for (int k = 0; k < 16; k++) any |= !(a.x[k] < b.x[k]);
    return any;
}
#endif

/* ThreadSanitizer sees accesses of up to 16 bytes; of the wider ones it must be told, or races between rows pass unseen. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
void __tsan_read_range(const void *from, unsigned long size);
void __tsan_write_range(const void *from, unsigned long size);
static inline v16 v_load_told(const float *p)
{
    __tsan_read_range(p, 16 * sizeof *p);
    return v_load(p);
}
static inline void v_store_told(float *p, v16 a)
{
    __tsan_write_range(p, 16 * sizeof *p);
    v_store(p, a);
}
#define v_load v_load_told
#define v_store v_store_told
#endif
#endif

#endif
