/* Evaluation: ranks of all test items, then every metric at every cut-off, per user, in the mean, and of slices. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/status.h"
#include "base/threads.h"
#include "base/watch.h"
#include "model/popularity.h"
#include "rank/block.h"
#include "rank/options.h"
#include "rank/position.h"
#include "rank/result.h"
#include "rank/shown.h"

static tamis_status copy_ids(tamis_evaluation *evaluation, const rank_task *task, const tamis_log *test,
                             tamis_error *error)
{
    size_t bytes = 0, length, users = (size_t)task->count;
    for (size_t t = 0; t < users; t++) {
        (void)id_map_get(test->user_ids, task->test_user[t], &length);
        bytes += length;
    }
    evaluation->id_text = base_alloc_raw(bytes, 1);
    evaluation->id_start = base_alloc(users + 1, sizeof *evaluation->id_start);
    if (!evaluation->id_text || !evaluation->id_start) return base_no_memory(error, "the users' ids", bytes + users, 8);
    for (size_t t = 0; t < users; t++) {
        const char *id = id_map_get(test->user_ids, task->test_user[t], &length);
        memcpy(evaluation->id_text + evaluation->id_start[t], id, length);
        evaluation->id_start[t + 1] = evaluation->id_start[t] + length;
    }
    return TAMIS_OK;
}

/* What an evaluation works with. */
typedef struct evaluating {
    const tamis_model *model;
    const tamis_log *test;
    const tamis_evaluate_options *options;
    const rank_task *task;
    tamis_evaluation *evaluation;
    rank_column column[RANK_MOST_COLUMNS];
    size_t columns;
    rank_catalog catalog;
    rank_cells cells;
    int64_t *rank;
    int32_t *test_item;
    double *weight;
    uint32_t *shown;
    rank_factors popular; /* scores of users whom nothing is known of */
    int threads;
} evaluating;

/* Lowers the number of threads until --memory holds. */
static tamis_status fit_memory(evaluating *e, tamis_error *error)
{
    const tamis_evaluate_options *o = e->options;
    const size_t users = (size_t)e->task->count, found = (size_t)e->task->start[users], cell = sizeof(double);
    int64_t depth = rank_columns_depth(e->column, e->columns), most = 1;
    for (size_t k = 0; k < e->columns; k++) most = e->column[k].cutoff > most ? e->column[k].cutoff : most;
    double all = (double)users * (double)e->columns * (double)cell, bound = (double)o->memory * 1e6;
    double fixed = 3 * all + 32.0 * (double)(found + users);           /* values; ranks, bounds, places */
    if (o->slices) fixed += 2 * all;
    if (o->bootstrap) fixed += 2 * all + 2 * (double)cell * (double)o->bootstrap * (double)e->columns;
    const rank_factors factors = rank_factors_of(e->model);
    double each = (double)rank_work_bytes(&factors, depth > most ? depth : most);
    if (o->memory == 0 || fixed + each * e->threads <= bound) return TAMIS_OK;
    if (fixed + each > bound)
        return base_fail(error, TAMIS_USAGE, "--memory: evaluating %zu users in %zu figures each takes %.0f MB; expected a "
                         "bound of at least that, or fewer metrics, cut-offs, slices or resamples", users, e->columns,
                         ceil((fixed + each) / 1e6));
    e->threads = (int)((bound - fixed) / each);
    return TAMIS_OK;
}

static tamis_status allocate(evaluating *e, tamis_error *error)
{
    tamis_evaluation *evaluation = e->evaluation;
    size_t users = (size_t)e->task->count, found = (size_t)e->task->start[users], cells = users * e->columns;
    evaluation->users = e->task->count;
    evaluation->metrics = e->columns;
    evaluation->counts = e->task->counts;
    evaluation->counts.drawn_candidates = e->task->drawn;
    evaluation->counts.effective_rows = (double)NAN;
    evaluation->name = base_alloc(e->columns, sizeof *evaluation->name);
    evaluation->value = base_alloc_raw(cells, sizeof *evaluation->value);
    bool done = rank_figures_new(&evaluation->figures, e->columns);
    done = rank_cells_new(&e->cells, e->task->count, e->columns) && done;
    e->rank = base_alloc_raw(found, sizeof *e->rank);
    e->test_item = base_alloc_raw(found, sizeof *e->test_item);
    if (done && evaluation->name && evaluation->value && e->rank && e->test_item)
        return copy_ids(evaluation, e->task, e->test, error);
    return base_no_memory(error, "the metrics per user", cells, 3 * sizeof(double));
}

