/* Fills a study's file: works out which cells of a plan are missing, and has them computed side by side. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "study/fill.h"

typedef struct filling {
    ledger *l;
    const ledger_plan *plan;
    int64_t *missing, count; /* cells whose rows are nowhere */
    int64_t taken, done;     /* of missing: given out; of cells: there */
    int64_t next;            /* the first cell that is not in the file yet */
    int64_t failed;          /* the cell of *error */
    tamis_status status;
    tamis_error *error;
} filling;

static ledger_cell *find(const filling *f, int64_t cell)
{
    int64_t at = id_set_find(&f->l->digests, f->plan->digest[cell], STUDY_DIGEST);
    return at < 0 ? NULL : &f->l->cell[at];
}

static bool complete(const filling *f, int64_t cell)
{
    const ledger_cell *found = find(f, cell);
    return found && found->lines == f->plan->lines;
}

/* Heals what a crash has left, now that it is known how many rows a cell has. Cells of other plans keep their place, or wait:
 * a plan that comes later may be theirs. */
static tamis_status heal(filling *f, tamis_error *error)
{
    ledger *l = f->l;
    for (size_t k = 0; k < l->cells; k++) l->cell[k].planned = false;
    for (int64_t c = 0; c < f->plan->cells; c++) {
        ledger_cell *cell = find(f, c);
        if (!cell) continue;
        cell->planned = true;
        if (cell->lines > f->plan->lines)
            return base_fail(error, TAMIS_DATA, "%s:%lld: expected %zu rows that begin with %.32s, found %zu; the file was changed "
                             "by hand: put it back, or delete these rows, and they are computed again", l->path,
                             (long long)cell->line, f->plan->lines, f->plan->digest[c], cell->lines);
        if (cell->lines < f->plan->lines) ledger_drop(l, cell);
    }
    return ledger_heal(l, error);
}

/* Appends what can be: all cells up to the first that is missing. */
static tamis_status advance(filling *f, tamis_error *error)
{
    for (; f->next < f->plan->cells && complete(f, f->next); f->next++) {
        ledger_cell *cell = find(f, f->next);
        tamis_status status = cell->to ? TAMIS_OK : ledger_append(f->l, cell, error); /* analyzer: null-dereference, a complete cell is there */
        if (status) return status;
    }
    return TAMIS_OK;
}

static tamis_status stopped(tamis_error *error)
{
    return base_fail(error, TAMIS_STOPPED, "stopped; the same command goes on where it was");
}

static tamis_status store(filling *f, int64_t cell, const study_text *rows, tamis_error *error)
{
    if (f->l->broken) return stopped(error); /* another cell's failure is told */
    tamis_status status = ledger_keep(f->l, rows, cell != f->next, error);
    return status ? status : advance(f, error);
}

static void fail(filling *f, int64_t cell, tamis_status status, const tamis_error *error)
{
    if (!f->status || (f->status == TAMIS_STOPPED && status != TAMIS_STOPPED) ||
        (cell < f->failed && status != TAMIS_STOPPED)) {
        f->status = status;
        f->failed = cell;
        if (f->error) *f->error = *error;
    }
    f->l->stop = true;
}

static bool goes_on(const filling *f)
{
    return !f->plan->more || f->plan->more(f->plan->context, f->missing[f->taken]);
}

static void *work(void *context)
{
    filling *f = context;
    tamis_error error = {""};
    pthread_mutex_lock(&f->l->lock);
    while (!f->l->stop && f->taken < f->count && goes_on(f)) {
        int64_t cell = f->missing[f->taken++];
        study_text rows = {0};
        pthread_mutex_unlock(&f->l->lock);
        tamis_status status = f->plan->run(f->plan->context, cell, &rows, &error);
        pthread_mutex_lock(&f->l->lock);
        if (!status) status = store(f, cell, &rows, &error);
        study_text_clear(&rows);
        if (!status && f->plan->tell && f->plan->tell(f->plan->context, cell, ++f->done, f->plan->cells))
            status = stopped(&error);
        if (status) fail(f, cell, status, &error);
    }
    pthread_mutex_unlock(&f->l->lock);
    return NULL;
}

bool ledger_stops(ledger *l)
{
    pthread_mutex_lock(&l->lock);
    if (l->plan->tell && l->plan->tell(l->plan->context, -1, 0, 0)) l->stop = true;
    bool stop = l->stop;
    pthread_mutex_unlock(&l->lock);
    return stop;
}

tamis_status ledger_fill(ledger *l, const ledger_plan *plan, tamis_error *error)
{
    filling f = {.l = l, .plan = plan, .error = error};
    pthread_t thread[64];
    int started = 0, wanted = plan->jobs > 64 ? 64 : plan->jobs;
    l->stop = false;
    l->plan = plan;
    f.missing = malloc(((size_t)plan->cells + 1) * sizeof *f.missing);
    tamis_status status = f.missing ? heal(&f, error) : base_no_memory(error, "a plan", (size_t)plan->cells, sizeof *f.missing);
    if (!status) status = advance(&f, error);
    for (int64_t c = 0; c < plan->cells && !status; c++)
        if (!complete(&f, c)) f.missing[f.count++] = c;
    f.done = plan->cells - f.count;
    if (!status && plan->tell && plan->tell(plan->context, -1, f.done, plan->cells)) status = stopped(error);
    for (; !status && started < wanted - 1 && started < f.count - 1; started++)
        if (pthread_create(&thread[started], NULL, work, &f) != 0) break; /* fewer will do */
    if (!status) work(&f);
    for (int k = 0; k < started; k++) pthread_join(thread[k], NULL);
    free(f.missing);
    if (!status) status = f.status;
    if (!status && l->stop) status = stopped(error);
    l->plan = NULL;
    return status ? status : ledger_end(l, error);
}
