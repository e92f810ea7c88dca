/* A shop's events of 60 days, from 2024-01-01 00:00:00 UTC on. All numbers are whole: the same bytes everywhere.
 *
 *   drift      a user's taste moves along a direction d_u of independent N(0,1) numbers: of n liked items that with the k-th smallest
 *              d_u . q_i is found at 60 k / n days, give or take 6
 *   accident   a pair that is noise is found at any time
 *   views      one, and of liked items up to two more within three days
 *   cart       in half an hour after the last view: of liked items one in three, of others one in fifty
 *   purchase   in two hours after the cart: every other cart of liked items, of others none; one in eight buys again, within five days
 *
 * What would come after the 60 days has not happened yet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/random.h"
#include "data/synth_events.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR, PERIOD = 60 * DAY, SPREAD = 6 * DAY };
enum { VIEW, CART, PURCHASE, KINDS };
enum { MOST = 6 /* events of a pair */, ROW_BYTES = 80 };

static const char *const kind_name[KINDS] = {"view", "cart", "purchase"};

typedef struct event {
    int32_t time, item, kind;
} event;

typedef struct events {
    event *of;
    int32_t count;
} events;

char *synth_write_pair(const synth_world *w, int32_t user, int32_t item, char *at)
{
    const int32_t number[2] = {user, item};
    const int digits[2] = {w->user_digits, w->item_digits};
    for (int part = 0; part < 2; part++) {
        int32_t left = number[part];
        if (part) *at++ = ',';
        *at++ = part ? 'i' : 'u';
        for (int k = digits[part] - 1; k >= 0; k--, left /= 10) at[k] = (char)('0' + left % 10);
        at += digits[part];
    }
    return at;
}

static int32_t below(base_stream *s, int32_t n)
{
    return (int32_t)base_below(s, (uint32_t)n);
}

static void add(events *e, int32_t time, int32_t item, int32_t kind)
{
    if (time < PERIOD) e->of[e->count++] = (event){time, item, kind};
}

/* Where an item stands along the user's direction. */
typedef struct position {
    int32_t along, item;
} position;

static int by_position(const void *a, const void *b)
{
    const position *x = a, *y = b;
    if (x->along != y->along) return x->along < y->along ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

/* The liked items in the order in which they are found; how many. */
static int32_t order_liked(const synth_world *w, int32_t user, const synth_row *row, int32_t count, position *liked)
{
    int16_t direction[SYNTH_MOST_FACTORS];
    int32_t n = 0;
    synth_world_vector(synth_world_stream(w, SYNTH_DRIFT, user), direction, w->factors);
    for (int32_t r = 0; r < count; r++) {
        if (row[r].noise) continue;
        liked[n] = (position){0, row[r].item};
        for (int32_t k = 0; k < w->factors; k++) liked[n].along += direction[k] * w->vector[(size_t)k * w->padded + (size_t)row[r].item];
        n++;
    }
    qsort(liked, (size_t)n, sizeof *liked, by_position);
    return n;
}

static int32_t found_at(int32_t k, int32_t n, base_stream *s)
{
    const int32_t time = (int32_t)((int64_t)PERIOD * k / n) + below(s, 2 * SPREAD) - SPREAD;
    return time < 0 ? 0 : time < PERIOD ? time : PERIOD - 1;
}

static void draw_pair(const synth_row *row, int32_t time, base_stream *s, events *e)
{
    add(e, time, row->item, VIEW);
    for (int32_t more = row->noise ? 0 : below(s, 3); more > 0; more--) add(e, time += below(s, DAY), row->item, VIEW);
    if (below(s, row->noise ? 50 : 3)) return;
    add(e, time += below(s, HOUR / 2), row->item, CART);
    if (row->noise || below(s, 2)) return;
    add(e, time += below(s, 2 * HOUR), row->item, PURCHASE);
    if (!below(s, 8)) add(e, time + below(s, 5 * DAY), row->item, PURCHASE);
}

/* Different events differ in one of these: the order is the same in every C library. */
static int by_time(const void *a, const void *b)
{
    const event *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    if (x->item != y->item) return x->item < y->item ? -1 : 1;
    return (x->kind > y->kind) - (x->kind < y->kind);
}

static void write_event(const synth_world *w, int32_t user, const event *e, synth_text *text)
{
    char *at = synth_write_pair(w, user, e->item, text->bytes + text->used);
    const int day = e->time / DAY, second = e->time % DAY; /* January has 31 days, February of 2024 29 */
    at += snprintf(at, ROW_BYTES / 2, ",%s,2024-%02d-%02d %02d:%02d:%02d UTC\n", kind_name[e->kind], day < 31 ? 1 : 2,
                   day < 31 ? day + 1 : day - 30, second / HOUR, second / MINUTE % 60, second % 60);
    text->used = (size_t)(at - text->bytes);
}

bool synth_events_draw(const synth_world *w, int32_t user, const synth_row *row, int32_t count, synth_text *text)
{
    base_stream s = synth_world_stream(w, SYNTH_EVENTS, user);
    const size_t most = (size_t)count * MOST;
    events e = {.of = base_alloc_raw(most + 1, sizeof *e.of)};
    position *liked = base_alloc_raw((size_t)count + 1, sizeof *liked);
    const bool good = e.of && liked && base_grow(&text->bytes, &text->capacity, text->used + most * ROW_BYTES + 1, 1);
    const int32_t n = good ? order_liked(w, user, row, count, liked) : 0;
    for (int32_t k = 0; k < n; k++) draw_pair(&(synth_row){liked[k].item, false}, found_at(k, n, &s), &s, &e);
    for (int32_t k = 0; k < count && good; k++)
        if (row[k].noise) draw_pair(&row[k], below(&s, PERIOD), &s, &e);
    if (good) qsort(e.of, (size_t)e.count, sizeof *e.of, by_time);
    for (int32_t k = 0; k < e.count; k++) write_event(w, user, &e.of[k], text);
    base_free(liked);
    base_free(e.of);
    return good;
}
