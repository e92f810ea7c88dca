/* The cut into blocks: fixed for users, drawn anew each epoch for items. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "base/threads.h"
#include "train/draw.h"
#include "train/estimate.h"
#include "train/sgd_blocks.h"

enum {
    ITEM_BLOCK_BYTES = 256 * 1024, /* item rows of a block: stay in a 512 KB L2 while the users' rows stream by */
    ITEM_BLOCK_ROWS = 1024,        /* long rows get twice as much, up to so many: fewer blocks, fewer reads of all users */
    BLOCK_ROWS = 65000,            /* an entry has 16 bits for each index */
    TILE_ENTRIES = 64,             /* tiles smaller than that cost more to visit than they save */
    LEAST_BLOCKS = 8,              /* of items, so that several threads find work on small data, and in multiples of it */
    LEAST_ITEMS = 32,              /* but a block needs items to draw negatives from */
    USER_BLOCKS = 64,              /* how finely threads follow one another */
    PART = 4 << 20,                /* interactions, at least, that are sorted into tiles at a time */
    MOST_PARTS = 12                /* each reads all item rows, and an entry is small beside the rows it stands for */
};

sgd_blocks *sgd_blocks_of(const train_run *run)
{
    return run->state;
}

int32_t sgd_part(const sgd_blocks *blocks, int32_t part)
{
    return (int32_t)((int64_t)blocks->user_blocks * part / blocks->parts);
}

int32_t sgd_block_items(const sgd_blocks *blocks, int64_t items, int32_t c)
{
    /* sizes differ by one at most: the first (items mod C) blocks have one more */
    return (int32_t)(items / blocks->item_blocks + (c < items % blocks->item_blocks));
}

static int64_t divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

/* How many item blocks: what the cache wants, within what the data allow, but never with more rows than an entry can
 * name. */
static int64_t count_item_blocks(int64_t users, int64_t items, int64_t interactions, size_t stride)
{
    const int64_t row = (int64_t)(stride * sizeof(float));
    int64_t bytes = ITEM_BLOCK_ROWS * row;
    const int64_t least_bytes = ITEM_BLOCK_BYTES;
    if (bytes < least_bytes) bytes = least_bytes;
    if (bytes > 2 * least_bytes) bytes = 2 * least_bytes;
    int64_t count = divide_up(items * row, bytes);
    const int64_t most = interactions / TILE_ENTRIES / LEAST_BLOCKS, least = divide_up(items, BLOCK_ROWS);
    count = divide_up(count, LEAST_BLOCKS) * LEAST_BLOCKS;
    if (count > most) count = most / LEAST_BLOCKS * LEAST_BLOCKS;
    if (count < LEAST_BLOCKS) count = LEAST_BLOCKS;
    if (count > items / LEAST_ITEMS) count = items / LEAST_ITEMS;
    if (count > users) count = users;
    return count < least ? least : count;
}

static int64_t count_parts(int64_t interactions)
{
    const int64_t count = divide_up(interactions, PART);
    return count < MOST_PARTS ? count : MOST_PARTS;
}

static int64_t count_user_blocks(int64_t users, int64_t interactions, int64_t item_blocks)
{
    const int64_t most = USER_BLOCKS * count_parts(interactions);
    int64_t count = interactions / TILE_ENTRIES / item_blocks, least = 2 * divide_up(users, BLOCK_ROWS); /* see cut_users() */
    if (count > most) count = most;
    if (count < LEAST_BLOCKS) count = LEAST_BLOCKS;
    if (count < least && users > BLOCK_ROWS / 2) count = least;
    return count > users ? users : count;
}

/* Cuts users so that each block holds about as many rows of work, where a user counts as its interactions plus the
 * mean number: so a block holds at most twice the mean number of users. */
static void cut_users(sgd_blocks *blocks, const tamis_log *log)
{
    int64_t users = log->users, nnz = log->matrix->nnz, U = blocks->user_blocks, u = 0;
    double mean = (double)nnz / (double)users, total = 2.0 * (double)nnz;
    for (int64_t b = 0; b < U; b++) {
        double until = total * (double)b / (double)U;
        while (u < users && (double)log->matrix->start[u] + mean * (double)u < until) u++;
        blocks->first_user[b] = u;
    }
    blocks->first_user[U] = users;
}

