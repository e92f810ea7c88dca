/* Logs of users that are folded into a model. */
#ifndef TAMIS_CLI_HISTORY_H
#define TAMIS_CLI_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "tamis.h"

/* A log of users' histories. */
typedef struct cli_history {
    const char *path;
    tamis_log_options reading;
    int64_t threads;
} cli_history;

int cli_history_read(const cli_history *history, tamis_log **log);
/* Folds its users in: *model becomes the folded one. */
int cli_history_fold(const cli_history *history, const tamis_log *log, tamis_model **model);
/* Whether the model knows any of its items; that it does not is warned of. */
bool cli_history_known(const cli_history *history, const tamis_log *log, const tamis_model *model);

#endif
