/* A training run as an object, and tamis_train(), the loop over its epochs. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/train.h"

/* What the model file says about how it was made. */
tamis_status train_write_notes(train_state *state, const tamis_train_report *report, tamis_error *error)
{
    const tamis_option_table *tables[] = {&train_option_table, &state->method->options};
    char text[PATH_MAX + 1], number[32]; /* the longest is a path */
    bool done = model_add_note(state->model, "version", tamis_version());
    for (size_t t = 0; t < BASE_COUNT(tables); t++)
        for (size_t k = 0; k < tables[t]->count; k++) {
            const tamis_option *row = &tables[t]->rows[k];
            if (strcmp(row->name, "threads") == 0) continue; /* never changes the result */
            done = done && model_add_note(state->model, row->name,
                                          tamis_option_text(row, &state->options, text, sizeof text));
        }
    if (state->options.loss) done = done && model_add_note(state->model, "own-loss", state->options.loss->name);
    snprintf(text, sizeof text, "%lld", (long long)report->epochs);
    done = done && model_add_note(state->model, "epochs-trained", text);
    snprintf(text, sizeof text, "%lld", (long long)report->kept_epoch);
    done = done && model_add_note(state->model, "epoch-kept", text);
    snprintf(text, sizeof text, "%lld", (long long)report->within);
    if (report->within) done = done && model_add_note(state->model, "stopped-within-epoch", text);
    if (state->validation) {
        snprintf(text, sizeof text, "%lld", (long long)state->validation->counts.rows);
        done = done && model_add_note(state->model, "validation-rows", text);
    }
    if (!isnan(report->validation))
        done = done && model_add_note(state->model, "validation", base_real_text(report->validation, number));
    return done ? TAMIS_OK : base_no_memory(error, "the model's notes", 1, 4096);
}

/* Whether a step takes more than a whole row away as L2's share. */
static bool overdecays(const train_state *state)
{
    double most = 0;
    for (int h = 0; h < state->heads; h++) {
        const train_head *head = &state->head[h];
        most = fmax(most, fmax(head->user_regularization, head->item_regularization));
    }
    return state->options.learning_rate * most > 1;
}

/* Advice names what the method has: solving takes no steps, and cosines know no L2 weight. */
static tamis_status diverged(const train_state *state, double loss, tamis_error *error)
{
    const double rate = state->options.learning_rate;
    const long long epoch = (long long)(state->within ? state->within : state->epoch);
    tamis_train_options usual;
    char lower[40] = "";
    if (isnan(loss)) loss = (double)NAN; /* no sign */
    if (state->method->trainer == METHOD_BY_SOLVING)
        return base_fail(error, TAMIS_DIVERGED, "training diverged in epoch %lld (loss %g); take --regularization and %s's own "
                         "options nearer to their defaults", epoch, loss, state->method->name);
    (void)tamis_train_options_default(&usual, state->method->name, NULL);
    if (rate > usual.learning_rate) base_format(lower, sizeof lower, ", such as %g", usual.learning_rate);
    return base_fail(error, TAMIS_DIVERGED, "training diverged in epoch %lld (loss %g, learning rate %g); use a lower --learning-rate%s",
                     epoch, loss, rate, *lower ? lower : overdecays(state) ? ": its product with the L2 weight is above 1"
                     : state->method->trainer == METHOD_BY_CONTRAST ? "" : " or a higher --regularization");
}

/* Validation parts that the options ask to be cut from the log. */
static tamis_status cut_validation(tamis_trainer *t, const tamis_log *log, tamis_error *error)
{
    const double ratio = t->state.options.validation_ratio;
    tamis_split_options split;
    tamis_split_options_default(&split);
    split.test_ratio = 0;
    split.validation_ratio = ratio;
    split.seed = t->state.options.seed;
    tamis_status status = tamis_log_split(log, &split, &t->train, &t->held, NULL, error);
    if (!status && tamis_log_interactions(t->held) == 0)
        status = base_fail(error, TAMIS_USAGE, "--validation-ratio %g holds nothing out: each user's share is rounded, and one "
                           "interaction stays; expected a higher ratio, or users with more interactions", ratio);
    return status;
}

