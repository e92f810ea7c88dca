/* zstd's frames undone. Source of the magic numbers: RFC 8878, 3.1. */
#include <string.h>

#include "base/zstd_stream.h"

#ifdef HAVE_ZSTD
#include <zstd.h>

bool zstd_begins(const unsigned char *bytes, size_t count)
{
    /* or with a frame to be skipped, in which parallel packers note lengths */
    return count >= 4 && (memcmp(bytes, "\x28\xB5\x2F\xFD", 4) == 0 || ((bytes[0] & 0xF0) == 0x50 && memcmp(bytes + 1, "\x2A\x4D\x18", 3) == 0));
}

void *zstd_open(void)
{
    return ZSTD_createDStream();
}

void zstd_close(void *stream)
{
    ZSTD_freeDStream(stream);
}

const char *zstd_go_on(void *stream, zstd_step *step)
{
    ZSTD_inBuffer in = {step->in, step->in_count, step->in_at};
    ZSTD_outBuffer out = {step->out, step->out_room, step->out_at};
    const size_t left = ZSTD_decompressStream(stream, &out, &in);
    if (ZSTD_isError(left)) return ZSTD_getErrorName(left);
    step->in_at = in.pos;
    step->out_at = out.pos;
    step->between = left == 0;
    return NULL;
}

#else

bool zstd_begins(const unsigned char *bytes, size_t count)
{
    (void)bytes;
    (void)count;
    return false;
}

void *zstd_open(void)
{
    return NULL;
}

void zstd_close(void *stream)
{
    (void)stream;
}

const char *zstd_go_on(void *stream, zstd_step *step)
{
    (void)stream;
    (void)step;
    return "this program was built without libzstd";
}

#endif
