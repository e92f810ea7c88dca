/* Semi-synthetic logs: relevance and exposure fitted to a real log, clicks drawn from them.
 *
 * Notation. x_ui a rating, predicted by  m + b_u + b_i + p_u.q_i  with an L2 term, by stochastic gradient descent;
 *   γ_ui = σ(min(max(x̂_ui, 1), 5) - ε)     chance that i is relevant for u
 *   θ_ui = σ(s_ui)^power                    chance that u sees i; s from a logistic factorisation of which pairs have an
 *                                           interaction, over all pairs
 *   O ~ Bernoulli(θ), R ~ Bernoulli(γ), a click is Y = O R.
 * A larger power makes exposure rarer and more uneven. Draws are keyed by the user, so users can be drawn in any order.
 * Source: Saito, Yaginuma, Nishino, Sakata, Nakata, WSDM 2020, section 5.1. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/random.h"
#include "base/set.h"
#include "base/status.h"
#include "data/log.h"
#include "study/semi.h"

#define ROW(field, name, kind, range, fallback, unit, help) \
    BASE_OPTION(tamis_semi_options, field, name, TAMIS_OPTION_##kind, range, fallback, unit, help)

static const tamis_option rows[] = {
    ROW(power, "power", REAL, "[0,20]", "1", "", "--from: exposure is raised to this power: larger is rarer and more uneven"),
    ROW(epsilon, "epsilon", REAL, "[-10,20]", "5", "", "--from: relevance is the logistic function of rating - this"),
    ROW(factors, "from-factors", INTEGER, "[1,256]", "20", "", "--from: of the factorisations of ratings and of exposure"),
};
const tamis_option_table semi_option_table = {"semi", rows, BASE_COUNT(rows), sizeof(tamis_semi_options), NULL};

void tamis_semi_options_init(tamis_semi_options *options, size_t size)
{
    tamis_semi_options defaults = {.seed = 1};
    base_option_defaults(&semi_option_table, &defaults);
    base_option_give(&defaults, sizeof defaults, options, size);
}

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

static double predict(const semi_world *w, int64_t user, int64_t item)
{
    const float *p = w->user + user * (w->factors + 1), *q = w->item + item * (w->factors + 1);
    double sum = w->mean + (double)p[0] + (double)q[0];
    for (int64_t k = 1; k <= w->factors; k++) sum += (double)p[k] * (double)q[k];
    return sum;
}

/* Forty passes over the ratings in random order, the step falling to a tenth. */
static tamis_status fit_ratings(semi_world *w, uint64_t seed, tamis_error *error)
{
    enum { EPOCHS = 40 };
    const double l2 = 0.05;
    const int64_t n = tamis_log_interactions(w->log), d = w->factors + 1;
    int32_t *order = base_alloc_raw((size_t)n + 1, sizeof *order), *user = base_alloc_raw((size_t)n + 1, sizeof *user);
    w->user = base_alloc((size_t)(w->users * d), sizeof *w->user);
    w->item = base_alloc((size_t)(w->items * d), sizeof *w->item);
    if (!order || !user || !w->user || !w->item || n > INT32_MAX) {
        base_free(order);
        base_free(user);
        return base_no_memory(error, "a factorisation of ratings", (size_t)(w->users + w->items), (size_t)d * sizeof *w->user);
    }
    base_stream s = base_stream_key(seed, BASE_FOR_SEMI, 0, 0);
    for (int64_t k = 0; k < w->users * d; k++) w->user[k] = k % d ? (float)(0.1 * base_normal(&s)) : 0;
    for (int64_t k = 0; k < w->items * d; k++) w->item[k] = k % d ? (float)(0.1 * base_normal(&s)) : 0;
    for (int64_t u = 0; u < w->users; u++)
        for (int64_t k = w->log->matrix->start[u]; k < w->log->matrix->start[u + 1]; k++) {
            user[k] = (int32_t)u;
            w->mean += (double)w->log->rating[k] / (double)n;
        }
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        const float rate = (float)(0.02 * (1 - 0.9 * epoch / (EPOCHS - 1)));
        base_shuffle(&s, order, n);
        for (int64_t k = 0; k < n; k++) {
            float *p = w->user + user[order[k]] * d, *q = w->item + w->log->matrix->index[order[k]] * d;
            const float e = (float)((double)w->log->rating[order[k]] - predict(w, user[order[k]], w->log->matrix->index[order[k]]));
            p[0] += rate * (e - (float)l2 * p[0]);
            q[0] += rate * (e - (float)l2 * q[0]);
            for (int64_t f = 1; f < d; f++) {
                const float a = p[f], b = q[f];
                p[f] += rate * (e * b - (float)l2 * a);
                q[f] += rate * (e * a - (float)l2 * b);
            }
        }
    }
    base_free(order);
    base_free(user);
    return TAMIS_OK;
}

