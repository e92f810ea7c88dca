/* Cross-fitted ranks of a log's interactions. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "base/threads.h"
#include "method/method.h"
#include "train/cross_ranks.h"
#include "train/crossfit.h"
#include "train/distrust.h"
#include "train/options.h"

enum { FACTORS = 16, EPOCHS = 5 }; /* of the small one */

typedef struct ranks {
    const cross_request *how;
    double *r;
} ranks;

static tamis_status take_positions(void *context, const tamis_model *model, const tamis_log *held, const int64_t *at,
                                   tamis_error *error)
{
    const ranks *to = context;
    const crossfit_ranking ranking = {.threads = base_threads(to->how->threads), .stop = to->how->stop};
    return crossfit_positions(&ranking, model, held, at, to->r, error);
}

void cross_options(bool small, tamis_train_options *options)
{
    (void)tamis_train_options_default(options, "ials", NULL);
    if (!small) return;
    options->seed = 1;
    options->factors = FACTORS;
    options->epochs = EPOCHS;
}

static void options_of(const cross_request *how, bool small, tamis_train_options *options)
{
    cross_options(small, options);
    if (!small) options->seed = how->seed;
    options->threads = how->threads;
    options->stop = how->stop;
}

tamis_status cross_ranks(const cross_request *how, const tamis_log *log, double *r, tamis_error *error)
{
    ranks to = {how, r};
    tamis_train_options options;
    options_of(how, false, &options);
    for (int64_t k = 0; k < log->matrix->nnz; k++) r[k] = (double)NAN;
    const crossfit folds = {.folds = how->folds, .seed = how->seed, .options = &options, .judge = take_positions, .context = &to};
    return crossfit_run(&folds, log, error);
}

/* Marks every fifth interaction, in random order, of users drawn alike. */
static void choose(const tamis_log *log, uint8_t *part)
{
    const matrix *m = log->matrix;
    size_t length;
    for (int64_t u = 0; u < m->rows; u++) {
        const char *id = tamis_log_user_id(log, u, &length);
        base_stream s = base_stream_key(1, BASE_FOR_FOLDS, base_hash(id, length), 1);
        if (m->rows > CROSS_USERS && base_below(&s, (uint32_t)m->rows) >= CROSS_USERS) continue;
        for (int64_t k = m->start[u]; k < m->start[u + 1]; k++) part[k] = base_below(&s, CROSS_FOLDS) == 0;
    }
}

tamis_status cross_share(const cross_request *how, const tamis_log *log, double *share, tamis_error *error)
{
    const int64_t n = log->matrix->nnz;
    uint8_t *part = base_alloc((size_t)n + 1, 1);
    ranks to = {how, base_alloc_raw((size_t)n + 1, sizeof *to.r)};
    tamis_train_options options;
    options_of(how, true, &options);
    const crossfit fold = {.options = &options, .judge = take_positions, .context = &to};
    tamis_status status = part && to.r ? TAMIS_OK : base_no_memory(error, "cross-fitted ranks", (size_t)n, sizeof *to.r + 1);
    if (!status) {
        for (int64_t k = 0; k < n; k++) to.r[k] = (double)NAN;
        choose(log, part);
        status = crossfit_part(&fold, log, part, error);
    }
    if (status == TAMIS_DIVERGED) status = TAMIS_OK; /* a model that cannot be trained foretells nothing */
    if (!status) *share = distrust_share(to.r, n);
    base_free(part);
    base_free(to.r);
    return status;
}

const tamis_option *cross_option(const tamis_train_options *options)
{
    const method *m = method_find(options->method);
    for (size_t k = 0; k < m->rule_count; k++) {
        const tamis_option *row = train_option_find(m->name, m->rules[k].option);
        double value;
        memcpy(&value, (const char *)options + row->offset, sizeof value);
        if (m->rules[k].noise && isnan(value)) return row;
    }
    return NULL;
}
