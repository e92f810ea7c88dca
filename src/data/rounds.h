/* A CSV file in chunks of plain rows, several at a time. */
#ifndef TAMIS_DATA_ROUNDS_H
#define TAMIS_DATA_ROUNDS_H

#include "data/csv_rows.h"

/* Reads all of the source. */
tamis_status csv_read_rounds(csv_log *csv);

#endif
