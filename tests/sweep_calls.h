/* The calls of tests/sweep_memory.c. */
#ifndef TAMIS_TEST_SWEEP_CALLS_H
#define TAMIS_TEST_SWEEP_CALLS_H

#include <stdbool.h>

#include "tamis.h"

typedef struct sweep_call {
    const char *name; /* NULL: past the last */
    tamis_status (*make)(void); /* frees what it has made, whatever happens */
    bool each; /* for each method */
} sweep_call;

extern const sweep_call sweep_calls[];
extern tamis_error sweep_error;  /* of the last call */
extern const char *sweep_method; /* of calls that are made for each method */

/* Files in the working directory, logs and models that all calls share; ends the program where that fails. */
void sweep_prepare(void);
void sweep_close(void);

#endif
