/* The k-core. */
#ifndef TAMIS_DATA_CORE_H
#define TAMIS_DATA_CORE_H

#include "data/log.h"

/* Drops users and items with too few interactions, as options say, in place; the ids that are left are numbered anew.
 * TAMIS_DATA: nothing left. */
tamis_status log_take_core(log_draft *draft, const tamis_log_options *options, tamis_error *error);

#endif
