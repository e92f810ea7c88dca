/* How methods stand noise: for every seed, ratio and method one cell is trained and evaluated.
 *
 * Protocol (after Zhang et al., PLD, WWW 2025). Per seed a random split per user into train, validation and test; noise,
 * drawn with the same seed, goes into train and validation alike, as it would be in a log that somebody has (into train alone
 * with a clean validation, as published), and never hits test; the epoch that is best on validation is kept; test users'
 * training items (noise included) and validation items are masked. Tuning happens on the first seed's validation part, with
 * the same number of trials for every method that no file of parameters has fixed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/status.h"
#include "base/locale.h"
#include "base/text.h"
#include "data/log.h"
#include "study/cells.h"
#include "study/fill.h"
#include "study/report.h"
#include "study/robustness.h"
#include "study/settings.h"
#include "study/summary.h"
#include "study/tune.h"
#include "study/verdict.h"
#include "study/within.h"

static int64_t count_results(const tamis_robustness *s)
{
    return (int64_t)(s->ratios * s->methods) * s->options.seeds;
}

/* ---- tuning, ratio by ratio, on the first seed */

typedef struct tuning {
    tamis_robustness *study;
    size_t ratio;
    size_t which[STUDY_METHODS], count; /* the methods that no file of parameters has fixed */
} tuning;

static int tell_tuning(void *context, const tamis_study_step *step)
{
    const tuning *t = context;
    tamis_robustness *s = t->study;
    char text[240] = "";
    if (!step) return s->progress->call(s->progress->context, NULL);
    if (*step->text) base_format(text, sizeof text, "noise %g, %.200s", s->ratio[t->ratio], step->text);
    /* further ratios come to as many trials, or nearly */
    const int64_t left = (int64_t)(s->ratios - t->ratio) * step->cells;
    const tamis_study_step all = {step->phase, text, s->before + step->done, s->before + left + count_results(s)};
    if (step->done == step->cells) s->tuned = step->cells;
    return s->progress->call(s->progress->context, &all);
}

/* Takes the best trial's options; the defaults where all diverged. */
static void choose(const tuning *t, const tamis_tune *tune)
{
    tamis_robustness *s = t->study;
    for (size_t k = 0; k < t->count; k++) {
        const search_space *space = &tune->method[k].space;
        tamis_train_options *chosen = &s->chosen[t->ratio * s->methods + t->which[k]];
        for (size_t a = 0; a < space->axes; a++) s->drawn[t->which[k]][a] = space->axis[a].row;
        if (tune_best(tune, k, chosen)) chosen->validation_metric = s->validated; /* tune's own goes with it */
    }
}

static tamis_status tune_on(const tuning *t, tune_split *split, ledger *l, tamis_error *error)
{
    const tamis_robustness *s = t->study;
    const tamis_study_progress progress = {(void *)(uintptr_t)t, tell_tuning};
    tamis_tune_options how;
    tamis_tune *tune;
    tamis_tune_options_default(&how);
    how.trials = s->options.trials;
    how.metric = s->validated;
    how.seed = s->options.seed;
    how.threads = s->options.threads;
    how.jobs = s->jobs.jobs;
    how.memory = s->options.memory;
    tamis_status status = tune_open(split, &how, s->progress && s->progress->call ? &progress : NULL, &tune, error);
    for (size_t k = 0; k < t->count && !status; k++)
        status = tune_add(tune, s->method[t->which[k]].name, &s->method[t->which[k]].options, error);
    if (!status) status = tune_run(tune, l, error);
    if (!status) choose(t, tune);
    tamis_tune_free(tune);
    return status;
}

static tamis_status tune_at(const tuning *t, ledger *l, tamis_error *error)
{
    const tamis_robustness *s = t->study;
    study_text text = {0};
    study_digest digest;
    study_parts parts = {0};
    char ratio[32], label[80];
    robustness_describe_parts(s, t->ratio, s->options.seed, &text);
    tamis_status status = text.failed ? base_no_memory(error, "a description", text.used, 1)
                                      : robustness_parts(s, t->ratio, s->options.seed, &parts, error);
    if (!status) study_digest_of(text.bytes, digest);
    study_text_clear(&text);
    snprintf(label, sizeof label, "%.40s,%s,", s->options.noise, base_real_text(s->ratio[t->ratio], ratio));
    tune_split split = {.train = parts.train, .validation = parts.validation, .label = label, .directory = s->directory,
                        .every = s->options.checkpoint_every};
    if (!status) snprintf(split.text, sizeof split.text, "robustness %s", digest);
    if (!status) status = tune_on(t, &split, l, error);
    study_parts_free(&parts);
    return status;
}

