/* The audit of a log: how suspicious each interaction is, and how much of the log is noise at most.
 *
 * Notation. For an interaction (u, i) let r be the share of the items without interaction with u that a model ranks above
 * i. A true interaction has small r. An item that was drawn uniformly from what u has no interaction with is one of those
 * items, and a model that has not seen it can place it anywhere: r is uniform on [0, 1]. Therefore models are cross-fitted:
 * each fold's r come from a model that was trained on the other folds alone. An item that these have no interaction of is no
 * item like others: where it stands, its interactions do not say. They have no r, and the others' are among the other items.
 *
 * How much of the log is noise, at most and at least, follows from how r is spread (study/density.c); noise that follows the
 * items' popularity is looked for among items drawn like it (study/popular.c). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/locale.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/status.h"
#include "base/threads.h"
#include "data/log.h"
#include "method/method.h"
#include "sampler/sampler.h"
#include "study/audit.h"
#include "study/audit_report.h"
#include "study/density.h"
#include "study/popular.h"
#include "train/crossfit.h"
#include "train/told.h"

#define ROW(field, name, kind, range, fallback, unit, help) \
    BASE_OPTION(tamis_audit_options, field, name, TAMIS_OPTION_##kind, range, fallback, unit, help)

static const tamis_option rows[] = {
    ROW(score, "score", CHOICE, "auto|cross-fitted|fitted|personal", "auto", "",
        "cross-fitted: by models that have not seen the interaction; fitted: by MODEL itself; personal: among the user's own "
        "interactions by MODEL, as in PLD; auto: personal for a MODEL of PLD, else cross-fitted"),
    ROW(folds, "folds", INTEGER, "[2,100]", "5", "", "cross-fitting: parts of the log, each judged by a model of the others"),
    ROW(seed, "seed", SEED, NULL, "1", "", "seed of the folds"),
    ROW(threads, "threads", INTEGER, "[0,1024]", "0", "", "0: as many as OpenMP offers; never changes the result"),
};
const tamis_option_table audit_option_table = {"audit", rows, BASE_COUNT(rows), sizeof(tamis_audit_options), NULL};

void tamis_audit_options_init(tamis_audit_options *options, size_t size)
{
    tamis_audit_options defaults = {0};
    base_option_defaults(&audit_option_table, &defaults);
    base_option_give(&defaults, sizeof defaults, options, size);
}

typedef struct run {
    const tamis_model *model;
    const tamis_log *log;
    const tamis_audit_options *options;
    const tamis_progress *progress;
    int score, threads;
    double *suspicion; /* per interaction; NAN: nothing is known of it */
    double *width;     /* of the range in the middle of which it is */
    popular popular;
} run;

/* The options that the model's notes tell, and the epochs that it kept. */
static tamis_status options_told(const run *r, tamis_train_options *options, tamis_error *error)
{
    const char *note = told_note(r->model, "epoch-kept");
    const double kept = note ? base_strtod(note, NULL) : 0;
    const tamis_status status = told_options(r->model, options, error);
    if (kept >= 1 && kept <= 0x1p53) options->epochs = (int64_t)kept;
    return status;
}

static tamis_status options_of(const run *r, tamis_train_options *options, tamis_error *error)
{
    /* without a model ials, by its defaults: seconds, and its cross-fitted ranks tell noise at least as well as costlier methods */
    tamis_status status = r->model ? options_told(r, options, error) : tamis_train_options_default(options, "ials", error);
    options->validation_ratio = 0;
    options->threads = r->options->threads;
    options->stop = r->options->stop;
    return status;
}

static tamis_status judge(void *context, const tamis_model *model, const tamis_log *judged, const int64_t *at, tamis_error *error)
{
    const run *r = context;
    const crossfit_ranking how = {.fitted = r->score != TAMIS_AUDIT_CROSS, .personal = r->score == TAMIS_AUDIT_PERSONAL,
                                  .trained = r->score == TAMIS_AUDIT_CROSS, .threads = r->threads, .stop = r->options->stop,
                                  .width = r->width};
    return crossfit_positions(&how, model, judged, at, r->suspicion, error);
}

static tamis_status judge_fold(void *context, const tamis_model *model, const tamis_log *judged, const int64_t *at, tamis_error *error)
{
    run *r = context;
    const tamis_status status = judge(r, model, judged, at, error);
    return status ? status : popular_judge(&r->popular, model, judged, at, r->options->stop, error);
}

