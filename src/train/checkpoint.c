/* A checkpoint: a model file of the run as it stands, and beside the model's sections
 *
 *   checkpoint     how far the run is: checkpoint_numbers
 *   best.NAME      the best epoch's arrays, where there is a best epoch yet
 *   NAME           the trainer's arrays, see trainer.memory: moments, priors
 *
 * Options are the model's notes. Streams are keyed by epoch and step, so that these numbers are all of their run. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/option.h"
#include "base/random.h"
#include "base/status.h"
#include "model/file.h"
#include "train/checkpoint.h"
#include "train/notes.h"
#include "train/options.h"
#include "train/progress.h"
#include "train/told.h"

static const char section[] = "checkpoint";

/* 0: there is no log. */
static uint64_t fingerprint(const tamis_log *log)
{
    uint64_t sum[2];
    if (!log) return 0;
    log_fingerprint(log, log->labelled, sum);
    return base_mix(sum[0] ^ sum[1]) | 1;
}

/* Of what weighs the samples, such as the propensities of a file; 0: nothing does. */
static uint64_t weights_fingerprint(const train_run *run)
{
    uint64_t sum = 0;
    if (run->weights) sum = base_mix(base_hash((const char *)run->weights, (size_t)run->model->items * sizeof *run->weights)) | 1;
    if (run->pair_weights)
        sum = base_mix(sum ^ base_hash((const char *)run->pair_weights, (size_t)run->log->matrix->nnz * sizeof *run->pair_weights)) | 1;
    return sum;
}

parameters checkpoint_memory(train_run *run)
{
    parameters list = {.count = 0};
    if (run->trainer->memory) run->trainer->memory(run, &list);
    return list;
}

checkpoint_numbers checkpoint_now(train_run *run)
{
    if (!run->held_out_mark) run->held_out_mark = fingerprint(run->held_out);
    if (!run->weights_mark) run->weights_mark = weights_fingerprint(run);
    return (checkpoint_numbers){.epoch = run->epoch, .step = run->step, .samples = run->total_samples,
                                .best_epoch = run->best.epoch, .waited = run->best.waited, .stopped_early = run->stopped_early,
                                .seconds = run->total_seconds, .best_value = run->best.value,
                                .held_out = run->held_out_mark, .weights = run->weights_mark};
}

/* ---- writing */

static bool previous_name(const char *path, char name[BASE_PATH])
{
    return snprintf(name, BASE_PATH, "%s.previous", path) < BASE_PATH;
}

/* Keeps the last checkpoint as NAME.previous. On a file system without hard links NAME is missing until the new one is there. */
static tamis_status keep_previous(const char *path, tamis_error *error)
{
    char previous[BASE_PATH];
    if (!previous_name(path, previous))
        return base_fail(error, TAMIS_FAILURE, "the name of the checkpoint is too long: %.60s...", path);
    struct stat there;
    if (stat(path, &there) != 0 || !S_ISREG(there.st_mode)) return TAMIS_OK;
    (void)unlink(previous);
    if (linkat(AT_FDCWD, path, AT_FDCWD, previous, AT_SYMLINK_FOLLOW) != 0) (void)rename(path, previous);
    return TAMIS_OK;
}

static void add_part(file_parts *parts, const char *name, const void *bytes, size_t size)
{
    parts->at[parts->count++] = (container_part){name, bytes, size};
}

/* "30 of 100": what info shows. */
static tamis_status add_note(train_run *run, const checkpoint_numbers *now, tamis_error *error)
{
    char text[80];
    snprintf(text, sizeof text, "%" PRId64 " of %" PRId64, now->epoch, run->options.epochs);
    return model_add_note(run->model, "checkpoint-epoch", text) ? TAMIS_OK : base_no_memory(error, "the model's notes", 1, sizeof text);
}

