/* A CSV file in rounds of some MB. All threads scan the chunks of a round while one of them reads and decompresses the next round.
 * Then, in the order of the file, new ids get their numbers, rows go to the builder, and lines that are not plain good rows are
 * read one by one (csv_rows.c). So the log, and the sentence about the first bad row, are the same for any number of threads.
 *
 * A round ends after a line feed; the rest of the bytes begins the next round. With --quotes csv that line feed may be inside of a
 * quoted field: a round that has such a field is read row by row. */
#include <omp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/fields.h"
#include "base/memory.h"
#include "base/row.h"
#include "base/source.h"
#include "base/status.h"
#include "base/threads.h"
#include "data/chunk.h"
#include "data/rounds.h"

enum {
    ROUND = 1 << 22,
    CHUNK = 1 << 17,
    HEAD = LOG_ROW_LIMIT, /* for the rest of the round before */
    ROOM = HEAD + ROUND + SOURCE_WINDOW,
    CHUNKS = ROOM / CHUNK,
    MOST_THREADS = 16
};

typedef struct round {
    char *bytes; /* ROOM, and CHUNK_BEHIND more; used from begin to end */
    size_t begin, end;
    bool last;   /* the file ends with it */
} round;

/* A part of a round. */
typedef struct piece {
    const char *bytes;
    uint32_t size;
    atomic_bool taken;
    int thread;     /* that scanned it */
    chunk *scanned; /* NULL: out of memory */
} piece;

/* A thread's chunks. They are used again in every round, since they are in its cache. */
typedef struct thread_chunks {
    chunk *chunk[CHUNKS];
    int made, used;
} thread_chunks;

typedef struct rounds {
    csv_log *csv;
    round round[2];
    piece piece[CHUNKS];
    thread_chunks of_thread[MOST_THREADS];
    chunk_plan plan;
    int pieces, threads;
    tamis_status fill_status; /* of reading the next round: reported when that round is due */
    tamis_error fill_error;
} rounds;

/* Reads until the round is full or the file ends. */
static void fill(rounds *r, round *next)
{
    size_t count;
    *next = (round){.bytes = next->bytes, .begin = HEAD, .end = HEAD};
    while (next->end < HEAD + ROUND && !next->last && !r->fill_status) {
        r->fill_status = source_read(&r->csv->reader->source, next->bytes + next->end, &count, &r->fill_error);
        next->end += count;
        next->last = !r->fill_status && count == 0;
    }
}

/* The role of a column that options look at: the one it has already, else this one. -1: there is no column. */
static int8_t role_of(chunk_plan *plan, int64_t column, int8_t role)
{
    if (column < 0) return -1;
    if (plan->role[column] < 0) plan->role[column] = role;
    return plan->role[column];
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
    plan->filters = csv->reader->filters->count ? csv->reader->filters : NULL;
    for (int k = 0; k < csv->reader->filters->count; k++)
        plan->asked[k] = role_of(plan, csv->columns.filter[k], (int8_t)(ROLES + k));
    plan->weighing = csv->reader->weighing;
    plan->weight = role_of(plan, csv->columns.weight, CHUNK_WEIGHT);
    plan->dislike = role_of(plan, csv->columns.dislike, CHUNK_DISLIKE);
    plan->columns = csv->rules.columns;
    plan->wide = csv->wide > 0;
    plan->delimiter = csv->rules.delimiter;
    plan->quote = csv->rules.quotes == TAMIS_QUOTES_NONE ? '\n' : '"';
    plan->spans = csv->rules.quotes == TAMIS_QUOTES_CSV;
    plan->unparted = csv->rules.quotes == TAMIS_QUOTES_AUTO && csv->rules.delimiter == '\t';
    plan->min_rating = csv->reader->options->min_rating;
    plan->time_format = csv->reader->options->time_format;
    plan->trim = csv->reader->options->trim;
    plan->rating = csv->columns.at[ROLE_RATING] >= 0;
    plan->time = csv->columns.at[ROLE_TIME] >= 0;
    for (int k = 0; k < 2; k++) /* the first row without one is left to csv_rows.c, which notes where it is */
        plan->lacking[k] = csv->columns.need[ROLE_RATING + k] == COLUMN_KNOWN && csv->reader->builder->lacking[k].text[0];
    plan->users = &csv->reader->builder->users;
    plan->items = &csv->reader->builder->items;
    return true;
}

