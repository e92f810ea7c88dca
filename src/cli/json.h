/* JSON, written straight through, commas kept track of. */
#ifndef TAMIS_CLI_JSON_H
#define TAMIS_CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/commands.h"
#include "cli/output.h"

typedef struct cli_json {
    cli_out *out;
    bool comma;
} cli_json;

void cli_json_open(cli_json *json, const char *name, char bracket); /* name NULL: an element of an array */
void cli_json_close(cli_json *json, char bracket);
void cli_json_string(cli_json *json, const char *name, const char *bytes, size_t count);
void cli_json_text(cli_json *json, const char *name, const char *text);
void cli_json_real(cli_json *json, const char *name, double value); /* not finite: null */
void cli_json_integer(cli_json *json, const char *name, int64_t value);
void cli_json_raw(cli_json *json, const char *name, const char *text);
void cli_json_line(cli_json *json); /* ends a line of output; the next value starts afresh */

#endif
