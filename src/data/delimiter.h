/* What parts the columns of a CSV file. */
#ifndef TAMIS_DATA_DELIMITER_H
#define TAMIS_DATA_DELIMITER_H

#include "data/reader.h"

/* The delimiter of the options, or the one that the first line holds most. */
tamis_status log_delimiter(const log_reader *reader, const char *bytes, size_t count, int64_t line, char *delimiter);

#endif
