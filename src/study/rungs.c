/* Successive halving over epochs, of each method by itself.
 *
 * Notation. T trials, R rungs, E the epochs of a whole training. Rung r = 0 .. R-1 trains the best ⌈T / 3^r⌉ trials of the
 * rung before, each anew with a schedule of its own over E / 3^(R-1-r) epochs; so each rung costs about the same. The first
 * trial, which has the method's defaults, is in every rung, so that what comes out is at least as good on validation.
 * Source: Jamieson, Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016.
 *
 * What a trial comes to hangs on its options, the split and the seed alone, never on the clock or on what runs beside it. A
 * clock ends the first rung; how many trials there were then is in the ledger, and the rest is as if so many had been asked
 * for. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/text.h"
#include "study/fill.h"
#include "study/recipe.h"
#include "study/rungs.h"
#include "study/within.h"

enum { THIRD = 3 };

typedef struct rung {
    tamis_tune *tune;
    int number;
    struct tune_cell {
        size_t method;
        int64_t trial;
    } *cell;
    int64_t cells;
    study_digest *digest;
} rung;

static int64_t power_of_third(int exponent)
{
    int64_t power = 1;
    while (exponent-- > 0) power *= THIRD;
    return power;
}

int64_t rungs_epochs(const tamis_tune *t, size_t method, int number)
{
    const double divisor = (double)power_of_third((int)t->options.rungs - 1 - number);
    const double epochs = round((double)t->method[method].space.base.epochs / divisor);
    return epochs < 1 ? 1 : (int64_t)epochs;
}

/* How many of so many trials are in a rung, the first one aside. */
static int64_t count_in(int64_t trials, int number)
{
    const int64_t divisor = power_of_third(number);
    return (trials + divisor - 1) / divisor;
}

void rungs_options(const tamis_tune *t, size_t method, int64_t trial, int number, tamis_train_options *options)
{
    const tune_method *m = &t->method[method];
    search_draw(&m->space, t->options.seed, trial, m->trial[trial].attempt, options);
    options->epochs = rungs_epochs(t, method, number);
}

/* ---- cells */

static tamis_status describe(const rung *r, const struct tune_cell *at, study_digest digest, tamis_error *error)
{
    study_text text = {0};
    tamis_train_options options;
    rungs_options(r->tune, at->method, at->trial, r->number, &options);
    study_add(&text, "tamis %s tune 1\n%s\nseed %" PRIu64 "\n", STUDY_FIGURES, r->tune->split.text, r->tune->options.seed);
    return recipe_digest(&options, true, &text, digest, error);
}

static int asked_to_stop(void *context)
{
    return ledger_stops(((const tamis_tune *)context)->ledger);
}

/* value stays NAN where it diverged. */
static tamis_status train(const tamis_tune *t, const within *cell, tamis_train_options *options, tamis_train_report *report,
                          tamis_error *error)
{
    tamis_model *model = NULL;
    const tamis_stop stop = {(void *)(uintptr_t)t, asked_to_stop};
    options->seed = t->options.seed;
    options->threads = t->jobs.threads;
    options->memory = t->jobs.memory;
    options->stop = &stop;
    tamis_status status = cell->directory ? within_train(cell, options, &model, report, error)
                                          : tamis_train(cell->train, cell->validation, options, NULL, &model, report, error);
    tamis_model_free(model);
    options->stop = NULL;
    if (status == TAMIS_DIVERGED) {
        *report = (tamis_train_report){.validation = (double)NAN};
        return TAMIS_OK;
    }
    return !status && report->interrupted ? base_fail(error, TAMIS_STOPPED, "stopped; the same command goes on where it was") : status;
}

