/* One epoch in tiles: interactions are sorted into tiles, then the tiles run (sgd_tile.c), item block by item
 * block; sgd_blocks.h has the schedule that gives the same bits with any number of threads. */
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/threads.h"
#include "base/watch.h"
#include "kernel/flush.h"
#include "train/draw.h"
#include "train/estimate.h"
#include "train/row_weights.h"
#include "train/sgd.h"
#include "train/sgd_dislikes.h"
#include "train/sgd_tile.h"
#include "train/team.h"

enum { FEW = 2000 };      /* samples for which a thread is worth while */
enum { YIELD = 1 << 12 }; /* the work that giving way to others counts as */

/* Each thread's own. */
typedef struct thread_scratch {
    tile_scratch tile;
    double waited, pace; /* in a part: seconds; user blocks run in a second, without what was waited */
} thread_scratch;

/* Sorts the interactions of the part's user block b by item block, keeping users in order. */
static void sort_block(train_run *run, const part *now, int64_t b)
{
    sgd_blocks *blocks = sgd_blocks_of(run);
    const tamis_log *log = run->log;
    const int64_t *user = blocks->first_user + now->first + b, first = user[0], last = user[1], C = blocks->item_blocks;
    const int64_t start = log->matrix->start[first] - now->start + (b + 1) * SGD_NEAR;
    int64_t *tile = blocks->tile + b * (C + 1), at = start;
    /* tile[]: counts, then where each tile's next entry goes; a tile ends where it stops */
    memset(tile, 0, (size_t)C * sizeof *tile);
    for (int64_t k = log->matrix->start[first]; k < log->matrix->start[last]; k++) tile[blocks->position[log->matrix->index[k]] >> 16]++;
    for (int64_t c = 0; c < C; c++) {
        int64_t n = tile[c];
        tile[c] = at;
        at += n;
    }
    for (int64_t u = first; u < last; u++)
        for (int64_t k = log->matrix->start[u]; k < log->matrix->start[u + 1]; k++) {
            uint32_t position = blocks->position[log->matrix->index[k]];
            const int64_t entry = tile[position >> 16]++;
            blocks->entry[entry] = (uint32_t)(u - first) << 16 | (position & 0xFFFF);
            if (blocks->times) blocks->entry_times[entry] = blocks->times[k];
            if (blocks->entry_weights) blocks->entry_weights[entry] = run->row_weights[k];
        }
    /* the ends are the next tile's starts: shift them back */
    for (int64_t c = C; c > 0; c--) tile[c] = tile[c - 1];
    tile[0] = start;
}

/* Weighted drawing within item block c, where the sampler asks for it. */
static bool fill_slots(train_run *run, int32_t c)
{
    const sgd_blocks *blocks = sgd_blocks_of(run);
    const int64_t from = (int64_t)c * blocks->item_room;
    return sampler_fill_slots(run->sampler, &run->options, run->item_clicks, blocks->item_order + from,
                              sgd_block_items(blocks, run->model->items, c), blocks->slot + from);
}

/* The weights of item block c's items, side by side. */
static void take_weights(train_run *run, int32_t c)
{
    sgd_blocks *blocks = sgd_blocks_of(run);
    const int64_t from = (int64_t)c * blocks->item_room;
    const int32_t n = sgd_block_items(blocks, run->model->items, c);
    for (int32_t k = 0; k < n; k++) blocks->weights[from + k] = run->weights[blocks->item_order[from + k]];
}

/* The biases of item block c's items, to where the kernels find them and back. */
static void move_biases(train_run *run, int32_t c, bool back)
{
    sgd_blocks *blocks = sgd_blocks_of(run);
    const int32_t *items = blocks->item_order + (int64_t)c * blocks->item_room;
    const int32_t n = sgd_block_items(blocks, run->model->items, c);
    for (int32_t k = 0; k < n; k++) {
        float *kept = &run->model->item_bias[items[k]], *used = &blocks->bias[(size_t)items[k] * KERNEL_BIAS];
        *(back ? kept : used) = *(back ? used : kept);
    }
}

