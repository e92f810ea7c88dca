/* How methods stand noise: for every seed, ratio and method one cell is trained and evaluated.
 *
 * Protocol (after Zhang et al., PLD, WWW 2025). Per seed a random split per user into train, validation and test; noise
 * goes into train alone, drawn with the same seed, and never hits validation or test; the epoch that is best on validation
 * is kept; test users' training items (noise included) and validation items are masked. Tuning happens on the first
 * seed's validation part, with the same number of trials for every method that no file of parameters has fixed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/log.h"
#include "study/robustness.h"

static tamis_status open_ledger(tamis_robustness *s, const char *name, const char *header, ledger *l, tamis_error *error)
{
    char path[4096];
    if (!base_join(path, sizeof path, s->directory, name))
        return base_fail(error, TAMIS_FAILURE, "the path of %.200s... is too long", s->directory);
    return ledger_open(l, path, header, error);
}

static tamis_status fill(tamis_robustness *s, ledger *l, int64_t cells, study_digest *digest, tamis_error *error)
{
    const ledger_plan plan = {.cells = cells, .digest = digest, .lines = s->metrics, .jobs = s->jobs, .context = s,
                              .run = robustness_result, .tell = robustness_tell};
    s->filling = l;
    s->phase = "training";
    return ledger_fill(l, &plan, error);
}

/* Takes the best trial's options where a method is tuned. */
static void choose(tamis_robustness *s, const ledger *l, study_digest *digest, const int64_t *cell, int64_t cells)
{
    double *best = calloc(s->ratios * s->methods + 1, sizeof *best);
    for (int64_t k = 0; k < cells && best; k++) {
        const study_cell at = robustness_cell(s, true, cell[k]);
        const char *row = ledger_cell(l, digest[k]);
        char text[64];
        double value = row ? base_strtod(study_field(row, 7, text, sizeof text), NULL) : (double)NAN;
        size_t to = at.ratio * s->methods + at.method;
        if (value > best[to]) {
            best[to] = value;
            recipe_draw(&s->method[at.method], s->options.seed, at.trial, &s->chosen[to]);
        }
    }
    free(best);
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

static tamis_status tune(tamis_robustness *s, tamis_error *error)
{
    for (size_t k = 0; k < s->ratios * s->methods; k++) s->chosen[k] = s->method[k % s->methods].options;
    if (s->options.budget < 2) return TAMIS_OK;
    const int64_t all = (int64_t)(s->ratios * s->methods) * s->options.budget;
    tuning t = {s, calloc((size_t)all + 1, sizeof *t.cell)};
    study_digest *digest = calloc((size_t)all + 1, sizeof *digest);
    ledger l = {.file = -1, .waiting = -1};
    int64_t cells = 0;
    tamis_status status = t.cell && digest ? TAMIS_OK : base_no_memory(error, "trials", (size_t)all, sizeof *digest);
    for (int64_t c = 0; c < all && !status; c++) {
        const study_cell at = robustness_cell(s, true, c);
        tamis_train_options how;
        if (s->method[at.method].fixed) continue;
        recipe_draw(&s->method[at.method], s->options.seed, at.trial, &how);
        robustness_describe(s, at, true, &how, digest[cells]);
        t.cell[cells++] = c;
    }
    if (!status && cells) {
        status = open_ledger(s, "trials.csv", "digest,method,noise,ratio,trial,options,metric,value\n", &l, error);
        const ledger_plan plan = {.cells = cells, .digest = digest, .lines = 1, .jobs = s->jobs, .context = &t,
                                  .run = run_tuning, .tell = tell_tuning};
        s->filling = &l;
        s->phase = "tuning";
        if (!status) status = ledger_fill(&l, &plan, error);
        if (!status) choose(s, &l, digest, t.cell, cells);
        ledger_close(&l);
    }
    free(t.cell);
    free(digest);
    return status;
}

static tamis_status run_study(tamis_robustness *s, tamis_error *error)
{
    const int64_t cells = (int64_t)(s->ratios * s->methods) * s->options.seeds;
    study_digest *digest = calloc((size_t)cells + 1, sizeof *digest);
    ledger l = {.file = -1, .waiting = -1};
    tamis_status status = digest ? tune(s, error) : base_no_memory(error, "a plan", (size_t)cells, sizeof *digest);
    for (int64_t c = 0; c < cells && !status; c++) {
        const study_cell at = robustness_cell(s, false, c);
        robustness_describe(s, at, false, &s->chosen[at.ratio * s->methods + at.method], digest[c]);
    }
    if (!status) {
        status = open_ledger(s, "results.csv", "digest,method,noise,ratio,seed,metric,value\n", &l, error);
        if (!status) status = fill(s, &l, cells, digest, error);
        if (!status) status = robustness_summarize(s, &l, digest, error);
        ledger_close(&l);
    }
    free(digest);
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
    tamis_robustness *s = NULL;
    tamis_status status = study_new(log, directory, progress, &s, error);
    if (!status && options)
        s->options = *options;
    else if (!status)
        tamis_robustness_options_default(&s->options);
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
