/* Standard output, or a file that appears when it is complete. */
#ifndef TAMIS_CLI_OUTPUT_H
#define TAMIS_CLI_OUTPUT_H

#include <stddef.h>
#include <stdio.h>

#include "base/writer.h"
#include "tamis.h"

typedef struct cli_out {
    base_writer *writer; /* NULL: standard output, or: */
    FILE *stream;        /* a stream of the caller's, who closes it; NULL: none */
} cli_out;

int cli_out_open(const char *path, cli_out *out); /* NULL or "-": standard output */
void cli_out_bytes(cli_out *out, const char *bytes, size_t count);
void cli_out_text(cli_out *out, const char *text);
void cli_out_field(cli_out *out, const char *bytes, size_t count); /* CSV, quoted where it has to be */
void cli_put_log(base_writer *writer, const tamis_log *log); /* its rows, as tamis_log_write() writes them */
int cli_out_close(cli_out *out, int code);                         /* code 0: keep it; else throw it away */
/* Flushes standard output; the sentence and code 1 when that fails. */
int cli_out_finish(int code);

#endif
