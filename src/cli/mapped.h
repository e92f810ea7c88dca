/* A model file that changes while it is read. */
#ifndef TAMIS_CLI_MAPPED_H
#define TAMIS_CLI_MAPPED_H

/* Before a model file is loaded: from now on SIGBUS in it is an error that names it (mapped.c). */
void cli_mapped(const char *path);
/* code, or that of an error: the file has changed since. */
int cli_mapped_check(int code);

#endif
