/* Several vectors at once: sums of four, the transpose of sixteen. Tiers differ only in how they move numbers.
 * Four floats that become part of sixteen stay in a register: had they been written to memory, reading them back as part of a
 * wider vector would wait for all earlier writes. */
#ifndef TAMIS_KERNEL_LANES_H
#define TAMIS_KERNEL_LANES_H

#include "kernel/vector.h"

#if defined(KERNEL_AVX512)
typedef __m128 v4;
static inline v4 v4_zero(void) { return _mm_setzero_ps(); }
static inline void v4_store(float *p, v4 a) { _mm_storeu_ps(p, a); }
/* a[0], a[1], b[0], b[1] */
static inline v4 v4_load_two(const float *a, const float *b)
{
    return _mm_loadh_pi(_mm_loadl_pi(_mm_setzero_ps(), (const __m64 *)(const void *)a), (const __m64 *)(const void *)b);
}
static inline v16 v_join(const v4 a[4])
{
    const __m256 low = _mm256_insertf128_ps(_mm256_castps128_ps256(a[0]), a[1], 1);
    const __m256 high = _mm256_insertf128_ps(_mm256_castps128_ps256(a[2]), a[3], 1);
    return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
}

/* [k] is v_sum(a[k]) */
static inline v4 v_sum_four(const v16 a[4])
{
    v16 ab = _mm512_add_ps(_mm512_shuffle_f32x4(a[0], a[1], 0x44), _mm512_shuffle_f32x4(a[0], a[1], 0xEE));
    v16 cd = _mm512_add_ps(_mm512_shuffle_f32x4(a[2], a[3], 0x44), _mm512_shuffle_f32x4(a[2], a[3], 0xEE));
    v16 all = _mm512_add_ps(_mm512_shuffle_f32x4(ab, cd, 0x88), _mm512_shuffle_f32x4(ab, cd, 0xDD));
    all = _mm512_add_ps(all, _mm512_permute_ps(all, 0x4E));
    all = _mm512_add_ps(all, _mm512_permute_ps(all, 0xB1));
    return _mm512_castps512_ps128(_mm512_maskz_compress_ps(0x1111, all));
}

/* r[i][j] <-> r[j][i] */
static inline void v_transpose(v16 r[16])
{
    v16 t[16];
#pragma GCC unroll 8
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 16; i += 4)
        for (int k = 0; k < 2; k++) {
            __m512d a = _mm512_castps_pd(t[i + k]), b = _mm512_castps_pd(t[i + k + 2]);
            r[i + 2 * k] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b));
            r[i + 2 * k + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
        }
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) { /* quarter q of r[4 i + j]: column 4 q + j of rows 4 i .. 4 i + 3 */
        v16 a = _mm512_shuffle_f32x4(r[j], r[4 + j], 0x88), b = _mm512_shuffle_f32x4(r[8 + j], r[12 + j], 0x88);
        v16 c = _mm512_shuffle_f32x4(r[j], r[4 + j], 0xDD), d = _mm512_shuffle_f32x4(r[8 + j], r[12 + j], 0xDD);
        r[j] = _mm512_shuffle_f32x4(a, b, 0x88);
        r[8 + j] = _mm512_shuffle_f32x4(a, b, 0xDD);
        r[4 + j] = _mm512_shuffle_f32x4(c, d, 0x88);
        r[12 + j] = _mm512_shuffle_f32x4(c, d, 0xDD);
    }
}

#elif defined(KERNEL_AVX2)
typedef __m128 v4;
static inline v4 v4_zero(void) { return _mm_setzero_ps(); }
static inline void v4_store(float *p, v4 a) { _mm_storeu_ps(p, a); }
static inline v4 v4_load_two(const float *a, const float *b)
{
    return _mm_loadh_pi(_mm_loadl_pi(_mm_setzero_ps(), (const __m64 *)(const void *)a), (const __m64 *)(const void *)b);
}
static inline v16 v_join(const v4 a[4])
{
    return (v16){_mm256_insertf128_ps(_mm256_castps128_ps256(a[0]), a[1], 1),
                 _mm256_insertf128_ps(_mm256_castps128_ps256(a[2]), a[3], 1)};
}

