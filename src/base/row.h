/* A row of CSV: the one place that knows what a quote means. */
#ifndef TAMIS_BASE_ROW_H
#define TAMIS_BASE_ROW_H

#include <stdbool.h>

#include "base/fields.h"

/* As csv_cut_line(), whatever the quotes are. */
csv_outcome csv_cut_row(const csv_rules *rules, const char *at, const char *end, bool whole, csv_row *row);

#endif
