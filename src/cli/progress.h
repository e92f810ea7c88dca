/* The progress of training. */
#ifndef TAMIS_CLI_PROGRESS_H
#define TAMIS_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tamis.h"

typedef struct cli_progress {
    tamis_progress progress; /* what tamis_train() is given */
    const char *metric;      /* NULL: no validation */
    const char *log_path;
    FILE *log;               /* JSON lines; NULL: none */
    int log_error;           /* errno of the first failure */
    double last;             /* value of validation; 0: none yet */
    double start, seconds;   /* wall clock; seconds once it is closed, validation included */
    double trained;          /* seconds, without validation */
    int64_t first;           /* the first epoch of this process; 0: none yet */
    bool resumes;            /* a checkpoint's run, perhaps */
} cli_progress;

/* A run that goes on keeps what the log holds of its epochs so far. */
int cli_progress_open(cli_progress *progress, const char *log_path, const char *metric, const tamis_train_options *options);
int cli_progress_close(cli_progress *progress); /* clears the bar, closes the log; 0 or 1 */

#endif