static tamis_status score_fitted(run *r, tamis_error *error)
{
    const int64_t n = tamis_log_interactions(r->log);
    int64_t *at = base_alloc((size_t)n + 1, sizeof *at);
    if (!at) return base_no_memory(error, "an audit", (size_t)n, sizeof *at);
    for (int64_t k = 0; k < n; k++) at[k] = k;
    tamis_status status = judge(r, r->model, r->log, at, error);
    base_free(at);
    return status;
}

static tamis_status score_crossfitted(run *r, tamis_error *error)
{
    tamis_train_options options;
    tamis_error why = {""};
    tamis_status status = options_of(r, &options, error);
    if (status) return status;
    const crossfit folds = {.folds = r->options->folds, .seed = r->options->seed, .options = &options, .progress = r->progress,
                            .judge = judge_fold, .context = r};
    status = popular_open(r->log, r->options->seed, &r->popular, error);
    if (status) return status;
    status = crossfit_run(&folds, r->log, &why);
    if (!status || status == TAMIS_STOPPED) return status ? base_fail(error, status, "stopped") : TAMIS_OK;
    return base_fail(error, status, "on a part of the log%s: %s", r->model ? ", by the model's own options of training" : "", why.text);
}

static tamis_status score(run *r, tamis_error *error)
{
    const int64_t n = tamis_log_interactions(r->log);
    for (int64_t k = 0; k < n; k++) r->suspicion[k] = (double)NAN;
    return r->score == TAMIS_AUDIT_CROSS ? score_crossfitted(r, error) : score_fitted(r, error);
}

/* ------------------------------------------------------------------------------------------------- how much */

/* How much the share of interactions below the middle, r >= 1/2, differs between users beyond chance: the standard deviation of the
 * users' own chances. With V their variance around p, a count T of n interactions has E(T - n p)^2 = n p (1 - p) + n (n - 1) V. */
static double spread_of_users(const run *r)
{
    const matrix *m = r->log->matrix;
    double all = 0, known = 0, excess = 0, pairs = 0;
    for (int64_t k = 0; k < m->nnz; k++) {
        all += r->suspicion[k] >= 0.5;
        known += !isnan(r->suspicion[k]);
    }
    const double p = all / fmax(1, known);
    for (int64_t u = 0; u < m->rows; u++) {
        double below = 0, n = 0;
        for (int64_t k = m->start[u]; k < m->start[u + 1]; k++) {
            below += r->suspicion[k] >= 0.5;
            n += !isnan(r->suspicion[k]);
        }
        excess += (below - n * p) * (below - n * p) - n * p * (1 - p);
        pairs += n * (n - 1);
    }
    return pairs > 0 ? sqrt(fmax(0, excess / pairs)) : (double)NAN;
}

static void bound(const run *r, tamis_audit *audit)
{
    const int64_t n = tamis_log_interactions(r->log);
    double above;
    tamis_audit_bound *out = &audit->bound;
    *out = (tamis_audit_bound){.share = (double)NAN, .above = (double)NAN, .popular = (double)NAN, .least = (double)NAN,
                               .users_spread = (double)NAN, .assumption = DENSITY_ASSUMPTION};
    if (r->score != TAMIS_AUDIT_CROSS || n == 0) return;
    for (int64_t k = 0; k < n; k++) {
        density_add(&audit->spread, r->suspicion[k], r->width[k]);
        density_add(&audit->popular_spread, r->popular.position[k], r->popular.width[k]);
    }
    out->share = density_most(&audit->spread, &out->above);
    out->popular = fmax(out->share, density_most(&audit->popular_spread, &above));
    out->least = density_least(&audit->spread);
    out->users_spread = spread_of_users(r);
    out->unknown = audit->spread.unknown;
    /* what noise by popularity can put into the end at most, against what noise has put there at least */
    const double far = r->popular.drawn > 0 ? r->popular.far / r->popular.drawn : 1;
    out->not_popular = out->popular * far < out->least * (1 - DENSITY_TAIL);
}

/* ----------------------------------------------------------------------------------------------------- outcome */

/* Those of which nothing is known are neither suspicious nor beyond suspicion. */
static void put_in_the_middle(const run *r)
{
    for (int64_t k = 0; k < tamis_log_interactions(r->log); k++)
        if (isnan(r->suspicion[k])) r->suspicion[k] = 0.5;
}

typedef struct entry {
    tamis_suspect suspect;
    int64_t at;
} entry;

