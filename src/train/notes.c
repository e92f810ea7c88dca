/* What is told of a run at its end: to its caller, and in the model file. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/option.h"
#include "base/status.h"
#include "base/text.h"
#include "base/watch.h"
#include "train/notes.h"
#include "train/options.h"
#include "train/validation.h"

tamis_train_report notes_report(const train_run *run)
{
    return (tamis_train_report){.epochs = run->epoch,
                                .within = run->within,
                                .kept_epoch = run->best.epoch ? run->best.epoch : run->within ? run->within : run->epoch,
                                .validation = run->best.value,
                                .seconds = run->total_seconds,
                                .samples = run->total_samples,
                                .stopped_early = run->stopped_early,
                                .unsaved = run->unsaved,
                                .interrupted = (run->epoch < run->options.epochs && !run->stopped_early) ||
                                               base_stopped(&run->watch)};
}

static bool add_number(tamis_model *model, const char *name, int64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    return model_add_note(model, name, text);
}

tamis_status notes_write(train_run *run, const tamis_train_report *report, tamis_error *error)
{
    const tamis_option_table *table;
    tamis_model *model = run->model;
    char text[PATH_MAX + 1], number[32]; /* the longest is a path */
    bool done = model_add_note(model, "version", tamis_version());
    for (size_t t = 0; (table = tamis_train_option_table(run->method->name, t)); t++)
        for (size_t k = 0; k < table->count; k++) {
            const tamis_option *row = &table->rows[k];
            if (row->neutral) continue;
            done = done && model_add_note(model, row->name, base_option_text(row, &run->options, text, sizeof text));
        }
    if (*run->automatic) done = done && model_add_note(model, "automatic", run->automatic);
    if (run->options.loss) done = done && model_add_note(model, "own-loss", run->options.loss->name);
    done = done && add_number(model, "epochs-trained", report->epochs);
    done = done && add_number(model, "epoch-kept", report->kept_epoch);
    if (report->within) done = done && add_number(model, "stopped-within-epoch", report->within);
    if (run->validation) done = done && add_number(model, "validation-rows", validation_rows(run));
    if (!isnan(report->validation))
        done = done && model_add_note(model, "validation", base_real_text(report->validation, number));
    return done ? TAMIS_OK : base_no_memory(error, "the model's notes", 1, 4096);
}
