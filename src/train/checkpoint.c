/* A checkpoint: a model file of the run as it stands, and beside the model's sections
 *
 *   checkpoint     how far the run is, see run_state
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
#include "base/hash.h"
#include "base/option.h"
#include "base/random.h"
#include "base/status.h"
#include "model/file.h"
#include "train/train.h"

static const char section[] = "checkpoint";

typedef struct run_state {
    int64_t epoch, step, samples, best_epoch, waited, stopped_early;
    double seconds, best_value;
    uint64_t held_out; /* fingerprint of the validation log; 0: none */
} run_state;

/* Of ids and matrix. */
static uint64_t fingerprint(const tamis_log *log)
{
    if (!log) return 0;
    const id_map *const ids[] = {log->user_ids, log->item_ids};
    uint64_t sum = 0;
    for (size_t k = 0; k < BASE_COUNT(ids); k++) {
        sum = base_mix(sum ^ base_hash((const char *)ids[k]->start, ((size_t)ids[k]->count + 1) * sizeof *ids[k]->start));
        sum = base_mix(sum ^ base_hash(ids[k]->text, (size_t)ids[k]->start[ids[k]->count]));
    }
    sum = base_mix(sum ^ base_hash((const char *)log->matrix->start, ((size_t)log->users + 1) * sizeof *log->matrix->start));
    sum = base_mix(sum ^ base_hash((const char *)log->matrix->index, (size_t)log->matrix->nnz * sizeof *log->matrix->index));
    if (log->labelled && log->rating)
        sum = base_mix(sum ^ base_hash((const char *)log->rating, (size_t)log->matrix->nnz * sizeof *log->rating));
    return sum | 1;
}

static parameters trainer_memory(train_run *run)
{
    parameters list = {.count = 0};
    if (run->trainer->memory) run->trainer->memory(run, &list);
    return list;
}

/* ---- writing */

enum { PATH_ROOM = 4096 };

static bool previous_name(const char *path, char name[PATH_ROOM])
{
    return snprintf(name, PATH_ROOM, "%s.previous", path) < PATH_ROOM;
}

/* The file under the name so far stays under another, where the file system has links. */
static tamis_status keep_previous(const char *path, tamis_error *error)
{
    char previous[PATH_ROOM];
    if (!previous_name(path, previous))
        return base_fail(error, TAMIS_FAILURE, "the name of the checkpoint is too long: %.60s...", path);
    struct stat there;
    if (stat(path, &there) != 0 || !S_ISREG(there.st_mode)) return TAMIS_OK;
    (void)unlink(previous);
    if (linkat(AT_FDCWD, path, AT_FDCWD, previous, AT_SYMLINK_FOLLOW) != 0) return TAMIS_OK; /* there is the new one alone */
    return TAMIS_OK;
}

static void add_part(file_parts *parts, const char *name, const void *bytes, size_t size)
{
    parts->at[parts->count++] = (container_part){name, bytes, size};
}

tamis_status tamis_trainer_save(tamis_trainer *run, const char *path, tamis_error *error)
{
    const tamis_train_report report = train_report(run);
    const run_state now = {.epoch = run->epoch, .step = run->step, .samples = run->total_samples,
                           .best_epoch = run->best_epoch, .waited = run->waited, .stopped_early = run->stopped_early,
                           .seconds = run->total_seconds, .best_value = run->best_value,
                           .held_out = fingerprint(run->held_out)};
    base_clear(error);
    if (run->within)
        return base_fail(error, TAMIS_USAGE, "the training was stopped within epoch %lld; only whole epochs can be gone on from",
                         (long long)run->within);
    model_clear_notes(run->model);
    tamis_status status = train_write_notes(run, &report, error);
    file_parts parts;
    char best[PARAMETERS_MOST][24];
    const parameters arrays = model_parameters(run->model), memory = trainer_memory(run);
    file_list_parts(run->model, &parts);
    add_part(&parts, section, &now, sizeof now);
    const float *kept = run->best;
    for (int k = 0; k < arrays.count && run->best_epoch; k++) {
        const size_t floats = parameter_floats(&arrays.at[k]);
        snprintf(best[k], sizeof best[k], "best.%s", arrays.at[k].name);
        if (floats) add_part(&parts, best[k], kept, floats * sizeof *kept);
        kept += floats;
    }
    for (int k = 0; k < memory.count; k++)
        add_part(&parts, memory.at[k].name, *memory.at[k].data, parameter_floats(&memory.at[k]) * sizeof(float));
    if (!status && !run->fell_back) status = keep_previous(path, error);
    if (!status) status = container_write(path, parts.at, parts.count, error);
    if (!status) run->fell_back = false;
    model_clear_notes(run->model); /* the model's notes are written at the end */
    return status;
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
    const size_t users = (size_t)log->users, pairs = (size_t)log->matrix->nnz;
    if (memcmp(origin->seen->start, log->matrix->start, (users + 1) * sizeof *log->matrix->start) != 0 ||
        memcmp(origin->seen->index, log->matrix->index, pairs * sizeof *log->matrix->index) != 0)
        return differs(path, "interactions", error);
    return TAMIS_OK;
}

static const char *note_of(const tamis_model *model, const char *name)
{
    for (size_t k = 0; k < model->note_count; k++)
        if (strcmp(model->note[k].name, name) == 0) return model->note[k].value;
    return NULL;
}

