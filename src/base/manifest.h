/* What a set of files leaves beside them, so that a reader can tell whether a file is still of its set. */
#ifndef TAMIS_BASE_MANIFEST_H
#define TAMIS_BASE_MANIFEST_H

#include "tamis.h"

#define MANIFEST_NAME "tamis.manifest"
#define MANIFEST_MAKER "# made together by "

/* Whether a file is as a manifest beside it says, if there is one. TAMIS_DATA: it is of another run, or was changed. */
tamis_status base_manifest_check(const char *path, tamis_error *error);

#endif
