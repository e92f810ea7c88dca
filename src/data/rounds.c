/* A CSV file in rounds of some MB: while a round's chunks are scanned, several at a time, the next round is read and
 * unpacked. Then, in the order of the file, new ids get their numbers, rows go to the builder, and lines that are not
 * plain good rows go through libcsv, which says what is wrong with them. So the log, and the sentence about the first bad
 * row, are the same for any number of threads.
 *
 * A round is cut after a line feed. Where a quote is about, that may be inside a field, so such a round goes through
 * libcsv as a whole, and so do the next ones until libcsv stands between two rows at the end of one. The first quote is
 * found by the scan; from then on rounds are looked through before. */
#include <omp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "data/chunk.h"
#include "data/csv.h"

enum { ROUND = 1 << 22, CHUNK = 1 << 17, ROOM = ROUND + 2 * SOURCE_WINDOW, CHUNKS = ROOM / CHUNK, MOST_THREADS = 16 };

typedef struct round {
    char *bytes; /* ROOM, and CHUNK_BEHIND more */
    size_t used;
    bool last;   /* the file ends with it */
} round;

/* A part of a round. */
typedef struct piece {
    const char *bytes;
    uint32_t size;
    atomic_bool taken;
    int thread;     /* that took it */
    chunk *scanned; /* NULL: out of memory */
} piece;

/* Chunks of a thread, used again in every round: they are in its cache. */
typedef struct own {
    chunk *chunk[CHUNKS];
    int made, used;
} own;

typedef struct rounds {
    csv_log *csv;
    round round[2];
    piece piece[CHUNKS];
    own own[MOST_THREADS];
    chunk_plan plan;
    int pieces, threads;
    size_t cut;          /* how much of the round is taken now; the rest begins the next one */
    bool fast;           /* by chunks */
    bool quoted;         /* a round had a quote */
    tamis_status status; /* of libcsv's part */
    tamis_status fill_status; /* of reading the next round: told when its turn comes */
    tamis_error fill_error;
} rounds;

/* Reads until the round is full or the file ends. */
static void fill(rounds *r, round *next)
{
    size_t count;
    const size_t until = next->used + ROUND;
    while (next->used < until && next->used + SOURCE_WINDOW <= ROOM && !next->last && !r->fill_status) {
        r->fill_status = source_read(&r->csv->reader->source, next->bytes + next->used, &count, &r->fill_error);
        next->used += count;
        next->last = !r->fill_status && count == 0;
    }
}

static bool plan_chunks(rounds *r)
{
    csv_log *csv = r->csv;
    chunk_plan *plan = &r->plan;
    if (csv->last < 0 || csv->last >= CHUNK_COLUMNS) return false;
    memset(plan->role, -1, sizeof plan->role);
    for (int role = 0; role < ROLES; role++)
        if (csv->columns.at[role] >= 0) plan->role[csv->columns.at[role]] = (int8_t)role;
    plan->last = (int)csv->last;
    plan->delimiter = (char)csv_get_delim(&csv->parser);
    plan->min_rating = csv->reader->options->min_rating;
    plan->rating = csv->columns.at[ROLE_RATING] >= 0;
    plan->time = csv->columns.at[ROLE_TIME] >= 0;
    plan->users = &csv->reader->builder->users;
    plan->items = &csv->reader->builder->items;
    return true;
}

/* Cuts what is taken now into pieces of whole lines. */
static void cut_pieces(rounds *r, const round *now)
{
    const char *at = now->bytes, *end = now->bytes + r->cut;
    for (r->pieces = 0; at < end; r->pieces++) {
        const char *stop = end;
        piece *p = &r->piece[r->pieces];
        if (end - at > CHUNK && r->pieces + 1 < CHUNKS) {
            stop = memchr(at + CHUNK, '\n', (size_t)(end - at - CHUNK));
            stop = stop ? stop + 1 : end;
        }
        *p = (piece){.bytes = at, .size = (uint32_t)(stop - at)};
        at = stop;
    }
}