/* Options as the run had them; text stays the origin's. */
static tamis_status read_options(const char *path, const tamis_model *origin, tamis_train_options *options, tamis_error *error)
{
    const char *name = note_of(origin, "method");
    tamis_error why;
    if (!name || tamis_train_options_default(options, name, &why))
        return base_fail(error, TAMIS_DATA, "%s: the checkpoint's method %.60s is not known to this version", path, name ? name : "");
    const tamis_option_table *const tables[] = {&train_option_table, &method_find(name)->options};
    for (size_t t = 0; t < BASE_COUNT(tables); t++)
        for (size_t k = 0; k < tables[t]->count; k++) {
            const tamis_option *row = &tables[t]->rows[k];
            const char *value = note_of(origin, row->name);
            if (value && *value && strcmp(row->name, "method") != 0 && base_option_set(row, options, value, &why))
                return base_fail(error, TAMIS_DATA, "%s: the checkpoint's options are not of this version: %.700s", path, why.text);
        }
    return TAMIS_OK;
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
static tamis_status restore(tamis_trainer *run, const container *file, const run_state *then, tamis_error *error)
{
    const parameters arrays = model_parameters(run->model), loaded = model_parameters(run->origin);
    const parameters memory = trainer_memory(run);
    tamis_status status = TAMIS_OK;
    float *best = run->best;
    for (int k = 0; k < arrays.count && !status; k++) {
        const parameter *p = &arrays.at[k];
        const size_t floats = parameter_floats(p);
        if (floats != parameter_floats(&loaded.at[k]))
            return base_fail(error, TAMIS_DATA, "%s: section \"%s\" does not fit the checkpoint's options", file->path, p->name);
        if (floats) memcpy(*p->data, *loaded.at[k].data, floats * sizeof **p->data);
        if (!floats || !then->best_epoch) continue;
        char name[24];
        snprintf(name, sizeof name, "best.%s", p->name);
        status = read_array(file, name, p, best, error);
        best += floats;
    }
    for (int k = 0; k < memory.count && !status; k++)
        status = read_array(file, memory.at[k].name, &memory.at[k], *memory.at[k].data, error);
    run->epoch = then->epoch;
    run->step = then->step;
    run->total_samples = then->samples;
    run->best_epoch = then->best_epoch;
    run->waited = then->waited;
    run->stopped_early = then->stopped_early != 0;
    run->total_seconds = then->seconds;
    run->best_value = then->best_value;
    return status;
}

static tamis_status check_state(const char *path, const run_state *then, const tamis_train_options *options, bool validated,
                                tamis_error *error)
{
    const int64_t most = INT64_MAX / 2; /* there is room to count on */
    if (then->epoch < 0 || then->epoch > options->epochs || then->step < 0 || then->step > most || then->samples < 0 ||
        then->samples > most || then->waited < 0 || then->waited > then->epoch || then->best_epoch < 0 ||
        then->best_epoch > then->epoch || !(then->seconds >= 0 && then->seconds < 1e15) || (then->best_epoch > 0 && !validated) ||
        (then->best_epoch > 0) != isfinite(then->best_value))
        return base_fail(error, TAMIS_DATA, "%s: section \"%s\" holds numbers that no run has; train anew", path, section);
    return TAMIS_OK;
}

/* A checkpoint in memory, in itself sound. */
typedef struct loaded {
    container file; /* there as long as origin */
    tamis_model *origin;
    const run_state *then;
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

/* Makes the run that the checkpoint is of, which takes from->origin over. */
static tamis_status go_on(const char *path, loaded *from, const tamis_log *log, const tamis_log *validation,
                          const tamis_resume_options *how, tamis_trainer **out, tamis_error *error)
{
    tamis_train_options options;
    const run_state *then = from->then;
    tamis_status status = read_options(path, from->origin, &options, error);
    if (!status) status = check_log(path, from->origin, log, error);
    options.threads = how->threads;
    options.loss = how->loss;
    options.stop = how->stop;
    if (!status && (how->loss != NULL) != (note_of(from->origin, "own-loss") != NULL))
        status = base_fail(error, TAMIS_USAGE, "%s: the run %s a loss of its caller's own", path, how->loss ? "had not" : "had");
    if (!status && (validation || options.validation_ratio > 0) != (then->held_out != 0))
        status = base_fail(error, TAMIS_USAGE, "%s: the run was begun %s a validation log; expected the same", path,
                           then->held_out ? "with" : "without");
    if (!status) status = check_state(path, then, &options, then->held_out != 0, error);
    if (!status) status = tamis_trainer_new(log, validation, &options, out, error);
    if (!status && fingerprint((*out)->held_out) != then->held_out) status = differs(path, "validation rows", error);
    if (!status) {
        (*out)->origin = from->origin;
        from->origin = NULL;
        status = restore(*out, &from->file, then, error);
    }
    if (!status) return TAMIS_OK;
    tamis_trainer_free(*out);
    *out = NULL;
    tamis_model_free(from->origin);
    return status;
}

void tamis_resume_options_init(tamis_resume_options *options, size_t size)
{
    const tamis_resume_options own = {0};
    base_option_give(&own, sizeof own, options, size);
}

tamis_status tamis_trainer_resume(const char *path, const tamis_log *log, const tamis_log *validation,
                                  const tamis_resume_options *how, tamis_trainer **out, tamis_error *error)
{
    char previous[PATH_ROOM];
    loaded from;
    tamis_resume_options own = {0};
    *out = NULL;
    base_clear(error);
    if (!log) return base_null(error, "the log");
    tamis_status status = base_option_adopt(how, &own, sizeof own, error);
    if (status) return status;
    how = &own;
    if (how->fell_back) *how->fell_back = 0;
    status = load(path, &from, error);
    if (status && previous_name(path, previous) && access(previous, R_OK) == 0 && load(previous, &from, NULL) == TAMIS_OK) {
        if (how->fell_back) *how->fell_back = 1;
        base_clear(error);
        path = previous;
        status = TAMIS_OK;
    }
    if (!status) status = go_on(path, &from, log, validation, how, out, error);
    if (!status) (*out)->fell_back = path == previous;
    return status;
}
