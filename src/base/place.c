/* Where outputs are written and how they get their names. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "base/files.h"
#include "base/place.h"
#include "base/status.h"

enum {
    MOST_LINKS = 40,
    MOST_NAME = 200, /* bytes of a name that a temporary one repeats: with more it might be too long */
    SUFFIX = 48,
    TRIES = 1000,
    PIECE = 1 << 16
};

/* ---- what a handler of signals can know: state that is the process's */

static _Atomic(char *) remembered[64];
static atomic_int taking; /* files that are being given their names */

static bool remember(char *temporary)
{
    for (size_t k = 0; k < BASE_COUNT(remembered); k++) {
        char *none = NULL;
        if (atomic_compare_exchange_strong(&remembered[k], &none, temporary)) return true;
    }
    return false;
}

/* False: a handler has taken it, and still reads it. */
static bool forget(char *temporary)
{
    for (size_t k = 0; k < BASE_COUNT(remembered); k++) {
        char *same = temporary;
        if (atomic_compare_exchange_strong(&remembered[k], &same, NULL)) return true;
    }
    return false;
}

bool base_place_sweep(bool at_once)
{
    if (!at_once && atomic_load(&taking) > 0) return false;
    for (size_t k = 0; k < BASE_COUNT(remembered); k++) {
        char *temporary = atomic_exchange(&remembered[k], NULL);
        if (temporary) unlink(temporary);
    }
    return true;
}

void base_place_busy(int change)
{
    atomic_fetch_add(&taking, change);
}

/* ---- names */

tamis_status base_place_fail(const char *path, int code, tamis_error *error)
{
    return base_fail(error, TAMIS_FAILURE, "cannot write %s: %s", path, strerror(code));
}

/* How many bytes of a path name its directory, the slash included. */
static size_t directory_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The directory of a path, in malloc'ed memory. */
static char *directory_of(const char *path)
{
    const size_t length = directory_length(path);
    return length ? strndup(path, length) : strdup(".");
}

/* Where a path leads to, in malloc'ed memory; NULL: errno says why. A link into /proc, as /dev/stdout is one, is an open
 * file and not a name. */
static char *follow(const char *path)
{
    char link[BASE_PATH], *at = strdup(path);
    for (int k = 0; at && k < MOST_LINKS; k++) {
        ssize_t length = strncmp(at, "/proc/", 6) == 0 ? -1 : readlink(at, link, sizeof link - 1);
        if (length < 0) return at;
        link[length] = '\0';
        const size_t before = *link == '/' ? 0 : directory_length(at);
        char *next = malloc(before + (size_t)length + 1);
        if (next) {
            memcpy(next, at, before);
            memcpy(next + before, link, (size_t)length + 1);
        }
        free(at);
        at = next;
    }
    if (at) errno = ELOOP;
    free(at);
    return NULL;
}

static void name_temporary(base_place *place, unsigned attempt)
{
    const size_t before = directory_length(place->target);
    snprintf(place->temporary, strlen(place->target) + SUFFIX + 1, "%.*s%.*s.tmp-%ld-%u", (int)before, place->target, MOST_NAME,
             place->target + before, (long)getpid(), attempt);
}

/* ---- opening */

/* Whether the name can be taken in the end; 0, or errno. */
static int replaceable(const base_place *place, const struct stat *status)
{
    struct stat parent;
#ifdef STATX_ATTR_MOUNT_ROOT
    struct statx mount;
    if (statx(AT_FDCWD, place->target, AT_SYMLINK_NOFOLLOW, 0, &mount) == 0 && mount.stx_attributes & STATX_ATTR_MOUNT_ROOT)
        return EBUSY;
#endif
    char *directory = directory_of(place->target);
    const bool sticky = directory && stat(directory, &parent) == 0 && parent.st_mode & S_ISVTX;
    const uid_t me = geteuid();
    free(directory);
    return sticky && me != 0 && me != status->st_uid && me != parent.st_uid ? EPERM : 0;
}

static int open_named(base_place *place, mode_t mode)
{
    for (unsigned attempt = 0; attempt < TRIES; attempt++) {
        name_temporary(place, attempt);
        int file = open(place->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (file >= 0) {
            place->named = true;
            place->remembered = remember(place->temporary);
            return file;
        }
        if (errno != EEXIST) break;
    }
    return -1;
}

static void descriptor_path(int file, char path[64])
{
    snprintf(path, 64, "/proc/self/fd/%d", file);
}

/* A file without a name where the system has them and can name them later, so that nothing is left behind however the
 * process dies; else one with a temporary name. The system's umask makes of 0666 what it should be. */
static int open_temporary(base_place *place, mode_t mode)
{
#ifdef O_TMPFILE
    char *directory = directory_of(place->target), self[64];
    int file = directory ? open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, mode) : -1;
    free(directory);
    if (file >= 0) {
        descriptor_path(file, self);
        if (access(self, F_OK) == 0) return file;
        close(file);
    }
#endif
    return open_named(place, mode);
}

