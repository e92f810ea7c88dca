/* What a figure can be traced by, line by line. */
#ifndef TAMIS_CLI_FACTS_H
#define TAMIS_CLI_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/table.h"

/* What a figure can be traced by, line by line. */
typedef struct cli_fact_line {
    char *name, *text;
} cli_fact_line;

typedef struct cli_facts {
    bool brief; /* one line for people, checksums cut to 12 digits */
    cli_fact_line *line;
    size_t count, capacity;
    int code; /* 0, or what an error that has been said leaves the program with */
} cli_facts;

void cli_fact(cli_facts *facts, const char *name, const char *format, ...) BASE_PRINTF(3, 4);
void cli_fact_file(cli_facts *facts, const char *what, const char *path); /* with its SHA-256, of a regular file */
void cli_facts_metric(cli_facts *facts, const char *name); /* the definition of "ndcg@20" */
void cli_facts_print(const cli_facts *facts, cli_form form, cli_out *out);
void cli_facts_json(const cli_facts *facts, cli_json *json);
void cli_facts_field(const cli_facts *facts, cli_out *out);
void cli_facts_clear(cli_facts *facts);

#endif
