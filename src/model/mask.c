/* Adding a log to what a model counts as seen. */
#include "base/memory.h"
#include "base/status.h"
#include "data/log.h"
#include "model/model.h"

static matrix *empty_matrix(int64_t rows, int64_t columns)
{
    return matrix_new(rows, columns, base_alloc((size_t)rows + 1, sizeof(int64_t)), base_alloc(1, sizeof(int32_t)));
}

tamis_status tamis_model_mask(tamis_model *model, const tamis_log *log, tamis_error *error)
{
    base_clear(error);
    if (!model || !log) return base_null(error, model ? "the log" : "the model");
    int32_t *user = id_map_match(log->user_ids, model->user_ids, error);
    int32_t *item = user ? id_map_match(log->item_ids, model->item_ids, error) : NULL;
    matrix *before = model->masked ? matrix_hold(model->masked) : empty_matrix(model->users, model->items);
    matrix *masked = item && before ? matrix_unite(before, log->matrix, user, item) : NULL;
    matrix *seen = masked ? matrix_unite(model_trained(model), masked, NULL, NULL) : NULL;
    matrix_drop(before);
    base_free(user);
    base_free(item);
    if (!seen) {
        matrix_drop(masked);
        return base_no_memory(error, "a mask", (size_t)(model->seen->nnz + log->matrix->nnz), sizeof *seen->index);
    }
    if (!model->trained) model->trained = matrix_hold(model->seen);
    matrix_drop(model->seen);
    matrix_drop(model->masked);
    model->seen = seen;
    model->masked = masked;
    return model_set_dislikes(model, model->dislikes, error);
}
