/* What a set of files knows of its writers beyond tamis.h. */
#ifndef TAMIS_BASE_WRITER_H
#define TAMIS_BASE_WRITER_H

#include "base/place.h"

/* Writes what is left, syncs: the file is complete and has yet to take its name. */
tamis_status base_writer_finish(tamis_writer *writer, tamis_error *error);

#endif
