/* Lists of ids: lines, or a column of a CSV file. A file of one column may have a header that could be an id, such as user_id: whoever
 * knows the ids tells which it is. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/column.h"
#include "base/delimiter.h"
#include "base/fields.h"
#include "base/lines.h"
#include "base/memory.h"
#include "base/status.h"
#include "cli/ids.h"
#include "cli/message.h"

typedef struct reading {
    cli_ids *ids;
    int role;
    bool pairs, csv;
    csv_rules rules;
    csv_row row;
    size_t column, user_column; /* user_column: rules.columns where there is none */
    char *field;                /* room for one without its doubled quotes */
    size_t field_room;
    bool full;                  /* memory has ended */
    tamis_error wrong;          /* about a row */
} reading;

static bool keep(cli_ids *ids, const char *bytes, size_t length, cli_id *id)
{
    if (!base_grow(&ids->text, &ids->text_room, ids->used + length + 1, 1)) return false;
    memcpy(ids->text + ids->used, bytes, length);
    *id = (cli_id){ids->used, length};
    ids->used += length;
    return true;
}

static bool keep_field(reading *r, size_t column, cli_id *id)
{
    const csv_field *field = &r->row.field[column];
    return base_grow(&r->field, &r->field_room, field->length + 1, 1) && keep(r->ids, r->field, csv_copy_field(field, r->field), id);
}

/* Room for one more, which is on this line. */
static bool add(cli_ids *ids, int64_t line)
{
    if (!base_grow(&ids->id, &ids->id_room, ids->count + 1, sizeof *ids->id) ||
        !base_grow(&ids->line, &ids->line_room, ids->count + 1, sizeof *ids->line))
        return false;
    ids->line[ids->count++] = line;
    return true;
}

/* The column with the usual name for a role; rules.columns: none. */
static size_t find_column(reading *r, int role)
{
    size_t column = r->rules.columns;
    int64_t best = INT64_MAX;
    for (size_t k = 0; k < r->rules.columns; k++) {
        cli_id id = {0, 0};
        r->full = r->full || !keep_field(r, k, &id);
        r->ids->used = id.at;
        const int64_t place = r->full ? -1 : base_column_place(role, r->ids->text + id.at, id.length);
        if (place < 0 || place >= best) continue;
        best = place;
        column = k;
    }
    return column;
}

/* Whether the first line names columns of CSV. */
static void look(reading *r, const char *line, size_t count)
{
    delimiter_marks marks;
    r->rules = (csv_rules){.delimiter = delimiter_guess(line, count, TAMIS_QUOTES_AUTO, &marks), .quotes = TAMIS_QUOTES_AUTO};
    r->rules.bare = r->rules.delimiter == '\t';
    if (csv_cut_line(&r->rules, line, line + count, true, &r->row) != CSV_ROW) {
        r->full = true;
        return;
    }
    if (r->row.fault || !r->row.count) return;
    r->rules.columns = r->row.count;
    r->column = find_column(r, r->role);
    r->user_column = r->pairs ? find_column(r, ROLE_USER) : r->rules.columns;
    r->csv = r->column < r->rules.columns;
}

/* Non-zero: stop. */
static int take_row(reading *r, const char *line, size_t count, int64_t number)
{
    char text[300];
    const char *name = r->ids->name;
    cli_ids *ids = r->ids;
    if (csv_cut_line(&r->rules, line, line + count, true, &r->row) != CSV_ROW) return r->full = true;
    const size_t columns = r->row.count, last = columns ? r->row.field[columns - 1].length : 0;
    if (r->row.fault)
        base_fail(&r->wrong, TAMIS_DATA, "%s:%" PRId64 ":%zu: %s", name, number, columns + 1,
                  csv_fault_text(r->row.fault, r->rules.quotes, false, text));
    else if (columns < r->rules.columns || csv_is_wide(columns, last, r->rules.columns))
        base_fail(&r->wrong, TAMIS_DATA, "%s:%" PRId64 ":%zu: the row has %zu column%s; expected %zu, as the header has", name, number,
                  columns < r->rules.columns ? columns : r->rules.columns + 1, columns, columns == 1 ? "" : "s", r->rules.columns);
    else if (r->row.field[r->column].length == 0)
        base_fail(&r->wrong, TAMIS_DATA, "%s:%" PRId64 ":%zu: the id is missing", name, number, r->column + 1);
    if (*r->wrong.text) return 1;
    r->full = !add(ids, number) || !keep_field(r, r->column, &ids->id[ids->count - 1]);
    if (r->full || r->user_column == r->rules.columns) return r->full;
    r->full = !base_grow(&ids->user, &ids->user_room, ids->count, sizeof *ids->user) ||
              !keep_field(r, r->user_column, &ids->user[ids->count - 1]);
    return r->full;
}

static int take_line(void *context, const char *line, size_t count, int64_t number)
{
    reading *r = context;
    cli_ids *ids = r->ids;
    const bool first = ids->count == 0 && !r->csv;
    if (first) look(r, line, count);
    if (r->full) return 1;
    if (!first && r->csv) return take_row(r, line, count, number);
    if (r->csv && r->rules.columns > 1) return 0;
    ids->header = ids->header || (first && r->csv);
    r->full = !add(ids, number) || !keep(ids, line, count, &ids->id[ids->count - 1]);
    return r->full;
}

int cli_ids_read(const char *path, int role, bool pairs, cli_ids *ids)
{
    reading r = {.ids = ids, .role = role, .pairs = pairs};
    tamis_error error;
    *ids = (cli_ids){.name = strcmp(path, "-") ? path : "standard input"};
    const tamis_status status = base_lines_read(path, &(base_lines){&r, take_line}, &error);
    csv_row_clear(&r.row);
    free(r.field);
    if (r.full) return cli_fail(TAMIS_FAILURE, "not enough memory for the ids of %s", ids->name);
    return *r.wrong.text ? cli_status(TAMIS_DATA, &r.wrong) : cli_status(status, &error);
}

const char *cli_ids_get(const cli_ids *ids, size_t k, size_t *length)
{
    *length = ids->id[k].length;
    return ids->text + ids->id[k].at;
}

const char *cli_ids_user(const cli_ids *ids, size_t k, size_t *length)
{
    *length = ids->user[k].length;
    return ids->text + ids->user[k].at;
}

size_t cli_ids_begin(const cli_ids *ids, bool first_known)
{
    return ids->header && !first_known;
}

void cli_ids_clear(cli_ids *ids)
{
    free(ids->text);
    free(ids->id);
    free(ids->user);
    free(ids->line);
    *ids = (cli_ids){0};
}
