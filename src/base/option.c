/* Options as rows: the same row parses, checks, prints and documents a value. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/locale.h"
#include "base/option.h"
#include "base/status.h"
#include "base/text.h"

/* A range such as "[0,1)" or "(0,inf)". */
static bool in_range(const char *range, double value)
{
    if (!range || (*range != '[' && *range != '(')) return true;
    char *end;
    double low = base_strtod(range + 1, &end);
    double high = base_strtod(end + 1, &end);
    return (*range == '[' ? value >= low : value > low) && (*end == ']' ? value <= high : value < high);
}

static void range_text(const tamis_option *row, char *buffer, size_t size)
{
    const char *kind = row->type == TAMIS_OPTION_REAL ? "a number" : "a whole number";
    double low = 0, high = 0;
    char *end = NULL;
    if (row->range && (*row->range == '[' || *row->range == '(')) {
        low = base_strtod(row->range + 1, &end);
        high = base_strtod(end + 1, &end);
    }
    if (!end) {
        snprintf(buffer, size, "%s", kind);
        return;
    }
    char low_text[64] = "", high_text[64] = "";
    if (!isinf(low))
        base_format(low_text, sizeof low_text, "%s %.15g", *row->range == '[' ? "of at least" : "above", low);
    if (!isinf(high)) base_format(high_text, sizeof high_text, "%s %.15g", *end == ']' ? "at most" : "below", high);
    snprintf(buffer, size, "%s%s%s%s%s", kind, *low_text || *high_text ? " " : "", low_text,
             *low_text && *high_text ? " and " : "", high_text);
}

static int choice_index(const char *words, const char *text)
{
    size_t length = strlen(text);
    for (int index = 0; words; index++) {
        const char *bar = strchr(words, '|');
        size_t word = bar ? (size_t)(bar - words) : strlen(words);
        if (word == length && strncmp(words, text, length) == 0) return index;
        words = bar ? bar + 1 : NULL;
    }
    return -1;
}

const char *base_option_word(const char *words, size_t index, size_t *length)
{
    for (; words; index--) {
        const char *bar = strchr(words, '|');
        *length = bar ? (size_t)(bar - words) : strlen(words);
        if (index == 0) return words;
        words = bar ? bar + 1 : NULL;
    }
    return NULL;
}

static tamis_status out_of_range(const tamis_option *row, const char *text, tamis_error *error)
{
    char expected[160], shown[280];
    if (row->type == TAMIS_OPTION_CHOICE)
        return base_fail(error, TAMIS_USAGE, "--%s: \"%s\" is none of %s", row->name,
                         base_quote(shown, sizeof shown, text, strlen(text)), row->range);
    if (row->type == TAMIS_OPTION_FLAG)
        return base_fail(error, TAMIS_USAGE, "--%s: %s is neither 0 nor 1", row->name, text);
    double real;
    range_text(row, expected, sizeof expected);
    return base_fail(error, TAMIS_USAGE, "--%s: \"%s\" is %s; expected %s", row->name,
                     base_quote(shown, sizeof shown, text, strlen(text)),
                     !base_parse_real(text, &real) ? "not a number"
                     : row->type != TAMIS_OPTION_REAL && real != floor(real) ? "not a whole number"
                                                                             : "out of range",
                     expected);
}

tamis_status base_option_set(const tamis_option *row, void *options, const char *text, tamis_error *error)
{
    char *member = (char *)options + row->offset;
    int64_t integer = 0;
    double real = 0;
    int choice = 0;
    base_clear(error);
    switch (row->type) {
    case TAMIS_OPTION_INTEGER:
        /* 1e6 is read as a number too: people write it */
        if (!base_parse_integer(text, &integer)) {
            if (!base_parse_real(text, &real) || !(fabs(real) < 0x1p53) || real != floor(real))
                return out_of_range(row, text, error);
            integer = (int64_t)real;
        }
        if (!in_range(row->range, (double)integer)) return out_of_range(row, text, error);
        memcpy(member, &integer, sizeof integer);
        break;
    case TAMIS_OPTION_SEED:
        if (!base_parse_integer(text, &integer) || integer < 0) return out_of_range(row, text, error);
        memcpy(member, &integer, sizeof integer);
        break;
    case TAMIS_OPTION_REAL:
        if (row->automatic && strcmp(text, "auto") == 0)
            real = (double)NAN;
        else if (!base_parse_real(text, &real) || !in_range(row->range, real)) return out_of_range(row, text, error);
        memcpy(member, &real, sizeof real);
        break;
    case TAMIS_OPTION_FLAG:
        choice = strcmp(text, "0") != 0;
        memcpy(member, &choice, sizeof choice);
        break;
    case TAMIS_OPTION_CHOICE:
        choice = choice_index(row->range, text);
        if (choice < 0) return out_of_range(row, text, error);
        memcpy(member, &choice, sizeof choice);
        break;
    case TAMIS_OPTION_TEXT:
        memcpy(member, &text, sizeof text);
        break;
    }
    return TAMIS_OK;
}

