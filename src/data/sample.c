/* A sample of a CSV file's rows, and what its columns hold. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/hash.h"
#include "base/locale.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/order.h"
#include "base/row.h"
#include "base/status.h"
#include "data/sample.h"

enum { LONGEST = 63 /* bytes of a value that is looked at as a number or date */ };

/* ---- values */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits at *at. Returns how many. */
static size_t pass_digits(const char **at)
{
    const char *from = *at;
    while (is_digit(**at)) ++*at;
    return (size_t)(*at - from);
}

/* 4,5 */
static bool is_comma_number(const char *text)
{
    text += *text == '-';
    return pass_digits(&text) && *text++ == ',' && pass_digits(&text) && *text == '\0';
}

/* 10:51 or 10:51:09, and whatever follows. */
static bool is_clock(const char *text)
{
    const size_t hours = pass_digits(&text);
    if (hours < 1 || hours > 2 || *text++ != ':' || pass_digits(&text) != 2) return false;
    return *text == '\0' || *text == ':' || *text == ' ' || *text == '+' || *text == 'Z';
}

/* Year, month and day in either order and separated by - / or a point, alone or before a time of day. */
static bool is_calendar(const char *text)
{
    const char *year = text;
    const size_t first = pass_digits(&text);
    const char part = *text;
    if (!first || !part || !strchr("-/.", part)) return false;
    text++;
    const size_t second = pass_digits(&text);
    if (second < 1 || second > 2 || *text++ != part) return false;
    if (first <= 2) year = text;
    const size_t third = pass_digits(&text);
    const bool order = (first == 4 && third >= 1 && third <= 2) || (first <= 2 && third == 4);
    if (!order || (memcmp(year, "19", 2) != 0 && memcmp(year, "20", 2) != 0)) return false;
    return *text == '\0' || ((*text == 'T' || *text == ' ') && is_clock(text + 1));
}

/* Mon Apr 7 10:51:09 2014, 07/Apr/2014:10:51:09 +0000: a month's name and a time of day. */
static bool is_written_out(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const char *colon = strchr(text, ':');
    bool month = false;
    for (size_t k = 0; months[k] && !month; k += 3) {
        const char name[] = {months[k], months[k + 1], months[k + 2], '\0'};
        month = strstr(text, name) != NULL;
    }
    for (; month && colon; colon = strchr(colon + 1, ':'))
        if (colon - text >= 2 && is_digit(colon[-1]) && is_digit(colon[-2]) && is_digit(colon[1]) && is_digit(colon[2]) &&
            colon[3] == ':')
            return true;
    return false;
}

static bool is_url(const char *text, size_t length)
{
    static const char *const starts[] = {"http://", "https://", "www."};
    for (size_t k = 0; k < BASE_COUNT(starts); k++)
        if (length > strlen(starts[k]) && memcmp(text, starts[k], strlen(starts[k])) == 0) return true;
    return false;
}

bool log_is_event(const char *text, size_t length)
{
    static const char words[] =
        " view views viewed viewitem itemview productview detailview pv pageview visit click clicks clicked impression impressions "
        "imp exposure exposed cart carts addtocart addcart removefromcart removecart buy bought purchase purchased order orders "
        "ordered transaction checkout fav favorite favourite favor like liked dislike disliked share shared comment follow "
        "followed save saved bookmark wishlist addtowishlist collect collected skip skipped play played listen listened watch "
        "watched download downloaded read search hover ";
    char plain[24] = " ";
    size_t used = 1;
    for (size_t k = 0; k < length; k++) {
        if (strchr(" _-", text[k])) continue;
        if (used + 2 == sizeof plain) return false;
        plain[used++] = base_lower(text[k]);
    }
    plain[used] = ' ';
    return used > 1 && strstr(words, plain) != NULL;
}

