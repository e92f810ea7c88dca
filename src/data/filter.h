/* Which rows of a file are taken at all, by what stands in their columns. */
#ifndef TAMIS_DATA_FILTER_H
#define TAMIS_DATA_FILTER_H

#include "data/predicate.h"

enum { FILTERS = 2 };

typedef struct log_filter {
    const char *option; /* "--where" */
    bool keeps;         /* the rows for which it holds; else those for which it does not */
    predicate question;
} log_filter;

typedef struct log_filters {
    log_filter filter[FILTERS];
    int count;
} log_filters;

/* Those of the options. TAMIS_USAGE: one is none. */
tamis_status log_filters_read(log_filters *filters, const tamis_log_options *options, tamis_error *error);
/* Whether a filter takes a row by its field: as predicate_ask(). */
predicate_answer log_filter_ask(const log_filter *filter, const char *field, size_t length);

#endif
