/* A text file line by line: plain or gzip, with LF or CR LF, with or without a byte-order mark. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fields.h"
#include "base/lines.h"
#include "base/memory.h"
#include "base/source.h"
#include "base/status.h"

typedef struct line_reader {
    log_source source;
    const base_lines *lines;
    tamis_error *error;
    char *carry; /* the beginning of a line that goes on in the next window */
    size_t carried, capacity;
    int64_t line; /* lines before */
} line_reader;

static tamis_status keep(line_reader *r, const char *bytes, size_t count)
{
    if (r->carried + count > LOG_ROW_LIMIT)
        return base_fail(r->error, TAMIS_DATA,
                         "%s:%" PRId64 ": the line does not end within 1 MiB; expected lines of ids", r->source.name,
                         r->line + 1);
    if (!base_grow(&r->carry, &r->capacity, r->carried + count, 1))
        return base_no_memory(r->error, "a line", r->carried + count, 1);
    memcpy(r->carry + r->carried, bytes, count);
    r->carried += count;
    return TAMIS_OK;
}

static tamis_status tell(line_reader *r, const char *bytes, size_t count)
{
    r->line++;
    if (count && bytes[count - 1] == '\r') count--;
    if (!count || !r->lines->call(r->lines->context, bytes, count, r->line)) return TAMIS_OK;
    return base_fail(r->error, TAMIS_STOPPED, "%s: stopped after line %" PRId64, r->source.name, r->line);
}

static tamis_status take_window(line_reader *r, const char *bytes, size_t count)
{
    tamis_status status = TAMIS_OK;
    for (const char *end = bytes + count, *next; bytes < end && !status; bytes = next) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t length = (size_t)((stop ? stop : end) - bytes);
        next = stop ? stop + 1 : end;
        if (!stop || r->carried) status = keep(r, bytes, length);
        if (!stop || status) continue;
        status = r->carried ? tell(r, r->carry, r->carried) : tell(r, bytes, length);
        r->carried = 0;
    }
    return status;
}

tamis_status base_lines_read(const char *path, const base_lines *lines, tamis_error *error)
{
    line_reader r = {.lines = lines, .error = error};
    char *bytes;
    size_t count = 0;
    base_clear(error);
    tamis_status status = source_open(&r.source, path, error);
    while (!status) {
        status = source_next(&r.source, &bytes, &count, error);
        if (status || count == 0) break;
        status = take_window(&r, bytes, count);
    }
    if (!status && r.source.nul) status = source_fail_nul(&r.source, r.line + 1, 1, error);
    if (!status && r.carried) status = tell(&r, r.carry, r.carried);
    source_close(&r.source);
    free(r.carry);
    return status;
}
