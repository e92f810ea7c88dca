/* One grammar for all options that choose rows by what stands in a column.
 *
 *   predicate = column relation value { "," value }      relation = "=" | "!=" | "<" | "<=" | ">" | ">="
 *
 * A column or a value is all up to the next relation or comma without blanks around it, or text in double quotes, in which a
 * quote is doubled; without them a value does not begin with a sign. Several values go with = and != alone; the others want one number. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "base/number.h"
#include "base/status.h"
#include "base/text.h"
#include "data/predicate.h"

typedef struct cursor {
    const char *option, *text, *example;
    size_t at;
    predicate *p;
    size_t used; /* of p->text */
    tamis_error *error;
} cursor;

static tamis_status expected(const cursor *c, size_t at, const char *what)
{
    char shown[280];
    return base_fail(c->error, TAMIS_USAGE, "%s %s: expected %s at character %zu; such as %s", c->option,
                     base_quote(shown, sizeof shown, c->text, strlen(c->text)), what, at + 1, c->example);
}

static void skip_blanks(cursor *c)
{
    c->at += strspn(c->text + c->at, " \t");
}

static bool put(cursor *c, const char *bytes, size_t count)
{
    if (c->used + count + 1 > sizeof c->p->text) return false;
    memcpy(c->p->text + c->used, bytes, count);
    c->used += count;
    c->p->text[c->used] = '\0';
    return true;
}

static tamis_status too_long(const cursor *c)
{
    return base_fail(c->error, TAMIS_USAGE, "%s %.60s...: expected less than %d letters", c->option, c->text, PREDICATE_TEXT);
}

/* In quotes: up to the one that closes. */
static tamis_status read_quoted(cursor *c)
{
    const size_t start = c->at++;
    for (;;) {
        const size_t length = strcspn(c->text + c->at, "\"");
        if (!put(c, c->text + c->at, length)) return too_long(c);
        c->at += length;
        if (!c->text[c->at]) return expected(c, start, "a quote that is closed");
        if (c->text[c->at + 1] != '"') break;
        if (!put(c, "\"", 1)) return too_long(c);
        c->at += 2;
    }
    c->at++;
    return TAMIS_OK;
}

/* A column, a value: *word is where it is kept. ends: the letters that it ends before. */
static tamis_status read_word(cursor *c, const char *ends, const char *what, const char **word)
{
    skip_blanks(c);
    *word = c->p->text + c->used;
    const size_t start = c->at;
    tamis_status status = TAMIS_OK;
    if (c->text[c->at] == '"') {
        status = read_quoted(c);
    } else {
        size_t length = strcspn(c->text + c->at, ends);
        c->at += length;
        while (length && strchr(" \t", c->text[start + length - 1])) length--;
        if (length == 0) return expected(c, start, what);
        if (!put(c, c->text + start, length)) return too_long(c);
    }
    c->used++; /* its NUL stays */
    skip_blanks(c);
    return status;
}

static bool read_relation(cursor *c)
{
    static const struct {
        const char *sign;
        predicate_relation relation;
    } relations[] = {{"!=", PREDICATE_DIFFERENT}, {"<=", PREDICATE_AT_MOST}, {">=", PREDICATE_AT_LEAST},
                     {"==", PREDICATE_EQUAL},     {"=", PREDICATE_EQUAL},    {"<", PREDICATE_BELOW},
                     {">", PREDICATE_ABOVE}};
    for (size_t k = 0; k < BASE_COUNT(relations); k++) {
        const size_t length = strlen(relations[k].sign);
        if (strncmp(c->text + c->at, relations[k].sign, length) != 0) continue;
        c->p->relation = relations[k].relation;
        c->at += length;
        return true;
    }
    return false;
}

static bool compares(const predicate *p)
{
    return p->relation >= PREDICATE_BELOW;
}