/* Logistic factorisation of which pairs are there, over all pairs. */
static tamis_status fit_exposure(semi_world *w, uint64_t seed, int64_t threads, tamis_error *error)
{
    tamis_train_options options;
    const tamis_option_table *table = tamis_option_find_table("mf");
    tamis_status status = tamis_train_options_default(&options, "mf", error);
    for (size_t k = 0; table && k < table->count; k++)
        if (strcmp(table->rows[k].name, "loss") == 0) (void)base_option_set(&table->rows[k], &options, "log", NULL);
    options.factors = w->factors;
    options.epochs = 30;
    options.seed = seed;
    options.threads = threads;
    return status ? status : tamis_train(w->log, NULL, &options, NULL, &w->exposure, NULL, error);
}

static bool all_rated(const tamis_log *log)
{
    for (int64_t k = 0; log->rating && k < tamis_log_interactions(log); k++)
        if (isnan(log->rating[k])) return false;
    return log->rating;
}

tamis_status semi_fit(const tamis_log *log, int64_t factors, double epsilon, uint64_t seed, int64_t threads,
                      semi_world *w, tamis_error *error)
{
    *w = (semi_world){.log = log, .users = tamis_log_users(log), .items = tamis_log_items(log), .factors = factors,
                      .epsilon = epsilon, .power = 1, .seed = seed};
    if (!all_rated(log))
        return base_fail(error, TAMIS_DATA, "%s, but relevance is fitted to ratings; expected one in every row of a column that "
                         "--rating names (with --on-error skip rows without are passed over)",
                         log->lacking[0].text[0] ? log->lacking[0].text : "the log has no ratings");
    tamis_status status = fit_ratings(w, seed, error);
    return status ? status : fit_exposure(w, seed, threads, error);
}

void semi_clear(semi_world *w)
{
    base_free(w->user);
    base_free(w->item);
    tamis_model_free(w->exposure);
    *w = (semi_world){0};
}

void semi_user(const semi_world *w, int64_t user, float *relevance, float *exposure, uint8_t *drawn)
{
    size_t stride;
    const float *p = tamis_model_user_factors(w->exposure, &stride) + (size_t)user * stride;
    const float *items = tamis_model_item_factors(w->exposure, &stride);
    base_stream s = base_stream_key(w->seed, BASE_FOR_SEMI, 1, (uint64_t)user);
    for (int64_t i = 0; i < w->items; i++) {
        double x = predict(w, user, i), score = 0;
        for (int64_t k = 0; k < w->factors; k++) score += (double)p[k] * (double)items[(size_t)i * stride + (size_t)k];
        double gamma = logistic((x < 1 ? 1 : x > 5 ? 5 : x) - w->epsilon), theta = pow(logistic(score), w->power);
        /* one number for each, so that another power sees more or less of the same relevance */
        drawn[i] = (uint8_t)((base_uniform(&s) < gamma ? SEMI_RELEVANT : 0) | (base_uniform(&s) < theta ? SEMI_SEEN : 0));
        relevance[i] = (float)gamma;
        exposure[i] = (float)theta;
    }
}

/* Interactions of a kind, row by row. */
typedef struct drawing {
    int64_t *start;
    int32_t *item;
    size_t capacity;
    int mask, wanted; /* of what is drawn for a pair */
} drawing;

static bool add_rows(drawing *d, int64_t user, const uint8_t *drawn, int64_t items)
{
    int64_t n = d->start[user];
    for (int64_t i = 0; i < items; i++) {
        if ((drawn[i] & d->mask) != d->wanted) continue;
        if (!base_grow(&d->item, &d->capacity, (size_t)n + 1, sizeof *d->item)) return false;
        d->item[n++] = (int32_t)i;
    }
    d->start[user + 1] = n;
    return true;
}

tamis_status semi_draw(const semi_world *w, tamis_log **clicks, tamis_log **relevant, tamis_log **missed, tamis_error *error)
{
    enum { BOTH = SEMI_RELEVANT | SEMI_SEEN };
    drawing d[3] = {{.mask = BOTH, .wanted = BOTH}, {.mask = SEMI_RELEVANT, .wanted = SEMI_RELEVANT}, {.mask = BOTH, .wanted = SEMI_RELEVANT}};
    tamis_log **out[3] = {clicks, relevant, missed};
    float *gamma = base_alloc_raw((size_t)w->items, sizeof *gamma), *theta = base_alloc_raw((size_t)w->items, sizeof *theta);
    uint8_t *drawn = base_alloc_raw((size_t)w->items, 1);
    bool good = gamma && theta && drawn;
    for (int k = 0; k < 3; k++) {
        if (!out[k]) continue;
        *out[k] = NULL;
        good = good && (d[k].start = calloc((size_t)w->users + 1, sizeof *d[k].start)) &&
               base_grow(&d[k].item, &d[k].capacity, 1, sizeof *d[k].item);
    }
    for (int64_t u = 0; u < w->users && good; u++) {
        semi_user(w, u, gamma, theta, drawn);
        for (int k = 0; k < 3 && good; k++)
            if (out[k]) good = add_rows(&d[k], u, drawn, w->items);
    }
    for (int k = 0; k < 3; k++) {
        if (good && out[k]) {
            good = log_with(w->log, matrix_new(w->users, w->items, d[k].start, d[k].item), out[k], error) == TAMIS_OK;
        } else {
            free(d[k].start);
            free(d[k].item);
        }
    }
    base_free(gamma);
    base_free(theta);
    base_free(drawn);
    if (good) return TAMIS_OK;
    for (int k = 0; k < 3; k++)
        if (out[k]) {
            tamis_log_free(*out[k]);
            *out[k] = NULL;
        }
    return base_no_memory(error, "a drawn log", (size_t)w->items, 16);
}

