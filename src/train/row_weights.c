/* Weights of interactions, for trainers that take gradient steps. Notation: w_k = c_k / (mean c) of interaction k.
 *
 * A sampled loss takes rows in proportion to w: scaled steps would diverge where one row weighs as much as a thousand, and Adam
 * divides a scale away. An epoch is a systematic sample of as many rows as there are: with W_k = w_0 + ... + w_k and u uniform
 * on [0, 1) for the epoch, sample s stands for the row k with W_(k-1) <= s + u < W_k. So row k is taken floor(w_k) or
 * ceil(w_k) times, w_k on average, and each time with negatives of its own.
 * Where negatives stand for all pairs (or the loss looks at a batch, or has two factorisations), what a positive adds is
 * multiplied by w_k, and the negatives stay as they are; by MOST_SUMMED at most in batches whose gradients are summed, which a
 * heavier row would throw out of balance.
 * Source: Madow, Madow, "On the theory of systematic sampling", Annals of Mathematical Statistics 15, 1944. */
#include <math.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "train/row_weights.h"

enum { MOST_SUMMED = 10 };

bool row_weights_by_rows(const train_run *run)
{
    const method *m = run->method;
    return run->trainer->samples && !run->all_pairs && !m->every_pair && !m->two_scores && !m->batch;
}

tamis_status row_weights_open(train_run *run, tamis_error *error)
{
    const float *weight = run->log->weight;
    const int64_t nnz = run->log->matrix->nnz;
    double sum = 0;
    bool alike = true;
    for (int64_t k = 0; weight && k < nnz; k++) {
        sum += (double)weight[k];
        alike = alike && weight[k] == weight[0];
    }
    if (alike || !run->trainer->steps) return TAMIS_OK; /* least squares take weights as they are */
    if (row_weights_by_rows(run))
        run->row_ends = base_alloc_raw((size_t)nnz, sizeof *run->row_ends);
    else
        run->row_weights = base_alloc_raw((size_t)nnz, sizeof *run->row_weights);
    if (!run->row_ends && !run->row_weights) return base_no_memory(error, "weights of interactions", (size_t)nnz, sizeof *run->row_ends);
    const tamis_train_options *o = &run->options;
    const bool summed = run->trainer->samples && o->batch_size > 0 &&
                        (o->optimizer == TAMIS_OPTIMIZER_SGD || o->optimizer == TAMIS_OPTIMIZER_LAZY_SGD);
    double end = 0;
    for (int64_t k = 0; k < nnz; k++) {
        end += (double)weight[k];
        if (run->row_ends)
            run->row_ends[k] = k + 1 < nnz ? end / sum * (double)nnz : (double)nnz;
        else
            run->row_weights[k] = (float)fmin((double)weight[k] / sum * (double)nnz, summed ? MOST_SUMMED : INFINITY);
    }
    return TAMIS_OK;
}

static double offset_of(const train_run *run)
{
    base_stream stream = base_stream_key(run->options.seed, BASE_FOR_WEIGHTS, (uint64_t)run->epoch, 0);
    return base_uniform(&stream);
}

int64_t row_weights_find(const train_run *run, int64_t sample)
{
    const double at = (double)sample + offset_of(run);
    int64_t low = 0, high = run->log->matrix->nnz - 1; /* the first row that ends above `at` */
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (run->row_ends[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void row_weights_count(const train_run *run, uint16_t *times)
{
    const double offset = offset_of(run);
    int64_t sample = 0;
    for (int64_t k = 0; k < run->log->matrix->nnz; k++) {
        const int64_t end = (int64_t)ceil(run->row_ends[k] - offset), n = end > sample ? end - sample : 0; /* samples below it */
        times[k] = (uint16_t)(n < UINT16_MAX ? n : UINT16_MAX);
        sample = end > sample ? end : sample;
    }
}
