/* The logistic loss on a pair, which several pairwise methods share.
 *
 *   L = softplus(-x) = -ln σ(x), x = s_ui - s_uj        -dL/dx = σ(-x) */
#ifndef TAMIS_METHOD_PAIRWISE_H
#define TAMIS_METHOD_PAIRWISE_H

#include "kernel/scalar.h"
#include "method/method.h"

#define pairwise_logistic kernel_logistic_pair

#endif