/* What item block c's tiles need besides its rows. */
static bool enter_block(train_run *run, int32_t c)
{
    const sgd_blocks *blocks = sgd_blocks_of(run);
    if (blocks->weights) take_weights(run, c);
    if (blocks->bias) move_biases(run, c, false);
    return !blocks->slot || fill_slots(run, c);
}

/* No more threads than have work: waiting for each other costs more than a few thousand samples. */
static int useful_threads(const train_run *run)
{
    const sgd_blocks *blocks = sgd_blocks_of(run);
    int64_t samples = run->log->matrix->nnz * run->options.negatives;
    int64_t most = samples / FEW + 1, threads = base_threads(run->options.threads);
    if (most > blocks->item_blocks) most = blocks->item_blocks;
    if (most > sgd_part(blocks, 1)) most = sgd_part(blocks, 1);
    if (most > blocks->paces) most = blocks->paces; /* OpenMP's default may have grown meanwhile */
    return (int)(threads < most ? threads : most);
}

/* What goes with an item block from thread to thread, on a cache line of its own. */
typedef struct visit {
    _Alignas(64) atomic_int passed; /* user blocks that the item block has left */
    sgd_sum sum;                   /* user block by user block: the same bits always */
} visit;

/* A thread's user blocks begin..end-1, which thus stay in its caches; the item blocks, much smaller, pass from thread to
 * thread. */
typedef struct range {
    _Alignas(64) atomic_int next; /* item block that no thread has taken through it yet */
    int begin, end;
} range;

/* A part's work. Item block c enters a user block when that is sorted and item block c - 1 has left it: whatever the
 * threads, each row's updates come in one order. Each thread sorts its range of user blocks, then takes one item block
 * after the other through it. A faster thread has a longer range: cores differ, and others use them, too. A thread that
 * would wait, as the last do at the start and the first at the end, takes an item block through another's range. Of
 * three threads, for example, who runs what:
 *
 *                    range 0  range 1  range 2
 *   item block 0        2        2        2
 *              1        1        1        2
 *              2        0        1        2
 *              ...      0        1        2
 *              C - 3    0        1        2
 *              C - 2    0        1        1
 *              C - 1    0        0        0
 */
typedef struct line {
    part now;
    atomic_bool *sorted; /* per user block */
    visit *visit;        /* per item block */
    range *range;
    int ranges;
    atomic_bool failed, done; /* done: a thread has no more work in this part */
} line;

static void pause_after(int *spins)
{
    if (++*spins > 200) sched_yield();
}

/* What a tile sees is ordered by these waits alone, which ThreadSanitizer can thus check. */
static int wait_passed(const visit *v, int at_least, double *waited)
{
    int passed = atomic_load_explicit(&v->passed, memory_order_acquire);
    if (passed >= at_least) return passed;
    const double begin = base_seconds();
    for (int spins = 0; passed < at_least; pause_after(&spins)) passed = atomic_load_explicit(&v->passed, memory_order_acquire);
    *waited += base_seconds() - begin;
    return passed;
}

static void wait_sorted(atomic_bool *sorted, double *waited)
{
    if (atomic_load_explicit(sorted, memory_order_acquire)) return;
    const double begin = base_seconds();
    for (int spins = 0; !atomic_load_explicit(sorted, memory_order_acquire);) pause_after(&spins);
    *waited += base_seconds() - begin;
}

/* Item block c through user blocks from..to-1. */
static void run_item_block(train_run *run, line *l, int32_t c, int from, int to, double rate, thread_scratch *scratch)
{
    visit *mine = &l->visit[c];
    int before = c > 0 ? 0 : l->now.count; /* user blocks that item block c - 1 has left */
    if (from == to) return;
    wait_passed(mine, from, &scratch->waited);
    if (from == 0 && !enter_block(run, c)) atomic_store(&l->failed, true);
    for (int b = from; b < to; b++) {
        wait_sorted(&l->sorted[b], &scratch->waited);
        if (before <= b) before = wait_passed(mine - 1, b + 1, &scratch->waited);
        if (!atomic_load(&l->failed)) tile_run(run, &l->now, b, c, rate, &scratch->tile, &mine->sum);
        atomic_store_explicit(&mine->passed, b + 1, memory_order_release);
    }
    if (to == l->now.count && sgd_blocks_of(run)->bias) move_biases(run, c, true);
}

