/* A file that appears under its name only when it is complete. */
#ifndef TAMIS_BASE_WRITER_H
#define TAMIS_BASE_WRITER_H

#include <stdbool.h>

#include "base/base.h"
#include "tamis.h"

/* Bytes go to a file beside it, without a name where the system has such files, else under a temporary one,
 * NAME.tmp-...; commit syncs and renames it; discard leaves nothing. Where the last step fails, the complete file is kept
 * as NAME.saved-1: TAMIS_ELSEWHERE. A link is written through. A device or pipe is written as it is. Names in .gz are
 * compressed. One writer belongs to one thread. Errors stick: a failed write is reported by commit at the latest. */
typedef struct base_writer base_writer;
tamis_status base_writer_open(const char *path, base_writer **writer, tamis_error *error);
/* Whether that and the commit would do, found out by making a file beside it and removing it again. A device or pipe is
 * opened and closed, which takes as long as a pipe has no reader. */
tamis_status base_writer_probe(const char *path, tamis_error *error);
/* Not to a file: to the caller's function, which must outlive the writer. Its refusal is TAMIS_STOPPED. */
tamis_status base_writer_sink(const tamis_sink *sink, base_writer **writer, tamis_error *error);
void base_writer_bytes(base_writer *writer, const void *bytes, size_t count);
void base_writer_format(base_writer *writer, const char *format, ...) BASE_PRINTF(2, 3);
/* A CSV field: quoted when it has to be. */
void base_writer_field(base_writer *writer, const char *bytes, size_t count);
/* What comes cannot be complete: commit fails with this reason, an errno, unless there is one already. */
void base_writer_fail(base_writer *writer, int reason);
bool base_writer_failed(const base_writer *writer);                       /* commit will fail */
tamis_status base_writer_commit(base_writer *writer, tamis_error *error); /* frees it, whatever happens */
void base_writer_discard(base_writer *writer);                            /* frees it, leaves no file */

/* ---- for sets of files (base/set.c), whose files are complete before the first takes its name */

/* Writes what is left, syncs: the file is complete and has yet to take its name. */
tamis_status base_writer_finish(base_writer *writer, tamis_error *error);
/* Gives it its name. */
tamis_status base_writer_take(base_writer *writer, tamis_error *error);
/* From the first byte on: adds up what goes to the file. */
void base_writer_count(base_writer *writer);
uint32_t base_writer_sum(const base_writer *writer, uint64_t *size);

#endif
