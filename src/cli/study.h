/* A study while it runs, and what is printed and drawn of it afterwards. */
#ifndef TAMIS_CLI_STUDY_H
#define TAMIS_CLI_STUDY_H

#include <stdint.h>

#include "cli/args.h"
#include "tamis.h"

typedef struct cli_study { /* how far a study is */
    int64_t done, cells, computed; /* computed: by this run */
    double start, last, shown;     /* last: when a cell was done */
    const char *phase;
    char text[200];
} cli_study;

/* Shows its progress, context being a cli_study. */
int cli_study_tell(void *context, const tamis_study_step *step);
/* From here on it is said that a signal loses nothing. */
void cli_study_listen(void);
/* The command as a shell takes it, in malloc'ed memory; NULL: none is left. */
char *cli_study_command(const cli_args *args);
/* Prints its verdict and table, runs gnuplot on plots.gp in the directory or says why not. */
int cli_study_finish(const tamis_robustness *study, const char *axis, const char *control, const char *directory);

#endif
