/* A block of scores, by loops of our own: for products of this shape they are faster than OpenBLAS, being spared its copying
 * of both sides. A processor without the vector instructions that they are written for takes OpenBLAS where it is there.
 *
 * ŝ_ui = p_u . q_i. Sixteen items' factors are laid side by side, so that one of a user's factors meets sixteen items at
 * once; a tile of some users and sixteen or thirty-two items is summed in registers. Sums are in another order than those
 * of rank_score(), which does not matter: see rank.h. */
#include <string.h>

#include "base/base.h"
#include "tamis.h"
#include "rank/product.h"

enum { PANEL = RANK_PACKED / 2 };

#if defined(__x86_64__)
#include <immintrin.h>

/* Four factors of four items: rows become columns. */
static inline void pack_four(const float *const q[4], size_t k, float *to)
{
    __m128 a = _mm_load_ps(q[0] + k), b = _mm_load_ps(q[1] + k), c = _mm_load_ps(q[2] + k), d = _mm_load_ps(q[3] + k);
    _MM_TRANSPOSE4_PS(a, b, c, d);
    _mm_store_ps(to, a);
    _mm_store_ps(to + PANEL, b);
    _mm_store_ps(to + 2 * PANEL, c);
    _mm_store_ps(to + 3 * PANEL, d);
}
#else
static inline void pack_four(const float *const q[4], size_t k, float *to)
{
    for (size_t j = 0; j < 4; j++)
        for (size_t lane = 0; lane < 4; lane++) to[j * PANEL + lane] = q[lane][k + j];
}
#endif

void rank_pack(const float *items, int64_t count, size_t stride, float *packed)
{
    for (int64_t lane = 0; lane < RANK_PACKED; lane += 4) {
        const float *q[4];
        for (int64_t k = 0; k < 4; k++) q[k] = items + (size_t)(lane + k < count ? lane + k : count - 1) * stride;
        float *to = packed + (size_t)(lane / PANEL) * PANEL * stride + lane % PANEL;
        for (size_t k = 0; k < stride; k += 4) pack_four(q, k, to + k * PANEL);
    }
}

/* What any compiler that knows vectors makes four lanes of, or takes apart. */
typedef float four __attribute__((vector_size(16), may_alias));

static unsigned tile_portable(const rank_tile *t)
{
    enum { USERS = 3, FOURS = PANEL / 4 };
    for (int half = 0; half < 2; half++) {
        const four *q = (const four *)(const void *)t->panel[half], *bias = (const four *)(const void *)(t->bias + PANEL * half);
        four sum[USERS][FOURS];
#pragma GCC unroll 3
        for (int u = 0; u < USERS; u++) memcpy(sum[u], bias, sizeof sum[u]);
        for (size_t k = 0; k < t->depth; k++, q += FOURS) {
#pragma GCC unroll 3
            for (int u = 0; u < USERS; u++) {
                const float p = t->users[u][k];
#pragma GCC unroll 4
                for (int v = 0; v < FOURS; v++) sum[u][v] += (four){p, p, p, p} * q[v];
            }
        }
#pragma GCC unroll 3
        for (int u = 0; u < USERS; u++) memcpy(t->scores[u] + PANEL * half, sum[u], sizeof sum[u]);
    }
    return (1u << USERS) - 1;
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f")))

AVX2 static unsigned tile_avx2(const rank_tile *t)
{
    enum { USERS = 6 };
    unsigned high = 0;
    for (int half = 0; half < 2; half++) {
        __m256 sum[USERS][2];
#pragma GCC unroll 6
        for (int u = 0; u < USERS; u++) sum[u][0] = sum[u][1] = _mm256_setzero_ps();
        for (size_t k = 0; k < t->depth; k++) {
            const float *q = t->panel[half] + k * PANEL;
            const __m256 first = _mm256_load_ps(q), second = _mm256_load_ps(q + 8);
#pragma GCC unroll 6
            for (int u = 0; u < USERS; u++) {
                const __m256 p = _mm256_broadcast_ss(t->users[u] + k);
                sum[u][0] = _mm256_fmadd_ps(p, first, sum[u][0]);
                sum[u][1] = _mm256_fmadd_ps(p, second, sum[u][1]);
            }
        }
#pragma GCC unroll 6
        for (int u = 0; u < USERS; u++) {
            const __m256 low = _mm256_set1_ps(t->low[u]);
            __m256 reach = _mm256_setzero_ps();
            for (int k = 0; k < 2; k++) {
                sum[u][k] = _mm256_add_ps(sum[u][k], _mm256_load_ps(t->bias + PANEL * half + 8 * k));
                _mm256_store_ps(t->scores[u] + PANEL * half + 8 * k, sum[u][k]);
                reach = _mm256_or_ps(reach, _mm256_cmp_ps(sum[u][k], low, _CMP_NLT_UQ));
            }
            high |= (unsigned)!_mm256_testz_ps(reach, reach) << u;
        }
    }
    return high;
}

AVX512 static unsigned tile_avx512(const rank_tile *t)
{
    enum { USERS = 8 };
    __m512 sum[USERS][2];
    unsigned high = 0;
#pragma GCC unroll 8
    for (int u = 0; u < USERS; u++) sum[u][0] = sum[u][1] = _mm512_setzero_ps();
    for (size_t k = 0; k < t->depth; k++) {
        const __m512 first = _mm512_load_ps(t->panel[0] + k * PANEL), second = _mm512_load_ps(t->panel[1] + k * PANEL);
#pragma GCC unroll 8
        for (int u = 0; u < USERS; u++) {
            const __m512 p = _mm512_set1_ps(t->users[u][k]);
            sum[u][0] = _mm512_fmadd_ps(p, first, sum[u][0]);
            sum[u][1] = _mm512_fmadd_ps(p, second, sum[u][1]);
        }
    }
    const __m512 bias[2] = {_mm512_load_ps(t->bias), _mm512_load_ps(t->bias + PANEL)};
#pragma GCC unroll 8
    for (int u = 0; u < USERS; u++) {
        const __m512 low = _mm512_set1_ps(t->low[u]);
        const __m512 one = _mm512_add_ps(sum[u][0], bias[0]), other = _mm512_add_ps(sum[u][1], bias[1]);
        if (!(_mm512_cmp_ps_mask(one, low, _CMP_NLT_UQ) | _mm512_cmp_ps_mask(other, low, _CMP_NLT_UQ))) continue;
        high |= 1u << u;
        _mm512_store_ps(t->scores[u], one);
        _mm512_store_ps(t->scores[u] + PANEL, other);
    }
    return high;
}

#endif

static const rank_product products[] = { /* the first one is what any processor runs */
    {"portable", 3, true, tile_portable},
#if defined(__x86_64__)
    {"avx2", 6, false, tile_avx2},
    {"avx512", 8, false, tile_avx512},
#endif
};

const rank_product *rank_product_choose(void)
{
    const char *tier = tamis_cpu_tier();
    for (size_t k = 0; k < BASE_COUNT(products); k++)
        if (strcmp(products[k].tier, tier) == 0) return &products[k];
    return &products[0];
}
