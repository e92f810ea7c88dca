/* The progress of training. */
#ifndef TAMIS_CLI_PROGRESS_H
#define TAMIS_CLI_PROGRESS_H

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
} cli_progress;

int cli_progress_open(cli_progress *progress, const char *log_path, const char *metric, int64_t epochs);
int cli_progress_close(cli_progress *progress); /* clears the bar, closes the log; 0 or 1 */

#endif
