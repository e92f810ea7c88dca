/* tamis recommend --requests: one line in, one line out, in the same order.
 *
 * The main thread reads lines into a ring. Workers take what waits, some of it at once, and put the answers there; whoever finishes the
 * oldest one writes all that are ready, and flushes. A line that names a model is served by the main thread: it loads the file, and
 * requests behind it find the new model, those before have theirs; the last one of these lets the old model go. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/threads.h"
#include "cli/message.h"
#include "cli/requests.h"

enum { RING = 1024, CHUNK = 1 << 16, LONGEST = 1 << 24 /* bytes of a line */ };

typedef struct slot {
    cli_request request;
    bool done;
} slot;

typedef struct server {
    const cli_requests *requests;
    pthread_mutex_t lock;
    pthread_cond_t work, room; /* there is something to do; the oldest are written */
    slot ring[RING];
    int64_t written, taken, filled; /* of all lines; ring[n % RING] */
    bool closed, writing, deaf; /* no more lines come; a thread writes; nobody listens or the disk is full */
    cli_served *served;
    pthread_t *worker;
    int workers;
} server;

/* ---- models */

static void drop(server *s, cli_served *served)
{
    pthread_mutex_lock(&s->lock);
    const bool last = served && --served->holders == 0;
    pthread_mutex_unlock(&s->lock);
    if (!last) return;
    cli_choice_clear(&served->choice);
    tamis_model_free(served->model);
    free(served);
}

static tamis_status load(const cli_requests *r, const char *path, cli_served *served, tamis_error *error)
{
    tamis_status status = tamis_model_load_copy(path, &served->model, error);
    for (size_t k = 0; k < r->masks && !status; k++) status = tamis_model_mask(served->model, r->mask[k], error);
    return status;
}

/* The model that is served from here on; the one before stays where this fails. */
static tamis_status serve_model(server *s, const char *path, bool first, tamis_error *error)
{
    cli_served *fresh = calloc(1, sizeof *fresh), *before = s->served;
    if (!fresh) return base_fail(error, TAMIS_FAILURE, "not enough memory for a model");
    tamis_status status = load(s->requests, path, fresh, error);
    if (!status && cli_choice_make(s->requests->selection, fresh->model, first, &fresh->choice))
        status = base_fail(error, TAMIS_DATA, "%s", first ? "" : "the files of --candidates, --exclude or --max-per do not fit the model");
    fresh->holders = 1;
    if (status) {
        drop(s, fresh);
        return status;
    }
    s->served = fresh;
    drop(s, before);
    return TAMIS_OK;
}

/* ---- answering */

/* As many as wait for each worker, up to what is answered at once: of one model. */
static size_t take(server *s, slot **taken)
{
    size_t n = 0;
    pthread_mutex_lock(&s->lock);
    while (s->taken == s->filled && !s->closed) pthread_cond_wait(&s->work, &s->lock);
    const int64_t share = (s->filled - s->taken + s->workers - 1) / s->workers;
    while (s->taken < s->filled && n < CLI_REQUESTS && (int64_t)n < share) {
        slot *next = &s->ring[s->taken % RING];
        if (n && next->request.served != taken[0]->request.served) break;
        taken[n++] = next;
        s->taken++;
    }
    pthread_mutex_unlock(&s->lock);
    return n;
}

static void answer(const server *s, slot *const *taken, size_t count)
{
    cli_request *waiting[CLI_REQUESTS];
    size_t n = 0;
    for (size_t k = 0; k < count; k++)
        if (taken[k]->request.json) waiting[n++] = &taken[k]->request;
    if (n) cli_request_answer(&s->requests->serving, waiting, n);
}

static bool put(const cli_request *request)
{
    static const char none[] = "{\"error\":\"not enough memory\"}\n";
    const char *text = request->answer ? request->answer : none;
    const size_t length = request->answer ? request->length : sizeof none - 1;
    return fwrite(text, 1, length, stdout) == length;
}

/* Writes what is ready from the oldest on; called and left with the lock, which is open while it writes. */
static void write_ready(server *s)
{
    while (!s->writing && s->written < s->filled && s->ring[s->written % RING].done) {
        int64_t end = s->written;
        while (end < s->filled && s->ring[end % RING].done) end++;
        s->writing = true;
        pthread_mutex_unlock(&s->lock);
        bool failed = false;
        for (int64_t k = s->written; k < end; k++) {
            slot *next = &s->ring[k % RING];
            failed = !put(&next->request) || failed;
            cli_served *served = next->request.served;
            cli_request_clear(&next->request);
            drop(s, served);
        }
        failed = fflush(stdout) != 0 || failed;
        pthread_mutex_lock(&s->lock);
        for (; s->written < end; s->written++) s->ring[s->written % RING].done = false;
        s->deaf = s->deaf || failed;
        s->writing = false;
        pthread_cond_broadcast(&s->room);
    }
}

static void *work(void *context)
{
    server *s = context;
    slot *taken[CLI_REQUESTS];
    for (size_t n; (n = take(s, taken)) > 0;) {
        answer(s, taken, n);
        pthread_mutex_lock(&s->lock);
        for (size_t k = 0; k < n; k++) taken[k]->done = true;
        write_ready(s);
        pthread_mutex_unlock(&s->lock);
    }
    return NULL;
}

