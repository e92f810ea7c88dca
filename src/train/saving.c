/* When checkpoints are written: every so many epochs or minutes, and at the run's end, early or not.
 *
 * A run that is stopped within an epoch cannot be gone on with from there: half of an epoch's updates belong to no number. So an
 * epoch begins with a copy of all that the checkpoint would hold, and that is what a stop writes. The copy costs a few
 * milliseconds: nothing beside an epoch of seconds, but not beside one of a tenth of a second. While epochs (and validations)
 * take less than SHORT, none is made, and a stop waits for the end of the epoch. */
#include <math.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/writer.h"
#include "train/checkpoint.h"
#include "train/estimate.h"
#include "train/every.h"
#include "train/progress.h"
#include "train/saving.h"

static const double SHORT = 1; /* seconds */

typedef struct saving {
    int64_t epochs; /* from checkpoint to checkpoint; 0: it goes by time */
    double seconds, last; /* by time; when it was written */
    double begin, longest; /* epoch's begin; how long the longest took; NAN: there was none yet */
    int64_t saved;   /* the epoch after which the last one was written; -1: none was */
    bool copied;     /* this epoch's start */
    float *copy;
    checkpoint_numbers start; /* where the copy was made */
} saving;

static parameters arrays_of(train_run *run)
{
    parameters all = model_parameters(run->model);
    const parameters memory = checkpoint_memory(run);
    for (int k = 0; k < memory.count; k++) parameters_add(&all, &memory.at[k]);
    return all;
}

static void write(train_run *run, const checkpoint_numbers *now)
{
    saving *s = run->saving;
    tamis_error why;
    s->last = base_seconds();
    run->unsaved = checkpoint_write(run, run->options.checkpoint, now, &why) != TAMIS_OK;
    if (run->unsaved)
        progress_tell(run, "no checkpoint is written: %s", why.text);
    else
        s->saved = now->epoch;
}

static void write_now(train_run *run)
{
    const checkpoint_numbers now = checkpoint_now(run);
    write(run, &now);
}

/* The copy stands in for the arrays meanwhile. */
static void write_start(train_run *run)
{
    const parameters all = arrays_of(run);
    float *as_they_are[PARAMETERS_MOST], *to = run->saving->copy;
    for (int k = 0; k < all.count; k++) {
        const size_t floats = parameter_floats(&all.at[k]);
        as_they_are[k] = *all.at[k].data;
        if (floats) *all.at[k].data = to;
        to += floats;
    }
    write(run, &run->saving->start);
    /* cppcheck-suppress uninitvar ; set for each k above */
    for (int k = 0; k < all.count; k++) *all.at[k].data = as_they_are[k];
}

static tamis_status before(train_run *run, tamis_error *error)
{
    saving *s = run->saving;
    s->begin = base_seconds();
    s->copied = !(s->longest < SHORT); /* also the first epoch's */
    if (!s->copied) {
        run->watch.stop = NULL; /* it is asked again before the next epoch */
        return TAMIS_OK;
    }
    const parameters all = arrays_of(run);
    if (!s->copy) s->copy = base_alloc_raw(parameters_floats(&all), sizeof *s->copy);
    if (!s->copy) return base_no_memory(error, "a copy of the epoch's start", parameters_floats(&all), sizeof *s->copy);
    parameters_copy(&all, s->copy);
    s->start = checkpoint_now(run);
    return TAMIS_OK;
}

static tamis_status after(train_run *run, tamis_epoch *epoch, tamis_error *error)
{
    saving *s = run->saving;
    const double now = base_seconds();
    (void)epoch, (void)error;
    s->longest = fmax(s->longest, now - s->begin);
    if (s->epochs ? run->epoch % s->epochs == 0 : now - s->last >= s->seconds) write_now(run);
    return TAMIS_OK;
}

/* What is not saved yet. */
static void end(train_run *run)
{
    saving *s = run->saving;
    if (run->whole && s->saved != run->epoch)
        write_now(run);
    else if (!run->whole && s->copied && s->saved != s->start.epoch)
        write_start(run);
}

void saving_takes(const train_plan *plan, double model, estimate *e)
{
    if (plan->options->checkpoint) estimate_keep(e, "the checkpoint's copy", model + e->remembered);
}

static void close(train_run *run)
{
    base_free(run->saving->copy);
    base_free(run->saving);
}

static const run_callback callback = {before, after, end, close};

tamis_status saving_open(train_run *run, tamis_error *error)
{
    const tamis_train_options *o = &run->options;
    if (!o->checkpoint) return TAMIS_OK;
    tamis_status status = base_writer_probe(o->checkpoint, error);
    if (status) return status;
    saving *s = run->saving = base_alloc(1, sizeof *s);
    if (!s) return base_no_memory(error, "checkpoints", 1, sizeof *s);
    run->callback[run->callbacks++] = &callback;
    *s = (saving){.last = base_seconds(), .longest = (double)NAN, .saved = -1};
    if (!o->resume && checkpoint_is_there(o->checkpoint))
        progress_tell(run, "%s holds a checkpoint, whose place a new one takes; --resume would go on from it", o->checkpoint);
    status = every_parse(o->checkpoint_every, &s->epochs, &s->seconds, error);
    if (!status && o->resume) status = checkpoint_go_on(run, o->checkpoint, error);
    if (run->epoch > 0 && !run->fell_back) s->saved = run->epoch;
    return status;
}
