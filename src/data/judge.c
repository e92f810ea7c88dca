/* Whether columns hold what they were taken for. Columns that options name are not doubted; columns whose names say user or item
 * are doubted only where their values cannot be ids; columns taken by their position are compared with the file's other columns. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "data/judge.h"

typedef enum column_kind {
    KIND_ID,
    KIND_EMPTY,
    KIND_DATE,    /* surely times */
    KIND_SECONDS, /* numbers that may be times */
    KIND_FRACTION,
    KIND_URL,
    KIND_EVENT,
    KIND_FEW /* one value, or those of ratings */
} column_kind;

static const char *const looks[] = {
    [KIND_DATE] = "times", [KIND_SECONDS] = "times", [KIND_FRACTION] = "fractions", [KIND_URL] = "URLs", [KIND_EVENT] = "kinds of events",
};

typedef struct judge {
    log_reader *reader;
    const log_columns *columns;
    const log_row *first;
    const log_sample *sample;
    column_kind kind[SAMPLE_COLUMNS];
    size_t id[SAMPLE_COLUMNS], ids; /* columns that may hold ids */
} judge;

static bool most(int64_t part, int64_t all)
{
    return 20 * part >= 19 * all;
}

/* Long ids may lie in the ranges of the finer units, so that microseconds must ascend as well, and nanoseconds end in 000. */
static bool is_unix_time(const sample_column *c)
{
    const int64_t n = c->filled;
    return n >= 3 && (most(c->unix_time[0], n) || most(c->unix_time[1], n) || most(c->compact, n) ||
                      (most(c->unix_time[2], n) && c->compared && most(c->in_order, c->compared)) ||
                      (most(c->unix_time[3], n) && most(c->thousands, n)));
}

static column_kind kind_of(const sample_column *c, int64_t rows)
{
    enum { ENOUGH = 100, RATINGS = 21 /* 0 to 10 in halves */ };
    const int64_t n = c->filled;
    if (n == 0 || 2 * n < rows) return KIND_EMPTY;
    if (most(c->date, n)) return KIND_DATE;
    if (most(c->url, n)) return KIND_URL;
    if (most(c->event, n)) return KIND_EVENT;
    if (n >= ENOUGH && (c->distinct == 1 || (c->small == n && c->distinct <= RATINGS))) return KIND_FEW;
    if (most(c->number + c->comma, n) && 3 * (c->fraction + c->comma) >= n) return KIND_FRACTION;
    if (is_unix_time(c)) return KIND_SECONDS;
    return KIND_ID;
}

/* Columns that differ in every row, or hold small numbers alone, count as ids only where no other column does. */
static void find_ids(judge *j)
{
    const log_sample *s = j->sample;
    for (int pass = 0; pass < 2 && j->ids == 0; pass++)
        for (size_t k = 0; k < s->columns; k++) {
            const sample_column *c = &s->column[k];
            if (j->kind[k] != KIND_ID || (int64_t)k == j->columns->at[ROLE_TIME]) continue;
            if (pass == 1 || (c->small < c->filled && (c->distinct < c->filled || c->filled < 20))) j->id[j->ids++] = k;
        }
}

/* What messages and options call a column: its name, or its position from 1. */
static const char *label(const judge *j, size_t column, char text[80])
{
    size_t length = 0;
    const char *name = j->columns->header ? log_row_field(j->first, column, &length) : "";
    if (length)
        base_quote(text, 80, name, length);
    else
        snprintf(text, 80, "%zu", column + 1);
    return text;
}

static const char *example(const judge *j, size_t column)
{
    return j->sample->column[column].value[0];
}

