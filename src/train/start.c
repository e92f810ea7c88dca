/* Start and end of a training run, validation, the best epoch. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/option.h"
#include "base/random.h"
#include "base/status.h"
#include "base/threads.h"
#include "rank/catalog.h"
#include "rank/metric.h"
#include "rank/validate.h"
#include "train/train.h"

/* Each factor starts as N(0, scale^2 / d) or U(0, scale) / sqrt(d), or where the method says; from a stream per row. */
static void start_rows(const train_run *run, int h, bool user)
{
    const train_factors *factors = &run->factors[h];
    const method_start *uniform = run->method->start ? &run->method->start[h] : NULL;
    const int64_t rows = user ? run->model->users : run->model->items;
    const double root = sqrt((double)factors->width), scale = run->options.init_scale / root;
    const bool normal = !uniform && run->options.init == TAMIS_INIT_NORMAL;
    const double low = uniform ? (user ? uniform->user_low : uniform->item_low) / root : 0;
    const double high = uniform ? (user ? uniform->user_high : uniform->item_high) / root : scale;
    const int threads = base_threads(run->options.threads);
#pragma omp parallel for num_threads(base_team(threads)) schedule(static)
    for (int64_t r = 0; r < rows; r++) {
        base_stream stream = base_stream_key(run->options.seed, BASE_FOR_START, (uint64_t)(2 * h + !user), (uint64_t)r);
        float *row = (user ? factors->user : factors->item) + (size_t)r * factors->stride;
        for (int64_t k = 0; k < factors->width; k++)
            row[k] = (float)(normal ? scale * base_normal(&stream) : low + (high - low) * base_uniform(&stream));
    }
}

static void regularization_default(double *role, double all)
{
    if (isnan(*role)) *role = all;
}

static const trainer *pick_trainer(const train_run *run)
{
    if (run->method->trainer == METHOD_BY_ALS) return &trainer_als;
    if (run->method->trainer == METHOD_BY_SOFTMAX) return &trainer_softmax;
    return run->options.batch_size > 0 ? &trainer_minibatch : &trainer_sgd;
}

/* The caller's loss, as the trainers call it. */
static float call_loss(const void *context, float score, float label, double *loss)
{
    const tamis_loss *own = context;
    double derivative = 0;
    *loss += own->call(own->context, (double)score, (double)label, &derivative);
    return (float)-derivative;
}

static float call_pair_loss(const void *context, float x, double *loss)
{
    return call_loss(context, x, 1, loss);
}

static void put_loss(train_run *run)
{
    const tamis_loss *loss = run->options.loss;
    const method *own = run->method;
    const kernel_point_loss known = own->known_point ? own->known_point(run->options.param) : NULL;
    run->context = run->options.param;
    if (!loss && !known) return;
    run->custom = *own;
    run->method = &run->custom;
    if (known) run->custom.point = known;
    if (!loss) return;
    if (loss->pairwise)
        run->custom.pair = call_pair_loss;
    else
        run->custom.point = call_loss;
    run->context = loss;
}

/* Checks the options and looks their names up. */
static tamis_status settle(train_run *run, tamis_error *error)
{
    tamis_train_options *o = &run->options;
    tamis_status status = base_option_check(&train_option_table, o, error);
    if (status) return status; /* names are known from here on */
    run->method = method_find(o->method);
    put_loss(run);
    run->sampler = sampler_find(o->negative_sampling);
    run->kernel = kernel_choose();
    run->positives = positive_find(o->positive_sampling);
    run->trainer = pick_trainer(run);
    regularization_default(&o->user_regularization, o->regularization);
    regularization_default(&o->item_regularization, o->regularization);
    if (run->method->pair && o->batch_size == 0) /* elsewhere it has no part */
        regularization_default(&o->negative_regularization, o->regularization);
    regularization_default(&o->bias_regularization, o->regularization);
    return TAMIS_OK;
}

/* The model's own factors and, for a method with two factorisations, those of the flip probabilities. */
static tamis_status start_factors(train_run *run, tamis_error *error)
{
    const tamis_train_options *o = &run->options;
    tamis_model *model = run->model;
    run->factors[0] = (train_factors){model->user_factors, model->item_factors, model->stride, model->factors,
                                  o->user_regularization, o->item_regularization};
    run->factorisations = 1;
    if (run->method->two_scores) {
        tamis_status status = model_add_flip(model, o->param[METHOD_FLIP_FACTORS].integer, error);
        if (status) return status;
        double l2 = o->param[METHOD_FLIP_REGULARIZATION].real;
        run->factors[run->factorisations++] =
            (train_factors){model->flip_user, model->flip_item, model->flip_stride, model->flip_factors, l2, l2};
    }
    for (int h = 0; h < run->factorisations; h++) {
        start_rows(run, h, true);
        start_rows(run, h, false);
    }
    return TAMIS_OK;
}

/* Epochs between validations when the caller leaves it open: 20 validations in a run, fewer where one costs more than the
 * epochs between, but 5 at least. Counted in work, not in seconds, so that it is the same on every machine: a sample costs
 * 10 ns and 0.6 ns per factor, a score 0.02 ns per factor. */
