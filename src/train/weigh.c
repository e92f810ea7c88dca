/* What samples weigh: clicks per item, chances of being seen, the weights that a method makes of them. */
#include <math.h>

#include "data/propensity.h"
#include "train/train.h"

static tamis_status count_clicks(train_state *state, tamis_error *error)
{
    const tamis_log *log = state->log;
    state->item_clicks = base_alloc(log->items.count, sizeof *state->item_clicks);
    if (!state->item_clicks) return base_no_memory(error, "item counts", log->items.count, sizeof *state->item_clicks);
    for (int64_t k = 0; k < log->start[log->users.count]; k++) state->item_clicks[log->item[k]]++;
    return TAMIS_OK;
}

static double at_least(double propensity)
{
    return propensity > 1e-6 ? propensity : 1e-6;
}

/* By a propensity that the caller knows. */
static method_exposure exposure_known(double seen)
{
    return (method_exposure){at_least(seen), at_least(1 - seen)};
}

/* θ = popularity^power and θ⁻ = (1 - popularity)^power of an item with popularity = clicks / most clicks. */
static method_exposure exposure_of(const tamis_train_options *options, double popularity)
{
    const double power = options->propensity_power;
    return (method_exposure){at_least(pow(popularity, power)), at_least(pow(1 - popularity, power))};
}

static method_weights weights_of(const train_state *state, const method_exposure *exposure)
{
    method_weights weights = METHOD_WEIGHTS_ALIKE;
    state->method->weigh(&state->options, exposure, &weights);
    return weights;
}

static tamis_status weigh_items(train_state *state, const log_propensity *known, tamis_error *error)
{
    const int64_t items = state->model->items;
    int64_t most = 1;
    state->weights = base_alloc_raw((size_t)items, sizeof *state->weights);
    if (!state->weights) return base_no_memory(error, "item weights", (size_t)items, sizeof *state->weights);
    for (int64_t i = 0; i < items; i++) most = state->item_clicks[i] > most ? state->item_clicks[i] : most;
    for (int64_t i = 0; i < items; i++) {
        const double popularity = (double)state->item_clicks[i] / (double)most;
        const method_exposure exposure =
            known->item ? exposure_known(known->item[i]) : exposure_of(&state->options, popularity);
        state->weights[i] = weights_of(state, &exposure);
    }
    return TAMIS_OK;
}

/* Positives by their own propensities; pairs without a click keep the item's weights. */
static tamis_status weigh_pairs(train_state *state, const log_propensity *known, tamis_error *error)
{
    const int64_t nnz = state->log->start[state->log->users.count];
    if (state->options.batch_size == 0)
        return base_fail(error, TAMIS_USAGE, "propensities of pairs are for training in batches; give --batch-size, such as 1024");
    if (state->any_negative)
        return base_fail(error, TAMIS_USAGE, "%s, with these options, needs a propensity for every item; this file has them for pairs", state->method->name);
    state->pair_weights = base_alloc_raw((size_t)nnz, sizeof *state->pair_weights);
    if (!state->pair_weights) return base_no_memory(error, "weights of pairs", (size_t)nnz, sizeof *state->pair_weights);
    for (int64_t k = 0; k < nnz; k++) {
        const method_exposure exposure = exposure_known(known->interaction[k]);
        state->pair_weights[k] = weights_of(state, &exposure);
    }
    return TAMIS_OK;
}

/* Samples that stand for all pairs: user u's n positives each for itself, n ρ negatives for the N - n other pairs. */
static tamis_status even_out(train_state *state, tamis_error *error)
{
    const int64_t users = state->model->users, items = state->model->items, *start = state->log->start;
    const double negatives = (double)state->options.negatives;
    state->even = (double)start[users] * (1 + negatives) / ((double)users * (double)items);
    state->negative_share = base_alloc_raw((size_t)users, sizeof *state->negative_share);
    if (!state->negative_share) return base_no_memory(error, "weights of users", (size_t)users, sizeof *state->negative_share);
    for (int64_t u = 0; u < users; u++) {
        const double n = (double)(start[u + 1] - start[u]);
        state->negative_share[u] = (float)(state->even * ((double)items - n) / (n * negatives));
    }
    return TAMIS_OK;
}

tamis_status train_weigh(train_state *state, tamis_error *error)
{
    const tamis_train_options *o = &state->options;
    const int64_t users = state->model->users, items = state->model->items;
    const bool few = items <= 4000000 / users, point = state->method->pair == NULL;
    log_propensity known = {0};
    tamis_status status = count_clicks(state, error);
    if (status) return status;
    state->any_negative = state->method->any_negative && state->method->any_negative(o);
    state->all_pairs = o->pairs == TAMIS_PAIRS_ALL || (o->pairs == TAMIS_PAIRS_AUTO && few && point && o->batch_size > 0 && !state->positives->active);
    state->options.pairs = state->all_pairs ? TAMIS_PAIRS_ALL : TAMIS_PAIRS_SAMPLED; /* settled, as weigh() is to see it */
    if (state->method->every_pair && !state->all_pairs) status = even_out(state, error);
    if (status || !state->method->weigh) return status;
    if (o->propensity) status = log_propensity_read(o->propensity, state->log, &known, error);
    if (!status) status = weigh_items(state, &known, error);
    if (!status && known.interaction) status = weigh_pairs(state, &known, error);
    log_propensity_clear(&known);
    return status;
}
