/* Propensities from a file: how likely it was that a user saw an item. */
#ifndef TAMIS_DATA_PROPENSITY_H
#define TAMIS_DATA_PROPENSITY_H

#include "data/log.h"
#include "tamis.h"

typedef struct log_propensity { /* one of the two, with values in (0,1] */
    double *item;        /* per item */
    double *interaction; /* per interaction of the log */
} log_propensity;

/* The file's columns, below a header: item, propensity; or user, item, propensity. Rows of users, items or pairs that the
 * log does not hold are passed over. TAMIS_DATA: a value outside (0,1], a row twice, an item (a pair) of the log that the
 * file lacks. */
tamis_status log_propensity_read(const char *path, const tamis_log *log, log_propensity *propensity, tamis_error *error);
/* TAMIS_DATA: a number stands where the column's name should: the file has no header. */
tamis_status log_propensity_header(const tamis_table *table, size_t column, tamis_error *error);
void log_propensity_clear(log_propensity *propensity);

#endif
