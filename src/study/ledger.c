/* A file of cells that is only ever appended to, so that a run that was killed goes on where it was.
 *
 * Cells may be done out of order when several run side by side, but the file must come out the same whatever happened.
 * So a cell is appended when all before it in the plan are there; until then it waits in a second file beside, which
 * goes away in the end. Both are synced after each cell. On opening, what a crash has left of a half-written cell is
 * cut off. A cell that is found by its digest is never computed again. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "study/study.h"

/* ------------------------------------------------------------------------------------------- text and digests */

void study_add(study_text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = base_vformat(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !base_grow(&text->bytes, &text->capacity, text->used + (size_t)length + 1, 1)) {
        text->failed = true;
    } else {
        base_vformat(text->bytes + text->used, (size_t)length + 1, format, again);
        text->used += (size_t)length;
    }
    va_end(again);
}

void study_text_clear(study_text *text)
{
    free(text->bytes);
    *text = (study_text){0};
}

static void write_digest(uint64_t a, uint64_t b, study_digest digest)
{
    snprintf(digest, STUDY_DIGEST + 1, "%016" PRIx64 "%016" PRIx64, a, b);
}

void study_digest_of(const char *text, study_digest digest)
{
    uint64_t a = base_hash(text, strlen(text)), b = UINT64_C(0x6A09E667F3BCC909);
    for (const char *c = text; *c; c++) b = base_mix(b + (unsigned char)*c);
    write_digest(a, b, digest);
}

void study_digest_log(const tamis_log *log, study_digest digest)
{
    const int64_t users = tamis_log_users(log), items = tamis_log_items(log);
    uint64_t a = base_mix((uint64_t)users), b = base_mix((uint64_t)items);
    size_t length;
    int64_t n;
    for (int64_t i = 0; i < items; i++) {
        const char *id = tamis_log_item_id(log, i, &length);
        b = base_mix(b ^ base_hash(id, length));
    }
    for (int64_t u = 0; u < users; u++) {
        const char *id = tamis_log_user_id(log, u, &length);
        a = base_mix(a ^ base_hash(id, length));
        const int32_t *item = tamis_log_row(log, u, &n);
        b = base_mix(b + (uint64_t)n);
        for (int64_t k = 0; k < n; k++) b = base_mix(b + (uint64_t)item[k]);
    }
    write_digest(a, b, digest);
}

const char *study_field(const char *row, int k, char *buffer, size_t size)
{
    for (; k > 0; k--) {
        row += strcspn(row, ",\n");
        if (*row == ',') row++;
    }
    size_t length = strcspn(row, ",\n");
    snprintf(buffer, size, "%.*s", (int)length, row);
    return buffer;
}

/* ------------------------------------------------------------------------------------------------- the files */

static tamis_status cannot(const char *what, const char *path, tamis_error *error)
{
    return base_fail(error, TAMIS_FAILURE, "cannot %s %s: %s", what, path, strerror(errno));
}

static tamis_status open_file(const char *path, int *file, tamis_error *error)
{
    *file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (*file < 0) return cannot("write", path, error);
    if (flock(*file, LOCK_EX | LOCK_NB) != 0)
        return base_fail(error, TAMIS_FAILURE, "%s is being written by another run; wait for it, or choose another "
                                               "directory", path);
    return TAMIS_OK;
}

static tamis_status read_file(int file, const char *path, study_text *text, tamis_error *error)
{
    struct stat status;
    if (fstat(file, &status) != 0 || lseek(file, 0, SEEK_SET) != 0) return cannot("read", path, error);
    size_t size = (size_t)status.st_size;
    if (!base_grow(&text->bytes, &text->capacity, size + 1, 1)) return base_no_memory(error, "the finished cells", size, 1);
    while (text->used < size) {
        ssize_t got = read(file, text->bytes + text->used, size - text->used);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return cannot("read", path, error);
        text->used += (size_t)got;
    }
    text->bytes[size] = '\0';
    return TAMIS_OK;
}

