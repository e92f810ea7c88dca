/* A training run as an object, and tamis_train(), the loop over its epochs. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/locale.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/status.h"
#include "base/text.h"
#include "base/watch.h"
#include "train/train.h"

/* What the model file says about how it was made. */
tamis_status train_write_notes(train_run *run, const tamis_train_report *report, tamis_error *error)
{
    const tamis_option_table *tables[] = {&train_option_table, &run->method->options};
    char text[PATH_MAX + 1], number[32]; /* the longest is a path */
    bool done = model_add_note(run->model, "version", tamis_version());
    for (size_t t = 0; t < BASE_COUNT(tables); t++)
        for (size_t k = 0; k < tables[t]->count; k++) {
            const tamis_option *row = &tables[t]->rows[k];
            if (strcmp(row->name, "threads") == 0) continue; /* never changes the result */
            done = done && model_add_note(run->model, row->name,
                                          base_option_text(row, &run->options, text, sizeof text));
        }
    if (run->options.loss) done = done && model_add_note(run->model, "own-loss", run->options.loss->name);
    snprintf(text, sizeof text, "%lld", (long long)report->epochs);
    done = done && model_add_note(run->model, "epochs-trained", text);
    snprintf(text, sizeof text, "%lld", (long long)report->kept_epoch);
    done = done && model_add_note(run->model, "epoch-kept", text);
    snprintf(text, sizeof text, "%lld", (long long)report->within);
    if (report->within) done = done && model_add_note(run->model, "stopped-within-epoch", text);
    if (run->validation) {
        snprintf(text, sizeof text, "%lld", (long long)run->validation->counts.rows);
        done = done && model_add_note(run->model, "validation-rows", text);
    }
    if (!isnan(report->validation))
        done = done && model_add_note(run->model, "validation", base_real_text(report->validation, number));
    return done ? TAMIS_OK : base_no_memory(error, "the model's notes", 1, 4096);
}

/* Whether a step takes more than a whole row away as L2's share. */
static bool overdecays(const train_run *run)
{
    double most = 0;
    for (int h = 0; h < run->factorisations; h++) {
        const train_factors *factors = &run->factors[h];
        most = fmax(most, fmax(factors->user_regularization, factors->item_regularization));
    }
    return run->options.learning_rate * most > 1;
}

/* Advice names what the method has: solving takes no steps, and cosines know no L2 weight. */
static tamis_status diverged(const train_run *run, double loss, tamis_error *error)
{
    const double rate = run->options.learning_rate;
    const long long epoch = (long long)(run->within ? run->within : run->epoch);
    tamis_train_options usual;
    char lower[40] = "";
    if (isnan(loss)) loss = (double)NAN; /* no sign */
    if (run->method->trainer == METHOD_BY_ALS)
        return base_fail(error, TAMIS_DIVERGED, "training diverged in epoch %lld (loss %g); take --regularization and %s's own "
                         "options nearer to their defaults", epoch, loss, run->method->name);
    (void)tamis_train_options_default(&usual, run->method->name, NULL);
    if (rate > usual.learning_rate) base_format(lower, sizeof lower, ", such as %g", usual.learning_rate);
    return base_fail(error, TAMIS_DIVERGED, "training diverged in epoch %lld (loss %g, learning rate %g); use a lower --learning-rate%s",
                     epoch, loss, rate, *lower ? lower : overdecays(run) ? ": its product with the L2 weight is above 1"
                     : run->method->trainer == METHOD_BY_SOFTMAX ? "" : " or a higher --regularization");
}

/* Validation parts that the options ask to be cut from the log. */
static tamis_status cut_validation(tamis_trainer *run, const tamis_log *log, tamis_error *error)
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

/* The caller's options over the defaults of its method. */
static tamis_status take_options(const tamis_train_options *given, tamis_train_options *own, tamis_error *error)
{
    tamis_train_options wanted = {0};
    tamis_status status = base_option_adopt(given, &wanted, sizeof wanted, error);
    if (!status) status = tamis_train_options_default(own, wanted.method, error);
    return status ? status : base_option_adopt(given, own, sizeof *own, error);
}

