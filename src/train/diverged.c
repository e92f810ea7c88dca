/* Numbers that are none: when a run has diverged, and what to do about it. */
#include <math.h>

#include "base/locale.h"
#include "base/status.h"
#include "train/diverged.h"

/* Whether a step takes more than a whole row away for L2. */
static bool overdecays(const train_run *run)
{
    double most = 0;
    for (int h = 0; h < run->factorisations; h++) {
        const train_factors *factors = &run->factors[h];
        most = fmax(most, fmax(factors->user_regularization, factors->item_regularization));
    }
    return run->options.learning_rate * most > 1;
}

/* Behind "use a lower --learning-rate". Advice names what the method has: cosines know no L2 weight. */
static const char *advise(const train_run *run, char text[40])
{
    tamis_train_options usual;
    (void)tamis_train_options_default(&usual, run->method->name, NULL);
    if (run->options.learning_rate > usual.learning_rate) {
        base_format(text, 40, ", such as %g", usual.learning_rate);
        return text;
    }
    if (overdecays(run)) return ": its product with the L2 weight is above 1";
    return run->trainer->decays ? " or a higher --regularization" : "";
}

tamis_status diverged_fail(const train_run *run, double loss, tamis_error *error)
{
    const long long epoch = (long long)(run->within ? run->within : run->epoch);
    char text[40];
    if (isnan(loss)) loss = (double)NAN; /* no sign */
    if (!run->trainer->steps)
        return base_fail(error, TAMIS_DIVERGED, "training diverged in epoch %lld (loss %g); take --regularization and %s's own "
                         "options nearer to their defaults", epoch, loss, run->method->name);
    return base_fail(error, TAMIS_DIVERGED, "training diverged in epoch %lld (loss %g, learning rate %g); use a lower --learning-rate%s",
                     epoch, loss, run->options.learning_rate, advise(run, text));
}

static bool is_finite(const train_run *run)
{
    const parameters list = model_parameters(run->model);
    return parameters_are_finite(&list);
}

tamis_status diverged_check(const train_run *run, double loss, tamis_error *error)
{
    const bool looked_at = run->validation || run->epoch == run->options.epochs;
    return isfinite(loss) && (!looked_at || is_finite(run)) ? TAMIS_OK : diverged_fail(run, loss, error);
}

tamis_status diverged_check_end(const train_run *run, bool interrupted, tamis_error *error)
{
    const bool looks = interrupted && !run->best.epoch;
    return !looks || is_finite(run) ? TAMIS_OK : diverged_fail(run, (double)NAN, error);
}
