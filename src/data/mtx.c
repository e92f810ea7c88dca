/* MatrixMarket: a banner, comments, "rows columns entries", then one "row column [value]" a line, counted from 1.
 * Source: Boisvert, Pozo, Remington, "The Matrix Market exchange formats: initial design", NISTIR 5935, 1996. */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/locale.h"
#include "base/number.h"
#include "base/source.h"
#include "base/status.h"
#include "base/text.h"
#include "data/beside.h"
#include "data/format.h"

static const char banner[] = "%%MatrixMarket";

static bool is_mtx(const char *bytes, size_t count)
{
    size_t k = 0;
    while (k < count && k < sizeof banner - 1 && base_lower(bytes[k]) == base_lower(banner[k]))
        k++;
    return k == sizeof banner - 1;
}

typedef struct mtx_log {
    log_reader *reader;
    log_words words;
    bool pattern;
    int64_t size[3]; /* rows, columns, entries */
    int64_t entries; /* so far */
} mtx_log;

enum { LINE_WORDS = 8, LINE_WORD_LENGTH = 64 };

typedef struct mtx_line {
    char text[LINE_WORDS][LINE_WORD_LENGTH + 1];
    int count; /* may exceed LINE_WORDS */
    int64_t line;
} mtx_line;

static tamis_status fail(const mtx_log *mtx, int64_t line, int64_t field, const char *expected)
{
    return base_fail(mtx->reader->error, TAMIS_DATA, "%s:%" PRId64 ":%" PRId64 ": expected %s",
                     mtx->reader->source.name, line, field, expected);
}

/* The next line with words that is no comment; count = 0: the end. A longer word is cut: no number is so long. */
static tamis_status next_line(mtx_log *mtx, mtx_line *line, bool comments)
{
    bool comment = false;
    word_kind kind;
    line->count = 0;
    while ((kind = words_next(&mtx->words, mtx->reader->error)) != WORD_END) {
        if (kind == WORD_FAILED) return mtx->words.status;
        line->line = mtx->words.line;
        if (kind == WORD_LINE_END) {
            if (line->count) return TAMIS_OK;
            comment = false;
            continue;
        }
        if (comments && line->count == 0 && mtx->words.word[0] == '%') comment = true;
        if (comment) continue;
        if (line->count < LINE_WORDS)
            snprintf(line->text[line->count], LINE_WORD_LENGTH + 1, "%.*s", LINE_WORD_LENGTH, mtx->words.word);
        line->count++;
    }
    return TAMIS_OK;
}

static tamis_status read_head(mtx_log *mtx)
{
    mtx_line line;
    tamis_status status = next_line(mtx, &line, false);
    if (status) return status;
    if (line.count != 5 || !base_same_word(line.text[0], banner) || !base_same_word(line.text[1], "matrix") ||
        !base_same_word(line.text[2], "coordinate"))
        return fail(mtx, 1, 1, "a sparse matrix: %%MatrixMarket matrix coordinate real|integer|pattern general");
    mtx->pattern = base_same_word(line.text[3], "pattern");
    if (!mtx->pattern && !base_same_word(line.text[3], "real") && !base_same_word(line.text[3], "integer"))
        return fail(mtx, 1, 4, "real, integer or pattern entries; others say nothing about preference");
    if (!base_same_word(line.text[4], "general"))
        return fail(mtx, 1, 5,
                    "a general matrix, since users and items are not the same; write the matrix out in full");
    status = next_line(mtx, &line, true);
    if (status) return status;
    for (int k = 0; k < 3; k++)
        if (line.count != 3 || !base_parse_integer(line.text[k], &mtx->size[k]) || mtx->size[k] < 0)
            return fail(mtx, line.line, line.count == 3 ? k + 1 : 1, "the line of three sizes: users, items, entries");
    return TAMIS_OK;
}

/* An index and its decimal form without leading zeros or sign. */
static bool read_index(const char *text, int64_t size, char *id)
{
    int64_t index;
    if (!base_parse_integer(text, &index) || index < 1 || index > size) return false;
    snprintf(id, LINE_WORD_LENGTH, "%" PRId64, index);
    return true;
}

