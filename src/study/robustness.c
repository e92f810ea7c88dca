/* How methods stand noise: for every seed, ratio and method one cell is trained and evaluated.
 *
 * Protocol (after Zhang et al., PLD, WWW 2025). Per seed a random split per user into train, validation and test; noise
 * goes into train alone, drawn with the same seed, and never hits validation or test; the epoch that is best on validation
 * is kept; test users' training items (noise included) and validation items are masked. Tuning happens on the first
 * seed's validation part, with the same number of trials for every method that no file of parameters has fixed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/status.h"
#include "data/log.h"
#include "study/cells.h"
#include "study/fill.h"
#include "study/report.h"
#include "study/robustness.h"
#include "study/settings.h"
#include "study/summary.h"
#include "study/within.h"

/* Takes the best trial's options where a method is tuned; the defaults where all diverged. */
static tamis_status choose(tamis_robustness *s, const ledger *l, study_digest *digest, const int64_t *cell, int64_t cells,
                           tamis_error *error)
{
    double *best = calloc(s->ratios * s->methods + 1, sizeof *best);
    if (!best) return base_no_memory(error, "the best trials", s->ratios * s->methods, sizeof *best);
    tamis_status status = TAMIS_OK;
    for (int64_t k = 0; k < cells && !status; k++) {
        const study_cell at = robustness_cell(s, true, cell[k]);
        const size_t to = at.ratio * s->methods + at.method;
        double value = (double)NAN;
        status = ledger_value(l, digest[k], 7, s->validated, &value, error);
        if (value > best[to]) {
            best[to] = value;
            recipe_draw(&s->method[at.method], s->options.seed, at.trial, &s->chosen[to]);
        }
    }
    free(best);
    return status;
}

/* Trials of fixed methods are not part of the plan: cell[] lists the others. */
typedef struct tuning {
    tamis_robustness *study;
    int64_t *cell;
} tuning;

static tamis_status run_tuning(void *context, int64_t k, study_text *rows_out, tamis_error *error)
{
    const tuning *t = context;
    return robustness_trial(t->study, t->cell[k], rows_out, error);
}

static int tell_tuning(void *context, int64_t k, int64_t done, int64_t cells)
{
    const tuning *t = context;
    return robustness_tell(t->study, k < 0 ? k : t->cell[k], done, cells);
}

static int64_t count_results(const tamis_robustness *s)
{
    return (int64_t)(s->ratios * s->methods) * s->options.seeds;
}

static tamis_status run_trials(tamis_robustness *s, tuning *t, study_digest *digest, tamis_error *error)
{
    const int64_t all = (int64_t)(s->ratios * s->methods) * s->options.budget;
    int64_t cells = 0;
    for (int64_t c = 0; c < all; c++)
        if (!s->method[robustness_cell(s, true, c).method].fixed) t->cell[cells++] = c;
    if (cells == 0) return TAMIS_OK;
    s->cells += cells;
    ledger l;
    s->filling = &l;
    s->phase = "tuning";
    tamis_status status = ledger_open(&l, s->directory, "trials.csv", "digest,method,noise,ratio,trial,options,metric,value", error);
    for (int64_t k = 0; k < cells && !status; k++) {
        const study_cell at = robustness_cell(s, true, t->cell[k]);
        tamis_train_options how;
        recipe_draw(&s->method[at.method], s->options.seed, at.trial, &how);
        status = robustness_describe(s, at, true, &how, digest[k], error);
    }
    const ledger_plan plan = {.cells = cells, .digest = digest, .lines = 1, .jobs = s->jobs, .context = t, .run = run_tuning,
                              .tell = tell_tuning};
    if (!status) status = ledger_fill(&l, &plan, error);
    if (!status) status = choose(s, &l, digest, t->cell, cells, error);
    ledger_close(&l);
    s->before = cells;
    return status;
}

static tamis_status tune(tamis_robustness *s, tamis_error *error)
{
    for (size_t k = 0; k < s->ratios * s->methods; k++) s->chosen[k] = s->method[k % s->methods].options;
    if (s->options.budget < 2) return TAMIS_OK;
    const size_t all = s->ratios * s->methods * (size_t)s->options.budget;
    tuning t = {s, calloc(all, sizeof *t.cell)};
    study_digest *digest = calloc(all, sizeof *digest);
    tamis_status status = t.cell && digest ? run_trials(s, &t, digest, error)
                                           : base_no_memory(error, "trials", all, sizeof *digest);
    free(t.cell);
    free(digest);
    return status;
}

static tamis_status run_results(tamis_robustness *s, ledger *l, study_digest *digest, tamis_error *error)
{
    const ledger_plan plan = {.cells = count_results(s), .digest = digest, .lines = s->metrics, .jobs = s->jobs,
                              .context = s, .run = robustness_result, .tell = robustness_tell};
    tamis_status status = TAMIS_OK;
    s->filling = l;
    s->phase = "training";
    for (int64_t c = 0; c < plan.cells && !status; c++) {
        const study_cell at = robustness_cell(s, false, c);
        status = robustness_describe(s, at, false, &s->chosen[at.ratio * s->methods + at.method], digest[c], error);
    }
    if (!status) status = ledger_fill(l, &plan, error);
    return status ? status : robustness_summarize(s, l, digest, error);
}

static tamis_status run_study(tamis_robustness *s, tamis_error *error)
{
    study_digest *digest = calloc((size_t)count_results(s), sizeof *digest);
    if (!digest) return base_no_memory(error, "a plan", (size_t)count_results(s), sizeof *digest);
    s->cells = count_results(s);
    ledger l; /* opened before tuning, which may take hours, and kept: nobody else can get between */
    tamis_status status = ledger_open(&l, s->directory, "results.csv", "digest,method,noise,ratio,seed,metric,value", error);
    if (!status) status = tune(s, error);
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
    free(s);
}
