/* JSON lines: each line an object, whose names are the columns. The columns are all names of the first lines, up to SAMPLE_ROWS of
 * them; then each object is put into the order of these and goes the way of a row of CSV (csv_rows.c). A name that a line lacks, and
 * null, are an empty field; names that come up later are passed over. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_line.h"
#include "base/memory.h"
#include "base/status.h"
#include "data/csv_rows.h"
#include "data/format.h"
#include "data/judge.h"

typedef struct json_log {
    csv_log csv;
    log_row names;
    json_member *cell; /* of the object in hand, for each name */
    size_t cells, next; /* next: the name that is expected */
    json_line line;
    csv_text carry; /* a line that windows share */
    csv_text sample; /* the first lines, as CSV */
    char late[80];   /* the first name that came up too late to be a column; "": none */
} json_log;

static tamis_status no_memory(const json_log *j)
{
    return base_no_memory(j->csv.reader->error, "a line", j->carry.length, 1);
}

/* ---- an object */

static bool append(csv_text *to, const char *bytes, size_t count)
{
    if (!base_grow(&to->bytes, &to->capacity, to->length + count, 1)) return false;
    memcpy(to->bytes + to->length, bytes, count);
    to->length += count;
    return true;
}

static bool add_name(log_row *names, const char *name)
{
    const size_t used = names->count ? names->end[names->count - 1] + 1 : 0, length = strlen(name);
    if (!base_grow(&names->text, &names->text_capacity, used + length + 1, 1) ||
        !base_grow(&names->end, &names->end_capacity, names->count + 1, sizeof *names->end))
        return false;
    memcpy(names->text + used, name, length + 1);
    names->end[names->count++] = used + length;
    return true;
}

/* Most objects have their names in one order. names.count: there is none. */
static size_t find_name(json_log *j, const char *name)
{
    size_t length;
    if (j->next < j->names.count && strcmp(log_row_field(&j->names, j->next, &length), name) == 0) return j->next++;
    for (size_t k = 0; k < j->names.count; k++)
        if (strcmp(log_row_field(&j->names, k, &length), name) == 0) return j->next = k + 1, k;
    return j->names.count;
}

/* The members of the object in hand, in the order of the names. */
static void fill_cells(json_log *j)
{
    json_member member;
    for (size_t k = 0; k < j->names.count; k++) j->cell[k] = (json_member){.kind = JSON_LINE_NULL, .text = ""};
    for (j->next = 0; json_line_next(&j->line, &member);) {
        const size_t k = find_name(j, member.name);
        if (k == j->names.count) {
            if (!*j->late) base_quote(j->late, sizeof j->late, member.name, strlen(member.name));
            continue;
        }
        j->cell[k] = member;
        if (member.text == member.number) j->cell[k].text = j->cell[k].number;
    }
}

/* ---- the first lines */

static bool is_blank(const char *bytes, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (bytes[k] != ' ' && bytes[k] != '\t' && bytes[k] != '\r') return false;
    return true;
}

/* As CSV, every field in quotes. */
static bool append_field(csv_text *to, const char *text, size_t length, bool last)
{
    bool done = append(to, "\"", 1);
    for (size_t k = 0; k < length && done; k++) done = append(to, text + k, 1) && (text[k] != '"' || append(to, "\"", 1));
    return done && append(to, last ? "\"\n" : "\",", 2);
}

/* The next line of bytes that is not blank; *at moves behind it. False: there is no whole one. */
static bool next_line(const char *bytes, size_t count, bool whole, size_t *at, size_t *length)
{
    for (; *at < count; *at += *length + 1) {
        const char *end = memchr(bytes + *at, '\n', count - *at);
        if (!end && !whole) return false;
        *length = end ? (size_t)(end - bytes) - *at : count - *at;
        if (!is_blank(bytes + *at, *length)) return true;
    }
    return false;
}

static bool take_names(json_log *j)
{
    json_member member;
    bool done = true;
    while (done && json_line_next(&j->line, &member))
        if (find_name(j, member.name) == j->names.count) done = add_name(&j->names, member.name);
    return done;
}

static bool take_sample(json_log *j)
{
    bool done = true;
    fill_cells(j);
    for (size_t k = 0; k < j->names.count && done; k++)
        done = append_field(&j->sample, j->cell[k].text, j->cell[k].length, k + 1 == j->names.count);
    return done;
}

