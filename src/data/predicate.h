/* A question about a field of a row: "rating<=2", "event=view,cart", "dwell>30". */
#ifndef TAMIS_DATA_PREDICATE_H
#define TAMIS_DATA_PREDICATE_H

#include <stdbool.h>
#include <stddef.h>

#include "tamis.h"

enum { PREDICATE_VALUES = 32, PREDICATE_TEXT = 400 };

typedef enum predicate_relation {
    PREDICATE_EQUAL,     /* to one of the values */
    PREDICATE_DIFFERENT, /* from all of them */
    PREDICATE_BELOW,
    PREDICATE_AT_MOST,
    PREDICATE_ABOVE,
    PREDICATE_AT_LEAST
} predicate_relation;

typedef enum predicate_answer { PREDICATE_NO, PREDICATE_YES, PREDICATE_NO_NUMBER /* where one is compared with */ } predicate_answer;

typedef struct predicate {
    predicate_relation relation;
    char text[PREDICATE_TEXT]; /* the column, then the values, each closed by NUL */
    const char *column;
    size_t values;
    const char *value[PREDICATE_VALUES];
    double number[PREDICATE_VALUES]; /* NAN: the value is none */
    bool numbers;                    /* one of them is */
} predicate;

/* COLUMN=VALUE[,VALUE...], COLUMN!=VALUE[,VALUE...], or COLUMN with <, <=, > or >= and a number. A column or value may stand in
 * double quotes, doubled inside. option: "--where", for messages. TAMIS_USAGE: says at which character what was expected. */
tamis_status predicate_parse(predicate *p, const char *option, const char *text, tamis_error *error);
/* VALUE=NUMBER[,VALUE=NUMBER...]: value[] and number[], no two values alike; there is no column. */
tamis_status predicate_parse_pairs(predicate *p, const char *option, const char *text, tamis_error *error);
/* Numbers are read as ratings are, and equal when they are so as numbers. */
predicate_answer predicate_ask(const predicate *p, const char *field, size_t length);

#endif
