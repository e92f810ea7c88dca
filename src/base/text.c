/* Numbers from and to text, paths, the clock. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/base.h"

bool base_parse_real(const char *text, double *value)
{
    char *end;
    if ((unsigned char)*text <= ' ' || strpbrk(text, "xX")) return false;
    double parsed = base_strtod(text, &end);
    if (*end != '\0' || isnan(parsed)) return false;
    *value = parsed;
    return true;
}

bool base_parse_integer(const char *text, int64_t *value)
{
    char *end;
    if ((unsigned char)*text <= ' ') return false;
    errno = 0;
    intmax_t parsed = strtoimax(text, &end, 10);
    if (*end != '\0' || errno == ERANGE || parsed > INT64_MAX || parsed < INT64_MIN) return false;
    *value = (int64_t)parsed;
    return true;
}

const char *base_real_text(double value, char *buffer)
{
    for (int digits = 15; digits <= 17; digits++) {
        base_format(buffer, 32, "%.*g", digits, value);
        if (base_strtod(buffer, NULL) == value) break;
    }
    return buffer;
}

double base_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

tamis_status base_directory(const char *path, tamis_error *error)
{
    struct stat status;
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
