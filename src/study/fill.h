/* Computes the cells that a ledger does not have. */
#ifndef TAMIS_STUDY_FILL_H
#define TAMIS_STUDY_FILL_H

#include "study/ledger.h"

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

/* Computes what is missing. TAMIS_STOPPED: told to. A file may be filled by several plans, one after the other; then
 * ledger_finish(). */
tamis_status ledger_fill(ledger *ledger, const ledger_plan *plan, tamis_error *error);
/* True when a cell in progress should end soon. */
bool ledger_stops(ledger *ledger);

#endif