tamis_status checkpoint_write(train_run *run, const char *path, const checkpoint_numbers *now, tamis_error *error)
{
    tamis_train_report report = notes_report(run);
    report.epochs = now->epoch;
    report.kept_epoch = now->best_epoch ? now->best_epoch : now->epoch;
    report.within = 0;
    model_clear_notes(run->model);
    tamis_status status = notes_write(run, &report, error);
    if (!status) status = add_note(run, now, error);
    file_parts parts;
    char best[PARAMETERS_MOST][24];
    const parameters arrays = model_parameters(run->model), memory = checkpoint_memory(run);
    if (!status && !parameters_are_finite(&arrays)) /* the last good one stays */
        status = base_fail(error, TAMIS_DIVERGED, "the factors are not finite after epoch %" PRId64 "; lower --learning-rate", now->epoch);
    file_list_parts(run->model, &parts);
    add_part(&parts, section, now, sizeof *now);
    const float *kept = run->best.arrays;
    for (int k = 0; k < arrays.count && now->best_epoch; k++) {
        const size_t floats = parameter_floats(&arrays.at[k]);
        snprintf(best[k], sizeof best[k], "best.%s", arrays.at[k].name);
        if (floats) add_part(&parts, best[k], kept, floats * sizeof *kept);
        kept += floats;
    }
    for (int k = 0; k < memory.count; k++)
        add_part(&parts, memory.at[k].name, *memory.at[k].data, parameter_floats(&memory.at[k]) * sizeof(float));
    const bool damaged = run->fell_back && strcmp(run->fell_back, path) == 0;
    if (!status && !damaged) status = keep_previous(path, error);
    if (!status) status = container_write(path, parts.at, parts.count, error);
    if (!status && damaged) {
        free(run->fell_back);
        run->fell_back = NULL;
    }
    model_clear_notes(run->model); /* the model's own are written at the end */
    return status;
}

tamis_status tamis_trainer_save(tamis_trainer *run, const char *path, tamis_error *error)
{
    const checkpoint_numbers now = checkpoint_now(run);
    base_clear(error);
    if (!run->whole)
        return base_fail(error, TAMIS_USAGE, "the training was stopped, or failed, before epoch %lld was done; only whole epochs can be "
                         "gone on from", (long long)(run->within ? run->within : run->epoch));
    const tamis_status status = base_path_check(path, error);
    return status ? status : checkpoint_write(run, path, &now, error);
}

bool checkpoint_is_there(const char *path)
{
    char previous[BASE_PATH];
    return access(path, F_OK) == 0 || (previous_name(path, previous) && access(previous, F_OK) == 0);
}

/* ---- going on */

static tamis_status differs(const char *path, const char *what, tamis_error *error)
{
    return base_fail(error, TAMIS_DATA, "%s: is the checkpoint of a training on another log: its %s differ; give the log and "
                                        "the options of reading that it was begun with", path, what);
}

static tamis_status check_log(const char *path, const tamis_model *origin, const tamis_log *log, tamis_error *error)
{
    if (!id_map_same(origin->user_ids, log->user_ids)) return differs(path, "users", error);
    if (!id_map_same(origin->item_ids, log->item_ids)) return differs(path, "items", error);
    if (!matrix_same(origin->seen, log->matrix)) return differs(path, "interactions", error);
    return matrix_same(origin->dislikes, log->dislikes) ? TAMIS_OK : differs(path, "dislikes", error);
}

/* Options as the run had them; text stays the origin's. */
static tamis_status read_options(const char *path, const tamis_model *origin, tamis_train_options *options, tamis_error *error)
{
    const char *name = told_note(origin, "method");
    tamis_error why;
    if (!name || tamis_train_options_default(options, name, &why))
        return base_fail(error, TAMIS_DATA, "%s: the checkpoint's method %.60s is not known to this version", path, name ? name : "");
    const tamis_option_table *table;
    for (size_t t = 0; (table = tamis_train_option_table(name, t)); t++)
        for (size_t k = 0; k < table->count; k++) {
            const tamis_option *row = &table->rows[k];
            const char *value = told_note(origin, row->name);
            if (value && *value && !row->neutral && strcmp(row->name, "method") != 0 && base_option_set(row, options, value, &why))
                return base_fail(error, TAMIS_DATA, "%s: the checkpoint's options are not of this version: %.700s", path, why.text);
        }
    return told_files(options, error);
}

static tamis_status read_array(const container *file, const char *name, const parameter *p, float *to, tamis_error *error)
{
    const float *from = NULL;
    tamis_status status = file_take(file, name, (uint64_t)p->rows, p->stride * sizeof *from, &from, error);
    if (!status) status = file_check_rows(file, name, from, p->rows, p->width, p->stride, error);
    if (!status) memcpy(to, from, (size_t)p->rows * p->stride * sizeof *to);
    return status;
}