/* ---- reading */

static void take_line(server *s, const char *line, size_t length, int64_t number)
{
    cli_request request = {.number = number};
    tamis_error error;
    if (length > LONGEST) cli_request_refuse(&request, "the line has more than 16 MiB");
    else cli_request_read(&request, line, length);
    if (request.model) {
        if (serve_model(s, request.model, false, &error)) cli_request_refuse(&request, error.text);
        else cli_request_accept(&request);
    }
    pthread_mutex_lock(&s->lock);
    while (s->filled - s->written == RING && !s->deaf) pthread_cond_wait(&s->room, &s->lock);
    if (s->deaf) {
        cli_request_clear(&request);
    } else {
        request.served = s->served;
        s->served->holders++;
        s->ring[s->filled++ % RING].request = request;
        pthread_cond_signal(&s->work);
    }
    pthread_mutex_unlock(&s->lock);
}

static bool is_deaf(server *s)
{
    pthread_mutex_lock(&s->lock);
    const bool deaf = s->deaf;
    pthread_mutex_unlock(&s->lock);
    return deaf;
}

typedef struct line_buffer {
    char *text;
    size_t used, room;
    int64_t number;
} line_buffer;

/* Keeps the bytes of a line as long as it is not too long. */
static bool keep(line_buffer *b, const char *bytes, size_t count)
{
    if (b->used > LONGEST) return true;
    if (!base_grow(&b->text, &b->room, b->used + count + 1, 1)) return false;
    memcpy(b->text + b->used, bytes, count);
    b->used += count;
    return true;
}

static void finish_line(server *s, line_buffer *b)
{
    if (b->used && b->text[b->used - 1] == '\r') b->used--;
    take_line(s, b->text ? b->text : "", b->used, ++b->number);
    b->used = 0;
}

/* Lines are taken as they come: no more is read ahead than one call of read() gives. */
static int read_requests(server *s, int file, const char *name)
{
    static char chunk[CHUNK];
    line_buffer b = {0};
    int code = 0;
    ssize_t got;
    while (!code && !is_deaf(s)) {
        got = read(file, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) code = cli_fail(TAMIS_FAILURE, "cannot read %s: %s", name, strerror(errno));
        if (got <= 0) break;
        for (const char *at = chunk, *end = chunk + got; at < end && !code;) {
            const char *stop = memchr(at, '\n', (size_t)(end - at));
            if (!keep(&b, at, (size_t)((stop ? stop : end) - at))) code = cli_fail(TAMIS_FAILURE, "not enough memory for a request");
            if (stop && !code) finish_line(s, &b);
            at = stop ? stop + 1 : end;
        }
    }
    if (!code && b.used) finish_line(s, &b);
    free(b.text);
    return code;
}

/* ---- the whole */

static int start_workers(server *s)
{
    const int most = base_threads(s->requests->serving.which.threads);
    s->worker = calloc((size_t)most, sizeof *s->worker);
    if (!s->worker) return cli_fail(TAMIS_FAILURE, "not enough memory for the workers");
    s->workers = most; /* what is made below reads it */
    int made = 0;
    while (made < most && pthread_create(&s->worker[made], NULL, work, s) == 0) made++;
    pthread_mutex_lock(&s->lock);
    s->workers = made;
    pthread_mutex_unlock(&s->lock);
    return made ? 0 : cli_fail(TAMIS_FAILURE, "cannot make a thread for the requests");
}

static int serve(server *s, int file, const char *name)
{
    tamis_error error;
    tamis_status status = serve_model(s, s->requests->model, true, &error);
    if (status) return *error.text ? cli_status(status, &error) : TAMIS_DATA;
    int code = start_workers(s);
    if (!code) code = read_requests(s, file, name);
    pthread_mutex_lock(&s->lock);
    s->closed = true;
    pthread_cond_broadcast(&s->work);
    pthread_mutex_unlock(&s->lock);
    for (int k = 0; k < s->workers; k++) pthread_join(s->worker[k], NULL);
    drop(s, s->served);
    return code;
}

int cli_requests_serve(const cli_requests *requests)
{
    const bool standard = strcmp(requests->path, "-") == 0;
    const char *name = standard ? "standard input" : requests->path;
    int code = cli_request_able();
    if (code) return code;
    const int file = standard ? STDIN_FILENO : open(requests->path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return cli_fail(TAMIS_FAILURE, "cannot open %s: %s", name, strerror(errno));
    server *s = calloc(1, sizeof *s);
    code = s ? 0 : cli_fail(TAMIS_FAILURE, "not enough memory for the requests");
    if (s) {
        s->requests = requests;
        pthread_mutex_init(&s->lock, NULL);
        pthread_cond_init(&s->work, NULL);
        pthread_cond_init(&s->room, NULL);
        code = serve(s, file, name);
        free(s->worker);
    }
    free(s);
    if (!standard) close(file);
    return code;
}
