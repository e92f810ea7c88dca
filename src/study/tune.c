/* tamis tune: options, what is made of them, and what came out. rungs.c has the search, search.c what it draws from. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/option.h"
#include "base/status.h"
#include "base/text.h"
#include "base/writer.h"
#include "data/log.h"
#include "rank/metric.h"
#include "study/ledger.h"
#include "study/tune.h"
#include "train/fit.h"
#include "train/memory.h"
#include "train/options.h"

#define ROW(field, name, kind, range, fallback, unit, help) \
    BASE_OPTION(tamis_tune_options, field, name, TAMIS_OPTION_##kind, range, fallback, unit, help)

static const tamis_option rows[] = {
    ROW(methods, "methods", TEXT, "NAME,NAME,...", "bpr,warp,ials,softmax,pld", "", "methods, each with as many trials; tamis methods lists them"),
    ROW(trials, "trials", INTEGER, "[0,1000]", "0", "",
        "per method, the first one with its defaults; 0: 12, or as many as --minutes allow"),
    ROW(minutes, "minutes", REAL, "[0,1e6]", "0", "minutes", "begin no new trial when those that there are will take so long; 0: no clock"),
    ROW(rungs, "rungs", INTEGER, "[1,6]", "2", "",
        "a third of the trials goes on to the next rung, with three times the epochs; 1: all have all epochs"),
    ROW(epochs, "epochs", INTEGER, "[0,1000000]", "0", "", "passes over the log, at most, in the last rung; 0: as the method has it"),
    ROW(metric, "metric", TEXT, "METRIC@K", "ndcg@20", "", "what decides, on the validation part"),
    ROW(validation_ratio, "validation-ratio", REAL, "(0,1)", "0.1", "", "share of each user's interactions for validation"),
    ROW(seed, "seed", SEED, NULL, "1", "", "of split, trials and training; the same seed tries the same options"),
    ROW(threads, "threads", INTEGER, "[0,1024]", "0", "", "0: as many as OpenMP offers; never changes the result"),
    ROW(jobs, "jobs", INTEGER, "[0,64]", "0", "",
        "trainings side by side; 0: one per thread, or one on logs of two million rows and more"),
    ROW(memory, "memory", INTEGER, "[0,inf)", "0", "MB", "what trainings side by side may take, kept by fewer jobs; 0: as much as the machine has"),
};

static tamis_status check(const void *values, tamis_error *error)
{
    const tamis_tune_options *o = values;
    if (!o->methods || !o->metric) return base_fail(error, TAMIS_USAGE, "--methods and --metric must be given");
    tamis_status status = rank_metric_check(o->metric, error);
    return status ? base_fail(error, TAMIS_USAGE, "--metric: there is no metric \"%.60s\" such as ndcg@20; tamis methods lists them", o->metric)
                  : TAMIS_OK;
}

const tamis_option_table tune_option_table = {"tune", rows, BASE_COUNT(rows), sizeof(tamis_tune_options), check};

void tamis_tune_options_init(tamis_tune_options *options, size_t size)
{
    tamis_tune_options defaults = {0};
    base_option_defaults(&tune_option_table, &defaults);
    base_option_give(&defaults, sizeof defaults, options, size);
}

/* ---- what is tuned */

tamis_status tune_open(const tune_split *split, const tamis_tune_options *options, const tamis_study_progress *progress,
                       tamis_tune **out, tamis_error *error)
{
    *out = NULL;
    tamis_status status = TAMIS_OK;
    tamis_tune *t = calloc(1, sizeof *t);
    if (!t) return base_no_memory(error, "tuning", 1, sizeof *t);
    t->options = *options;
    t->options.metric = t->metric = strdup(options->metric); /* options that are given out name it */
    if (!t->metric) status = base_no_memory(error, "a name", 1, strlen(options->metric));
    t->split = *split;
    t->progress = progress;
    if (t->options.trials == 0) t->options.trials = t->options.minutes > 0 ? TUNE_MOST_TRIALS : 12;
    t->jobs = jobs_wanted(options->jobs, options->threads, tamis_log_interactions(split->train) >= JOBS_LARGE);
    t->set = calloc(options->sets + 1, sizeof *t->set);
    if (!t->set && !status) status = base_no_memory(error, "options", options->sets, sizeof *t->set);
    for (size_t k = 0; k < options->sets && !status; k++) {
        status = search_set_read(&t->set[k], options->set[k], error);
        for (size_t j = 0; j < k && !status; j++)
            if (strcmp(t->set[j].option, t->set[k].option) == 0 &&
                strcmp(t->set[j].method ? t->set[j].method : "", t->set[k].method ? t->set[k].method : "") == 0)
                status = base_fail(error, TAMIS_USAGE, "--set %.300s: %s is set twice; give one of them", options->set[k], t->set[k].option);
    }
    if (!status) {
        *out = t;
        return TAMIS_OK;
    }
    tamis_tune_free(t);
    return status;
}

