/* Scans a chunk: cuts lines into fields, parses numbers, looks ids up. A look-up would wait for memory, so that its cache line is
 * prefetched when the line is read, and the look-up made some lines later. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/fields.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/date.h"
#include "base/number.h"
#include "data/chunk.h"
#include "data/log.h"

enum { WAITING = 32, NUMBER_ROOM = 64, SHORT_NUMBER = 15 /* digits that are exact in double */ };

typedef struct field {
    const char *at;
    size_t length;
} field;

/* A row whose ids have been prefetched, but not looked up. */
typedef struct waiting {
    field id[2];
    index_key key[2];
    bool same_user; /* as the row before: consecutive rows often are of one user */
} waiting;

typedef struct scanner {
    chunk *c;
    const chunk_plan *plan;
    waiting row[WAITING];
    int count;
    field last_user;
    index_key last_key;
    const char *block; /* 64 bytes; bits in `stops`: those of them that end a field or are a quote, and are still ahead */
    uint64_t stops;
    bool wide; /* the line just read */
} scanner;

static bool make_room(chunk *c)
{
    const size_t most = c->size / 4 + 1; /* "a,b" and a line feed */
    if (most <= c->capacity) return true;
    free(c->user);
    free(c->item);
    free(c->rating);
    free(c->time);
    free(c->weight);
    c->user = malloc(most * sizeof *c->user);
    c->item = malloc(most * sizeof *c->item);
    c->rating = malloc(most * sizeof *c->rating);
    c->time = malloc(most * sizeof *c->time);
    c->weight = malloc(most * sizeof *c->weight);
    const bool done = c->user && c->item && c->rating && c->time && c->weight;
    c->capacity = done ? most : 0;
    return done;
}

void chunk_free(chunk *c)
{
    free(c->user);
    free(c->item);
    free(c->rating);
    free(c->time);
    free(c->weight);
    free(c->fresh);
    free(c->hole);
    base_free(c);
}

static void note_new(chunk *c, int64_t row, bool item, const waiting *w)
{
    if (!base_grow(&c->fresh, &c->fresh_capacity, c->fresh_count + 1, sizeof *c->fresh)) {
        c->failed = true;
        return;
    }
    c->fresh[c->fresh_count++] = (chunk_new){.key = w->key[item], .row = (uint32_t)row, .item = item,
                                             .from = (uint32_t)(w->id[item].at - c->bytes),
                                             .length = (uint32_t)w->id[item].length};
}

static int32_t find(const id_index *index, const waiting *w, int k)
{
    return (int32_t)index_find(index, &w->key[k], w->id[k].at, w->id[k].length);
}

static void look_up(scanner *s)
{
    chunk *c = s->c;
    for (int k = 0; k < s->count; k++) {
        const waiting *w = &s->row[k];
        const int64_t row = c->count - s->count + k;
        c->user[row] = w->same_user ? c->user[row - 1] : find(s->plan->users, w, 0);
        c->item[row] = find(s->plan->items, w, 1);
        if (c->user[row] < 0) note_new(c, row, false, w);
        if (c->item[row] < 0) note_new(c, row, true, w);
    }
    s->count = 0;
}

/* The value of eight digits, the first one in the lowest byte: neighbours are added up to pairs, fours, eight. False: not all are
 * digits. */
static inline bool add_digits(uint64_t digits, uint64_t *sum)
{
    const uint64_t high = UINT64_C(0xF0F0F0F0F0F0F0F0), zeros = UINT64_C(0x3030303030303030), six = UINT64_C(0x0606060606060606);
    if (((digits & high) ^ zeros) | (((digits + six) & high) ^ zeros)) return false;
    digits = ((digits - zeros) * (1 + (10 << 8))) >> 8 & UINT64_C(0x00FF00FF00FF00FF);
    digits = (digits * (1 + (100 << 16))) >> 16 & UINT64_C(0x0000FFFF0000FFFF);
    *sum = *sum * 100000000 + (digits * (1 + (UINT64_C(10000) << 32)) >> 32);
    return true;
}

/* Digits alone, the most frequent kind of number. */
static inline bool read_digits(const field *f, double *value)
{
    const size_t last = f->length > 8 ? 8 : f->length, first = f->length - last;
    const uint64_t zeros = UINT64_C(0x3030303030303030);
    uint64_t sum = 0;
    if (f->length == 0 || f->length > SHORT_NUMBER) return false;
    if (first && !add_digits(base_word(f->at) << (64 - 8 * first) | zeros >> 8 * first, &sum)) return false;
    uint64_t digits = base_word(f->at + first);
    if (last < 8) digits = digits << (64 - 8 * last) | zeros >> 8 * last;
    if (!add_digits(digits, &sum)) return false;
    *value = (double)sum;
    return true;
}