/* The run's numbers and arrays from the file; the model's own are loaded already. */
static tamis_status restore(train_run *run, const container *file, const checkpoint_numbers *then, tamis_error *error)
{
    const parameters arrays = model_parameters(run->model), loaded = model_parameters(run->origin);
    const parameters memory = checkpoint_memory(run);
    tamis_status status = TAMIS_OK;
    float *best = run->best.arrays;
    for (int k = 0; k < arrays.count && !status; k++) {
        const parameter *p = &arrays.at[k];
        const size_t floats = parameter_floats(p);
        if (floats != parameter_floats(&loaded.at[k]))
            return base_fail(error, TAMIS_DATA, "%s: section \"%s\" does not fit the checkpoint's options", file->path, p->name); /* analyzer: use-of-uninitialized-value, count of them are set */
        if (floats) memcpy(*p->data, *loaded.at[k].data, floats * sizeof **p->data);
        if (!floats || !then->best_epoch) continue;
        char name[24];
        snprintf(name, sizeof name, "best.%s", p->name);
        status = read_array(file, name, p, best, error);
        best += floats;
    }
    if (!status && run->origin->neighbours.items)
        status = model_neighbours_take(&run->model->neighbours, &run->origin->neighbours, error);
    for (int k = 0; k < memory.count && !status; k++)
        status = read_array(file, memory.at[k].name, &memory.at[k], *memory.at[k].data, error);
    run->epoch = then->epoch;
    run->step = then->step;
    run->total_samples = then->samples;
    run->best.epoch = then->best_epoch;
    run->best.waited = then->waited;
    run->stopped_early = then->stopped_early != 0;
    run->total_seconds = then->seconds;
    run->best.value = then->best_value;
    return status;
}

static tamis_status check_numbers(const char *path, const checkpoint_numbers *then, const tamis_train_options *options,
                                  tamis_error *error)
{
    const int64_t most = INT64_MAX / 2; /* there is room to count on */
    if (then->epoch < 0 || then->epoch > options->epochs || then->step < 0 || then->step > most || then->samples < 0 ||
        then->samples > most || then->waited < 0 || then->waited > then->epoch || then->best_epoch < 0 ||
        then->best_epoch > then->epoch || !(then->seconds >= 0 && then->seconds < 1e15) || (then->best_epoch > 0 && !then->held_out) ||
        (then->best_epoch > 0) != isfinite(then->best_value))
        return base_fail(error, TAMIS_DATA, "%s: section \"%s\" holds numbers that no run has; train anew", path, section);
    return TAMIS_OK;
}

/* A checkpoint in memory, in itself sound. */
typedef struct loaded {
    container file; /* there as long as origin */
    tamis_model *origin;
    const checkpoint_numbers *then;
} loaded;

static tamis_status load(const char *path, loaded *from, tamis_error *error)
{
    tamis_status status = model_load(path, false, &from->file, &from->origin, error);
    if (status) return status;
    if (!container_find(&from->file, section))
        status = base_fail(error, TAMIS_DATA, "%s: is a model, but no checkpoint: what its optimiser knew is gone; expected a file "
                                              "that tamis_trainer_save() wrote", path);
    if (!status) status = file_take(&from->file, section, 1, sizeof *from->then, &from->then, error);
    if (status) tamis_model_free(from->origin);
    return status;
}

/* Loads NAME or, where it is damaged, but not where a newer version wrote it, NAME.previous; *path becomes the name of the one that was loaded. */
static tamis_status load_either(const char **path, char previous[BASE_PATH], loaded *from, tamis_error *error)
{
    tamis_status status = load(*path, from, error);
    if (!status || from->file.newer || !previous_name(*path, previous) || access(previous, R_OK) != 0 || load(previous, from, NULL)) return status;
    *path = previous;
    return TAMIS_OK;
}

/* Fails where an option differs from the checkpoint's. Both are compared as text, with all defaults filled in; one that the file's
 * version did not have stands at its default. */
static tamis_status check_options(const char *path, const train_run *run, const tamis_model *origin, tamis_error *error)
{
    const tamis_option_table *table;
    tamis_train_options defaults;
    const tamis_status status = tamis_train_options_default(&defaults, run->method->name, error);
    if (status) return status;
    for (size_t t = 0; (table = tamis_train_option_table(run->method->name, t)); t++)
        for (size_t k = 0; k < table->count; k++) {
            const tamis_option *row = &table->rows[k];
            const char *then = told_note(origin, row->name);
            char now[BASE_PATH + 1], usual[BASE_PATH + 1];
            base_option_text(row, &run->options, now, sizeof now);
            if (!then) then = base_option_text(row, &defaults, usual, sizeof usual);
            if (row->neutral || strcmp(then, now) == 0) continue;
            return base_fail(error, TAMIS_USAGE, "%s: the run was begun with --%s %.100s, and this one has %.100s; give the options that "
                             "it was begun with, or another checkpoint", path, row->name, *then ? then : "(unset)", *now ? now : "(unset)");
        }
    const char *loss = told_note(origin, "own-loss"), *custom = run->options.loss ? run->options.loss->name : NULL;
    if ((loss != NULL) == (custom != NULL) && (!custom || strcmp(loss, custom) == 0)) return TAMIS_OK;
    return base_fail(error, TAMIS_USAGE, "%s: the run %s a loss of its caller's own%s%.60s", path, loss ? "had" : "had not", loss ? ", " : "",
                     loss ? loss : "");
}

