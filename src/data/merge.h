/* Rows of one user and item become one interaction. */
#ifndef TAMIS_DATA_MERGE_H
#define TAMIS_DATA_MERGE_H

#include "data/log.h"

/* Sorts the draft's rows, which are grouped by user, by item and merges duplicates as the options say. Counts them in the log's
 * summary. */
tamis_status log_merge_rows(log_draft *draft, const tamis_log_options *options, tamis_error *error);

#endif
