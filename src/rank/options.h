/* The options of an evaluation. */
#ifndef TAMIS_RANK_OPTIONS_H
#define TAMIS_RANK_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "tamis.h"

extern const tamis_option_table evaluate_option_table;
/* Of the same struct, for those who take intervals of means and not of differences. */
extern const tamis_option_table interval_option_table;

/* What --candidates says: "all", "listed" or "sampled:N". False: none of these. */
bool evaluate_candidates(const char *text, bool *listed, int64_t *sampled);

#endif
