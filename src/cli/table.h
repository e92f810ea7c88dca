/* Aligned tables: the first column to the left, the others to the right. */
#ifndef TAMIS_CLI_TABLE_H
#define TAMIS_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "base/option.h"
#include "cli/output.h"

typedef struct cli_table {
    char **cell;
    size_t count, capacity, columns;
    bool left; /* all columns to the left */
} cli_table;

void cli_table_cell(cli_table *table, const char *format, ...) BASE_PRINTF(2, 3);
void cli_table_print(cli_table *table, cli_out *out); /* and frees it */
/* How figures are written: the words of --output-format in this order. */
typedef enum cli_form { CLI_TABLE_TEXT, CLI_JSON_TEXT, CLI_CSV, CLI_MARKDOWN, CLI_LATEX } cli_form;
#define CLI_FORMS "table|json|csv|markdown|latex"
bool cli_form_is_text(cli_form form); /* for people: not JSON, CSV */

#define CLI_VERBOSE(type) \
    BASE_OPTION(type, verbose, "verbose", TAMIS_OPTION_FLAG, NULL, "0", "", \
               "below a table: whole checksums, rules, seeds and definitions, which JSON and CSV hold anyway")

void cli_table_print_as(cli_table *table, cli_form form, cli_out *out); /* not JSON, CSV; and frees it */

#endif
