/* A run's options, and the things that they name: method and loss, samplers, trainer. */
#include <math.h>

#include "base/option.h"
#include "method/items.h"
#include "train/look_up.h"
#include "train/options.h"
#include "train/trainer_table.h"

static void regularization_default(double *role, double all)
{
    if (isnan(*role)) *role = all;
}

/* The caller's loss, as the trainers call it. */
static float call_loss(const void *context, const kernel_sample *sample, double *loss)
{
    const train_run *run = context;
    const tamis_sample asked = {.size = sizeof asked, .user = sample->user, .item = sample->item, .negative = sample->negative,
                                .score = (double)sample->score, .label = (double)sample->target, .epoch = run->epoch + 1};
    double derivative = 0;
    *loss += run->loss.call(run->loss.context, &asked, &derivative);
    return (float)-derivative;
}

static void put_loss(train_run *run)
{
    const tamis_loss *loss = run->options.loss;
    const method *named = run->method;
    const kernel_loss known = named->known_point ? named->known_point(run->options.param) : NULL;
    run->context = run->options.param;
    if (!loss && !known) return;
    run->custom = *named;
    run->method = &run->custom;
    if (known) run->custom.point = known;
    if (!loss) return;
    *(loss->pairwise ? &run->custom.pair : &run->custom.point) = call_loss;
    (void)base_option_adopt(loss, &run->loss, sizeof run->loss, NULL); /* checked already */
    run->context = run;
}

tamis_status run_take_options(const tamis_train_options *given, tamis_train_options *options, tamis_error *error)
{
    tamis_train_options wanted = {0}, all;
    tamis_status status = base_option_adopt(given, &wanted, sizeof wanted, error);
    if (!status) status = tamis_train_options_default(&all, wanted.method, error);
    if (!status) status = base_option_adopt(given, &all, sizeof all, error);
    if (!status) status = base_option_check(&train_option_table, &all, error);
    if (!status) *options = all;
    return status;
}

void run_look_up(train_run *run)
{
    tamis_train_options *o = &run->options;
    run->method = method_find(o->method);
    put_loss(run);
    run->sampler = sampler_find(o->negative_sampling);
    run->kernel = kernel_choose();
    run->positives = positive_find(o->positive_sampling);
    run->trainer = trainer_pick(run->method, o);
    if (run->trainer->at_once) return; /* there are no roles */
    regularization_default(&o->user_regularization, o->regularization);
    regularization_default(&o->item_regularization, o->regularization);
    if (run->method->pair && o->batch_size == 0) /* elsewhere it has no part */
        regularization_default(&o->negative_regularization, o->regularization);
    regularization_default(&o->bias_regularization, o->regularization);
}

int64_t run_width(const train_run *run)
{
    return run->trainer->at_once ? 0 : run->options.factors;
}

bool run_has_bias(const train_run *run)
{
    return run->trainer->at_once ? !((const method_items *)run->method->family)->neighbours : run->options.item_bias;
}
