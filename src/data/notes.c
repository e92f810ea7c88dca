/* Notes about a log as a whole: ids that are not what they seem, ratings that are not used. */
#include "base/base.h"
#include "base/locale.h"
#include "base/status.h"
#include "data/filter.h"
#include "data/notes.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void log_note(tamis_log_summary *summary, tamis_note_kind kind, bool warning, int64_t rows, const char *format, ...)
{
    if (summary->notes == TAMIS_NOTES) return;
    tamis_note *note = &summary->note[summary->notes];
    va_list arguments;
    va_start(arguments, format);
    base_vformat(note->text, sizeof note->text, format, arguments);
    va_end(arguments);
    for (int k = 0; k < summary->notes; k++)
        if (strcmp(summary->note[k].text, note->text) == 0) {
            note->text[0] = '\0'; /* told already */
            return;
        }
    note->kind = (int)kind;
    note->warning = warning;
    note->rows = rows;
    summary->notes++;
}

void log_note_counts(tamis_log_summary *summary, const char *column)
{
    const bool made = base_same_word(column, "weight") || base_same_word(column, "weights");
    log_note(summary, TAMIS_NOTE_WEIGHT, false, 0, "column %s looks like %s and is not used: rows count alike; --weight %s%s weighs them by it",
             column, made ? "weights" : "counts", column, made ? " --weight-transform none" : "");
}

/* ---- ids */

typedef struct census {
    log_findings *findings;
    tamis_log *log;
    const log_draft *draft;
    int role;
    const id_map *ids;
    int64_t all; /* rows */
} census;

/* Rows of the marked ids. */
static int64_t count_rows(const census *c, const uint8_t *marked)
{
    const int64_t *start = c->draft->start;
    int64_t rows = 0;
    for (int64_t u = 0; c->role == ROLE_USER && u < c->log->users; u++)
        if (marked[u]) rows += start[u + 1] - start[u];
    for (int64_t k = 0; c->role == ROLE_ITEM && k < c->all; k++) rows += marked[c->draft->item[k]];
    return rows;
}

/* Rows of one id. */
static int64_t rows_of(const census *c, int64_t id)
{
    int64_t rows = 0;
    if (c->role == ROLE_USER) return c->draft->start[id + 1] - c->draft->start[id];
    for (int64_t k = 0; k < c->all; k++) rows += c->draft->item[k] == id;
    return rows;
}

