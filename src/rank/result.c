/* The outcome of an evaluation, to be asked; and the usual metrics in one call. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "rank/slice.h"

void tamis_evaluation_free(tamis_evaluation *evaluation)
{
    if (!evaluation) return;
    base_free(evaluation->name);
    base_free(evaluation->mean);
    base_free(evaluation->low);
    base_free(evaluation->high);
    slice_free(evaluation);
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
    return evaluation->mean[metric];
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
    *low = evaluation->low[metric];
    *high = evaluation->high[metric];
}

size_t tamis_evaluation_groups(const tamis_evaluation *evaluation)
{
    return evaluation->slices;
}

void tamis_evaluation_group(const tamis_evaluation *evaluation, size_t index, tamis_slice_figures *figures)
{
    const struct rank_slice *slice = &evaluation->slice[index];
    *figures = (tamis_slice_figures){.slice = slice->slice, .group = slice->group, .users = slice->users, .rows = slice->rows,
                                     .mean = slice->figures.mean, .low = slice->figures.low, .high = slice->figures.high};
}

tamis_status tamis_measure(const tamis_model *model, const tamis_log *test, int64_t cutoff, int64_t threads,
                           tamis_metrics *metrics, tamis_error *error)
{
    char cutoffs[32];
    tamis_evaluate_options options;
    tamis_evaluation *evaluation;
    *metrics = (tamis_metrics){0};
    snprintf(cutoffs, sizeof cutoffs, "%" PRId64, cutoff);
    tamis_evaluate_options_default(&options);
    options.cutoffs = cutoffs;
    options.metrics = "precision,recall,hit,ndcg,map,mrr";
    options.threads = threads;
    tamis_status status = tamis_evaluate(model, test, NULL, 0, &options, &evaluation, error);
    if (status) return status;
    const double *mean = evaluation->mean; /* in the order asked for */
    const tamis_evaluation_counts *counts = &evaluation->counts;
    *metrics = (tamis_metrics){.precision = mean[0], .recall = mean[1], .hit = mean[2], .ndcg = mean[3], .map = mean[4],
                               .mrr = mean[5], .users = counts->users, .rows = counts->rows, .seconds = counts->seconds};
    tamis_evaluation_free(evaluation);
    return TAMIS_OK;
}
