/* A file of named sections: writes one, and opens one that may come from anywhere. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/files.h"
#include "base/status.h"
#include "base/writer.h"
#include "model/container.h"

enum { ALIGNMENT = 64, VERSION = 2, MOST_SECTIONS = 1024 };

static const char blocks_name[] = "block_crc32";

static const unsigned char magic[8] = {0x89, 'T', 'A', 'M', 'I', 'S', '\r', '\n'};
static const uint32_t here = 0x01020304, elsewhere = 0x04030201;

typedef struct container_header {
    unsigned char magic[8];
    uint32_t mark, version;
    uint64_t size;
    uint32_t sections, table_crc32;
    unsigned char zero[28];
    uint32_t crc32;
} container_header;

_Static_assert(sizeof(container_header) == 64 && sizeof(container_section) == 48, "the file's layout has no holes");

static uint64_t aligned(uint64_t offset)
{
    return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* The CRC32 of each block of the parts, one after the other; NULL: out of memory. */
static uint32_t *block_checksums(const container_part *parts, size_t count, uint64_t *blocks)
{
    uint64_t at = 0;
    *blocks = 0;
    for (size_t k = 0; k < count; k++) *blocks += checksum_blocks(parts[k].size);
    uint32_t *sums = malloc((*blocks + 1) * sizeof *sums);
    for (size_t k = 0; sums && k < count; at += checksum_blocks(parts[k].size), k++)
        checksum_each(parts[k].bytes, parts[k].size, sums + at);
    return sums;
}

/* The last part is block_crc32, from which the CRC32 of the other parts are computed. */
static tamis_status write_parts(const char *path, const container_part *parts, size_t count, tamis_error *error)
{
    static const char zeros[ALIGNMENT];
    container_section table[MOST_SECTIONS];
    const uint32_t *sums = parts[count - 1].bytes, *next = sums;
    uint64_t end = sizeof(container_header) + count * sizeof *table;
    memset(table, 0, count * sizeof *table);
    for (size_t k = 0; k < count; k++) {
        strncpy(table[k].name, parts[k].name, sizeof table[k].name - 1);
        table[k].offset = aligned(end);
        table[k].size = parts[k].size;
        table[k].crc32 = parts[k].bytes == sums ? checksum(sums, parts[k].size) : checksum_join(next, parts[k].size);
        next += parts[k].bytes == sums ? 0 : checksum_blocks(parts[k].size);
        end = table[k].offset + parts[k].size;
    }
    container_header header = {.mark = here, .version = VERSION, .size = end, .sections = (uint32_t)count,
                               .table_crc32 = checksum(table, count * sizeof *table)};
    memcpy(header.magic, magic, sizeof magic);
    header.crc32 = checksum(&header, offsetof(container_header, crc32));

    base_writer *writer;
    tamis_status status = base_writer_open(path, &writer, error);
    if (status) return status;
    base_writer_bytes(writer, &header, sizeof header);
    base_writer_bytes(writer, table, count * sizeof *table);
    uint64_t at = sizeof header + count * sizeof *table;
    for (size_t k = 0; k < count; k++) {
        base_writer_bytes(writer, zeros, (size_t)(table[k].offset - at));
        if (parts[k].size) base_writer_bytes(writer, parts[k].bytes, parts[k].size);
        at = table[k].offset + parts[k].size;
    }
    return base_writer_commit(writer, error);
}

tamis_status container_write(const char *path, const container_part *parts, size_t count, tamis_error *error)
{
    container_part all[MOST_SECTIONS];
    uint64_t blocks;
    memcpy(all, parts, count * sizeof *parts);
    uint32_t *sums = block_checksums(parts, count, &blocks);
    if (!sums) return base_no_memory(error, "checksums", (size_t)blocks, sizeof *sums);
    all[count] = (container_part){blocks_name, sums, (size_t)blocks * sizeof *sums};
    tamis_status status = write_parts(path, all, count + 1, error);
    free(sums);
    return status;
}

static tamis_status damaged(const container *file, const char *what, tamis_error *error)
{
    return base_fail(error, TAMIS_DATA, "%s: %s is damaged (CRC32 differs); copy the file again or train it anew",
                     file->path, what);
}

static tamis_status hold_pages(container *file, void *pages, tamis_error *error)
{
    file->bytes = pages;
    file->mapped = mapped_file_new(pages, file->size);
    if (file->mapped) return TAMIS_OK;
    munmap(pages, file->size);
    return base_no_memory(error, "a model", file->size, 1);
}