/* The lengths of the next ranges follow these; a pause of the machine, or a part too short to tell, must not turn all upside down. */
static void note_paces(train_run *run, const thread_scratch *scratch, int threads)
{
    sgd_blocks *blocks = sgd_blocks_of(run);
    double sum = 0;
    for (int t = 0; t < threads; t++) sum += scratch[t].pace;
    for (int t = 0; t < threads && sum > 0; t++) {
        const double pace = scratch[t].pace * threads / sum;
        blocks->pace[t] = (blocks->pace[t] + (pace < 0.25 ? 0.25 : pace)) / 2;
    }
}

/* The item block that range s is to see next, if half of the range before is behind it: then waiting for the rest costs
 * less than going elsewhere. -1: none now */
static int next_of(const line *l, int s, int item_blocks)
{
    const int c = atomic_load_explicit(&l->range[s].next, memory_order_relaxed);
    if (c == item_blocks) return -1;
    const int half = s > 0 ? (l->range[s - 1].begin + l->range[s - 1].end + 1) / 2 : 0;
    return atomic_load_explicit(&l->visit[c].passed, memory_order_relaxed) < half ? -1 : c;
}

/* Takes range s's next item block through it. */
static bool run_next(train_run *run, line *l, int s, double rate, thread_scratch *scratch, int64_t *ran)
{
    range *mine = &l->range[s];
    int c = next_of(l, s, sgd_blocks_of(run)->item_blocks);
    if (c < 0 || !atomic_compare_exchange_strong(&mine->next, &c, c + 1)) return false;
    run_item_block(run, l, c, mine->begin, mine->end, rate, scratch);
    *ran += mine->end - mine->begin;
    return true;
}

/* Takes an item block through the last range that has one. */
static bool help(train_run *run, line *l, double rate, thread_scratch *scratch, int64_t *ran)
{
    for (int s = l->ranges - 1; s >= 0; s--)
        if (run_next(run, l, s, rate, scratch, ran)) return true;
    return false;
}

static bool all_taken(const line *l, int item_blocks)
{
    for (int s = 0; s < l->ranges; s++)
        if (atomic_load_explicit(&l->range[s].next, memory_order_relaxed) < item_blocks) return false;
    return true;
}

static void run_line(train_run *run, line *l, const member *me, double rate, thread_scratch *scratch)
{
    int64_t ran = 0;
    scratch->tile.asks = me->index == 0;
    for (int s = me->index; s < l->ranges; s += me->team->size)
        for (int b = l->range[s].begin; b < l->range[s].end; b++) {
            sort_block(run, &l->now, b);
            atomic_store_explicit(&l->sorted[b], true, memory_order_release);
        }
    scratch->waited = 0;
    const double begin = base_seconds();
    while (!all_taken(l, sgd_blocks_of(run)->item_blocks)) {
        if (run_next(run, l, me->index, rate, scratch, &ran) || help(run, l, rate, scratch, &ran)) continue;
        const double idle = base_seconds();
        sched_yield();
        if (scratch->tile.asks) base_worked(&run->watch, YIELD);
        scratch->waited += base_seconds() - idle;
    }
    const double worked = base_seconds() - begin - scratch->waited;
    scratch->pace = worked > 0 ? (double)ran / worked : 0;
}

static void cut_ranges(const train_run *run, line *l)
{
    const sgd_blocks *blocks = sgd_blocks_of(run);
    double before = 0, all = 0;
    for (int s = 0; s < l->ranges; s++) all += blocks->pace[s];
    for (int s = 0; s < l->ranges; s++) {
        l->range[s].begin = s > 0 ? l->range[s - 1].end : 0;
        before += blocks->pace[s];
        l->range[s].end = s + 1 == l->ranges ? l->now.count : (int)(before / all * l->now.count + 0.5);
        atomic_store(&l->range[s].next, 0);
    }
}

static void start_part(const train_run *run, line *l, int32_t p)
{
    const sgd_blocks *blocks = sgd_blocks_of(run);
    const int32_t first = sgd_part(blocks, p), end = sgd_part(blocks, p + 1), C = blocks->item_blocks;
    l->now = (part){first, end - first, run->log->matrix->start[blocks->first_user[first]]};
    for (int32_t b = 0; b < l->now.count; b++) atomic_store(&l->sorted[b], false);
    for (int32_t c = 0; c < C; c++) atomic_store(&l->visit[c].passed, 0);
    cut_ranges(run, l);
}

