/* How far an interaction can be trusted, from how cross-fitted models rank it. */
#ifndef TAMIS_TRAIN_DISTRUST_H
#define TAMIS_TRAIN_DISTRUST_H

#include <stdbool.h>
#include <stdint.h>

/* Notation: r in (0,1) as in crossfit.h, NAN: no model knows the interaction; n of them are known. */

/* The least of #(r > λ) / (n (1 - λ)) over λ = .3, .4 ... .8, .85, .9, and 1: the share of noise, if its r are uniform, and of
 * whatever else lies there. Source: Storey, JRSS B 2002. */
double distrust_share(const double *r, int64_t count);

/* The density of r at each interaction if it falls: the slope of the least concave majorant of the empirical distribution
 * (Grenander, "On the theory of mortality measurement", Skandinavisk Aktuarietidskrift 1956); 1 where r is NAN.
 * False: out of memory. */
bool distrust_density(const double *r, int64_t count, double *density);

/* Weights w = 1 - strength min(1, share / f(r)), share / f(r) being the local false discovery rate, the chance that an interaction
 * is noise (Efron, Tibshirani, Storey, Tusher, JASA 2001); 1 where r is NAN; then all over their mean. False: out of memory. */
bool distrust_weights(const double *r, int64_t count, double strength, double *share, float *weight);

#endif