static bool is_new(const tune_method *m, int64_t trial, const char *text)
{
    for (int64_t k = 0; k < trial; k++)
        if (strcmp(m->trial[k].text, text) == 0) return false;
    return true;
}

/* Draws the trials: different ones, as far as there are. */
static tamis_status draw_trials(tamis_tune *t, tune_method *m, tamis_error *error)
{
    enum { ATTEMPTS = 64 };
    char text[4 * SEARCH_WORDS];
    m->trial = calloc((size_t)t->options.trials, sizeof *m->trial);
    if (!m->trial) return base_no_memory(error, "trials", (size_t)t->options.trials, sizeof *m->trial);
    for (int64_t k = 0; k < t->options.trials; k++) {
        tune_trial *trial = &m->trial[k];
        tamis_train_options options;
        bool fresh = false;
        trial->rung = -1;
        for (int attempt = 0; attempt < ATTEMPTS && !fresh; attempt++) {
            search_draw(&m->space, t->options.seed, k, attempt, &options);
            if (!search_text(&m->space, &options, text, sizeof text))
                return base_fail(error, TAMIS_USAGE, "--set: too many options of %s to be written on a line; give fewer", m->space.name);
            fresh = is_new(m, k, text);
            trial->attempt = attempt;
        }
        if (!fresh) break; /* there are no others, or hardly any */
        if (!(trial->text = strdup(text))) return base_no_memory(error, "a trial's options", sizeof text, 1);
        m->trials = k + 1;
    }
    return TAMIS_OK;
}

tamis_status tune_add(tamis_tune *t, const char *name, const tamis_train_options *options, tamis_error *error)
{
    for (size_t m = 0; m < t->methods; m++)
        if (strcmp(t->method[m].space.name, name) == 0)
            return base_fail(error, TAMIS_USAGE, "--methods: %.60s stands there twice; give it once", name);
    if (t->methods == TUNE_METHODS) return base_fail(error, TAMIS_USAGE, "--methods: more than %d", TUNE_METHODS);
    tune_method *m = &t->method[t->methods];
    tamis_train_options *base = &m->space.base;
    tamis_status status = TAMIS_OK;
    if (options)
        *base = *options;
    else
        status = tamis_train_options_default(base, name, error);
    if (status) return status;
    m->space.name = options ? name : base->method;
    if (t->options.epochs > 0) base->epochs = t->options.epochs;
    train_options_idle(base); /* such as epochs of a method that has one */
    base->validation_ratio = 0;
    base->validation_metric = t->options.metric;
    base->threads = t->options.threads;
    t->methods++;
    status = fit_options(base, t->split.train, error); /* ranges may be multiples of the defaults */
    base->threads = 0;
    if (!status) status = search_open(&m->space, t->set, t->options.sets, error);
    return status ? status : draw_trials(t, m, error);
}

/* After all methods are added: a setting that none of them could use is a mistake. */
static tamis_status check_sets(const tamis_tune *t, tamis_error *error)
{
    for (size_t k = 0; k < t->options.sets; k++) {
        const search_set *set = &t->set[k];
        bool known = false, named = !set->method;
        if (set->used) continue;
        for (size_t m = 0; m < t->methods; m++) {
            const bool mine = !set->method || strcmp(set->method, t->method[m].space.name) == 0;
            named |= mine;
            known |= mine && search_row(&t->method[m].space.base, set->option);
        }
        if (!named)
            return base_fail(error, TAMIS_USAGE, "--set %.100s: there is no \"%s\" among --methods", t->options.set[k], set->method);
        if (!known)
            return base_fail(error, TAMIS_USAGE, "--set %.100s: %s option \"%s\"; tamis train --help-all lists them", t->options.set[k],
                             set->method ? "the method has no" : "none of --methods has an", set->option);
        return base_fail(error, TAMIS_USAGE, "--set %.100s: %s", t->options.set[k],
                         *set->why.text ? set->why.text : "it makes no difference to any method that is not set otherwise");
    }
    return TAMIS_OK;
}

/* ---- what came out */

static bool is_last(const tamis_tune *t, const tune_trial *trial)
{
    return trial->rung == t->options.rungs - 1 && !isnan(trial->value);
}

static int64_t best_trial(const tamis_tune *t, size_t which)
{
    const tune_method *m = &t->method[which];
    int64_t best = -1;
    for (int64_t k = 0; k < m->trials; k++)
        if (is_last(t, &m->trial[k]) && (best < 0 || m->trial[k].value > m->trial[best].value)) best = k;
    return best;
}

