/* What a set of files knows of its writers beyond tamis.h. */
#ifndef TAMIS_BASE_WRITER_H
#define TAMIS_BASE_WRITER_H

#include "base/place.h"

/* Writes what is left, syncs: the file is complete and has yet to take its name. */
tamis_status base_writer_finish(tamis_writer *writer, tamis_error *error);
/* Gives it its name. */
tamis_status base_writer_take(tamis_writer *writer, tamis_error *error);
/* From the first byte on: adds up what goes to the file. */
void base_writer_count(tamis_writer *writer);
uint32_t base_writer_sum(const tamis_writer *writer, uint64_t *size);

#endif