/* --------------------------------------------------------------------------------------- into a directory */

static void field(base_writer *file, const id_map *ids, int64_t index, const char *after)
{
    size_t length;
    const char *id = id_map_get(ids, index, &length);
    base_writer_field(file, id, length);
    base_writer_bytes(file, after, strlen(after));
}

enum file { TRAIN, TEST, RELEVANCE, PROPENSITY, FILES };

static tamis_status write_users(const semi_world *w, base_writer *const *file, tamis_error *error)
{
    float *gamma = base_alloc_raw((size_t)w->items, sizeof *gamma), *theta = base_alloc_raw((size_t)w->items, sizeof *theta);
    double *exposure = base_alloc((size_t)w->items, sizeof *exposure);
    uint8_t *drawn = base_alloc_raw((size_t)w->items, 1);
    const bool good = gamma && theta && exposure && drawn;
    for (int64_t u = 0; u < w->users && good; u++) {
        semi_user(w, u, gamma, theta, drawn);
        for (int64_t i = 0; i < w->items; i++) {
            bool relevant = drawn[i] & SEMI_RELEVANT, seen = drawn[i] & SEMI_SEEN;
            exposure[i] += (double)theta[i] / (double)w->users;
            if (relevant) {
                field(file[seen ? TRAIN : TEST], w->log->user_ids, u, ",");
                field(file[seen ? TRAIN : TEST], w->log->item_ids, i, "\n");
            }
            field(file[RELEVANCE], w->log->user_ids, u, ",");
            field(file[RELEVANCE], w->log->item_ids, i, ",");
            base_writer_format(file[RELEVANCE], "%.6g,%.6g,%d,%d\n", (double)gamma[i], (double)theta[i], relevant, seen);
        }
    }
    for (int64_t i = 0; i < w->items && good; i++) {
        field(file[PROPENSITY], w->log->item_ids, i, ",");
        base_writer_format(file[PROPENSITY], "%.6g\n", exposure[i]);
    }
    base_free(gamma);
    base_free(theta);
    base_free(exposure);
    base_free(drawn);
    return good ? TAMIS_OK : base_no_memory(error, "one user's items", (size_t)w->items, 16);
}

tamis_status tamis_synth_from(const tamis_log *log, const tamis_semi_options *options, const char *directory,
                              tamis_error *error)
{
    static const char *const name[FILES] = {"train.csv", "test.csv", "relevance.csv", "propensity.csv"};
    static const char *const header[FILES] = {"user_id,item_id\n", "user_id,item_id\n",
                                              "user_id,item_id,relevance,propensity,relevant,seen\n", "item_id,propensity\n"};
    static const char *const others[] = {"truth.csv", "noise.csv"}; /* of worlds that are made up */
    base_writer *file[FILES] = {NULL};
    base_set *set = NULL;
    semi_world w = {0};
    tamis_semi_options taken;
    base_clear(error);
    if (!log) return base_null(error, "the log");
    tamis_semi_options_default(&taken);
    tamis_status status = base_option_take(&semi_option_table, options, &taken, error);
    options = &taken;
    if (!status) status = semi_fit(log, options->factors, options->epsilon, options->seed, options->threads, &w, error);
    w.power = options->power;
    if (!status) status = base_path_check(directory, error);
    if (!status) status = base_set_new(directory, "tamis synth --from", "user_id,item_id", &set, error);
    for (int f = 0; f < FILES && !status; f++) {
        status = base_set_add(set, name[f], &file[f], error);
        if (!status) base_writer_format(file[f], "%s", header[f]);
    }
    for (size_t k = 0; k < BASE_COUNT(others) && !status; k++) status = base_set_add(set, others[k], NULL, error);
    if (!status) status = write_users(&w, file, error);
    if (status)
        base_set_discard(set);
    else
        status = base_set_commit(set, error);
    semi_clear(&w);
    return status;
}