bool tune_best(const tamis_tune *t, size_t which, tamis_train_options *options)
{
    const int64_t best = best_trial(t, which);
    if (best >= 0) rungs_options(t, which, best, (int)t->options.rungs - 1, options);
    return best >= 0;
}

static int by_worth(const void *a, const void *b)
{
    const tamis_tune_row *x = a, *y = b;
    if (x->rung != y->rung) return x->rung > y->rung ? -1 : 1;
    if (isnan(x->value) != isnan(y->value)) return isnan(x->value) ? 1 : -1;
    if (x->value != y->value && !isnan(x->value)) return x->value > y->value ? -1 : 1;
    if (x->method_index != y->method_index) return x->method_index < y->method_index ? -1 : 1;
    return (x->trial > y->trial) - (x->trial < y->trial);
}

static tamis_status list_rows(tamis_tune *t, tamis_error *error)
{
    t->row = calloc(t->methods * (size_t)t->options.trials + 1, sizeof *t->row);
    if (!t->row) return base_no_memory(error, "the trials", t->methods * (size_t)t->options.trials, sizeof *t->row);
    for (size_t m = 0; m < t->methods; m++)
        for (int64_t k = 0; k < t->method[m].trials; k++) {
            const tune_trial *trial = &t->method[m].trial[k];
            if (trial->rung < 0) continue;
            t->row[t->rows++] = (tamis_tune_row){.method = t->method[m].space.name, .method_index = m, .trial = k + 1, .rung = trial->rung + 1,
                                                 .epochs = rungs_epochs(t, m, trial->rung), .kept_epoch = trial->kept,
                                                 .value = trial->value, .options = trial->text};
        }
    qsort(t->row, t->rows, sizeof *t->row, by_worth);
    return TAMIS_OK;
}

/* The trial that would take most memory. */
static tamis_status fit_jobs(tamis_tune *t, tamis_error *error)
{
    study_cell_takes most = {.name = ""};
    tamis_train_options of_most;
    for (size_t m = 0; m < t->methods; m++) {
        tamis_train_options largest;
        search_largest(&t->method[m].space, &largest);
        memory_training training = {.options = &largest, .log = t->split.train, .validation = t->split.validation, .asker = MEMORY_TUNE};
        const double bytes = memory_least(&training);
        if (bytes <= most.bytes) continue;
        of_most = largest;
        training.options = &of_most;
        most = (study_cell_takes){.bytes = bytes, .name = t->method[m].space.name, .training = training};
    }
    return jobs_fit(&t->jobs, t->options.threads, t->options.memory, &most, error);
}

tamis_status tune_run(tamis_tune *t, ledger *l, tamis_error *error)
{
    t->ledger = l;
    tamis_status status = check_sets(t, error);
    if (!status) status = fit_jobs(t, error);
    if (!status) status = rungs_run(t, error);
    t->ledger = NULL;
    return status ? status : list_rows(t, error);
}

/* ---- for callers */

static tamis_status split_log(tamis_tune *t, const tamis_log *log, const tamis_log *validation, tamis_error *error)
{
    study_digest all, held;
    char ratio[32];
    study_digest_log(log, false, all);
    if (validation) {
        study_digest_log(validation, false, held);
        snprintf(t->split.text, sizeof t->split.text, "log %s validation %s", all, held);
        return TAMIS_OK;
    }
    tamis_split_options split;
    tamis_split_options_default(&split);
    split.test_ratio = 0;
    split.validation_ratio = t->options.validation_ratio;
    split.seed = t->options.seed;
    snprintf(t->split.text, sizeof t->split.text, "log %s validation %s", all, base_real_text(split.validation_ratio, ratio));
    tamis_status status = tamis_log_split(log, &split, &t->train, &t->validation, NULL, error);
    if (!status && tamis_log_interactions(t->validation) == 0)
        status = base_fail(error, TAMIS_USAGE, "--validation-ratio %g holds nothing out: each user's share is rounded, and one interaction "
                           "stays; expected a higher ratio, or users with more interactions", split.validation_ratio);
    t->split.train = t->train;
    t->split.validation = t->validation;
    return status;
}

static tamis_status add_methods(tamis_tune *t, tamis_error *error)
{
    char word[SEARCH_NAME];
    tamis_status status = TAMIS_OK;
    tamis_error why;
    for (const char *list = t->options.methods; !status && list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL) {
        snprintf(word, sizeof word, "%.*s", (int)strcspn(list, ","), list);
        status = tamis_train_options_default(&(tamis_train_options){0}, word, &why);
        status = status ? base_fail(error, status, "--methods: %.700s", why.text) : tune_add(t, word, NULL, error);
    }
    return status;
}

