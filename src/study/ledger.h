/* A CSV file of cells, which are only ever appended, in the order of a plan. A cell is `lines` rows in a row that begin with
 * its digest. */
#ifndef TAMIS_STUDY_LEDGER_H
#define TAMIS_STUDY_LEDGER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "matrix/id_map.h"
#include "study/text.h"
#include "tamis.h"

typedef struct ledger_file {
    int file; /* -1: not open */
    size_t size;
} ledger_file;

typedef struct ledger_cell {
    study_text rows;
    size_t lines;
    size_t from, to; /* of the file's bytes; to = 0: it is not in it, but was waiting or is new */
    int64_t line;    /* of its first row in the file */
    bool planned;
} ledger_cell;

typedef struct ledger {
    char path[4096], waiting_path[4096];
    ledger_file file, waiting;
    bool checked;      /* rows have a check; those of version 0.1.0 have none */
    size_t commas;     /* in a row */
    size_t sound;      /* of the file's bytes; what comes behind has to be healed. SIZE_MAX: nothing */
    id_set digests;   /* of the cells that are there */
    ledger_cell *cell; /* parallel to digests */
    size_t cells, capacity;
    pthread_mutex_t lock;
    bool broken;       /* a write failed: no other is tried */
    bool stop;
    const struct ledger_plan *plan; /* being filled by; NULL: none */
} ledger;
#define LEDGER_NONE ((ledger){.file = {.file = -1}, .waiting = {.file = -1}, .sound = SIZE_MAX})

/* Opens or makes directory/name, which belongs to one process at a time. columns: the header, without that of the checks.
 * TAMIS_DATA: it is something else. Afterwards close it, whatever came of it. */
tamis_status ledger_open(ledger *ledger, const char *directory, const char *name, const char *columns, tamis_error *error);
/* A value of a cell, see study_value(). TAMIS_DATA: it is not there. */
tamis_status ledger_value(const ledger *ledger, const char *digest, int column, const char *metric, double *value,
                          tamis_error *error);
/* After the last plan: cells that are of none of them get a place, too. */
tamis_status ledger_finish(ledger *ledger, tamis_error *error);
void ledger_close(ledger *ledger);

/* ---- for who fills it (fill.c) */

/* Takes in a cell's rows as plan->run() has made them. wait: into the waiting file. */
tamis_status ledger_keep(ledger *ledger, const study_text *rows, bool wait, tamis_error *error);
tamis_status ledger_append(ledger *ledger, ledger_cell *cell, tamis_error *error);
/* Forgets a cell that lacks rows. */
void ledger_drop(ledger *ledger, ledger_cell *cell);
/* Cuts the file where it stops being sound. Cells behind that wait. */
tamis_status ledger_heal(ledger *ledger, tamis_error *error);
/* A plan's cells are in the file: checks that it is still where it was, and removes the waiting one when no cell waits. */
tamis_status ledger_end(ledger *ledger, tamis_error *error);

#endif
