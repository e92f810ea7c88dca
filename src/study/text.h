/* Text that grows, and digests of it. */
#ifndef TAMIS_STUDY_TEXT_H
#define TAMIS_STUDY_TEXT_H

#include <stdbool.h>

#include "base/base.h"
#include "tamis.h"

/* Text that grows; failed is set when memory ends. */
typedef struct study_text {
    char *bytes; /* NUL-terminated once anything was added */
    size_t used, capacity;
    bool failed;
} study_text;
void study_add(study_text *text, const char *format, ...) BASE_PRINTF(2, 3);
void study_add_bytes(study_text *text, const char *bytes, size_t count);
void study_text_clear(study_text *text);

/* Digests: 128 bits in hexadecimal, of a text that says everything that matters to a cell */
enum { STUDY_DIGEST = 32 };
typedef char study_digest[STUDY_DIGEST + 1];
void study_digest_of(const char *text, study_digest digest);
/* Of a log's ids and interactions, and of its ratings if these count. */
void study_digest_log(const tamis_log *log, bool ratings, study_digest digest);
/* The version since which a run of the same description comes to the same figures; part of every digest. To be raised
 * when they change: what earlier versions computed is then computed again. */
#define STUDY_FIGURES "0.1.0"

/* The value, in that column of a cell's rows, of the metric named in the column before; NAN: the run diverged. False: there
 * is no such row. */
bool study_value(const char *rows, int column, const char *metric, double *value);

#endif
