/* Start and end of a training run, validation, the best epoch. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/train.h"

/* Each factor starts as N(0, scale^2 / d), from a stream per row. */
static void start_rows(float *rows, int64_t count, const tamis_model *model, const tamis_train_options *o, uint64_t side)
{
    const double scale = o->init_scale / sqrt((double)model->factors);
    const int threads = base_threads(o->threads);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int64_t r = 0; r < count; r++) {
        base_stream stream = base_stream_key(o->seed, BASE_FOR_START, side, (uint64_t)r);
        for (int64_t k = 0; k < model->factors; k++)
            rows[(size_t)r * model->stride + (size_t)k] = (float)(scale * base_normal(&stream));
    }
}

static void regularization_default(double *role, double all)
{
    if (isnan(*role)) *role = all;
}

/* Checks the options and looks their names up. */
static tamis_status settle(train_state *state, tamis_error *error)
{
    tamis_train_options *o = &state->options;
    tamis_status status = tamis_option_check(&train_option_table, o, error);
    if (status) return status; /* names are known from here on */
    state->method = method_find(o->method);
    state->sampler = sampler_find(o->negative_sampling);
    state->kernel = kernel_choose();
    state->personal = strcmp(o->positive_sampling, "pld") == 0;
    state->trainer = o->batch_size > 0 ? &trainer_batches : &trainer_tiles;
    regularization_default(&o->user_regularization, o->regularization);
    regularization_default(&o->item_regularization, o->regularization);
    regularization_default(&o->negative_regularization, o->regularization);
    regularization_default(&o->bias_regularization, o->regularization);
    return TAMIS_OK;
}

static size_t parameter_count(const tamis_model *model)
{
    return (size_t)(model->users + model->items) * model->stride + (model->item_bias ? (size_t)model->items : 0);
}

/* Copies the parameters to or from the best epoch's place. */
static void copy_parameters(float *place, tamis_model *model, bool to_place)
{
    float *part[] = {model->user_factors, model->item_factors, model->item_bias};
    size_t size[] = {(size_t)model->users * model->stride, (size_t)model->items * model->stride, (size_t)model->items};
    for (size_t k = 0; k < BASE_COUNT(part); k++) {
        if (!part[k]) continue;
        memcpy(to_place ? place : part[k], to_place ? part[k] : place, size[k] * sizeof(float));
        place += size[k];
    }
}

static tamis_status count_clicks(train_state *state, tamis_error *error)
{
    const tamis_log *log = state->log;
    state->item_clicks = base_alloc(log->items.count, sizeof *state->item_clicks);
    if (!state->item_clicks) return base_no_memory(error, "item counts", log->items.count, sizeof *state->item_clicks);
    for (int64_t k = 0; k < log->start[log->users.count]; k++) state->item_clicks[log->item[k]]++;
    return TAMIS_OK;
}

/* Epochs between validations when the caller leaves it open: as many as cost about one validation. Counted in work, not
 * in seconds, so that it is the same on every machine: a sample costs 10 ns and 0.6 ns per factor, a score 0.02 ns. */
static int64_t validation_interval(const train_state *state)
{
    const tamis_train_options *o = &state->options;
    if (o->validation_interval > 0) return o->validation_interval;
    double d = (double)state->model->stride;
    double epoch = (double)state->log->start[state->log->users.count] * (double)o->negatives * (10 + 0.6 * d);
    double validation = (double)state->validation->count * (double)state->model->items * 0.02 * d;
    double interval = validation / epoch, most = (double)o->epochs / 20;
    if (interval > most) interval = most;
    return interval > 1 ? (int64_t)interval : 1;
}

/* The model remembers as seen all of `seen`, which may hold more than what is trained on. */
tamis_status train_start(train_state *state, const tamis_log *seen, const tamis_log *validation, tamis_error *error)
{
    tamis_status status;
    state->best_value = (double)NAN;
    if ((status = settle(state, error))) return status;
    if ((status = model_new(&seen->users, &seen->items, seen->start, seen->item, state->options.factors,
                            state->options.item_bias, &state->model, error)))
        return status;
    tamis_model *model = state->model;
    start_rows(model->user_factors, model->users, model, &state->options, 0);
    start_rows(model->item_factors, model->items, model, &state->options, 1);
    state->heads = 1;
    state->head[0] = (train_head){model->user_factors, model->item_factors, model->stride, model->factors,
                                  state->options.user_regularization, state->options.item_regularization};
    if ((status = count_clicks(state, error))) return status;
    if ((status = state->trainer->start(state, error))) return status;
    if (!validation) return TAMIS_OK;
    state->best = base_alloc_raw(parameter_count(model), sizeof *state->best);
    if (!state->best) return base_no_memory(error, "the best epoch's factors", parameter_count(model), sizeof *state->best);
    if ((status = rank_task_new(&model->user_ids, &model->item_ids, state->log->start, state->log->item, validation, NULL, 0,
                                true, &state->validation, error)))
        return status;
    state->options.validation_interval = validation_interval(state);
    return TAMIS_OK;
}

void train_clear(train_state *state)
{
    if (state->trainer) state->trainer->clear(state);
    tamis_model_free(state->model);
    rank_task_free(state->validation);
    base_free(state->best);
    base_free(state->item_clicks);
    *state = (train_state){0};
}

tamis_status train_validate(train_state *state, tamis_epoch *report, bool *stop, tamis_error *error)
{
    const tamis_train_options *o = &state->options;
    tamis_model *model = state->model;
    *stop = false;
    if (!state->validation || (state->epoch % o->validation_interval && state->epoch < o->epochs)) return TAMIS_OK;
    tamis_status status = rank_validate(model->user_factors, model->item_factors, model->item_bias, model->stride,
                                        model->factors, model->items, state->validation, o->validation_metric,
                                        base_threads(o->threads), &report->validation, error);
    if (status) return status;
    if (!(report->validation <= state->best_value)) { /* also when there is none yet */
        state->best_value = report->validation;
        state->best_epoch = state->epoch;
        state->waited = 0;
        copy_parameters(state->best, model, true);
    } else {
        *stop = ++state->waited >= o->patience && o->patience > 0;
    }
    report->best_validation = state->best_value;
    report->best_epoch = state->best_epoch;
    return TAMIS_OK;
}

void train_keep_best(train_state *state)
{
    if (state->best_epoch) copy_parameters(state->best, state->model, false);
}

bool train_is_finite(const train_state *state)
{
    const tamis_model *model = state->model;
    const float *part[] = {model->user_factors, model->item_factors, model->item_bias};
    size_t size[] = {(size_t)model->users * model->stride, (size_t)model->items * model->stride,
                     model->item_bias ? (size_t)model->items : 0};
    float sum = 0; /* x - x is zero unless x is infinite or NaN */
    for (size_t part_index = 0; part_index < BASE_COUNT(part); part_index++)
        for (size_t k = 0; k < size[part_index]; k++) sum += part[part_index][k] - part[part_index][k];
    return sum == 0;
}
