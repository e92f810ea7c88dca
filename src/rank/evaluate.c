/* Evaluation: ranks of all test items, then every metric at every cut-off, per user, in the mean, and of slices. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/status.h"
#include "base/text.h"
#include "base/threads.h"
#include "base/watch.h"
#include "model/model.h"
#include "rank/rank.h"
#include "rank/slice.h"

static const tamis_option evaluate_rows[] = {
    BASE_OPTION(tamis_evaluate_options, cutoffs, "cutoffs", TAMIS_OPTION_TEXT, "K,K,...", "5,10,20", "items",
                "how many of the first items count, for each metric but auc"),
    BASE_OPTION(tamis_evaluate_options, metrics, "metrics", TAMIS_OPTION_TEXT, "NAME,NAME,...",
                RANK_USUAL_METRICS, "", "which metrics; tamis methods lists them, man tamis defines them and their -ips and -snips versions"),
    BASE_OPTION(tamis_evaluate_options, candidates, "candidates", TAMIS_OPTION_TEXT, "all|listed|sampled:N", "all", "",
                "what is ranked for a user: all items; the items of their rows in the test log; the relevant items and "
                "N others drawn at random, whose figures cannot be compared with those of all items"),
    BASE_OPTION(tamis_evaluate_options, relevant_from, "relevant-from", TAMIS_OPTION_REAL, "(-inf,inf)", NULL, "",
                "test rows of this --relevance and more are relevant; else those above 0"),
    BASE_OPTION(tamis_evaluate_options, mask_training, "mask-training", TAMIS_OPTION_CHOICE, "auto|yes|no", "auto", "",
                "leave a user's training items out of the ranking; auto: of all items, not of listed ones"),
    BASE_OPTION(tamis_evaluate_options, empty_users, "empty-users", TAMIS_OPTION_CHOICE, "drop|zero", "drop", "",
                "users without a relevant test item: leave them out of the means, or count them with 0"),
    BASE_OPTION(tamis_evaluate_options, drop_unknown, "drop-unknown", TAMIS_OPTION_FLAG, NULL, "0", "",
                "leave out test rows of unknown users or items, instead of scoring them as misses"),
    BASE_OPTION(tamis_evaluate_options, propensity_power, "propensity-power", TAMIS_OPTION_REAL, "[0,inf)", "0.5", "",
                "for -ips and -snips: an item is seen with chance (its clicks / most clicks)^power"),
    BASE_OPTION(tamis_evaluate_options, propensity_clip, "propensity-clip", TAMIS_OPTION_REAL, "[0,1]", "0.01", "",
                "a smaller chance counts as this"),
    BASE_OPTION(tamis_evaluate_options, rare_threshold, "rare-threshold", TAMIS_OPTION_INTEGER, "[0,inf)", "0",
                "training clicks", "slice popularity: items of at most so many are rare; 0: head, middle and tail"),
    BASE_OPTION(tamis_evaluate_options, seed, "seed", TAMIS_OPTION_SEED, NULL, "1", "",
                "of all that is drawn; the same seed gives the same figures"),
    BASE_OPTION(tamis_evaluate_options, memory, "memory", TAMIS_OPTION_INTEGER, "[0,inf)", "0", "MB",
                "working memory beside model and logs, kept by fewer threads where needed; 0: no bound"),
    BASE_OPTION(tamis_evaluate_options, threads, "threads", TAMIS_OPTION_INTEGER, "[0,1024]", "0", "threads",
                "0: as many as there are processors; never changes the result"),
};

/* Of the same struct, for those who take intervals of means and not of differences. */
static const tamis_option interval_rows[] = {
    BASE_OPTION(tamis_evaluate_options, bootstrap, "bootstrap", TAMIS_OPTION_INTEGER, "[0,1000000]", "0", "resamples",
                "resamples of users, for an interval of each mean; 0: none"),
    BASE_OPTION(tamis_evaluate_options, confidence, "confidence", TAMIS_OPTION_REAL, "(0,1)", "0.95", "",
                "of the intervals"),
};
const tamis_option_table interval_option_table = {"interval", interval_rows, BASE_COUNT(interval_rows),
                                                  sizeof(tamis_evaluate_options), NULL};

/* "all", "listed" or "sampled:N". */
static bool parse_candidates(const char *text, bool *listed, int64_t *sampled)
{
    static const char prefix[] = "sampled:";
    *listed = text && strcmp(text, "listed") == 0;
    *sampled = 0;
    if (!text || *listed || strcmp(text, "all") == 0) return true;
    return strncmp(text, prefix, sizeof prefix - 1) == 0 && base_parse_integer(text + sizeof prefix - 1, sampled) &&
           *sampled > 0 && *sampled <= INT32_MAX;
}

