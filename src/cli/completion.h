/* A shell's completion script. */
#ifndef TAMIS_CLI_COMPLETION_H
#define TAMIS_CLI_COMPLETION_H

int cli_complete(const char *shell);

#endif
