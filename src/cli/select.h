/* --select OPTION=VALUE,VALUE... */
#ifndef TAMIS_CLI_SELECT_H
#define TAMIS_CLI_SELECT_H

#include <stddef.h>
#include <stdint.h>

#include "cli/args.h"
#include "tamis.h"

enum { CLI_SELECT = 8 };

typedef struct cli_selected {
    const tamis_option *row;
    const char *values; /* one after the other, each closed by NUL */
    int64_t count;
} cli_selected;

typedef struct cli_select {
    cli_selected option[CLI_SELECT];
    char *text[CLI_SELECT];
    size_t options;
    int64_t runs; /* combinations */
} cli_select;

int cli_select_read(const cli_args *args, const tamis_train_options *training, cli_select *select);
/* Sets a run's values, and says them: "--flip-rate 0.1 --epochs 20". */
int cli_select_apply(const cli_select *select, int64_t run, tamis_train_options *training, char *said, size_t size);
void cli_select_clear(cli_select *select);

#endif
