/* Paths, directories, and bytes that must have come to the disk. */
#ifndef TAMIS_BASE_FILES_H
#define TAMIS_BASE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "tamis.h"

enum { BASE_PATH = 4096 }; /* bytes of the longest path, its end included */

/* TAMIS_USAGE: it is NULL or empty. */
tamis_status base_path_check(const char *path, tamis_error *error);
/* mkdir unless it is there. */
tamis_status base_directory(const char *path, tamis_error *error);
/* directory/name into buffer; false: too long. */
bool base_join(char *buffer, size_t size, const char *directory, const char *name);
/* The beginning of a small file, such as one of /proc: as much as there is room for, closed by NUL. False: nothing can be read. */
bool base_read_text(const char *path, char *text, size_t room);
/* Bytes to a descriptor, all of them, whatever signals come. 0, or errno. */
int base_write_all(int file, const void *bytes, size_t count);
/* Makes names that were given or taken in the directory of a path last; what cannot be synced (some file systems) is no
 * error. */
void base_sync_directory(const char *path);

#endif
