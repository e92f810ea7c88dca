/* The bytes of a log file: read(2), zlib's inflate or zstd into one window. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/foreign.h"
#include "base/memory.h"
#include "base/source.h"
#include "base/status.h"
#include "base/zstd_stream.h"

enum { GZIP_WINDOW_BITS = 15 + 16 /* zlib: the gzip wrapping, and only it */, WORD_LIMIT = 1 << 20 };

/* Reads until the buffer is full or the file ends: a pipe gives less at a time. */
static tamis_status read_full(log_source *source, void *buffer, size_t wanted, size_t *count, tamis_error *error)
{
    *count = 0;
    while (*count < wanted) {
        ssize_t got = read(source->file, (char *)buffer + *count, wanted - *count);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return base_fail(error, TAMIS_FAILURE, "cannot read %s: %s", source->name, strerror(errno));
        if (got == 0) break;
        *count += (size_t)got;
        source->taken += (double)got;
    }
    return TAMIS_OK;
}

static tamis_status read_raw(log_source *source, tamis_error *error)
{
    source->raw_at = 0;
    return read_full(source, source->raw, SOURCE_RAW, &source->raw_count, error);
}

tamis_status source_open(log_source *source, const char *path, tamis_error *error)
{
    *source = (log_source){.file = -1};
    if (base_path_check(path, error)) return TAMIS_USAGE;
    bool standard = strcmp(path, "-") == 0;
    *source = (log_source){.name = standard ? "standard input" : path, .file = -1};
    source->file = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (source->file < 0) return base_fail(error, TAMIS_FAILURE, "cannot open %s: %s", source->name, strerror(errno));
    struct stat about;
    const bool known = fstat(source->file, &about) == 0;
    if (known && S_ISDIR(about.st_mode))
        return base_fail(error, TAMIS_FAILURE, "%s is a directory; expected files, as in: tamis ... %s/*", source->name, path);
    if (known && S_ISREG(about.st_mode)) source->size = (double)about.st_size;
    source->window = malloc(SOURCE_WINDOW + 1);
    source->raw = malloc(SOURCE_RAW);
    if (!source->window || !source->raw) return base_no_memory(error, "a read buffer", 1, SOURCE_WINDOW);
    tamis_status status = read_raw(source, error);
    if (status) return status;
    if (source->raw_count >= 2 && source->raw[0] == 0x1f && source->raw[1] == 0x8b) {
        if (inflateInit2(&source->stream, GZIP_WINDOW_BITS) != Z_OK)
            return base_no_memory(error, "decompression", 1, SOURCE_RAW);
        source->gzip = true;
    } else if (zstd_begins(source->raw, source->raw_count)) {
        source->zstd = zstd_open();
        if (!source->zstd) return base_no_memory(error, "decompression", 1, SOURCE_RAW);
    }
    return TAMIS_OK;
}

void source_close(log_source *source)
{
    if (source->gzip) inflateEnd(&source->stream);
    if (source->zstd) zstd_close(source->zstd);
    if (source->file >= 0) close(source->file);
    free(source->window);
    free(source->raw);
    *source = (log_source){.file = -1};
}

static tamis_status fill_plain(log_source *source, char *into, size_t wanted, tamis_error *error)
{
    size_t first = source->raw_count - source->raw_at, got = 0;
    if (first > wanted) first = wanted;
    memcpy(into, source->raw + source->raw_at, first);
    source->raw_at += first;
    tamis_status status = read_full(source, into + first, wanted - first, &got, error);
    source->count = first + got;
    source->ended = source->count < wanted;
    return status;
}

static tamis_status gzip_failed(const log_source *source, int code, tamis_error *error)
{
    const z_stream *stream = &source->stream;
    if (code == Z_MEM_ERROR) return base_no_memory(error, "decompression", 1, SOURCE_RAW);
    if (source->between)
        return base_fail(error, TAMIS_DATA,
                         "%s: after the end of the gzip data stand bytes that are not gzip; the file "
                         "is damaged, get it anew",
                         source->name);
    return base_fail(error, TAMIS_DATA, "%s: the gzip data is damaged (%s); get the file anew", source->name,
                     stream->msg ? stream->msg : "no reason given");
}

