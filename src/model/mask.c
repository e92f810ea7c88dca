/* Adding a log to what a model counts as seen. */
#include "base/memory.h"
#include "base/status.h"
#include "data/log.h"
#include "model/model.h"

tamis_status tamis_model_mask(tamis_model *model, const tamis_log *log, tamis_error *error)
{
    base_clear(error);
    if (!model || !log) return base_null(error, model ? "the log" : "the model");
    int32_t *user = id_map_match(log->user_ids, model->user_ids, error);
    int32_t *item = user ? id_map_match(log->item_ids, model->item_ids, error) : NULL;
    matrix *seen = item ? matrix_unite(model->seen, log->matrix, user, item) : NULL;
    base_free(user);
    base_free(item);
    if (!seen) return base_no_memory(error, "a mask", (size_t)(model->seen->nnz + log->matrix->nnz), sizeof *seen->index);
    matrix_drop(model->seen);
    model->seen = seen;
    return model_set_dislikes(model, model->dislikes, error);
}
