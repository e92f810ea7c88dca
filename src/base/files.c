/* Paths, directories, and bytes that must have come to the disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/status.h"

tamis_status base_path_check(const char *path, tamis_error *error)
{
    if (!path) return base_null(error, "the path");
    return *path ? TAMIS_OK : base_fail(error, TAMIS_USAGE, "the path is empty; expected the name of a file or a directory");
}

tamis_status base_directory(const char *path, tamis_error *error)
{
    struct stat status;
    if (base_path_check(path, error)) return TAMIS_USAGE;
    if (mkdir(path, 0777) == 0) return TAMIS_OK;
    if (errno == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode)) return TAMIS_OK;
    return base_fail(error, TAMIS_FAILURE, "cannot make the directory %s: %s", path,
                     errno == EEXIST ? "a file of that name is in the way" : strerror(errno));
}

bool base_join(char *buffer, size_t size, const char *directory, const char *name)
{
    size_t length = strlen(directory);
    const char *slash = length && directory[length - 1] == '/' ? "" : "/";
    int written = snprintf(buffer, size, "%s%s%s", directory, slash, name);
    return written >= 0 && (size_t)written < size;
}

/* The disk is to begin with these bytes now, while the next are made: the sync at the end then waits for the last of them alone. */
static void begin_sync(int file, size_t count)
{
#ifdef SYNC_FILE_RANGE_WRITE
    const off_t end = lseek(file, 0, SEEK_CUR); /* fails for a pipe */
    if (end >= (off_t)count) (void)sync_file_range(file, end - (off_t)count, (off_t)count, SYNC_FILE_RANGE_WRITE);
#else
    (void)file;
    (void)count;
#endif
}

bool base_read_text(const char *path, char *text, size_t room)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t got = file < 0 ? -1 : read(file, text, room - 1);
    if (file >= 0) (void)close(file);
    text[got > 0 ? got : 0] = '\0';
    return got > 0;
}

int base_write_all(int file, const void *bytes, size_t count)
{
    enum { PIECE = 8 << 20 };
    const char *at = bytes;
    while (count > 0) {
        const ssize_t done = write(file, at, count < PIECE ? count : PIECE);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return done < 0 ? errno : EIO;
        if (done == PIECE) begin_sync(file, PIECE);
        at += done;
        count -= (size_t)done;
    }
    return 0;
}

void base_sync_directory(const char *path)
{
    char directory[BASE_PATH];
    const char *slash = strrchr(path, '/');
    const int length = snprintf(directory, sizeof directory, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    if (length < 0 || (size_t)length >= sizeof directory) return;
    const int file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return;
    (void)fsync(file);
    close(file);
}
