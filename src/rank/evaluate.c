/* Evaluation: ranks of all test items, then every metric at every cut-off, per user and in the mean.
 * The metrics of a user are computed in any thread; the means are summed in the order of users, so that the number of
 * threads shows nowhere. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "rank/rank.h"

static const tamis_option evaluate_rows[] = {
    BASE_OPTION(tamis_evaluate_options, cutoffs, "cutoffs", TAMIS_OPTION_TEXT, "K,K,...", "5,10,20", "items",
                "how many of the first items count, for each metric but auc"),
    BASE_OPTION(tamis_evaluate_options, metrics, "metrics", TAMIS_OPTION_TEXT, "NAME,NAME,...",
                RANK_USUAL_METRICS, "", "which metrics; tamis methods lists them"),
    BASE_OPTION(tamis_evaluate_options, candidates, "candidates", TAMIS_OPTION_CHOICE, "all|listed", "all", "",
                "what is ranked for a user: all items, or the items of their rows in the test log"),
    BASE_OPTION(tamis_evaluate_options, relevant_from, "relevant-from", TAMIS_OPTION_REAL, "(-inf,inf)", NULL, "",
                "test rows of this --relevance and more are relevant; else those above 0"),
    BASE_OPTION(tamis_evaluate_options, mask_training, "mask-training", TAMIS_OPTION_CHOICE, "auto|yes|no", "auto", "",
                "leave a user's training items out of the ranking; auto: of all items, not of listed ones"),
    BASE_OPTION(tamis_evaluate_options, empty_users, "empty-users", TAMIS_OPTION_CHOICE, "drop|zero", "drop", "",
                "users without a relevant test item: leave them out of the means, or count them with 0"),
    BASE_OPTION(tamis_evaluate_options, drop_unknown, "drop-unknown", TAMIS_OPTION_FLAG, NULL, "0", "",
                "leave out test rows of unknown users or items, instead of scoring them as misses"),
    BASE_OPTION(tamis_evaluate_options, seed, "seed", TAMIS_OPTION_SEED, NULL, "1", "",
                "of all that is drawn; the same seed gives the same figures"),
    BASE_OPTION(tamis_evaluate_options, threads, "threads", TAMIS_OPTION_INTEGER, "[0,1024]", "0", "threads",
                "0: as many as there are processors; never changes the result"),
};

static tamis_status check(const void *values, tamis_error *error)
{
    const tamis_evaluate_options *options = values;
    const rank_metric *metric[RANK_MOST_METRICS];
    int64_t cutoff[RANK_MOST_CUTOFFS];
    size_t count;
    tamis_status status = rank_cutoffs(options->cutoffs ? options->cutoffs : "", cutoff, &count, error);
    return status ? status : rank_metrics(options->metrics, metric, &count, error);
}

const tamis_option_table evaluate_option_table = {"evaluate", evaluate_rows, BASE_COUNT(evaluate_rows),
                                                  sizeof(tamis_evaluate_options), check};

void tamis_evaluate_options_default(tamis_evaluate_options *options)
{
    tamis_option_defaults(&evaluate_option_table, options);
}

/* One column of the outcome. */
typedef struct column {
    const rank_metric *metric;
    int64_t cutoff;
} column;

/* value[t * columns + c] for each user t of the task. */
static void measure(const rank_task *task, const int64_t *rank, const column *columns, size_t count, int threads,
                    double *value)
{
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int64_t t = 0; t < task->count; t++) {
        rank_case c = {.rank = rank + task->start[t], .found = task->start[t + 1] - task->start[t],
                       .relevant = task->relevant[t], .candidates = task->candidates[t]};
        for (size_t k = 0; k < count; k++) {
            c.cutoff = columns[k].cutoff;
            value[(size_t)t * count + k] = c.relevant ? columns[k].metric->value(&c) : 0;
        }
    }
}

static double mean(const double *value, int64_t rows, size_t step)
{
    double sum = 0;
    for (int64_t t = 0; t < rows; t++) sum += value[(size_t)t * step];
    return sum / (double)rows;
}

static tamis_status evaluate(const rank_factors *factors, const rank_task *task, const column *columns, size_t count,
                             int threads, double *value, tamis_error *error)
{
    size_t found = (size_t)task->start[task->count];
    int64_t *rank = base_alloc_raw(found, sizeof *rank);
    if (!rank) return base_no_memory(error, "the ranks of test items", found, sizeof *rank);
    tamis_status status = rank_task_ranks(factors, task, threads, rank, error);
    if (!status) measure(task, rank, columns, count, threads, value);
    base_free(rank);
    return status;
}

tamis_status rank_validate(const float *user_factors, const float *item_factors, const float *item_bias, size_t stride,
                           int64_t factors, int64_t items, const rank_task *task, const char *metric, int threads,
                           double *value, tamis_error *error)
{
    const rank_factors f = {user_factors, item_factors, item_bias, stride, factors, items};
    column only;
    tamis_status status = rank_metric_find(metric, &only.metric, &only.cutoff, error);
    if (status) return status;
    double *values = base_alloc_raw((size_t)task->count, sizeof *values);
    if (!values) return base_no_memory(error, "a metric per user", (size_t)task->count, sizeof *values);
    status = evaluate(&f, task, &only, 1, threads, values, error);
    if (!status) *value = mean(values, task->count, 1);
    base_free(values);
    return status;
}