/* Ids of fresh[*next ..] that stand before row `end` get their numbers. */
static tamis_status number_ids(csv_log *csv, chunk *c, size_t *next, int64_t end)
{
    enum { AHEAD = 8 };
    log_builder *b = csv->reader->builder;
    for (; *next < c->fresh_count && c->fresh[*next].row < end; ++*next) {
        const chunk_new *n = &c->fresh[*next];
        id_index *index = n->item ? &b->items : &b->users;
        if (*next + AHEAD < c->fresh_count) index_ask(n[AHEAD].item ? &b->items : &b->users, &n[AHEAD].key);
        const int64_t number = index_add(index, &n->key, c->bytes + n->from, n->length);
        if (number < 0) return log_ids_full(index, n->item ? "item" : "user", csv->reader->error);
        (n->item ? c->item : c->user)[n->row] = (int32_t)number;
    }
    return TAMIS_OK;
}

/* Rows up to `end` have their numbers and get their places in the builder. */
static tamis_status place_rows(csv_log *csv, chunk *c, size_t *next, int64_t end)
{
    log_rows *rows = &csv->reader->builder->rows;
    tamis_status status = number_ids(csv, c, next, end);
    if (status) return status;
    if (!rows_reserve(rows, end - c->placed, c->seconds))
        return base_no_memory(csv->reader->error, "interactions", (size_t)(rows->count + end - c->placed), 20);
    c->place = rows->count;
    rows->count += end - c->placed;
    return TAMIS_OK;
}

static void put_rows(csv_log *csv, chunk *c, int64_t end)
{
    rows_put(&csv->reader->builder->rows, c->place, end - c->placed, c->user + c->placed, c->item + c->placed,
             c->rating + c->placed, c->time + c->placed);
    c->placed = end;
}

/* Holes go through libcsv, the rows before each one to the builder. The rows after the last one only get their places. */
static tamis_status take_chunk(csv_log *csv, chunk *c)
{
    log_reader *reader = csv->reader;
    tamis_status status = TAMIS_OK;
    size_t next = 0;
    if (!c || c->failed) return base_no_memory(reader->error, "rows", CHUNK, 8);
    c->placed = 0;
    for (size_t h = 0; h < c->hole_count && !status; h++) {
        const chunk_hole *hole = &c->hole[h];
        status = place_rows(csv, c, &next, hole->row);
        if (status) break;
        put_rows(csv, c, hole->row);
        csv->line += hole->lines;
        csv->row_end = '\n';
        status = csv_feed(csv, c->bytes + hole->from, hole->to - hole->from);
    }
    if (!status) status = place_rows(csv, c, &next, c->count);
    csv->line += c->lines;
    csv->row_end = '\n';
    reader->builder->summary.below_rating += c->below;
    return status;
}

static size_t after_last_line(const char *bytes, size_t count)
{
    while (count && bytes[count - 1] != '\n') count--;
    return count;
}

/* The header goes through libcsv line by line, until it has passed. */
static tamis_status pass_header(csv_log *csv, round *now)
{
    size_t at = 0;
    tamis_status status = TAMIS_OK;
    while (csv->last < 0 && !status && at < now->used) {
        const char *stop = memchr(now->bytes + at, '\n', now->used - at);
        const size_t end = stop ? (size_t)(stop + 1 - now->bytes) : now->used;
        status = csv_feed(csv, now->bytes + at, end - at);
        at = end;
    }
    now->used -= at;
    memmove(now->bytes, now->bytes + at, now->used);
    return status;
}

static chunk *next_chunk(own *o)
{
    if (o->used == o->made) {
        chunk *c = base_alloc(1, sizeof *c);
        if (!c) return NULL;
        o->chunk[o->made++] = c;
    }
    return o->chunk[o->used++];
}

static void scan_piece(rounds *r, piece *p, int thread)
{
    if (atomic_load_explicit(&p->taken, memory_order_relaxed) ||
        atomic_exchange_explicit(&p->taken, true, memory_order_relaxed))
        return;
    p->thread = thread;
    p->scanned = next_chunk(&r->own[thread]);
    if (p->scanned) chunk_scan(p->scanned, p->bytes, p->size, &r->plan);
}

/* A thread's part of the pieces, and those that others have not come to yet, the last ones first. */
static void scan_pieces(rounds *r, int thread, int team)
{
    const int begin = r->pieces * thread / team, end = r->pieces * (thread + 1) / team;
    r->own[thread].used = 0;
    for (int k = begin; k < end; k++) scan_piece(r, &r->piece[k], thread);
    for (int k = r->pieces - 1; k >= 0; k--) scan_piece(r, &r->piece[k], thread);
}