/* Clicks per item and weights, where something asks for them. */
static tamis_status prepare(evaluating *e, rank_query *query, tamis_error *error)
{
    const size_t shown = (size_t)e->model->items * e->columns;
    bool weighted = false, exposed = false, counted = e->options->slices > 0;
    for (size_t k = 0; k < e->columns; k++) {
        const rank_column *column = &e->column[k];
        weighted |= column->weighting != RANK_PLAIN;
        exposed |= column->metric->exposed != NULL;
        if (!rank_metric_of_ranks(column->metric) && column->cutoff > query->list) query->list = column->cutoff;
    }
    tamis_status status = TAMIS_OK;
    if (weighted || counted || query->list)
        status = rank_catalog_make(model_counted(e->model), &e->catalog, error);
    if (!status && weighted) {
        status = rank_propensity_weights(&e->catalog, e->model->item_ids, e->test, e->options, &e->weight, error);
        if (!status) e->evaluation->counts.effective_rows = rank_effective_rows(e->task, e->weight);
    }
    if (!status && exposed) {
        e->shown = base_alloc(shown, sizeof *e->shown);
        if (!e->shown) status = base_no_memory(error, "the exposure of items", shown, sizeof *e->shown);
    }
    return status;
}

/* Where users are RANK_POPULAR: what pop scores, or how popular items are. */
static tamis_status prepare_popular(evaluating *e, rank_query *query, tamis_error *error)
{
    bool any = false;
    for (int64_t t = 0; t < e->task->count; t++) any = any || e->task->user[t] == RANK_POPULAR;
    if (!any) return TAMIS_OK;
    query->popular = &e->popular;
    e->popular = rank_factors_of(e->model);
    if (!model_is_cold(e->model, RANK_UNKNOWN)) return TAMIS_OK;
    const float *popularity;
    const tamis_status status = model_popularity(e->model, &popularity, error);
    if (!status) e->popular = rank_factors_of_items(popularity, e->model->items);
    return status;
}

static tamis_status run(evaluating *e, tamis_error *error)
{
    const tamis_evaluate_options *o = e->options;
    tamis_evaluation *evaluation = e->evaluation;
    const rank_factors factors = rank_factors_of(e->model);
    rank_query query = {.depth = rank_columns_depth(e->column, e->columns)};
    tamis_status status = prepare(e, &query, error);
    rank_shown shown = {e->column, e->columns, &e->catalog, &e->cells, e->shown};
    const rank_outcome outcome = {e->task, e->rank, e->test_item, e->weight, e->column, e->columns, e->threads};
    const rank_bootstrap bootstrap = {o->bootstrap, o->confidence, o->seed, e->threads};
    const rank_evaluated evaluated = {e->model, e->test, o, &e->catalog, &outcome, &e->cells};
    query.take = rank_shown_take;
    query.context = &shown;
    if (!status) status = prepare_popular(e, &query, error);
    if (!status) status = rank_task_ranks(&factors, e->task, e->threads, &query, e->rank, e->test_item, error);
    if (!status) status = rank_measure(&outcome, NULL, 0, &e->cells, error);
    if (!status) status = rank_summarize(&e->cells, NULL, &bootstrap, evaluation->figures, error);
    if (!status) rank_shown_finish(&shown, evaluation->figures.mean);
    if (!status && o->slices) status = rank_slices_make(&evaluated, &evaluation->slices, error);
    for (size_t k = 0; !status && k < (size_t)evaluation->users * e->columns; k++)
        evaluation->value[k] = e->cells.bottom[k] > 0 ? e->cells.top[k] / e->cells.bottom[k] : (double)NAN;
    return status;
}

static tamis_status evaluate(const tamis_model *model, const tamis_log *test, const rank_task *task,
                             const tamis_evaluate_options *options, tamis_evaluation *evaluation, tamis_error *error)
{
    evaluating *e = calloc(1, sizeof *e);
    if (!e) return base_no_memory(error, "an evaluation", 1, sizeof *e);
    e->model = model;
    e->test = test;
    e->options = options;
    e->task = task;
    e->evaluation = evaluation;
    e->threads = base_threads(options->threads);
    tamis_status status = rank_columns(options->metrics, options->cutoffs, e->column, &e->columns, error);
    if (!status) status = fit_memory(e, error);
    if (!status) status = allocate(e, error);
    if (!status) status = run(e, error);
    for (size_t k = 0; !status && k < e->columns; k++) rank_metric_name(&e->column[k], evaluation->name[k]);
    rank_catalog_clear(&e->catalog);
    rank_cells_clear(&e->cells);
    base_free(e->rank);
    base_free(e->test_item);
    base_free(e->weight);
    base_free(e->shown);
    free(e);
    return status;
}

