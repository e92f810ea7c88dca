/* Samples on their way into the kernels: rates, L2 and losses of a run as the kernels take them. */
#include "train/sgd_work.h"

static kernel_points points_new(const train_run *run, int h, const sgd_lists *lists, double rate)
{
    const train_factors *factors = &run->factors[h];
    return (kernel_points){.users = factors->user, .items = factors->item, .bias = h == 0 ? sgd_blocks_of(run)->bias : NULL,
                           .stride = factors->stride, .user = lists->user, .item = lists->item, .target = lists->target,
                           .weight = lists->weight, .rate = (float)rate,
                           .keep_user = (float)(1 - rate * factors->user_regularization),
                           .keep_item = (float)(1 - rate * factors->item_regularization),
                           .keep_bias = (float)(1 - rate * run->options.bias_regularization),
                           .loss = run->method->point, .context = run->context};
}

sgd_work sgd_work_new(const train_run *run, const sgd_lists *lists, double rate)
{
    const tamis_train_options *o = &run->options;
    const tamis_model *model = run->model;
    const float user = (float)(1 - rate * o->user_regularization), item = (float)(1 - rate * o->item_regularization),
                negative = (float)(1 - rate * o->negative_regularization), bias = (float)(1 - rate * o->bias_regularization);
    sgd_work w = {.pairs = {.users = model->user_factors, .items = model->item_factors, .bias = sgd_blocks_of(run)->bias,
                        .stride = model->stride, .user = lists->user, .positive = lists->item, .negative = lists->negative,
                        .rate = (float)rate, .keep_user = user, .keep_positive = item, .keep_negative = negative,
                        .keep_bias = bias, .loss = run->method->pair, .context = run->context},
              .points = points_new(run, 0, lists, rate)};
    if (run->factorisations > 1) w.second = points_new(run, 1, lists, rate);
    return w;
}

void sgd_work_run(const train_run *run, sgd_work *w, int64_t count)
{
    w->pairs.count = w->points.count = count;
    if (run->method->pair)
        run->kernel->pairs(&w->pairs);
    else if (run->method->two_scores)
        sgd_two(run, (kernel_points *const[]){&w->points, &w->second}, count);
    else
        run->kernel->points(&w->points);
    w->samples += count;
}

void sgd_work_sum(const sgd_work *w, sgd_sum *sum)
{
    sum->loss += w->pairs.loss_sum + w->points.loss_sum;
    sum->samples += w->samples;
}