/* How many blocks and parts, and where user blocks begin; stride: of all factorisations. False: memory. */
static bool lay_out(sgd_blocks *blocks, const tamis_log *log, int64_t nnz, size_t stride)
{
    const int64_t C = count_item_blocks(log->users, log->items, nnz, stride), U = count_user_blocks(log->users, nnz, C);
    blocks->item_blocks = (int32_t)C;
    blocks->user_blocks = (int32_t)U;
    blocks->parts = (int32_t)(count_parts(nnz) < U ? count_parts(nnz) : U);
    blocks->item_room = (int32_t)divide_up(log->items, C);
    blocks->first_user = base_alloc((size_t)U + 1, sizeof *blocks->first_user);
    if (blocks->first_user) cut_users(blocks, log);
    return blocks->first_user != NULL;
}

/* The most that a part has of interactions; of user blocks into *widest. */
static int64_t largest_part(const sgd_blocks *blocks, const tamis_log *log, int64_t *widest)
{
    int64_t most = 0;
    *widest = 0;
    for (int32_t p = 0; p < blocks->parts; p++) {
        const int32_t from = sgd_part(blocks, p), to = sgd_part(blocks, p + 1);
        const int64_t n = log->matrix->start[blocks->first_user[to]] - log->matrix->start[blocks->first_user[from]];
        most = n > most ? n : most;
        *widest = to - from > *widest ? to - from : *widest;
    }
    return most;
}

void sgd_blocks_takes(const train_plan *plan, estimate *e)
{
    sgd_blocks b = {0};
    size_t stride = 0;
    for (int h = 0; h < plan->factorisations; h++) stride += plan->stride[h];
    const int64_t all = plan->log->matrix->nnz, n = plan->interactions;
    int64_t widest = 0, most = lay_out(&b, plan->log, n, stride) ? largest_part(&b, plan->log, &widest) : all;
    base_free(b.first_user);
    const double rows = (double)(b.item_blocks * (int64_t)b.item_room), items = (double)plan->items;
    const double entries = (double)most * (all ? (double)n / (double)all : 1) + (double)((widest + 1) * SGD_NEAR);
    const bool timed = plan->positives->active || plan->row_ends;
    estimate_keep(e, "tiles", (double)(widest * (b.item_blocks + 1)) * sizeof *b.tile + (double)b.user_blocks * sizeof *b.first_user +
                                  rows * sizeof *b.item_order + items * (sizeof *b.position + sizeof *b.shuffled) +
                                  entries * sizeof *b.entry + (plan->bias ? items * KERNEL_BIAS * sizeof *b.bias : 0));
    if (plan->sampler->weight) estimate_keep(e, "samplers", rows * sizeof *b.slot);
    if (plan->method->weigh) estimate_keep(e, "weights", rows * sizeof *b.weights);
    if (plan->row_weights) estimate_keep(e, "weights", entries * sizeof *b.entry_weights);
    if (timed) estimate_keep(e, "samplers", (double)n * sizeof *b.times + entries * sizeof *b.entry_times);
    if (plan->positives->active) draw_takes(plan, false, e);
}