static void look_at_number(sample_column *c, const char *text, double value, bool again, double before)
{
    const bool whole = floor(value) == value, point = strchr(text, '.') != NULL;
    const bool power = strpbrk(text, "eE") && strchr(text, '+');
    c->number++;
    c->fraction += !whole || power;
    c->trailing += whole && point && !power;
    c->small += value >= 0 && value <= 10 && floor(2 * value) == 2 * value;
    c->compared += again;
    c->in_order += again && value >= before;
    c->next += again && value >= before + 1 && value <= before + 1;
    if (!whole) return;
    static const double from = 788918400, to = 2177452800; /* 1995-01-01, 2039-01-01 */
    static const double unit[] = {1, 1e3, 1e6, 1e9};
    for (int k = 0; k < 4; k++) c->unix_time[k] += value >= from * unit[k] && value < to * unit[k];
    c->thousands += strlen(text) > 3 && strcmp(text + strlen(text) - 3, "000") == 0;
    const double year = floor(value / 10000), month = floor(fmod(value, 10000) / 100), day = fmod(value, 100);
    c->compact += year >= 1990 && year < 2039 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* ---- rows */

typedef struct sampling {
    log_sample *sample;
    uint64_t *hash;   /* columns x SAMPLE_ROWS */
    double *before;   /* number in the row before; NAN: none */
    char *text;       /* a field's */
    size_t capacity;
} sampling;

static void show_value(sample_column *c, const char *text, size_t length)
{
    char shown[280];
    if (c->values == SAMPLE_VALUES) return;
    base_quote(shown, sizeof shown, text, length);
    if (strlen(shown) >= SAMPLE_SHOWN) memcpy(shown + SAMPLE_SHOWN - 4, "...", 4);
    for (int k = 0; k < c->values; k++)
        if (strcmp(c->value[k], shown) == 0) return;
    memcpy(c->value[c->values++], shown, strlen(shown) + 1);
}

static void look_at_value(sampling *s, size_t column, const char *text, size_t length)
{
    sample_column *c = &s->sample->column[column];
    double value = (double)NAN, *before = &s->before[column];
    s->hash[column * SAMPLE_ROWS + (size_t)c->filled++] = base_hash(text, length);
    show_value(c, text, length);
    c->url += is_url(text, length);
    c->event += log_is_event(text, length);
    if (length <= LONGEST && number_parse_real(text, length, &value))
        look_at_number(c, text, value, !isnan(*before), *before);
    else if (length <= LONGEST && is_comma_number(text))
        c->comma++;
    else if (length <= LONGEST)
        c->date += is_calendar(text) || is_clock(text) || is_written_out(text);
    *before = value;
}

static bool take_row(sampling *s, const csv_row *row)
{
    for (size_t k = 0; k < s->sample->columns; k++) {
        const csv_field *field = &row->field[k];
        if (!base_grow(&s->text, &s->capacity, field->length + 1, 1)) return false;
        const size_t length = csv_copy_field(field, s->text);
        if (length) look_at_value(s, k, s->text, length);
    }
    s->sample->rows++;
    return true;
}

/* Takes one block of rows from `at` on. */
static csv_outcome take_block(sampling *s, const csv_rules *rules, const char *at, const char *end, bool whole, csv_row *row)
{
    csv_outcome outcome = CSV_ROW;
    for (size_t k = 0; k < s->sample->columns; k++) s->before[k] = (double)NAN;
    for (int taken = 0; taken < SAMPLE_ROWS / SAMPLE_BLOCKS && at < end && !outcome; at = row->next) {
        outcome = csv_cut_row(rules, at, end, whole, row);
        if (outcome || row->fault || row->count != rules->columns) continue;
        if (!take_row(s, row)) return CSV_NO_MEMORY;
        taken++;
    }
    return outcome;
}

static void count_distinct(sampling *s)
{
    for (size_t k = 0; k < s->sample->columns; k++) {
        sample_column *c = &s->sample->column[k];
        uint64_t *hash = s->hash + k * SAMPLE_ROWS;
        qsort(hash, (size_t)c->filled, sizeof *hash, base_ascending_uint64);
        for (int64_t r = 0; r < c->filled; r++) c->distinct += r == 0 || hash[r] != hash[r - 1];
    }
}

/* Cuts the bytes into equal parts; a block begins with the first whole line of its part. */
static csv_outcome take_blocks(sampling *s, const csv_rules *rules, const char *bytes, size_t count, bool whole, bool header)
{
    const char *end = bytes + count, *at = bytes, *stop;
    csv_outcome outcome = CSV_ROW;
    csv_row row = {.next = bytes};
    if (header) outcome = csv_cut_row(rules, bytes, end, whole, &row);
    for (size_t block = 0; block < SAMPLE_BLOCKS && outcome == CSV_ROW && row.next < end; block++) {
        const char *from = bytes + count / SAMPLE_BLOCKS * block;
        at = row.next;
        if (from > at) {
            stop = memchr(from, '\n', (size_t)(end - from));
            if (!stop || stop + 1 == end) break;
            at = stop + 1;
        }
        outcome = take_block(s, rules, at, end, whole, &row);
    }
    csv_row_clear(&row);
    return outcome;
}

bool log_sample_take(const csv_rules *rules, const char *bytes, size_t count, bool whole, bool header, log_sample *sample)
{
    *sample = (log_sample){.columns = rules->columns < SAMPLE_COLUMNS ? rules->columns : SAMPLE_COLUMNS};
    sampling s = {.sample = sample};
    s.hash = base_alloc_raw(sample->columns * SAMPLE_ROWS, sizeof *s.hash);
    s.before = base_alloc(sample->columns, sizeof *s.before);
    const bool done = s.hash && s.before && take_blocks(&s, rules, bytes, count, whole, header) != CSV_NO_MEMORY;
    if (done) count_distinct(&s);
    base_free(s.hash);
    base_free(s.before);
    free(s.text);
    return done;
}
