/* The logistic loss on a pair, which several pairwise methods share.
 *
 *   L = softplus(-x) = -ln σ(x), x = s_ui - s_uj        -dL/dx = σ(-x) */
#ifndef TAMIS_METHOD_PAIRWISE_H
#define TAMIS_METHOD_PAIRWISE_H

#include "kernel/scalar.h"
#include "method/method.h"

static inline float pairwise_logistic(const void *context, float x, double *loss)
{
    (void)context;
    *loss += (double)scalar_softplus(-x);
    return scalar_sigmoid(-x);
}

#endif