/* Puts the run where the checkpoint is. from->origin becomes the run's. */
static tamis_status put(train_run *run, const char *path, loaded *from, tamis_error *error)
{
    const checkpoint_numbers *then = from->then;
    run->origin = from->origin;
    if ((run->validation != NULL) != (then->held_out != 0))
        return base_fail(error, TAMIS_USAGE, "%s: the run was begun %s a validation log; expected the same", path,
                         then->held_out ? "with" : "without");
    tamis_status status = check_options(path, run, run->origin, error);
    if (!status) status = check_log(path, run->origin, run->seen, error);
    if (!status && fingerprint(run->held_out) != then->held_out) status = differs(path, "validation rows", error);
    if (!status && weights_fingerprint(run) != then->weights) status = differs(path, "propensities", error);
    if (!status) status = check_numbers(path, then, &run->options, error);
    const char *automatic = told_note(run->origin, "automatic");
    snprintf(run->automatic, sizeof run->automatic, "%s", automatic ? automatic : "");
    return status ? status : restore(run, &from->file, then, error);
}

static tamis_status note_fallen_back(train_run *run, const char *asked, const char *taken, tamis_error *error)
{
    if (asked == taken) return TAMIS_OK;
    run->fell_back = strdup(asked);
    return run->fell_back ? TAMIS_OK : base_no_memory(error, "a name", strlen(asked) + 1, 1);
}

tamis_status checkpoint_go_on(train_run *run, const char *path, tamis_error *error)
{
    char previous[BASE_PATH];
    const char *asked = path;
    tamis_error why;
    loaded from;
    if (!checkpoint_is_there(path)) {
        progress_tell(run, "%s: no checkpoint yet; training begins", path);
        return TAMIS_OK;
    }
    tamis_status status = load_either(&path, previous, &from, &why);
    if (status) return base_fail(error, status, "%s", why.text);
    status = note_fallen_back(run, asked, path, error);
    if (!status)
        status = put(run, path, &from, error);
    else
        tamis_model_free(from.origin);
    if (status) return status;
    tamis_model_free(run->origin);
    run->origin = NULL;
    if (run->fell_back) progress_tell(run, "%s; the checkpoint before it is taken", why.text);
    progress_tell(run, "going on from %s, after epoch %" PRId64 " of %" PRId64, path, run->epoch, run->options.epochs);
    return TAMIS_OK;
}

void tamis_resume_options_init(tamis_resume_options *options, size_t size)
{
    const tamis_resume_options defaults = {0};
    base_option_give(&defaults, sizeof defaults, options, size);
}

tamis_status tamis_trainer_resume(const char *path, const tamis_log *log, const tamis_log *validation,
                                  const tamis_resume_options *how, tamis_trainer **out, tamis_error *error)
{
    const char *asked = path;
    char previous[BASE_PATH];
    tamis_train_options options;
    loaded from;
    *out = NULL;
    base_clear(error);
    if (!log) return base_null(error, "the log");
    tamis_resume_options taken = {0};
    tamis_status status = base_path_check(path, error);
    if (!status) status = base_option_adopt(how, &taken, sizeof taken, error);
    if (status) return status;
    how = &taken;
    if (how->fell_back) *how->fell_back = 0;
    status = load_either(&path, previous, &from, error);
    if (status) return status;
    base_clear(error);
    if (how->fell_back) *how->fell_back = path != asked;
    status = read_options(path, from.origin, &options, error);
    options.threads = how->threads;
    options.loss = how->loss;
    options.stop = how->stop;
    if (!status && (how->loss != NULL) != (told_note(from.origin, "own-loss") != NULL))
        status = base_fail(error, TAMIS_USAGE, "%s: the run %s a loss of its caller's own", path, how->loss ? "had not" : "had");
    if (!status) status = check_log(path, from.origin, log, error); /* before what is unlike it is allocated */
    if (!status) status = tamis_trainer_new(log, validation, &options, out, error);
    if (status) {
        tamis_model_free(from.origin);
        return status;
    }
    status = note_fallen_back(*out, asked, path, error);
    if (!status)
        status = put(*out, path, &from, error);
    else
        tamis_model_free(from.origin);
    if (!status) return TAMIS_OK;
    tamis_trainer_free(*out);
    *out = NULL;
    return status;
}
