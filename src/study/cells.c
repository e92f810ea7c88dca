/* A cell of the noise-ratio study: a log split and noised, a model trained on it and evaluated. */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/locale.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "data/log.h"
#include "study/cells.h"
#include "study/fill.h"
#include "study/natural.h"
#include "study/within.h"

void study_parts_free(study_parts *p)
{
    tamis_log_free(p->clean);
    tamis_log_free(p->train);
    tamis_log_free(p->validation);
    tamis_log_free(p->test);
}

/* As much of the noise goes to validation as of what is not test. */
static tamis_status put_natural(const tamis_robustness *s, size_t ratio, uint64_t seed, study_parts *p, tamis_error *error)
{
    const natural_noise noise = {.rows = s->options.natural, .log = s->log, .ratio = s->ratio[ratio], .seed = seed,
                                 .validation_share = s->options.validation_ratio / (1 - s->options.test_ratio)};
    tamis_status status = log_copy(p->clean, &p->train, error);
    return status ? status : natural_put(&noise, &p->train, &p->validation, error);
}

tamis_status robustness_parts(const tamis_robustness *s, size_t ratio, uint64_t seed, study_parts *p, tamis_error *error)
{
    tamis_split_options split;
    tamis_split_options_default(&split);
    split.test_ratio = s->options.test_ratio;
    split.validation_ratio = s->options.validation_ratio;
    split.seed = seed;
    tamis_status status = tamis_log_split(s->log, &split, &p->clean, &p->validation, &p->test, error);
    if (!status && s->options.natural) return put_natural(s, ratio, seed, p, error);
    tamis_noise_options noise = s->noise[ratio];
    noise.seed = seed;
    const tamis_log *held[] = {p->validation, p->test};
    noise.held_out = held;
    noise.held_outs = BASE_COUNT(held);
    tamis_log *dropped = NULL;
    if (!status) status = tamis_log_noise(p->clean, &noise, &p->train, NULL, noise.drop > 0 ? &dropped : NULL, error);
    p->dropped = dropped ? tamis_log_interactions(dropped) : 0;
    tamis_log_free(dropped);
    return status;
}

/* Rows put in or taken away at a ratio, and training rows without. */
static tamis_status noise_of(const tamis_robustness *s, size_t ratio, int64_t *rows, int64_t *all, tamis_error *error)
{
    study_parts p = {0};
    *rows = *all = 0;
    tamis_status status = robustness_parts(s, ratio, s->options.seed, &p, error);
    if (!status) {
        const int64_t kept = tamis_log_interactions(p.clean) - p.dropped;
        *all = tamis_log_interactions(p.clean);
        *rows = tamis_log_interactions(p.train) - kept + p.dropped;
    }
    study_parts_free(&p);
    return status;
}

tamis_status robustness_round(tamis_robustness *s, tamis_error *error)
{
    static const char drawn[] = "Shares are rounded down for each user; rows put in or hidden, per training row of the first seed",
                      natural[] = "Noisy rows in training, per clean one of the first seed";
    size_t used = (size_t)snprintf(s->rounding, sizeof s->rounding, "%s", !(s->ratio[s->ratios - 1] > 0) ? ""
                                   : s->options.natural ? natural : drawn);
    tamis_status status = TAMIS_OK;
    for (size_t r = 0; r < s->ratios && !status; r++) {
        int64_t rows, all;
        if (!(s->ratio[r] > 0)) continue;
        status = noise_of(s, r, &rows, &all, error);
        if (!status && rows == 0 && s->options.natural)
            status = base_fail(error, TAMIS_DATA, "%g of the rows that are noise are none in training: each pair that has a clean row, too, "
                               "is clean; expected more of them", s->ratio[r]);
        else if (!status && rows == 0)
            status = base_fail(error, TAMIS_DATA, "--ratios: %g comes to no row at all, since each user's share is rounded down; "
                               "expected a higher one", s->ratio[r]);
        if (!status && used < sizeof s->rounding)
            used += (size_t)base_format(s->rounding + used, sizeof s->rounding - used, "%s %.4g at %.4g",
                                        r && s->ratio[r - 1] > 0 ? "," : ":", (double)rows / (double)all, s->ratio[r]);
    }
    return status;
}

static int asked_to_stop(void *context)
{
    return ledger_stops(((const tamis_robustness *)context)->filling);
}

tamis_stop robustness_stop(const tamis_robustness *s)
{
    return (tamis_stop){(void *)(uintptr_t)s, asked_to_stop};
}

tamis_status robustness_stopped(tamis_error *error)
{
    return base_fail(error, TAMIS_STOPPED, "stopped; the same command goes on where it was");
}

/* TAMIS_DIVERGED is no failure of the study: model stays NULL. */
static tamis_status train(const tamis_robustness *s, const within *cell, tamis_train_options options, tamis_model **model,
                          tamis_train_report *report, tamis_error *error)
{
    const tamis_stop stop = robustness_stop(s);
    options.threads = s->threads;
    options.stop = &stop;
    tamis_status status = within_train(cell, &options, model, report, error);
    if (status == TAMIS_DIVERGED) return TAMIS_OK;
    if (status != TAMIS_STOPPED && (status || !report->interrupted)) return status;
    tamis_model_free(*model);
    *model = NULL;
    return robustness_stopped(error);
}

static within within_of(const tamis_robustness *s, const study_parts *p, const char *digest)
{
    return (within){.directory = s->directory, .digest = digest, .every = s->options.checkpoint_every, .train = p->train,
                    .validation = p->validation};
}

