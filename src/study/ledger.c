/* A study's file: rows that are only ever appended, so that a run that was stopped or killed goes on where it was.
 *
 * A row is DIGEST,...,VALUE,CHECK: the digest stands for what was computed, the check is the CRC32 of all before it. A
 * cell is the rows of one digest. The file must come out the same whatever happens, but cells that run side by side are
 * done in any order: one is appended when all before it in the plan are there, and until then waits in a second file
 * beside (fill.c). Each append is one piece, synced; when it fails it is cut back, and nothing more is written.
 *
 * What a crash leaves all the same is healed: pieces of rows, blocks of zeros, cells that lack rows, rows that are there
 * twice. All before the first of them stays; what is sound behind it is appended again, by way of the waiting file.
 * Rows of version 0.1.0 have no check, and their files go on without one. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "study/ledger.h"

enum { CHECK = 8 }; /* hexadecimal digits */

static tamis_status cannot(const char *what, const char *path, tamis_error *error)
{
    return base_fail(error, TAMIS_FAILURE, "cannot %s %s: %s", what, path, strerror(errno));
}

static tamis_status open_file(const char *path, ledger_file *f, tamis_error *error)
{
    struct stat status;
    f->file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (f->file < 0) return cannot("write", path, error);
    /* where a file system has no locks, two runs at once are up to the user */
    if (flock(f->file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return base_fail(error, TAMIS_FAILURE, "%s is being written by another run; wait for it, or choose another "
                                               "output", path);
    if (fstat(f->file, &status) != 0) return cannot("read", path, error);
    if (!S_ISREG(status.st_mode))
        return base_fail(error, TAMIS_FAILURE, "%s is in the way and is no regular file; choose another output", path);
    f->size = (size_t)status.st_size;
    if (f->size == 0) base_sync_directory(path);
    return TAMIS_OK;
}

static tamis_status read_file(const ledger_file *f, const char *path, study_text *text, tamis_error *error)
{
    text->used = 0;
    if (!base_grow(&text->bytes, &text->capacity, f->size + 1, 1))
        return base_no_memory(error, "the finished cells", f->size, 1);
    while (text->used < f->size) {
        ssize_t got = pread(f->file, text->bytes + text->used, f->size - text->used, (off_t)text->used);
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) errno = EIO; /* shorter than it was a moment ago */
        if (got <= 0) return cannot("read", path, error);
        text->used += (size_t)got;
    }
    text->bytes[text->used] = '\0';
    return TAMIS_OK;
}

static bool put(int file, const char *bytes, size_t count)
{
    errno = base_write_all(file, bytes, count);
    if (errno) return false;
    int code;
    do code = fdatasync(file);
    while (code != 0 && errno == EINTR);
    return code == 0 || errno == EINVAL || errno == EROFS; /* some file systems have nothing to sync */
}

static tamis_status append(ledger *l, ledger_file *f, const char *path, const char *bytes, size_t count, tamis_error *error)
{
    if (put(f->file, bytes, count)) {
        f->size += count;
        return TAMIS_OK;
    }
    tamis_status status = cannot("write", path, error);
    l->broken = true;
    (void)!ftruncate(f->file, (off_t)f->size); /* if that fails, too, the next run finds a piece and heals it */
    return status;
}

static tamis_status cut(ledger_file *f, const char *path, size_t size, tamis_error *error)
{
    if (size < f->size && ftruncate(f->file, (off_t)size) != 0) return cannot("write", path, error);
    f->size = size;
    return TAMIS_OK;
}

/* ---------------------------------------------------------------------------------------------------- reading */

/* A position in one of the files. */
typedef struct position {
    const char *path;
    bool waiting;
    size_t at;
    int64_t line;
} position;

static void fault(ledger *l, size_t at)
{
    if (at < l->sound) l->sound = at;
}

static tamis_status changed(const char *path, int64_t line, const char *expected, tamis_error *error)
{
    return base_fail(error, TAMIS_DATA, "%s:%" PRId64 ": expected %s; the file was changed by hand or damaged: put it back, or "
                     "delete the line, and its cell is computed again", path, line, expected);
}

static bool begins_row(const char *bytes)
{
    return strspn(bytes, "0123456789abcdef") == STUDY_DIGEST && bytes[STUDY_DIGEST] == ',';
}

static void write_check(const char *row, size_t length, char check[CHECK + 1])
{
    snprintf(check, CHECK + 1, "%08" PRIx32, checksum(row, length));
}

/* Whether a row's last field is as it must be; *key: what stands before the value. */
static bool ends_row(const ledger *l, const char *row, size_t length, size_t *key)
{
    char field[64];
    double value;
    size_t end = length;
    while (row[end - 1] != ',') end--; /* the digest ends with one */
    if (l->checked) {
        write_check(row, end - 1, field);
        *key = end - 1;
        while (row[*key - 1] != ',') (*key)--;
        return length - end == CHECK && memcmp(row + end, field, CHECK) == 0;
    }
    *key = end;
    if (length - end >= sizeof field) return false;
    snprintf(field, sizeof field, "%.*s", (int)(length - end), row + end);
    return strcmp(field, "nan") == 0 || base_parse_real(field, &value);
}

enum line { ROW, PIECE /* left by a write that failed */, OTHER };

static enum line examine(const ledger *l, const char *row, size_t length, size_t *key)
{
    size_t commas = 0;
    if (memchr(row, '\0', length)) return PIECE;
    for (size_t k = 0; k < length; k++) commas += row[k] == ',';
    if (begins_row(row) && commas == l->commas) return ends_row(l, row, length, key) ? ROW : OTHER;
    for (size_t k = 1; k < length && !l->checked; k++) /* version 0.1.0 could go on behind a piece */
        if (begins_row(row + k)) return PIECE;
    return OTHER;
}

static ledger_cell *cell_of(ledger *l, const char *digest)
{
    if (!base_grow(&l->cell, &l->capacity, l->cells + 1, sizeof *l->cell)) return NULL; /* before an id is without a cell */
    const int64_t at = id_set_add(&l->digests, digest, STUDY_DIGEST);
    if (at < 0) return NULL;
    if ((size_t)at == l->cells) l->cell[l->cells++] = (ledger_cell){.lines = 0};
    return &l->cell[at];
}

static tamis_status take_row(ledger *l, const position *p, const char *row, size_t length, size_t key, tamis_error *error)
{
    ledger_cell *cell = cell_of(l, row);
    if (!cell) return base_no_memory(error, "a cell", length, 1);
    for (const char *old = cell->rows.bytes; old && *old; old = strchr(old, '\n') + 1) {
        if (strncmp(old, row, length + 1) == 0) { /* twice */
            if (!p->waiting) fault(l, p->at);
            return TAMIS_OK;
        }
        if (strncmp(old, row, key) == 0)
            return changed(p->path, p->line, "the value that an earlier row of the same digest and metric has", error);
    }
    study_add_bytes(&cell->rows, row, length + 1);
    if (cell->rows.failed) return base_no_memory(error, "a cell", length, 1);
    cell->lines++;
    if (p->waiting) return TAMIS_OK;
    if (!cell->to) {
        cell->from = p->at;
        cell->line = p->line;
    }
    cell->to = p->at + length + 1;
    return TAMIS_OK;
}

static tamis_status no_row(const ledger *l, const position *p, tamis_error *error)
{
    char expected[120];
    snprintf(expected, sizeof expected, "a digest and %zu fields more%s", l->commas,
             l->checked ? ", the last one being the CRC32 of what is before it" : "");
    return changed(p->path, p->line, expected, error);
}

/* Takes in the rows from p on. *end: where the last whole line ends. */
static tamis_status take(ledger *l, const study_text *text, position p, size_t *end, tamis_error *error)
{
    tamis_status status = TAMIS_OK;
    for (*end = p.at; !status && p.at < text->used; p.line++) {
        const char *row = text->bytes + p.at, *stop = memchr(row, '\n', text->used - p.at);
        size_t key = 0, length = stop ? (size_t)(stop - row) : 0;
        enum line line = stop ? examine(l, row, length, &key) : PIECE;
        if (line == OTHER) status = no_row(l, &p, error);
        if (line == ROW) status = take_row(l, &p, row, length, key, error);
        if (line == PIECE && !p.waiting) fault(l, p.at);
        if (!stop) break;
        *end = p.at += length + 1;
    }
    return status;
}

static bool begins(const study_text *text, const char *with)
{
    size_t length = strlen(with);
    return text->used >= length && memcmp(text->bytes, with, length) == 0;
}

static tamis_status load(ledger *l, const char *columns, study_text *text, tamis_error *error)
{
    char header[512], first[512]; /* as they are now, and in version 0.1.0 */
    size_t end;
    snprintf(header, sizeof header, "%s,check\n", columns);
    snprintf(first, sizeof first, "%s\n", columns);
    tamis_status status = read_file(&l->file, l->path, text, error);
    if (status) return status;
    while (text->used && text->bytes[text->used - 1] == '\0') text->used--;
    if (text->used < l->file.size) fault(l, text->used);
    const bool fresh = text->used < strlen(header) && memcmp(text->bytes, header, text->used) == 0;
    l->checked = fresh || begins(text, header);
    for (const char *c = l->checked ? header : first; *c; c++) l->commas += *c == ',';
    if (fresh) { /* new, or killed while the header was written */
        l->sound = SIZE_MAX;
        status = cut(&l->file, l->path, 0, error);
        return status ? status : append(l, &l->file, l->path, header, strlen(header), error);
    }
    if (!l->checked && !begins(text, first))
        return base_fail(error, TAMIS_DATA, "%s:1: expected the header %s,check; this is not a file of such a study, or it was "
                         "changed by hand: put it back, or choose another output", l->path, columns);
    const size_t head = strlen(l->checked ? header : first);
    return take(l, text, (position){l->path, false, head, 2}, &end, error);
}

static tamis_status load_waiting(ledger *l, study_text *text, tamis_error *error)
{
    size_t end;
    if (access(l->waiting_path, F_OK) != 0) return TAMIS_OK;
    tamis_status status = open_file(l->waiting_path, &l->waiting, error);
    if (!status) status = read_file(&l->waiting, l->waiting_path, text, error);
    if (!status) status = take(l, text, (position){l->waiting_path, true, 0, 1}, &end, error);
    return status ? status : cut(&l->waiting, l->waiting_path, end, error);
}

tamis_status ledger_open(ledger *l, const char *directory, const char *name, const char *columns, tamis_error *error)
{
    *l = LEDGER_NONE; /* cppcheck-suppress unknownEvaluationOrder ; two constants */
    pthread_mutex_init(&l->lock, NULL);
    if (!base_join(l->path, sizeof l->path, directory, name) ||
        snprintf(l->waiting_path, sizeof l->waiting_path, "%s.waiting", l->path) >= (int)sizeof l->waiting_path)
        return base_fail(error, TAMIS_FAILURE, "the path of %.200s... is too long", directory);
    study_text text = {0};
    tamis_status status = open_file(l->path, &l->file, error);
    if (!status) status = load(l, columns, &text, error);
    if (!status) status = load_waiting(l, &text, error);
    study_text_clear(&text);
    return status;
}

/* ---------------------------------------------------------------------------------------------------- keeping */

tamis_status ledger_value(const ledger *l, const char *digest, int column, const char *metric, double *value,
                          tamis_error *error)
{
    int64_t at = id_set_find(&l->digests, digest, STUDY_DIGEST);
    if (at >= 0 && study_value(l->cell[at].rows.bytes, column, metric, value)) return TAMIS_OK;
    return base_fail(error, TAMIS_DATA, "%s: expected a row of %s that begins with %s; the file was changed by hand: put it back, or "
                     "delete the rows that begin so, and they are computed again", l->path, metric, digest);
}

tamis_status ledger_append(ledger *l, ledger_cell *cell, tamis_error *error)
{
    const size_t from = l->file.size;
    tamis_status status = append(l, &l->file, l->path, cell->rows.bytes, cell->rows.used, error);
    if (status) return status;
    cell->from = from;
    cell->to = l->file.size;
    return TAMIS_OK;
}

static tamis_status wait_with(ledger *l, const study_text *rows, tamis_error *error)
{
    tamis_status status = l->waiting.file >= 0 ? TAMIS_OK : open_file(l->waiting_path, &l->waiting, error);
    return status ? status : append(l, &l->waiting, l->waiting_path, rows->bytes, rows->used, error);
}

tamis_status ledger_keep(ledger *l, const study_text *rows, bool wait, tamis_error *error)
{
    ledger_cell *cell = rows->used ? cell_of(l, rows->bytes) : NULL;
    if (!cell || rows->failed) return base_no_memory(error, "a cell's rows", rows->used, 1);
    for (const char *row = rows->bytes, *end; *row; row = end + 1) {
        char check[CHECK + 1];
        end = strchr(row, '\n');
        write_check(row, (size_t)(end - row), check);
        study_add_bytes(&cell->rows, row, (size_t)(end - row));
        study_add(&cell->rows, l->checked ? ",%s\n" : "\n", check);
        cell->lines++;
    }
    cell->planned = true;
    if (cell->rows.failed) {
        ledger_drop(l, cell); /* nobody may take half of it for the whole */
        return base_no_memory(error, "a cell's rows", rows->used, 1);
    }
    return wait ? wait_with(l, &cell->rows, error) : TAMIS_OK;
}

tamis_status ledger_heal(ledger *l, tamis_error *error)
{
    study_text moved = {0};
    tamis_status status = TAMIS_OK;
    for (size_t k = 0; k < l->cells; k++) /* rows of a cell stand together */
        if (l->cell[k].to && l->cell[k].to - l->cell[k].from != l->cell[k].rows.used) fault(l, l->cell[k].from);
    for (size_t k = 0; k < l->cells; k++) { /* in the order of the file */
        ledger_cell *cell = &l->cell[k];
        if (!cell->to || cell->from < l->sound) continue;
        study_add_bytes(&moved, cell->rows.bytes, cell->rows.used);
        cell->from = cell->to = 0;
    }
    if (moved.failed) status = base_no_memory(error, "cells", l->cells, sizeof *l->cell);
    if (!status && moved.used) status = wait_with(l, &moved, error);
    if (!status && l->sound < l->file.size) status = cut(&l->file, l->path, l->sound, error);
    l->sound = SIZE_MAX;
    study_text_clear(&moved);
    return status;
}

void ledger_drop(ledger *l, ledger_cell *cell)
{
    if (cell->to) fault(l, cell->from);
    study_text_clear(&cell->rows);
    cell->lines = 0;
    cell->from = cell->to = 0;
}

tamis_status ledger_end(ledger *l, tamis_error *error)
{
    struct stat ours, now;
    if (fstat(l->file.file, &ours) != 0) return cannot("read", l->path, error);
    if (stat(l->path, &now) != 0 || now.st_ino != ours.st_ino || now.st_dev != ours.st_dev)
        return base_fail(error, TAMIS_FAILURE, "%s was removed or replaced while rows were written to it, and these are lost; the "
                         "same command computes them again", l->path);
    if (l->waiting.file < 0) return TAMIS_OK;
    for (size_t k = 0; k < l->cells; k++)
        if (!l->cell[k].to && l->cell[k].lines) return TAMIS_OK;
    if (unlink(l->waiting_path) != 0 && errno != ENOENT) return cannot("remove", l->waiting_path, error);
    close(l->waiting.file);
    l->waiting.file = -1;
    return TAMIS_OK;
}

tamis_status ledger_finish(ledger *l, tamis_error *error)
{
    tamis_status status = TAMIS_OK;
    for (size_t k = 0; k < l->cells && !status; k++)
        if (!l->cell[k].to && l->cell[k].lines) status = ledger_append(l, &l->cell[k], error);
    return status ? status : ledger_end(l, error);
}

void ledger_close(ledger *l)
{
    for (size_t k = 0; k < l->cells; k++) study_text_clear(&l->cell[k].rows);
    free(l->cell);
    id_set_clear(&l->digests);
    if (l->file.file >= 0) close(l->file.file);
    if (l->waiting.file >= 0) close(l->waiting.file);
    pthread_mutex_destroy(&l->lock);
    *l = LEDGER_NONE; /* cppcheck-suppress unknownEvaluationOrder ; two constants */
}