static const char *role_name(const census *c)
{
    return c->role == ROLE_USER ? "user" : "item";
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* How many ids begin or end with a blank. Marks those that equal another id without the blank: *twins in all, *first the first. -1:
 * out of memory. */
static int64_t find_blanks(const census *c, uint8_t **marked, int64_t *twins, int64_t *first)
{
    int64_t blank = 0;
    size_t length;
    *twins = 0;
    for (int64_t k = 0; k < c->ids->count; k++) {
        const char *id = id_map_get(c->ids, k, &length), *end = id + length;
        if (length == 0 || (!is_blank(id[0]) && !is_blank(end[-1]))) continue;
        while (id < end && is_blank(*id)) id++;
        while (end > id && is_blank(end[-1])) end--;
        blank++;
        if (id_map_find(c->ids, id, (size_t)(end - id)) < 0) continue;
        if (!*marked && !(*marked = calloc((size_t)c->ids->count, 1))) return -1;
        if ((*twins)++ == 0) *first = k;
        (*marked)[k] = 1;
    }
    return blank;
}

/* Blanks around ids are part of them. */
static tamis_status judge_blanks(census *c, tamis_error *error)
{
    uint8_t *marked = NULL;
    int64_t twins, first;
    size_t length;
    char shown[280];
    static const char text[] = "; --trim takes it off";
    const int64_t blank = find_blanks(c, &marked, &twins, &first);
    if (blank < 0) return base_no_memory(error, "ids", (size_t)c->ids->count, 1);
    if (twins == 0 && blank >= 2 && 10 * blank >= 9 * c->ids->count)
        log_note(&c->log->summary, TAMIS_NOTE_ID, false, 0,
                 "%" PRId64 " of %" PRId64 " %s ids begin or end with a blank, which is part of the id%s", blank, c->ids->count,
                 role_name(c), text);
    if (twins == 0) return TAMIS_OK;
    const char *id = id_map_get(c->ids, first, &length);
    base_quote(shown, sizeof shown, id, length);
    const int64_t rows = count_rows(c, marked);
    free(marked);
    log_note(&c->log->summary, TAMIS_NOTE_ID, true, rows,
             "%s ids that differ from another by blanks alone: %" PRId64 ", such as \"%s\", in %" PRId64
             " rows%s", role_name(c), twins, shown, rows, text);
    return TAMIS_OK;
}

/* Ids that programs write for missing values, where they have an unusual share of the rows: 1% and three times the mean of an id. A
 * user 0 may be a user, so that 0 needs a fifth of the rows and fifty times the mean. */
static void judge_missing(const census *c)
{
    static const char *const words[] = {"NA",   "na",   "N/A",   "n/a",   "#N/A", "<NA>", "NaN",       "nan",       "NAN",     "NaT",
                                        "NULL", "null", "Null",  "(null)", "\\N",  "None", "none",      "NONE",      "nil",     "undefined",
                                        "-",    "?",    "unknown", "Unknown", "UNKNOWN", "anonymous", "Anonymous", "missing", "-1",
                                        "0"};
    const int64_t all = c->all, count = c->ids->count;
    for (size_t k = 0; k < BASE_COUNT(words); k++) {
        const int64_t id = id_map_find(c->ids, words[k], strlen(words[k]));
        const bool number = words[k][0] == '0';
        if (id < 0 || (number && c->role == ROLE_ITEM)) continue;
        const int64_t rows = rows_of(c, id);
        const double share = (double)rows / (double)all, mean = count > 1 ? (double)(all - rows) / (double)(count - 1) : 0;
        char text[500] = "";
        if (rows < 3 || (number && count < 3) || share < (number ? 0.2 : 0.01) || (double)rows < (number ? 50 : 3) * mean) continue;
        if (c->findings->at[c->role])
            snprintf(text, sizeof text, "; --where-not '%" PRId64 "=%s' leaves them out", c->findings->at[c->role], words[k]);
        log_note(&c->log->summary, TAMIS_NOTE_ID, true, rows,
                 "\"%s\" is the %s of %" PRId64 " of %" PRId64 " rows, as if their %s were not known, and counts as one %s%s", words[k],
                 role_name(c), rows, all, role_name(c), role_name(c), text);
    }
}

/* Ids that are the names of their columns: files with headers were put together, one behind the other. */
static void judge_headers(const log_findings *findings, const log_draft *draft)
{
    tamis_log *log = draft->log;
    tamis_log_summary *s = &log->summary;
    int64_t id[2];
    char advice[300] = "";
    for (int role = ROLE_USER; role <= ROLE_ITEM; role++) {
        const id_map *ids = role == ROLE_USER ? log->user_ids : log->item_ids;
        if (!s->header || (id[role] = id_map_find(ids, s->column[role], strlen(s->column[role]))) < 0) return;
    }
    const int64_t from = draft->start[id[ROLE_USER]], end = draft->start[id[ROLE_USER] + 1];
    int64_t rows = 0;
    for (int64_t k = from; k < end; k++) rows += draft->item[k] == id[ROLE_ITEM];
    if (rows && findings->at[ROLE_USER])
        snprintf(advice, sizeof advice, "; --where-not '%" PRId64 "=%s' leaves them out", findings->at[ROLE_USER], s->column[ROLE_USER]);
    if (rows)
        log_note(s, TAMIS_NOTE_ID, true, rows, "%" PRId64 " row%s of a user \"%s\" and an item \"%s\", as the header names the columns: "
                 "perhaps files with headers, put one behind the other%s", rows, rows == 1 ? "" : "s", s->column[ROLE_USER], s->column[ROLE_ITEM], advice);
}

/* A column taken by its position whose values differ in nearly every row is hardly the item's, nor the user's where another column
 * could be; the same of a column with as few values as ratings have. */
static void judge_number(const census *c)
{
    enum { ENOUGH = 1000, RATINGS = 21 /* 0 to 10 in halves */ };
    const log_doubt *doubt = &c->findings->doubt[c->role];
    const int64_t all = c->all, count = c->ids->count;
    const bool few = doubt->few && count <= RATINGS, many = 20 * count >= 19 * all;
    if (!doubt->column[0] || all < ENOUGH || !(few || many)) return;
    c->findings->rating_doubtful = true;
    log_note(&c->log->summary, TAMIS_NOTE_COLUMN, true, all, "%s has %s: %" PRId64 " in %" PRId64 " rows%s", doubt->column,
             many ? "nearly as many values as rows" : "hardly any values", count, all, doubt->advice);
}

tamis_status log_judge_ids(log_findings *findings, const log_draft *draft, tamis_error *error)
{
    tamis_log *log = draft->log;
    tamis_status status = TAMIS_OK;
    if (log->summary.format == TAMIS_FORMAT_AUTO) return TAMIS_OK; /* from no file */
    judge_headers(findings, draft);
    for (int role = ROLE_USER; role <= ROLE_ITEM && !status; role++) {
        census c = {.findings = findings, .log = log, .draft = draft, .role = role, .all = draft->nnz,
                    .ids = role == ROLE_USER ? log->user_ids : log->item_ids};
        judge_number(&c);
        judge_missing(&c);
        status = judge_blanks(&c, error);
    }
    return status;
}

/* ---- ratings */

static bool same(float a, float b)
{
    return a <= b && a >= b;
}

/* Whether a filter looks at ratings, which then are used. */
static bool is_filtered(const tamis_log *log, const tamis_log_options *options)
{
    log_filters filters;
    bool found = false;
    if (log_filters_read(&filters, options, NULL)) return false;
    for (int k = 0; k < filters.count; k++) {
        const char *column = filters.filter[k].question.column;
        found |= strcmp(column, log->summary.column[ROLE_RATING]) == 0 || strcmp(column, "rating") == 0;
    }
    return found;
}

/* Whether ratings could be numbers of times: whole ones from 1 on, of which some are larger than ratings are. */
static bool are_counts(const tamis_log *log)
{
    enum { MOST_RATING = 20 };
    float largest = 0;
    for (int64_t k = 0; k < log->matrix->nnz; k++) {
        const float r = log->rating[k];
        if (isnan(r)) continue;
        if (!(r >= 1) || r > floorf(r)) return false;
        largest = r > largest ? r : largest;
    }
    return largest > MOST_RATING && largest < 1e9f;
}

void log_judge_ratings(tamis_log *log, const tamis_log_options *options, bool doubtful)
{
    const int64_t n = log->matrix->nnz;
    const char *name = log->summary.column[ROLE_RATING];
    float one = (float)NAN, two = (float)NAN;
    int64_t ones = 0, twos = 0, k = 0;
    char column[80] = "";
    if (is_filtered(log, options) || (*name && strcmp(name, log->summary.weight_column) == 0)) return;
    if (!log->summary.ratings_differ || doubtful || options->relevance || options->min_rating > -(double)INFINITY ||
        !isnan(options->dislike_below))
        return;
    if (*name && !log->summary.weighted && are_counts(log)) log_note_counts(&log->summary, name);
    if (*name) snprintf(column, sizeof column, " (column %s)", name);
    for (; k < n; k++) { /* as long as there are two values at most */
        const float r = log->rating[k];
        if (isnan(r)) continue;
        if (isnan(one) || same(r, one)) {
            one = r;
            ones++;
        } else if (isnan(two) || same(r, two)) {
            two = r;
            twos++;
        } else {
            break;
        }
    }
    const float low = one < two ? one : two, high = one < two ? two : one;
    const int64_t lows = one < two ? ones : twos;
    if (k < n)
        log_note(&log->summary, TAMIS_NOTE_RATING, false, 0,
                 "ratings%s are not used: every row counts as a positive; --min-rating X keeps rows rated X and above", column);
    else
        log_note(&log->summary, TAMIS_NOTE_RATING, false, lows,
                 "ratings%s are not used: every row counts as a positive, also %" PRId64 " with %g; --min-rating %g keeps those with %g",
                 column, lows, (double)low, (double)high, (double)high);
}
