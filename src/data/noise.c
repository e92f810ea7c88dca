/* Noise put into a log, reproducibly.
 *
 * Notation. n_u: user u's interactions in the log; P_u: their items, and u's items in the held-out logs.
 *   uniform   floor(ρ n_u) items outside P_u, each as likely: the protocol of Zhang et al. (PLD), WWW 2025
 *   popular   the same, items in proportion to their interactions in the log
 *   users     round(ρ users) users at random get floor(σ n_u) uniform items each; with σ = 1 about as many rows as uniform
 *             puts in with ρ, but on few users
 *   drop      floor(ρ n_u) of u's own interactions are taken away: false negatives
 * All draws are without replacement. Kinds are drawn one after the other, in this order, and never the same item twice.
 *
 * Each user's draws come from a stream keyed by (seed, the user's id, kind), so that a user's noise does not depend on
 * what other users did. Items are drawn by their number, which is that of their first row in the log. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/random.h"
#include "base/status.h"
#include "data/log.h"

#define ROW(field, name, kind, range, fallback, help) \
    BASE_OPTION(tamis_noise_options, field, name, TAMIS_OPTION_##kind, range, fallback, "", help)

static const tamis_option rows[] = {
    ROW(uniform, "uniform", REAL, "[0,100]", "0", "random items, as a share of a user's interactions, rounded down"),
    ROW(popular, "popular", REAL, "[0,100]", "0", "the same, items in proportion to their interactions"),
    ROW(users, "noisy-users", REAL, "[0,1]", "0",
        "this share of users get random items, as many as --noisy-user-ratio says"),
    ROW(users_ratio, "noisy-user-ratio", REAL, "[0,1000]", "1",
        "random items of such a user, as a share of the user's interactions, rounded down"),
    ROW(drop, "drop", REAL, "[0,1]", "0", "hide this share of a user's interactions, rounded down, but never the last one"),
    ROW(paper_protocol, "paper-protocol", FLAG, NULL, "0",
        "injected items may be held-out ones, as in the PLD authors' script"),
    ROW(seed, "seed", SEED, NULL, "1", "seed of all randomness"),
};
const tamis_option_table noise_option_table = {"noise", rows, BASE_COUNT(rows), sizeof(tamis_noise_options), NULL};

void tamis_noise_options_init(tamis_noise_options *options, size_t size)
{
    tamis_noise_options defaults = {0};
    base_option_defaults(&noise_option_table, &defaults);
    base_option_give(&defaults, sizeof defaults, options, size);
}

enum kind { CLEAN, UNIFORM, POPULAR, USERS, DROP, KINDS };
static const char *const kind_name[KINDS] = {"clean", "uniform", "popular", "users", "drop"};
static const char *const kind_help[KINDS] = {
    "a row of the log itself", "items drawn uniformly, a share of each user's interactions",
    "items drawn in proportion to their interactions", "items drawn uniformly, for a share of users alone",
    "a share of each user's interactions hidden"};

const char *tamis_noise_kind(size_t kind, const char **help)
{
    if (kind >= KINDS) return NULL;
    if (help) *help = kind_help[kind];
    return kind_name[kind];
}

void tamis_free(void *memory)
{
    free(memory);
}

/* A held-out log: which of the log's rows its items are. */
typedef struct held {
    const tamis_log *log;
    int32_t *item;
} held;

typedef struct row {
    int32_t item;
    uint8_t kind;
    int64_t source; /* the interaction that rating, weight and time are taken from */
} row;

typedef struct work {
    const tamis_log *log;
    const tamis_noise_options *options;
    held *held;
    size_t helds;
    uint8_t *noisy_user;
    int64_t *taken;   /* per item: the user for whom it is taken, + 1 */
    int64_t *clicks;  /* per item */
    int32_t *allowed; /* per item, scratch */
    row *rows;        /* of one user */
    size_t row_capacity;
    int64_t count;    /* of rows */
    /* the outcome */
    tamis_log *out;
    int64_t *start; /* its parts */
    int32_t *item;
    tamis_log values;
    uint8_t *kind;
    uint8_t *dropped; /* per interaction of the log: 1 */
    size_t item_capacity, kind_capacity, value_capacity[LOG_VALUES];
    int64_t written;
} work;

static int32_t draw_popular(const work *w, base_stream *s)
{
    uint64_t at = (uint64_t)(base_uniform(s) * (double)tamis_log_interactions(w->log));
    return w->log->matrix->index[at];
}

static bool keep(work *w, int64_t user, int32_t item, enum kind kind, base_stream *s)
{
    int64_t from = w->log->matrix->start[user], n = w->log->matrix->start[user + 1] - from;
    if (!base_grow(&w->rows, &w->row_capacity, (size_t)w->count + 1, sizeof *w->rows)) return false;
    w->rows[w->count++] = (row){item, (uint8_t)kind, from + base_below(s, (uint32_t)n)};
    w->taken[item] = user + 1;
    return true;
}

