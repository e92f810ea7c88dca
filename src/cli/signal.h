/* Signals that ask the program to end. */
#ifndef TAMIS_CLI_SIGNAL_H
#define TAMIS_CLI_SIGNAL_H

#include <stdbool.h>

#include "tamis.h"

void cli_signal_listen(void);     /* from here on temporary files are removed before one ends the program */
void cli_signal_save(bool on);    /* on: it does not end the program, which looks for it and saves what it has */
/* What the handler writes to stderr at the first one; NULL: nothing. Must stay in memory. */
void cli_signal_say(const char *text);
/* 0: there was none; else the exit code for it. */
int cli_interrupted(void);
extern const tamis_stop cli_stop; /* when there was one */

#endif
