/* Output files that appear whole or not at all, plain or gzip. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/writer.h"

enum { BUFFER = 1 << 16, GZIP = 15 + 16 /* zlib's word for a window of 32 KB and a header of gzip */ };

struct tamis_writer {
    base_place place;
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

static bool start_gzip(tamis_writer *writer)
{
    writer->gzip = calloc(1, sizeof *writer->gzip);
    if (writer->gzip && deflateInit2(writer->gzip, 6, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY) == Z_OK) return true;
    free(writer->gzip);
    writer->gzip = NULL;
    return false;
}

tamis_status tamis_writer_open(const char *path, tamis_writer **out, tamis_error *error)
{
    *out = NULL;
    base_clear(error);
    tamis_writer *writer = calloc(1, sizeof *writer);
    if (!writer) return base_no_memory(error, "an output buffer", 1, sizeof *writer);
    tamis_status status = base_place_open(&writer->place, path, error);
    if (!status && ends_in(path, ".gz") && !start_gzip(writer)) status = base_no_memory(error, "compression", 1, 1 << 18);
    if (status) {
        tamis_writer_discard(writer);
        return status;
    }
    *out = writer;
    return TAMIS_OK;
}

tamis_status tamis_writer_probe(const char *path, tamis_error *error)
{
    base_place place;
    base_clear(error);
    tamis_status status = base_place_open(&place, path, error);
    if (status) return status;
    int code = base_place_name(&place);
    if (!base_place_clear(&place) && !code) code = errno;
    return code ? base_place_fail(path, code, error) : TAMIS_OK;
}

static void put_plain(tamis_writer *writer, const char *bytes, size_t count)
{
    while (count && !writer->failed) {
        ssize_t written = write(writer->place.file, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            writer->failed = written < 0 ? errno : EIO;
            return;
        }
        if (writer->counted) {
            writer->size += (uint64_t)written;
            writer->sum = crc32_z(writer->sum, (const Bytef *)bytes, (z_size_t)written);
        }
        bytes += written;
        count -= (size_t)written;
    }
}

/* how: Z_NO_FLUSH, or Z_FINISH for the last bytes */
static void put_gzip(tamis_writer *writer, const char *bytes, size_t count, int how)
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

static void put(tamis_writer *writer, const char *bytes, size_t count)
{
    if (writer->failed) return;
    if (writer->gzip)
        put_gzip(writer, bytes, count, Z_NO_FLUSH);
    else
        put_plain(writer, bytes, count);
}

static void drain(tamis_writer *writer)
{
    put(writer, writer->buffer, writer->used);
    writer->used = 0;
}

void tamis_writer_bytes(tamis_writer *writer, const void *bytes, size_t count)
{
    if (writer->used + count > BUFFER) drain(writer);
    if (count >= BUFFER) {
        put(writer, bytes, count);
        return;
    }
    memcpy(writer->buffer + writer->used, bytes, count);
    writer->used += count;
}

void tamis_writer_format(tamis_writer *writer, const char *format, ...)
{
    char text[1024];
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = base_vformat(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < sizeof text) {
        tamis_writer_bytes(writer, text, (size_t)length);
    } else if (length >= 0) {
        char *longer = malloc((size_t)length + 1);
        if (longer) {
            base_vformat(longer, (size_t)length + 1, format, again);
            tamis_writer_bytes(writer, longer, (size_t)length);
            free(longer);
        } else {
            writer->failed = ENOMEM;
        }
    }
    va_end(again);
}

void tamis_writer_field(tamis_writer *writer, const char *bytes, size_t count)
{
    bool plain = count > 0;
    for (size_t k = 0; k < count && plain; k++)
        plain = bytes[k] != ',' && bytes[k] != '"' && bytes[k] != '\n' && bytes[k] != '\r';
    if (plain) {
        tamis_writer_bytes(writer, bytes, count);
        return;
    }
    tamis_writer_bytes(writer, "\"", 1);
    for (size_t k = 0; k < count; k++) {
        if (bytes[k] == '"') tamis_writer_bytes(writer, "\"", 1);
        tamis_writer_bytes(writer, &bytes[k], 1);
    }
    tamis_writer_bytes(writer, "\"", 1);
}

int tamis_writer_failed(const tamis_writer *writer)
{
    return writer->failed != 0;
}

tamis_status base_writer_finish(tamis_writer *writer, tamis_error *error)
{
    drain(writer);
    if (writer->gzip && !writer->failed) put_gzip(writer, "", 0, Z_FINISH);
    if (!writer->failed && writer->place.temporary && fsync(writer->place.file) != 0) writer->failed = errno;
    return writer->failed ? base_place_fail(writer->place.path, writer->failed, error) : TAMIS_OK;
}

tamis_status base_writer_take(tamis_writer *writer, tamis_error *error)
{
    return base_place_take(&writer->place, error);
}

void base_writer_count(tamis_writer *writer)
{
    writer->counted = true;
}

uint32_t base_writer_sum(const tamis_writer *writer, uint64_t *size)
{
    *size = writer->size;
    return (uint32_t)writer->sum;
}

tamis_status tamis_writer_commit(tamis_writer *writer, tamis_error *error)
{
    base_clear(error);
    tamis_status status = base_writer_finish(writer, error);
    if (!status) status = base_place_take(&writer->place, error);
    tamis_writer_discard(writer);
    return status;
}

void tamis_writer_discard(tamis_writer *writer)
{
    if (!writer) return;
    if (writer->gzip) (void)deflateEnd(writer->gzip);
    free(writer->gzip);
    (void)base_place_clear(&writer->place);
    free(writer);
}