/* The rest of the items, all of them looked at: for users who have most items already. */
static bool draw_from_list(work *w, int64_t user, int64_t wanted, enum kind kind, base_stream *s)
{
    int64_t count = 0;
    double total = 0;
    for (int64_t i = 0; i < w->log->items; i++) {
        if (w->taken[i] == user + 1 || (kind == POPULAR && !w->clicks[i])) continue;
        w->allowed[count++] = (int32_t)i;
        total += kind == POPULAR ? (double)w->clicks[i] : 1;
    }
    for (; wanted > 0 && count > 0; wanted--) {
        double left = base_uniform(s) * total;
        int64_t at = 0;
        for (; at + 1 < count; at++) {
            double weight = kind == POPULAR ? (double)w->clicks[w->allowed[at]] : 1;
            if (left < weight) break;
            left -= weight;
        }
        total -= kind == POPULAR ? (double)w->clicks[w->allowed[at]] : 1;
        if (!keep(w, user, w->allowed[at], kind, s)) return false;
        memmove(w->allowed + at, w->allowed + at + 1, (size_t)(count - at - 1) * sizeof *w->allowed);
        count--;
    }
    return true;
}

/* Draws again when an item is taken, as long as that is quick. */
static bool draw_items(work *w, int64_t user, int64_t wanted, enum kind kind)
{
    size_t length;
    const char *id = id_map_get(w->log->user_ids, user, &length);
    base_stream s = base_stream_key(w->options->seed, BASE_FOR_NOISE, base_hash(id, length), kind);
    int64_t tries = 16 * (wanted + 16);
    while (wanted > 0 && tries-- > 0) {
        int32_t item = kind == POPULAR ? draw_popular(w, &s) : (int32_t)base_below(&s, (uint32_t)w->log->items);
        if (w->taken[item] == user + 1) continue;
        if (!keep(w, user, item, kind, &s)) return false;
        wanted--;
    }
    return wanted == 0 || draw_from_list(w, user, wanted, kind, &s);
}

/* Marks what is no noise for the user, and takes over or drops the user's own rows. */
static bool take_own(work *w, int64_t user)
{
    const tamis_log *log = w->log;
    const matrix *m = log->matrix;
    int64_t from = m->start[user], n = m->start[user + 1] - from;
    int64_t drop = (int64_t)floor(w->options->drop * (double)n);
    size_t length;
    const char *id = id_map_get(log->user_ids, user, &length);
    base_stream s = base_stream_key(w->options->seed, BASE_FOR_NOISE, base_hash(id, length), DROP);
    if (drop > n - 1) drop = n - 1;
    for (int64_t k = 0; k < n; k++) {
        w->taken[m->index[from + k]] = user + 1;
        /* each of the n - k left is as likely among the `drop` still to go */
        bool out = drop > 0 && base_uniform(&s) * (double)(n - k) < (double)drop;
        w->dropped[from + k] = out;
        drop -= out;
        if (out) continue;
        if (!base_grow(&w->rows, &w->row_capacity, (size_t)w->count + 1, sizeof *w->rows)) return false;
        w->rows[w->count++] = (row){m->index[from + k], CLEAN, from + k};
    }
    for (int64_t k = log->dislikes ? log->dislikes->start[user] : 0; log->dislikes && k < log->dislikes->start[user + 1]; k++)
        w->taken[log->dislikes->index[k]] = user + 1;
    for (size_t h = 0; h < w->helds && !w->options->paper_protocol; h++) {
        const matrix *other = w->held[h].log->matrix;
        int64_t at = id_map_find(w->held[h].log->user_ids, id, length);
        for (int64_t k = at < 0 ? 0 : other->start[at]; at >= 0 && k < other->start[at + 1]; k++)
            if (w->held[h].item[other->index[k]] >= 0) w->taken[w->held[h].item[other->index[k]]] = user + 1;
    }
    return true;
}

static int by_item(const void *a, const void *b)
{
    int32_t x = ((const row *)a)->item, y = ((const row *)b)->item;
    return (x > y) - (x < y);
}

static bool write_rows(work *w, int64_t user)
{
    size_t need = (size_t)(w->written + w->count) + 1;
    if (w->count) qsort(w->rows, (size_t)w->count, sizeof *w->rows, by_item);
    if (!base_grow(&w->item, &w->item_capacity, need, sizeof *w->item) ||
        !base_grow(&w->kind, &w->kind_capacity, need, 1) || !log_grow_values(&w->values, w->log, w->value_capacity, need))
        return false;
    for (int64_t k = 0; k < w->count; k++, w->written++) {
        w->item[w->written] = w->rows[k].item;
        w->kind[w->written] = w->rows[k].kind;
        log_copy_values(&w->values, w->written, w->log, w->rows[k].source);
    }
    w->start[user + 1] = w->written;
    return true;
}