/* Calls for the first lines that are objects. False: memory. */
static bool each_of_first(json_log *j, const char *bytes, size_t count, bool whole, bool (*call)(json_log *))
{
    size_t length, seen = 0;
    bool done = true;
    for (size_t at = 0; done && seen < SAMPLE_ROWS && next_line(bytes, count, whole, &at, &length); at += length + 1, seen++) {
        if (json_line_open(&j->line, bytes + at, length)) done = call(j);
        json_line_close(&j->line);
    }
    return done;
}

/* The sentence where none of the first lines is an object; nothing where all are blank. */
static tamis_status fail_first(json_log *j, const char *bytes, size_t count, bool whole)
{
    const log_source *source = &j->csv.reader->source;
    size_t at = 0, length;
    if (source->nul) return source_fail_nul(source, 1, 1, j->csv.reader->error);
    if (!next_line(bytes, count, whole, &at, &length)) return whole ? TAMIS_OK : csv_too_long(&j->csv);
    if (json_line_open(&j->line, bytes + at, length))
        return base_fail(j->csv.reader->error, TAMIS_DATA, "%s:%" PRId64 ": the objects of the first lines have no names; expected some such as "
                         "{\"user\": \"u1\", \"item\": 17}", source->name, 1 + source_line_ends(bytes, at));
    return base_fail(j->csv.reader->error, TAMIS_DATA, "%s:%" PRId64 ":%d: the line is no JSON object (%s), nor are those behind it; expected one "
                     "such as {\"user\": \"u1\", \"item\": 17}", source->name, 1 + source_line_ends(bytes, at), j->line.column, j->line.wrong);
}

static tamis_status find_columns(json_log *j, const char *bytes, size_t count)
{
    csv_log *csv = &j->csv;
    log_reader *reader = csv->reader;
    log_row second = {.complete = false};
    log_sample sample;
    size_t length;
    const bool whole = reader->source.ended && !reader->source.nul;
    if (!each_of_first(j, bytes, count, whole, take_names)) return no_memory(j);
    if (!j->names.count) return fail_first(j, bytes, count, whole);
    j->names.complete = true;
    if (!base_grow(&j->cell, &j->cells, j->names.count, sizeof *j->cell) ||
        !base_grow(&csv->row.field, &csv->row.capacity, j->names.count, sizeof *csv->row.field))
        return no_memory(j);
    tamis_status status = log_columns_find(reader, &j->names, &second, 1, &csv->columns);
    if (status) return status;
    csv->rules = (csv_rules){.delimiter = ',', .quotes = TAMIS_QUOTES_CSV, .columns = j->names.count};
    bool done = true;
    for (size_t k = 0; k < j->names.count && done; k++) {
        const char *name = log_row_field(&j->names, k, &length);
        done = append_field(&j->sample, name, length, k + 1 == j->names.count);
    }
    if (!done || !each_of_first(j, bytes, count, whole, take_sample) ||
        !log_sample_take(&csv->rules, j->sample.bytes, j->sample.length, true, true, &sample))
        return no_memory(j);
    log_judge_columns(reader, &csv->columns, &j->names, &sample);
    return TAMIS_OK;
}

/* ---- all lines */

static bool looks_at(const json_log *j, int64_t column)
{
    const log_columns *c = &j->csv.columns;
    bool looks = column == c->weight || column == c->dislike;
    for (int role = 0; role < ROLES; role++) looks |= c->at[role] == column;
    for (int k = 0; k < j->csv.reader->filters->count; k++) looks |= c->filter[k] == column;
    return looks;
}

static tamis_status take_object(json_log *j)
{
    csv_log *csv = &j->csv;
    char name[100];
    size_t length;
    fill_cells(j);
    for (size_t k = 0; k < j->names.count; k++) {
        const json_member *cell = &j->cell[k];
        csv->row.field[k] = (csv_field){.text = cell->text, .length = cell->length};
        if ((cell->kind != JSON_LINE_OBJECT && cell->kind != JSON_LINE_ARRAY) || !looks_at(j, (int64_t)k)) continue;
        const char *text = log_row_field(&j->names, k, &length);
        return log_bad_row(csv->reader, csv->line, (int64_t)k + 1, "\"%s\" holds %s; expected text or a number, which jq takes out of it, as in: "
                           "jq -c '{user: .user.id, item: .item}' FILE | tamis ... -", base_quote(name, sizeof name, text, length),
                           cell->kind == JSON_LINE_OBJECT ? "an object" : "an array");
    }
    csv->row.count = j->names.count;
    csv->row.lines = 1;
    return csv_use_row(csv);
}