static tamis_status check(const void *values, tamis_error *error)
{
    const tamis_evaluate_options *options = values;
    rank_wanted wanted[RANK_MOST_METRICS];
    int64_t cutoff[RANK_MOST_CUTOFFS], sampled;
    size_t count;
    bool listed, shown = false;
    char quoted[280];
    tamis_status status = rank_cutoffs(options->cutoffs ? options->cutoffs : "", cutoff, &count, error);
    if (!status) status = rank_metrics(options->metrics, wanted, &count, error);
    if (status) return status;
    if (!parse_candidates(options->candidates, &listed, &sampled))
        return base_fail(error, TAMIS_USAGE, "--candidates: \"%s\" is none of all, listed, sampled:N with a whole number "
                         "N of at least 1", base_quote(quoted, sizeof quoted, options->candidates,
                                                       strlen(options->candidates)));
    for (size_t k = 0; k < count; k++) shown |= !wanted[k].metric->value;
    if (shown && (listed || sampled))
        return base_fail(error, TAMIS_USAGE, "coverage, gini, popularity, novelty and tail are about recommendations from "
                                             "all items; leave out --candidates, or these metrics");
    return TAMIS_OK;
}

const tamis_option_table evaluate_option_table = {"evaluate", evaluate_rows, BASE_COUNT(evaluate_rows),
                                                  sizeof(tamis_evaluate_options), check};

void tamis_evaluate_options_init(tamis_evaluate_options *options, size_t size)
{
    tamis_evaluate_options own = {0};
    base_option_defaults(&evaluate_option_table, &own);
    base_option_defaults(&interval_option_table, &own);
    base_option_give(&own, sizeof own, options, size);
}

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

/* Each metric at each cut-off; returns how many. The options are checked. */
static size_t lay_out(const tamis_evaluate_options *options, rank_column *columns)
{
    rank_wanted wanted[RANK_MOST_METRICS];
    int64_t cutoff[RANK_MOST_CUTOFFS];
    size_t metrics = 0, cutoffs = 0, n = 0;
    (void)rank_metrics(options->metrics, wanted, &metrics, NULL);
    (void)rank_cutoffs(options->cutoffs, cutoff, &cutoffs, NULL);
    for (size_t m = 0; m < metrics; m++) {
        bool at = wanted[m].metric->per_cutoff;
        for (size_t k = 0; k < (at ? cutoffs : 1); k++)
            columns[n++] = (rank_column){wanted[m].metric, wanted[m].weighting, at ? cutoff[k] : 0};
    }
    return n;
}

static void name_column(const rank_column *column, char name[32])
{
    static const char *const suffix[] = {"", "-ips", "-snips"};
    int used = snprintf(name, 32, "%s%s", column->metric->name, suffix[column->weighting]);
    if (column->metric->per_cutoff) snprintf(name + used, 32 - (size_t)used, "@%" PRId64, column->cutoff);
}

/* How deep ranks matter: to the largest cut-off, unless a metric looks at all ranks. */
static int64_t depth_of(const rank_column *columns, size_t count)
{
    int64_t depth = 1;
    for (size_t k = 0; k < count; k++) {
        if (columns[k].metric->value && !columns[k].metric->per_cutoff) return 0;
        if (columns[k].metric->value && columns[k].cutoff > depth) depth = columns[k].cutoff;
    }
    return depth;
}

tamis_status rank_validate(const float *user_factors, const float *item_factors, const float *item_bias, size_t stride,
                           int64_t factors, int64_t items, const rank_task *task, const char *metric, const double *weight,
                           int threads, double *value, tamis_error *error)
{
    const rank_factors f = {user_factors, item_factors, item_bias, stride, factors, items};
    rank_column only = {0};
    rank_wanted wanted;
    tamis_status status = rank_metric_find(metric, &wanted, &only.cutoff, error);
    if (status) return status;
    only.metric = wanted.metric;
    only.weighting = wanted.weighting;
    size_t users = (size_t)task->count, found = (size_t)task->start[users];
    const rank_wish wish = {.depth = depth_of(&only, 1)};
    rank_cells cells = {base_alloc_raw(users, sizeof(double)), base_alloc_raw(users, sizeof(double))};
    int64_t *rank = base_alloc_raw(found, sizeof *rank);
    int32_t *place = weight ? base_alloc_raw(found, sizeof *place) : NULL;
    double low, high;
    if (!cells.top || !cells.bottom || !rank || (weight && !place)) status = base_no_memory(error, "a validation", users + found, 16);
    if (!status) status = rank_task_ranks(&f, task, threads, &wish, rank, place, error);
    const rank_outcome outcome = {.task = task, .rank = rank, .place = place, .weight = weight, .column = &only, .columns = 1,
                                  .threads = threads};
    if (!status) status = rank_measure(&outcome, NULL, 0, cells, error);
    if (!status)
        status = rank_summarize(&cells, 1, NULL, task->count, 0, 0, 0, threads, (rank_figures){value, &low, &high}, error);
    base_free(cells.top);
    base_free(cells.bottom);
    base_free(rank);
    base_free(place);
    return status;
}