static tamis_status read_values(cursor *c)
{
    predicate *p = c->p;
    for (;;) {
        if (p->values == PREDICATE_VALUES) return expected(c, c->at, "no more values");
        skip_blanks(c);
        const size_t start = c->at, k = p->values++;
        if (!compares(p) && c->text[start] && strchr("=!<>", c->text[start])) return expected(c, start, "a value, in quotes if it begins with a sign,");
        tamis_status status = read_word(c, ",", compares(p) ? "a number" : "a value", &p->value[k]);
        if (status) return status;
        if (base_parse_real(p->value[k], &p->number[k]))
            p->numbers = true;
        else
            p->number[k] = (double)NAN;
        if (compares(p) && isnan(p->number[k])) return expected(c, start, "a number");
        if (!c->text[c->at]) return TAMIS_OK;
        if (c->text[c->at] != ',' || compares(p)) return expected(c, c->at, "the end");
        c->at++;
    }
}

static tamis_status start(cursor *c)
{
    *c->p = (predicate){.values = 0};
    for (size_t k = 0; c->text[k]; k++)
        if ((unsigned char)c->text[k] < ' ' && c->text[k] != '\t') return expected(c, k, "no control character");
    return TAMIS_OK;
}

/* The next VALUE=NUMBER. */
static tamis_status read_pair(cursor *c)
{
    predicate *p = c->p;
    const char *number;
    const size_t begin = c->at;
    if (p->values == PREDICATE_VALUES) return expected(c, begin, "no more values");
    tamis_status status = read_word(c, "=,", "a value", &p->value[p->values]);
    if (status) return status;
    for (size_t k = 0; k < p->values; k++)
        if (strcmp(p->value[k], p->value[p->values]) == 0) return expected(c, begin, "another value than before");
    if (c->text[c->at++] != '=') return expected(c, c->at - 1, "= and a number");
    const size_t at = c->at;
    status = read_word(c, ",", "a number", &number);
    if (!status && !base_parse_real(number, &p->number[p->values])) status = expected(c, at, "a number");
    p->values++;
    return status;
}

tamis_status predicate_parse_pairs(predicate *p, const char *option, const char *text, tamis_error *error)
{
    cursor c = {.option = option, .text = text, .example = "view=1,cart=3,purchase=10", .p = p, .error = error};
    tamis_status status = start(&c);
    while (!status) {
        status = read_pair(&c);
        if (status || !c.text[c.at]) break;
        if (c.text[c.at++] != ',') status = expected(&c, c.at - 1, "a comma");
    }
    return status;
}

tamis_status predicate_parse(predicate *p, const char *option, const char *text, tamis_error *error)
{
    cursor c = {.option = option, .text = text, .example = "rating<=2, event=view,cart or kind!=ad", .p = p, .error = error};
    tamis_status status = start(&c);
    if (status) return status;
    status = read_word(&c, "=!<>", "a column", &p->column);
    if (!status && !read_relation(&c)) status = expected(&c, c.at, "one of = != < <= > >=");
    return status ? status : read_values(&c);
}

static bool read_number(const char *field, size_t length, double *number)
{
    char text[64];
    if (length >= sizeof text) return false;
    memcpy(text, field, length);
    text[length] = '\0';
    return number_parse_real(text, length, number);
}

predicate_answer predicate_ask(const predicate *p, const char *field, size_t length)
{
    double number;
    const bool known = p->numbers && read_number(field, length, &number);
    if (compares(p)) {
        if (!known) return PREDICATE_NO_NUMBER;
        const double limit = p->number[0];
        return p->relation == PREDICATE_BELOW     ? number < limit
               : p->relation == PREDICATE_AT_MOST ? number <= limit
               : p->relation == PREDICATE_ABOVE   ? number > limit
                                                  : number >= limit;
    }
    bool found = false;
    for (size_t k = 0; k < p->values && !found; k++)
        found = (strlen(p->value[k]) == length && memcmp(p->value[k], field, length) == 0) || (known && number == p->number[k]);
    return found == (p->relation == PREDICATE_EQUAL);
}
