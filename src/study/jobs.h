/* How many cells of a study train side by side: as many as are wanted, and as memory allows. */
#ifndef TAMIS_STUDY_JOBS_H
#define TAMIS_STUDY_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "train/memory.h"
#include "tamis.h"

enum { JOBS_LARGE = 2000000 /* interactions */ };

typedef struct study_jobs {
    int jobs, threads; /* threads: of a cell */
    int64_t memory;    /* MB of a cell, for its training's options; 0: they are not bounded */
} study_jobs;

/* wanted jobs, 0: one per thread, or one alone where the log is large. */
study_jobs jobs_wanted(int64_t jobs, int64_t threads, bool large);
/* What a cell takes on one thread. */
typedef struct study_cell_takes {
    double bytes, beside; /* beside: of them, what is not its training's */
    const char *name;     /* of what it trains */
    memory_training training; /* log NULL: nobody knows how it could be smaller */
} study_cell_takes;
/* Lowers jobs so that they stay within --memory, or within what there is (0), with such cells. TAMIS_USAGE, TAMIS_FAILURE: not even
 * one does. */
tamis_status jobs_fit(study_jobs *j, int64_t threads, int64_t memory, const study_cell_takes *each, tamis_error *error);

#endif