static inline v4 v_sum_four(const v16 a[4])
{
    __m256 half[4];
    for (int k = 0; k < 4; k++) half[k] = _mm256_add_ps(a[k].low, a[k].high);
    __m256 ab = _mm256_add_ps(_mm256_permute2f128_ps(half[0], half[1], 0x20),
                              _mm256_permute2f128_ps(half[0], half[1], 0x31));
    __m256 cd = _mm256_add_ps(_mm256_permute2f128_ps(half[2], half[3], 0x20),
                              _mm256_permute2f128_ps(half[2], half[3], 0x31));
    /* quarters x0 x1 x2 x3 of a and b: (x0 + x2) + (x1 + x3) */
    /* a a c c | b b d d */
    __m256 even = _mm256_add_ps(_mm256_shuffle_ps(ab, cd, 0x44), _mm256_shuffle_ps(ab, cd, 0xEE));
    __m256 sum = _mm256_add_ps(even, _mm256_permute_ps(even, 0xB1));
    __m128 low = _mm256_castps256_ps128(sum), high = _mm256_extractf128_ps(sum, 1);
    __m128 mixed = _mm_shuffle_ps(low, high, 0x88); /* a c b d */
    return _mm_permute_ps(mixed, 0xD8);
}

static inline void v_transpose_eight(const __m256 in[8], __m256 out[8])
{
    __m256 t[8], u[8];
    for (int i = 0; i < 8; i += 2) {
        t[i] = _mm256_unpacklo_ps(in[i], in[i + 1]);
        t[i + 1] = _mm256_unpackhi_ps(in[i], in[i + 1]);
    }
    for (int i = 0; i < 8; i += 4)
        for (int k = 0; k < 2; k++) {
            u[i + 2 * k] = _mm256_shuffle_ps(t[i + k], t[i + k + 2], 0x44);
            u[i + 2 * k + 1] = _mm256_shuffle_ps(t[i + k], t[i + k + 2], 0xEE);
        }
    for (int j = 0; j < 4; j++) {
        out[j] = _mm256_permute2f128_ps(u[j], u[4 + j], 0x20);
        out[4 + j] = _mm256_permute2f128_ps(u[j], u[4 + j], 0x31);
    }
}

static inline void v_transpose(v16 r[16])
{
    __m256 part[8], turned[4][8];
    for (int q = 0; q < 4; q++) { /* quadrants: rows 8 (q / 2) .., columns 8 (q % 2) .. */
        for (int k = 0; k < 8; k++) part[k] = q % 2 ? r[8 * (q / 2) + k].high : r[8 * (q / 2) + k].low;
        v_transpose_eight(part, turned[q]);
    }
    for (int k = 0; k < 8; k++) {
        r[k] = (v16){turned[0][k], turned[2][k]};
        r[8 + k] = (v16){turned[1][k], turned[3][k]};
    }
}

#else
typedef struct v4 {
    float x[4];
} v4;
static inline v4 v4_zero(void) { return (v4){{0, 0, 0, 0}}; }
static inline void v4_store(float *p, v4 a)
{
    for (int k = 0; k < 4; k++) p[k] = a.x[k];
}
static inline v4 v4_load_two(const float *a, const float *b) { return (v4){{a[0], a[1], b[0], b[1]}}; }
static inline v16 v_join(const v4 a[4])
{
    _Alignas(64) float x[16];
    for (int k = 0; k < 4; k++) v4_store(x + 4 * k, a[k]);
    return v_load(x);
}

static inline v4 v_sum_four(const v16 a[4])
{
    return (v4){{v_sum(a[0]), v_sum(a[1]), v_sum(a[2]), v_sum(a[3])}};
}

static inline void v_transpose(v16 r[16])
{
    _Alignas(64) float from[256], to[256];
    for (int i = 0; i < 16; i++) v_store(from + 16 * i, r[i]);
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 16; j++) to[16 * j + i] = from[16 * i + j];
    for (int i = 0; i < 16; i++) r[i] = v_load(to + 16 * i);
}
#endif

#endif
