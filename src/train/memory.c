/* What a training will take: parts that all runs have, and what its trainer's row adds; see estimate.h. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/locale.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/status.h"
#include "base/text.h"
#include "base/threads.h"
#include "rank/validate.h"
#include "train/cross_ranks.h"
#include "train/estimate.h"
#include "train/folding.h"
#include "train/look_up.h"
#include "train/memory.h"
#include "train/options.h"
#include "train/progress.h"
#include "train/row_weights.h"
#include "train/saving.h"
#include "train/trainer.h"
#include "train/validation.h"
#include "train/warm.h"
#include "train/weigh.h"

enum { NOTES = 3072 /* about */ };

/* ------------------------------------------------------------------ the plan */

/* What --validation-ratio will hold out, as the split rounds it. */
static int64_t held_rows(const tamis_log *log, double ratio)
{
    int64_t rows = 0;
    for (int64_t u = 0; ratio > 0 && u < log->users; u++) {
        const int64_t n = log->matrix->start[u + 1] - log->matrix->start[u], held = (int64_t)round(ratio * (double)n);
        if (n > 0) rows += held < n ? held : n - 1;
    }
    return rows;
}

/* Of a run that has options, which are looked up. */
static train_plan plan_of(train_run *run, const tamis_log *log, const tamis_log *validation)
{
    const tamis_train_options *o = &run->options;
    train_plan p = {.options = o, .method = run->method, .trainer = run->trainer, .sampler = run->sampler, .positives = run->positives,
                    .log = log, .users = log->users, .items = log->items, .bias = run_has_bias(run), .threads = base_threads(o->threads)};
    p.held_rows = validation ? validation->matrix->nnz : held_rows(log, o->validation_ratio);
    p.held_users = validation ? validation->users : log->users;
    p.interactions = log->matrix->nnz - (validation ? 0 : p.held_rows);
    p.dislikes = o->dislike_share > 0 && log->dislikes ? log->dislikes->nnz : 0;
    if (!p.trainer->at_once) p.stride[p.factorisations++] = BASE_PADDED((size_t)o->factors);
    if (p.method->two_scores) p.stride[p.factorisations++] = BASE_PADDED((size_t)o->param[METHOD_FLIP_FACTORS].integer);
    p.all_pairs = run->all_pairs = weigh_all_pairs(run, p.users, p.items);
    const bool weighted = o->distrust > 0 || (log->weight && log->summary.least_weight < log->summary.largest_weight);
    p.row_ends = weighted && p.trainer->steps && row_weights_by_rows(run);
    p.row_weights = weighted && p.trainer->steps && !p.row_ends;
    return p;
}

/* ------------------------------------------------------------------ parts */

static double model_bytes(const train_plan *p)
{
    double floats = p->bias ? (double)p->items : 0;
    for (int h = 0; h < p->factorisations; h++) floats += ((double)p->users + (double)p->items) * (double)p->stride[h];
    return floats * sizeof(float);
}

static void estimate_plan(const train_plan *p, estimate *e)
{
    const tamis_log *log = p->log;
    const double model = model_bytes(p);
    estimate_keep(e, "options and notes", sizeof(train_run) + NOTES);
    estimate_keep(e, p->factorisations ? "factors" : "popularity", model);
    if (log->dislikes)
        estimate_keep(e, "lists of what is not recommended", ((double)log->users + 1) * sizeof(int64_t) +
                                                                 (double)(log->matrix->nnz + log->dislikes->nnz) * sizeof(int32_t));
    if (p->options->validation_ratio > 0) {
        estimate_keep(e, "the log's parts", log_bytes(log, p->interactions) + log_bytes(log, p->held_rows));
        estimate_before(e, "the split", log_bytes(log, p->interactions) + log_bytes(log, p->held_rows) + (double)log->matrix->nnz +
                                            (double)log->items * sizeof(uint64_t));
    }
    if (p->options->distrust > 0) estimate_keep(e, "the log with weights", log_bytes(log, 0) + (double)p->interactions * sizeof(float));
    weigh_takes(p, e);
    if (p->row_ends) estimate_keep(e, "weights", (double)p->interactions * sizeof(double));
    if (p->row_weights) estimate_keep(e, "weights", (double)p->interactions * sizeof(float));
    p->trainer->takes(p, e);
    validation_takes(p, model, e);
    saving_takes(p, model, e); /* the last one */
}