static tamis_status make_task(const tamis_model *model, const tamis_log *test, const tamis_log *const *masks,
                              size_t mask_count, const tamis_evaluate_options *options, rank_task **task,
                              tamis_error *error)
{
    rank_rules rules = {.drop_unknown = options->drop_unknown,
                        .keep_empty = options->empty_users == TAMIS_EMPTY_USERS_ZERO,
                        .rank_unknown = options->unknown_users == TAMIS_UNKNOWN_USERS_POPULAR,
                        .relevant_from = options->relevant_from,
                        .seed = options->seed};
    (void)evaluate_candidates(options->candidates, &rules.listed, &rules.sampled);
    rules.mask_training = options->mask_training == TAMIS_MASK_TRAINING_YES ||
                          (options->mask_training == TAMIS_MASK_TRAINING_AUTO && !rules.listed);
    if (rules.listed && !test->labelled)
        return base_fail(error, TAMIS_USAGE, "--candidates listed needs to know which of the listed items are relevant"
                                             "; name the test log's column that says so with --relevance");
    const rank_known known = rank_known_of(model);
    const tamis_status status = rank_task_new(&known, test, masks, mask_count, &rules, task, error);
    for (int64_t t = 0; !status && rules.rank_unknown && t < (*task)->count; t++) {
        int64_t *user = &(*task)->user[t];
        if (*user >= 0 && model_is_cold(model, *user)) *user = RANK_POPULAR;
    }
    return status;
}

tamis_status tamis_evaluate(const tamis_model *model, const tamis_log *test, const tamis_log *const *masks,
                            size_t mask_count, const tamis_evaluate_options *options, tamis_evaluation **out,
                            tamis_error *error)
{
    double begin = base_seconds();
    tamis_evaluate_options taken;
    rank_task *task = NULL;
    *out = NULL;
    base_clear(error);
    if (!model || !test) return base_null(error, model ? "the test log" : "the model");
    for (size_t k = 0; k < mask_count; k++)
        if (!masks[k]) return base_null(error, "a mask");
    tamis_evaluate_options_default(&taken);
    tamis_status status = base_option_take(&evaluate_option_table, options, &taken, error);
    options = &taken;
    if (!status && options->bootstrap) status = base_option_check(&interval_option_table, options, error);
    if (!status) status = make_task(model, test, masks, mask_count, options, &task, error);
    if (status) return status;
    base_watch watch = {.stop = options->stop};
    task->watch = &watch;
    tamis_evaluation *evaluation = calloc(1, sizeof *evaluation);
    status = evaluation ? evaluate(model, test, task, options, evaluation, error)
                        : base_no_memory(error, "an evaluation", 1, sizeof *evaluation);
    rank_task_free(task);
    if (status) {
        tamis_evaluation_free(evaluation);
        return status;
    }
    evaluation->counts.seconds = base_seconds() - begin;
    *out = evaluation;
    return TAMIS_OK;
}

tamis_status tamis_measure(const tamis_model *model, const tamis_log *test, int64_t cutoff, int64_t threads,
                           tamis_metrics *metrics, tamis_error *error)
{
    char cutoffs[32];
    tamis_evaluate_options options;
    tamis_evaluation *evaluation = NULL;
    *metrics = (tamis_metrics){0};
    snprintf(cutoffs, sizeof cutoffs, "%" PRId64, cutoff);
    tamis_evaluate_options_default(&options);
    options.cutoffs = cutoffs;
    options.metrics = "precision,recall,hit,ndcg,map,mrr";
    options.threads = threads;
    tamis_status status = tamis_evaluate(model, test, NULL, 0, &options, &evaluation, error);
    if (status) return status;
    const double *mean = evaluation->figures.mean; /* in the order asked for */
    const tamis_evaluation_counts *counts = &evaluation->counts;
    *metrics = (tamis_metrics){.precision = mean[0], .recall = mean[1], .hit = mean[2], .ndcg = mean[3], .map = mean[4],
                               .mrr = mean[5], .users = counts->users, .rows = counts->rows, .seconds = counts->seconds};
    tamis_evaluation_free(evaluation);
    return TAMIS_OK;
}