/* Opens the place; 0, or errno. The mode of a file that is there is kept. */
static int open_place(base_place *place)
{
    struct stat status;
    const bool exists = stat(place->target, &status) == 0;
    if (exists && S_ISDIR(status.st_mode)) return EISDIR;
    if (exists && (!S_ISREG(status.st_mode) || strncmp(place->target, "/proc/", 6) == 0)) {
        free(place->temporary);
        place->temporary = NULL;
        place->file = open(place->target, O_WRONLY | O_CLOEXEC);
        return place->file < 0 ? errno : 0;
    }
    /* by the name that was given: the system may refuse to follow someone else's link */
    if (faccessat(AT_FDCWD, place->path, W_OK, AT_EACCESS) != 0 && errno != ENOENT) return errno;
    const int code = exists ? replaceable(place, &status) : 0;
    if (code) return code;
    place->file = open_temporary(place, exists ? status.st_mode & 0666 : 0666);
    if (place->file < 0) return errno;
    if (exists) (void)fchmod(place->file, status.st_mode & 07777);
    return 0;
}

tamis_status base_place_open(base_place *place, const char *path, tamis_error *error)
{
    *place = (base_place){.file = -1};
    if (base_path_check(path, error)) return TAMIS_USAGE;
    place->path = strdup(path);
    place->target = follow(path);
    if (place->path && !place->target && errno == ELOOP) {
        base_place_clear(place);
        return base_place_fail(path, ELOOP, error);
    }
    if (place->target) place->temporary = malloc(strlen(place->target) + SUFFIX + 1);
    if (!place->path || !place->target || !place->temporary) {
        base_place_clear(place);
        return base_no_memory(error, "the name of an output", strlen(path), 2);
    }
    const int code = open_place(place);
    if (!code) return TAMIS_OK;
    base_place_clear(place);
    if (code == EBUSY)
        return base_fail(error, TAMIS_FAILURE, "cannot replace %s: it is mounted on its own; mount its directory instead, or choose "
                         "another name", path);
    return base_place_fail(path, code, error);
}

/* ---- taking the name */

static int copy(int from, int to)
{
    char piece[PIECE];
    for (off_t at = 0;;) {
        ssize_t got = pread(from, piece, sizeof piece, at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno;
        if (got == 0) return fsync(to) == 0 ? 0 : errno;
        const int code = base_write_all(to, piece, (size_t)got);
        if (code) return code;
        at += got;
    }
}

int base_place_name(base_place *place)
{
    char self[64];
    struct stat status;
    if (place->named || !place->temporary) return 0;
    descriptor_path(place->file, self);
    for (unsigned attempt = 0; attempt < TRIES; attempt++) {
        name_temporary(place, attempt);
        if (linkat(AT_FDCWD, self, AT_FDCWD, place->temporary, AT_SYMLINK_FOLLOW) == 0) {
            place->named = true;
            place->remembered = remember(place->temporary);
            return 0;
        }
        if (errno != EEXIST) break;
    }
    /* it cannot be linked: no /proc any more, say */
    const mode_t mode = fstat(place->file, &status) == 0 ? status.st_mode & 07777 : 0666;
    const int named = open_named(place, mode & 0666);
    if (named < 0) return errno;
    const int code = copy(place->file, named);
    (void)fchmod(named, mode);
    close(place->file);
    place->file = named;
    return code;
}

/* The temporary file under a free name NAME.saved-1, -2, ... in malloc'ed memory; NULL: it stays as it is. */
static char *keep(base_place *place)
{
    const size_t room = strlen(place->target) + SUFFIX;
    char *kept = malloc(room);
    for (unsigned k = 1; kept && k < TRIES; k++) {
        snprintf(kept, room, "%s.saved-%u", place->target, k);
        const int claim = open(kept, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (claim < 0 && errno == EEXIST) continue;
        if (claim >= 0) close(claim);
        if (claim >= 0 && rename(place->temporary, kept) == 0) return kept;
        if (claim >= 0) unlink(kept);
        break;
    }
    free(kept);
    return NULL;
}

/* The temporary name is no longer ours to remove. */
static void let_go(base_place *place)
{
    place->named = false;
    if (place->remembered && forget(place->temporary)) place->remembered = false;
}

static tamis_status take(base_place *place, tamis_error *error)
{
    int code = base_place_name(place);
    if (close(place->file) != 0 && !code) code = errno;
    place->file = -1;
    if (code) return base_place_fail(place->path, code, error);
    if (!place->temporary) return TAMIS_OK;
    if (rename(place->temporary, place->target) == 0) {
        let_go(place);
        base_sync_directory(place->target);
        return TAMIS_OK;
    }
    code = errno;
    char *kept = keep(place);
    base_fail(error, TAMIS_ELSEWHERE, "cannot replace %s: %s; what was to be written is complete in %s", place->path,
              strerror(code), kept ? kept : place->temporary);
    free(kept);
    let_go(place);
    return TAMIS_ELSEWHERE;
}

tamis_status base_place_take(base_place *place, tamis_error *error)
{
    base_place_busy(1);
    tamis_status status = take(place, error);
    base_place_busy(-1);
    return status;
}

bool base_place_clear(base_place *place)
{
    if (place->file >= 0) close(place->file);
    const bool gone = !place->named || unlink(place->temporary) == 0; /* analyzer: possible-null-argument, what is named has a name */
    const bool mine = !place->remembered || forget(place->temporary); /* not before it has gone */
    if (mine) free(place->temporary);
    free(place->target);
    free(place->path);
    *place = (base_place){.file = -1};
    return gone;
}
