/* Whether a file is the one that its set's manifest names; see base/set.c. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/files.h"
#include "base/locale.h"
#include "base/manifest.h"
#include "base/status.h"

enum { MOST_TEXT = 1 << 16, PIECE = 1 << 24 };

/* What the manifest says of a file. */
typedef struct line {
    bool absent;
    uint32_t sum;
    uint64_t size;
} line;

/* All of a small regular file; NULL: there is none. */
static char *read_text(const char *path)
{
    struct stat status;
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *text = file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode) ? calloc(1, MOST_TEXT + 1) : NULL;
    if (text && read(file, text, MOST_TEXT) < 0) *text = '\0';
    if (file >= 0) close(file);
    return text;
}

static bool find_line(const char *text, const char *name, line *found)
{
    const size_t length = strlen(name);
    for (const char *at = text, *end; (end = strchr(at, '\n')); at = end + 1) {
        const char *size = memchr(at, ' ', (size_t)(end - at));
        const char *path = size ? memchr(size + 1, ' ', (size_t)(end - size - 1)) : NULL;
        if (*at == '#' || !path || (size_t)(end - path - 1) != length || memcmp(path + 1, name, length) != 0) continue;
        *found = (line){.absent = *at == '-', .sum = (uint32_t)strtoul(at, NULL, 16), .size = strtoull(size + 1, NULL, 10)};
        return true;
    }
    return false;
}

/* False: it cannot be read, which is for who reads it to tell. */
static bool sum_file(const char *path, uint32_t *sum)
{
    bool good = false;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    char *piece = malloc(PIECE);
    *sum = 0;
    for (uint64_t at = 0; file >= 0 && piece;) {
        size_t used = 0;
        ssize_t got = 1;
        while (used < PIECE && (got = read(file, piece + used, PIECE - used)) != 0) {
            if (got < 0 && errno != EINTR) break;
            if (got > 0) used += (size_t)got;
        }
        *sum = at ? checksum_append(*sum, checksum(piece, used), used) : checksum(piece, used);
        at += used;
        if (got <= 0) {
            good = got == 0;
            break;
        }
    }
    if (file >= 0) close(file);
    free(piece);
    return good;
}

static bool differs(const char *path, const line *wanted)
{
    struct stat status;
    uint32_t sum;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) return false;
    if (wanted->absent || (uint64_t)status.st_size != wanted->size) return true;
    return sum_file(path, &sum) && sum != wanted->sum;
}

tamis_status base_manifest_check(const char *path, tamis_error *error)
{
    static const char by[] = MANIFEST_MAKER;
    char manifest[BASE_PATH];
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    base_clear(error);
    const int length = base_format(manifest, sizeof manifest, "%.*s%s", (int)(name - path), path, MANIFEST_NAME);
    if (length < 0 || (size_t)length >= sizeof manifest) return TAMIS_OK;
    char *text = read_text(manifest);
    line wanted;
    tamis_status status = TAMIS_OK;
    if (text && find_line(text, name, &wanted) && differs(path, &wanted)) {
        const bool named = strncmp(text, by, sizeof by - 1) == 0;
        const char *maker = named ? text + sizeof by - 1 : "tamis";
        status = base_fail(error, TAMIS_DATA, "%s is not the one that %.*s made with the other files of %s: they may be of two runs, "
                           "test rows among those trained on; run it again, or remove the line there if you changed the file "
                           "yourself", path, (int)strcspn(maker, ":\n"), maker, manifest);
    }
    free(text);
    return status;
}
