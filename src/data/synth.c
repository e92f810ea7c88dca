/* Synthetic logs whose truth is known: who really likes what, and which rows are noise.
 *
 * Notation. Users u and items i have preference vectors p_u, q_i of independent N(0,1) numbers.
 *   liked      the `liked` = relevant_share * items items of the greatest p_u . q_i (ties: the lower item)
 *   exposure   items stand in a random order, independent of the q_i; the one of rank r is seen with weight r^-power
 *   activity   n_u in proportion to (1 - v_u)^-power, v_u uniform on [0,1); together about `interactions`
 *   clicks     n_u draws by exposure, without replacement, among the liked items only
 *   test       round(test_ratio * n_u) of a user's clicks, at random; train keeps at least one
 *   noise      noise_ratio * (clean rows of train) rows: a uniform user each (users: one of a tenth of them), and an item
 *              that this user does not like, uniform or (popular) by exposure or (position) with weight 1/k at position k of a
 *              random order; they stand among the user's clean rows in random order
 *   events     in the place of train and test: what the clicks and noise were, see synth_events.c
 *
 * The same options must give the same bytes on every machine, with any compiler and C library. So vectors, weights and
 * activities are rounded to integers, every comparison is between integers, and what little is real is made of the
 * four IEEE operations. Each user's rows come from streams of its own, so that users can be drawn in any order: threads
 * take chunks of users and draw their rows into memory, and the chunks are written one after the other. */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/random.h"
#include "base/set.h"
#include "base/status.h"
#include "base/threads.h"
#include "data/log.h"
#include "data/synth_user.h"

