/* A user's recommendations as CSV or JSON. */
#ifndef TAMIS_CLI_LISTS_H
#define TAMIS_CLI_LISTS_H

#include <stddef.h>

#include "cli/output.h"
#include "tamis.h"

typedef struct cli_list {
    const tamis_model *model; /* that knows the items */
    const char *user;   /* NULL: nobody, in JSON */
    size_t length;
    const tamis_hit *hits; /* up to k, or to the first without an item */
    int64_t k;
    const char *origin; /* NULL: not told */
    int64_t unknown;    /* items that were named and are not in the model: told if there are any */
} cli_list;

void cli_list_csv(cli_out *out, const cli_list *list); /* user_id,rank,item_id,score */
/* {"user_id":"u","origin":"popularity","items":[{"item_id":"i","score":1.5}],"unknown_items":1} and a line end */
void cli_list_json(cli_out *out, const cli_list *list);

#endif