static tamis_status run_cell(void *context, int64_t k, study_text *rows, tamis_error *error)
{
    const rung *r = context;
    const tamis_tune *t = r->tune;
    const struct tune_cell *at = &r->cell[k];
    const tune_method *m = &t->method[at->method];
    tamis_train_options options;
    tamis_train_report report;
    const within cell = {.directory = t->split.directory, .digest = r->digest[k], .every = t->split.every, .train = t->split.train,
                         .validation = t->split.validation};
    char number[32];
    rungs_options(t, at->method, at->trial, r->number, &options);
    tamis_status status = train(t, &cell, &options, &report, error);
    if (status) return status;
    const struct {
        const char *metric, *value;
    } lines[] = {{options.validation_metric, isnan(report.validation) ? "nan" : base_real_text(report.validation, number)},
                 {"epoch-kept", NULL}};
    for (size_t l = 0; l < BASE_COUNT(lines); l++) {
        study_add(rows, "%s,%s%s,%" PRId64 ",%" PRId64 ",%s,%s,", r->digest[k], t->split.label, m->space.name, at->trial + 1,
                  options.epochs, m->trial[at->trial].text, lines[l].metric);
        if (lines[l].value)
            study_add(rows, "%s\n", lines[l].value);
        else
            study_add(rows, "%" PRId64 "\n", report.kept_epoch);
    }
    if (cell.directory) within_done(&cell);
    return TAMIS_OK;
}

/* What the ledger has for a cell under that name. */
static tamis_status value_of(const tamis_tune *t, const char *digest, const char *name, double *value, tamis_error *error)
{
    int column = 6;
    for (const char *c = t->split.label; *c; c++) column += *c == ',';
    return ledger_value(t->ledger, digest, column, name, value, error);
}

/* ---- the clock */

/* Seconds that all comes to with so many trials, as it looks after some of them. What a trial takes in the last rung was
 * measured with the first one, or it takes as much longer as it has more epochs; rungs in between lie in between. */
static double foresee(const tamis_tune *t, int64_t done, int64_t trials)
{
    const int last = (int)t->options.rungs - 1;
    const double first = done > t->found ? (base_seconds() - t->start) / (double)(done - t->found) : 0;
    const double times = t->whole > 0 && first > 0 ? t->whole / first : (double)power_of_third(last);
    double sum = first * (double)(trials - t->found);
    for (int k = 1; k <= last; k++) sum += first * pow(times, (double)k / last) * (double)(count_in(trials, k) + 1);
    return t->spent + sum;
}

static bool goes_on(void *context, int64_t k)
{
    const rung *r = context;
    tamis_tune *t = r->tune;
    const int64_t trial = r->cell[k].trial;
    if (trial < t->trials) return true; /* for each method that is begun for one */
    if (t->trials == 0) t->found = trial;
    if (trial > t->found && foresee(t, trial, trial + 1) > 60 * t->options.minutes) return false;
    t->trials = trial + 1;
    return true;
}

/* ---- progress */

/* Cells of the rungs after this one, the trials of the first one being so many. */
static int64_t cells_after(const tamis_tune *t, int number, int64_t trials)
{
    int64_t cells = 0;
    for (size_t m = 0; m < t->methods; m++)
        for (int k = number + 1; k < t->options.rungs; k++)
            cells += count_in(trials < t->method[m].trials ? trials : t->method[m].trials, k);
    return cells;
}

