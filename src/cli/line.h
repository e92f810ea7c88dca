/* The line of progress. */
#ifndef TAMIS_CLI_LINE_H
#define TAMIS_CLI_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern bool cli_quiet;
/* "[##........] what 2/10  part  part": parts in order of worth; those that do not fit are left out, and the bar before the
 * first of them. */
void cli_line_show(const char *what, int64_t done, int64_t all, const char *const *parts, size_t count);
/* Before something else is written to stderr. */
void cli_line_clear(void);
/* The same for a signal handler: it stays, and what follows begins a line. */
void cli_line_leave(void);
const char *cli_eta(double seconds, char *buffer, size_t size); /* "ETA 1:02:03"; "": years. Returns buffer. */

#endif
