/* Start and end of a training run, validation, the best epoch. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/train.h"

/* Each factor starts as N(0, scale^2 / d) or U(0, scale) / sqrt(d), or where the method says; from a stream per row. */
static void start_rows(const train_state *state, int h, bool user)
{
    const train_head *head = &state->head[h];
    const method_start *uniform = state->method->start ? &state->method->start[h] : NULL;
    const int64_t rows = user ? state->model->users : state->model->items;
    const double root = sqrt((double)head->factors), scale = state->options.init_scale / root;
    const bool normal = !uniform && state->options.init == TAMIS_INIT_NORMAL;
    const double low = uniform ? (user ? uniform->user_low : uniform->item_low) / root : 0;
    const double high = uniform ? (user ? uniform->user_high : uniform->item_high) / root : scale;
    const int threads = base_threads(state->options.threads);
#pragma omp parallel for num_threads(base_team(threads)) schedule(static)
    for (int64_t r = 0; r < rows; r++) {
        base_stream stream = base_stream_key(state->options.seed, BASE_FOR_START, (uint64_t)(2 * h + !user), (uint64_t)r);
        float *row = (user ? head->user : head->item) + (size_t)r * head->stride;
        for (int64_t k = 0; k < head->factors; k++)
            row[k] = (float)(normal ? scale * base_normal(&stream) : low + (high - low) * base_uniform(&stream));
    }
}

static void regularization_default(double *role, double all)
{
    if (isnan(*role)) *role = all;
}

