/* What the pointwise methods share: a loss on one score with a target t in place of the label, and their option rows.
 *
 *   log      L = t softplus(-s) + (1 - t) softplus(s)      -dL/ds = t - σ(s)
 *   squared  L = t (1 - σ(s))² + (1 - t) σ(s)²             -dL/ds = 2 σ(s) (1 - σ(s)) (t - σ(s))
 * t = 1 and 0 are the labels; t = Y / θ makes the loss an unbiased estimate of that on relevance, where t > 1 gives the
 * other label a negative weight. */
#ifndef TAMIS_METHOD_MNAR_H
#define TAMIS_METHOD_MNAR_H

#include "kernel/scalar.h"
#include "method/method.h"
#include "tamis.h"

enum { MNAR_LOSS, MNAR_CLIP, MNAR_ADDED }; /* indices of param: the loss, a clip, what a method adds */

float mnar_point(const void *context, const kernel_sample *sample, double *loss);

kernel_loss mnar_known_point(const void *context);

/* As published for small data. */
#define MNAR_PRESETS                                                                                \
    {"pairs", "auto"}, {"batch-size", "1024"}, {"optimizer", "adam"}, {"learning-rate", "0.005"},   \
    {"regularization", "1e-6"}, {"schedule", "constant"}, {"init-scale", "1"}, {"epochs", "100"}

#define MNAR_LOSS_OPTION                                                                                    \
    METHOD_OPTION(MNAR_LOSS, choice, "loss", TAMIS_OPTION_CHOICE, "log|squared", "log", "", \
                  "log-loss, or the square of what the probability misses")
#define MNAR_CLIP_OPTION(fallback)                                                                      \
    METHOD_TUNED(MNAR_CLIP, real, "clip", TAMIS_OPTION_REAL, "[0,1]", fallback, "", \
                  "propensities below count as this; 0: never, the unbiased estimate", "log:0.01..0.5")

#endif
