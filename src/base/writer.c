/* Output files that appear whole or not at all, plain or gzip. */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/files.h"
#include "base/locale.h"
#include "base/place.h"
#include "base/status.h"
#include "base/writer.h"

enum { BUFFER = 1 << 16, GZIP = 15 + 16 /* zlib's word for a window of 32 KB and a header of gzip */ };

struct base_writer {
    base_place place;
    const tamis_sink *sink; /* NULL: to the place */
    int failed;     /* errno of the first failure */
    z_stream *gzip; /* NULL: plain */
    bool counted;   /* size and CRC32 of the file are wanted */
    uint64_t size;
    uLong sum;
    size_t used;
    char buffer[BUFFER];
};

static bool ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);
    return n >= m && strcmp(path + n - m, ending) == 0;
}

static bool start_gzip(base_writer *writer)
{
    writer->gzip = calloc(1, sizeof *writer->gzip);
    if (writer->gzip && deflateInit2(writer->gzip, 6, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY) == Z_OK) return true;
    free(writer->gzip);
    writer->gzip = NULL;
    return false;
}

tamis_status base_writer_open(const char *path, base_writer **out, tamis_error *error)
{
    *out = NULL;
    base_clear(error);
    base_writer *writer = calloc(1, sizeof *writer);
    if (!writer) return base_no_memory(error, "an output buffer", 1, sizeof *writer);
    tamis_status status = base_place_open(&writer->place, path, error);
    if (!status && ends_in(path, ".gz") && !start_gzip(writer)) status = base_no_memory(error, "compression", 1, 1 << 18);
    if (status) {
        base_writer_discard(writer);
        return status;
    }
    *out = writer;
    return TAMIS_OK;
}

tamis_status base_writer_probe(const char *path, tamis_error *error)
{
    base_place place;
    base_clear(error);
    tamis_status status = base_place_open(&place, path, error);
    if (status) return status;
    int code = base_place_name(&place);
    if (!base_place_clear(&place) && !code) code = errno;
    return code ? base_place_fail(path, code, error) : TAMIS_OK;
}

tamis_status base_writer_sink(const tamis_sink *sink, base_writer **out, tamis_error *error)
{
    base_clear(error);
    *out = calloc(1, sizeof **out);
    if (!*out) return base_no_memory(error, "an output buffer", 1, sizeof **out);
    (*out)->place.file = -1;
    (*out)->sink = sink;
    return TAMIS_OK;
}

static void put_plain(base_writer *writer, const char *bytes, size_t count)
{
    if (writer->sink) {
        if (count && writer->sink->call(writer->sink->context, bytes, count)) writer->failed = ECANCELED;
        return;
    }
    if (writer->failed) return;
    writer->failed = base_write_all(writer->place.file, bytes, count);
    if (writer->failed || !writer->counted) return;
    writer->size += count;
    writer->sum = crc32_z(writer->sum, (const Bytef *)bytes, count);
}

/* how: Z_NO_FLUSH, or Z_FINISH for the last bytes */
static void put_gzip(base_writer *writer, const char *bytes, size_t count, int how)
{
    unsigned char packed[BUFFER];
    z_stream *z = writer->gzip;
    do {
        const uInt part = count > BUFFER ? BUFFER : (uInt)count;
        z->next_in = (z_const Bytef *)(uintptr_t)bytes;
        z->avail_in = part;
        bytes += part;
        count -= part;
        do {
            z->next_out = packed;
            z->avail_out = sizeof packed;
            (void)deflate(z, count ? Z_NO_FLUSH : how);
            put_plain(writer, (const char *)packed, sizeof packed - z->avail_out);
        } while (z->avail_out == 0 && !writer->failed);
    } while (count && !writer->failed);
}

static void put(base_writer *writer, const char *bytes, size_t count)
{
    if (writer->failed) return;
    if (writer->gzip)
        put_gzip(writer, bytes, count, Z_NO_FLUSH);
    else
        put_plain(writer, bytes, count);
}

static void drain(base_writer *writer)
{
    put(writer, writer->buffer, writer->used);
    writer->used = 0;
}

void base_writer_bytes(base_writer *writer, const void *bytes, size_t count)
{
    if (writer->used + count > BUFFER) drain(writer);
    if (count >= BUFFER) {
        put(writer, bytes, count);
        return;
    }
    memcpy(writer->buffer + writer->used, bytes, count);
    writer->used += count;
}

void base_writer_format(base_writer *writer, const char *format, ...)
{
    char text[1024];
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = base_vformat(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < sizeof text) {
        base_writer_bytes(writer, text, (size_t)length);
    } else if (length >= 0) {
        char *longer = malloc((size_t)length + 1);
        if (longer) {
            base_vformat(longer, (size_t)length + 1, format, again);
            base_writer_bytes(writer, longer, (size_t)length);
            free(longer);
        } else {
            writer->failed = ENOMEM;
        }
    }
    va_end(again);
}

void base_writer_field(base_writer *writer, const char *bytes, size_t count)
{
    bool plain = count > 0;
    for (size_t k = 0; k < count && plain; k++)
        plain = bytes[k] != ',' && bytes[k] != '"' && bytes[k] != '\n' && bytes[k] != '\r';
    if (plain) {
        base_writer_bytes(writer, bytes, count);
        return;
    }
    base_writer_bytes(writer, "\"", 1);
    for (size_t k = 0; k < count; k++) {
        if (bytes[k] == '"') base_writer_bytes(writer, "\"", 1);
        base_writer_bytes(writer, &bytes[k], 1);
    }
    base_writer_bytes(writer, "\"", 1);
}

void base_writer_fail(base_writer *writer, int reason)
{
    if (!writer->failed) writer->failed = reason;
}

bool base_writer_failed(const base_writer *writer)
{
    return writer->failed != 0;
}

tamis_status base_writer_finish(base_writer *writer, tamis_error *error)
{
    drain(writer);
    if (writer->gzip && !writer->failed) put_gzip(writer, "", 0, Z_FINISH);
    if (!writer->failed && writer->place.temporary && fsync(writer->place.file) != 0) writer->failed = errno;
    if (!writer->failed) return TAMIS_OK;
    if (writer->failed == ECANCELED) return base_fail(error, TAMIS_STOPPED, "stopped by who takes what is written");
    if (writer->sink) return base_fail(error, TAMIS_FAILURE, "cannot write: %s", strerror(writer->failed));
    return base_place_fail(writer->place.path, writer->failed, error);
}

tamis_status base_writer_take(base_writer *writer, tamis_error *error)
{
    return base_place_take(&writer->place, error);
}

void base_writer_count(base_writer *writer)
{
    writer->counted = true;
}

uint32_t base_writer_sum(const base_writer *writer, uint64_t *size)
{
    *size = writer->size;
    return (uint32_t)writer->sum;
}

tamis_status base_writer_commit(base_writer *writer, tamis_error *error)
{
    base_clear(error);
    tamis_status status = base_writer_finish(writer, error);
    if (!status && !writer->sink) status = base_place_take(&writer->place, error);
    base_writer_discard(writer);
    return status;
}

void base_writer_discard(base_writer *writer)
{
    if (!writer) return;
    if (writer->gzip) (void)deflateEnd(writer->gzip);
    free(writer->gzip);
    (void)base_place_clear(&writer->place);
    free(writer);
}