void base_option_defaults(const tamis_option_table *table, void *options)
{
    for (size_t k = 0; k < table->count; k++) {
        const tamis_option *row = &table->rows[k];
        const double unset = (double)NAN;
        const char *none = NULL;
        if (row->fallback)
            (void)base_option_set(row, options, row->fallback, NULL);
        else if (row->type == TAMIS_OPTION_REAL)
            memcpy((char *)options + row->offset, &unset, sizeof unset);
        else if (row->type == TAMIS_OPTION_TEXT)
            memcpy((char *)options + row->offset, &none, sizeof none);
    }
}

const char *base_option_text(const tamis_option *row, const void *options, char *buffer, size_t size)
{
    const char *member = (const char *)options + row->offset, *text = NULL;
    int64_t integer;
    double real;
    int choice;
    char number[32];
    size_t length = 0;
    buffer[0] = '\0';
    switch (row->type) {
    case TAMIS_OPTION_INTEGER:
        memcpy(&integer, member, sizeof integer);
        snprintf(buffer, size, "%" PRId64, integer);
        break;
    case TAMIS_OPTION_SEED:
        memcpy(&integer, member, sizeof integer);
        snprintf(buffer, size, "%" PRIu64, (uint64_t)integer);
        break;
    case TAMIS_OPTION_REAL:
        memcpy(&real, member, sizeof real);
        if (!isnan(real) || row->automatic) snprintf(buffer, size, "%s", isnan(real) ? "auto" : base_real_text(real, number));
        break;
    case TAMIS_OPTION_FLAG:
        memcpy(&choice, member, sizeof choice);
        snprintf(buffer, size, "%d", choice);
        break;
    case TAMIS_OPTION_CHOICE:
        memcpy(&choice, member, sizeof choice);
        text = choice < 0 ? NULL : base_option_word(row->range, (size_t)choice, &length);
        if (text) snprintf(buffer, size, "%.*s", (int)length, text);
        break;
    case TAMIS_OPTION_TEXT:
        memcpy(&text, member, sizeof text);
        if (text) snprintf(buffer, size, "%s", text);
        break;
    }
    return buffer;
}

tamis_status base_option_check(const tamis_option_table *table, const void *options, tamis_error *error)
{
    for (size_t k = 0; k < table->count; k++) {
        const tamis_option *row = &table->rows[k];
        const char *member = (const char *)options + row->offset;
        char text[64];
        int64_t integer;
        double real;
        bool good = true;
        if (row->type == TAMIS_OPTION_INTEGER || row->type == TAMIS_OPTION_SEED) {
            memcpy(&integer, member, sizeof integer);
            good = row->type == TAMIS_OPTION_SEED ? integer >= 0 : in_range(row->range, (double)integer);
        } else if (row->type == TAMIS_OPTION_REAL) {
            memcpy(&real, member, sizeof real);
            good = isnan(real) ? row->automatic || !row->fallback : in_range(row->range, real);
        } else if (row->type == TAMIS_OPTION_CHOICE) {
            good = *base_option_text(row, options, text, sizeof text) != '\0';
        } else if (row->type == TAMIS_OPTION_FLAG) {
            int flag;
            memcpy(&flag, member, sizeof flag);
            good = flag == 0 || flag == 1;
        }
        if (!good) return out_of_range(row, base_option_text(row, options, text, sizeof text), error);
    }
    return table->check ? table->check(options, error) : TAMIS_OK;
}

const tamis_option *base_option_find(const tamis_option_table *table, const char *name)
{
    for (size_t k = 0; k < table->count; k++)
        if (strcmp(table->rows[k].name, name) == 0) return &table->rows[k];
    return NULL;
}

