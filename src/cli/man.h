/* The generated part of the man page. */
#ifndef TAMIS_CLI_MAN_H
#define TAMIS_CLI_MAN_H

void cli_man(void);

#endif
