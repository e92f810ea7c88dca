/* The samplers there are; drawing from weights. */
#include <string.h>

#include "base/base.h"
#include "base/random.h"
#include "sampler/sampler.h"

#define ROW(name) &sampler_##name,
static const sampler *const table[] = {SAMPLER_TABLE(ROW)};

const sampler *sampler_find(const char *name)
{
    for (size_t k = 0; k < BASE_COUNT(table); k++)
        if (strcmp(table[k]->name, name) == 0) return table[k];
    return NULL;
}

#define POSITIVE_ROW(name) &positive_##name,
static const positive_sampler *const positives[] = {POSITIVE_TABLE(POSITIVE_ROW)};

const positive_sampler *positive_find(const char *name)
{
    for (size_t k = 0; k < BASE_COUNT(positives); k++)
        if (strcmp(positives[k]->name, name) == 0) return positives[k];
    return NULL;
}

const char *tamis_positive_sampler_list(size_t index, const char **help)
{
    if (index >= BASE_COUNT(positives)) return NULL;
    if (help) *help = positives[index]->help;
    return positives[index]->name;
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

enum { TRIES = 64 };

int32_t sampler_negative(const sampler_view *view, int32_t user, base_stream *stream)
{
    const tamis_log *log = view->log;
    const uint32_t items = (uint32_t)view->items;
    int32_t j = 0;
    if (view->any_negative) return (int32_t)sampler_draw(view->slot, items, stream);
    if (log->matrix->start[user + 1] - log->matrix->start[user] >= (int64_t)items) return -1;
    for (int attempt = 0; attempt < TRIES; attempt++) {
        j = (int32_t)sampler_draw(view->slot, items, stream);
        if (matrix_find(log->matrix, user, j) < 0) return j;
    }
    do j = j + 1 == (int32_t)items ? 0 : j + 1;
    while (matrix_find(log->matrix, user, j) >= 0);
    return j;
}