/* Compressed bytes into the stream; false: there are none left. */
static bool refill(log_source *source, tamis_status *status, tamis_error *error)
{
    if (source->raw_at == source->raw_count) *status = read_raw(source, error);
    source->stream.next_in = source->raw + source->raw_at;
    source->stream.avail_in = (uInt)(source->raw_count - source->raw_at);
    return !*status && source->stream.avail_in > 0;
}

/* A gzip file is one or more members end to end, perhaps followed by zeros that fill up a block. */
static tamis_status fill_gzip(log_source *source, char *into, size_t wanted, tamis_error *error)
{
    z_stream *stream = &source->stream;
    tamis_status status = TAMIS_OK;
    stream->next_out = (Bytef *)into;
    stream->avail_out = (uInt)wanted;
    while (stream->avail_out && !source->ended) {
        if (!refill(source, &status, error)) {
            if (status) return status;
            if (!source->between)
                return base_fail(error, TAMIS_DATA,
                                 "%s: the gzip data ends too early: the file is truncated; get it anew", source->name);
            source->ended = true;
        } else if (source->between && *stream->next_in == 0) {
            source->raw_at++;
        } else {
            int code = inflate(stream, Z_NO_FLUSH);
            if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return gzip_failed(source, code, error);
            source->raw_at = source->raw_count - stream->avail_in;
            source->between = code == Z_STREAM_END;
            if (source->between) inflateReset(stream);
        }
    }
    source->count = wanted - stream->avail_out;
    return TAMIS_OK;
}

/* A zstd file is one or more frames end to end. What a frame holds may still have to be given out when all bytes are taken. */
static tamis_status fill_zstd(log_source *source, char *into, size_t wanted, tamis_error *error)
{
    zstd_step step = {.in = source->raw, .out = into, .out_room = wanted, .between = source->between};
    while (step.out_at < wanted && !source->ended) {
        tamis_status status = source->raw_at == source->raw_count ? read_raw(source, error) : TAMIS_OK;
        if (status) return status;
        const bool dry = source->raw_at == source->raw_count;
        const size_t given = step.out_at;
        if (dry && step.between) {
            source->ended = true;
            continue;
        }
        step.in_at = source->raw_at;
        step.in_count = source->raw_count;
        const bool between = step.between;
        const char *wrong = zstd_go_on(source->zstd, &step);
        if (wrong && between)
            return base_fail(error, TAMIS_DATA, "%s: after the end of the zstd data stand bytes that are not zstd; the file is damaged, get "
                             "it anew", source->name);
        if (wrong)
            return base_fail(error, TAMIS_DATA, "%s: the zstd data is damaged (%s); get the file anew, or try: zstd -dc -M2048MB FILE | "
                             "tamis ... -", source->name, wrong);
        if (dry && !step.between && step.out_at == given)
            return base_fail(error, TAMIS_DATA, "%s: the zstd data ends too early: the file is truncated; get it anew", source->name);
        source->raw_at = step.in_at;
    }
    source->between = step.between;
    source->count = step.out_at;
    return TAMIS_OK;
}

/* What stands at the very beginning: a byte-order mark, or that of a format that is no log. */
static tamis_status begin(log_source *source, char *bytes, tamis_error *error)
{
    const char *name, *remedy;
    if (source->count >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        source->count -= 3;
        memmove(bytes, bytes + 3, source->count);
    }
    if (foreign_find(bytes, source->count, &name, &remedy))
        return base_fail(error, TAMIS_DATA, "%s is %s; %s", source->name, name, remedy);
    source->started = true;
    return TAMIS_OK;
}

/* The next bytes, as many as a window has. */
static tamis_status fill(log_source *source, char *into, tamis_error *error)
{
    source->count = 0;
    if (source->ended) return TAMIS_OK;
    const size_t wanted = source->started ? SOURCE_CHUNK : SOURCE_WINDOW;
    tamis_status status = source->gzip   ? fill_gzip(source, into, wanted, error)
                          : source->zstd ? fill_zstd(source, into, wanted, error)
                                         : fill_plain(source, into, wanted, error);
    if (!status && !source->started) status = begin(source, into, error);
    if (status) return status;
    const char *nul = memchr(into, '\0', source->count);
    if (nul) {
        source->count = (size_t)(nul - into);
        source->nul = source->ended = true;
    }
    return TAMIS_OK;
}

