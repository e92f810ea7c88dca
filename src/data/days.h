/* Rows by their times, before they are merged. */
#ifndef TAMIS_DATA_DAYS_H
#define TAMIS_DATA_DAYS_H

#include "data/log.h"

/* The span of the times and, with a note, users with more than `limit` rows on a day, for the draft's summary. Rows are grouped by
 * user, duplicates not yet merged. */
tamis_status log_look_at_days(const log_draft *draft, int64_t limit, tamis_error *error);

#endif
