/* What samples weigh: clicks per item, chances of being seen, the weights that a method makes of them. */
#include <math.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/propensity.h"
#include "train/estimate.h"
#include "train/weigh.h"

static tamis_status count_clicks(train_run *run, tamis_error *error)
{
    const tamis_log *log = run->log;
    run->item_clicks = matrix_column_counts(log->matrix);
    return run->item_clicks ? TAMIS_OK : base_no_memory(error, "item counts", (size_t)log->items, sizeof *run->item_clicks);
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

static method_weights weights_of(const train_run *run, const method_exposure *exposure)
{
    method_weights weights = METHOD_WEIGHTS_ALIKE;
    run->method->weigh(&run->options, exposure, &weights);
    return weights;
}

static int64_t most_clicks(const train_run *run)
{
    int64_t most = 1;
    for (int64_t i = 0; i < run->model->items; i++) most = run->item_clicks[i] > most ? run->item_clicks[i] : most;
    return most;
}

method_weights weigh_new_item(const train_run *run, int64_t clicks)
{
    if (!run->method->weigh) return METHOD_WEIGHTS_ALIKE;
    const double popularity = (double)clicks / (double)most_clicks(run);
    const method_exposure exposure = exposure_of(&run->options, popularity < 1 ? popularity : 1);
    return weights_of(run, &exposure);
}

static tamis_status weigh_items(train_run *run, const log_propensity *known, tamis_error *error)
{
    const int64_t items = run->model->items, most = most_clicks(run);
    run->weights = base_alloc_raw((size_t)items, sizeof *run->weights);
    if (!run->weights) return base_no_memory(error, "item weights", (size_t)items, sizeof *run->weights);
    for (int64_t i = 0; i < items; i++) {
        const double popularity = (double)run->item_clicks[i] / (double)most;
        const method_exposure exposure =
            known->item ? exposure_known(known->item[i]) : exposure_of(&run->options, popularity);
        run->weights[i] = weights_of(run, &exposure);
    }
    return TAMIS_OK;
}

/* Positives by their own propensities; pairs without a click keep the item's weights. */
static tamis_status weigh_pairs(train_run *run, const log_propensity *known, tamis_error *error)
{
    const int64_t nnz = run->log->matrix->nnz;
    if (run->options.batch_size == 0)
        return base_fail(error, TAMIS_USAGE, "propensities of pairs are for training in batches; give --batch-size, such as 1024");
    if (run->any_negative)
        return base_fail(error, TAMIS_USAGE, "%s, with these options, needs a propensity for every item; this file has them for pairs", run->method->name);
    run->pair_weights = base_alloc_raw((size_t)nnz, sizeof *run->pair_weights);
    if (!run->pair_weights) return base_no_memory(error, "weights of pairs", (size_t)nnz, sizeof *run->pair_weights);
    for (int64_t k = 0; k < nnz; k++) {
        const method_exposure exposure = exposure_known(known->interaction[k]);
        run->pair_weights[k] = weights_of(run, &exposure);
    }
    return TAMIS_OK;
}

/* Samples that stand for all pairs: user u's n positives each for itself, n ρ negatives for the N - n other pairs. */
static tamis_status even_out(train_run *run, tamis_error *error)
{
    const int64_t users = run->model->users, items = run->model->items, *start = run->log->matrix->start;
    const double negatives = (double)run->options.negatives;
    const double even = (double)run->log->matrix->nnz * (1 + negatives) / ((double)users * (double)items); /* weights are 1 on average */
    run->positive_scale = (float)even;
    run->negative_scale = base_alloc_raw((size_t)users, sizeof *run->negative_scale);
    if (!run->negative_scale) return base_no_memory(error, "weights of users", (size_t)users, sizeof *run->negative_scale);
    for (int64_t u = 0; u < users; u++) {
        const double n = (double)(start[u + 1] - start[u]);
        run->negative_scale[u] = (float)(even * ((double)items - n) / (n * negatives));
    }
    return TAMIS_OK;
}

bool weigh_all_pairs(const train_run *run, int64_t users, int64_t items)
{
    const tamis_train_options *o = &run->options;
    const bool few = items <= 4000000 / users, point = run->method->pair == NULL;
    return o->pairs == TAMIS_PAIRS_ALL || (o->pairs == TAMIS_PAIRS_AUTO && few && point && o->batch_size > 0 && !run->positives->active);
}

void weigh_takes(const train_plan *plan, estimate *e)
{
    const double users = (double)plan->users, items = (double)plan->items, n = (double)plan->interactions;
    estimate_keep(e, "weights", items * sizeof(int64_t));
    if (plan->method->weigh) estimate_keep(e, "weights", items * sizeof(method_weights));
    if (plan->method->weigh && plan->options->propensity && plan->options->batch_size > 0) /* if the file is of pairs */
        estimate_keep(e, "weights", n * sizeof(method_weights));
    if (plan->method->every_pair && !plan->all_pairs) estimate_keep(e, "weights", users * sizeof(float));
}

tamis_status weigh_samples(train_run *run, tamis_error *error)
{
    const tamis_train_options *o = &run->options;
    log_propensity known = {0};
    run->positive_scale = 1;
    tamis_status status = count_clicks(run, error);
    if (status) return status;
    run->any_negative = run->method->any_negative && run->method->any_negative(o);
    run->all_pairs = weigh_all_pairs(run, run->model->users, run->model->items);
    run->options.pairs = run->all_pairs ? TAMIS_PAIRS_ALL : TAMIS_PAIRS_SAMPLED; /* settled, as weigh() is to see it */
    if (run->method->every_pair && !run->all_pairs) status = even_out(run, error);
    if (status || !run->method->weigh) return status;
    if (o->propensity) status = log_propensity_read(o->propensity, run->log, &known, error);
    if (!status) status = weigh_items(run, &known, error);
    if (!status && known.interaction) status = weigh_pairs(run, &known, error);
    log_propensity_clear(&known);
    return status;
}