static tamis_status run_in(tamis_tune *t, const char *path, tamis_error *error)
{
    const char *slash = strrchr(path, '/');
    char directory[3900];
    ledger l;
    if (snprintf(directory, sizeof directory, "%.*s", slash ? (int)(slash - path) + 1 : 2, slash ? path : "./") >= (int)sizeof directory)
        return base_fail(error, TAMIS_FAILURE, "the path of %.200s... is too long", path);
    tamis_status status = ledger_open(&l, directory, slash ? slash + 1 : path, "digest," TUNE_COLUMNS, error);
    if (!status) status = tune_run(t, &l, error);
    if (!status) status = ledger_finish(&l, error);
    ledger_close(&l);
    for (size_t m = 0; m < t->methods && !status; m++)
        if (best_trial(t, m) < 0)
            status = base_fail(error, TAMIS_DIVERGED, "every trial of %s diverged; give it lower rates by --set %s:learning-rate=LOW..HIGH, "
                               "or leave it out", t->method[m].space.name, t->method[m].space.name);
    return status;
}

tamis_status tamis_tune_run(const tamis_log *log, const tamis_log *validation, const tamis_tune_options *options, const char *path,
                            const tamis_study_progress *progress, tamis_tune **out, tamis_error *error)
{
    tamis_tune_options taken;
    tamis_tune *t = NULL;
    *out = NULL;
    base_clear(error);
    if (!log) return base_null(error, "the log");
    tamis_tune_options_default(&taken);
    tamis_status status = base_option_take(&tune_option_table, options, &taken, error);
    if (!status) status = tune_open(&(tune_split){.train = log, .validation = validation, .label = ""}, &taken, progress, &t, error);
    if (!status) status = split_log(t, log, validation, error);
    if (!status) status = add_methods(t, error);
    if (!status) status = check_sets(t, error); /* before there is a file */
    if (!status) status = run_in(t, path, error);
    if (status)
        tamis_tune_free(t);
    else
        *out = t;
    return status;
}

void tamis_tune_free(tamis_tune *t)
{
    if (!t) return;
    for (size_t m = 0; m < t->methods; m++) {
        for (int64_t k = 0; t->method[m].trial && k < t->options.trials; k++) free(t->method[m].trial[k].text);
        free(t->method[m].trial);
    }
    free(t->metric);
    free(t->set);
    free(t->row);
    tamis_log_free(t->train);
    tamis_log_free(t->validation);
    free(t);
}

const tamis_tune_row *tamis_tune_rows(const tamis_tune *t, size_t index)
{
    return index < t->rows ? &t->row[index] : NULL;
}

int64_t tamis_tune_trials(const tamis_tune *t)
{
    return t->trials;
}

tamis_status tamis_tune_best_init(const tamis_tune *t, const char *name, tamis_train_options *options, size_t size,
                                  tamis_error *error)
{
    tamis_train_options best;
    base_clear(error);
    for (size_t m = 0; m < t->methods; m++)
        if (strcmp(t->method[m].space.name, name ? name : t->row[0].method) == 0) {
            (void)tune_best(t, m, &best);
            base_option_give(&best, sizeof best, options, size);
            return TAMIS_OK;
        }
    return base_fail(error, TAMIS_USAGE, "%.60s is none of the methods that were tuned", name);
}

/* One option a line: the method, what was set, and what was drawn. */
tamis_status tamis_tune_save(const tamis_tune *t, const char *path, tamis_error *error)
{
    const tamis_tune_row *best = &t->row[0];
    const search_space *space = &t->method[best->method_index].space;
    tamis_train_options options;
    char value[SEARCH_WORDS];
    base_writer *w;
    base_clear(error);
    tamis_status status = base_writer_open(path, &w, error);
    if (status) return status;
    (void)tune_best(t, best->method_index, &options);
    base_writer_format(w, "# tamis %s tune: %s %.4f in validation, epoch %lld of %lld; %lld trials per method of ", tamis_version(),
                       options.validation_metric, best->value, (long long)best->kept_epoch, (long long)best->epochs, (long long)t->trials);
    for (size_t m = 0; m < t->methods; m++) base_writer_format(w, "%s%s", m ? "," : "", t->method[m].space.name);
    base_writer_format(w, ", seed %llu\nmethod %s\nepochs %lld\n", (unsigned long long)t->options.seed, options.method,
                       (long long)options.epochs);
    for (size_t k = 0; k < space->fixes + space->axes; k++) {
        const tamis_option *row = k < space->fixes ? space->fixed[k] : space->axis[k - space->fixes].row;
        base_option_text(row, &options, value, sizeof value);
        if (row->type == TAMIS_OPTION_FLAG)
            base_writer_format(w, "%s%s\n", strcmp(value, "0") == 0 ? "no-" : "", row->name);
        else
            base_writer_format(w, "%s %s\n", row->name, value);
    }
    return base_writer_commit(w, error);
}
