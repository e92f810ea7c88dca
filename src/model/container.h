/* A file of named sections, each with its CRC32: the form of the model file, and of what else is written like it.
 *
 *   offset 0    header, 64 bytes:
 *                  0  magic "\x89TAMIS\r\n": the high bit and the line end betray a transfer as text
 *                  8  u32  endianness mark 0x01020304, in the order of the machine that wrote the file
 *                 12  u32  version: 2, or 1, whose sections are among those of 2
 *                 16  u64  size of the whole file
 *                 24  u32  number of sections
 *                 28  u32  CRC32 of the section table
 *                 32  28 zero bytes
 *                 60  u32  CRC32 of the 60 bytes before
 *   offset 64   section table: one container_section each, in the order of the file
 *   then        the sections, each at the next multiple of 64, zero bytes between them; the file ends with the last.
 *
 * The last section, block_crc32, holds a CRC32 of every 64 KiB of every section before it, in the order of the file, so
 * that a reader who wants little of a large file can check just that. Files without it are read as a whole.
 *
 * Numbers are in the byte order of the writer: a file is mapped and used as it stands. A reader takes the sections it
 * knows by name and passes over the rest, so a later program may add some without a new version. */
#ifndef TAMIS_MODEL_CONTAINER_H
#define TAMIS_MODEL_CONTAINER_H

#include <stdbool.h>

#include "matrix/mapped_file.h"
#include "tamis.h"

typedef struct container_section {
    char name[24]; /* NUL-padded */
    uint64_t offset, size;
    uint32_t crc32, zero;
} container_section;

typedef struct container {
    const char *path; /* the caller's, for messages */
    unsigned char *bytes; /* the whole file */
    size_t size;
    mapped_file *mapped; /* in which they lie, to be held by what is made of them */
    const container_section *section;
    size_t count;
    const uint32_t *block_crc32; /* where the file is open for parts; else NULL */
    unsigned char *checked;      /* per block: 1 once it has been checked */
    bool newer;                  /* it was refused for its version, not for damage */
} container;

typedef struct container_part {
    const char *name; /* at most 23 bytes */
    const void *bytes;
    size_t size;
} container_part;

tamis_status container_write(const char *path, const container_part *parts, size_t count, tamis_error *error);
/* Maps a file, or reads a copy, and checks all of it: header, table, padding, the CRC32 of every section. */
tamis_status container_open(const char *path, bool copy, container *file, tamis_error *error);
/* Maps a file of which only parts are needed: checks the header, the table and block_crc32, but no other section.
 * TAMIS_STOPPED: the file has no block_crc32. */
tamis_status container_open_parts(const char *path, container *file, tamis_error *error);
/* Checks the blocks of a section that hold bytes from .. from + size - 1, each once. */
tamis_status container_check(container *file, const container_section *section, uint64_t from, uint64_t size,
                             tamis_error *error);
/* The section of a name; NULL: there is none. */
const container_section *container_find(const container *file, const char *name);
void container_close(container *file);

#endif
