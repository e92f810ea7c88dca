/* Start and end of a training run: options are checked and looked up, data cut, parameters drawn. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/random.h"
#include "base/status.h"
#include "base/threads.h"
#include "train/dislikes.h"
#include "train/fit.h"
#include "train/look_up.h"
#include "train/memory.h"
#include "train/reweigh.h"
#include "train/row_weights.h"
#include "train/start.h"
#include "train/told.h"
#include "train/warm.h"
#include "train/weigh.h"

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
        base_stream stream = base_stream_key(run->options.seed, BASE_FOR_START, 2 * (uint64_t)h + !user, (uint64_t)r);
        float *row = (user ? factors->user : factors->item) + (size_t)r * factors->stride;
        for (int64_t k = 0; k < factors->width; k++)
            row[k] = (float)(normal ? scale * base_normal(&stream) : low + (high - low) * base_uniform(&stream));
    }
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
    for (int h = 0; h < run->factorisations && model->factors > 0; h++) { /* item-item models have none */
        start_rows(run, h, true);
        start_rows(run, h, false);
    }
    return TAMIS_OK;
}

/* Validation parts that the options ask to be cut from the log. */
static tamis_status cut_validation(train_run *run, const tamis_log *log, tamis_error *error)
{
    const double ratio = run->options.validation_ratio;
    tamis_split_options split;
    tamis_split_options_default(&split);
    split.test_ratio = 0;
    split.validation_ratio = ratio;
    split.seed = run->options.seed;
    tamis_status status = tamis_log_split(log, &split, &run->train_part, &run->held_part, NULL, error);
    if (!status && tamis_log_interactions(run->held_part) == 0)
        status = base_fail(error, TAMIS_USAGE, "--validation-ratio %g holds nothing out: each user's share is rounded, and one "
                           "interaction stays; expected a higher ratio, or users with more interactions", ratio);
    return status;
}

static tamis_status take_data(train_run *run, const tamis_log *log, const tamis_log *validation, tamis_error *error)
{
    tamis_status status = TAMIS_OK;
    if (run->options.validation_ratio > 0) {
        if (validation) return base_fail(error, TAMIS_USAGE, "give a validation log or --validation-ratio, not both");
        status = cut_validation(run, log, error);
    }
    run->seen = log;
    run->log = run->train_part ? run->train_part : log;
    run->held_out = run->held_part ? run->held_part : validation;
    return status;
}

tamis_status run_start(train_run *run, const tamis_log *log, const tamis_log *validation, const tamis_train_options *options,
                       tamis_error *error)
{
    run->best.value = (double)NAN;
    tamis_status status = run_take_options(options, &run->options, error);
    if (!status) status = memory_fit(run, log, validation, error);
    if (!status) status = take_data(run, log, validation, error);
    if (!status) told_automatic(&run->options, run->automatic, sizeof run->automatic);
    if (!status) status = fit_options(&run->options, run->log, error);
    if (!status) status = reweigh_log(run, error);
    if (!status) run_look_up(run);
    run->watch.stop = run->options.stop;
    /* the model remembers the whole log as seen, also what was cut off for validation */
    if (!status)
        status = model_new(log->user_ids, log->item_ids, log->matrix, run_width(run), run_has_bias(run), &run->model, error);
    if (!status) status = model_set_dislikes(run->model, log->dislikes, error);
    if (!status) status = start_factors(run, error);
    if (!status && run->from) status = warm_start(run, error);
    if (!status) status = weigh_samples(run, error);
    if (!status) status = row_weights_open(run, error);
    if (!status) dislikes_open(run);
    return status ? status : run->trainer->open(run, error);
}

void run_clear(train_run *run)
{
    if (run->trainer) run->trainer->close(run);
    tamis_model_free(run->model);
    void *const arrays[] = {run->item_clicks, run->user_of, run->slot, run->weights, run->pair_weights, run->row_weights, run->row_ends,
                            run->negative_scale};
    for (size_t k = 0; k < BASE_COUNT(arrays); k++) base_free(arrays[k]);
    tamis_log_free(run->reweighed);
    tamis_log_free(run->train_part);
    tamis_log_free(run->held_part);
    tamis_log_free(run->joined);
    tamis_model_free(run->origin);
    tamis_model_free(run->from);
    free(run->fell_back);
    *run = (train_run){0};
}
