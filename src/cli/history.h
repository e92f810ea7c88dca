/* Logs of users that are folded into a model. */
#ifndef TAMIS_CLI_HISTORY_H
#define TAMIS_CLI_HISTORY_H

#include "cli/args.h"
#include "tamis.h"

/* Of the option NAME, a log of users' histories: its columns are --NAME-user and --NAME-item, else it is read as the first log is (NULL:
 * there is none). */
typedef struct cli_history {
    const cli_args *args;
    const char *prefix; /* "NAME-" */
    const char *path;
    const tamis_log_options *first;
    int on_error;       /* tamis_on_error */
    int64_t threads;
} cli_history;

/* Reads it. */
int cli_history_read(const cli_history *history, tamis_log **log);
/* Folds its users in: *model becomes the folded one. */
int cli_history_fold(const cli_history *history, const tamis_log *log, tamis_model **model);

#endif