#define ROW(field, name, kind, range, fallback, unit, help) \
    BASE_OPTION(tamis_synth_options, field, name, TAMIS_OPTION_##kind, range, fallback, unit, help)
static const tamis_option rows[] = {
    ROW(users, "users", INTEGER, "[1,2147483647]", "3000", "", "users"),
    ROW(items, "items", INTEGER, "[2,2147483647]", "2000", "", "items"),
    ROW(interactions, "interactions", INTEGER, "[1,1e12]", "75000", "", "clean interactions, train and test together"),
    ROW(factors, "factors", INTEGER, "[1,256]", "16", "", "factors of the true preferences"),
    ROW(exposure_power, "exposure-power", REAL, "[0,10]", "0.8", "", "items are seen in proportion to rank^-power"),
    ROW(activity_power, "activity-power", REAL, "[0,4]", "0.4", "",
        "a user's activity ~ (1 - v)^-power, v uniform; 0: all alike"),
    ROW(noise_ratio, "noise-ratio", REAL, "[0,10]", "0.2", "", "random rows, as a share of train's clean ones"),
    ROW(noise, "noise", CHOICE, "uniform|popular|position|users", "uniform", "",
        "random rows: of any item, of items in proportion to exposure, of those first in a list that all are shown, or all by a tenth "
        "of the users"),
    ROW(relevant_share, "relevant-share", REAL, "(0,1)", "0.05", "", "share of all items that a user truly likes"),
    ROW(test_ratio, "test-ratio", REAL, "[0,1)", "0.2", "", "share of a user's clean interactions held out"),
    ROW(no_truth, "truth", CHOICE, "yes|no", "yes", "",
        "write truth.csv, which holds users * items * relevant-share rows"),
    ROW(events, "events", FLAG, NULL, "0", "",
        "in the place of train.csv and test.csv a shop's events.csv: views, carts and purchases of 60 days"),
    ROW(seed, "seed", SEED, NULL, "1", "", "seed of all randomness"),
    ROW(threads, "threads", INTEGER, "[0,1024]", "0", "", "0: as many as OpenMP offers; never changes the result"),
};
const tamis_option_table synth_option_table = {"synth", rows, BASE_COUNT(rows), sizeof(tamis_synth_options), NULL};

void tamis_synth_options_init(tamis_synth_options *options, size_t size)
{
    tamis_synth_options defaults = {0};
    base_option_defaults(&synth_option_table, &defaults);
    base_option_give(&defaults, sizeof defaults, options, size);
}

/* PROPENSITY is written at once; the others by users. */
enum { PROPENSITY = SYNTH_USER_FILES, FILES };
static const char *const file_name[FILES] = {"train.csv", "test.csv", "truth.csv", "noise.csv", "propensity.csv"};
static const char events_name[] = "events.csv", events_head[] = "user_id,item_id,event,time\n";

static void write_text(synth_draft *d, base_writer *const *files)
{
    for (size_t f = 0; f < BASE_COUNT(d->text); f++) {
        if (files[f] && d->text[f].used) base_writer_bytes(files[f], d->text[f].bytes, d->text[f].used);
        d->text[f].used = 0;
    }
}

/* Chunks are so small that what waits is small, and so large that threads rarely wait for each other. */
static tamis_status draw_users(const synth_world *w, base_writer *const *files, tamis_error *error)
{
    enum { CHUNK = 64 };
    const int32_t chunks = w->users / CHUNK + (w->users % CHUNK != 0);
    const int threads = base_threads(w->options->threads);
    bool good = true;
#pragma omp parallel num_threads(base_team(threads))
    {
        synth_draft d;
        bool mine = synth_user_start(w, &d);
#pragma omp for ordered schedule(static, 1)
        for (int32_t c = 0; c < chunks; c++) {
            const int64_t end = ((int64_t)c + 1) * CHUNK < w->users ? ((int64_t)c + 1) * CHUNK : w->users;
            for (int64_t u = (int64_t)c * CHUNK; u < end && mine; u++) mine = synth_user_draw(w, (int32_t)u, &d);
#pragma omp ordered
            {
                if (mine) write_text(&d, files);
                else good = false;
            }
        }
        synth_user_clear(&d);
    }
    return good ? TAMIS_OK
                : base_no_memory(error, "one user's rows", (size_t)w->items, 2 * sizeof(int64_t) + sizeof(int32_t) + 1);
}

/* An item's exposure, relative to the largest. Six digits of a ratio of integers are the same everywhere. */
static void write_propensities(const synth_world *w, base_writer *file)
{
    for (int32_t i = 0; i < w->items; i++)
        base_writer_format(file, "i%0*d,%.6g\n", w->item_digits, i, (double)w->exposure[i] / SYNTH_EXPOSURE_ONE);
}

static tamis_status write_world(const synth_world *w, const char *directory, tamis_error *error)
{
    base_writer *files[FILES] = {NULL};
    base_set *set = NULL;
    tamis_status status = base_path_check(directory, error);
    if (!status) status = base_set_new(directory, "tamis synth", "user_id,item_id", &set, error);
    const bool events = w->options->events;
    if (!status) status = base_set_add(set, events_name, events ? &files[SYNTH_TRAIN] : NULL, error);
    for (int f = 0; f < FILES && !status; f++) {
        const bool absent = (f == SYNTH_TRUTH && w->options->no_truth) || (events && f <= SYNTH_TEST);
        status = base_set_add(set, file_name[f], absent ? NULL : &files[f], error);
        if (files[f])
            base_writer_format(files[f], "%s", f == PROPENSITY               ? "item_id,propensity\n"
                                               : events && f == SYNTH_TRAIN ? events_head : "user_id,item_id\n");
    }
    if (!status) status = base_set_add(set, "relevance.csv", NULL, error); /* of worlds that are fitted to a log */
    if (!status) write_propensities(w, files[PROPENSITY]);
    if (!status) status = draw_users(w, files, error);
    if (!status) return base_set_commit(set, error);
    base_set_discard(set);
    return status;
}

tamis_status tamis_synth(const tamis_synth_options *options, const char *directory, tamis_error *error)
{
    tamis_synth_options taken;
    synth_world w = {0};
    base_clear(error);
    tamis_synth_options_default(&taken);
    tamis_status status = base_option_take(&synth_option_table, options, &taken, error);
    options = &taken;
    if (!status) status = synth_world_make(options, &w, error);
    if (!status) status = write_world(&w, directory, error);
    synth_world_clear(&w);
    return status;
}
