/* A training run, from the log to the model:
 *
 *   create: the options, the data, the parameters at their start, the trainer; or what a checkpoint has of them
 *   for epoch t = 1 .. T, until patience is over or somebody stops it:
 *       the trainer updates the parameters, with the learning rate of epoch t
 *       validation measures the model and keeps the best one
 *       a checkpoint is written, where it is time for one
 *       progress is told
 *   finish: the model is that of the best epoch, or of the last
 *
 * Which trainer it is, the run does not know; the last three are its callbacks. */
#include "base/memory.h"
#include "base/status.h"
#include "base/watch.h"
#include "train/diverged.h"
#include "train/epoch.h"
#include "train/look_up.h"
#include "train/memory.h"
#include "train/notes.h"
#include "train/progress.h"
#include "train/saving.h"
#include "train/start.h"
#include "train/trainer.h"
#include "train/validation.h"
#include "train/warm.h"

static tamis_status open(train_run *run, const tamis_log *log, const tamis_log *validation, const tamis_train_options *options,
                         tamis_trainer **out, tamis_error *error)
{
    tamis_status status = run_start(run, log, validation, options, error);
    if (!status) status = validation_open(run, error);
    if (!status) status = saving_open(run, error);
    (void)memory_ended(run, status, error);
    run->whole = true;
    if (!status)
        *out = run;
    else
        tamis_trainer_free(run);
    return status;
}

tamis_status tamis_trainer_new(const tamis_log *log, const tamis_log *validation, const tamis_train_options *options,
                               tamis_trainer **out, tamis_error *error)
{
    *out = NULL;
    base_clear(error);
    if (!log) return base_null(error, "the log");
    train_run *run = base_alloc(1, sizeof *run);
    if (!run) return base_no_memory(error, "a training run", 1, sizeof *run);
    return open(run, log, validation, options, out, error);
}

tamis_status tamis_trainer_from_model(const tamis_model *model, const tamis_log *log, const tamis_log *validation,
                                      const tamis_train_options *options, int freeze, tamis_trainer **out, tamis_error *error)
{
    tamis_train_options wanted;
    *out = NULL;
    base_clear(error);
    if (!model || !log) return base_null(error, model ? "the log" : "the model");
    train_run *run = base_alloc(1, sizeof *run);
    if (!run) return base_no_memory(error, "a training run", 1, sizeof *run);
    run->from = model_hold(model);
    run->freeze = freeze;
    run->expected.log_bytes = (int64_t)log_all_bytes(log); /* beside which the joined one is the run's */
    tamis_status status = warm_options(run, options, &wanted, error);
    if (!status) status = warm_join(model, log, &run->joined, error);
    if (!status) return open(run, run->joined, validation, &wanted, out, error);
    tamis_trainer_free(run);
    return status;
}

tamis_status tamis_train_fits(const tamis_model *from, const tamis_log *log, const tamis_log *validation, const tamis_train_options *options,
                              tamis_error *error)
{
    train_run run = {.from = from ? model_hold(from) : NULL};
    tamis_train_options wanted;
    base_clear(error);
    tamis_status status = log ? TAMIS_OK : base_null(error, "the log");
    if (!status && from) status = warm_options(&run, options, &wanted, error);
    if (!status && from) status = warm_join(from, log, &run.joined, error);
    if (!status) status = run_take_options(from ? &wanted : options, &run.options, error);
    if (!status) status = memory_check(&run, from ? run.joined : log, validation, error);
    run_clear(&run);
    return status;
}

int tamis_trainer_done(const tamis_trainer *run)
{
    return run->epoch >= run->options.epochs || run->stopped_early || run->asked_to_stop || base_stopped(&run->watch);
}

tamis_status tamis_trainer_epoch(tamis_trainer *run, tamis_epoch *epoch, tamis_error *error)
{
    tamis_status status = TAMIS_OK;
    base_clear(error);
    if (tamis_trainer_done(run))
        return base_fail(error, TAMIS_USAGE, "the training is over after %lld epochs; expected to be asked no more",
                         (long long)run->epoch);
    status = epoch_ask(run, error);
    for (int k = 0; k < run->callbacks && !status; k++)
        if (run->callback[k]->before) status = run->callback[k]->before(run, error);
    if (status) return memory_ended(run, status, error);
    run->whole = false;
    status = epoch_run(run, epoch, error);
    if (!status) status = diverged_check(run, epoch->loss, error);
    for (int k = 0; k < run->callbacks && !status; k++)
        if (run->callback[k]->after) status = run->callback[k]->after(run, epoch, error);
    run->whole = !status;
    return memory_ended(run, status, error);
}

const tamis_model *tamis_trainer_model(const tamis_trainer *run)
{
    return run->model;
}

tamis_status tamis_trainer_finish(tamis_trainer *run, tamis_model **model, tamis_train_report *out, tamis_error *error)
{
    *model = NULL;
    base_clear(error);
    tamis_status status = diverged_check_end(run, notes_report(run).interrupted, error);
    for (int k = run->callbacks; k-- > 0 && !status;)
        if (run->callback[k]->end) run->callback[k]->end(run);
    const tamis_train_report report = notes_report(run);
    if (!status) status = notes_write(run, &report, error);
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
    for (int k = run->callbacks; k-- > 0;)
        if (run->callback[k]->close) run->callback[k]->close(run);
    run_clear(run);
    base_free(run);
}

tamis_status tamis_train(const tamis_log *log, const tamis_log *validation, const tamis_train_options *options,
                         const tamis_progress *progress, tamis_model **model, tamis_train_report *report, tamis_error *error)
{
    tamis_trainer *run;
    tamis_epoch epoch;
    *model = NULL;
    if (report) *report = (tamis_train_report){0};
    tamis_status status = tamis_trainer_new(log, validation, options, &run, error);
    if (!status) progress_open(run, progress);
    while (!status && !tamis_trainer_done(run)) status = tamis_trainer_epoch(run, &epoch, error);
    const bool begun = run && (run->epoch > 0 || run->within > 0);
    if (!status || (status == TAMIS_STOPPED && begun)) return tamis_trainer_finish(run, model, report, error);
    tamis_trainer_free(run);
    return status;
}