/* Each metric at each cut-off; returns how many. The options are checked. */
static size_t lay_out(const tamis_evaluate_options *options, column columns[RANK_MOST_METRICS * RANK_MOST_CUTOFFS])
{
    const rank_metric *metric[RANK_MOST_METRICS];
    int64_t cutoff[RANK_MOST_CUTOFFS];
    size_t metrics = 0, cutoffs = 0, n = 0;
    (void)rank_metrics(options->metrics, metric, &metrics, NULL);
    (void)rank_cutoffs(options->cutoffs, cutoff, &cutoffs, NULL);
    for (size_t m = 0; m < metrics; m++)
        for (size_t k = 0; k < (metric[m]->per_cutoff ? cutoffs : 1); k++)
            columns[n++] = (column){metric[m], metric[m]->per_cutoff ? cutoff[k] : 0};
    return n;
}

static tamis_status copy_ids(tamis_evaluation *evaluation, const rank_task *task, const tamis_log *test,
                             tamis_error *error)
{
    size_t bytes = 0, length, users = (size_t)task->count;
    for (size_t t = 0; t < users; t++) {
        (void)base_ids_get(&test->users, task->test_user[t], &length);
        bytes += length;
    }
    evaluation->id_text = base_alloc_raw(bytes, 1);
    evaluation->id_start = base_alloc(users + 1, sizeof *evaluation->id_start);
    if (!evaluation->id_text || !evaluation->id_start) return base_no_memory(error, "the users' ids", bytes + users, 8);
    for (size_t t = 0; t < users; t++) {
        const char *id = base_ids_get(&test->users, task->test_user[t], &length);
        memcpy(evaluation->id_text + evaluation->id_start[t], id, length);
        evaluation->id_start[t + 1] = evaluation->id_start[t] + length;
    }
    return TAMIS_OK;
}

static tamis_status fill(tamis_evaluation *evaluation, const rank_factors *factors, const rank_task *task,
                         const tamis_log *test, const tamis_evaluate_options *options, tamis_error *error)
{
    column columns[RANK_MOST_METRICS * RANK_MOST_CUTOFFS];
    size_t metrics = lay_out(options, columns), users = (size_t)task->count;
    evaluation->users = task->count;
    evaluation->metrics = metrics;
    evaluation->counts = task->counts;
    evaluation->name = base_alloc(metrics, sizeof *evaluation->name);
    evaluation->mean = base_alloc(metrics, sizeof *evaluation->mean);
    evaluation->value = base_alloc_raw(users, metrics * sizeof *evaluation->value);
    tamis_status status = TAMIS_OK;
    if (!evaluation->name || !evaluation->mean || !evaluation->value)
        status = base_no_memory(error, "the metrics per user", users, metrics * sizeof *evaluation->value);
    if (!status) status = copy_ids(evaluation, task, test, error);
    if (!status)
        status = evaluate(factors, task, columns, metrics, base_threads(options->threads), evaluation->value, error);
    for (size_t k = 0; k < metrics && !status; k++) {
        evaluation->mean[k] = mean(evaluation->value + k, task->count, metrics);
        if (columns[k].metric->per_cutoff)
            snprintf(evaluation->name[k], sizeof *evaluation->name, "%s@%" PRId64, columns[k].metric->name,
                     columns[k].cutoff);
        else
            snprintf(evaluation->name[k], sizeof *evaluation->name, "%s", columns[k].metric->name);
    }
    return status;
}

static tamis_status make_task(const tamis_model *model, const tamis_log *test, const tamis_log *const *masks,
                              size_t mask_count, const tamis_evaluate_options *options, rank_task **task,
                              tamis_error *error)
{
    const rank_rules rules = {.listed = options->candidates == TAMIS_CANDIDATES_LISTED,
                              .mask_training = options->mask_training == TAMIS_MASK_TRAINING_YES ||
                                               (options->mask_training == TAMIS_MASK_TRAINING_AUTO &&
                                                options->candidates == TAMIS_CANDIDATES_ALL),
                              .drop_unknown = options->drop_unknown,
                              .keep_empty = options->empty_users == TAMIS_EMPTY_USERS_ZERO,
                              .relevant_from = options->relevant_from};
    if (rules.listed && !test->labelled)
        return base_fail(error, TAMIS_USAGE, "--candidates listed needs to know which of the listed items are relevant"
                                             "; name the test log's column that says so with --relevance");
    return rank_task_make(&model->user_ids, &model->item_ids, model->seen_start, model->seen_item, test, masks,
                          mask_count, &rules, task, error);
}

tamis_status tamis_evaluate(const tamis_model *model, const tamis_log *test, const tamis_log *const *masks,
                            size_t mask_count, const tamis_evaluate_options *options, tamis_evaluation **out,
                            tamis_error *error)
{
    double begin = base_seconds();
    tamis_evaluate_options defaults;
    rank_task *task = NULL;
    *out = NULL;
    base_clear(error);
    if (!options) {
        tamis_evaluate_options_default(&defaults);
        options = &defaults;
    }
    tamis_status status = tamis_option_check(&evaluate_option_table, options, error);
    if (!status) status = make_task(model, test, masks, mask_count, options, &task, error);
    if (status) return status;
    const rank_factors factors = {model->user_factors, model->item_factors, model->item_bias,
                                  model->stride,       model->factors,      model->items};
    tamis_evaluation *evaluation = calloc(1, sizeof *evaluation);
    status = evaluation ? fill(evaluation, &factors, task, test, options, error)
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
