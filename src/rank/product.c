/* A block of scores without OpenBLAS: with AVX2 these loops are the faster ones for products of this shape, being spared
 * OpenBLAS's copying of both sides. With AVX-512 OpenBLAS is faster, unless it takes the processor for an old one, as it
 * does with some that are newer than itself, and runs at less than half their speed.
 *
 * ŝ_ui = p_u . q_i. Sixteen items' factors are laid side by side, so that one of a user's factors meets sixteen items at
 * once; a tile of six users and sixteen items is summed in registers. Sums are in another order than OpenBLAS's, which
 * does not matter: see rank.h. */
#include <string.h>

#include "rank/rank.h"

enum { TILE_USERS = 6, TILE_ITEMS = 16 };

int tamis_blas_outdated(void)
{
    static const char *const old[] = {"prescott", "core2",  "penryn",  "dunnington",   "nehalem",   "atom",  "katmai",
                                      "banias",   "athlon", "opteron", "opteron_sse3", "barcelona", "bobcat", "nano",
                                      "northwood", "coppermine", "sandybridge", "generic"};
    const char *tier = tamis_cpu_tier(), *core = tamis_blas_core();
    char lower[40] = "";
    if (strcmp(tier, "avx512") != 0 && strcmp(tier, "avx2") != 0) return 0;
    for (size_t k = 0; core[k] && k + 1 < sizeof lower; k++)
        lower[k] = core[k] >= 'A' && core[k] <= 'Z' ? (char)(core[k] + 32) : core[k];
    for (size_t k = 0; k < BASE_COUNT(old); k++)
        if (strcmp(lower, old[k]) == 0) return 1;
    return 0;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma")))

/* packed[(panel * stride + k) * 16 + lane] = factor k of item 16 panel + lane, 0 beyond the last item */
static void pack(const float *items, int64_t width, size_t stride, float *packed)
{
    for (int64_t first = 0; first < width; first += TILE_ITEMS, packed += stride * TILE_ITEMS) {
        int64_t count = width - first < TILE_ITEMS ? width - first : TILE_ITEMS;
        if (count < TILE_ITEMS) memset(packed, 0, stride * TILE_ITEMS * sizeof *packed);
        for (int64_t lane = 0; lane < count; lane++) {
            const float *q = items + (size_t)(first + lane) * stride;
            for (size_t k = 0; k < stride; k++) packed[k * TILE_ITEMS + (size_t)lane] = q[k];
        }
    }
}

/* users: TILE_USERS pointers, of which some may be the same; out: the tile, rows RANK_ITEMS apart */
AVX2 static void tile(const float *const users[TILE_USERS], const float *packed, size_t depth, float *const out[TILE_USERS])
{
    __m256 sum[TILE_USERS][2];
#pragma GCC unroll 6
    for (int u = 0; u < TILE_USERS; u++) sum[u][0] = sum[u][1] = _mm256_setzero_ps();
    for (size_t k = 0; k < depth; k++) {
        const __m256 low = _mm256_load_ps(packed + k * TILE_ITEMS), high = _mm256_load_ps(packed + k * TILE_ITEMS + 8);
#pragma GCC unroll 6
        for (int u = 0; u < TILE_USERS; u++) {
            const __m256 p = _mm256_broadcast_ss(users[u] + k);
            sum[u][0] = _mm256_fmadd_ps(p, low, sum[u][0]);
            sum[u][1] = _mm256_fmadd_ps(p, high, sum[u][1]);
        }
    }
#pragma GCC unroll 6
    for (int u = 0; u < TILE_USERS; u++) {
        _mm256_store_ps(out[u], sum[u][0]);
        _mm256_store_ps(out[u] + 8, sum[u][1]);
    }
}

void rank_product_own(const rank_scorer *scorer, const rank_work *work, int64_t count, int64_t first, int64_t width)
{
    const rank_factors *f = &scorer->f;
    const size_t stride = f->stride, depth = (size_t)f->factors;
    pack(f->item + (size_t)first * stride, width, stride, work->packed);
    for (int64_t i = 0; i < width; i += TILE_ITEMS)
        for (int64_t u = 0; u < count; u += TILE_USERS) {
            const float *users[TILE_USERS];
            float *out[TILE_USERS];
            for (int64_t k = 0; k < TILE_USERS; k++) { /* past the last user the last one is scored again */
                int64_t row = u + k < count ? u + k : count - 1;
                users[k] = work->users + (size_t)row * stride;
                out[k] = work->scores + row * RANK_ITEMS + i;
            }
            tile(users, work->packed + (size_t)i * stride, depth, out);
        }
}

bool rank_product_is_ours(void)
{
    return strcmp(tamis_cpu_tier(), "avx2") == 0 || tamis_blas_outdated();
}
#else
void rank_product_own(const rank_scorer *scorer, const rank_work *work, int64_t count, int64_t first, int64_t width)
{
    (void)scorer;
    (void)work;
    (void)count;
    (void)first;
    (void)width;
}

bool rank_product_is_ours(void)
{
    return false;
}
#endif