/* How many trials there will be, for people to look at. */
static int64_t guess_trials(const tamis_tune *t, int64_t done)
{
    int64_t now = done / (int64_t)t->methods + 1, low = now, high = t->options.trials;
    while (low < high) {
        const int64_t middle = low + (high - low + 1) / 2;
        if (foresee(t, now, middle) <= 60 * t->options.minutes)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static int tell(void *context, int64_t k, int64_t done, int64_t cells)
{
    const rung *r = context;
    const tamis_tune *t = r->tune;
    char text[200] = "";
    if (!t->progress || !t->progress->call) return 0;
    if (cells == 0) return t->progress->call(t->progress->context, NULL);
    const bool open = t->options.minutes > 0 && r->number == 0;
    const int64_t trials = open ? guess_trials(t, done) : t->trials;
    if (open && trials * (int64_t)t->methods < cells) cells = trials * (int64_t)t->methods;
    if (k >= 0)
        snprintf(text, sizeof text, "%s, trial %" PRId64 ", %" PRId64 " epochs", t->method[r->cell[k].method].space.name,
                 r->cell[k].trial + 1, rungs_epochs(t, r->cell[k].method, r->number));
    const tamis_study_step step = {"tuning", text, t->before + done, t->before + cells + cells_after(t, r->number, trials)};
    return t->progress->call(t->progress->context, &step);
}

/* ---- a rung */

/* In the order of trials, so that a clock leaves out the last ones of all methods alike. */
static void add_cells(rung *r, const bool *taken)
{
    const tamis_tune *t = r->tune;
    for (int64_t trial = 0; trial < t->options.trials; trial++)
        for (size_t m = 0; m < t->methods; m++)
            if (taken[m * (size_t)t->options.trials + (size_t)trial]) r->cell[r->cells++] = (struct tune_cell){m, trial};
}

/* Whether a trial has come through the rung before. */
static bool is_left(const tune_trial *trial, int number)
{
    return trial->rung == number - 1 && !isnan(trial->value);
}

/* The best ones; ties: the earlier trial. */
static void promote(const tune_method *m, int64_t trials, int number, bool *taken)
{
    int64_t left = count_in(trials < m->trials ? trials : m->trials, number), best = 0;
    for (; left > 0 && best >= 0; left--) {
        best = -1;
        for (int64_t k = 0; k < m->trials; k++)
            if (is_left(&m->trial[k], number) && !taken[k] && (best < 0 || m->trial[k].value > m->trial[best].value)) best = k;
        if (best >= 0) taken[best] = true;
    }
    if (is_left(&m->trial[0], number)) taken[0] = true;
}

static void choose_cells(rung *r, bool *taken)
{
    const tamis_tune *t = r->tune;
    for (size_t m = 0; m < t->methods; m++) {
        bool *mine = taken + m * (size_t)t->options.trials;
        for (int64_t k = 0; k < t->method[m].trials && r->number == 0; k++) mine[k] = t->trials == 0 || k < t->trials;
        if (r->number > 0) promote(&t->method[m], t->trials, r->number, mine);
    }
    add_cells(r, taken);
}

/* How many trials of the first rung are there for all methods. */
static int64_t count_trials(const rung *r)
{
    double value;
    int64_t k = 0;
    while (k < r->cells && !value_of(r->tune, r->digest[k], "epoch-kept", &value, NULL)) k++;
    return k < r->cells ? r->cell[k].trial : r->cell[r->cells - 1].trial + 1;
}

static tamis_status take_values(rung *r, tamis_error *error)
{
    tamis_tune *t = r->tune;
    tamis_status status = TAMIS_OK;
    for (int64_t k = 0; k < r->cells && !status; k++) {
        const struct tune_cell *at = &r->cell[k];
        tune_trial *trial = &t->method[at->method].trial[at->trial];
        double kept = 0;
        if (at->trial >= t->trials) continue;
        status = value_of(t, r->digest[k], t->options.metric, &trial->value, error);
        if (!status) status = value_of(t, r->digest[k], "epoch-kept", &kept, error);
        trial->kept = (int64_t)kept;
        trial->rung = r->number;
        t->before++;
    }
    return status;
}

static tamis_status run_rung(rung *r, bool *taken, tamis_error *error)
{
    tamis_tune *t = r->tune;
    const bool clock = r->number == 0 && t->options.minutes > 0 && t->trials == 0;
    choose_cells(r, taken);
    tamis_status status = TAMIS_OK;
    for (int64_t k = 0; k < r->cells && !status; k++) status = describe(r, &r->cell[k], r->digest[k], error);
    const ledger_plan plan = {.cells = r->cells, .digest = r->digest, .lines = 2, .jobs = t->jobs.jobs, .context = r, .run = run_cell,
                              .tell = tell, .more = clock ? goes_on : NULL};
    if (!status && r->cells) status = ledger_fill(t->ledger, &plan, error);
    if (!status && clock) t->trials = count_trials(r);
    if (!status) status = take_values(r, error);
    return status;
}

/* The first trial in the last rung, which it comes into anyhow: how long does that take? */
static tamis_status run_first(rung *r, tamis_error *error)
{
    tamis_tune *t = r->tune;
    const double start = base_seconds();
    double value;
    bool fresh = true;
    tamis_status status = TAMIS_OK;
    r->number = (int)t->options.rungs - 1;
    for (size_t m = 0; m < t->methods && !status; m++) {
        r->cell[m] = (struct tune_cell){m, 0};
        status = describe(r, &r->cell[m], r->digest[m], error);
        fresh = fresh && !status && value_of(t, r->digest[m], "epoch-kept", &value, NULL);
    }
    r->cells = (int64_t)t->methods;
    const ledger_plan plan = {.cells = r->cells, .digest = r->digest, .lines = 2, .jobs = t->jobs.jobs, .context = r, .run = run_cell,
                              .tell = tell};
    if (!status) status = ledger_fill(t->ledger, &plan, error);
    t->spent = base_seconds() - start;
    t->whole = fresh ? t->spent : 0;
    return status;
}

/* ---- what the clock decided is a cell, too */

typedef struct decision {
    const tamis_tune *tune;
    study_digest digest;
} decision;

static tamis_status describe_clock(decision *d, tamis_error *error)
{
    const tamis_tune *t = d->tune;
    study_text text = {0};
    char minutes[32];
    study_add(&text, "tamis %s tune 1 clock %s\n%s\nseed %" PRIu64 "\n", STUDY_FIGURES, base_real_text(t->options.minutes, minutes),
              t->split.text, t->options.seed);
    study_add(&text, "trials %" PRId64 " rungs %" PRId64 "\n", t->options.trials, t->options.rungs);
    tamis_status status = TAMIS_OK;
    for (size_t m = 0; m < t->methods && !status; m++) {
        study_digest last;
        rung first = {.tune = (tamis_tune *)(uintptr_t)t};
        status = describe(&first, &(struct tune_cell){m, t->method[m].trials - 1}, last, error);
        study_add(&text, "%s %" PRId64 " %s\n", t->method[m].space.name, t->method[m].trials, last);
    }
    if (!status && text.failed) status = base_no_memory(error, "a description", text.used, 1);
    if (!status) study_digest_of(text.bytes, d->digest);
    study_text_clear(&text);
    return status;
}

static tamis_status write_clock(void *context, int64_t k, study_text *rows, tamis_error *error)
{
    const decision *d = context;
    char minutes[32];
    (void)k;
    (void)error;
    study_add(rows, "%s,%s,,,--minutes %s,trials,%" PRId64 "\n", d->digest, d->tune->split.label, base_real_text(d->tune->options.minutes, minutes), d->tune->trials);
    return TAMIS_OK;
}

static tamis_status keep_clock(decision *d, tamis_error *error)
{
    const ledger_plan plan = {.cells = 1, .digest = &d->digest, .lines = 1, .jobs = 1, .context = d, .run = write_clock};
    return ledger_fill(d->tune->ledger, &plan, error);
}

tamis_status rungs_run(tamis_tune *t, tamis_error *error)
{
    const size_t most = t->methods * (size_t)t->options.trials;
    rung r = {.tune = t, .cell = calloc(most, sizeof *r.cell), .digest = calloc(most, sizeof *r.digest)};
    bool *taken = calloc(most, sizeof *taken);
    decision clock = {.tune = t};
    double decided;
    tamis_status status = r.cell && r.digest && taken ? TAMIS_OK : base_no_memory(error, "trials", most, sizeof *r.digest);
    t->trials = t->options.minutes > 0 ? 0 : t->options.trials;
    if (!status && t->options.minutes > 0) status = describe_clock(&clock, error);
    if (!status && t->options.minutes > 0 && !value_of(t, clock.digest, "trials", &decided, NULL))
        t->trials = (int64_t)decided;
    t->found = 0;
    if (!status && t->options.minutes > 0 && t->trials == 0 && t->options.rungs > 1) status = run_first(&r, error);
    t->start = base_seconds();
    for (r.number = 0; r.number < t->options.rungs && !status; r.number++) {
        memset(taken, 0, most * sizeof *taken);
        r.cells = 0;
        status = run_rung(&r, taken, error);
        if (!status && r.number == 0 && t->options.minutes > 0) status = keep_clock(&clock, error);
    }
    free(taken);
    free(r.cell);
    free(r.digest);
    return status;
}
