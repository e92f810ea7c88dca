/* A cell of the noise-ratio study: a log split and noised, a model trained on it and evaluated. */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/locale.h"
#include "base/memory.h"
#include "base/random.h"
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

/* Of noise as much goes to validation as of what is not test. */
static double validation_share(const tamis_robustness *s)
{
    return s->options.validation == TAMIS_STUDY_CLEAN ? 0 : s->options.validation_ratio / (1 - s->options.test_ratio);
}

static tamis_status put_natural(const tamis_robustness *s, size_t ratio, uint64_t seed, study_parts *p, tamis_error *error)
{
    const natural_noise noise = {.rows = s->options.natural, .log = s->log, .ratio = s->ratio[ratio], .seed = seed,
                                 .validation_share = validation_share(s)};
    tamis_status status = log_with(p->clean, matrix_hold(p->clean->matrix), &p->train, error);
    if (!status) status = natural_put(&noise, &p->train, &p->validation, error);
    p->base = tamis_log_interactions(p->clean);
    p->noisy = status ? 0 : tamis_log_interactions(p->train) - p->base;
    return status;
}

/* Draws the noise of a ratio into the clean part, or into a log that has validation too, but never as a held-out row. */
static tamis_status draw_noise(const tamis_robustness *s, size_t ratio, uint64_t seed, const tamis_log *log, study_parts *p,
                               tamis_log **noisy, tamis_error *error)
{
    const tamis_log *held[] = {p->test, p->validation};
    tamis_noise_options noise = s->noise[ratio];
    tamis_log *dropped = NULL;
    noise.seed = seed;
    noise.held_out = held;
    noise.held_outs = log == p->clean ? 2 : 1;
    tamis_status status = tamis_log_noise(log, &noise, noisy, NULL, noise.drop > 0 ? &dropped : NULL, error);
    const int64_t hidden = dropped ? tamis_log_interactions(dropped) : 0;
    p->base = tamis_log_interactions(log);
    p->noisy = status ? 0 : tamis_log_interactions(*noisy) - p->base + 2 * hidden;
    tamis_log_free(dropped);
    return status;
}

enum { OUT, IN_TRAIN, IN_VALIDATION, DEAL = 17 /* beside the kinds of noise */ };

/* What is in none of the clean parts is dealt out at random, each row by a stream of its own. */
static void deal(const tamis_robustness *s, uint64_t seed, const study_parts *p, const tamis_log *noisy, uint8_t *part)
{
    const matrix *m = noisy->matrix;
    const double share = validation_share(s);
    for (int64_t u = 0; u < m->rows; u++)
        for (int64_t k = m->start[u]; k < m->start[u + 1]; k++) {
            base_stream stream = base_stream_key(seed, BASE_FOR_NOISE, (uint64_t)u, base_mix((uint64_t)m->index[k] + DEAL));
            const bool validates = matrix_find(p->validation->matrix, u, m->index[k]) >= 0;
            const bool trains = !validates && matrix_find(p->clean->matrix, u, m->index[k]) >= 0;
            part[k] = validates || (!trains && base_uniform(&stream) < share) ? IN_VALIDATION : IN_TRAIN;
        }
}

/* Noise comes into the log before train and validation are cut from it; what is clean is in the part that it is in anyhow. */
static tamis_status put_in_both(const tamis_robustness *s, size_t ratio, uint64_t seed, study_parts *p, tamis_error *error)
{
    const matrix *all = s->log->matrix;
    tamis_log *both = NULL, *noisy = NULL, *validation = NULL;
    uint8_t *part = base_alloc((size_t)all->nnz + 1, 1), *where = NULL;
    tamis_status status = part ? TAMIS_OK : base_no_memory(error, "a split", (size_t)all->nnz, 1);
    for (int64_t u = 0; u < all->rows && !status; u++)
        for (int64_t k = all->start[u]; k < all->start[u + 1]; k++) part[k] = matrix_find(p->test->matrix, u, all->index[k]) < 0;
    if (!status) status = log_extract(s->log, part, 1, &both, error);
    if (!status) status = draw_noise(s, ratio, seed, both, p, &noisy, error);
    if (!status && !(where = base_alloc((size_t)noisy->matrix->nnz + 1, 1)))
        status = base_no_memory(error, "a split", (size_t)noisy->matrix->nnz, 1);
    if (!status) deal(s, seed, p, noisy, where);
    if (!status) status = log_extract(noisy, where, IN_TRAIN, &p->train, error);
    if (!status) status = log_extract(noisy, where, IN_VALIDATION, &validation, error);
    if (!status) {
        tamis_log_free(p->validation);
        p->validation = validation;
    }
    base_free(part);
    base_free(where);
    tamis_log_free(both);
    tamis_log_free(noisy);
    return status;
}

static bool noise_in_validation(const tamis_robustness *s, size_t ratio)
{
    return s->options.validation == TAMIS_STUDY_NOISY && !s->options.natural && s->ratio[ratio] > 0;
}

tamis_status robustness_parts(const tamis_robustness *s, size_t ratio, uint64_t seed, study_parts *p, tamis_error *error)
{
    tamis_split_options split;
    tamis_split_options_default(&split);
    split.test_ratio = s->options.test_ratio;
    split.validation_ratio = s->options.validation_ratio;
    split.seed = seed;
    tamis_status status = tamis_log_split(s->log, &split, &p->clean, &p->validation, &p->test, error);
    if (status) return status;
    if (s->options.natural) return put_natural(s, ratio, seed, p, error);
    if (noise_in_validation(s, ratio)) return put_in_both(s, ratio, seed, p, error);
    return draw_noise(s, ratio, seed, p->clean, p, &p->train, error);
}

tamis_status robustness_round(tamis_robustness *s, tamis_error *error)
{
    const char *drawn = s->options.validation == TAMIS_STUDY_CLEAN
                            ? "Shares are rounded down for each user; rows put in or hidden, per training row of the first seed"
                            : "Shares are rounded down for each user; rows put in or hidden, per row of training and validation of the "
                              "first seed";
    static const char natural[] = "Noisy rows in training, per clean one of the first seed";
    size_t used = (size_t)snprintf(s->rounding, sizeof s->rounding, "%s", !(s->ratio[s->ratios - 1] > 0) ? ""
                                   : s->options.natural ? natural : drawn);
    tamis_status status = TAMIS_OK;
    for (size_t r = 0; r < s->ratios && !status; r++) {
        if (!(s->ratio[r] > 0)) continue;
        study_parts p = {0};
        status = robustness_parts(s, r, s->options.seed, &p, error);
        const int64_t rows = p.noisy, all = p.base;
        study_parts_free(&p);
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
    options.threads = s->jobs.threads;
    options.memory = s->jobs.memory;
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
    options.threads = s->jobs.threads;
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
    if (noise_in_validation(s, ratio)) study_add(text, "validation noisy\n");
    if (s->options.natural && s->options.validation == TAMIS_STUDY_CLEAN) study_add(text, "validation clean\n");
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