/* The option to type, where there is one clear choice; else the columns to choose from. */
static void advise(const judge *j, int role, char *text, size_t size)
{
    const char *prefix = log_prefix(j->reader), *what = log_role_name(j->reader->options, role);
    char one[80], two[80];
    size_t choice[SAMPLE_COLUMNS], choices = 0, used;
    for (size_t k = 0; k < j->ids; k++)
        if (role == ROLE_USER || (int64_t)j->id[k] != j->columns->at[ROLE_USER]) choice[choices++] = j->id[k];
    if (role == ROLE_USER && choices == 2) {
        snprintf(text, size, "; --%suser %s --%sitem %s takes those that look like ids (%s, %s)", prefix, label(j, choice[0], one),
                 prefix, label(j, choice[1], two), example(j, choice[0]), example(j, choice[1]));
    } else if (role == ROLE_ITEM && choices == 1) {
        snprintf(text, size, "; --%sitem %s takes the one that looks like ids (%s)", prefix, label(j, choice[0], one),
                 example(j, choice[0]));
    } else if (choices < 2) {
        snprintf(text, size, "; if it is not the %s, name the right column with --%s%s", what, prefix, what);
    } else {
        used = (size_t)snprintf(text, size, "; name the right one with --%s%s:", prefix, what);
        for (size_t k = 0; k < choices && k < 4; k++)
            used += (size_t)snprintf(text + used, size - used, "%s %.40s (%s)", k ? " or" : "", label(j, choice[k], one),
                                     example(j, choice[k]));
    }
}

/* Whether a column that was not taken looks like ids and has so many different values in the sample. */
static bool has_other(const judge *j, int64_t values)
{
    const int64_t *at = j->columns->at;
    for (size_t k = 0; k < j->ids; k++) {
        const sample_column *c = &j->sample->column[j->id[k]];
        if ((int64_t)j->id[k] != at[ROLE_USER] && (int64_t)j->id[k] != at[ROLE_ITEM] && c->distinct >= values && c->small < c->filled)
            return true;
    }
    return false;
}

static bool is_doubtful(const judge *j, bool by_name, column_kind kind)
{
    if (kind == KIND_DATE || kind == KIND_FRACTION) return true;
    if (by_name) return false;
    return kind == KIND_EVENT || ((kind == KIND_SECONDS || kind == KIND_URL) && has_other(j, 1));
}

static void judge_ids(judge *j, int role)
{
    const tamis_log_options *options = j->reader->options;
    log_builder *builder = j->reader->builder;
    const int64_t at = j->columns->at[role];
    const char *name = j->reader->source.name, *what = log_role_name(options, role);
    enum { MORE_THAN_RATINGS = 50 };
    log_doubt doubt = {.few = false};
    char one[80];
    if ((size_t)at >= j->sample->columns) return;
    const sample_column *c = &j->sample->column[at];
    if (c->filled >= 3 && most(c->trailing, c->filled))
        log_note(&builder->summary, TAMIS_NOTE_ID, false, 0,
                 "%.200s: %s ids are written like %s, as by programs that met gaps; in a file that writes them without the point they "
                 "are other ids", name, what, example(j, (size_t)at));
    if (role == ROLE_USER ? options->user : options->item) return;
    const bool by_name = j->columns->header && log_recognise(j->first, role) == at;
    snprintf(doubt.column, sizeof doubt.column, "%.180s: column %s, taken as %s,", name, label(j, (size_t)at, one), what);
    advise(j, role, doubt.advice, sizeof doubt.advice);
    if (is_doubtful(j, by_name, j->kind[at])) {
        log_note(&builder->summary, TAMIS_NOTE_COLUMN, true, 0, "%s looks like %s (such as %s)%s", doubt.column, looks[j->kind[at]],
                 example(j, (size_t)at), doubt.advice);
        builder->findings.rating_doubtful |= j->columns->need[ROLE_RATING] == COLUMN_GUESSED;
    } else if (!by_name && (role == ROLE_ITEM || has_other(j, 1)) && !builder->findings.doubt[role].column[0]) {
        doubt.few = j->kind[at] == KIND_FEW && has_other(j, MORE_THAN_RATINGS);
        builder->findings.doubt[role] = doubt;
    }
}