/* A model of most of the log that ranks the rest, before the first epoch: it is trained, then it ranks. */
static void add_cross_fitting(const train_run *run, const train_plan *p, bool small, estimate *e)
{
    const double n = (double)p->interactions, users = (double)p->users, some = small ? fmin(1, CROSS_USERS / users) : 1;
    const int64_t held = (int64_t)(n * some / CROSS_FOLDS), left = p->interactions - held;
    train_run model = {.kernel = run->kernel};
    estimate training = {.parts = 0};
    cross_options(small, &model.options);
    model.options.threads = p->threads;
    run_look_up(&model);
    train_plan plan = plan_of(&model, p->log, NULL);
    plan.interactions = left;
    estimate_plan(&plan, &training);
    const rank_factors shape = {.stride = plan.stride[0], .items = p->items, .rows = p->items};
    const double ranking = model_bytes(&plan) + rank_task_bytes(p->users, held, (int64_t)((double)left * some)) +
                           rank_validate_bytes(&shape, (int64_t)(users * some), held, "auc", p->threads);
    const double each = 2 * sizeof(double) + 2 + (small ? 0 : sizeof(float)), parts = log_bytes(p->log, left) + log_bytes(p->log, held);
    estimate_before(e, "cross-fitted models", parts + n * each + fmax(estimate_bytes(&training), ranking));
}

/* The model's log and the new one are joined before anything else, and stay so. */
static void add_joined(const memory_training *t, const train_plan *p, estimate *e)
{
    warm_takes(t->log, e);
    if (t->from->factors && (p->users > t->from->users || p->items > t->from->items)) folding_takes(t->from, t->log, e);
}

/* With so many threads. */
static estimate estimate_run(const memory_training *t, const tamis_train_options *options, int threads)
{
    train_run run = {.options = *options};
    estimate e = {.parts = 0};
    run_look_up(&run);
    train_plan plan = plan_of(&run, t->log, t->validation);
    plan.threads = threads;
    estimate_plan(&plan, &e);
    if (t->from) add_joined(t, &plan, &e);
    if (options->distrust > 0 || cross_option(options)) add_cross_fitting(&run, &plan, !(options->distrust > 0), &e);
    return e;
}

static double takes(const void *training, const tamis_train_options *options)
{
    const estimate e = estimate_run(training, options, 1);
    return estimate_bytes(&e);
}

double memory_least(const memory_training *t)
{
    return takes(t, t->options);
}

void memory_advise(const memory_training *t, double bytes, base_list *list)
{
    memory_advice(&(memory_question){t->asker, t->options, cross_option(t->options), t->log->items, bytes, takes, t}, list);
}

/* ------------------------------------------------------------------ a bound */

typedef struct bound {
    double bytes;
    char text[80]; /* "--memory is 100 MB" */
} bound;

static bound bound_of(const tamis_train_options *options)
{
    bound b;
    b.bytes = memory_bound(options->memory, b.text);
    return b;
}

double memory_bound(int64_t memory, char text[80])
{
    const char *whose;
    char size[32];
    if (memory > 0) {
        snprintf(text, 80, "--memory is %" PRId64 " MB", memory);
        return (double)memory * 1e6;
    }
    const double bytes = base_memory_limit(&whose);
    snprintf(text, 80, "%s %s", whose, base_bytes_text(bytes, size));
    return bytes;
}

/* The most threads, up to `most`, with which a training fits; 0: not even with one. */
static int most_threads(const memory_training *t, int most, double bytes)
{
    int low = 0;
    while (low < most) {
        const int middle = low + (most - low + 1) / 2;
        const estimate e = estimate_run(t, t->options, middle);
        if (estimate_bytes(&e) <= bytes)
            low = middle;
        else
            most = middle - 1;
    }
    return low;
}

/* The largest parts: "factors 52 MB, tiles 20 MB". */
static const char *largest(const tamis_memory *m, char *text, size_t size)
{
    char bytes[32];
    size_t used = 0;
    *text = '\0';
    for (int64_t k = 0; k < m->parts && k < 3 && used < size; k++)
        used += (size_t)snprintf(text + used, size - used, "%s%s %s", k ? ", " : "", m->part[k].name,
                                 base_bytes_text((double)m->part[k].bytes, bytes));
    return text;
}

