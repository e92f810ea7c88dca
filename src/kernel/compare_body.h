/* Comparisons of a row of scores with bounds. Counts have no rounding, so that every tier gives the same. */

/* What is less than a vector, at the end. Two counts share a number: each stays below 2^15. */
#define COUNT_REST(sum)                                                               \
    for (; k < n; k++) (sum) += (x[k] > high) + ((int32_t)(x[k] >= low) << 16)
#define FIND_REST                                               \
    for (; k < n; k++) {                                        \
        index[found] = (int32_t)k;                              \
        found += (x[k] >= low) & (x[k] <= high);                \
    }

#if defined(KERNEL_AVX512)
static void count(const float *x, int64_t n, float low, float high, int64_t *above, int64_t *reach)
{
    const __m512 bound = _mm512_set1_ps(high), floor = _mm512_set1_ps(low);
    int32_t sum = 0;
    int64_t k = 0;
    for (; k + 16 <= n; k += 16) {
        const __m512 s = _mm512_loadu_ps(x + k);
        sum += __builtin_popcount(_mm512_cmp_ps_mask(s, bound, _CMP_GT_OQ)) +
               (__builtin_popcount(_mm512_cmp_ps_mask(s, floor, _CMP_GE_OQ)) << 16);
    }
    COUNT_REST(sum);
    *above = sum & 0xFFFF;
    *reach = sum >> 16;
}

/* One lies between two bounds exactly if the smallest of those >= low is <= high: so each number is compared once. */
static unsigned count_four(const float *x, int64_t n, const float low[4], const float high[4], int32_t reach[4])
{
    const __m512i one = _mm512_set1_epi32(1);
    __m512 floor[4], lowest[4];
    __m512i least[4];
    unsigned near = 0;
    for (int j = 0; j < 4; j++) {
        floor[j] = _mm512_set1_ps(low[j]);
        lowest[j] = _mm512_set1_ps(INFINITY);
        least[j] = _mm512_setzero_si512();
    }
    for (int64_t k = 0; k < n; k += 16) {
        const __m512 s = _mm512_loadu_ps(x + k);
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
            const __mmask16 reached = _mm512_cmp_ps_mask(s, floor[j], _CMP_GE_OQ);
            least[j] = _mm512_mask_add_epi32(least[j], reached, least[j], one);
            lowest[j] = _mm512_mask_min_ps(lowest[j], reached, lowest[j], s);
        }
    }
    for (int j = 0; j < 4; j++)
        near |= (unsigned)(_mm512_cmp_ps_mask(lowest[j], _mm512_set1_ps(high[j]), _CMP_LE_OQ) != 0) << j;
    /* quarters are added up, then lanes: lane 4 j of the sum is that of least[j] */
    const __m512i ab = _mm512_add_epi32(_mm512_shuffle_i32x4(least[0], least[1], 0x44), _mm512_shuffle_i32x4(least[0], least[1], 0xEE));
    const __m512i cd = _mm512_add_epi32(_mm512_shuffle_i32x4(least[2], least[3], 0x44), _mm512_shuffle_i32x4(least[2], least[3], 0xEE));
    __m512i all = _mm512_add_epi32(_mm512_shuffle_i32x4(ab, cd, 0x88), _mm512_shuffle_i32x4(ab, cd, 0xDD));
    all = _mm512_add_epi32(all, _mm512_shuffle_epi32(all, 0x4E));
    all = _mm512_add_epi32(all, _mm512_shuffle_epi32(all, 0xB1));
    _mm_storeu_si128((__m128i *)(void *)reach, _mm512_castsi512_si128(_mm512_maskz_compress_epi32(0x1111, all)));
    return near;
}

static int64_t find(const float *x, int64_t n, float low, float high, int32_t *index)
{
    const __m512 bound = _mm512_set1_ps(high), floor = _mm512_set1_ps(low);
    int64_t found = 0, k = 0;
    for (; k + 16 <= n; k += 16) {
        __m512 s = _mm512_loadu_ps(x + k);
        unsigned hit = _mm512_mask_cmp_ps_mask(_mm512_cmp_ps_mask(s, floor, _CMP_GE_OQ), s, bound, _CMP_LE_OQ);
        for (; hit; hit &= hit - 1) index[found++] = (int32_t)k + __builtin_ctz(hit);
    }
    FIND_REST
    return found;
}
#define COUNT_FOUR count_four

#elif defined(KERNEL_AVX2)
static void count(const float *x, int64_t n, float low, float high, int64_t *above, int64_t *reach)
{
    const __m256 bound = _mm256_set1_ps(high), floor = _mm256_set1_ps(low);
    __m256i more = _mm256_setzero_si256(), least = more;
    int64_t k = 0;
    for (; k + 8 <= n; k += 8) {
        __m256 s = _mm256_loadu_ps(x + k);
        more = _mm256_sub_epi32(more, _mm256_castps_si256(_mm256_cmp_ps(s, bound, _CMP_GT_OQ)));
        least = _mm256_sub_epi32(least, _mm256_castps_si256(_mm256_cmp_ps(s, floor, _CMP_GE_OQ)));
    }
    more = _mm256_add_epi32(more, _mm256_slli_epi32(least, 16)); /* both in one sum */
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(more), _mm256_extracti128_si256(more, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1));
    int32_t sum = _mm_cvtsi128_si32(half);
    COUNT_REST(sum);
    *above = sum & 0xFFFF;
    *reach = sum >> 16;
}

static int64_t find(const float *x, int64_t n, float low, float high, int32_t *index)
{
    const __m256 bound = _mm256_set1_ps(high), floor = _mm256_set1_ps(low);
    int64_t found = 0, k = 0;
    for (; k + 8 <= n; k += 8) {
        __m256 s = _mm256_loadu_ps(x + k);
        unsigned hit = (unsigned)_mm256_movemask_ps(
            _mm256_and_ps(_mm256_cmp_ps(s, floor, _CMP_GE_OQ), _mm256_cmp_ps(s, bound, _CMP_LE_OQ)));
        for (; hit; hit &= hit - 1) index[found++] = (int32_t)k + __builtin_ctz(hit);
    }
    FIND_REST
    return found;
}
#define COUNT_FOUR NULL

#else
static void count(const float *restrict x, int64_t n, float low, float high, int64_t *above,
                           int64_t *reach)
{
    int32_t more = 0, least = 0;
    for (int64_t k = 0; k < n; k++) {
        more += x[k] > high;
        least += x[k] >= low;
    }
    *above = more;
    *reach = least;
}

/* Most pieces have none: a piece is looked at as a whole first, then indices are written without a branch. */
static int64_t find(const float *restrict x, int64_t n, float low, float high, int32_t *restrict index)
{
    enum { PIECE = 32 };
    int64_t found = 0, k = 0;
    while (k + PIECE <= n) {
        int32_t any = 0;
        for (int j = 0; j < PIECE; j++) any |= (x[k + j] >= low) & (x[k + j] <= high);
        for (int64_t end = k + PIECE; any && k < end; k++) {
            index[found] = (int32_t)k;
            found += (x[k] >= low) & (x[k] <= high);
        }
        if (!any) k += PIECE;
    }
    FIND_REST
    return found;
}
#define COUNT_FOUR NULL
#endif
