/* The losses that kernels know, one sample at a time. */
#include "kernel/kernel.h"
#include "kernel/scalar.h"

float kernel_logistic_pair(const void *context, const kernel_sample *sample, double *loss)
{
    (void)context;
    *loss += (double)scalar_softplus(-sample->score);
    return scalar_sigmoid(-sample->score);
}

float kernel_logistic_point(const void *context, const kernel_sample *sample, double *loss)
{
    const float score = sample->score, target = sample->target;
    (void)context;
    *loss += (double)(target * scalar_softplus(-score) + (1 - target) * scalar_softplus(score));
    return target - scalar_sigmoid(score);
}