/* Times in the third column, which would pass for ratings, and ratings with a decimal comma. */
static void judge_rating(judge *j)
{
    const int64_t at = j->columns->at[ROLE_RATING];
    log_builder *builder = j->reader->builder;
    char one[80];
    if (at < 0 || (size_t)at >= j->sample->columns || j->columns->need[ROLE_RATING] == COLUMN_REQUIRED) return;
    label(j, (size_t)at, one);
    const sample_column *c = &j->sample->column[at];
    if (c->comma && most(c->number + c->comma, c->filled))
        log_note(&builder->summary, TAMIS_NOTE_RATING, false, 0,
                 "ratings (column %s) are written with a comma (%s) and not used: every row counts as a positive%s", one,
                 example(j, (size_t)at),
                 builder->findings.quoted || builder->findings.delimiter == ',' ? ""
                     : "; with points: sed 's/\\([0-9]\\),\\([0-9]\\)/\\1.\\2/g' FILE | tamis ... -");
    if (j->columns->need[ROLE_RATING] != COLUMN_GUESSED || j->kind[at] != KIND_SECONDS || !log_has_options(j->reader)) return;
    log_note(&builder->summary, TAMIS_NOTE_COLUMN, false, 0,
             "%.200s: column %s, taken as rating, looks like times (such as %s); --time %s takes it for them", j->reader->source.name,
             one, example(j, (size_t)at), one);
    builder->findings.rating_doubtful = true;
}

/* The values of a column, in the order in which they came up. */
static void list_values(const sample_column *c, char *text, size_t size)
{
    size_t used = 0;
    for (int k = 0; k < c->values; k++) used += (size_t)snprintf(text + used, size - used, "%s%s", k ? ", " : "", c->value[k]);
    if (c->distinct > c->values) snprintf(text + used, size - used, ", ...");
}

/* A column that a filter looks at is used. */
static bool is_asked(const judge *j, int64_t column)
{
    bool asked = j->columns->weight == column || j->columns->dislike == column;
    for (int k = 0; k < j->reader->filters->count; k++) asked |= j->columns->filter[k] == column;
    return asked;
}

/* Labels and kinds of events that are not numbers, or numbers that stand for events: no other note says that they are not used. */
static void judge_events(judge *j)
{
    enum { MOST_KINDS = 20 };
    const int64_t *at = j->columns->at, rating = at[ROLE_RATING];
    const int64_t named = j->columns->header ? log_recognise(j->first, ROLE_EVENT) : -1;
    char one[80], values[SAMPLE_VALUES * SAMPLE_SHOWN + 20];
    for (size_t k = 0; k < j->sample->columns; k++) {
        const sample_column *c = &j->sample->column[k];
        const bool number = most(c->number, c->filled);
        if (is_asked(j, (int64_t)k) || (int64_t)k == at[ROLE_USER] || (int64_t)k == at[ROLE_ITEM] || c->distinct < 2 || c->distinct > MOST_KINDS) continue;
        if ((int64_t)k == rating ? c->number || c->comma || !j->columns->header : (int64_t)k != named && j->kind[k] != KIND_EVENT) continue;
        const char *last = c->value[c->values - 1];
        list_values(c, values, sizeof values);
        label(j, k, one);
        if (number)
            log_note(&j->reader->builder->summary, TAMIS_NOTE_RATING, false, 0,
                     "column %s (%s) is not used: every row counts as a positive; --rating %s --min-rating X keeps rows with X and "
                     "above", one, values, one);
        else if (strpbrk(one, "=!<>'\"") || strpbrk(last, ",'\""))
            log_note(&j->reader->builder->summary, TAMIS_NOTE_RATING, false, 0,
                     "column %s (%s) is not used: every row counts as a positive", one, values);
        else
            log_note(&j->reader->builder->summary, TAMIS_NOTE_RATING, false, 0,
                     "column %s (%s) is not used: every row counts as a positive; --where '%s=%s' keeps rows with that alone", one, values, one,
                     last);
        return;
    }
}

void log_judge_columns(log_reader *reader, const log_columns *columns, const log_row *first,
                       const log_sample *sample)
{
    judge j = {.reader = reader, .columns = columns, .first = first, .sample = sample};
    for (size_t k = 0; k < sample->columns; k++) j.kind[k] = kind_of(&sample->column[k], sample->rows);
    if (sample->rows == 0) return;
    find_ids(&j);
    judge_ids(&j, ROLE_USER);
    judge_ids(&j, ROLE_ITEM);
    judge_rating(&j);
    if (!(reader->options->min_rating > -(double)INFINITY) && !reader->options->relevance) judge_events(&j);
}