tamis_status tamis_trainer_new(const tamis_log *log, const tamis_log *validation, const tamis_train_options *options,
                               tamis_trainer **out, tamis_error *error)
{
    *out = NULL;
    base_clear(error);
    if (!log) return base_null(error, "the log");
    tamis_trainer *run = base_alloc(1, sizeof *run);
    if (!run) return base_no_memory(error, "a training run", 1, sizeof *run);
    tamis_status status = take_options(options, &run->options, error);
    if (!status && validation && run->options.validation_ratio > 0)
        status = base_fail(error, TAMIS_USAGE, "give a validation log or --validation-ratio, not both");
    if (!status && run->options.validation_ratio > 0) status = cut_validation(run, log, error);
    run->log = run->train_part ? run->train_part : log;
    run->watch.stop = run->options.stop;
    run->seen = log;
    run->held_out = run->held_part ? run->held_part : validation;
    if (!status) status = train_start(run, log, run->held_out, error);
    if (status) {
        tamis_trainer_free(run);
        return status;
    }
    *out = run;
    return TAMIS_OK;
}

int tamis_trainer_done(const tamis_trainer *run)
{
    return run->epoch >= run->options.epochs || run->stopped_early || base_stopped(&run->watch);
}

tamis_status tamis_trainer_epoch(tamis_trainer *run, tamis_epoch *epoch, tamis_error *error)
{
    base_clear(error);
    if (tamis_trainer_done(run))
        return base_fail(error, TAMIS_USAGE, "the training is over after %lld epochs; expected to be asked no more",
                         (long long)run->epoch);
    tamis_status status = train_epoch(run, epoch, error);
    if (status) return status;
    if (!isfinite(epoch->loss)) return diverged(run, epoch->loss, error);
    const bool looked_at = run->validation || run->epoch == run->options.epochs;
    if (looked_at && !train_is_finite(run)) return diverged(run, epoch->loss, error);
    status = train_validate(run, epoch, &run->stopped_early, error);
    return status == TAMIS_DATA ? diverged(run, epoch->loss, error) : status; /* scores overflow */
}

const tamis_model *tamis_trainer_model(const tamis_trainer *run)
{
    return run->model;
}

tamis_train_report train_report(const train_run *run)
{
    return (tamis_train_report){.epochs = run->epoch,
                                .within = run->within,
                                .kept_epoch = run->best_epoch ? run->best_epoch : run->within ? run->within : run->epoch,
                                .validation = run->best_value,
                                .seconds = run->total_seconds,
                                .samples = run->total_samples,
                                .stopped_early = run->stopped_early,
                                .interrupted = (run->epoch < run->options.epochs && !run->stopped_early) ||
                                               base_stopped(&run->watch)};
}

tamis_status tamis_trainer_finish(tamis_trainer *run, tamis_model **model, tamis_train_report *out, tamis_error *error)
{
    const tamis_train_report report = train_report(run);
    *model = NULL;
    base_clear(error);
    tamis_status status = TAMIS_OK;
    if (report.interrupted && !run->best_epoch && !train_is_finite(run)) status = diverged(run, (double)NAN, error);
    if (!status) {
        train_keep_best(run);
        status = train_write_notes(run, &report, error);
    }
    if (!status) {
        *model = run->model;
        run->model = NULL;
        if (out) *out = report;
    }
    tamis_trainer_free(run);
    return status;
}

void tamis_trainer_free(tamis_trainer *run)
{
    if (!run) return;
    train_clear(run);
    base_free(run);
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
    const bool begun = run && (run->epoch > 0 || run->within > 0);
    if (!status || (status == TAMIS_STOPPED && begun)) return tamis_trainer_finish(run, model, report, error);
    tamis_trainer_free(run);
    return status;
}
