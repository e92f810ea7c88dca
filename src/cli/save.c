/* What took long to make is not thrown away because a disk is full: it goes elsewhere, and that is said. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/set.h"
#include "base/files.h"
#include "base/writer.h"
#include "cli/commands.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/save.h"

enum { BESIDE, TEMPORARY, LAST_RESORT, FOLDERS };

/* A free name in one of the other folders; false: there is none. */
static bool elsewhere(const char *path, int folder, char other[BASE_PATH])
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *temporary = getenv("TMPDIR");
    struct stat status;
    if (folder == TEMPORARY && (!temporary || !*temporary)) return false;
    if (folder == LAST_RESORT) temporary = "/tmp";
    for (int k = 1; k < 1000; k++) {
        int length = folder == BESIDE ? snprintf(other, BASE_PATH, "%s.saved-%d", path, k)
                                     : snprintf(other, BASE_PATH, "%s/%s.saved-%d", temporary, name, k);
        if (length < 0 || length >= BASE_PATH) return false;
        if (lstat(other, &status) != 0) return errno == ENOENT;
    }
    return false;
}

/* other: where it is then. False: nowhere. */
static bool save_elsewhere(const char *path, cli_saving save, const void *context, char other[BASE_PATH])
{
    struct stat status;
    const bool device = stat(path, &status) == 0 && !S_ISREG(status.st_mode);
    for (int folder = device ? TEMPORARY : BESIDE; folder < FOLDERS; folder++)
        if (elsewhere(path, folder, other) && !save(context, other, NULL)) return true;
    return false;
}

static const char nowhere[] = "could be saved nowhere, not beside that, in $TMPDIR or in /tmp either";

int cli_save(const char *path, const char *what, cli_saving save, const void *context)
{
    tamis_error error;
    char other[BASE_PATH];
    const tamis_status failed = save(context, path, &error);
    if (failed != TAMIS_FAILURE) return cli_status(failed, &error);
    if (save_elsewhere(path, save, context, other))
        return cli_fail(TAMIS_FAILURE, "%s; %s is saved as %s instead", error.text, what, other);
    return cli_fail(TAMIS_FAILURE, "%s; %s %s", error.text, what, nowhere);
}

/* ---- several files */

static bool is_file(const cli_file *file)
{
    return file->write && file->path && strcmp(file->path, "-") != 0;
}

typedef struct one {
    const cli_file *file;
    const void *context;
} one;

static tamis_status write_one(const void *context, const char *path, tamis_error *error)
{
    const one *o = context;
    cli_out out;
    tamis_status status = base_writer_open(path, &out.writer, error);
    if (status) return status;
    o->file->write(o->context, &out);
    return base_writer_commit(out.writer, error);
}

static tamis_status write_set(const cli_file *file, size_t count, const void *context, tamis_error *error)
{
    base_set *set;
    cli_out out;
    tamis_status status = base_set_new(NULL, "", "", &set, error);
    if (status) return status;
    for (size_t k = 0; k < count && !status; k++) {
        if (!is_file(&file[k])) continue;
        status = base_set_add(set, file[k].path, &out.writer, error);
        if (!status) file[k].write(context, &out);
    }
    if (!status) return base_set_commit(set, error);
    base_set_discard(set);
    return status;
}

/* After the sentence about what failed. */
static int write_elsewhere(const cli_file *file, size_t count, const void *context, const char *sentence)
{
    char said[4 * BASE_PATH], other[BASE_PATH];
    snprintf(said, sizeof said, "%s", sentence);
    for (size_t k = 0; k < count; k++) {
        if (!is_file(&file[k])) continue;
        const bool saved = save_elsewhere(file[k].path, write_one, &(one){&file[k], context}, other);
        const size_t used = strlen(said);
        snprintf(said + used, sizeof said - used, "; %s %s%s%s", file[k].what, saved ? "is saved as " : nowhere,
                 saved ? other : "", saved ? " instead" : "");
    }
    return cli_fail(TAMIS_FAILURE, "%s", said);
}

int cli_write_files(const cli_file *file, size_t count, const void *context)
{
    tamis_error error;
    const tamis_status status = write_set(file, count, context, &error);
    const int code = status ? write_elsewhere(file, count, context, error.text) : 0;
    for (size_t k = 0; k < count; k++)
        if (file[k].write && !is_file(&file[k])) file[k].write(context, &(cli_out){.writer = NULL});
    return code;
}