static int64_t validation_interval(const train_run *run)
{
    const tamis_train_options *o = &run->options;
    if (o->validation_interval > 0) return o->validation_interval;
    double d = (double)run->model->stride;
    double epoch = (double)run->log->matrix->nnz * (double)o->negatives * (10 + 0.6 * d);
    double validation = (double)run->validation->count * (double)run->model->items * 0.02 * d;
    double interval = validation / epoch, least = (double)o->epochs / 20, most = (double)o->epochs / 5;
    if (interval < least) interval = least;
    if (interval > most) interval = most;
    return interval > 1 ? (int64_t)interval : 1;
}

/* The model remembers as seen all of `seen`, which may hold more than what is trained on. */
tamis_status train_start(train_run *run, const tamis_log *seen, const tamis_log *validation, tamis_error *error)
{
    tamis_status status;
    run->best_value = (double)NAN;
    if ((status = settle(run, error))) return status;
    if ((status = model_new(seen->user_ids, seen->item_ids, seen->matrix, run->options.factors,
                            run->options.item_bias, &run->model, error)))
        return status;
    tamis_model *model = run->model;
    if ((status = start_factors(run, error))) return status;
    if ((status = train_weigh(run, error))) return status;
    if ((status = run->trainer->open(run, error))) return status;
    if (!validation) return TAMIS_OK;
    const parameters list = model_parameters(model);
    run->best = base_alloc_raw(parameters_floats(&list), sizeof *run->best);
    if (!run->best) return base_no_memory(error, "the best epoch's factors", parameters_floats(&list), sizeof *run->best);
    const rank_known known = {model->user_ids, model->item_ids, run->log->matrix};
    const rank_rules rules = {.mask_training = true, .drop_unknown = true, .relevant_from = (double)NAN};
    if ((status = rank_task_new(&known, validation, NULL, 0, &rules, &run->validation, error))) return status;
    run->validation->watch = &run->watch;
    rank_column metric;
    if ((status = rank_metric_find(run->options.validation_metric, &metric, error))) return status;
    if (metric.weighting != RANK_PLAIN) {
        run->validation_weight = rank_click_weights(run->item_clicks, model->item_ids, validation,
                                                      run->options.validation_power);
        if (!run->validation_weight) return base_no_memory(error, "weights of items", (size_t)validation->items, sizeof(double));
    }
    run->options.validation_interval = validation_interval(run);
    return TAMIS_OK;
}

bool train_fill_slots(train_run *run)
{
    const size_t items = (size_t)run->model->items;
    if (!run->sampler->weight) return true;
    double *weight = malloc(items * sizeof *weight);
    uint32_t *stack = malloc(items * sizeof *stack);
    run->slot = base_alloc_raw(items, sizeof *run->slot);
    bool done = weight && stack && run->slot;
    for (size_t i = 0; done && i < items; i++) weight[i] = run->sampler->weight(run->item_clicks[i], &run->options);
    if (done) sampler_fill(run->slot, weight, (uint32_t)items, stack);
    free(weight);
    free(stack);
    return done;
}

void train_clear(train_run *run)
{
    if (run->trainer) run->trainer->close(run);
    tamis_model_free(run->model);
    rank_task_free(run->validation);
    base_free(run->validation_weight);
    base_free(run->best);
    base_free(run->item_clicks);
    base_free(run->slot);
    base_free(run->weights);
    base_free(run->pair_weights);
    base_free(run->negative_share);
    tamis_log_free(run->train_part);
    tamis_log_free(run->held_part);
    tamis_model_free(run->origin);
    *run = (train_run){0};
}

tamis_status train_validate(train_run *run, tamis_epoch *report, bool *stop, tamis_error *error)
{
    const tamis_train_options *o = &run->options;
    tamis_model *model = run->model;
    *stop = false;
    if (!run->validation || (run->epoch % o->validation_interval && run->epoch < o->epochs)) return TAMIS_OK;
    const rank_factors factors = rank_factors_of(model);
    tamis_status status = rank_validate(&factors, run->validation, o->validation_metric, run->validation_weight,
                                        base_threads(o->threads), &report->validation, error);
    if (status) return status;
    if (!(report->validation <= run->best_value)) { /* also when there is none yet */
        run->best_value = report->validation;
        run->best_epoch = run->epoch;
        run->waited = 0;
        const parameters list = model_parameters(model);
        parameters_copy(&list, run->best);
    } else {
        *stop = ++run->waited >= o->patience && o->patience > 0;
    }
    report->best_validation = run->best_value;
    report->best_epoch = run->best_epoch;
    return TAMIS_OK;
}

void train_keep_best(train_run *run)
{
    const parameters list = model_parameters(run->model);
    if (run->best_epoch) parameters_restore(&list, run->best);
}

bool train_is_finite(const train_run *run)
{
    const parameters list = model_parameters(run->model);
    return parameters_are_finite(&list);
}
