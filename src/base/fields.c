/* A row of CSV to fields.
 *
 * A field that begins with a quote is a quoted field when it closes: at a quote, doubled ones passed over, with a
 * delimiter or a line end behind it. It has to close on its own line (an artist "heroes or a 12" single would else swallow
 * the rows up to the next quote), or, with TAMIS_QUOTES_CSV, within LOG_ROW_LIMIT: see base/row.c. When it does not, the quote is a
 * character like others in tab-separated files, which rarely quote anything, and elsewhere a fault: then the row ends with
 * the line, so that the next line stands on its own. Quotes further inside a field are always characters like others
 * (5" disk). Line ends are LF, CR LF and CR. */
#include <stdlib.h>
#include <string.h>

#include "base/fields.h"
#include "base/locale.h"
#include "base/memory.h"
#include "tamis.h"

/* Where the line ends: its LF or CR, else `end`. */
static const char *find_line_end(const char *at, const char *end)
{
    const char *lf = memchr(at, '\n', (size_t)(end - at));
    if (lf) end = lf;
    const char *cr = memchr(at, '\r', (size_t)(end - at));
    return cr ? cr : end;
}

/* The quote that is not doubled, before `end`; NULL: there is none. */
static const char *find_quote(const char *at, const char *end, bool *doubled)
{
    while (at < end && (at = memchr(at, '"', (size_t)(end - at)))) {
        if (at + 1 == end || at[1] != '"') return at;
        *doubled = true;
        at += 2;
    }
    return NULL;
}

static bool add_field(csv_row *row, const char *text, const char *end, bool doubled)
{
    if (!base_grow(&row->field, &row->capacity, row->count + 1, sizeof *row->field)) return false;
    row->field[row->count++] = (csv_field){text, (size_t)(end - text), doubled};
    return true;
}

/* quotes: how they are taken, whatever the rules say. */
static csv_outcome cut(const csv_rules *rules, int quotes, const char *at, const char *end, bool whole, csv_row *row)
{
    const char *const stop = find_line_end(at, end);
    *row = (csv_row){.field = row->field, .capacity = row->capacity, .text = row->text, .text_capacity = row->text_capacity,
                     .lines = 1};
    while (row->count || at < stop) {
        const char *close = NULL, *to = stop;
        bool doubled = false, opens = quotes != TAMIS_QUOTES_NONE && at < stop && *at == '"';
        if (opens) {
            close = find_quote(at + 1, stop, &doubled);
            row->fault = !close ? CSV_OPEN : close + 1 < stop && close[1] != rules->delimiter ? CSV_STRAY : CSV_SOUND;
            if (row->fault && quotes == TAMIS_QUOTES_AUTO && rules->bare) {
                row->fault = CSV_SOUND;
                opens = doubled = false;
            }
            if (row->fault) break;
        }
        if (opens) {
            row->holds_delimiter |= memchr(at, rules->delimiter, (size_t)(close - at)) != NULL;
            to = close + 1;
        } else {
            const char *delimiter = memchr(at, rules->delimiter, (size_t)(stop - at));
            if (delimiter) to = delimiter;
        }
        if (!add_field(row, at + opens, to - opens, doubled)) return CSV_NO_MEMORY;
        if (to == stop) break;
        at = to + 1;
    }
    /* a CR that comes last may be half of a line end */
    if (!whole && (stop == end || (*stop == '\r' && stop + 1 == end))) return CSV_MORE;
    row->next = stop == end ? end : stop + 1 + (*stop == '\r' && stop + 1 < end && stop[1] == '\n');
    return CSV_ROW;
}

/* Between a field of a tab-separated file that begins with a quote and one that ends with one, both may stand for
 * themselves, and quote what is between by chance: the reading with as many columns as the first row has is right. */
csv_outcome csv_cut_line(const csv_rules *rules, const char *at, const char *end, bool whole, csv_row *row)
{
    csv_outcome outcome = cut(rules, rules->quotes, at, end, whole, row);
    if (outcome != CSV_ROW || !row->holds_delimiter || rules->quotes != TAMIS_QUOTES_AUTO || rules->delimiter != '\t' ||
        rules->columns == 0 || row->count == rules->columns)
        return outcome;
    outcome = cut(rules, TAMIS_QUOTES_NONE, at, end, whole, row);
    return outcome || row->count == rules->columns ? outcome : cut(rules, rules->quotes, at, end, whole, row);
}

size_t csv_copy_field(const csv_field *field, char *to)
{
    size_t used = 0;
    for (size_t k = 0; k < field->length; k++) {
        to[used++] = field->text[k];
        k += field->doubled && field->text[k] == '"';
    }
    to[used] = '\0';
    return used;
}

const char *csv_fault_text(csv_fault fault, int quotes, bool option, char buffer[300])
{
    const char *what = "text follows the quote that ends a field", *expected = "quotes around whole fields, and doubled inside";
    if (fault == CSV_OPEN)
        what = quotes == TAMIS_QUOTES_CSV ? "the quote that opens this field is closed neither within 1 MiB nor before the file ends"
                                          : "the quote that opens this field is not closed on its line";
    if (option)
        expected = fault == CSV_OPEN && quotes == TAMIS_QUOTES_AUTO
                       ? "--quotes none if quotes are characters like others, or --quotes csv if fields span lines"
                       : "quotes inside a quoted field to be doubled, or --quotes none if quotes are characters like others";
    base_format(buffer, 300, "%s; expected %s", what, expected);
    return buffer;
}

void csv_row_clear(csv_row *row)
{
    free(row->field);
    free(row->text);
}

bool csv_is_wide(size_t count, size_t last, size_t columns)
{
    return count > columns && (count > columns + 1 || last > 0);
}