/* A number, as number_parse_real() and date_parse() read it. */
static bool read_number(const field *f, bool time, double *value)
{
    if (read_digits(f, value)) return true;
    char text[NUMBER_ROOM]; /* closed by NUL, as those two want it */
    if (f->length >= sizeof text) return false;
    memcpy(text, f->at, f->length);
    text[f->length] = '\0';
    if (time) return date_parse(text, f->length, value);
    return number_parse_real(text, f->length, value) && !(*value > (double)FLT_MAX) && !(*value < -(double)FLT_MAX);
}

static bool read_time(const char *format, const field *f, double *time)
{
    char text[NUMBER_ROOM];
    if (f->length >= sizeof text) return false;
    memcpy(text, f->at, f->length);
    text[f->length] = '\0';
    return date_parse_as(format, text, f->length, time);
}

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static field trimmed(field f)
{
    while (f.length && is_blank(f.at[f.length - 1])) f.length--;
    for (; f.length && is_blank(*f.at); f.length--) f.at++;
    return f;
}

/* A bit for each of 64 bytes that ends a field or is a quote. */
static inline uint64_t find_stops(const char *at, const chunk_plan *plan)
{
    const char delimiter = plan->delimiter, quote = plan->quote;
    uint64_t stops = 0;
#if defined(__SSE2__)
    const __m128i d = _mm_set1_epi8(delimiter), q = _mm_set1_epi8(quote), lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');
    for (size_t k = 0; k < 4; k++) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + 16 * k));
        const __m128i line = _mm_or_si128(_mm_cmpeq_epi8(bytes, lf), _mm_cmpeq_epi8(bytes, cr));
        const __m128i any = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, d), _mm_cmpeq_epi8(bytes, q)), line);
        stops |= (uint64_t)(uint32_t)_mm_movemask_epi8(any) << (16 * k);
    }
#else
    for (int k = 0; k < 64; k++)
        stops |= (uint64_t)((at[k] == delimiter) | (at[k] == '\n') | (at[k] == '\r') | (at[k] == quote)) << k;
#endif
    return stops;
}

/* The next of these bytes; the chunk ends with one. */
static inline const char *next_stop(scanner *s)
{
    while (!s->stops) {
        s->block += 64;
        s->stops = find_stops(s->block, s->plan);
    }
    const char *stop = s->block + __builtin_ctzll(s->stops);
    s->stops &= s->stops - 1;
    return stop;
}

/* The field at f->at, whose first stop `p` is a quote: sets *f, and *doubled where it holds doubled quotes. Returns the stop behind
 * it. f->at = NULL: the line is left to csv_cut_row(), and what is returned is some stop of it. */
static const char *read_quoted(scanner *s, const char *p, field *f, bool *doubled)
{
    const chunk_plan *plan = s->plan;
    const char *from = f->at;
    if (p > from) { /* inside the field a quote is a character like others */
        while (*p == '"') p = next_stop(s);
        *f = (field){from, (size_t)(p - from)};
        return p;
    }
    f->at = NULL;
    for (p = next_stop(s); *p != '\n' && *p != '\r'; p = next_stop(s)) {
        if (*p == plan->delimiter) {
            if (plan->unparted) return p;
        } else if (p[1] == '"') {
            *doubled = true;
            (void)next_stop(s);
        } else {
            if (p[1] != plan->delimiter && p[1] != '\n' && p[1] != '\r') return p;
            *f = (field){from + 1, (size_t)(p - from - 1)};
            return next_stop(s);
        }
    }
    return p;
}

/* The fields by role of the line that begins at `from`. Returns its line feed; *plain: nothing is odd about the line. */
static inline const char *read_fields(scanner *s, const char *from, field *f, bool *plain)
{
    const chunk_plan *plan = s->plan;
    bool sound = true;
    for (int column = 0;; column++) {
        const char *p = next_stop(s);
        field one = {from, (size_t)(p - from)};
        if (*p == '"') {
            bool doubled = false;
            p = read_quoted(s, p, &one, &doubled);
            if (!one.at) {
                *plain = false;
                s->c->open = plan->spans;
                while (*p != '\n') p = next_stop(s);
                return p;
            }
            sound &= !doubled || column > plan->last || plan->role[column] < 0;
        }
        if (column <= plan->last && plan->role[column] >= 0) f[plan->role[column]] = one;
        *plain = sound && column >= plan->last;
        s->wide = csv_is_wide((size_t)column + 1, one.length, plan->columns);
        if (*p == '\n') return p;
        if (*p == '\r') {
            *plain &= p[1] == '\n';
            for (; *p != '\n'; p = next_stop(s)) s->c->open |= plan->spans && *p == '"';
            return p;
        }
        from = p + 1;
    }
}

static inline void ask(const id_index *index, waiting *w, int k)
{
    w->key[k] = index_make_key(w->id[k].at, w->id[k].length);
    index_ask(index, &w->key[k]);
}

/* The first answer that is not yes. */
static predicate_answer ask_filters(const chunk_plan *plan, const field *f)
{
    predicate_answer answer = PREDICATE_YES;
    for (int k = 0; k < plan->filters->count && answer == PREDICATE_YES; k++) {
        const field *asked = &f[plan->asked[k]];
        answer = log_filter_ask(&plan->filters->filter[k], asked->at, asked->length);
    }
    return answer;
}

