/* The options that a model's notes tell. */
#include <string.h>

#include "base/option.h"
#include "base/status.h"
#include "train/options.h"
#include "train/told.h"

const char *told_note(const tamis_model *model, const char *name)
{
    for (size_t k = 0; k < model->note_count; k++)
        if (strcmp(model->note[k].name, name) == 0) return model->note[k].value;
    return NULL;
}

tamis_status told_options(const tamis_model *model, tamis_train_options *options, tamis_error *error)
{
    const char *chosen = told_note(model, "method");
    if (!chosen)
        return base_fail(error, TAMIS_USAGE, "the model does not say how it was trained; expected one that a training has finished");
    tamis_status status = tamis_train_options_default(options, chosen, error);
    for (size_t k = 0; !status && k < model->note_count; k++) {
        const tamis_option *row = train_option_find(options->method, model->note[k].name);
        if (row && *model->note[k].value) (void)base_option_set(row, options, model->note[k].value, NULL);
    }
    if (!status) train_options_idle(options); /* an earlier version let these pass */
    return status;
}
