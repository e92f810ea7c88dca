/* Names joined by commas, as "a,b,c": runs or folds. */
#ifndef TAMIS_CLI_JOINED_H
#define TAMIS_CLI_JOINED_H

#include <stddef.h>

#include "cli/commands.h"

typedef struct cli_joined {
    char *text; /* that the parts lie in */
    const char **part;
    size_t count;
} cli_joined;

/* A file whose own name has commas is one. Usage: a part is empty. */
int cli_joined_read(const cli_command *command, const char *text, cli_joined *list);
/* Usage: a part stands twice, as a model or a test log must not. */
int cli_joined_check(const cli_command *command, const char *text, const cli_joined *list);
/* The k-th part, or the only one. */
const char *cli_joined_at(const cli_joined *list, size_t k);
void cli_joined_clear(cli_joined *list);

#endif