static tamis_status append(int file, const char *path, const char *bytes, tamis_error *error)
{
    size_t left = strlen(bytes);
    while (left > 0) {
        ssize_t put = write(file, bytes, left);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return cannot("write", path, error);
        bytes += put;
        left -= (size_t)put;
    }
    return fdatasync(file) == 0 || errno == EINVAL || errno == EROFS ? TAMIS_OK : cannot("write", path, error);
}

/* Keeps the rows of a cell; written: they stand in the file. */
static tamis_status keep(ledger *l, const char *rows, size_t length, bool written, tamis_error *error)
{
    int64_t at = base_ids_find(&l->digests, rows, STUDY_DIGEST);
    bool known = at >= 0;
    if (!known) at = base_ids_add(&l->digests, rows, STUDY_DIGEST);
    size_t need = (size_t)at + 1;
    char *copy = at < 0 ? NULL : malloc(length + 1);
    if (!copy || !base_grow(&l->cell, &l->capacity, need, sizeof *l->cell) ||
        !base_grow(&l->written, &l->written_capacity, need, sizeof *l->written)) {
        free(copy);
        return base_no_memory(error, "a cell", length, 1);
    }
    memcpy(copy, rows, length);
    copy[length] = '\0';
    if (known) free(l->cell[at]);
    l->written[at] = written || (known && l->written[at]);
    l->cell[at] = copy;
    return TAMIS_OK;
}

static bool is_row(const char *row)
{
    return strspn(row, "0123456789abcdef") == STUDY_DIGEST && row[STUDY_DIGEST] == ',';
}

/* Takes in the cells of a file's text; *end: where the last whole line ends. */
static tamis_status take(ledger *l, const study_text *text, size_t from, bool written, size_t *end, tamis_error *error)
{
    int64_t line = 2;
    size_t at = from;
    *end = from;
    while (at < text->used) {
        size_t stop = at;
        const char *first = text->bytes + at;
        bool whole = true;
        do { /* the rows of one cell */
            const char *next = memchr(text->bytes + stop, '\n', text->used - stop);
            whole = next != NULL;
            if (!whole) break; /* the last line */
            if (!is_row(text->bytes + stop))
                return base_fail(error, TAMIS_DATA, "%s:%" PRId64 ": expected a row that begins with a digest; the file was "
                                 "changed by hand: put it back, or choose another directory", l->path, line);
            stop = (size_t)(next - text->bytes) + 1;
            *end = stop;
            line++;
        } while (stop + STUDY_DIGEST < text->used && memcmp(text->bytes + stop, first, STUDY_DIGEST) == 0);
        tamis_status status = stop > at ? keep(l, first, stop - at, written, error) : TAMIS_OK;
        if (status || !whole) return status;
        at = stop;
    }
    return TAMIS_OK;
}

static tamis_status load(ledger *l, const char *header, tamis_error *error)
{
    study_text text = {0};
    size_t head = strlen(header), end = 0;
    tamis_status status = read_file(l->file, l->path, &text, error);
    bool fresh = !status && text.used < head && memcmp(text.bytes, header, text.used) == 0;
    if (fresh) { /* new, or killed while the header was written */
        if (ftruncate(l->file, 0) != 0) status = cannot("write", l->path, error);
        if (!status) status = append(l->file, l->path, header, error);
    } else if (!status && (text.used < head || memcmp(text.bytes, header, head) != 0)) {
        status = base_fail(error, TAMIS_DATA, "%s:1: expected the header %.*s; this is not a file of such a study: choose "
                           "another directory", l->path, (int)strcspn(header, "\n"), header);
    } else if (!status) {
        status = take(l, &text, head, true, &end, error);
        if (!status && end < text.used && ftruncate(l->file, (off_t)end) != 0) status = cannot("write", l->path, error);
    }
    text.used = 0;
    if (!status && access(l->waiting_path, F_OK) == 0) {
        status = open_file(l->waiting_path, &l->waiting, error);
        if (!status) status = read_file(l->waiting, l->waiting_path, &text, error);
        if (!status) status = take(l, &text, 0, false, &end, error);
        if (!status && end < text.used && ftruncate(l->waiting, (off_t)end) != 0)
            status = cannot("write", l->waiting_path, error);
    }
    study_text_clear(&text);
    return status;
}