/* Reads a copy into anonymous pages, which are freed like those of a mapped file. */
static tamis_status read_file(container *file, int descriptor, tamis_error *error)
{
    unsigned char *bytes = mmap(NULL, file->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED) return base_no_memory(error, "a model", file->size, 1);
    tamis_status status = hold_pages(file, bytes, error);
    if (status) return status;
    for (size_t at = 0; at < file->size;) {
        const ssize_t got = read(descriptor, bytes + at, file->size - at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return base_fail(error, TAMIS_FAILURE, "cannot read %s: %s", file->path, strerror(errno));
        if (got == 0)
            return base_fail(error, TAMIS_DATA, "%s: became shorter while it was read; a model file is replaced by renaming "
                                                "another, not written over", file->path);
        at += (size_t)got;
    }
    return TAMIS_OK;
}

static tamis_status map_file(container *file, int descriptor, tamis_error *error)
{
    void *pages = mmap(NULL, file->size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (pages == MAP_FAILED)
        return base_fail(error, TAMIS_FAILURE, "cannot map %s into memory: %s", file->path, strerror(errno));
    return hold_pages(file, pages, error);
}

static tamis_status take_file(container *file, bool copy, tamis_error *error)
{
    struct stat status;
    if (base_path_check(file->path, error)) return TAMIS_USAGE;
    /* O_NONBLOCK: opening a pipe without a writer would block; it is refused below */
    int descriptor = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0 || fstat(descriptor, &status) != 0) {
        int code = errno;
        if (descriptor >= 0) close(descriptor);
        return base_fail(error, TAMIS_FAILURE, "cannot open %s: %s", file->path, strerror(code));
    }
    tamis_status result;
    file->size = (size_t)status.st_size;
    if (!S_ISREG(status.st_mode))
        result = base_fail(error, TAMIS_FAILURE, "%s: is %s; expected a model file", file->path,
                           S_ISDIR(status.st_mode) ? "a directory" : "no regular file (a model is mapped into memory)");
    else if (status.st_size == 0)
        result = base_fail(error, TAMIS_DATA, "%s: is empty; expected a model file", file->path);
    else if ((uintmax_t)status.st_size > SIZE_MAX)
        result = base_fail(error, TAMIS_FAILURE, "%s: is too large for this machine's memory", file->path);
    else
        result = (copy ? read_file : map_file)(file, descriptor, error);
    close(descriptor);
    return result;
}

static tamis_status check_header(container *file, tamis_error *error)
{
    container_header header = {0};
    memcpy(&header, file->bytes, file->size < sizeof header ? file->size : sizeof header);
    size_t told = file->size < sizeof magic ? file->size : sizeof magic;
    if (memcmp(header.magic, magic, told) != 0)
        return base_fail(error, TAMIS_DATA, "%s: not a tamis model; expected a file that tamis train wrote",
                         file->path);
    if (file->size < sizeof header)
        return base_fail(error, TAMIS_DATA,
                         "%s: is truncated: holds %zu bytes, its header alone takes %zu; copy it again", file->path,
                         file->size, sizeof header);
    if (header.mark == elsewhere)
        return base_fail(error, TAMIS_DATA,
                         "%s: was written on a machine of the other byte order; train or export it there", file->path);
    if (header.mark != here || header.crc32 != checksum(&header, offsetof(container_header, crc32)))
        return damaged(file, "its header", error);
    file->newer = header.version > VERSION;
    if (header.version < 1 || file->newer)
        return base_fail(error, TAMIS_DATA,
                         "%s: written by a newer version (%" PRIu32 "); this program reads versions 1 to %d", file->path,
                         header.version, VERSION);
    if (file->size < header.size)
        return base_fail(error, TAMIS_DATA,
                         "%s: is truncated: holds %zu bytes, its header says %" PRIu64 "; copy it again", file->path,
                         file->size, header.size);
    if (file->size > header.size)
        return base_fail(error, TAMIS_DATA,
                         "%s: holds %zu bytes, more than the %" PRIu64 " its header says; copy it again", file->path,
                         file->size, header.size);
    for (size_t k = 0; k < sizeof header.zero; k++)
        if (header.zero[k]) return damaged(file, "its header", error);
    if (header.sections > MOST_SECTIONS || header.sections * sizeof(container_section) > file->size - sizeof header)
        return base_fail(error, TAMIS_DATA, "%s: its header names %" PRIu32 " sections, more than it can hold",
                         file->path, header.sections);
    file->section = (const container_section *)(const void *)(file->bytes + sizeof header);
    file->count = header.sections;
    if (header.table_crc32 != checksum(file->section, file->count * sizeof *file->section))
        return damaged(file, "its section table", error);
    return TAMIS_OK;
}

/* Sections must follow one another, with zero bytes between them; whole: their CRC32 are checked, too. */
static tamis_status check_sections(const container *file, bool whole, tamis_error *error)
{
    uint64_t end = sizeof(container_header) + file->count * sizeof *file->section;
    for (size_t k = 0; k < file->count; k++) {
        const container_section *section = &file->section[k];
        char shown[120], what[160];
        size_t length = strnlen(section->name, sizeof section->name);
        snprintf(what, sizeof what, "section \"%s\"", base_quote(shown, sizeof shown, section->name, length));
        if (length == sizeof section->name || section->zero || section->offset != aligned(end) ||
            section->offset > file->size || section->size > file->size - section->offset)
            return base_fail(error, TAMIS_DATA, "%s: %s does not lie within the file; train the model anew", file->path,
                             what);
        for (uint64_t at = end; at < section->offset; at++)
            if (file->bytes[at])
                return base_fail(error, TAMIS_DATA, "%s: the padding before %s is damaged; copy the file again",
                                 file->path, what);
        if (whole && checksum(file->bytes + section->offset, section->size) != section->crc32)
            return damaged(file, what, error);
        end = section->offset + section->size;
    }
    if (end != file->size)
        return base_fail(error, TAMIS_DATA,
                         "%s: its sections end at byte %" PRIu64 ", the file at %zu; train the model anew", file->path,
                         end, file->size);
    return TAMIS_OK;
}

tamis_status container_open(const char *path, bool copy, container *file, tamis_error *error)
{
    *file = (container){.path = path};
    tamis_status status = take_file(file, copy, error);
    if (!status) status = check_header(file, error);
    if (!status) status = check_sections(file, true, error);
    if (status) container_close(file);
    return status;
}

/* Finds block_crc32, which must be the last section, undamaged, with a sum for each block of the others. */
static tamis_status take_blocks(container *file, tamis_error *error)
{
    const container_section *blocks = container_find(file, blocks_name);
    uint64_t wanted = 0;
    if (!blocks) return base_fail(error, TAMIS_STOPPED, "%s: has no section \"%s\"", file->path, blocks_name);
    if (checksum(file->bytes + blocks->offset, blocks->size) != blocks->crc32)
        return damaged(file, "section \"block_crc32\"", error);
    for (const container_section *s = file->section; s < blocks; s++) wanted += checksum_blocks(s->size);
    if (blocks + 1 != file->section + file->count || blocks->size != wanted * sizeof *file->block_crc32)
        return base_fail(error, TAMIS_DATA, "%s: section \"%s\" does not fit the others; train the model anew", file->path,
                         blocks_name);
    file->block_crc32 = (const uint32_t *)(const void *)(file->bytes + blocks->offset);
    file->checked = calloc((size_t)wanted + 1, 1);
    return file->checked ? TAMIS_OK : base_no_memory(error, "checksums", (size_t)wanted, 1);
}

tamis_status container_open_parts(const char *path, container *file, tamis_error *error)
{
    *file = (container){.path = path};
    tamis_status status = take_file(file, false, error);
    if (!status) status = check_header(file, error);
    if (!status) status = check_sections(file, false, error);
    if (!status) status = take_blocks(file, error);
    if (status) container_close(file);
    return status;
}

tamis_status container_check(container *file, const container_section *section, uint64_t from, uint64_t size,
                             tamis_error *error)
{
    enum { BATCH = 512 };
    uint32_t sums[BATCH];
    uint64_t before = 0;
    char shown[120], what[160];
    if (size == 0 || !file->block_crc32) return TAMIS_OK;
    for (const container_section *s = file->section; s < section; s++) before += checksum_blocks(s->size);
    const uint32_t *wanted = file->block_crc32 + before;
    unsigned char *checked = file->checked + before;
    const uint64_t end = checksum_blocks(from + size);
    for (uint64_t b = from / CHECKSUM_BLOCK; b < end;) {
        uint64_t n = 0;
        while (b + n < end && n < BATCH && !checked[b + n]) n++;
        const uint64_t at = b * CHECKSUM_BLOCK, rest = section->size - at;
        checksum_each(file->bytes + section->offset + at, rest < n * CHECKSUM_BLOCK ? rest : n * CHECKSUM_BLOCK, sums);
        if (n && memcmp(sums, wanted + b, n * sizeof *sums) != 0) {
            snprintf(what, sizeof what, "section \"%s\"",
                     base_quote(shown, sizeof shown, section->name, strnlen(section->name, sizeof section->name)));
            return damaged(file, what, error);
        }
        memset(checked + b, 1, n);
        b += n ? n : 1;
    }
    return TAMIS_OK;
}

const container_section *container_find(const container *file, const char *name)
{
    for (size_t k = 0; k < file->count; k++)
        if (strcmp(file->section[k].name, name) == 0) return &file->section[k];
    return NULL;
}

void container_close(container *file)
{
    mapped_file_drop(file->mapped);
    free(file->checked);
    *file = (container){.newer = file->newer};
}
