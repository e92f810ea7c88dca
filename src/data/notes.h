/* Notes about a log whose file is not wrong, but perhaps not what was meant: tamis_log_summary.note. */
#ifndef TAMIS_DATA_NOTES_H
#define TAMIS_DATA_NOTES_H

#include "base/base.h"
#include "data/log.h"

/* A column taken by its position, which the whole log may show to be the wrong one. */
typedef struct log_doubt {
    char column[300], advice[400]; /* "a.csv: column 2, taken as item,"; what to do. "": no doubt */
    bool few;                      /* its values could be ratings or labels */
} log_doubt;

/* What was seen in the files while they were read. */
typedef struct log_findings {
    log_doubt doubt[2];   /* of user and item */
    int64_t at[2];        /* their columns in the first CSV file, from 1; 0: none */
    char delimiter;       /* there */
    bool rating_doubtful; /* what was taken for ratings by its position is hardly that */
    bool quoted;          /* a quote stands in the first bytes of a CSV log: its fields are not for sed and awk */
} log_findings;

/* Adds a note of so many rows (0: not counted), unless the same one is there or there is no room. */
void log_note(tamis_log_summary *summary, tamis_note_kind kind, bool warning, int64_t rows, const char *format, ...)
    BASE_PRINTF(5, 6);
/* A column, by its name or position, that could weigh rows and does not. */
void log_note_counts(tamis_log_summary *summary, const char *column);
/* Of ids, once rows are grouped by user, but duplicates not yet merged. */
tamis_status log_judge_ids(log_findings *findings, const log_draft *draft, tamis_error *error);
/* Of ratings that nobody asked for, once they are. */
void log_judge_ratings(tamis_log *log, const tamis_log_options *options, bool doubtful);

#endif
