/* Validation and early stopping: after some epochs the model is measured on held-out interactions. The best epoch's
 * parameters are kept; after `patience` validations without a better one the run ends. */
#include <math.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/threads.h"
#include "rank/catalog.h"
#include "rank/metric.h"
#include "rank/validate.h"
#include "train/diverged.h"
#include "train/estimate.h"
#include "train/validation.h"

typedef struct validation {
    rank_task *task;
    double *weight; /* per item of the validation log, for a metric with -ips or -snips; else NULL */
} validation;

/* Epochs between validations when the caller leaves it open: 20 validations in a run, fewer where one costs more than the
 * epochs between, but 5 at least. Counted in work, not in seconds, so that it is the same on every machine: a sample costs
 * 10 ns and 0.6 ns per factor, a score 0.02 ns per factor. */
static int64_t interval_of(const train_run *run)
{
    const tamis_train_options *o = &run->options;
    if (o->validation_interval > 0) return o->validation_interval;
    double d = (double)run->model->stride;
    double epoch = (double)run->log->matrix->nnz * (double)o->negatives * (10 + 0.6 * d);
    double measuring = (double)run->validation->task->count * (double)run->model->items * 0.02 * d;
    double interval = measuring / epoch, least = (double)o->epochs / 20, most = (double)o->epochs / 5;
    if (interval < least) interval = least;
    if (interval > most) interval = most;
    return interval > 1 ? (int64_t)interval : 1;
}

static tamis_status measure(train_run *run, double *value, tamis_error *error)
{
    const tamis_train_options *o = &run->options;
    const validation *v = run->validation;
    const rank_factors factors = rank_factors_of(run->model);
    return rank_validate(&factors, v->task, o->validation_metric, v->weight, base_threads(o->threads), value, error);
}

static tamis_status after(train_run *run, tamis_epoch *epoch, tamis_error *error)
{
    const tamis_train_options *o = &run->options;
    run_best *best = &run->best;
    if (run->epoch % o->validation_interval && run->epoch < o->epochs) return TAMIS_OK;
    tamis_status status = measure(run, &epoch->validation, error);
    if (status == TAMIS_DATA) return diverged_fail(run, epoch->loss, error); /* scores overflow */
    if (status) return status;
    if (!best->epoch || epoch->validation > best->value) {
        const parameters list = model_parameters(run->model);
        parameters_copy(&list, best->arrays);
        best->value = epoch->validation;
        best->epoch = run->epoch;
        best->waited = 0;
    } else {
        run->stopped_early = ++best->waited >= o->patience && o->patience > 0;
    }
    epoch->best_validation = best->value;
    epoch->best_epoch = best->epoch;
    return TAMIS_OK;
}

/* The best epoch's parameters become the model's. */
static void end(train_run *run)
{
    const parameters list = model_parameters(run->model);
    if (run->best.epoch) parameters_restore(&list, run->best.arrays);
}

static void close(train_run *run)
{
    rank_task_free(run->validation->task);
    base_free(run->validation->weight);
    base_free(run->validation);
    base_free(run->best.arrays);
}

static const run_callback callback = {.after = after, .end = end, .close = close};

/* The metric is known, and its weights are made. */
static tamis_status weigh(train_run *run, tamis_error *error)
{
    rank_column metric;
    const tamis_log *held_out = run->held_out;
    tamis_status status = rank_metric_find(run->options.validation_metric, &metric, error);
    if (status || metric.weighting == RANK_PLAIN) return status;
    run->validation->weight = rank_click_weights(run->item_clicks, run->model->item_ids, held_out, run->options.validation_power);
    return run->validation->weight ? TAMIS_OK : base_no_memory(error, "weights of items", (size_t)held_out->items, sizeof(double));
}

tamis_status validation_open(train_run *run, tamis_error *error)
{
    const tamis_model *model = run->model;
    if (!run->held_out) return TAMIS_OK;
    const parameters list = model_parameters(run->model);
    const size_t floats = parameters_floats(&list);
    run->validation = base_alloc(1, sizeof *run->validation);
    if (!run->validation) return base_no_memory(error, "validation", 1, sizeof *run->validation);
    run->callback[run->callbacks++] = &callback;
    run->best.arrays = base_alloc_raw(floats, sizeof(float));
    if (!run->best.arrays) return base_no_memory(error, "the best epoch's factors", floats, sizeof(float));
    const rank_known known = {model->user_ids, model->item_ids, run->log->matrix};
    const rank_rules rules = {.mask_training = true, .drop_unknown = true, .relevant_from = (double)NAN};
    tamis_status status = rank_task_new(&known, run->held_out, NULL, 0, &rules, &run->validation->task, error);
    if (status) return status;
    run->validation->task->watch = &run->watch;
    status = weigh(run, error);
    if (!status) run->options.validation_interval = interval_of(run);
    return status;
}

void validation_takes(const train_plan *plan, double model, estimate *e)
{
    static const model_neighbours neighbours;
    const char *metric = plan->options->validation_metric;
    if (!plan->held_rows) return;
    const rank_factors shape = {.stride = plan->stride[0], .items = plan->items, .rows = plan->items,
                                .neighbours = plan->factorisations ? NULL : &neighbours};
    estimate_keep(e, "the best epoch's copy", model);
    estimate_keep(e, "validation", rank_task_bytes(plan->held_users, plan->held_rows, plan->interactions));
    estimate_work(e, "a validation", rank_validate_bytes(&shape, plan->held_users, plan->held_rows, metric, plan->threads));
}

int64_t validation_rows(const train_run *run)
{
    return run->validation->task->counts.rows;
}
