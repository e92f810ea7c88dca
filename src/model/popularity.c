/* The interactions per item, counted once and kept with the model. Threads that ask at the same time may each count; the first to
 * finish is the one that keeps. */
#include "base/memory.h"
#include "base/status.h"
#include "model/popularity.h"

static float *count(const tamis_model *model)
{
    float *counted = base_alloc_raw((size_t)model->items, sizeof *counted);
    int64_t *clicks = matrix_column_counts(model_trained(model));
    for (int64_t i = 0; counted && clicks && i < model->items; i++) counted[i] = (float)clicks[i];
    const bool complete = counted && clicks;
    base_free(clicks);
    if (complete) return counted;
    base_free(counted);
    return NULL;
}

tamis_status model_popularity(const tamis_model *model, const float **popularity, tamis_error *error)
{
    if (model->lender) return model_popularity(model->lender, popularity, error); /* of those who were trained on */
    float *kept = atomic_load(&model->popularity);
    *popularity = kept;
    if (kept) return TAMIS_OK;
    if (model->partial)
        return base_fail(error, TAMIS_USAGE, "the model was loaded for some users, all of whom have interactions, and does not know how "
                                             "popular items are; load all of it");
    float *counted = count(model);
    if (!counted) return base_no_memory(error, "the popularity of items", (size_t)model->items, sizeof *counted);
    tamis_model *keeper = (tamis_model *)(uintptr_t)model; /* this member alone is filled in later */
    if (!atomic_compare_exchange_strong(&keeper->popularity, &kept, counted)) {
        base_free(counted);
        counted = kept;
    }
    *popularity = counted;
    return TAMIS_OK;
}
