/* Files that people have instead of a text log, told by how they begin. */
#ifndef TAMIS_BASE_FOREIGN_H
#define TAMIS_BASE_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

/* True: the bytes are the beginning of such a file; *name says what it is, *remedy how it becomes a log. */
bool foreign_find(const char *bytes, size_t count, const char **name, const char **remedy);

#endif
