/* Files that belong together: all are complete before the first takes its name, so that what fails leaves those of before;
 * and one of before that this set does not have is put aside with them, lest it pass for one of this set.
 *
 * A process that is killed between two renames leaves some files of this run beside others of one before. For readers to see
 * that, a set in a directory has a manifest, which takes its name first: until the last file has followed, those of before
 * are not as it says. A line per file: CRC32 and size, or "- -" for one that this set does not have; then its name. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/locale.h"
#include "base/manifest.h"
#include "base/place.h"
#include "base/set.h"
#include "base/status.h"

struct base_set {
    char *directory; /* NULL: files lie anywhere, and there is no manifest */
    char maker[40], start[40];
    char *name[SET_MOST];
    base_writer *writer[SET_MOST]; /* NULL: the set has no such file */
    int count;
};

tamis_status base_set_new(const char *directory, const char *maker, const char *start, base_set **out, tamis_error *error)
{
    *out = NULL;
    base_clear(error);
    base_set *set = calloc(1, sizeof *set);
    if (set && directory) set->directory = strdup(directory);
    if (!set || (directory && !set->directory)) {
        free(set);
        return base_no_memory(error, "a set of files", 1, sizeof *set);
    }
    base_format(set->maker, sizeof set->maker, "%s", maker);
    base_format(set->start, sizeof set->start, "%s", start);
    tamis_status status = directory ? base_directory(directory, error) : TAMIS_OK;
    if (status) {
        base_set_discard(set);
        return status;
    }
    *out = set;
    return TAMIS_OK;
}

tamis_status base_set_add(base_set *set, const char *name, base_writer **writer, tamis_error *error)
{
    char path[BASE_PATH];
    base_clear(error);
    if (writer) *writer = NULL;
    if (set->count == SET_MOST) return base_fail(error, TAMIS_FAILURE, "more than %d files in a set", SET_MOST);
    if (set->directory && !base_join(path, sizeof path, set->directory, name))
        return base_fail(error, TAMIS_FAILURE, "the path of %.60s... is too long", set->directory);
    char *copy = strdup(name);
    if (!copy) return base_no_memory(error, "a set of files", 1, strlen(name));
    base_writer **slot = &set->writer[set->count];
    tamis_status status = writer ? base_writer_open(set->directory ? path : name, slot, error) : TAMIS_OK;
    if (status) {
        free(copy);
        return status;
    }
    set->name[set->count++] = copy;
    if (writer) {
        *writer = *slot;
        base_writer_count(*slot);
    }
    return TAMIS_OK;
}

static tamis_status write_manifest(const base_set *set, base_writer **out, tamis_error *error)
{
    char path[BASE_PATH];
    if (!base_join(path, sizeof path, set->directory, MANIFEST_NAME))
        return base_fail(error, TAMIS_FAILURE, "the path of %.60s... is too long", set->directory);
    tamis_status status = base_writer_open(path, out, error);
    if (status) return status;
    base_writer_format(*out, MANIFEST_MAKER "%s: CRC32, bytes, name\n", set->maker);
    for (int k = 0; k < set->count; k++) {
        uint64_t size = 0;
        const uint32_t sum = set->writer[k] ? base_writer_sum(set->writer[k], &size) : 0;
        if (set->writer[k])
            base_writer_format(*out, "%08" PRIx32 " %" PRIu64 " %s\n", sum, size, set->name[k]);
        else
            base_writer_format(*out, "- - %s\n", set->name[k]);
    }
    return base_writer_finish(*out, error);
}

/* Whether a regular file begins like those that an earlier set may have left. */
static bool is_alike(const base_set *set, const char *path)
{
    char bytes[sizeof set->start];
    struct stat status;
    const size_t length = strlen(set->start);
    if (!length || lstat(path, &status) != 0 || !S_ISREG(status.st_mode)) return false;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t got = file < 0 ? -1 : read(file, bytes, length);
    if (file >= 0) close(file);
    return got == (ssize_t)length && memcmp(bytes, set->start, length) == 0;
}

/* A file of before under a name that this set does not use becomes NAME~. */
static tamis_status put_aside(const base_set *set, const char *name, tamis_error *error)
{
    char path[BASE_PATH], aside[BASE_PATH + 2];
    if (!base_join(path, sizeof path, set->directory, name) || !is_alike(set, path)) return TAMIS_OK;
    base_format(aside, sizeof aside, "%s~", path);
    if (rename(path, aside) == 0) return TAMIS_OK;
    return base_fail(error, TAMIS_FAILURE, "cannot rename %s, which would pass for a file of this run: %s", path, strerror(errno));
}

tamis_status base_set_commit(base_set *set, tamis_error *error)
{
    base_writer *manifest = NULL;
    tamis_status status = TAMIS_OK;
    base_clear(error);
    for (int k = 0; k < set->count && !status; k++)
        if (set->writer[k]) status = base_writer_finish(set->writer[k], error);
    if (!status && set->directory) status = write_manifest(set, &manifest, error);
    base_place_busy(1);
    if (!status && manifest) status = base_writer_take(manifest, error);
    for (int k = 0; k < set->count && !status && manifest; k++)
        if (!set->writer[k]) status = put_aside(set, set->name[k], error);
    for (int k = 0; k < set->count && !status; k++)
        if (set->writer[k]) status = base_writer_take(set->writer[k], error);
    base_place_busy(-1);
    base_writer_discard(manifest);
    base_set_discard(set);
    return status;
}

void base_set_discard(base_set *set)
{
    if (!set) return;
    for (int k = 0; k < set->count; k++) {
        base_writer_discard(set->writer[k]);
        free(set->name[k]);
    }
    free(set->directory);
    free(set);
}
