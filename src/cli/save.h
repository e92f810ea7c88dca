/* What must not be lost. */
#ifndef TAMIS_CLI_SAVE_H
#define TAMIS_CLI_SAVE_H

#include <stddef.h>

#include "cli/output.h"
#include "tamis.h"

typedef tamis_status (*cli_saving)(const void *context, const char *path, tamis_error *error);
/* Saves it at the path or, where that fails, beside it, in $TMPDIR or in /tmp, says where, and gives code 1. */
int cli_save(const char *path, const char *what, cli_saving save, const void *context);

/* Files that belong together, each written in one go. */
typedef struct cli_file {
    const char *path; /* NULL or "-": standard output */
    const char *what; /* for the sentence: "the figures" */
    void (*write)(const void *context, cli_out *out); /* NULL: not wanted */
} cli_file;

/* None takes its name before all are complete; what cannot be written goes elsewhere, likewise. */
int cli_write_files(const cli_file *files, size_t count, const void *context);

#endif