tamis_status sgd_blocks_new(train_run *run, tamis_error *error)
{
    sgd_blocks *blocks = run->state = calloc(1, sizeof *blocks);
    if (!blocks) return base_no_memory(error, "the training schedule", 1, sizeof *blocks);
    const tamis_log *log = run->log;
    const int64_t items = log->items, nnz = log->matrix->nnz;
    size_t stride = 0;
    for (int h = 0; h < run->factorisations; h++) stride += run->factors[h].stride;
    blocks->shuffled_for = -1;
    if (!lay_out(blocks, log, nnz, stride)) return base_no_memory(error, "the training schedule", (size_t)nnz, sizeof *blocks->entry);
    const int64_t C = blocks->item_blocks;
    blocks->item_order = base_alloc((size_t)(C * blocks->item_room), sizeof *blocks->item_order);
    blocks->position = base_alloc((size_t)items, sizeof *blocks->position);
    blocks->shuffled = base_alloc((size_t)items, sizeof *blocks->shuffled);
    if (run->sampler->weight) blocks->slot = base_alloc((size_t)(C * blocks->item_room), sizeof *blocks->slot);
    if (run->weights) blocks->weights = base_alloc((size_t)(C * blocks->item_room), sizeof *blocks->weights);
    if (run->model->item_bias) blocks->bias = base_alloc((size_t)items, KERNEL_BIAS * sizeof *blocks->bias);
    int64_t widest, most = largest_part(blocks, log, &widest);
    blocks->tile = base_alloc((size_t)(widest * (C + 1)), sizeof *blocks->tile);
    most += (widest + 1) * SGD_NEAR;
    blocks->entry = base_alloc((size_t)most, sizeof *blocks->entry);
    blocks->paces = base_threads(run->options.threads);
    blocks->pace = malloc((size_t)blocks->paces * sizeof *blocks->pace);
    for (int t = 0; blocks->pace && t < blocks->paces; t++) blocks->pace[t] = 1;
    if (!blocks->pace || !blocks->item_order || !blocks->position || !blocks->tile || !blocks->entry ||
        !blocks->shuffled || (run->sampler->weight && !blocks->slot) || (run->weights && !blocks->weights) ||
        (run->model->item_bias && !blocks->bias))
        return base_no_memory(error, "the training schedule", (size_t)most, sizeof *blocks->entry);
    if (run->row_weights && !(blocks->entry_weights = base_alloc_raw((size_t)most, sizeof *blocks->entry_weights)))
        return base_no_memory(error, "weights of interactions", (size_t)most, sizeof *blocks->entry_weights);
    if (!run->positives->active && !run->row_ends) return TAMIS_OK;
    blocks->times = base_alloc_raw((size_t)nnz, sizeof *blocks->times);
    blocks->entry_times = base_alloc_raw((size_t)most, sizeof *blocks->entry_times);
    if (!blocks->times || !blocks->entry_times || (run->positives->active && !draw_fill_slots(run)))
        return base_no_memory(error, "the choice of positives", (size_t)nnz, sizeof *blocks->times);
    for (int64_t k = 0; k < nnz; k++) blocks->times[k] = 1;
    return TAMIS_OK;
}

void sgd_blocks_clear(train_run *run)
{
    sgd_blocks *blocks = sgd_blocks_of(run);
    if (!blocks) return;
    base_free(blocks->first_user);
    base_free(blocks->item_order);
    base_free(blocks->position);
    base_free(blocks->tile);
    base_free(blocks->entry);
    base_free(blocks->slot);
    base_free(blocks->weights);
    base_free(blocks->bias);
    base_free(blocks->times);
    base_free(blocks->entry_times);
    base_free(blocks->entry_weights);
    base_free(blocks->shuffled);
    free(blocks->pace);
    free(blocks);
    run->state = NULL;
}

void sgd_blocks_shuffle(train_run *run, int64_t epoch)
{
    sgd_blocks *blocks = sgd_blocks_of(run);
    base_stream stream = base_stream_key(run->options.seed, BASE_FOR_BLOCKS, (uint64_t)epoch, 0);
    base_shuffle(&stream, blocks->shuffled, run->model->items);
    blocks->shuffled_for = epoch;
}

void sgd_blocks_draw(train_run *run)
{
    sgd_blocks *blocks = sgd_blocks_of(run);
    int64_t items = run->model->items, k = 0;
    if (blocks->shuffled_for != run->epoch) sgd_blocks_shuffle(run, run->epoch);
    for (int32_t c = 0; c < blocks->item_blocks; c++) {
        int32_t n = sgd_block_items(blocks, items, c);
        for (int32_t local = 0; local < n; local++, k++) {
            blocks->item_order[(int64_t)c * blocks->item_room + local] = blocks->shuffled[k];
            blocks->position[blocks->shuffled[k]] = (uint32_t)c << 16 | (uint32_t)local;
        }
    }
}
