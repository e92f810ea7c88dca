/* Which kernels run: asked of the processor once, or forced by TAMIS_CPU. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "kernel/kernel.h"
#include "tamis.h"

#if defined(__x86_64__)
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
static bool has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
#endif

static bool always(void)
{
    return true;
}

static const struct {
    const kernel_tier *tier;
    bool (*runs)(void);
} tiers[] = { /* from the plainest to the best */
    {&kernel_portable, always},
#if defined(__x86_64__)
    {&kernel_avx2, has_avx2},
    {&kernel_avx512, has_avx512},
#elif defined(__aarch64__)
    {&kernel_neon, always},
#endif
};

const kernel_tier *kernel_list(size_t index)
{
    for (size_t k = 0; k < BASE_COUNT(tiers); k++)
        if (tiers[k].runs() && index-- == 0) return tiers[k].tier;
    return NULL;
}

const kernel_tier *kernel_choose(void)
{
    const char *wanted = getenv("TAMIS_CPU");
    const kernel_tier *best = NULL, *tier;
    for (size_t k = 0; (tier = kernel_list(k)); k++) {
        best = tier;
        if (wanted && strcmp(wanted, tier->name) == 0) break;
    }
    return best;
}

const char *tamis_cpu_tier(void)
{
    return kernel_choose()->name;
}
