/* Sampled softmax: of a positive and M sampled items, the positive should be the likeliest.
 *
 * Notation: c = cosine of user and item factors, τ1 temperature, M negatives j shared by the batch.
 *   L_ui = -c_ui/τ1 + ln (1/M Σ_j e^{c_uj/τ1})
 * Most of its gradient goes to the negatives that score highest. That is the loss under the worst mixture of negatives near
 * the one sampled, hence its patience with negatives that are none; the temperature says how far that mixture may go. A
 * lower one trusts the log more. When to use it: logs with few wrong positives, large catalogues.
 *
 * Vectors have length 1, so that the model's p . q is the cosine; hence L2 weights and init-scale mean nothing to them.
 * With --item-bias c_ui is the cosine plus a bias of the item, for what cosines alone cannot say of popularity.
 * A user's own items are left out of the negatives. Negatives that are not drawn alike (--negative-sampling) are weighted
 * to stand for all items alike. An epoch costs about 3 (negatives) (factors) multiplications per user of a batch. */
#include <math.h>

#include "base/base.h"
#include "base/status.h"
#include "method/softmax.h"

enum { TAU1, DROPOUT };

static const tamis_option rows[] = {
    METHOD_TUNED(TAU1, real, "tau1", TAMIS_OPTION_REAL, "[0.03,100]", "auto", "", "temperature: cosines are divided by it",
        "log:0.05..0.4", .automatic = 1),
    SOFTMAX_DROPOUT(DROPOUT),
};

tamis_status softmax_check(const char *name, const tamis_train_options *o, tamis_error *error)
{
    if (o->batch_size < 1)
        return base_fail(error, TAMIS_USAGE, "--batch-size: %s trains in batches; give a size such as 256", name);
    if (o->optimizer == TAMIS_OPTIMIZER_ADAM)
        return base_fail(error, TAMIS_USAGE, "--optimizer: %s updates the rows of a batch alone; take lazy-adam, adagrad or sgd",
                         name);
    if (o->pairs == TAMIS_PAIRS_ALL)
        return base_fail(error, TAMIS_USAGE, "--pairs: %s has negatives shared by a batch; leave it out", name);
    return TAMIS_OK;
}

static tamis_status check(const void *options, tamis_error *error)
{
    return softmax_check("softmax", options, error);
}

double softmax_tau1(const method_log *log, const tamis_train_options *o)
{
    (void)o;
    return fmin(0.27, 0.27 * pow(1500 / (double)log->items, 0.3));
}

static void terms(const tamis_parameter *param, softmax_terms *t)
{
    *t = (softmax_terms){.temperature = param[TAU1].real, .power = 1, .dropout = param[DROPOUT].real};
}

static const softmax_family contrast = {terms};
static const method_preset presets[] = {SOFTMAX_PRESETS};
static const method_rule rules[] = {{"tau1", softmax_tau1, SOFTMAX_TAU1_TEXT, false}};

const method method_softmax = {
    .name = "softmax",
    .help = "sampled softmax over cosines: each positive against hundreds of negatives shared by its batch",
    .source = "Wu, Chen, Wu, Shi, Zhang, Wang: BSL: understanding and improving softmax loss for recommendation, ICDE 2024",
    .noise = "Unseen items may be liked: the softmax spreads over many negatives, and no single one has to be "
        "right.",
    .use = "Large catalogues: level with bsl on Gowalla, 10% above ease and 21% above ials; level with ials on two smaller logs, 2% below "
        "it on two others, among them MovieLens 100K. Tune --tau1 first. Item biases, which it has by default, make NDCG@20 .158 of .138 on Gowalla.",
    .cost = "About 3 (negatives) (factors) multiplications per user of a batch, as matrix products.",
    .presets = presets,
    .preset_count = BASE_COUNT(presets),
    .rules = rules,
    .rule_count = BASE_COUNT(rules),
    .options = {"softmax", rows, BASE_COUNT(rows), sizeof(tamis_train_options), check},
    .trainer = METHOD_BY_SOFTMAX,
    .family = &contrast,
};