static bool noise_user(work *w, int64_t user)
{
    const tamis_noise_options *o = w->options;
    double n = (double)(w->log->matrix->start[user + 1] - w->log->matrix->start[user]);
    w->count = 0;
    return take_own(w, user) && (n == 0 || (draw_items(w, user, (int64_t)floor(o->uniform * n), UNIFORM) &&
                                            draw_items(w, user, (int64_t)floor(o->popular * n), POPULAR) &&
                                            draw_items(w, user, w->noisy_user[user] ? (int64_t)floor(o->users_ratio * n) : 0, USERS))) &&
           write_rows(w, user);
}

/* round(share * users) of them, each set as likely. */
static void choose_users(work *w)
{
    int64_t users = tamis_log_users(w->log), wanted = (int64_t)round(w->options->users * (double)users);
    base_stream s = base_stream_key(w->options->seed, BASE_FOR_NOISE, UINT64_MAX, USERS);
    for (int64_t u = 0; u < users && wanted > 0; u++)
        if (base_uniform(&s) * (double)(users - u) < (double)wanted) {
            w->noisy_user[u] = 1;
            wanted--;
        }
}

static tamis_status match_held(work *w, tamis_error *error)
{
    for (size_t h = 0; h < w->helds; h++) {
        const tamis_log *held_out = w->options->held_out[h];
        w->held[h] = (held){held_out, id_map_match(held_out->item_ids, w->log->item_ids, error)};
        if (!w->held[h].item) return TAMIS_FAILURE;
    }
    return TAMIS_OK;
}

static tamis_status make(work *w, tamis_error *error)
{
    const tamis_log *log = w->log;
    size_t users = (size_t)log->users, items = (size_t)log->items, n = (size_t)log->matrix->nnz;
    w->held = calloc(w->helds + 1, sizeof *w->held);
    w->noisy_user = base_alloc(users, 1);
    w->taken = base_alloc(items, sizeof *w->taken);
    w->clicks = matrix_column_counts(log->matrix);
    w->allowed = base_alloc_raw(items, sizeof *w->allowed);
    w->dropped = base_alloc(n + 1, 1);
    bool good = w->held && w->noisy_user && w->taken && w->clicks && w->allowed && w->dropped &&
                (w->start = calloc(users + 1, sizeof *w->start));
    if (good) {
        choose_users(w);
        tamis_status status = match_held(w, error);
        if (status) return status;
    }
    for (int64_t u = 0; u < log->users && good; u++) good = noise_user(w, u);
    if (!good) return base_no_memory(error, "the noisy log", n + users, sizeof(int32_t) + sizeof(row));
    tamis_status status = log_with(log, matrix_new(log->users, log->items, w->start, w->item), &w->out, error);
    w->start = NULL;
    w->item = NULL;
    if (status) return status;
    w->out->rating = w->values.rating;
    w->out->weight = w->values.weight;
    w->out->time = w->values.time;
    w->values = (tamis_log){0};
    log_describe_weights(w->out);
    w->out->labelled = log->labelled;
    memcpy(w->out->lacking, log->lacking, sizeof log->lacking);
    return log_share_dislikes(w->out, log, error);
}

static void clear(work *w)
{
    for (size_t h = 0; w->held && h < w->helds; h++) base_free(w->held[h].item);
    free(w->held);
    base_free(w->noisy_user);
    base_free(w->taken);
    base_free(w->clicks);
    base_free(w->allowed);
    base_free(w->dropped);
    free(w->rows);
    free(w->kind);
    free(w->start);
    free(w->item);
    log_free_values(&w->values);
    tamis_log_free(w->out);
}

tamis_status tamis_log_noise(const tamis_log *log, const tamis_noise_options *options, tamis_log **noisy, uint8_t **kind,
                             tamis_log **dropped, tamis_error *error)
{
    tamis_noise_options taken;
    *noisy = NULL;
    if (kind) *kind = NULL;
    if (dropped) *dropped = NULL;
    base_clear(error);
    if (!log) return base_null(error, "the log");
    tamis_noise_options_default(&taken);
    tamis_status status = base_option_take(&noise_option_table, options, &taken, error);
    options = &taken;
    if (status) return status;
    for (size_t h = 0; h < taken.held_outs; h++)
        if (!taken.held_out || !taken.held_out[h]) return base_null(error, "a held-out log");
    work w = {.log = log, .options = options, .helds = taken.held_outs};
    status = make(&w, error);
    if (!status && dropped && options->drop > 0) {
        status = log_extract(log, w.dropped, 1, dropped, error);
        if (!status && tamis_log_interactions(*dropped) == 0) {
            tamis_log_free(*dropped);
            *dropped = NULL;
        }
    }
    if (!status) {
        *noisy = w.out;
        w.out = NULL;
        if (kind) {
            *kind = w.kind;
            w.kind = NULL;
        }
    }
    clear(&w);
    return status;
}