/* Cuts a round into pieces of whole lines. */
static void cut_pieces(rounds *r, const char *at, size_t count)
{
    const char *end = at + count;
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

/* Numbers the new ids, fresh[*next ..], of the rows before `end`. */
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

/* Numbers the rows before `end`, and reserves rows in the builder. */
static tamis_status reserve_rows(csv_log *csv, chunk *c, size_t *next, int64_t end)
{
    log_rows *rows = &csv->reader->builder->rows;
    tamis_status status = number_ids(csv, c, next, end);
    if (status) return status;
    if (!rows_reserve(rows, end - c->placed, c->seconds))
        return base_no_memory(csv->reader->error, "interactions", (size_t)(rows->count + end - c->placed), 20);
    c->reserved = rows->count;
    rows->count += end - c->placed;
    return TAMIS_OK;
}

static void put_rows(csv_log *csv, chunk *c, int64_t end)
{
    const int64_t *at = csv->columns.at;
    const row_values values = {.rating = at[ROLE_RATING] < 0 ? NULL : c->rating + c->placed,
                               .time = at[ROLE_TIME] < 0 ? NULL : c->time + c->placed, .weight = c->weight + c->placed};
    rows_put(&csv->reader->builder->rows, c->reserved, end - c->placed, c->user + c->placed, c->item + c->placed, &values);
    c->placed = end;
}

/* Copies the rows before each hole to the builder, then reads the hole by csv_rows.c. Of the rows after the last hole only the rows
 * are reserved: take_chunks() copies them with all threads. */
static tamis_status take_chunk(csv_log *csv, chunk *c)
{
    log_reader *reader = csv->reader;
    tamis_status status = TAMIS_OK;
    size_t next = 0;
    if (!c || c->failed) return base_no_memory(reader->error, "rows", CHUNK, 8);
    c->placed = 0;
    for (size_t h = 0; h < c->hole_count && !status; h++) {
        const chunk_hole *hole = &c->hole[h];
        status = reserve_rows(csv, c, &next, hole->row);
        if (status) break;
        put_rows(csv, c, hole->row);
        csv->line += hole->lines;
        (void)csv_take_rows(csv, c->bytes + hole->from, hole->to - hole->from, true);
        status = csv->status;
    }
    if (!status) status = reserve_rows(csv, c, &next, c->count);
    csv->line += c->lines;
    reader->builder->summary.below_rating += c->below;
    reader->builder->summary.left_out += c->left_out;
    reader->builder->summary.empty += c->empty;
    for (int k = 0; k < 2; k++) reader->lacking[k] += c->lacking[k];
    csv->wide += c->wide;
    return status;
}

static size_t after_last_line(const char *bytes, size_t count)
{
    while (count && bytes[count - 1] != '\n') count--;
    return count;
}

static void pass_header(csv_log *csv, round *now)
{
    size_t taken = 1;
    for (; csv->last < 0 && taken && now->begin < now->end; now->begin += taken)
        taken = csv_take_row(csv, now->bytes + now->begin, now->bytes + now->end, now->last);
}

static chunk *next_chunk(thread_chunks *o)
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
    p->scanned = next_chunk(&r->of_thread[thread]);
    if (p->scanned) chunk_scan(p->scanned, p->bytes, p->size, &r->plan);
}

/* Scans a thread's own part of the pieces, then those of others that nobody has begun, from the end. */
static void scan_pieces(rounds *r, int thread, int team)
{
    const int begin = r->pieces * thread / team, end = r->pieces * (thread + 1) / team;
    r->of_thread[thread].used = 0;
    for (int k = begin; k < end; k++) scan_piece(r, &r->piece[k], thread);
    for (int k = r->pieces - 1; k >= 0; k--) scan_piece(r, &r->piece[k], thread);
}

static bool any_open(const rounds *r)
{
    bool open = false;
    for (int k = 0; k < r->pieces; k++) open |= r->piece[k].scanned && r->piece[k].scanned->open;
    return open;
}

static void take_chunks(rounds *r)
{
    csv_log *csv = r->csv;
    for (int k = 0; k < r->pieces && !csv->status; k++) csv->status = take_chunk(csv, r->piece[k].scanned);
    if (csv->status) return;
#pragma omp parallel num_threads(base_team(r->threads))
    for (int k = 0; k < r->pieces; k++)
        if (r->piece[k].thread % omp_get_num_threads() == omp_get_thread_num())
            put_rows(csv, r->piece[k].scanned, r->piece[k].scanned->count);
}

/* The last row may lack its line end, unless reading ended at a NUL byte. */
static tamis_status finish(csv_log *csv, const char *rest, size_t count)
{
    const log_source *source = &csv->reader->source;
    if (!source->nul) {
        (void)csv_take_rows(csv, rest, count, true);
        return csv->status;
    }
    csv->row.count = 0;
    if (count) (void)csv_cut_row(&csv->rules, rest, rest + count, true, &csv->row);
    return source_fail_nul(source, csv->line, csv->row.count ? (int64_t)csv->row.count : 1, csv->reader->error);
}

/* Takes a round's rows, and reads the next round meanwhile. */
static tamis_status take_round(rounds *r, round *now, round *next)
{
    csv_log *csv = r->csv;
    const char *bytes = now->bytes + now->begin;
    const size_t size = now->end - now->begin, cut = after_last_line(bytes, size);
    const bool fast = cut && plan_chunks(r);
    size_t taken = cut;
    if (fast) cut_pieces(r, bytes, cut);
#pragma omp parallel num_threads(base_team(fast || r->threads < 2 ? r->threads : 2))
    {
        const int thread = omp_get_thread_num(), team = omp_get_num_threads();
        if (thread == 0 && !now->last) fill(r, next);
        if (fast)
            scan_pieces(r, thread, team);
        else if (thread == team - 1)
            taken = csv_take_rows(csv, bytes, size, false);
    }
    if (fast && any_open(r))
        taken = csv_take_rows(csv, bytes, size, false);
    else if (fast)
        take_chunks(r);
    if (csv->status) return csv->status;
    bytes += taken;
    const size_t left = size - taken;
    if (now->last) return finish(csv, bytes, left);
    if (left > LOG_ROW_LIMIT) return csv_too_long(csv);
    next->begin = HEAD - left;
    memcpy(next->bytes + next->begin, bytes, left);
    return TAMIS_OK;
}

/* One for a small file, which is read before others have started. */
static int useful_threads(const round *first)
{
    int threads = base_threads(0);
    if (first->end - first->begin < 2 * (size_t)CHUNK) return 1;
    return threads > MOST_THREADS ? MOST_THREADS : threads;
}

/* Extrapolates the number of rows from what has been read to the size of the file. */
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
        pass_header(csv, &r->round[0]);
        status = csv->status;
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
        for (int k = 0; k < r->of_thread[t].made; k++) chunk_free(r->of_thread[t].chunk[k]);
    free(r);
    return status;
}
