/* The samplers there are, and the table that draws from weights. */
#include <string.h>

#include "sampler/sampler.h"

#define ROW(name) &sampler_##name,
static const sampler *const table[] = {SAMPLER_TABLE(ROW)};

const sampler *sampler_find(const char *name)
{
    for (size_t k = 0; k < BASE_COUNT(table); k++)
        if (strcmp(table[k]->name, name) == 0) return table[k];
    return NULL;
}

const char *tamis_sampler_list(size_t index, const char **help)
{
    if (index >= BASE_COUNT(table)) return NULL;
    if (help) *help = table[index]->help;
    return table[index]->name;
}

void sampler_fill(sampler_slot *slot, double *weight, uint32_t n, uint32_t *stack)
{
    double sum = 0;
    for (uint32_t k = 0; k < n; k++) sum += weight[k];
    /* levels in units of one slot: what stands above 1 fills up what stands below; both wait on one stack each, which
     * grow towards each other */
    uint32_t low = 0, high = n;
    for (uint32_t k = 0; k < n; k++) {
        weight[k] = sum > 0 ? weight[k] / sum * (double)n : 1;
        slot[k] = (sampler_slot){UINT32_MAX, k};
        stack[weight[k] < 1 ? low++ : --high] = k;
    }
    while (low > 0 && high < n) {
        uint32_t small = stack[--low], large = stack[high];
        slot[small] = (sampler_slot){(uint32_t)(weight[small] * 0x1p32), large};
        weight[large] -= 1 - weight[small];
        if (weight[large] < 1) {
            high++;
            stack[low++] = large;
        }
    }
}
