/* The losses that kernels know, one sample at a time. */
#include "kernel/kernel.h"
#include "kernel/scalar.h"

float kernel_logistic_pair(const void *context, float x, double *loss)
{
    (void)context;
    *loss += (double)scalar_softplus(-x);
    return scalar_sigmoid(-x);
}

float kernel_logistic_point(const void *context, float score, float target, double *loss)
{
    (void)context;
    *loss += (double)(target * scalar_softplus(-score) + (1 - target) * scalar_softplus(score));
    return target - scalar_sigmoid(score);
}
