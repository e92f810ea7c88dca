/* Weights of rows: how much each counts.
 *
 *   linear  c = 1 + a r           r: what stands in the column of --weight
 *   log     c = 1 + a ln(1 + r)   without --weight-scale a = 1 / the mean over all rows of r, or of ln(1 + r), and the weights of
 *   none    c = r                 the log's interactions are divided by their mean in the end
 *   events  c = what --event-weight says of the row's kind of event
 *
 * times 2^(-age / half-life), the age counted from --now, or from the newest row. Until rows are a matrix a dislike has weight 0. */
#ifndef TAMIS_DATA_WEIGHTS_H
#define TAMIS_DATA_WEIGHTS_H

#include "data/log.h"
#include "data/predicate.h"
#include "data/rows.h"

/* The column in which tamis_log_write() marks dislikes. */
#define LOG_DISLIKE "dislike"

/* What is read from a row's column. */
typedef struct log_weighing {
    const char *column; /* its name or position; NULL: the one recognised as kinds of events */
    const char *option; /* that messages name: "--weight" */
    bool wanted, events;
    predicate event;    /* the kinds and their weights */
    bool disliking;     /* some rows are dislikes: */
    bool by_column;     /* those for which this holds; else what the file calls dislike, if it does */
    predicate dislike;
    double dislike_below; /* those rated below; NAN: none */
} log_weighing;

/* TAMIS_USAGE: the options cannot be understood. */
tamis_status log_weighing_read(log_weighing *weighing, const tamis_log_options *options, tamis_error *error);
/* A field's weight, as it stands; false: it is none. text is closed by NUL. */
bool log_weighing_parse(const log_weighing *weighing, const char *text, size_t length, double *value);
/* What was expected instead, for messages. Returns buffer. */
const char *log_weighing_expected(const log_weighing *weighing, char *buffer, size_t size);

/* Whether interactions have weights in the end. */
bool log_is_weighted(const tamis_log_options *options);
/* Turns what rows->weight holds into weights, before rows are grouped. */
tamis_status log_weigh_rows(log_rows *rows, const tamis_log_options *options, tamis_log_summary *summary, tamis_error *error);
/* The last step for a log's n interactions. */
void log_scale_weights(float *weight, int64_t n, const tamis_log_options *options);

#endif
