/* tamis recommend --requests: lists for whoever asks, line by line. */
#ifndef TAMIS_CLI_REQUESTS_H
#define TAMIS_CLI_REQUESTS_H

#include <stddef.h>

#include "cli/request.h"
#include "cli/selection.h"
#include "tamis.h"

typedef struct cli_requests {
    const char *path;  /* of the requests; "-": standard input */
    const char *model; /* the file that is served first */
    cli_serving serving;
    const cli_selection *selection;
    tamis_log *const *mask;
    size_t masks;
} cli_requests;

/* Answers until the requests end. Each model file is read into memory, so that one that is written over meanwhile is no harm. */
int cli_requests_serve(const cli_requests *requests);

#endif