tamis_status source_next(log_source *source, char **bytes, size_t *count, tamis_error *error)
{
    tamis_status status = source->held ? TAMIS_OK : fill(source, source->window, error);
    source->held = false;
    *bytes = source->window;
    *count = status ? 0 : source->count;
    return status;
}

tamis_status source_read(log_source *source, char *into, size_t *count, tamis_error *error)
{
    tamis_status status = TAMIS_OK;
    if (source->held)
        memcpy(into, source->window, source->count);
    else
        status = fill(source, into, error);
    source->held = false;
    *count = status ? 0 : source->count;
    return status;
}

tamis_status source_peek(log_source *source, char **bytes, size_t *count, tamis_error *error)
{
    tamis_status status = source_next(source, bytes, count, error);
    source->held = !status;
    return status;
}

tamis_status source_fail_nul(const log_source *source, int64_t line, int64_t field, tamis_error *error)
{
    return base_fail(error, TAMIS_DATA,
                     "%s:%" PRId64 ":%" PRId64 ": a NUL byte: the file is binary or UTF-16, not text; "
                     "UTF-16 is converted by: iconv -f UTF-16 -t UTF-8 FILE | tamis ... -",
                     source->name, line, field);
}

int64_t source_line_ends(const char *bytes, size_t count)
{
    int64_t ends = 0;
    for (size_t k = 0; k < count; k++)
        ends += bytes[k] == '\n' || (bytes[k] == '\r' && (k + 1 == count || bytes[k + 1] != '\n'));
    return ends;
}

/* ---- words */

static word_kind words_fail(log_words *words, tamis_status status)
{
    words->status = status;
    return WORD_FAILED;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Adds the rest of the window to the word that has begun in it. */
static word_kind carry(log_words *words, size_t *used, char *from, tamis_error *error)
{
    size_t more = (size_t)(words->end - from);
    if (*used + more > WORD_LIMIT)
        return words_fail(words, base_fail(error, TAMIS_DATA,
                                           "%s:%" PRId64 ":%" PRId64 ": a word of more than 1 MiB; "
                                           "expected ids separated by spaces or tabs",
                                           words->source->name, words->line, words->field));
    if (!base_grow(&words->carry, &words->carry_capacity, *used + more + 1, 1))
        return words_fail(words, base_no_memory(error, "a word", *used + more, 1));
    memcpy(words->carry + *used, from, more);
    *used += more;
    words->at = words->end;
    return WORD;
}

static word_kind give(log_words *words, char *word, size_t length)
{
    word[length] = '\0';
    words->word = word;
    words->length = length;
    return WORD;
}

static word_kind end_line(log_words *words)
{
    words->line_ended = false;
    words->line_passed = true;
    return WORD_LINE_END;
}

word_kind words_next(log_words *words, tamis_error *error)
{
    size_t carried = 0, count;
    if (words->line_passed || words->line == 0) {
        words->line++;
        words->field = 0;
        words->line_passed = false;
    }
    if (words->line_ended) return end_line(words);
    for (;;) {
        if (words->at == words->end) {
            tamis_status status = source_next(words->source, &words->at, &count, error);
            if (status) return words_fail(words, status);
            words->end = words->at + count;
            if (count == 0 && words->source->nul)
                return words_fail(words, source_fail_nul(words->source, words->line, words->field + !carried, error));
            if (count == 0) return carried ? give(words, words->carry, carried) : WORD_END;
        }
        if (!carried) {
            while (words->at < words->end && blank(*words->at))
                words->at++;
            if (words->at == words->end) continue;
            if (*words->at == '\n') {
                words->at++;
                return end_line(words);
            }
            words->field++;
        }
        char *from = words->at, *to = from;
        while (to < words->end && !blank(*to) && *to != '\n')
            to++;
        if (to == words->end || carried) {
            char *end = words->end;
            words->end = to;
            word_kind kind = carry(words, &carried, from, error);
            words->end = end;
            if (kind == WORD_FAILED) return kind;
            if (to == end) continue;
        }
        words->line_ended = *to == '\n';
        words->at = to + 1;
        return carried ? give(words, words->carry, carried) : give(words, from, (size_t)(to - from));
    }
}

void words_clear(log_words *words)
{
    free(words->carry);
    words->carry = NULL;
    words->carry_capacity = 0;
}