static tamis_status take_line(json_log *j, const char *bytes, size_t count)
{
    csv_log *csv = &j->csv;
    tamis_status status = TAMIS_OK;
    if (is_blank(bytes, count))
        csv->reader->builder->summary.empty++;
    else if (!json_line_open(&j->line, bytes, count))
        status = log_bad_row(csv->reader, csv->line, j->line.column, "the line is no JSON object: %s", j->line.wrong);
    else
        status = take_object(j);
    json_line_close(&j->line);
    csv->line++;
    return status;
}

static tamis_status carry_on(json_log *j, const char *bytes, size_t count)
{
    if (j->carry.length + count > LOG_ROW_LIMIT) return csv_too_long(&j->csv);
    return append(&j->carry, bytes, count) ? TAMIS_OK : no_memory(j);
}

static tamis_status take_window(json_log *j, const char *bytes, size_t count)
{
    tamis_status status = TAMIS_OK;
    for (const char *end; !status && (end = memchr(bytes, '\n', count)); count -= (size_t)(end + 1 - bytes), bytes = end + 1) {
        if (!j->carry.length) {
            status = take_line(j, bytes, (size_t)(end - bytes));
            continue;
        }
        status = carry_on(j, bytes, (size_t)(end - bytes));
        if (!status) status = take_line(j, j->carry.bytes, j->carry.length);
        j->carry.length = 0;
    }
    return status || !count ? status : carry_on(j, bytes, count);
}

static tamis_status read_lines(json_log *j)
{
    log_reader *reader = j->csv.reader;
    char *bytes;
    size_t count;
    tamis_status status = csv_begin_rows(&j->csv);
    while (!status && !(status = source_next(&reader->source, &bytes, &count, reader->error)) && count)
        status = take_window(j, bytes, count);
    if (*j->late)
        log_note(&reader->builder->summary, TAMIS_NOTE_COLUMN, false, 0, "%s: names that come up after the first %d lines, such as \"%s\", "
                 "are passed over", reader->source.name, SAMPLE_ROWS, j->late);
    if (!status && reader->source.nul) return source_fail_nul(&reader->source, j->csv.line, 1, reader->error);
    return status || !j->carry.length ? status : take_line(j, j->carry.bytes, j->carry.length);
}

/* Options that say how CSV is read. */
static tamis_status refuse_options(const log_reader *reader)
{
    const tamis_log_options *o = reader->options;
    const char *given = o->header == TAMIS_HEADER_NO ? "--no-header" : o->delimiter ? "--delimiter" : o->quotes != TAMIS_QUOTES_AUTO ? "--quotes" : NULL;
    if (!given || o->beside) return TAMIS_OK;
    return base_fail(reader->error, TAMIS_USAGE, "%s: %s is about CSV, and this is JSON, an object a line; leave it out", reader->source.name, given);
}

static tamis_status read_jsonl(log_reader *reader)
{
    json_log j = {.csv = CSV_LOG_NEW(reader)};
    char *bytes;
    size_t count;
    reader->fitted = *reader->options;
    reader->fitted.header = TAMIS_HEADER_YES;
    tamis_status status = refuse_options(reader);
    reader->options = &reader->fitted;
    if (!status) status = source_peek(&reader->source, &bytes, &count, reader->error);
    if (!status) status = find_columns(&j, bytes, count);
    if (!status && j.names.count) status = read_lines(&j);
    json_line_close(&j.line);
    csv_log_clear(&j.csv);
    free(j.cell);
    free(j.names.text);
    free(j.names.end);
    free(j.carry.bytes);
    free(j.sample.bytes);
    return status;
}

static bool is_jsonl(const char *bytes, size_t count)
{
    return json_line_begins(bytes, count);
}

const log_format log_format_jsonl = {
    .name = "jsonl",
    .recognise = is_jsonl,
    .read = read_jsonl,
    .columns = true,
    .if_empty = "expected an object a line, such as {\"user\": \"u1\", \"item\": 17}",
};
