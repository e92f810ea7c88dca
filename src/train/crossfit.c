/* Cross-fitting. A model knows the interactions that it was trained on; what it says of them is flattery. So the log is cut
 * into folds, and each fold is judged by a model of the others. */
#include <math.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "rank/position.h"
#include "train/crossfit.h"

tamis_status crossfit_positions(const crossfit_ranking *how, const tamis_model *model, const tamis_log *log, const int64_t *at,
                                double *position, tamis_error *error)
{
    const rank_rules rules = {.mask_training = !how->fitted, .trained = how->trained, .relevant_from = (double)NAN};
    const rank_known known = rank_known_of(model);
    const rank_factors factors = rank_factors_of(model);
    rank_task *task = NULL;
    tamis_status status = rank_task_new(&known, log, NULL, 0, &rules, &task, error);
    if (status) return status;
    const size_t found = (size_t)task->start[task->count];
    int64_t *rank = base_alloc_raw(found + 1, sizeof *rank);
    int32_t *item = base_alloc_raw(found + 1, sizeof *item);
    base_watch watch = {.stop = how->stop};
    task->watch = &watch;
    if (!rank || !item) status = base_no_memory(error, "ranks", found, sizeof *rank + sizeof *item);
    if (!status) status = rank_task_ranks(&factors, task, how->threads, NULL, rank, item, error);
    for (int64_t t = 0; t < task->count && !status; t++) {
        const int64_t from = task->start[t], n = task->start[t + 1] - from, others = task->candidates[t] - n;
        for (int64_t j = 0; j < n; j++) { /* the user's j-th best: j of its own interactions stand before it */
            const int64_t k = at[matrix_find(log->matrix, task->test_user[t], item[from + j])];
            if (how->personal)
                position[k] = ((double)j + 0.5) / (double)n;
            else if (others > 0 || !how->trained)
                position[k] = others > 0 ? ((double)(rank[from + j] - 1 - j) + 0.5) / ((double)others + 1) : 0.5;
            if (how->width) how->width[k] = 1 / ((double)others + 1);
        }
    }
    base_free(rank);
    base_free(item);
    rank_task_free(task);
    return status;
}

/* Each user's interactions go round the folds in random order, so that every fold has its share of them. */
static tamis_status cut(const crossfit *c, const tamis_log *log, uint8_t *fold, tamis_error *error)
{
    const matrix *m = log->matrix;
    int64_t longest = 0;
    size_t length;
    for (int64_t u = 0; u < m->rows; u++) longest = m->start[u + 1] - m->start[u] > longest ? m->start[u + 1] - m->start[u] : longest;
    int32_t *order = base_alloc_raw((size_t)longest + 1, sizeof *order);
    if (!order) return base_no_memory(error, "the folds", (size_t)longest, sizeof *order);
    for (int64_t u = 0; u < m->rows; u++) {
        const char *id = tamis_log_user_id(log, u, &length);
        base_stream s = base_stream_key(c->seed, BASE_FOR_FOLDS, base_hash(id, length), 0);
        const int64_t n = m->start[u + 1] - m->start[u];
        base_shuffle(&s, order, n);
        const int64_t first = base_below(&s, (uint32_t)c->folds);
        for (int64_t k = 0; k < n; k++) fold[m->start[u] + order[k]] = (uint8_t)((first + k) % c->folds);
    }
    base_free(order);
    return TAMIS_OK;
}

static tamis_status train_rest(const crossfit *c, const tamis_log *rest, tamis_model **model, tamis_error *error)
{
    tamis_train_report report = {0};
    tamis_error why = {""};
    tamis_status status = tamis_train(rest, NULL, c->options, c->progress, model, &report, &why);
    if (status) return base_fail(error, status, "%s", why.text);
    return report.interrupted ? base_fail(error, TAMIS_STOPPED, "stopped") : TAMIS_OK;
}

tamis_status crossfit_part(const crossfit *c, const tamis_log *log, const uint8_t *part, tamis_error *error)
{
    const int64_t n = log->matrix->nnz;
    tamis_log *rest = NULL, *held = NULL;
    tamis_model *model = NULL;
    int64_t *at = base_alloc((size_t)n + 1, sizeof *at), count = 0;
    if (!at) return base_no_memory(error, "a fold", (size_t)n, sizeof *at);
    for (int64_t k = 0; k < n; k++)
        if (part[k]) at[count++] = k;
    tamis_status status = log_extract(log, part, 0, &rest, error);
    if (!status) status = log_extract(log, part, 1, &held, error);
    if (!status && count > 0) status = train_rest(c, rest, &model, error);
    if (!status && count > 0) status = c->judge(c->context, model, held, at, error);
    tamis_model_free(model);
    tamis_log_free(rest);
    tamis_log_free(held);
    base_free(at);
    return status;
}

tamis_status crossfit_run(const crossfit *c, const tamis_log *log, tamis_error *error)
{
    const int64_t n = log->matrix->nnz;
    uint8_t *fold = base_alloc((size_t)n + 1, 1), *part = base_alloc((size_t)n + 1, 1);
    tamis_status status = fold && part ? cut(c, log, fold, error) : base_no_memory(error, "the folds", (size_t)n, 2);
    for (int64_t number = 0; number < c->folds && !status; number++) {
        for (int64_t k = 0; k < n; k++) part[k] = fold[k] == number;
        status = crossfit_part(c, log, part, error);
    }
    base_free(fold);
    base_free(part);
    return status;
}
