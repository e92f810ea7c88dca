/* The samplers there are; drawing from weights. */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/random.h"
#include "sampler/sampler.h"

_Static_assert(SAMPLER_SECTIONS * SAMPLER_SECTION <= TAMIS_SAMPLER_PARAMETERS, "options of samplers");

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

bool sampler_fill_slots(const sampler *by, const tamis_train_options *options, const int64_t *clicks, const int32_t *items,
                        int64_t n, alias_slot *slot)
{
    double *weight = malloc((size_t)n * sizeof *weight);
    uint32_t *stack = malloc((size_t)n * sizeof *stack);
    const bool done = weight && stack;
    for (int64_t k = 0; done && k < n; k++) weight[k] = by->weight(clicks[items ? items[k] : k], options);
    if (done) alias_fill(slot, weight, (uint32_t)n, stack);
    free(weight);
    free(stack);
    return done;
}

const tamis_option_table *sampler_options(size_t index, const char **chosen_by)
{
    const bool positive = index >= BASE_COUNT(table);
    *chosen_by = positive ? "positive-sampling" : "negative-sampling";
    if (!positive) return &table[index]->options;
    index -= BASE_COUNT(table);
    return index < BASE_COUNT(positives) ? &positives[index]->options : NULL;
}

enum { TRIES = 64 };

bool sampler_takes_dislike(const sampler_view *view, int32_t user, base_stream *stream)
{
    const matrix *d = view->dislikes;
    return d && d->start[user] < d->start[user + 1] && base_uniform(stream) < view->options->dislike_share;
}

int32_t sampler_dislike(const sampler_view *view, int32_t user, base_stream *stream)
{
    const int64_t *start = view->dislikes->start + user;
    return view->dislikes->index[start[0] + base_below(stream, (uint32_t)(start[1] - start[0]))];
}

int32_t sampler_unseen(const sampler_view *view, int32_t user, base_stream *stream)
{
    const tamis_log *log = view->log;
    const uint32_t items = (uint32_t)view->items;
    int32_t j = 0;
    if (view->any_negative) return (int32_t)alias_draw(view->slot, items, stream);
    if (log->matrix->start[user + 1] - log->matrix->start[user] >= (int64_t)items) return -1;
    for (int attempt = 0; attempt < TRIES; attempt++) {
        j = (int32_t)alias_draw(view->slot, items, stream);
        if (matrix_find(log->matrix, user, j) < 0) return j;
    }
    do j = j + 1 == (int32_t)items ? 0 : j + 1;
    while (matrix_find(log->matrix, user, j) >= 0);
    return j;
}

int32_t sampler_negative(const sampler_view *view, int32_t user, base_stream *stream)
{
    return sampler_takes_dislike(view, user, stream) ? sampler_dislike(view, user, stream) : sampler_unseen(view, user, stream);
}