static const trainer *pick_trainer(const train_state *state)
{
    if (state->method->trainer == METHOD_BY_SOLVING) return &trainer_solving;
    if (state->method->trainer == METHOD_BY_CONTRAST) return &trainer_contrast;
    return state->options.batch_size > 0 ? &trainer_batches : &trainer_tiles;
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

static void put_loss(train_state *state)
{
    const tamis_loss *loss = state->options.loss;
    const method *own = state->method;
    const kernel_point_loss known = own->known_point ? own->known_point(state->options.param) : NULL;
    state->context = state->options.param;
    if (!loss && !known) return;
    state->custom = *own;
    state->method = &state->custom;
    if (known) state->custom.point = known;
    if (!loss) return;
    if (loss->pairwise)
        state->custom.pair = call_pair_loss;
    else
        state->custom.point = call_loss;
    state->context = loss;
}

/* Checks the options and looks their names up. */
static tamis_status settle(train_state *state, tamis_error *error)
{
    tamis_train_options *o = &state->options;
    tamis_status status = tamis_option_check(&train_option_table, o, error);
    if (status) return status; /* names are known from here on */
    state->method = method_find(o->method);
    put_loss(state);
    state->sampler = sampler_find(o->negative_sampling);
    state->kernel = kernel_choose();
    state->positives = positive_find(o->positive_sampling);
    state->trainer = pick_trainer(state);
    regularization_default(&o->user_regularization, o->regularization);
    regularization_default(&o->item_regularization, o->regularization);
    if (state->method->pair && o->batch_size == 0) /* elsewhere it has no part */
        regularization_default(&o->negative_regularization, o->regularization);
    regularization_default(&o->bias_regularization, o->regularization);
    return TAMIS_OK;
}

/* The model's own factors and, for a method with two heads, those of the flip probabilities. */
static tamis_status start_heads(train_state *state, tamis_error *error)
{
    const tamis_train_options *o = &state->options;
    tamis_model *model = state->model;
    state->head[0] = (train_head){model->user_factors, model->item_factors, model->stride, model->factors,
                                  o->user_regularization, o->item_regularization};
    state->heads = 1;
    if (state->method->heads) {
        tamis_status status = model_add_flip(model, o->param[METHOD_FLIP_FACTORS].integer, error);
        if (status) return status;
        double l2 = o->param[METHOD_FLIP_REGULARIZATION].real;
        state->head[state->heads++] =
            (train_head){model->flip_user, model->flip_item, model->flip_stride, model->flip_factors, l2, l2};
    }
    for (int h = 0; h < state->heads; h++) {
        start_rows(state, h, true);
        start_rows(state, h, false);
    }
    return TAMIS_OK;
}

/* Epochs between validations when the caller leaves it open: 20 validations in a run, fewer where one costs more than the
 * epochs between, but 5 at least. Counted in work, not in seconds, so that it is the same on every machine: a sample costs
 * 10 ns and 0.6 ns per factor, a score 0.02 ns per factor. */
static int64_t validation_interval(const train_state *state)
{
    const tamis_train_options *o = &state->options;
    if (o->validation_interval > 0) return o->validation_interval;
    double d = (double)state->model->stride;
    double epoch = (double)state->log->start[state->log->users.count] * (double)o->negatives * (10 + 0.6 * d);
    double validation = (double)state->validation->count * (double)state->model->items * 0.02 * d;
    double interval = validation / epoch, least = (double)o->epochs / 20, most = (double)o->epochs / 5;
    if (interval < least) interval = least;
    if (interval > most) interval = most;
    return interval > 1 ? (int64_t)interval : 1;
}

/* The model remembers as seen all of `seen`, which may hold more than what is trained on. */
tamis_status train_start(train_state *state, const tamis_log *seen, const tamis_log *validation, tamis_error *error)
{
    tamis_status status;
    state->best_value = (double)NAN;
    if ((status = settle(state, error))) return status;
    if ((status = model_new(&seen->users, &seen->items, seen->start, seen->item, seen->share, state->options.factors,
                            state->options.item_bias, &state->model, error)))
        return status;
    tamis_model *model = state->model;
    if ((status = start_heads(state, error))) return status;
    if ((status = train_weigh(state, error))) return status;
    if ((status = state->trainer->start(state, error))) return status;
    if (!validation) return TAMIS_OK;
    const parameters list = model_parameters(model);
    state->best = base_alloc_raw(parameters_floats(&list), sizeof *state->best);
    if (!state->best) return base_no_memory(error, "the best epoch's factors", parameters_floats(&list), sizeof *state->best);
    if ((status = rank_task_new(&model->user_ids, &model->item_ids, state->log->start, state->log->item, validation, NULL, 0,
                                true, &state->validation, error)))
        return status;
    state->validation->watch = &state->watch;
    rank_wanted wanted;
    int64_t cutoff;
    if ((status = rank_metric_find(state->options.validation_metric, &wanted, &cutoff, error))) return status;
    if (wanted.weighting != RANK_PLAIN) {
        state->validation_weight = rank_click_weights(state->item_clicks, &model->item_ids, validation,
                                                      state->options.validation_power);
        if (!state->validation_weight) return base_no_memory(error, "weights of items", validation->items.count, sizeof(double));
    }
    state->options.validation_interval = validation_interval(state);
    return TAMIS_OK;
}

bool train_fill_slots(train_state *state)
{
    const size_t items = (size_t)state->model->items;
    if (!state->sampler->weight) return true;
    double *weight = malloc(items * sizeof *weight);
    uint32_t *stack = malloc(items * sizeof *stack);
    state->slot = base_alloc_raw(items, sizeof *state->slot);
    bool done = weight && stack && state->slot;
    for (size_t i = 0; done && i < items; i++) weight[i] = state->sampler->weight(state->item_clicks[i], &state->options);
    if (done) sampler_fill(state->slot, weight, (uint32_t)items, stack);
    free(weight);
    free(stack);
    return done;
}

void train_clear(train_state *state)
{
    if (state->trainer) state->trainer->clear(state);
    tamis_model_free(state->model);
    rank_task_free(state->validation);
    base_free(state->validation_weight);
    base_free(state->best);
    base_free(state->item_clicks);
    base_free(state->slot);
    base_free(state->weights);
    base_free(state->pair_weights);
    base_free(state->negative_share);
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
                                        state->validation_weight, base_threads(o->threads), &report->validation, error);
    if (status) return status;
    if (!(report->validation <= state->best_value)) { /* also when there is none yet */
        state->best_value = report->validation;
        state->best_epoch = state->epoch;
        state->waited = 0;
        const parameters list = model_parameters(model);
        parameters_copy(&list, state->best);
    } else {
        *stop = ++state->waited >= o->patience && o->patience > 0;
    }
    report->best_validation = state->best_value;
    report->best_epoch = state->best_epoch;
    return TAMIS_OK;
}

void train_keep_best(train_state *state)
{
    const parameters list = model_parameters(state->model);
    if (state->best_epoch) parameters_restore(&list, state->best);
}

bool train_is_finite(const train_state *state)
{
    const parameters list = model_parameters(state->model);
    return parameters_are_finite(&list);
}
