/* Output files that appear whole or not at all: temporary file, fsync, rename. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/base.h"

enum { BUFFER = 1 << 16 };

struct tamis_writer {
    char *path, *temporary; /* temporary NULL: a device or pipe, written in place */
    bool named;             /* the temporary file has its name already */
    int file;
    int failed; /* errno of the first failure */
    gzFile gzip; /* NULL: plain */
    size_t used;
    char buffer[BUFFER];
};

static tamis_status cannot(const char *path, int code, tamis_error *error)
{
    return base_fail(error, TAMIS_FAILURE, "cannot write %s: %s", path, strerror(code));
}

static bool ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);
    return n >= m && strcmp(path + n - m, ending) == 0;
}

/* The directory of a path, in malloc'ed memory. */
static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = strdup(slash ? path : ".");
    if (directory && slash) directory[slash == path ? 1 : slash - path] = '\0';
    return directory;
}

/* A file without a name where the system has them, so that nothing is left behind however the process dies; else one
 * with a temporary name. */
static int open_temporary(tamis_writer *writer)
{
#ifdef O_TMPFILE
    char *directory = directory_of(writer->path);
    int file = directory ? open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600) : -1;
    free(directory);
    if (file >= 0) return file;
#endif
    writer->named = true;
    return mkstemp(writer->temporary);
}

/* Gives an unnamed file its temporary name, so that it can be renamed onto the target. */
static int give_name(tamis_writer *writer)
{
    if (writer->named) return 0;
    char open_file[64];
    snprintf(open_file, sizeof open_file, "/proc/self/fd/%d", writer->file);
    size_t length = strlen(writer->temporary);
    for (unsigned attempt = 0; attempt < 1000; attempt++) {
        snprintf(writer->temporary + length - 6, 7, "%03u%03u", (unsigned)getpid() % 1000, attempt);
        if (linkat(AT_FDCWD, open_file, AT_FDCWD, writer->temporary, AT_SYMLINK_FOLLOW) == 0) {
            writer->named = true;
            return 0;
        }
        if (errno != EEXIST) break;
    }
    return errno;
}

/* Opens the temporary file beside the target; the target's own mode is kept when it exists. */
static int open_file(tamis_writer *writer, tamis_error *error)
{
    struct stat status;
    bool exists = stat(writer->path, &status) == 0;
    if (exists && S_ISDIR(status.st_mode)) {
        cannot(writer->path, EISDIR, error);
        return -1;
    }
    if (exists && !S_ISREG(status.st_mode)) {
        free(writer->temporary);
        writer->temporary = NULL;
        writer->file = open(writer->path, O_WRONLY | O_CLOEXEC);
    } else {
        if (exists && access(writer->path, W_OK) != 0) {
            cannot(writer->path, errno, error);
            return -1;
        }
        writer->file = open_temporary(writer);
        if (writer->file >= 0) {
            mode_t mask = umask(0);
            umask(mask);
            (void)fcntl(writer->file, F_SETFD, FD_CLOEXEC);
            (void)fchmod(writer->file, exists ? status.st_mode & 07777 : 0666 & ~mask);
        }
    }
    if (writer->file < 0) cannot(writer->path, errno, error);
    return writer->file;
}

tamis_status tamis_writer_open(const char *path, tamis_writer **out, tamis_error *error)
{
    *out = NULL;
    base_clear(error);
    tamis_writer *writer = calloc(1, sizeof *writer);
    size_t length = strlen(path);
    if (writer) {
        writer->file = -1;
        writer->path = malloc(length + 1);
        writer->temporary = malloc(length + 12);
    }
    if (!writer || !writer->path || !writer->temporary) {
        tamis_writer_discard(writer);
        return base_no_memory(error, "an output buffer", 1, BUFFER);
    }
    memcpy(writer->path, path, length + 1);
    snprintf(writer->temporary, length + 12, "%s.tmpXXXXXX", path);
    if (open_file(writer, error) < 0) {
        writer->named = false;
        tamis_writer_discard(writer);
        return TAMIS_FAILURE;
    }
    if (ends_in(path, ".gz")) {
        int copy = dup(writer->file);
        writer->gzip = copy < 0 ? NULL : gzdopen(copy, "wb6");
        if (!writer->gzip) {
            if (copy >= 0) close(copy);
            tamis_writer_discard(writer);
            return base_no_memory(error, "compression", 1, BUFFER);
        }
    }
    *out = writer;
    return TAMIS_OK;
}

static void put(tamis_writer *writer, const char *bytes, size_t count)
{
    if (writer->failed) return;
    if (writer->gzip) {
        while (count) {
            unsigned part = count > BUFFER ? BUFFER : (unsigned)count;
            if (gzwrite(writer->gzip, bytes, part) != (int)part) {
                int code;
                gzerror(writer->gzip, &code);
                writer->failed = code == Z_ERRNO && errno ? errno : EIO;
                return;
            }
            bytes += part;
            count -= part;
        }
        return;
    }
    while (count) {
        ssize_t written = write(writer->file, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            writer->failed = written < 0 ? errno : EIO;
            return;
        }
        bytes += written;
        count -= (size_t)written;
    }
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

/* Makes the rename itself durable; what cannot be synced (some file systems) is no error. */
static void sync_directory(const char *path)
{
    char *directory = directory_of(path);
    if (!directory) return;
    int file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        (void)fsync(file);
        close(file);
    }
    free(directory);
}

tamis_status tamis_writer_commit(tamis_writer *writer, tamis_error *error)
{
    tamis_status status = TAMIS_OK;
    base_clear(error);
    drain(writer);
    if (writer->gzip) {
        if (gzclose(writer->gzip) != Z_OK && !writer->failed) writer->failed = errno ? errno : EIO;
        writer->gzip = NULL;
    }
    if (!writer->failed && writer->temporary && fsync(writer->file) != 0) writer->failed = errno;
    if (!writer->failed && writer->temporary) writer->failed = give_name(writer);
    if (close(writer->file) != 0 && !writer->failed) writer->failed = errno;
    writer->file = -1;
    if (!writer->failed && writer->temporary) {
        if (rename(writer->temporary, writer->path) != 0) {
            writer->failed = errno;
        } else {
            sync_directory(writer->path);
            writer->named = false;
        }
    }
    if (writer->failed) status = cannot(writer->path, writer->failed, error);
    tamis_writer_discard(writer);
    return status;
}

void tamis_writer_discard(tamis_writer *writer)
{
    if (!writer) return;
    if (writer->gzip) gzclose(writer->gzip);
    if (writer->file >= 0) close(writer->file);
    if (writer->named) unlink(writer->temporary);
    free(writer->temporary);
    free(writer->path);
    free(writer);
}
