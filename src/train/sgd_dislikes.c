/* An epoch's negatives that are dislikes: of a user's samples a share π, which the tiles leave out. An item block rarely holds
 * a user's positive and one of the dislikes, so that they have a schedule of their own.
 *
 * Users and items are cut into G groups each, by their numbers mod G. A sample (u, i, d) touches the groups a of i and b of d: the
 * round in which a and b meet in a tournament of the G groups, where no group is in two games at a time; where a = b, a round
 * in which each group is by itself. A round has G turns: in turn t the game of group a, the smaller one, takes the samples of
 * user group (a + t) mod G. So what runs at a time shares no row, and turns come one after the other: the same bits for any
 * number of threads. A sample of a single score touches d alone. */
#include <stdlib.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/threads.h"
#include "base/watch.h"
#include "kernel/flush.h"
#include "train/sgd_dislikes.h"

enum { GROUPS = 16 /* even */, GAMES = GROUPS * GROUPS * GROUPS };
enum { FEW = 20000 }; /* samples: with less, waiting for each other costs more than it saves */

typedef struct triple {
    int32_t user, item, dislike;
} triple;

/* In the order in which they are run. */
typedef struct schedule {
    int64_t start[GAMES + 1]; /* of the game of group a in turn t of round r: (r G + t) G + a */
    triple *sample;
} schedule;

/* The circle method: the last group stays, the others go around. */
static int round_of(int a, int b)
{
    if (a == b) return GROUPS - 1;
    if (a == GROUPS - 1 || b == GROUPS - 1) return 2 * (a == GROUPS - 1 ? b : a) % (GROUPS - 1);
    return (a + b) % (GROUPS - 1);
}

static int game_of(const train_run *run, const triple *t)
{
    const int b = t->dislike % GROUPS, a = run->method->pair ? t->item % GROUPS : b, smaller = a < b ? a : b;
    const int turn = (t->user % GROUPS - smaller + GROUPS) % GROUPS;
    return (round_of(a, b) * GROUPS + turn) * GROUPS + smaller;
}

/* Draws the samples of user u: counts them by game, or puts each where at[] says. */
static void draw_user(const train_run *run, int32_t u, int64_t at[GAMES], triple *sample)
{
    const matrix *m = run->log->matrix, *d = run->dislikes;
    const uint16_t *times = sgd_blocks_of(run)->times;
    const int64_t dislikes = d->start[u + 1] - d->start[u];
    base_stream stream = base_stream_key(run->options.seed, BASE_FOR_DISLIKES, (uint64_t)run->epoch, (uint64_t)u);
    for (int64_t k = m->start[u]; dislikes && k < m->start[u + 1]; k++)
        for (int64_t left = (times ? times[k] : 1) * run->options.negatives; left > 0; left--) {
            if (!(base_uniform(&stream) < run->options.dislike_share)) continue;
            const triple t = {u, m->index[k], d->index[d->start[u] + base_below(&stream, (uint32_t)dislikes)]};
            const int64_t place = at[game_of(run, &t)]++;
            if (sample) sample[place] = t;
        }
}

static bool draw_epoch(const train_run *run, schedule *s)
{
    int64_t at[GAMES] = {0}, sum = 0;
    for (int64_t u = 0; u < run->model->users; u++) draw_user(run, (int32_t)u, at, NULL);
    for (int game = 0; game <= GAMES; game++) {
        const int64_t n = game < GAMES ? at[game] : 0;
        s->start[game] = sum;
        if (game < GAMES) at[game] = sum;
        sum += n;
    }
    s->sample = base_alloc_raw((size_t)sum + 1, sizeof *s->sample);
    for (int64_t u = 0; s->sample && u < run->model->users; u++) draw_user(run, (int32_t)u, at, s->sample);
    return s->sample != NULL;
}

static void play(const train_run *run, const schedule *s, int game, double rate, sgd_lists *lists, sgd_sum *sum)
{
    const bool pair = run->method->pair != NULL;
    sgd_work w = sgd_work_new(run, lists, rate);
    for (int64_t from = s->start[game]; from < s->start[game + 1]; from += SGD_CHUNK) {
        const int64_t left = s->start[game + 1] - from, n = left < SGD_CHUNK ? left : SGD_CHUNK;
        for (int64_t k = 0; k < n; k++) {
            const triple *t = &s->sample[from + k];
            const method_weights v = run->weights ? run->weights[t->dislike] : METHOD_WEIGHTS_ALIKE;
            lists->user[k] = t->user;
            lists->item[k] = pair ? t->item : t->dislike;
            lists->negative[k] = t->dislike;
            lists->target[k] = v.negative_target;
            lists->weight[k] = v.negative_weight;
        }
        sgd_work_run(run, &w, n);
    }
    sgd_work_sum(&w, sum);
}

double sgd_dislikes_bytes(double samples)
{
    return sizeof(schedule) + samples * sizeof(triple);
}

bool sgd_dislikes_run(train_run *run, double rate, int threads, sgd_sum *sum)
{
    schedule *s = base_alloc(1, sizeof *s);
    sgd_sum of[GROUPS] = {{0}};
    const bool done = s && draw_epoch(run, s);
    if (done && s->start[GAMES] < FEW) threads = 1;
    if (threads > GROUPS) threads = GROUPS;
    if (done) {
#pragma omp parallel num_threads(base_team(threads))
        {
            sgd_lists lists;
            const uint64_t before = kernel_flush_begin();
            for (size_t turn = 0; turn < (size_t)GROUPS * GROUPS; turn++) {
#pragma omp for schedule(dynamic, 1)
                for (int a = 0; a < GROUPS; a++) {
                    const int game = (int)turn * GROUPS + a;
                    if (!base_stopped(&run->watch)) play(run, s, game, rate, &lists, &of[a]);
                }
#pragma omp master
                base_worked(&run->watch, (s->start[(turn + 1) * GROUPS] - s->start[turn * GROUPS]) * (int64_t)run->model->stride / threads);
            }
            kernel_flush_end(before);
        }
    }
    for (int a = 0; a < GROUPS; a++) {
        sum->loss += of[a].loss;
        sum->samples += of[a].samples;
    }
    if (s) base_free(s->sample);
    base_free(s);
    return done;
}
