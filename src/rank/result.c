/* The outcome of an evaluation, to be asked. */
#include <stdlib.h>

#include "base/memory.h"
#include "rank/result.h"

void tamis_evaluation_free(tamis_evaluation *evaluation)
{
    if (!evaluation) return;
    base_free(evaluation->name);
    rank_figures_clear(&evaluation->figures);
    rank_slices_clear(&evaluation->slices);
    base_free(evaluation->value);
    base_free(evaluation->id_text);
    base_free(evaluation->id_start);
    free(evaluation);
}

int64_t tamis_evaluation_users(const tamis_evaluation *evaluation)
{
    return evaluation->users;
}

size_t tamis_evaluation_metrics(const tamis_evaluation *evaluation)
{
    return evaluation->metrics;
}

const char *tamis_evaluation_name(const tamis_evaluation *evaluation, size_t metric)
{
    return evaluation->name[metric];
}

double tamis_evaluation_mean(const tamis_evaluation *evaluation, size_t metric)
{
    return evaluation->figures.mean[metric];
}

const char *tamis_evaluation_user_id(const tamis_evaluation *evaluation, int64_t row, size_t *length)
{
    if (length) *length = (size_t)(evaluation->id_start[row + 1] - evaluation->id_start[row]);
    return evaluation->id_text + evaluation->id_start[row];
}

double tamis_evaluation_value(const tamis_evaluation *evaluation, int64_t row, size_t metric)
{
    return evaluation->value[(size_t)row * evaluation->metrics + metric];
}

const tamis_evaluation_counts *tamis_evaluation_count(const tamis_evaluation *evaluation)
{
    return &evaluation->counts;
}

void tamis_evaluation_interval(const tamis_evaluation *evaluation, size_t metric, double *low, double *high)
{
    *low = evaluation->figures.low[metric];
    *high = evaluation->figures.high[metric];
}

size_t tamis_evaluation_groups(const tamis_evaluation *evaluation)
{
    return evaluation->slices.count;
}

void tamis_evaluation_group(const tamis_evaluation *evaluation, size_t index, tamis_slice_figures *figures)
{
    const rank_slice *slice = &evaluation->slices.slice[index];
    *figures = (tamis_slice_figures){.slice = slice->slice, .group = slice->group, .users = slice->users, .rows = slice->rows,
                                     .mean = slice->figures.mean, .low = slice->figures.low, .high = slice->figures.high};
}
