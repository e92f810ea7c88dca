/* Files that belong together: they appear together, and a manifest tells of those that do not. */
#ifndef TAMIS_BASE_SET_H
#define TAMIS_BASE_SET_H

#include "base/writer.h"
#include "tamis.h"

enum { SET_MOST = 32 }; /* files of a set */

/* Commit gives none of the files its name before all are complete, so that a failure leaves those of before. In a
 * directory (made if missing) a manifest of them takes its name first: if the process is killed between two of them, the
 * files of before are seen to be of another run. directory NULL: files anywhere, without a manifest. */
typedef struct base_set base_set;
tamis_status base_set_new(const char *directory, const char *maker, const char *start, base_set **set, tamis_error *error);
/* One more file: a name in the directory, else a path. The writer is the set's: neither committed nor discarded by others.
 * writer NULL: a file that this set does not have: one of that name that begins with start becomes NAME~. */
tamis_status base_set_add(base_set *set, const char *name, base_writer **writer, tamis_error *error);
tamis_status base_set_commit(base_set *set, tamis_error *error); /* frees it, whatever happens */
void base_set_discard(base_set *set);                            /* frees it, leaves no file */

#endif