static bool any_quoted(const rounds *r)
{
    bool quoted = false;
    for (int k = 0; k < r->pieces; k++) quoted |= r->piece[k].scanned && r->piece[k].scanned->quoted;
    return quoted;
}

/* One round: taken, the next one read meanwhile. */
static tamis_status take_round(rounds *r, round *now, round *next)
{
    csv_log *csv = r->csv;
    r->cut = after_last_line(now->bytes, now->used);
    r->fast = r->cut && csv_at_row_start(csv) && plan_chunks(r) &&
              !(r->quoted && memchr(now->bytes, '"', r->cut));
    if (!r->fast && (r->cut == 0 || now->last)) r->cut = now->used;
    next->used = now->last ? 0 : now->used - r->cut;
    next->last = now->last;
    memcpy(next->bytes, now->bytes + r->cut, next->used);
    if (r->fast) cut_pieces(r, now);
#pragma omp parallel num_threads(r->fast ? r->threads : (r->threads < 2 ? 1 : 2))
    {
        const int thread = omp_get_thread_num(), team = omp_get_num_threads();
        if (thread == 0) fill(r, next);
        if (r->fast)
            scan_pieces(r, thread, team);
        else if (thread == team - 1)
            r->status = csv_feed(csv, now->bytes, r->cut);
    }
    if (r->fast && any_quoted(r)) {
        r->quoted = true;
        r->status = csv_feed(csv, now->bytes, r->cut);
    } else if (r->fast) {
        for (int k = 0; k < r->pieces && !r->status; k++) r->status = take_chunk(csv, r->piece[k].scanned);
        const int taken = r->status ? 0 : r->pieces;
#pragma omp parallel num_threads(r->threads)
        for (int k = 0; k < taken; k++)
            if (r->piece[k].thread % omp_get_num_threads() == omp_get_thread_num())
                put_rows(csv, r->piece[k].scanned, r->piece[k].scanned->count);
    }
    if (!r->status && now->last) r->status = csv_feed(csv, now->bytes + r->cut, now->used - r->cut);
    return r->status;
}

/* Threads beyond a round's chunks find nothing to do, and a small file is read before they have started. */
static int useful_threads(const round *first)
{
    int threads = base_threads(0);
    if (first->used < 2 * CHUNK) return 1;
    return threads > MOST_THREADS ? MOST_THREADS : threads;
}

/* The rest of the file holds as many rows for its size as what was taken so far. */
static void expect(csv_log *csv, int64_t before, double taken)
{
    enum { MARGIN = 32 };
    log_rows *rows = &csv->reader->builder->rows;
    const double times = taken > 0 ? csv->reader->source.size / taken : 0;
    rows_expect(rows, (double)before + (double)(rows->count - before) * times * (1 + 1.0 / MARGIN));
}

tamis_status csv_read_rounds(csv_log *csv)
{
    tamis_error *error = csv->reader->error;
    rounds *r = calloc(1, sizeof *r);
    tamis_status status = TAMIS_OK;
    for (int k = 0; r && k < 2; k++) r->round[k].bytes = base_alloc_raw(ROOM + CHUNK_BEHIND, 1);
    if (!r || !r->round[0].bytes || !r->round[1].bytes) status = base_no_memory(error, "a read buffer", 2, ROOM);
    if (!status) {
        r->csv = csv;
        fill(r, &r->round[0]);
        r->threads = useful_threads(&r->round[0]);
        status = pass_header(csv, &r->round[0]);
    }
    const int64_t before = csv->reader->builder->rows.count;
    for (int now = 0; !status; now = !now) {
        const double taken = csv->reader->source.taken;
        const bool failed = r->fill_status != TAMIS_OK, last = r->round[now].last || failed;
        status = take_round(r, &r->round[now], &r->round[!now]);
        if (last) break;
        expect(csv, before, taken);
    }
    if (r && !status && r->fill_status) {
        status = r->fill_status;
        if (error) *error = r->fill_error;
    }
    for (int k = 0; r && k < 2; k++) base_free(r->round[k].bytes);
    for (int t = 0; r && t < MOST_THREADS; t++)
        for (int k = 0; k < r->own[t].made; k++) chunk_free(r->own[t].chunk[k]);
    free(r);
    return status;
}
