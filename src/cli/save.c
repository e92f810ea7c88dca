/* What took long to make is not thrown away because a disk is full: it goes elsewhere, and that is said. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"

enum { BESIDE, TEMPORARY, LAST_RESORT, PLACES, PATH = 4096 };

/* A free name at one of the other places; false: there is none. */
static bool elsewhere(const char *path, int place, char other[PATH])
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *temporary = getenv("TMPDIR");
    struct stat status;
    if (place == TEMPORARY && (!temporary || !*temporary)) return false;
    if (place == LAST_RESORT) temporary = "/tmp";
    for (int k = 1; k < 1000; k++) {
        int length = place == BESIDE ? snprintf(other, PATH, "%s.saved-%d", path, k)
                                     : snprintf(other, PATH, "%s/%s.saved-%d", temporary, name, k);
        if (length < 0 || length >= PATH) return false;
        if (lstat(other, &status) != 0) return errno == ENOENT;
    }
    return false;
}

int cli_save(const char *path, const char *what, cli_saving save, const void *context)
{
    tamis_error error;
    char other[PATH];
    struct stat status;
    const bool device = stat(path, &status) == 0 && !S_ISREG(status.st_mode);
    const tamis_status failed = save(context, path, &error);
    if (failed != TAMIS_FAILURE) return cli_status(failed, &error);
    for (int place = device ? TEMPORARY : BESIDE; place < PLACES; place++) {
        if (!elsewhere(path, place, other)) continue;
        const tamis_status again = save(context, other, NULL);
        if (!again) return cli_fail(TAMIS_FAILURE, "%s; %s is saved as %s instead", error.text, what, other);
    }
    return cli_fail(TAMIS_FAILURE, "%s; %s could be saved nowhere, not beside that, in $TMPDIR or in /tmp either", error.text,
                    what);
}
