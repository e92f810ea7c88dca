/* Rows that are known to be noise, put into parts of a log that has none of them. */
#ifndef TAMIS_STUDY_NATURAL_H
#define TAMIS_STUDY_NATURAL_H

#include <stdint.h>

#include "tamis.h"

typedef struct natural_noise {
    const tamis_log *rows;   /* matched by id with `log`; what log has not, or has as clean, is left out */
    const tamis_log *log;    /* all that is clean; train and validation are parts of it */
    double ratio;            /* chance of each row to be there */
    double validation_share; /* chance of one that is there to be in validation */
    uint64_t seed;           /* a row that is there with a ratio is there with every higher one */
} natural_noise;

/* Each part anew, with its noise; the old ones are freed, whatever happens. */
tamis_status natural_put(const natural_noise *noise, tamis_log **train, tamis_log **validation, tamis_error *error);

#endif
