/* What a method of alternating ridge regressions says to the trainer. User u's regression, the items held (an item's is
 * the same with the sides exchanged):
 *   minimise over p_u   Σ_i c_ui (y_ui - p_u.q_i)² + λ_u |p_u|²      y = 1 for interactions, else 0 */
#ifndef TAMIS_METHOD_ALS_H
#define TAMIS_METHOD_ALS_H

#include "base/status.h"
#include "method/method.h"
#include "tamis.h"

/* Numbers of a method with exposure. */
typedef struct als_exposure {
    double precision;    /* λ_y: c_ui = λ_y * (expected exposure) */
    double start;        /* of every item's prior */
    double alpha, beta;  /* Beta prior of the item's prior */
} als_exposure;

typedef struct method_als {
    /* Weights that are known in advance: c = this for every pair, interactions 1 or their weight in the log more; dislikes 1, or this
     * if it is more. */
    double (*unobserved)(const tamis_parameter *param);
    /* λ_row = λ (n + unobserved * rows of the other side)^exponent, n the sum of what the row's
     * interactions and dislikes weigh more than other pairs */
    double (*exponent)(const tamis_parameter *param);
    /* factors solved at a time; 0: all */
    int64_t (*block)(const tamis_parameter *param);
    /* Weights to be inferred (NULL: known): the item's exposure a_ui, for pairs without interaction, from their scores;
     * interactions and dislikes are exposed. */
    void (*describe)(const tamis_parameter *param, als_exposure *exposure);
    /* weight[k] = λ_y E[a] given no interaction, score[k] and the item's prior[k * step]. loss not NULL: adds
     * -ln of the likelihood of no interaction. */
    void (*expect)(const als_exposure *exposure, const float *score, const float *prior, size_t step, int64_t n,
                   float *weight, double *loss);
    /* -ln of an interaction's likelihood */
    double (*surprise)(const als_exposure *exposure, float score, float prior);
    /* the prior of an item whose exposures over all users sum to `exposed` */
    double (*prior)(const als_exposure *exposure, double exposed, int64_t users);
} method_als;

/* What every such method refuses. */
tamis_status als_check(const char *name, const tamis_train_options *options, tamis_error *error);

#endif
