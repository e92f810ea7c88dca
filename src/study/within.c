/* A cell's training, which goes on where a killed one was: a checkpoint beside the ledger, from the first minute on, which goes
 * when the cell is computed. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/files.h"
#include "study/within.h"
#include "train/checkpoint.h"
#include "train/every.h"

static const char ending[] = ".checkpoint", previous[] = ".checkpoint.previous";

static bool path_of(const within *w, const char *end, char path[BASE_PATH])
{
    char name[STUDY_DIGEST + sizeof previous];
    snprintf(name, sizeof name, "%s%s", w->digest, end);
    return base_join(path, BASE_PATH, w->directory, name);
}

void within_done(const within *w)
{
    char path[BASE_PATH];
    if (path_of(w, ending, path)) (void)unlink(path);
    if (path_of(w, previous, path)) (void)unlink(path);
}

/* The run that the checkpoint is of, or a new one. A checkpoint of something else, or a damaged one, is begun anew; where memory or
 * the disk fails it is kept for the next time. */
static tamis_status begin(const within *w, const char *path, const tamis_train_options *options, tamis_trainer **run,
                          tamis_error *error)
{
    tamis_resume_options how;
    tamis_resume_options_default(&how);
    how.threads = options->threads;
    how.loss = options->loss;
    how.stop = options->stop;
    const tamis_status status = tamis_trainer_resume(path, w->train, w->validation, &how, run, error);
    if (!status || (status == TAMIS_FAILURE && checkpoint_is_there(path))) return status;
    within_done(w);
    return tamis_trainer_new(w->train, w->validation, options, run, error);
}

tamis_status within_train(const within *w, const tamis_train_options *options, tamis_model **model, tamis_train_report *report,
                          tamis_error *error)
{
    char path[BASE_PATH];
    tamis_trainer *run;
    tamis_epoch epoch;
    int64_t epochs;
    double seconds, last = base_seconds();
    *model = NULL;
    tamis_status status = every_parse(w->every, &epochs, &seconds, error);
    if (status) return status;
    if (!path_of(w, ending, path)) return tamis_train(w->train, w->validation, options, NULL, model, report, error);
    status = begin(w, path, options, &run, error);
    while (!status && !tamis_trainer_done(run)) {
        status = tamis_trainer_epoch(run, &epoch, error);
        if (status || (epochs ? epoch.epoch % epochs != 0 : base_seconds() - last < seconds)) continue;
        (void)tamis_trainer_save(run, path, NULL); /* without one the cell takes longer, no more */
        last = base_seconds();
    }
    if (!status) return tamis_trainer_finish(run, model, report, error);
    tamis_trainer_free(run);
    return status;
}

void within_sweep(const char *directory)
{
    char path[BASE_PATH];
    DIR *folder = opendir(directory);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        const char *end = entry->d_name + strspn(entry->d_name, "0123456789abcdef");
        const bool ours = end - entry->d_name == STUDY_DIGEST && (strcmp(end, ending) == 0 || strcmp(end, previous) == 0);
        if (ours && base_join(path, sizeof path, directory, entry->d_name)) (void)unlink(path);
    }
    if (folder) closedir(folder);
}