tamis_status tamis_trainer_new(const tamis_log *log, const tamis_log *validation, const tamis_train_options *options,
                               tamis_trainer **out, tamis_error *error)
{
    tamis_status status = TAMIS_OK;
    *out = NULL;
    base_clear(error);
    tamis_trainer *t = base_alloc(1, sizeof *t);
    if (!t) return base_no_memory(error, "a training run", 1, sizeof *t);
    if (options)
        t->state.options = *options;
    else
        status = tamis_train_options_default(&t->state.options, NULL, error);
    if (!status && validation && t->state.options.validation_ratio > 0)
        status = base_fail(error, TAMIS_USAGE, "give a validation log or --validation-ratio, not both");
    if (!status && t->state.options.validation_ratio > 0) status = cut_validation(t, log, error);
    t->state.log = t->train ? t->train : log;
    t->state.watch.stop = t->state.options.stop;
    t->state.seen = log;
    t->state.held_out = t->held ? t->held : validation;
    if (!status) status = train_start(&t->state, log, t->state.held_out, error);
    if (status) {
        tamis_trainer_free(t);
        return status;
    }
    *out = t;
    return TAMIS_OK;
}

int tamis_trainer_done(const tamis_trainer *t)
{
    return t->state.epoch >= t->state.options.epochs || t->state.stopped_early || base_stopped(&t->state.watch);
}

tamis_status tamis_trainer_epoch(tamis_trainer *t, tamis_epoch *epoch, tamis_error *error)
{
    train_state *state = &t->state;
    base_clear(error);
    if (tamis_trainer_done(t))
        return base_fail(error, TAMIS_USAGE, "the training is over after %lld epochs; expected to be asked no more",
                         (long long)state->epoch);
    tamis_status status = train_epoch(state, epoch, error);
    if (status) return status;
    if (!isfinite(epoch->loss)) return diverged(state, epoch->loss, error);
    const bool looked_at = state->validation || state->epoch == state->options.epochs;
    if (looked_at && !train_is_finite(state)) return diverged(state, epoch->loss, error);
    status = train_validate(state, epoch, &state->stopped_early, error);
    return status == TAMIS_DATA ? diverged(state, epoch->loss, error) : status; /* scores overflow */
}

const tamis_model *tamis_trainer_model(const tamis_trainer *t)
{
    return t->state.model;
}

tamis_train_report train_report(const train_state *state)
{
    return (tamis_train_report){.epochs = state->epoch,
                                .within = state->within,
                                .kept_epoch = state->best_epoch ? state->best_epoch : state->within ? state->within : state->epoch,
                                .validation = state->best_value,
                                .seconds = state->total_seconds,
                                .samples = state->total_samples,
                                .stopped_early = state->stopped_early,
                                .interrupted = (state->epoch < state->options.epochs && !state->stopped_early) ||
                                               base_stopped(&state->watch)};
}

tamis_status tamis_trainer_finish(tamis_trainer *t, tamis_model **model, tamis_train_report *out, tamis_error *error)
{
    train_state *state = &t->state;
    const tamis_train_report report = train_report(state);
    *model = NULL;
    base_clear(error);
    tamis_status status = TAMIS_OK;
    if (report.interrupted && !state->best_epoch && !train_is_finite(state)) status = diverged(state, (double)NAN, error);
    if (!status) {
        train_keep_best(state);
        status = train_write_notes(state, &report, error);
    }
    if (!status) {
        *model = state->model;
        state->model = NULL;
        if (out) *out = report;
    }
    tamis_trainer_free(t);
    return status;
}

void tamis_trainer_free(tamis_trainer *t)
{
    if (!t) return;
    train_clear(&t->state);
    tamis_log_free(t->train);
    tamis_log_free(t->held);
    tamis_model_free(t->origin);
    base_free(t);
}

tamis_status tamis_train(const tamis_log *log, const tamis_log *validation, const tamis_train_options *options,
                         const tamis_progress *progress, tamis_model **model, tamis_train_report *report, tamis_error *error)
{
    tamis_trainer *run;
    tamis_epoch epoch;
    bool stop = false;
    *model = NULL;
    if (report) *report = (tamis_train_report){0};
    tamis_status status = tamis_trainer_new(log, validation, options, &run, error);
    while (!status && !stop && !tamis_trainer_done(run)) {
        status = tamis_trainer_epoch(run, &epoch, error);
        stop = !status && progress && progress->call && progress->call(progress->context, &epoch);
    }
    const bool begun = run && (run->state.epoch > 0 || run->state.within > 0);
    if (!status || (status == TAMIS_STOPPED && begun)) return tamis_trainer_finish(run, model, report, error);
    tamis_trainer_free(run);
    return status;
}
