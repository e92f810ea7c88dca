/* Users who are held out of a log, with all of their rows: each draws a number keyed by (seed, hash of the id), and those with the
 * smallest are. So the same seed holds the same users out, in whatever order the rows stand. */
#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/random.h"
#include "base/status.h"
#include "data/log.h"

typedef struct drawn {
    uint64_t number;
    int64_t user;
} drawn;

static int by_number(const void *a, const void *b)
{
    const drawn *x = a, *y = b;
    return x->number != y->number ? (x->number > y->number) - (x->number < y->number) : (x->user > y->user) - (x->user < y->user);
}

/* Marks the rows of round(ratio * n) of the n users who have any; one stays at least. */
static void mark(const tamis_log *log, double ratio, uint64_t seed, drawn *draws, uint8_t *held, uint8_t *disliked)
{
    const matrix *m = log->matrix, *no = log->dislikes;
    int64_t n = 0;
    for (int64_t u = 0; u < log->users; u++) {
        size_t length;
        const char *id = id_map_get(log->user_ids, u, &length);
        base_stream stream = base_stream_key(seed, BASE_FOR_SPLIT, base_hash(id, length), 0);
        if (m->start[u + 1] > m->start[u]) draws[n++] = (drawn){base_next(&stream), u};
    }
    qsort(draws, (size_t)n, sizeof *draws, by_number);
    const int64_t most = (int64_t)round(ratio * (double)n);
    for (int64_t k = 0; k < most && k < n - 1; k++) {
        const int64_t u = draws[k].user;
        for (int64_t at = m->start[u]; at < m->start[u + 1]; at++) held[at] = 1;
        for (int64_t at = no ? no->start[u] : 0; no && at < no->start[u + 1]; at++) disliked[at] = 1;
    }
}

tamis_status tamis_log_hold_out(const tamis_log *log, double ratio, uint64_t seed, tamis_log **rest, tamis_log **held, tamis_error *error)
{
    tamis_log **const out[] = {rest, held};
    *rest = *held = NULL;
    base_clear(error);
    if (!log) return base_null(error, "the log");
    if (!(ratio > 0 && ratio < 1))
        return base_fail(error, TAMIS_USAGE, "%g of the users are to be held out; expected a share above 0 and below 1", ratio);
    const size_t rows = (size_t)log->matrix->nnz + 1, dislikes = (size_t)(log->dislikes ? log->dislikes->nnz : 0) + 1;
    drawn *draws = calloc((size_t)log->users + 1, sizeof *draws);
    uint8_t *part = calloc(rows, 1), *disliked = calloc(dislikes, 1);
    tamis_status status = TAMIS_OK;
    if (draws && part && disliked)
        mark(log, ratio, seed, draws, part, disliked);
    else
        status = base_no_memory(error, "a split", rows, 1);
    for (uint8_t k = 0; k < 2 && !status; k++) status = log_extract(log, part, k, out[k], error);
    for (uint8_t k = 0; k < 2 && !status && log->dislikes; k++) status = log_extract_dislikes(*out[k], log, disliked, k, error);
    if (!status && tamis_log_interactions(*held) == 0)
        status = base_fail(error, TAMIS_USAGE, "%g of the users are less than one of them; expected a higher share", ratio);
    free(draws);
    free(part);
    free(disliked);
    for (int k = 0; k < 2 && status; k++) {
        tamis_log_free(*out[k]);
        *out[k] = NULL;
    }
    return status;
}