tamis_status ledger_open(ledger *l, const char *path, const char *header, tamis_error *error)
{
    *l = (ledger){.file = -1, .waiting = -1};
    pthread_mutex_init(&l->lock, NULL);
    if (snprintf(l->path, sizeof l->path, "%s", path) >= (int)sizeof l->path ||
        snprintf(l->waiting_path, sizeof l->waiting_path, "%s.waiting", path) >= (int)sizeof l->waiting_path)
        return base_fail(error, TAMIS_FAILURE, "the path of %.60s... is too long", path);
    tamis_status status = open_file(path, &l->file, error);
    return status ? status : load(l, header, error);
}

const char *ledger_cell(const ledger *l, const char *digest)
{
    int64_t at = base_ids_find(&l->digests, digest, STUDY_DIGEST);
    return at < 0 ? NULL : l->cell[at];
}

void ledger_close(ledger *l)
{
    for (size_t k = 0; k < l->digests.count && l->cell; k++) free(l->cell[k]);
    free(l->cell);
    free(l->written);
    base_ids_clear(&l->digests);
    if (l->file >= 0) close(l->file);
    if (l->waiting >= 0) close(l->waiting);
    pthread_mutex_destroy(&l->lock);
    *l = (ledger){.file = -1, .waiting = -1};
}

/* --------------------------------------------------------------------------------------------------- filling */

typedef struct filling {
    ledger *l;
    const ledger_plan *plan;
    int64_t *missing, count; /* cells whose rows are nowhere */
    int64_t taken, done;     /* of missing: given out; of cells: there */
    int64_t next;            /* the first cell that is not in the file yet */
    int64_t failed;          /* the cell of *error */
    tamis_status status;
    tamis_error *error;
} filling;

static size_t lines_of(const char *rows)
{
    size_t count = 0;
    for (; *rows; rows++) count += *rows == '\n';
    return count;
}

/* Drops a last cell that lacks rows: the crash came between them. */
static tamis_status cut_last(ledger *l, const ledger_plan *plan, tamis_error *error)
{
    study_text text = {0};
    tamis_status status = read_file(l->file, l->path, &text, error);
    const char *last = NULL;
    size_t rows = 0;
    for (char *row = status || !text.used ? NULL : strchr(text.bytes, '\n'); row && row[1]; row = strchr(row + 1, '\n')) {
        if (last && memcmp(last, row + 1, STUDY_DIGEST) == 0) {
            rows++;
        } else {
            last = row + 1;
            rows = 1;
        }
    }
    bool planned = false;
    for (int64_t c = 0; last && rows < plan->lines && c < plan->cells && !planned; c++)
        planned = memcmp(plan->digest[c], last, STUDY_DIGEST) == 0;
    if (planned) {
        int64_t at = base_ids_find(&l->digests, last, STUDY_DIGEST);
        if (at >= 0) l->written[at] = false;
        if (ftruncate(l->file, last - text.bytes) != 0) status = cannot("write", l->path, error);
    }
    study_text_clear(&text);
    return status;
}

static int64_t index_of(const filling *f, int64_t cell)
{
    int64_t at = base_ids_find(&f->l->digests, f->plan->digest[cell], STUDY_DIGEST);
    return at >= 0 && lines_of(f->l->cell[at]) == f->plan->lines ? at : -1;
}