static int by_suspicion(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->suspect.suspicion != y->suspect.suspicion) return x->suspect.suspicion > y->suspect.suspicion ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static int by_excess(const void *a, const void *b)
{
    const tamis_audit_group *x = a, *y = b;
    if (x->excess != y->excess) return x->excess > y->excess ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Users or items: of[k] is that of interaction k. */
static tamis_status group(const run *r, const int32_t *of, int64_t size, tamis_audit *audit, int which, tamis_error *error)
{
    const int64_t n = tamis_log_interactions(r->log);
    tamis_audit_group *g = calloc((size_t)size + 1, sizeof *g);
    double sum = 0, squares = 0;
    audit->group[which] = g;
    audit->groups[which] = size;
    if (!g || !of) return base_no_memory(error, "an audit", (size_t)size, sizeof *g);
    for (int64_t k = 0; k < n; k++) {
        sum += r->suspicion[k];
        squares += r->suspicion[k] * r->suspicion[k];
        g[of[k]].interactions++;
        g[of[k]].suspicion += r->suspicion[k];
    }
    const double mean = sum / fmax(1, (double)n), deviation = sqrt(fmax(0, squares / fmax(1, (double)n) - mean * mean));
    for (int64_t k = 0; k < size; k++) {
        const double count = (double)g[k].interactions; /* analyzer: possible-null-dereference, asked above */
        g[k].row = (int32_t)k;
        if (count > 0) g[k].suspicion /= count;
        if (count > 0 && deviation > 0) g[k].excess = (g[k].suspicion - mean) / deviation * sqrt(count);
    }
    qsort(g, (size_t)size, sizeof *g, by_excess); /* analyzer: possible-null-argument, asked above */
    return TAMIS_OK;
}

static tamis_status group_all(const run *r, tamis_audit *audit, tamis_error *error)
{
    int32_t *user = matrix_rows_of(r->log->matrix);
    tamis_status status = group(r, user, tamis_log_users(r->log), audit, 0, error);
    if (!status) status = group(r, r->log->matrix->index, tamis_log_items(r->log), audit, 1, error);
    base_free(user);
    return status;
}

static tamis_status sort_out(const run *r, tamis_audit *audit, tamis_error *error)
{
    const size_t n = (size_t)tamis_log_interactions(r->log);
    entry *order = malloc((n + 1) * sizeof *order);
    audit->count = (int64_t)n;
    audit->suspect = malloc((n + 1) * sizeof *audit->suspect);
    audit->at = malloc((n + 1) * sizeof *audit->at);
    audit->position = malloc((n + 1) * sizeof *audit->position);
    if (!order || !audit->suspect || !audit->at || !audit->position) {
        free(order);
        return base_no_memory(error, "an audit", n, sizeof *order);
    }
    for (int64_t u = 0; u < tamis_log_users(r->log); u++)
        for (int64_t k = r->log->matrix->start[u]; k < r->log->matrix->start[u + 1]; k++)
            order[k] = (entry){{(int32_t)u, r->log->matrix->index[k], r->suspicion[k]}, k};
    qsort(order, n, sizeof *order, by_suspicion);
    for (size_t k = 0; k < n; k++) {
        audit->suspect[k] = order[k].suspect;
        audit->at[k] = order[k].at;
        audit->position[k] = order[k].suspect.suspicion;
    }
    free(order);
    return TAMIS_OK;
}

static bool resamples(const tamis_model *model)
{
    const char *name, *value;
    for (size_t k = 0; (name = tamis_model_note(model, k, &value)); k++)
        if (strcmp(name, "positive-sampling") == 0) return positive_find(value) && positive_find(value)->by_loss;
    return false;
}

static int score_of(const tamis_model *model, const tamis_audit_options *options)
{
    if (options->score != TAMIS_AUDIT_AUTO) return options->score;
    return model && resamples(model) ? TAMIS_AUDIT_PERSONAL : TAMIS_AUDIT_CROSS;
}

tamis_status tamis_audit_run(const tamis_model *model, const tamis_log *log, const tamis_audit_options *options,
                             const tamis_progress *progress, tamis_audit **out, tamis_error *error)
{
    tamis_audit_options taken;
    *out = NULL;
    base_clear(error);
    if (!log) return base_null(error, "the log");
    tamis_audit_options_default(&taken);
    tamis_status status = base_option_take(&audit_option_table, options, &taken, error);
    options = &taken;
    if (status) return status;
    if (!model && (options->score == TAMIS_AUDIT_FITTED || options->score == TAMIS_AUDIT_PERSONAL)) return base_null(error, "the model");
    const size_t n = (size_t)tamis_log_interactions(log);
    run r = {.model = model, .log = log, .options = options, .progress = progress, .score = score_of(model, options),
             .threads = base_threads(options->threads), .suspicion = base_alloc(n + 1, sizeof *r.suspicion),
             .width = base_alloc(n + 1, sizeof *r.width)};
    tamis_audit *audit = calloc(1, sizeof *audit);
    status = r.suspicion && r.width && audit ? score(&r, error) : base_no_memory(error, "an audit", n, 2 * sizeof *r.suspicion);
    if (!status) bound(&r, audit);
    if (!status) put_in_the_middle(&r);
    if (!status) status = sort_out(&r, audit, error);
    if (!status) status = group_all(&r, audit, error);
    popular_close(&r.popular);
    base_free(r.suspicion);
    base_free(r.width);
    if (status) {
        tamis_audit_free(audit);
        return status;
    }
    *out = audit;
    return TAMIS_OK;
}

void tamis_audit_free(tamis_audit *audit)
{
    if (!audit) return;
    free(audit->suspect);
    free(audit->at);
    free(audit->position);
    free(audit->group[0]);
    free(audit->group[1]);
    free(audit);
}

const tamis_suspect *tamis_audit_suspects(const tamis_audit *audit, int64_t *count)
{
    *count = audit->count;
    return audit->suspect;
}

const tamis_audit_bound *tamis_audit_noise(const tamis_audit *audit)
{
    return &audit->bound;
}

int64_t tamis_audit_removable(const tamis_audit *audit, double at_most_good, double *good)
{
    double estimate = 0;
    const int64_t count = audit && isfinite(audit->bound.least)
                              ? density_removable(audit->position, audit->count, audit->bound.least, at_most_good, &estimate)
                              : 0;
    if (good) *good = estimate;
    return count;
}

const tamis_audit_group *tamis_audit_users(const tamis_audit *audit, int64_t *count)
{
    *count = audit->groups[0];
    return audit->group[0];
}

const tamis_audit_group *tamis_audit_items(const tamis_audit *audit, int64_t *count)
{
    *count = audit->groups[1];
    return audit->group[1];
}

void tamis_audit_judge(const tamis_audit *audit, const signed char *noise, double *auc, double *precision)
{
    int64_t bad = 0, good = 0, first_bad = 0, seen = 0;
    double pairs = 0;
    for (int64_t k = 0; k < audit->count; k++) {
        bad += noise[k] == 1;
        good += noise[k] == 0;
    }
    for (int64_t k = 0, end, left = good; k < audit->count; k = end) { /* a run of equal suspicion at a time */
        int64_t bad_here = 0, good_here = 0;
        for (end = k; end < audit->count && audit->suspect[end].suspicion == audit->suspect[k].suspicion; end++) {
            bad_here += noise[end] == 1;
            good_here += noise[end] == 0;
        }
        left -= good_here;
        pairs += (double)bad_here * ((double)left + 0.5 * (double)good_here);
    }
    for (int64_t k = 0; k < audit->count && seen < bad; k++) {
        first_bad += noise[k] == 1;
        seen += noise[k] >= 0;
    }
    *auc = bad && good ? pairs / ((double)bad * (double)good) : (double)NAN;
    *precision = bad ? (double)first_bad / (double)bad : (double)NAN;
}

tamis_status tamis_audit_clean(const tamis_audit *audit, const tamis_log *log, int64_t count, tamis_log **clean,
                               tamis_error *error)
{
    *clean = NULL;
    base_clear(error);
    if (!audit || !log) return base_null(error, audit ? "the log" : "the audit");
    if (log->matrix->nnz != audit->count)
        return base_fail(error, TAMIS_USAGE, "the log has %lld interactions, and the audit is of %lld; expected the same log",
                         (long long)log->matrix->nnz, (long long)audit->count);
    uint8_t *part = base_alloc((size_t)audit->count + 1, 1);
    if (!part) return base_no_memory(error, "the clean log", (size_t)audit->count, 1);
    for (int64_t k = 0; k < count && k < audit->count; k++) part[audit->at[k]] = 1;
    tamis_status status = log_extract(log, part, 0, clean, error);
    base_free(part);
    return status;
}
