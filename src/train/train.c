/* tamis_train(): the loop over epochs. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/train.h"

/* What the model file says about how it was made. */
static tamis_status write_notes(train_state *state, const tamis_train_report *report, tamis_error *error)
{
    const tamis_option_table *tables[] = {&train_option_table, &state->method->options};
    char text[1024], number[32];
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

static tamis_status diverged(const train_state *state, double loss, tamis_error *error)
{
    const char *also = state->options.learning_rate > 1 ? ", such as 0.05"
                       : overdecays(state)              ? " or regularization: their product is above 1"
                                                        : " or a higher --regularization";
    return base_fail(error, TAMIS_DIVERGED,
                     "training diverged in epoch %lld (loss %g, learning rate %g); use a lower --learning-rate%s",
                     (long long)state->epoch, isnan(loss) ? (double)NAN : loss, state->options.learning_rate,
                     also);
}

static tamis_status run(train_state *state, const tamis_progress *progress, tamis_train_report *report, tamis_error *error)
{
    tamis_status status;
    bool stop = false;
    while (state->epoch < state->options.epochs && !stop) {
        tamis_epoch epoch;
        if ((status = train_epoch(state, &epoch, error))) return status;
        if (!isfinite(epoch.loss)) return diverged(state, epoch.loss, error);
        if ((state->validation || state->epoch == state->options.epochs) && !train_is_finite(state))
            return diverged(state, epoch.loss, error);
        if ((status = train_validate(state, &epoch, &stop, error))) return status;
        report->stopped_early = stop;
        if (progress && progress->call && progress->call(progress->context, &epoch)) {
            report->interrupted = state->epoch < state->options.epochs && !stop;
            stop = true;
            if (!train_is_finite(state)) return diverged(state, epoch.loss, error);
        }
    }
    train_keep_best(state);
    report->epochs = state->epoch;
    report->kept_epoch = state->best_epoch ? state->best_epoch : state->epoch;
    report->validation = state->best_value;
    report->seconds = state->total_seconds;
    report->samples = state->total_samples;
    return write_notes(state, report, error);
}

tamis_status tamis_train(const tamis_log *log, const tamis_log *validation, const tamis_train_options *options,
                         const tamis_progress *progress, tamis_model **model, tamis_train_report *out, tamis_error *error)
{
    train_state state = {0};
    tamis_train_report report = {0};
    tamis_log *train = NULL, *held = NULL;
    tamis_status status = TAMIS_OK;
    *model = NULL;
    base_clear(error);
    if (options)
        state.options = *options;
    else
        status = tamis_train_options_default(&state.options, NULL, error);
    if (!status && validation && state.options.validation_ratio > 0)
        status = base_fail(error, TAMIS_USAGE, "give a validation log or --validation-ratio, not both");
    if (!status && state.options.validation_ratio > 0) {
        tamis_split_options split;
        tamis_split_options_default(&split);
        split.test_ratio = 0;
        split.validation_ratio = state.options.validation_ratio;
        split.seed = state.options.seed;
        status = tamis_log_split(log, &split, &train, &held, NULL, error);
        if (!status && tamis_log_interactions(held) == 0)
            status = base_fail(error, TAMIS_USAGE, "--validation-ratio %g holds nothing out: each user's share is rounded, and one "
                               "interaction stays; expected a higher ratio, or users with more interactions", split.validation_ratio);
    }
    state.log = train ? train : log;
    if (!status) status = train_start(&state, log, held ? held : validation, error);
    if (!status) status = run(&state, progress, &report, error);
    if (!status) {
        *model = state.model;
        state.model = NULL;
    }
    if (out) *out = report;
    train_clear(&state);
    tamis_log_free(train);
    tamis_log_free(held);
    return status;
}
