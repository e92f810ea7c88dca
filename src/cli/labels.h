/* Labels of suspects. */
#ifndef TAMIS_CLI_LABELS_H
#define TAMIS_CLI_LABELS_H

#include <stdbool.h>

#include "tamis.h"

/* For each of an audit's suspects: 1 noise, 0 clean, -1 unknown. Rows of the truth are noise where their rating is above 0
 * (marked), and those without a row unknown; or all are noise, and the others clean. To be freed; NULL: out of memory. */
signed char *cli_labels(const tamis_audit *audit, const tamis_log *log, const tamis_log *truth, bool marked);

#endif
