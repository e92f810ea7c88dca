/* CSV through libcsv: fields arrive one by one, a row is taken when it ends. What needs no libcsv takes a faster way, see
 * rounds.c.
 *
 * libcsv runs in strict mode, which stops at a stray quote: inside an unquoted field it is kept as it stands (5" disk),
 * after a quoted field it is an error, because the parser would go on into the next rows. Line numbers are those of the
 * row's first line. */
#include <float.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "data/csv.h"

enum { OPTIONS = CSV_REPALL_NL | CSV_APPEND_NULL | CSV_STRICT_FINI, PEEK = 4096 };

/* Nothing is trimmed: ids are kept byte for byte. */
static int no_space(unsigned char c)
{
    (void)c;
    return 0;
}

static tamis_status too_long(const log_reader *reader, int64_t line, int64_t column)
{
    return base_fail(reader->error, TAMIS_DATA,
                     "%s:%" PRId64 ":%" PRId64 ": the row does not end within 1 MiB; expected a "
                     "CSV file with one interaction a line (is a quote left open?)",
                     reader->source.name, line, column);
}

static void keep_text(csv_log *csv, int role, const char *bytes, size_t count)
{
    if (count > csv->capacity[role] && !base_grow(&csv->text[role], &csv->capacity[role], count, 1)) {
        csv->status = base_no_memory(csv->reader->error, "an id", count, 1);
        return;
    }
    if (count) memcpy(csv->text[role], bytes, count);
    csv->length[role] = count;
}

static void keep_number(csv_log *csv, int role, const char *bytes, size_t count)
{
    int k = role - ROLE_RATING;
    csv->good[k] = role == ROLE_TIME ? log_parse_time(bytes, count, &csv->value[k])
                                     : log_parse_real(bytes, count, &csv->value[k]) &&
                                           !(csv->value[k] > (double)FLT_MAX) && !(csv->value[k] < -(double)FLT_MAX);
    if (!csv->good[k]) base_quote(csv->shown[k], sizeof csv->shown[k], bytes, count);
}

static void on_field(void *bytes, size_t count, void *context)
{
    csv_log *csv = context;
    const int64_t *at = csv->columns.at;
    if (csv->status) return;
    csv->row_bytes += count + 1;
    if (csv->row_bytes > LOG_ROW_LIMIT) {
        csv->status = too_long(csv->reader, csv->line, csv->field + 1);
        return;
    }
    int64_t column = csv->field++;
    if (csv->quotes) csv->row_lines += source_line_ends(bytes, count);
    if (column > csv->last) return;
    if (column == at[ROLE_USER])
        keep_text(csv, ROLE_USER, bytes, count);
    else if (column == at[ROLE_ITEM])
        keep_text(csv, ROLE_ITEM, bytes, count);
    else if (column == at[ROLE_RATING])
        keep_number(csv, ROLE_RATING, bytes, count);
    else if (column == at[ROLE_TIME])
        keep_number(csv, ROLE_TIME, bytes, count);
}

static void find_last(csv_log *csv)
{
    csv->last = 0;
    for (int role = 0; role < ROLES; role++)
        if (csv->columns.at[role] > csv->last) csv->last = csv->columns.at[role];
}

/* Ratings or times that nobody asked for by name and that are not all there: the log does without. */
static void give_up(csv_log *csv, int role)
{
    log_reader *reader = csv->reader;
    const int64_t column = csv->columns.at[role];
    const char *name = reader->source.name;
    if (role == ROLE_RATING)
        rows_drop_rating(&reader->builder->rows);
    else if (column >= csv->field || !csv->shown[1][0])
        log_without_times(reader, "%s:%" PRId64 ":%" PRId64 ": the time is missing", name, csv->line, column + 1);
    else
        log_without_times(reader, "%s:%" PRId64 ":%" PRId64 ": time \"%s\" is neither a number nor a date", name,
                          csv->line, column + 1, csv->shown[1]);
    csv->columns.at[role] = -1;
    find_last(csv);
}

static tamis_status bad_row(csv_log *csv, int role)
{
    const int64_t column = csv->columns.at[role];
    const tamis_log_options *options = csv->reader->options;
    const char *what = log_role_name(options, role);
    if (column >= csv->field)
        return log_bad_row(csv->reader, csv->line, column + 1,
                           "the row has %" PRId64 " column%s, but the %s's is column %" PRId64, csv->field,
                           csv->field == 1 ? "" : "s", what, column + 1);
    if (role <= ROLE_ITEM)
        return log_bad_row(csv->reader, csv->line, column + 1, "the %s id is empty; expected a name or number", what);
    if (role == ROLE_RATING)
        return log_bad_row(csv->reader, csv->line, column + 1,
                           LOG_BAD_RATING, what, csv->shown[0], log_rating_example(options));
    return log_bad_row(csv->reader, csv->line, column + 1,
                       "time \"%s\" is neither a number nor a date; expected one such as "
                       "1287532527 or 2010-10-19T23:55:27Z",
                       csv->shown[1]);
}