/* ---- what the lists show */

typedef struct listing {
    const rank_column *column;
    size_t columns;
    const rank_catalog *catalog;
    rank_cells cells;
    uint32_t *shown; /* per column that asks for it and item: how often it stands on a list */
} listing;

static void take_list(void *context, int64_t t, const tamis_hit *hit, int64_t count)
{
    const listing *l = context;
    for (size_t k = 0; k < l->columns; k++) {
        const rank_column *column = &l->column[k];
        int64_t n = count < column->cutoff ? count : column->cutoff;
        double sum = 0;
        if (column->metric->listed && n > 0) {
            for (int64_t r = 0; r < n; r++) sum += column->metric->listed(l->catalog, hit[r].item);
            l->cells.top[(size_t)t * l->columns + k] = sum / (double)n;
            l->cells.bottom[(size_t)t * l->columns + k] = 1;
        }
        uint32_t *shown = l->shown + k * (size_t)l->catalog->items;
        for (int64_t r = 0; column->metric->exposed && r < n; r++) {
#pragma omp atomic
            shown[hit[r].item]++;
        }
    }
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void expose(const listing *l, double *mean)
{
    size_t items = (size_t)l->catalog->items;
    for (size_t k = 0; k < l->columns; k++) {
        if (!l->column[k].metric->exposed) continue;
        qsort(l->shown + k * items, items, sizeof *l->shown, ascending);
        mean[k] = l->column[k].metric->exposed(l->shown + k * items, l->catalog->items);
    }
}

/* ---- the whole */

/* What an evaluation works with. */
typedef struct evaluating {
    const tamis_model *model;
    const tamis_log *test;
    const tamis_evaluate_options *options;
    const rank_task *task;
    tamis_evaluation *evaluation;
    rank_column column[RANK_MOST_METRICS * RANK_MOST_CUTOFFS];
    size_t columns;
    rank_catalog catalog;
    rank_cells cells;
    int64_t *rank;
    int32_t *place;
    double *weight;
    uint32_t *shown;
    int threads;
} evaluating;

/* Lowers the number of threads until --memory holds. */
static tamis_status fit_memory(evaluating *e, tamis_error *error)
{
    const tamis_evaluate_options *o = e->options;
    const size_t users = (size_t)e->task->count, found = (size_t)e->task->start[users], cell = sizeof(double);
    int64_t depth = depth_of(e->column, e->columns), most = 1;
    for (size_t k = 0; k < e->columns; k++) most = e->column[k].cutoff > most ? e->column[k].cutoff : most;
    double all = (double)users * (double)e->columns * (double)cell, bound = (double)o->memory * 1e6;
    double fixed = 3 * all + 32.0 * (double)(found + users);           /* values; ranks, bounds, places */
    if (o->slices) fixed += 2 * all;
    if (o->bootstrap) fixed += 2 * all + 2 * (double)cell * (double)o->bootstrap * (double)e->columns;
    double each = (double)rank_work_bytes(e->model->stride, depth > most ? depth : most);
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
    rank_figures figures;
    evaluation->users = e->task->count;
    evaluation->metrics = e->columns;
    evaluation->counts = e->task->counts;
    evaluation->counts.drawn_candidates = e->task->drawn;
    evaluation->counts.effective_rows = (double)NAN;
    evaluation->name = base_alloc(e->columns, sizeof *evaluation->name);
    bool done = slice_figures_new(&figures, e->columns);
    evaluation->mean = figures.mean;
    evaluation->low = figures.low;
    evaluation->high = figures.high;
    evaluation->value = base_alloc_raw(cells, sizeof *evaluation->value);
    e->cells = (rank_cells){base_alloc(cells, sizeof(double)), base_alloc(cells, sizeof(double))};
    e->rank = base_alloc_raw(found, sizeof *e->rank);
    e->place = base_alloc_raw(found, sizeof *e->place);
    if (done && evaluation->name && evaluation->value && e->cells.top && e->cells.bottom && e->rank && e->place)
        return copy_ids(evaluation, e->task, e->test, error);
    return base_no_memory(error, "the metrics per user", cells, 3 * sizeof(double));
}

/* Clicks per item and weights, where something asks for them. */
static tamis_status prepare(evaluating *e, rank_wish *wish, tamis_error *error)
{
    const tamis_model *m = e->model;
    bool weighted = false, exposed = false, counted = e->options->slices > 0;
    for (size_t k = 0; k < e->columns; k++) {
        const rank_column *column = &e->column[k];
        weighted |= column->weighting != RANK_PLAIN;
        exposed |= column->metric->exposed != NULL;
        if (!column->metric->value && column->cutoff > wish->list) wish->list = column->cutoff;
    }
    tamis_status status = TAMIS_OK;
    if (weighted || counted || wish->list)
        status = rank_catalog_make(m->seen, &e->catalog, error);
    if (!status && weighted) {
        status = slice_weights(m, e->test, &e->catalog, e->options, &e->weight, error);
        if (!status) e->evaluation->counts.effective_rows = slice_effective_rows(e->task, e->weight);
    }
    if (!status && exposed) {
        e->shown = base_alloc((size_t)m->items * e->columns, sizeof *e->shown);
        if (!e->shown) status = base_no_memory(error, "the exposure of items", (size_t)m->items * e->columns, 4);
    }
    return status;
}

static tamis_status run(evaluating *e, tamis_error *error)
{
    const tamis_model *m = e->model;
    const tamis_evaluate_options *o = e->options;
    tamis_evaluation *evaluation = e->evaluation;
    const rank_factors factors = {m->user_factors, m->item_factors, m->item_bias, m->stride, m->factors, m->items};
    rank_wish wish = {.depth = depth_of(e->column, e->columns)};
    tamis_status status = prepare(e, &wish, error);
    listing lists = {e->column, e->columns, &e->catalog, e->cells, e->shown};
    const rank_outcome outcome = {e->task, e->rank, e->place, e->weight, e->column, e->columns, e->threads};
    const rank_figures figures = {evaluation->mean, evaluation->low, evaluation->high};
    wish.take = take_list;
    wish.context = &lists;
    if (!status) status = rank_task_ranks(&factors, e->task, e->threads, &wish, e->rank, e->place, error);
    if (!status) status = rank_measure(&outcome, NULL, 0, e->cells, error);
    if (!status)
        status = rank_summarize(&e->cells, e->columns, NULL, e->task->count, o->bootstrap, o->confidence, o->seed,
                                e->threads, figures, error);
    if (!status && e->shown) expose(&lists, evaluation->mean);
    if (!status && o->slices)
        status = slice_all(&outcome, &e->cells, m, e->test, &e->catalog, o, evaluation, error);
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
    e->columns = lay_out(options, e->column);
    tamis_status status = fit_memory(e, error);
    if (!status) status = allocate(e, error);
    if (!status) status = run(e, error);
    for (size_t k = 0; !status && k < e->columns; k++) name_column(&e->column[k], evaluation->name[k]);
    rank_catalog_clear(&e->catalog);
    base_free(e->cells.top);
    base_free(e->cells.bottom);
    base_free(e->rank);
    base_free(e->place);
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
                        .relevant_from = options->relevant_from,
                        .seed = options->seed};
    (void)parse_candidates(options->candidates, &rules.listed, &rules.sampled);
    rules.mask_training = options->mask_training == TAMIS_MASK_TRAINING_YES ||
                          (options->mask_training == TAMIS_MASK_TRAINING_AUTO && !rules.listed);
    if (rules.listed && !test->labelled)
        return base_fail(error, TAMIS_USAGE, "--candidates listed needs to know which of the listed items are relevant"
                                             "; name the test log's column that says so with --relevance");
    return rank_task_make(model->user_ids, model->item_ids, model->seen, test, masks,
                          mask_count, &rules, task, error);
}

tamis_status tamis_evaluate(const tamis_model *model, const tamis_log *test, const tamis_log *const *masks,
                            size_t mask_count, const tamis_evaluate_options *options, tamis_evaluation **out,
                            tamis_error *error)
{
    double begin = base_seconds();
    tamis_evaluate_options own;
    rank_task *task = NULL;
    *out = NULL;
    base_clear(error);
    tamis_evaluate_options_default(&own);
    tamis_status status = base_option_take(&evaluate_option_table, options, &own, error);
    options = &own;
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
