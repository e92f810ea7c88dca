/* What the experiments share: text that grows, digests, cells that are computed once and kept in a file. */
#ifndef TAMIS_STUDY_H
#define TAMIS_STUDY_H

#include <pthread.h>

#include "base/base.h"

/* ---- text that grows; failed is set when memory ends */
typedef struct study_text {
    char *bytes; /* NUL-terminated once anything was added */
    size_t used, capacity;
    bool failed;
} study_text;
void study_add(study_text *text, const char *format, ...) BASE_PRINTF(2, 3);
void study_text_clear(study_text *text);

/* ---- digests: 128 bits in hexadecimal, of a text that says everything that matters to a cell */
enum { STUDY_DIGEST = 32 };
typedef char study_digest[STUDY_DIGEST + 1];
void study_digest_of(const char *text, study_digest digest);
/* Of a log's ids and interactions, ratings included. */
void study_digest_log(const tamis_log *log, study_digest digest);

/* ---- a ledger (ledger.c): a CSV file of cells, which are only ever appended, in the order of the plan.
 * A cell is `lines` consecutive rows that begin with its digest. */
typedef struct ledger {
    char path[4096], waiting_path[4096];
    int file, waiting; /* -1: none */
    base_ids digests;  /* of the cells that are there */
    char **cell;       /* their rows; parallel to digests */
    size_t capacity;
    bool *written;     /* in the file, not only in the waiting one */
    size_t written_capacity;
    pthread_mutex_t lock;
    bool stop;
    const struct ledger_plan *plan; /* being filled by; NULL: none */
} ledger;

typedef struct ledger_plan {
    int64_t cells;
    study_digest *digest; /* of each cell */
    size_t lines;
    int jobs; /* cells that run side by side */
    void *context;
    /* Adds a cell's rows, each beginning with its digest. Called from any thread. */
    tamis_status (*run)(void *context, int64_t cell, study_text *rows, tamis_error *error);
    /* After each cell, and with cell -1 whenever ledger_stops() is asked; one call at a time; non-zero: stop. */
    int (*tell)(void *context, int64_t cell, int64_t done, int64_t cells);
} ledger_plan;

/* Opens or makes the file, which belongs to one process at a time. TAMIS_DATA: it is something else. */
tamis_status ledger_open(ledger *ledger, const char *path, const char *header, tamis_error *error);
/* Computes what is missing. TAMIS_STOPPED: told to. */
tamis_status ledger_fill(ledger *ledger, const ledger_plan *plan, tamis_error *error);
/* True when a cell in progress should end soon. */
bool ledger_stops(ledger *ledger);
/* A cell's rows; NULL: not there. */
const char *ledger_cell(const ledger *ledger, const char *digest);
void ledger_close(ledger *ledger);

/* field k of a CSV row without quotes, as far as size goes. Returns buffer. */
const char *study_field(const char *row, int k, char *buffer, size_t size);

#endif