static tamis_status refuse(const memory_training *t, const bound *b, tamis_error *error)
{
    const estimate e = estimate_run(t, t->options, 1);
    tamis_memory m = {0};
    char parts[200];
    base_list fit = {0};
    estimate_tell(&e, &m);
    memory_advise(t, b->bytes, &fit);
    const bool few = !*fit.text;
    return base_fail(error, t->options->memory ? TAMIS_USAGE : TAMIS_FAILURE, "training %s on %" PRId64 " users and %" PRId64 " items takes "
                     "%.0f MB of memory with one thread (%s), and %s; %s%s%s", t->options->method, t->log->users, t->log->items,
                     ceil((double)m.bytes / 1e6), largest(&m, parts, sizeof parts), b->text, few ? "" : "what would fit: ", fit.text,
                     few ? "expected fewer users and items, such as by --min-user-interactions and --min-item-interactions" : "");
}

static memory_training training_of(const train_run *run, const tamis_log *log, const tamis_log *validation)
{
    return (memory_training){.options = &run->options, .log = log, .validation = validation, .from = run->from,
                             .asker = run->from || run->options.resume ? MEMORY_AGAIN : MEMORY_TRAIN};
}

tamis_status memory_check(const train_run *run, const tamis_log *log, const tamis_log *validation, tamis_error *error)
{
    const memory_training t = training_of(run, log, validation);
    const bound b = bound_of(t.options);
    return memory_least(&t) > b.bytes ? refuse(&t, &b, error) : TAMIS_OK;
}

tamis_status memory_fit(train_run *run, const tamis_log *log, const tamis_log *validation, tamis_error *error)
{
    const memory_training t = training_of(run, log, validation);
    const int wanted = base_threads(t.options->threads);
    const bound b = bound_of(t.options);
    const int threads = most_threads(&t, wanted, b.bytes);
    if (threads == 0) return refuse(&t, &b, error);
    const estimate e = estimate_run(&t, t.options, threads);
    if (threads < wanted) {
        run->options.threads = threads;
        progress_tell(run, "%s: of %d threads %d train", b.text, wanted, threads);
    }
    run->expected.threads = threads;
    if (!run->joined) run->expected.log_bytes = (int64_t)log_all_bytes(log);
    if (validation) run->expected.log_bytes += (int64_t)log_all_bytes(validation);
    estimate_tell(&e, &run->expected);
    return TAMIS_OK;
}

tamis_status memory_ended(const train_run *run, tamis_status status, tamis_error *error)
{
    const tamis_memory *m = &run->expected;
    char why[sizeof error->text];
    if (status != TAMIS_FAILURE || !base_is_no_memory(error) || m->bytes == 0) return status;
    snprintf(why, sizeof why, "%s", error->text);
    return base_fail(error, status, "%s; training was to take %.0f MB beside the log's %.0f MB", why, ceil((double)m->bytes / 1e6),
                     ceil((double)m->log_bytes / 1e6));
}

tamis_status tamis_train_memory(const tamis_log *log, const tamis_log *validation, const tamis_train_options *options,
                                tamis_memory *memory, tamis_error *error)
{
    tamis_train_options o;
    base_clear(error);
    *memory = (tamis_memory){0};
    if (!log) return base_null(error, "the log");
    tamis_status status = run_take_options(options, &o, error);
    if (status) return status;
    if (validation && o.validation_ratio > 0) return base_fail(error, TAMIS_USAGE, "give a validation log or --validation-ratio, not both");
    const memory_training t = {.options = &o, .log = log, .validation = validation};
    const bound b = bound_of(&o);
    const int threads = most_threads(&t, base_threads(o.threads), b.bytes);
    memory->threads = threads ? threads : 1;
    const estimate e = estimate_run(&t, &o, (int)memory->threads);
    memory->log_bytes = (int64_t)(log_all_bytes(log) + (validation ? log_all_bytes(validation) : 0));
    estimate_tell(&e, memory);
    return TAMIS_OK;
}

void tamis_trainer_memory(const tamis_trainer *run, tamis_memory *memory)
{
    *memory = run->expected;
}
