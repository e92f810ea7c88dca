/* The loops that compare a block of scores with a threshold: plain C, compiled once more for each vector width.
 * Integer counts have no rounding, so every version gives the same. */
#include <string.h>

#include "rank/rank.h"

#if defined(__x86_64__)
#define TIER(isa) __attribute__((target(isa)))
#endif
#define INLINE static inline __attribute__((always_inline))

enum { PIECE = 32 };

INLINE void count_body(const float *restrict scores, int64_t n, float low, float high, int64_t *above, int64_t *reach)
{
    int32_t more = 0, least = 0;
    for (int64_t k = 0; k < n; k++) {
        more += scores[k] > high;
        least += scores[k] >= low;
    }
    *above = more;
    *reach = least;
}

/* Most pieces hold none: look at a piece as a whole first, then write down indices without a branch. */
INLINE int64_t find_body(const float *restrict scores, int64_t n, float low, float high, int32_t *restrict index)
{
    int64_t found = 0, at = 0;
    for (; at + PIECE <= n; at += PIECE) {
        int32_t any = 0;
        for (int64_t k = at; k < at + PIECE; k++) any |= (scores[k] >= low) & (scores[k] <= high);
        if (!any) continue;
        for (int64_t k = at; k < at + PIECE; k++) {
            index[found] = (int32_t)k;
            found += (scores[k] >= low) & (scores[k] <= high);
        }
    }
    for (; at < n; at++) {
        index[found] = (int32_t)at;
        found += (scores[at] >= low) & (scores[at] <= high);
    }
    return found;
}

#define LOOPS(name, attribute)                                                                                      \
    attribute static void count_##name(const float *scores, int64_t n, float low, float high, int64_t *above,       \
                                       int64_t *reach)                                                              \
    {                                                                                                               \
        count_body(scores, n, low, high, above, reach);                                                             \
    }                                                                                                               \
    attribute static int64_t find_##name(const float *scores, int64_t n, float low, float high, int32_t *index)     \
    {                                                                                                               \
        return find_body(scores, n, low, high, index);                                                              \
    }

LOOPS(portable, )
#if defined(__x86_64__)
LOOPS(avx2, TIER("avx2"))
LOOPS(avx512, TIER("avx512f,avx512dq,avx512bw,avx512vl"))
#endif

static const rank_loops loops[] = { /* the first one is what any processor runs */
    {"portable", count_portable, find_portable},
#if defined(__x86_64__)
    {"avx2", count_avx2, find_avx2},
    {"avx512", count_avx512, find_avx512},
#endif
};

const rank_loops *rank_loops_choose(void)
{
    const char *tier = tamis_cpu_tier();
    for (size_t k = 0; k < BASE_COUNT(loops); k++)
        if (strcmp(loops[k].tier, tier) == 0) return &loops[k];
    return &loops[0];
}
