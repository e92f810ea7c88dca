/* CSV in its full form, quoted fields that span lines included, is cut by libcsv: what --quotes csv reads, and small tables.
 *
 * libcsv is given a line at a time, so that it stops between rows, and runs in strict mode, which stops at a quote that is
 * neither opening, closing nor doubled: inside an unquoted field it stands for itself (5" disk), behind a quoted one it is a
 * fault. A row with a fault ends with the line on which the field at fault begins. */
#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/row.h"
#include "tamis.h"

enum { OPTIONS = CSV_REPALL_NL | CSV_STRICT_FINI };

/* Nothing is trimmed: fields are kept byte for byte. */
static int no_space(unsigned char c)
{
    (void)c;
    return 0;
}

/* The row while libcsv cuts it. Fields lie one after the other in row->text; their places are set when it is whole. */
typedef struct cutting {
    csv_row *row;
    size_t used;
    bool ended, failed;
} cutting;

static void on_field(void *bytes, size_t count, void *context)
{
    cutting *c = context;
    csv_row *row = c->row;
    if (c->ended || c->failed) return;
    if (!base_grow(&row->text, &row->text_capacity, c->used + count + 1, 1) ||
        !base_grow(&row->field, &row->capacity, row->count + 1, sizeof *row->field)) {
        c->failed = true;
        return;
    }
    if (count) memcpy(row->text + c->used, bytes, count);
    row->field[row->count++] = (csv_field){NULL, count, false};
    c->used += count;
}

static void on_row(int end, void *context)
{
    cutting *c = context;
    (void)end;
    c->ended = true;
}

static void place_fields(csv_row *row)
{
    const char *at = row->text;
    for (size_t k = 0; k < row->count; at += row->field[k++].length) row->field[k].text = at;
}

/* Behind the line that begins at `at`: its LF, CR LF or CR. NULL: whether it ends here cannot be told. */
static const char *line_behind(const char *at, const char *end, bool whole)
{
    const char *lf = memchr(at, '\n', (size_t)(end - at)), *cr = memchr(at, '\r', (size_t)((lf ? lf : end) - at));
    if (cr && cr + 1 == end) return whole ? end : NULL;
    if (cr) return cr + 1 + (cr[1] == '\n');
    return lf ? lf + 1 : whole ? end : NULL;
}

/* Gives libcsv a line. False: it is at fault, or memory ended. */
static bool feed(struct csv_parser *parser, cutting *c, const char *at, const char *end)
{
    while (at < end) {
        at += csv_parse(parser, at, (size_t)(end - at), on_field, on_row, c);
        if (at == end || c->failed) break;
        if (csv_error(parser) != CSV_EPARSE) {
            c->failed = true;
            break;
        }
        if (parser->quoted) return false; /* csv.h has no function that tells */
        csv_set_opts(parser, OPTIONS); /* a quote inside an unquoted field */
        if (csv_parse(parser, at++, 1, on_field, on_row, c) != 1) c->failed = true;
        csv_set_opts(parser, OPTIONS | CSV_STRICT);
    }
    return !c->failed;
}

static csv_outcome cut_full(const csv_rules *rules, const char *at, const char *end, bool whole, csv_row *row)
{
    struct csv_parser parser;
    cutting c = {.row = row};
    const char *const begin = at, *line_end = NULL, *first_end = NULL; /* first_end: of the line where the last field begins */
    int64_t first_lines = 0;
    csv_fault fault = CSV_SOUND;
    *row = (csv_row){.field = row->field, .capacity = row->capacity, .text = row->text, .text_capacity = row->text_capacity};
    csv_init(&parser, OPTIONS | CSV_STRICT);
    csv_set_delim(&parser, (unsigned char)rules->delimiter);
    csv_set_space_func(&parser, no_space);
    for (;; at = line_end) {
        const size_t before = row->count;
        line_end = at == end ? NULL : line_behind(at, end, whole);
        if (row->lines && (at - begin > LOG_ROW_LIMIT || (!line_end && end - begin > LOG_ROW_LIMIT))) fault = CSV_OPEN;
        if (fault || !line_end) break;
        row->lines++;
        const bool sound = feed(&parser, &c, at, line_end);
        if (sound && !c.ended && line_end == end && whole) { /* the last line has no end */
            if (csv_fini(&parser, on_field, on_row, &c) == 0) c.ended = true;
            else fault = CSV_OPEN;
        }
        if (!sound && !c.failed) fault = CSV_STRAY;
        if (!first_end || row->count > before) {
            first_end = line_end;
            first_lines = row->lines;
        }
        if (c.ended || c.failed || fault) break;
    }
    csv_free(&parser);
    if (c.failed) return CSV_NO_MEMORY;
    if (!c.ended && !fault) return CSV_MORE;
    row->fault = fault;
    row->next = fault ? first_end : line_end;
    if (fault) row->lines = first_lines;
    place_fields(row);
    return CSV_ROW;
}

csv_outcome csv_cut_row(const csv_rules *rules, const char *at, const char *end, bool whole, csv_row *row)
{
    return (rules->quotes == TAMIS_QUOTES_CSV ? cut_full : csv_cut_line)(rules, at, end, whole, row);
}