static tamis_status take_entry(mtx_log *mtx, const mtx_line *line)
{
    log_reader *reader = mtx->reader;
    char id[2][LINE_WORD_LENGTH], shown[280];
    double rating = (double)NAN, weight = 1;
    int expected = mtx->pattern ? 2 : 3;
    if (line->count != expected)
        return log_bad_row(reader, line->line, line->count < expected ? line->count + 1 : expected + 1,
                           "the entry has %d word%s; expected %s", line->count, line->count == 1 ? "" : "s",
                           mtx->pattern ? "two: row and column" : "three: row, column and value");
    for (int k = 0; k < 2; k++)
        if (!read_index(line->text[k], mtx->size[k], id[k]))
            return log_bad_row(reader, line->line, k + 1,
                               "the %s \"%s\" is not a whole number from 1 to %" PRId64 ", the size in the head",
                               k ? "column" : "row",
                               base_quote(shown, sizeof shown, line->text[k], strlen(line->text[k])), mtx->size[k]);
    if (!mtx->pattern && (!number_parse_real(line->text[2], strlen(line->text[2]), &rating) || rating > (double)FLT_MAX ||
                          rating < -(double)FLT_MAX))
        return log_bad_row(reader, line->line, 3, LOG_BAD_RATING, log_role_name(reader->options, ROLE_RATING),
                           base_quote(shown, sizeof shown, line->text[2], strlen(line->text[2])),
                           log_rating_example(reader->options));
    const bool disliked = rating < reader->weighing->dislike_below;
    if (!mtx->pattern && !disliked && log_below(reader, rating)) return TAMIS_OK;
    if (disliked) weight = 0;
    else if (reader->weighing->wanted && !log_weighing_parse(reader->weighing, line->text[2], strlen(line->text[2]), &weight))
        return log_bad_weight(reader, line->line, 3, line->text[2], strlen(line->text[2]));
    const log_entry entry = {.user = id[0], .item = id[1], .user_length = strlen(id[0]), .item_length = strlen(id[1]), .rating = rating,
                             .time = (double)NAN, .weight = weight};
    return log_builder_add(reader->builder, &entry, reader->error);
}

static tamis_status read_entries(mtx_log *mtx)
{
    mtx_line line;
    tamis_error *error = mtx->reader->error;
    const char *name = mtx->reader->source.name;
    for (;;) {
        tamis_status status = next_line(mtx, &line, true);
        if (status) return status;
        if (line.count == 0) break;
        if (mtx->entries++ == mtx->size[2])
            return base_fail(error, TAMIS_DATA,
                             "%s:%" PRId64 ":1: more entries than the %" PRId64 " that the head says", name, line.line,
                             mtx->size[2]);
        status = take_entry(mtx, &line);
        if (status) return status;
    }
    if (mtx->entries < mtx->size[2])
        return base_fail(error, TAMIS_DATA,
                         "%s: %" PRId64 " entries, but the head says %" PRId64 "; the file is truncated, "
                         "get it anew",
                         name, mtx->entries, mtx->size[2]);
    return TAMIS_OK;
}

/* Weights are made of the values, the one column beside row and column. */
static tamis_status check_weighing(const mtx_log *mtx)
{
    const log_reader *reader = mtx->reader;
    const char *column = reader->weighing->column;
    tamis_log_summary *summary = &reader->builder->summary;
    if (!isnan(reader->options->half_life))
        return base_fail(reader->error, TAMIS_DATA, "%s: --half-life needs times, but a MatrixMarket file has none", reader->source.name);
    if (reader->weighing->by_column)
        return base_fail(reader->error, TAMIS_DATA, "%s: --dislike looks at a column, of which this format has none; expected a CSV file, or "
                         "--dislike-below", reader->source.name);
    if ((reader->weighing->wanted || reader->weighing->disliking) && !rows_add_weight(&reader->builder->rows))
        return base_no_memory(reader->error, "weights", (size_t)reader->builder->rows.count, sizeof(float));
    if (!reader->weighing->wanted) return TAMIS_OK;
    if (mtx->pattern || reader->weighing->events || (strcmp(column, "3") != 0 && strcmp(column, "rating") != 0 && strcmp(column, "value") != 0))
        return base_fail(reader->error, TAMIS_DATA, "%s: %s%s%.60s: a %s matrix has %s; expected %s", reader->source.name,
                         reader->weighing->option, column ? " " : "", column ? column : "", mtx->pattern ? "pattern" : "MatrixMarket",
                         mtx->pattern ? "no values" : "one column beside row and column, value",
                         mtx->pattern || reader->weighing->events ? "a file with such a column" : "--weight value");
    if (!summary->weight_column[0]) snprintf(summary->weight_column, sizeof summary->weight_column, "value");
    return TAMIS_OK;
}

static tamis_status read_mtx(log_reader *reader)
{
    mtx_log mtx = {.reader = reader, .words = {.source = &reader->source}};
    tamis_status status = read_head(&mtx);
    if (!status) status = check_weighing(&mtx);
    log_note_lacking(reader, ROLE_TIME, "%s: a MatrixMarket file has no times", reader->source.name);
    if (!status) log_fit_rating(reader, !mtx.pattern);
    if (!status) status = mtx.pattern ? log_without_ratings(reader, "a pattern matrix") : log_have(reader, ROLE_RATING);
    if (!status) status = read_entries(&mtx);
    words_clear(&mtx.words);
    return status;
}

const log_format log_format_mtx = {.name = "mtx", .recognise = is_mtx, .read = read_mtx, .taken = "rows are users, columns items"};
