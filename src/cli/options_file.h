/* --options FILE. */
#ifndef TAMIS_CLI_OPTIONS_FILE_H
#define TAMIS_CLI_OPTIONS_FILE_H

#include "cli/args.h"

/* Puts the options of the files that --options names, if the command has it, before what was given. */
int cli_options_files(cli_args *args);

#endif
