/* Whether the columns of a CSV file hold what they were taken for. */
#ifndef TAMIS_DATA_JUDGE_H
#define TAMIS_DATA_JUDGE_H

#include "data/columns.h"
#include "data/sample.h"

/* By their names and by a sample of what they hold; first: the first row. */
void log_judge_columns(log_reader *reader, const log_columns *columns, const log_row *first,
                       const log_sample *sample);

#endif