/* Appends what can be: all cells up to the first that is missing. */
static tamis_status advance(filling *f, tamis_error *error)
{
    for (; f->next < f->plan->cells; f->next++) {
        int64_t at = index_of(f, f->next);
        if (at < 0) return TAMIS_OK;
        if (f->l->written[at]) continue;
        tamis_status status = append(f->l->file, f->l->path, f->l->cell[at], error);
        if (status) return status;
        f->l->written[at] = true;
    }
    return TAMIS_OK;
}

static tamis_status store(filling *f, int64_t cell, study_text *rows, tamis_error *error)
{
    tamis_status status = rows->failed || !rows->used ? base_no_memory(error, "a cell's rows", 1, 4096)
                                                      : keep(f->l, rows->bytes, rows->used, false, error);
    if (!status && cell != f->next) {
        if (f->l->waiting < 0) status = open_file(f->l->waiting_path, &f->l->waiting, error);
        if (!status) status = append(f->l->waiting, f->l->waiting_path, rows->bytes, error);
    }
    return status ? status : advance(f, error);
}

static void fail(filling *f, int64_t cell, tamis_status status, const tamis_error *error)
{
    if (!f->status || (f->status == TAMIS_STOPPED && status != TAMIS_STOPPED) ||
        (cell < f->failed && status != TAMIS_STOPPED)) {
        f->status = status;
        f->failed = cell;
        if (f->error) *f->error = *error;
    }
    f->l->stop = true;
}

static tamis_status stopped(tamis_error *error)
{
    return base_fail(error, TAMIS_STOPPED, "stopped; the same command goes on where it was");
}

static void *work(void *context)
{
    filling *f = context;
    tamis_error error = {""};
    pthread_mutex_lock(&f->l->lock);
    while (!f->l->stop && f->taken < f->count) {
        int64_t cell = f->missing[f->taken++];
        study_text rows = {0};
        pthread_mutex_unlock(&f->l->lock);
        tamis_status status = f->plan->run(f->plan->context, cell, &rows, &error);
        pthread_mutex_lock(&f->l->lock);
        if (!status) status = store(f, cell, &rows, &error);
        study_text_clear(&rows);
        if (!status && f->plan->tell && f->plan->tell(f->plan->context, cell, ++f->done, f->plan->cells))
            status = stopped(&error);
        if (status) fail(f, cell, status, &error);
    }
    pthread_mutex_unlock(&f->l->lock);
    return NULL;
}

bool ledger_stops(ledger *l)
{
    pthread_mutex_lock(&l->lock);
    if (l->plan->tell && l->plan->tell(l->plan->context, -1, 0, 0)) l->stop = true;
    bool stop = l->stop;
    pthread_mutex_unlock(&l->lock);
    return stop;
}

tamis_status ledger_fill(ledger *l, const ledger_plan *plan, tamis_error *error)
{
    filling f = {.l = l, .plan = plan, .error = error};
    pthread_t thread[64];
    int started = 0, wanted = plan->jobs > 64 ? 64 : plan->jobs;
    l->stop = false;
    l->plan = plan;
    tamis_status status = cut_last(l, plan, error);
    f.missing = malloc(((size_t)plan->cells + 1) * sizeof *f.missing);
    if (!status && !f.missing) status = base_no_memory(error, "a plan", (size_t)plan->cells, sizeof *f.missing);
    if (!status) status = advance(&f, error);
    for (int64_t c = 0; c < plan->cells && !status; c++)
        if (index_of(&f, c) < 0) f.missing[f.count++] = c;
    f.done = plan->cells - f.count;
    for (; !status && started < wanted - 1 && started < f.count - 1; started++)
        if (pthread_create(&thread[started], NULL, work, &f) != 0) break; /* fewer will do */
    if (!status) work(&f);
    for (int k = 0; k < started; k++) pthread_join(thread[k], NULL);
    free(f.missing);
    if (!status) status = f.status;
    if (!status && l->stop) status = stopped(error);
    l->plan = NULL;
    if (!status && l->waiting >= 0) {
        unlink(l->waiting_path);
        close(l->waiting);
        l->waiting = -1;
    }
    return status;
}