/* What tiles leave to dislikes. */
static bool run_dislikes(train_run *run, double rate, int threads, double *loss, int64_t *samples)
{
    const sgd_blocks *blocks = sgd_blocks_of(run);
    sgd_sum sum = {0};
    for (int32_t c = 0; c < blocks->item_blocks && blocks->bias; c++) move_biases(run, c, false);
    const bool done = sgd_dislikes_run(run, rate, threads, &sum);
    for (int32_t c = 0; c < blocks->item_blocks && blocks->bias; c++) move_biases(run, c, true);
    *loss += sum.loss;
    *samples += sum.samples;
    return done;
}

static tamis_status epoch(train_run *run, double rate, double *loss, int64_t *samples, tamis_error *error)
{
    const sgd_blocks *blocks = sgd_blocks_of(run);
    const size_t U = (size_t)blocks->user_blocks, C = (size_t)blocks->item_blocks;
    const int threads = useful_threads(run);
    line l = {.sorted = calloc(U, sizeof *l.sorted), .visit = base_alloc(C, sizeof *l.visit),
              .range = base_alloc((size_t)threads, sizeof *l.range), .ranges = threads};
    thread_scratch *scratch = calloc((size_t)threads, sizeof *scratch);
    bool failed = !l.sorted || !l.visit || !l.range || !scratch;
    if (!failed) {
        sgd_blocks_draw(run);
        if (draw_chooses(run))
            failed = !draw_choose(run, threads, blocks->times);
        else if (run->row_ends)
            row_weights_count(run, blocks->times);
    }
    if (!failed) {
        for (int32_t p = 0; p < blocks->parts && !base_stopped(&run->watch); p++) {
            team all = TEAM_NEW(&run->watch);
            start_part(run, &l, p);
#pragma omp parallel num_threads(base_team(threads))
            {
                const member me = team_join(&all);
                const uint64_t before = kernel_flush_begin();
                run_line(run, &l, &me, rate, &scratch[me.index]);
                if (p + 1 == blocks->parts && run->epoch + 1 < run->options.epochs && !atomic_exchange(&l.done, true))
                    sgd_blocks_shuffle(run, run->epoch + 1);
                kernel_flush_end(before);
            }
            note_paces(run, scratch, all.size);
        }
        failed = atomic_load(&l.failed);
        for (size_t c = 0; c < C; c++) {
            *loss += l.visit[c].sum.loss;
            *samples += l.visit[c].sum.samples;
        }
        if (!failed && run->dislikes && !run->certain && !base_stopped(&run->watch)) failed = !run_dislikes(run, rate, threads, loss, samples);
    }
    free(scratch);
    free(l.sorted);
    base_free(l.visit);
    base_free(l.range);
    return failed ? base_no_memory(error, "an epoch", (size_t)threads, sizeof *scratch) : TAMIS_OK;
}

static void takes(const train_plan *plan, estimate *e)
{
    const tamis_train_options *o = plan->options;
    const positive_sampler *by = plan->positives;
    const double samples = (double)plan->interactions * (double)o->negatives, useful = samples / FEW + 1; /* as in useful_threads() */
    const double threads = plan->threads < useful ? plan->threads : useful;
    sgd_blocks_takes(plan, e);
    const double choice = by->work_bytes && by->active(o, o->epochs - 1) ? threads * by->work_bytes(plan->log) : 0;
    const double dislikes = plan->dislikes ? sgd_dislikes_bytes(samples * o->dislike_share) : 0;
    estimate_work(e, "an epoch", threads * (sizeof(thread_scratch) + sizeof(range)) + (choice > dislikes ? choice : dislikes));
}

/* All that an epoch draws is keyed by its number: there is nothing to remember. */
const trainer trainer_sgd = {.steps = true, .samples = true, .dislikes = true, .decays = true,
                             .open = sgd_blocks_new, .epoch = epoch, .close = sgd_blocks_clear, .takes = takes};
