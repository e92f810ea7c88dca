/* What the experiments share: text that grows, digests, cells that are computed once and kept in a file. */
#ifndef TAMIS_STUDY_H
#define TAMIS_STUDY_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "matrix/id_map.h"
#include "tamis.h"

/* ---- text that grows; failed is set when memory ends */
typedef struct study_text {
    char *bytes; /* NUL-terminated once anything was added */
    size_t used, capacity;
    bool failed;
} study_text;
void study_add(study_text *text, const char *format, ...) BASE_PRINTF(2, 3);
void study_add_bytes(study_text *text, const char *bytes, size_t count);
void study_text_clear(study_text *text);

/* ---- digests: 128 bits in hexadecimal, of a text that says everything that matters to a cell */
enum { STUDY_DIGEST = 32 };
typedef char study_digest[STUDY_DIGEST + 1];
void study_digest_of(const char *text, study_digest digest);
/* Of a log's ids and interactions, and of its ratings if these count. */
void study_digest_log(const tamis_log *log, bool ratings, study_digest digest);
/* The version since which a run of the same description comes to the same figures; part of every digest. To be raised
 * when they change: what earlier versions computed is then computed again. */
#define STUDY_FIGURES "0.1.0"

/* The value, in that column of a cell's rows, of the metric named in the column before; NAN: the run diverged. False: there
 * is no such row. */
bool study_value(const char *rows, int column, const char *metric, double *value);

/* ---- a ledger (ledger.c): a CSV file of cells, which are only ever appended, in the order of the plan. A cell is `lines`
 * rows in a row that begin with its digest. */
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

typedef struct ledger_plan {
    int64_t cells;
    study_digest *digest; /* of each cell */
    size_t lines;
    int jobs; /* cells that run side by side */
    void *context;
    /* Adds a cell's rows without checks, each beginning with its digest. Called from any thread. */
    tamis_status (*run)(void *context, int64_t cell, study_text *rows, tamis_error *error);
    /* After each cell, and with cell -1 at the start and, cells being 0, whenever ledger_stops() is asked; one call at a
     * time; non-zero: stop. */
    int (*tell)(void *context, int64_t cell, int64_t done, int64_t cells);
    /* Whether to compute a cell that is missing, and those after it; asked in their order, one at a time. NULL: all. */
    bool (*more)(void *context, int64_t cell);
} ledger_plan;

/* Opens or makes directory/name, which belongs to one process at a time. columns: the header, without that of the checks.
 * TAMIS_DATA: it is something else. Afterwards close it, whatever came of it. */
tamis_status ledger_open(ledger *ledger, const char *directory, const char *name, const char *columns, tamis_error *error);
/* Computes what is missing. TAMIS_STOPPED: told to. */
tamis_status ledger_fill(ledger *ledger, const ledger_plan *plan, tamis_error *error);
/* True when a cell in progress should end soon. */
bool ledger_stops(ledger *ledger);
/* A value of a cell, see study_value(). TAMIS_DATA: it is not there. */
tamis_status ledger_value(const ledger *ledger, const char *digest, int column, const char *metric, double *value,
                          tamis_error *error);
void ledger_close(ledger *ledger);

/* What fill.c asks of ledger.c. */
/* Takes in a cell's rows as plan->run() has made them. wait: into the waiting file. */
tamis_status ledger_keep(ledger *ledger, const study_text *rows, bool wait, tamis_error *error);
tamis_status ledger_append(ledger *ledger, ledger_cell *cell, tamis_error *error);
/* Forgets a cell that lacks rows. */
void ledger_drop(ledger *ledger, ledger_cell *cell);
/* Cuts the file where it stops being sound. Cells behind that wait. */
tamis_status ledger_heal(ledger *ledger, tamis_error *error);
/* All cells are in the file: checks that it is still where it was, and removes the waiting one. */
tamis_status ledger_end(ledger *ledger, tamis_error *error);

#endif