/* ---- callers' structs, which begin with their size */

static size_t end_of(const tamis_option *row)
{
    static const size_t width[] = {[TAMIS_OPTION_INTEGER] = sizeof(int64_t), [TAMIS_OPTION_SEED] = sizeof(uint64_t),
                                   [TAMIS_OPTION_REAL] = sizeof(double),     [TAMIS_OPTION_FLAG] = sizeof(int),
                                   [TAMIS_OPTION_CHOICE] = sizeof(int),      [TAMIS_OPTION_TEXT] = sizeof(char *)};
    return row->offset + width[row->type];
}

static size_t size_of(const void *options)
{
    size_t size;
    memcpy(&size, options, sizeof size);
    return size;
}

const tamis_option *tamis_option_row(const tamis_option_table *table, size_t index)
{
    return index < table->count ? &table->rows[index] : NULL;
}

size_t tamis_option_size(const tamis_option_table *table)
{
    return table->size;
}

void tamis_option_defaults(const tamis_option_table *table, void *options, size_t size)
{
    tamis_option_table part = *table;
    if (size > table->size) memset((char *)options + table->size, 0, size - table->size);
    memcpy(options, &size, sizeof size);
    for (part.count = 1; part.rows < table->rows + table->count; part.rows++)
        if (end_of(part.rows) <= size) base_option_defaults(&part, options);
}

void base_option_give(const void *ours, size_t full, void *options, size_t size)
{
    memset(options, 0, size);
    memcpy(options, ours, full < size ? full : size);
    memcpy(options, &size, sizeof size);
}

tamis_status tamis_option_set(const tamis_option *row, void *options, const char *text, tamis_error *error)
{
    if (end_of(row) <= size_of(options)) return base_option_set(row, options, text, error);
    return base_fail(error, TAMIS_USAGE, "--%s: these options have no place for it: their size is not set, or the program was "
                     "compiled with the header of an earlier version", row->name);
}

const char *tamis_option_text(const tamis_option *row, const void *options, char *buffer, size_t size)
{
    buffer[0] = '\0';
    return end_of(row) <= size_of(options) ? base_option_text(row, options, buffer, size) : buffer;
}

tamis_status base_option_adopt(const void *given, void *ours, size_t size, tamis_error *error)
{
    enum { MOST = 1 << 16 }; /* bytes of a later version's: what was never filled in says anything */
    if (!given) return TAMIS_OK;
    const size_t theirs = size_of(given);
    if (theirs <= sizeof theirs || theirs > MOST)
        return base_fail(error, TAMIS_USAGE, "options of size %zu; fill them in by their tamis_..._options_default() first", theirs);
    for (size_t k = size; k < theirs; k++)
        if (((const char *)given)[k])
            return base_fail(error, TAMIS_USAGE, "the program sets an option that tamis %s does not have; it was compiled with the "
                             "header of a later version", tamis_version());
    memcpy(ours, given, theirs < size ? theirs : size);
    memcpy(ours, &size, sizeof size);
    return TAMIS_OK;
}

tamis_status base_option_check_idle(const tamis_option_table *table, const void *options, tamis_error *error)
{
    char text[300];
    for (size_t k = 0; k < table->count; k++) {
        const tamis_option *row = &table->rows[k];
        if (!row->only) continue;
        const char *cause = base_option_text(base_option_find(table, row->only), options, text, sizeof text);
        if (*cause && strcmp(cause, "0") != 0) continue;
        if (strcmp(base_option_text(row, options, text, sizeof text), row->fallback ? row->fallback : "") != 0)
            return base_fail(error, TAMIS_USAGE, "--%s has no effect without --%s; leave it out", row->name, row->only);
    }
    return TAMIS_OK;
}

tamis_status base_option_take(const tamis_option_table *table, const void *given, void *ours, tamis_error *error)
{
    const tamis_status status = base_option_adopt(given, ours, table->size, error);
    return status ? status : base_option_check(table, ours, error);
}

tamis_status tamis_option_check(const tamis_option_table *table, const void *options, tamis_error *error)
{
    void *ours = calloc(1, table->size);
    base_clear(error);
    if (!ours) return base_no_memory(error, "options", 1, table->size);
    base_option_defaults(table, ours);
    const tamis_status status = base_option_take(table, options, ours, error);
    free(ours);
    return status;
}
