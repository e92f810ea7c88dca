/* What the trainer of batches against shared negatives (train/softmax.c) asks a method: which member of the softmax
 * family it is. method.family points to a softmax_family. */
#ifndef TAMIS_METHOD_SOFTMAX_H
#define TAMIS_METHOD_SOFTMAX_H

#include <stdbool.h>
#include <string.h>

#include "base/status.h"
#include "method/method.h"
#include "tamis.h"

/* Notation: c_ui = cosine of p_u and q_i, plus item i's bias with --item-bias; user u's positives in a batch, n of them;
 * M negatives j shared by the batch.
 *   L_u = -Σ_i ln P_ui + n τ2 ln Z_u,   Z_u = 1/M Σ_j e^{c_uj/τ1},
 *   P_ui = e^{c_ui/τ1}, or, pooled, the mean of e^{c_uk/τ1} over the user's positives k in the batch. */
typedef struct softmax_terms {
    double temperature; /* τ1 */
    double power;       /* τ2 */
    bool pooled;
    double dropout;     /* chance that a factor of û counts as 0 in a batch; the rest is brought back to length 1 */
    /* slatk.c: positives weigh σ((c_ui - β_u) / τw); 0: they do not */
    double weight_temperature; /* τw */
    int64_t top, interval;     /* β_u is the top-th score, renewed after so many epochs */
    int64_t warmup;            /* epochs without weights */
    bool held;                 /* no gradient goes through the weights */
    /* psl.c: L_ui = ln 1/M Σ_j max(0, 1 + (c_uj - c_ui) / 2)^this, temperature being 1; 0: exponentials */
    double exponent;
} softmax_terms;

typedef struct softmax_family {
    void (*terms)(const tamis_parameter *param, softmax_terms *terms);
} softmax_family;

#define SOFTMAX_DROPOUT(at)                                                                            \
    METHOD_TUNED(at, real, "dropout", TAMIS_OPTION_REAL, "[0,0.9]", "0", "", \
                  "chance that a factor of a user is left out of a batch; a guard against overfitting in long runs", \
                  "linear:0..0.3")

#define SOFTMAX_PRESETS                                                                                    \
    {"batch-size", "256"}, {"negatives", "512"}, {"optimizer", "lazy-adam"}, {"learning-rate", "0.01"},     \
    {"epochs", "30"}, {"schedule", "cosine"}, {"learning-rate-decay", "0.01"}, {"regularization", "0"},    \
    {"item-bias", "1"}

/* τ1 by the log: lower in a larger catalogue, whose negatives are easier. */
#define SOFTMAX_TAU1_TEXT "min(0.27, 0.27 (1500 / items)^0.3)"
double softmax_tau1(const method_log *log, const tamis_train_options *o);

/* What every such method refuses. */
tamis_status softmax_check(const char *name, const tamis_train_options *o, tamis_error *error);

#endif