static tamis_status stray_quote(csv_log *csv)
{
    return log_bad_row(csv->reader, csv->line, csv->stray,
                       "text follows the quote that ends a field; expected "
                       "quotes inside a quoted field to be doubled");
}

static tamis_status take_row(csv_log *csv)
{
    log_reader *reader = csv->reader;
    const log_columns *columns = &csv->columns;
    if (csv->stray) return stray_quote(csv);
    for (int role = 0; role < ROLES; role++) {
        bool there = columns->at[role] < csv->field;
        if (columns->at[role] < 0 ||
            (there && (role <= ROLE_ITEM ? csv->length[role] > 0 : csv->good[role - ROLE_RATING])))
            continue;
        if (columns->required[role]) return bad_row(csv, role);
        give_up(csv, role);
    }
    if (columns->at[ROLE_RATING] >= 0 && log_below(reader, csv->value[0])) return TAMIS_OK;
    return log_builder_add(reader->builder, csv->text[0], csv->length[0], csv->text[1], csv->length[1], csv->value[0],
                           csv->value[1], reader->error);
}

/* libcsv reports every line end outside of quotes, so CR LF as two, the second without a field. */
static void on_row(int end, void *context)
{
    csv_log *csv = context;
    if (csv->status) return;
    if (csv->field) {
        if (csv->last >= 0)
            csv->status = take_row(csv);
        else
            find_last(csv);
        csv->line += 1 + csv->row_lines;
    } else if (end != '\n' || csv->row_end != '\r') {
        csv->line++;
    }
    csv->field = csv->row_lines = csv->stray = 0;
    csv->row_bytes = 0;
    csv->row_end = end;
}

/* Parses bytes; strict mode stops before a quote that is neither opening, closing nor doubled. */
static tamis_status feed(csv_log *csv, const char *bytes, size_t count)
{
    struct csv_parser *parser = &csv->parser;
    while (!csv->status) {
        size_t done = csv_parse(parser, bytes, count, on_field, on_row, csv);
        if (csv->status || done == count) break;
        if (csv_error(parser) != CSV_EPARSE)
            return base_no_memory(csv->reader->error, "a field", parser->entry_size, 1);
        if (parser->quoted) {
            if (!csv->stray) csv->stray = csv->field + 1;
            if (csv->reader->options->on_error == TAMIS_ON_ERROR_STOP) return stray_quote(csv);
            parser->quoted = 0; /* so that the bad row ends with the line */
        }
        csv_set_opts(parser, OPTIONS);
        csv_parse(parser, bytes + done, 1, on_field, on_row, csv);
        csv_set_opts(parser, OPTIONS | CSV_STRICT);
        bytes += done + 1;
        count -= done + 1;
    }
    return csv->status;
}

/* libcsv asks its space function about every byte, and without one it trims. Where no blank stands, neither matters. */
static void prepare(csv_log *csv, const char *bytes, size_t count)
{
    char delimiter = (char)csv_get_delim(&csv->parser);
    bool blanks = (delimiter != ' ' && memchr(bytes, ' ', count)) || (delimiter != '\t' && memchr(bytes, '\t', count));
    bool quotes = memchr(bytes, '"', count) != NULL;
    csv_set_space_func(&csv->parser, blanks ? no_space : NULL);
    /* a quoted field that holds line ends may be closed by the last byte of one window and given in the next */
    csv->quotes = quotes || csv->quotes_before;
    csv->quotes_before = quotes;
}

static tamis_status finish(csv_log *csv)
{
    struct csv_parser *parser = &csv->parser;
    log_reader *reader = csv->reader;
    if (reader->source.nul)
        return source_fail_nul(&reader->source, csv->line + csv->row_lines, csv->field + 1, reader->error);
    if (csv_fini(parser, on_field, on_row, csv) != 0)
        return base_fail(reader->error, TAMIS_DATA,
                         "%s:%" PRId64 ":%" PRId64 ": a quote is opened here and never closed", reader->source.name,
                         csv->line + csv->row_lines, csv->field + 1);
    return csv->status;
}

tamis_status csv_feed(csv_log *csv, const char *bytes, size_t count)
{
    prepare(csv, bytes, count);
    tamis_status status = feed(csv, bytes, count);
    if (!status && csv->row_bytes + csv->parser.entry_pos > LOG_ROW_LIMIT)
        status = too_long(csv->reader, csv->line, csv->field + 1);
    return status;
}

/* ---- the first two rows, read ahead to find the columns */

typedef struct peek {
    log_row row[2];
    int at;
    bool failed;
} peek;