static tamis_status measure(const tamis_robustness *s, const tamis_model *model, const study_parts *p, const tamis_log *test,
                            double *value, tamis_error *error)
{
    tamis_evaluate_options options;
    tamis_evaluation *evaluation = NULL;
    const tamis_log *masks[] = {p->validation};
    const tamis_stop stop = robustness_stop(s);
    tamis_evaluate_options_default(&options);
    options.stop = &stop;
    options.metrics = s->options.metrics;
    options.cutoffs = s->options.cutoffs;
    options.threads = s->threads;
    tamis_status status = tamis_evaluate(model, test, masks, 1, &options, &evaluation, error);
    for (size_t k = 0; k < s->whole_metrics; k++) value[k] = status ? (double)NAN : tamis_evaluation_mean(evaluation, k);
    tamis_evaluation_free(evaluation);
    return status == TAMIS_STOPPED ? robustness_stopped(error) : status;
}

tamis_status study_tail_of(const tamis_robustness *s, const tamis_log *test, tamis_log **tail, tamis_error *error)
{
    size_t n = (size_t)tamis_log_interactions(test);
    uint8_t *part = base_alloc(n + 1, 1);
    if (!part) return base_no_memory(error, "the tail", n, 1);
    for (size_t k = 0; k < n; k++) part[k] = s->tail[test->matrix->index[k]];
    tamis_status status = log_extract(test, part, 1, tail, error);
    base_free(part);
    return status;
}

static tamis_status measure_all(const tamis_robustness *s, const tamis_model *model, const study_parts *p, double *value,
                                tamis_error *error)
{
    tamis_log *tail = NULL;
    tamis_status status = measure(s, model, p, p->test, value, error);
    if (!status) status = study_tail_of(s, p->test, &tail, error);
    if (!status && tamis_log_interactions(tail) > 0) status = measure(s, model, p, tail, value + s->whole_metrics, error);
    tamis_log_free(tail);
    return status;
}

study_cell robustness_cell(const tamis_robustness *s, int64_t cell)
{
    const int64_t methods = (int64_t)s->methods, inner = cell % (methods * s->options.seeds);
    return (study_cell){.ratio = (size_t)(cell / (methods * s->options.seeds)), .method = (size_t)(inner % methods),
                        .seed = s->options.seed + (uint64_t)(inner / methods)};
}

void robustness_describe_parts(const tamis_robustness *s, size_t ratio, uint64_t seed, study_text *text)
{
    char number[32];
    study_add(text, "tamis %s robustness 1\nlog %s\nsplit %.17g %.17g\nnoise %s %s %d\nseed %" PRIu64 "\nhead %.17g\n",
              STUDY_FIGURES, s->log_digest, s->options.test_ratio, s->options.validation_ratio, s->options.noise,
              base_real_text(s->ratio[ratio], number), s->options.paper_protocol, seed, s->options.head);
    if (s->options.natural) study_add(text, "natural %s\n", s->natural_digest);
    if (s->noise[ratio].users > 0) study_add(text, "noisy users %.17g\n", s->noise[ratio].users);
}

tamis_status robustness_describe(const tamis_robustness *s, study_cell at, const tamis_train_options *how, study_digest digest,
                                 tamis_error *error)
{
    study_text text = {0};
    robustness_describe_parts(s, at.ratio, at.seed, &text);
    study_add(&text, "result %s 0\n", s->method[at.method].name);
    for (size_t k = 0; k < s->metrics; k++) study_add(&text, "metric %s\n", s->metric[k]);
    return recipe_digest(how, s->filling->checked, &text, digest, error);
}

tamis_status robustness_result(void *context, int64_t cell, study_text *rows_out, tamis_error *error)
{
    tamis_robustness *s = context;
    const study_cell at = robustness_cell(s, cell);
    tamis_train_options how = s->chosen[at.ratio * s->methods + at.method];
    double value[STUDY_METRICS];
    study_parts p = {0};
    tamis_model *model = NULL;
    tamis_train_report report;
    study_digest digest;
    char number[32], ratio[32];
    for (size_t k = 0; k < s->metrics; k++) value[k] = (double)NAN;
    tamis_status status = robustness_parts(s, at.ratio, at.seed, &p, error);
    if (!status) status = robustness_describe(s, at, &how, digest, error);
    const within cell_of = within_of(s, &p, digest);
    how.seed = at.seed;
    if (!status) status = train(s, &cell_of, how, &model, &report, error);
    if (!status && model) status = measure_all(s, model, &p, value, error);
    for (size_t k = 0; k < s->metrics && !status; k++)
        study_add(rows_out, "%s,%s,%s,%s,%" PRIu64 ",%s,%s\n", digest, s->method[at.method].name, s->options.noise,
                  base_real_text(s->ratio[at.ratio], ratio), at.seed, s->metric[k],
                  isnan(value[k]) ? "nan" : base_real_text(value[k], number));
    if (!status) within_done(&cell_of);
    tamis_model_free(model);
    study_parts_free(&p);
    return status;
}

int robustness_tell(void *context, int64_t cell, int64_t done, int64_t cells)
{
    const tamis_robustness *s = context;
    char text[200] = "";
    if (!s->progress || !s->progress->call) return 0;
    if (cells == 0) return s->progress->call(s->progress->context, NULL);
    const study_cell at = robustness_cell(s, cell < 0 ? 0 : cell);
    if (cell >= 0)
        base_format(text, sizeof text, "%s, noise %g, seed %" PRIu64, s->method[at.method].name, s->ratio[at.ratio],
                    at.seed);
    const tamis_study_step step = {"training", text, s->before + done, s->before + cells};
    return s->progress->call(s->progress->context, &step);
}
