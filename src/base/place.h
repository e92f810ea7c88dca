/* A file on its way to its name: it is written without one, or under a temporary one beside it, and takes its own when it
 * is complete. A link is written through: what it points to is replaced. */
#ifndef TAMIS_BASE_PLACE_H
#define TAMIS_BASE_PLACE_H

#include <stdbool.h>

#include "tamis.h"

typedef struct base_place {
    char *path;      /* as the caller wrote it, for messages */
    char *target;    /* path, or where it leads to as a link */
    char *temporary; /* beside the target; NULL: a device or pipe, which is written in place */
    bool named;      /* the temporary name is in use, */
    bool remembered; /* and known to base_place_sweep() */
    int file;        /* -1: closed */
} base_place;

/* "cannot write PATH: reason" */
tamis_status base_place_fail(const char *path, int code, tamis_error *error);
/* Fails where the name could not be taken in the end: a mount point, someone else's file in a sticky directory. */
tamis_status base_place_open(base_place *place, const char *path, tamis_error *error);
/* Takes the temporary name, as base_place_take() will. 0, or errno. */
int base_place_name(base_place *place);
/* Closes the file and gives it its name; what was written must be synced. TAMIS_ELSEWHERE: it is
 * denied that and kept beside it under another. */
tamis_status base_place_take(base_place *place, tamis_error *error);
/* Removes the temporary files of all writers of the process. For a handler of signals that ends it, which may call this:
 * nothing may be done with the writers afterwards. Returns false, and has done nothing, while files are taking their names,
 * which is soon over and should not be cut in two; at_once: all the same. */
bool base_place_sweep(bool at_once);
/* Files that are taking their names: the sweep waits for them. */
void base_place_busy(int change);
/* Removes what has not taken its name; false: it cannot be removed. */
bool base_place_clear(base_place *place);

#endif
