/* Lists of ids: lines, or a column of a CSV file. A file of one column may have a header that could be an id, such as user_id: whoever
 * knows the ids tells which it is. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/column.h"
#include "base/lines.h"
#include "base/memory.h"
#include "base/status.h"
#include "cli/csv.h"
#include "cli/ids.h"
#include "cli/message.h"

typedef struct reading {
    cli_ids *ids;
    int role;
    bool pairs, is_csv;
    cli_csv csv;
    int64_t column, user_column; /* user_column -1: none */
    tamis_status status;
    tamis_error *error;
} reading;

static bool keep(cli_ids *ids, const char *bytes, size_t length, cli_id *id)
{
    if (!bytes || !base_grow(&ids->text, &ids->text_room, ids->used + length + 1, 1)) return false;
    memcpy(ids->text + ids->used, bytes, length);
    *id = (cli_id){ids->used, length};
    ids->used += length;
    return true;
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

/* Whether the first line names columns of CSV; one that is no row is an id. */
static tamis_status look(reading *r, const char *line, size_t count)
{
    const tamis_status status = cli_csv_first(&r->csv, line, count, r->error);
    if (status) return status == TAMIS_DATA ? TAMIS_OK : status;
    r->column = cli_csv_find(&r->csv, r->role);
    r->user_column = r->pairs ? cli_csv_find(&r->csv, ROLE_USER) : -1;
    r->is_csv = r->column >= 0;
    return TAMIS_OK;
}

static bool keep_row(reading *r, int64_t number)
{
    cli_ids *ids = r->ids;
    size_t length;
    const char *field = cli_csv_field(&r->csv, (size_t)r->column, &length);
    if (!add(ids, number) || !keep(ids, field, length, &ids->id[ids->count - 1])) return false;
    if (r->user_column < 0) return true;
    field = cli_csv_field(&r->csv, (size_t)r->user_column, &length);
    return base_grow(&ids->user, &ids->user_room, ids->count, sizeof *ids->user) && keep(ids, field, length, &ids->user[ids->count - 1]);
}

static tamis_status take_row(reading *r, const char *line, size_t count, int64_t number)
{
    const tamis_status status = cli_csv_next(&r->csv, line, count, number, r->error);
    if (status) return status;
    const int64_t columns[] = {r->column, r->user_column};
    for (size_t k = 0; k < BASE_COUNT(columns); k++)
        if (columns[k] >= 0 && r->csv.row.field[columns[k]].length == 0)
            return base_fail(r->error, TAMIS_DATA, "%s:%" PRId64 ":%" PRId64 ": the id is missing", r->ids->name, number, columns[k] + 1);
    return keep_row(r, number) ? TAMIS_OK : base_no_memory(r->error, "ids", r->ids->used, 1);
}

static int take_line(void *context, const char *line, size_t count, int64_t number)
{
    reading *r = context;
    cli_ids *ids = r->ids;
    const bool first = ids->count == 0 && !r->is_csv;
    if (first) r->status = look(r, line, count);
    if (!r->status && !first && r->is_csv) {
        r->status = take_row(r, line, count, number);
    } else if (!r->status && !(r->is_csv && r->csv.rules.columns > 1)) {
        ids->header = ids->header || (first && r->is_csv);
        if (!add(ids, number) || !keep(ids, line, count, &ids->id[ids->count - 1])) r->status = base_no_memory(r->error, "ids", ids->used, 1);
    }
    return r->status != TAMIS_OK;
}

int cli_ids_read(const char *path, int role, bool pairs, cli_ids *ids)
{
    tamis_error wrong, error;
    *ids = (cli_ids){.name = strcmp(path, "-") ? path : "standard input"};
    reading r = {.ids = ids, .role = role, .pairs = pairs, .csv.name = ids->name, .error = &wrong};
    const tamis_status status = base_lines_read(path, &(base_lines){&r, take_line}, &error);
    cli_csv_clear(&r.csv);
    return r.status ? cli_status(r.status, &wrong) : cli_status(status, &error);
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