static tamis_status tune(tamis_robustness *s, tamis_error *error)
{
    tuning t = {.study = s};
    ledger l;
    for (size_t k = 0; k < s->ratios * s->methods; k++) s->chosen[k] = s->method[k % s->methods].options;
    for (size_t m = 0; m < s->methods; m++)
        if (!s->method[m].fixed) t.which[t.count++] = m;
    if (s->options.trials < 2 || t.count == 0) return TAMIS_OK;
    tamis_status status = ledger_open(&l, s->directory, "tuning.csv", "digest,noise,ratio," TUNE_COLUMNS, error);
    for (; t.ratio < s->ratios && !status; t.ratio++) {
        status = tune_at(&t, &l, error);
        s->before += s->tuned;
    }
    if (!status) status = ledger_finish(&l, error);
    ledger_close(&l);
    return status;
}

/* ---- results */

static tamis_status run_results(tamis_robustness *s, ledger *l, study_digest *digest, tamis_error *error)
{
    const ledger_plan plan = {.cells = count_results(s), .digest = digest, .lines = s->metrics, .jobs = s->jobs.jobs,
                              .context = s, .run = robustness_result, .tell = robustness_tell};
    tamis_status status = TAMIS_OK;
    s->filling = l;
    for (int64_t c = 0; c < plan.cells && !status; c++) {
        const study_cell at = robustness_cell(s, c);
        status = robustness_describe(s, at, &s->chosen[at.ratio * s->methods + at.method], digest[c], error);
    }
    if (!status) status = ledger_fill(l, &plan, error);
    if (!status) status = ledger_finish(l, error);
    if (!status) status = robustness_summarize(s, l, digest, error);
    return status ? status : study_judge(s, error);
}

static tamis_status run_study(tamis_robustness *s, tamis_error *error)
{
    study_digest *digest = calloc((size_t)count_results(s), sizeof *digest);
    if (!digest) return base_no_memory(error, "a plan", (size_t)count_results(s), sizeof *digest);
    ledger l; /* opened before tuning, which may take hours, and kept: nobody else can get between */
    tamis_status status = ledger_open(&l, s->directory, "results.csv", "digest,method,noise,ratio,seed,metric,value", error);
    if (!status) status = tune(s, error);
    if (!status) status = study_fit_jobs(s, error);
    if (!status) status = run_results(s, &l, digest, error);
    ledger_close(&l);
    free(digest);
    if (!status) within_sweep(s->directory);
    return status ? status : study_write(s, error);
}

tamis_status study_write(const tamis_robustness *s, tamis_error *error)
{
    tamis_status status = robustness_markdown(s, error);
    if (!status) status = robustness_gnuplot(s, error);
    return status ? status : robustness_report(s, error);
}

tamis_status study_new(const tamis_log *log, const char *directory, const tamis_study_progress *progress,
                       tamis_robustness **out, tamis_error *error)
{
    tamis_robustness *s = calloc(1, sizeof *s);
    if (!s) return base_no_memory(error, "a study", 1, sizeof *s);
    *out = s;
    s->log = log;
    s->progress = progress;
    s->users = tamis_log_users(log);
    s->items = tamis_log_items(log);
    s->interactions = tamis_log_interactions(log);
    if (snprintf(s->directory, sizeof s->directory, "%s", directory) >= (int)sizeof s->directory)
        return base_fail(error, TAMIS_FAILURE, "the path of %.200s... is too long", directory);
    return TAMIS_OK;
}

tamis_status tamis_robustness_run(const tamis_log *log, const tamis_robustness_options *options, const char *directory,
                                  const tamis_study_progress *progress, tamis_robustness **out, tamis_error *error)
{
    *out = NULL;
    base_clear(error);
    if (!log) return base_null(error, "the log");
    tamis_robustness *s = NULL;
    tamis_status status = study_new(log, directory, progress, &s, error);
    if (s) tamis_robustness_options_default(&s->options);
    if (!status) status = base_option_take(&robustness_option_table, options, &s->options, error);
    if (!status) status = robustness_settle(s, error);
    if (!status) status = robustness_round(s, error);
    if (!status) status = base_directory(directory, error);
    if (!status) status = run_study(s, error);
    if (status) {
        tamis_robustness_free(s);
        return status;
    }
    *out = s;
    return TAMIS_OK;
}

void tamis_robustness_free(tamis_robustness *s)
{
    if (!s) return;
    recipes_clear(&s->recipes);
    free(s->chosen);
    base_free(s->tail);
    free(s->row);
    free(s->first);
    free(s);
}
