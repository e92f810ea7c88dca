/* What the methods of alternating least squares share. */
#include "base/status.h"
#include "method/als.h"

tamis_status als_check(const char *name, const tamis_train_options *options, tamis_error *error)
{
    if (options->item_bias)
        return base_fail(error, TAMIS_USAGE, "--item-bias: %s has no biases; leave it out or train bpr", name);
    return TAMIS_OK;
}