static bool read_weight(const log_weighing *weighing, const field *f, double *weight)
{
    char text[NUMBER_ROOM];
    if (!weighing->events && read_digits(f, weight)) return *weight > 0;
    if (f->length >= sizeof text) return false;
    memcpy(text, f->at, f->length);
    text[f->length] = '\0';
    return log_weighing_parse(weighing, text, f->length, weight);
}

/* Takes a line as a row; false: it is none that is plain and good. */
static bool take_row(scanner *s, field *f)
{
    chunk *c = s->c;
    const chunk_plan *plan = s->plan;
    double rating = 0, time = 0, weight = 1;
    if (plan->filters) {
        const predicate_answer answer = ask_filters(plan, f);
        c->left_out += answer == PREDICATE_NO;
        if (answer != PREDICATE_YES) return answer == PREDICATE_NO;
    }
    for (int role = ROLE_USER; plan->trim && role <= ROLE_ITEM; role++) f[role] = trimmed(f[role]);
    if (f[ROLE_USER].length == 0 || f[ROLE_ITEM].length == 0) return false;
    const bool rated = plan->rating && read_number(&f[ROLE_RATING], false, &rating);
    const bool timed = plan->time && (plan->time_format ? read_time(plan->time_format, &f[ROLE_TIME], &time)
                                                        : read_number(&f[ROLE_TIME], true, &time));
    if (!rated) rating = (double)NAN;
    if (!timed) time = (double)NAN;
    const predicate_answer no = plan->dislike < 0 ? PREDICATE_NO
                                : predicate_ask(&plan->weighing->dislike, f[plan->dislike].at, f[plan->dislike].length);
    if (no == PREDICATE_NO_NUMBER) return false;
    if (no == PREDICATE_YES || rating < plan->weighing->dislike_below) {
        weight = 0;
    } else {
        if ((!rated && plan->rating && !plan->lacking[0]) || (!timed && plan->time && !plan->lacking[1])) return false;
        if (rating < plan->min_rating) {
            c->below++;
            return true;
        }
        if (plan->weight >= 0 && !read_weight(plan->weighing, &f[plan->weight], &weight)) return false;
        c->lacking[0] += !rated;
        c->lacking[1] += !timed;
    }
    waiting *w = &s->row[s->count++];
    w->id[0] = f[ROLE_USER];
    w->id[1] = f[ROLE_ITEM];
    ask(plan->users, w, 0);
    ask(plan->items, w, 1);
    w->same_user = s->last_user.length == w->id[0].length && index_same_key(&s->last_key, &w->key[0]) &&
                   (w->id[0].length <= INDEX_INLINE || memcmp(s->last_user.at, w->id[0].at, w->id[0].length) == 0);
    s->last_user = w->id[0];
    s->last_key = w->key[0];
    c->rating[c->count] = (float)rating;
    c->time[c->count] = time;
    c->weight[c->count] = (float)weight;
    c->seconds &= rows_is_second(time);
    c->count++;
    if (s->count == WAITING) look_up(s);
    return true;
}

static void note_hole(chunk *c, const char *from, const char *to)
{
    if (!base_grow(&c->hole, &c->hole_capacity, c->hole_count + 1, sizeof *c->hole)) {
        c->failed = true;
        return;
    }
    c->hole[c->hole_count++] =
        (chunk_hole){.row = c->count, .lines = c->lines, .from = (uint32_t)(from - c->bytes), .to = (uint32_t)(to - c->bytes)};
    c->lines = 0;
}

void chunk_scan(chunk *c, const char *bytes, uint32_t size, const chunk_plan *plan)
{
    c->bytes = bytes;
    c->size = size;
    scanner s = {.c = c, .plan = plan, .block = c->bytes, .stops = find_stops(c->bytes, plan)};
    c->count = c->below = c->left_out = c->empty = c->lines = c->lacking[0] = c->lacking[1] = c->wide = 0;
    c->fresh_count = c->hole_count = 0;
    c->seconds = true;
    c->failed = !make_room(c);
    c->open = false;
    const char *line = c->bytes, *end = c->bytes + c->size;
    field f[CHUNK_ROLES] = {{0}}; /* a plain row fills in what is looked at */
    while (line < end && !c->failed) {
        bool plain;
        const char *stop = read_fields(&s, line, f, &plain);
        if (c->open) return;
        const bool blank = stop == line || (stop == line + 1 && *line == '\r');
        c->empty += blank;
        if (blank || (plain && stop - line < LOG_ROW_LIMIT && (!s.wide || plan->wide) && take_row(&s, f))) {
            c->lines++;
            c->wide += s.wide;
        }
        else
            note_hole(c, line, stop + 1);
        line = stop + 1;
    }
    if (!c->failed) look_up(&s);
}
