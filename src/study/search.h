/* What a method's options are drawn from when it is tuned. */
#ifndef TAMIS_STUDY_SEARCH_H
#define TAMIS_STUDY_SEARCH_H

#include <stdbool.h>

#include "tamis.h"

enum { SEARCH_AXES = 48, SEARCH_NAME = 64, SEARCH_WORDS = 400 };

/* Values, one after the other, each closed by NUL. */
typedef struct search_values {
    char text[SEARCH_WORDS];
    size_t count;
} search_values;

/* An option that is drawn: from values, or from a range. */
typedef struct search_axis {
    const tamis_option *row;
    const search_values *values; /* NULL: a range */
    double low, high;            /* whole numbers are rounded */
    bool logarithmic;
} search_axis;

/* What the caller sets: "[METHOD:]OPTION=VALUE", "=VALUE,VALUE,..." or "=[log:|linear:]LOW..HIGH". */
typedef struct search_set {
    char name[2 * SEARCH_NAME]; /* METHOD and OPTION */
    const char *method, *option; /* method NULL: of all that have the option */
    const char *text;            /* the caller's: what stands behind the = */
    search_values values;
    bool used;
    tamis_error why; /* it was not */
} search_set;

/* TAMIS_USAGE: it is none. */
tamis_status search_set_read(search_set *set, const char *text, tamis_error *error);

typedef struct search_space {
    const char *name;         /* of the method, or of a way of training it */
    tamis_train_options base; /* the first trial; and what is not drawn, in all others */
    search_axis axis[SEARCH_AXES];
    size_t axes;
    const tamis_option *fixed[SEARCH_AXES]; /* options that the caller has set to one value */
    size_t fixes;
    search_values of_rows[4]; /* of rows */
    size_t row_values;
} search_space;

/* Fills in what is drawn of a method whose name and base are there: options whose rows say what from and that have an
 * effect, but for what sets say. Marks the sets that are used. The space and the sets stay where they are. */
tamis_status search_open(search_space *space, search_set *set, size_t sets, tamis_error *error);

/* Trial number k: 0 is the base; others are drawn, each option from a stream of its own name. attempt: 0, or more to draw
 * anew. An option without effect beside the others that were drawn stays as it is. */
void search_draw(const search_space *space, uint64_t seed, int64_t trial, int attempt, tamis_train_options *options);

/* The base with the largest number of each that is drawn: what takes most memory. */
void search_largest(const search_space *space, tamis_train_options *options);

/* "--learning-rate 0.03 --tau1 0.1": what the caller has set and what is drawn, as it is here. False: too long. */
bool search_text(const search_space *space, const tamis_train_options *options, char *buffer, size_t size);

/* A row of the method's or of all methods'; NULL: it has no such option. */
const tamis_option *search_row(const tamis_train_options *options, const char *name);

#endif
