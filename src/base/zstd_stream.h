/* zstd's frames undone, where configure has found libzstd. */
#ifndef TAMIS_BASE_ZSTD_STREAM_H
#define TAMIS_BASE_ZSTD_STREAM_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes in and out; what was taken and given is added to the positions. */
typedef struct zstd_step {
    const unsigned char *in;
    size_t in_at, in_count;
    char *out;
    size_t out_at, out_room;
    bool between; /* a frame has ended, and all of it was given out */
} zstd_step;

/* Whether a file begins as a zstd file does, and can be read here: false without libzstd. */
bool zstd_begins(const unsigned char *bytes, size_t count);
void *zstd_open(void); /* NULL: out of memory */
void zstd_close(void *stream);
/* NULL: all is well, else why it is not. */
const char *zstd_go_on(void *stream, zstd_step *step);

#endif
