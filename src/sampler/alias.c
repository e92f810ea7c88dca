/* The alias table: see alias.h. */
#include "base/random.h"
#include "sampler/alias.h"

void alias_fill(alias_slot *slot, double *weight, uint32_t n, uint32_t *stack)
{
    double sum = 0;
    for (uint32_t k = 0; k < n; k++) sum += weight[k];
    /* levels in units of one slot: what stands above 1 fills up what stands below; both wait on one stack each, which
     * grow towards each other */
    uint32_t low = 0, high = n;
    for (uint32_t k = 0; k < n; k++) {
        weight[k] = sum > 0 ? weight[k] / sum * (double)n : 1;
        slot[k] = (alias_slot){UINT32_MAX, k};
        stack[weight[k] < 1 ? low++ : --high] = k;
    }
    while (low > 0 && high < n) {
        uint32_t small = stack[--low], large = stack[high];
        slot[small] = (alias_slot){(uint32_t)(weight[small] * 0x1p32), large};
        weight[large] -= 1 - weight[small];
        if (weight[large] < 1) {
            high++;
            stack[low++] = large;
        }
    }
}

uint32_t alias_draw(const alias_slot *slot, uint32_t n, base_stream *stream)
{
    if (!slot) return base_below(stream, n);
    uint64_t word = base_next(stream);
    uint32_t k = (uint32_t)(((word >> 32) * n) >> 32);
    return (uint32_t)word < slot[k].chance ? k : slot[k].other;
}