static void on_peek_field(void *bytes, size_t count, void *context)
{
    peek *p = context;
    log_row *row = &p->row[p->at];
    if (row->complete || p->failed) return;
    size_t used = row->count ? row->end[row->count - 1] + 1 : 0;
    if (!base_grow(&row->text, &row->text_capacity, used + count + 1, 1) ||
        !base_grow(&row->end, &row->end_capacity, row->count + 1, sizeof *row->end)) {
        p->failed = true;
        return;
    }
    memcpy(row->text + used, bytes, count);
    row->text[used + count] = '\0';
    row->end[row->count++] = used + count;
}

static void on_peek_row(int end, void *context)
{
    peek *p = context;
    (void)end;
    if (p->row[p->at].count == 0) return;
    p->row[p->at].complete = true;
    if (p->at == 0) p->at = 1;
}

/* all: the file ends with these bytes, perhaps without a line end. */
static void peek_rows(peek *p, char delimiter, const char *bytes, size_t count, bool all)
{
    struct csv_parser parser;
    csv_init(&parser, CSV_APPEND_NULL);
    csv_set_delim(&parser, (unsigned char)delimiter);
    csv_set_space_func(&parser, no_space);
    csv_set_blk_size(&parser, PEEK);
    for (size_t at = 0; at < count && !p->row[1].complete && !p->failed; at += PEEK) {
        size_t part = count - at < PEEK ? count - at : PEEK;
        if (csv_parse(&parser, bytes + at, part, on_peek_field, on_peek_row, p) != part) p->failed = true;
    }
    csv_set_opts(&parser, CSV_APPEND_NULL | CSV_STRICT | CSV_STRICT_FINI);
    if (all && !p->failed) (void)csv_fini(&parser, on_peek_field, on_peek_row, p); /* an open quote: no row */
    csv_free(&parser);
}

/* Leaves the columns alone when there is no first row, or one with a quote left open, which reading on will tell. */
static tamis_status find_columns(log_reader *reader, const char *bytes, size_t count, char *delimiter,
                                 log_columns *columns)
{
    const log_source *source = &reader->source;
    size_t start = 0;
    while (start < count && (bytes[start] == '\n' || bytes[start] == '\r'))
        start++;
    int64_t line = 1 + source_line_ends(bytes, start);
    if (source->nul && !memchr(bytes + start, '\n', count - start))
        return source_fail_nul(source, line, 1, reader->error);
    tamis_status status = log_delimiter(reader, bytes + start, count - start, line, delimiter);
    if (status || start == count) return status;
    peek p = {.at = 0};
    peek_rows(&p, *delimiter, bytes + start, count - start, source->ended && !source->nul);
    if (p.failed)
        status = base_no_memory(reader->error, "the first row", count, 1);
    else if (p.row[0].complete)
        status = log_columns_find(reader, &p.row[0], &p.row[1], line, columns);
    else if (!source->ended)
        status = too_long(reader, line, 1);
    for (int k = 0; k < 2; k++) {
        free(p.row[k].text);
        free(p.row[k].end);
    }
    return status;
}

/* Reads on with the columns known. */
static tamis_status read_body(log_reader *reader, char delimiter, const log_columns *columns)
{
    csv_log csv = {.reader = reader, .columns = *columns, .line = 1, .last = -1};
    log_builder *builder = reader->builder;
    csv_init(&csv.parser, OPTIONS | CSV_STRICT);
    csv_set_delim(&csv.parser, (unsigned char)delimiter);
    csv_set_blk_size(&csv.parser, PEEK);
    if (columns->at[ROLE_RATING] < 0) rows_drop_rating(&builder->rows);
    if (columns->at[ROLE_TIME] < 0)
        log_without_times(reader, "%s: no column is known to hold times", reader->source.name);
    if (!builder->rows.has_rating && !columns->required[ROLE_RATING]) csv.columns.at[ROLE_RATING] = -1;
    if (!builder->rows.has_time && !columns->required[ROLE_TIME]) csv.columns.at[ROLE_TIME] = -1;
    if (!columns->header) find_last(&csv);
    tamis_status status = csv_read_rounds(&csv);
    if (!status) status = finish(&csv);
    csv_free(&csv.parser);
    free(csv.text[0]);
    free(csv.text[1]);
    return status;
}

tamis_status log_read_csv(log_reader *reader)
{
    char *bytes, delimiter = ',';
    size_t count;
    log_columns columns = {.at = {0, 1, -1, -1}, .required = {true, true, false, false}};
    tamis_status status = source_peek(&reader->source, &bytes, &count, reader->error);
    if (!status) status = find_columns(reader, bytes, count, &delimiter, &columns);
    return status ? status : read_body(reader, delimiter, &columns);
}
