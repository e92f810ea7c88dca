/* Samples on their way into the kernels. */
#ifndef TAMIS_TRAIN_SGD_WORK_H
#define TAMIS_TRAIN_SGD_WORK_H

#include "train/sgd_blocks.h"
#include "train/sgd_two.h"

/* Up to SGD_CHUNK samples; pairs: positive and negative; points: one item. */
typedef struct sgd_lists {
    int32_t user[SGD_CHUNK], item[SGD_CHUNK], negative[SGD_CHUNK];
    float target[SGD_CHUNK], weight[SGD_CHUNK];
} sgd_lists;

/* What they go through: one of the two kernels, the points' for each factorisation. */
typedef struct sgd_work {
    kernel_pairs pairs;
    kernel_points points, second;
    int64_t samples;
} sgd_work;

/* Of what was trained on. */
typedef struct sgd_sum {
    double loss;
    int64_t samples;
} sgd_sum;

sgd_work sgd_work_new(const train_run *run, const sgd_lists *lists, double rate);
/* Trains on the first `count` of the lists. */
void sgd_work_run(const train_run *run, sgd_work *w, int64_t count);
/* Adds up what went through. */
void sgd_work_sum(const sgd_work *w, sgd_sum *sum);

#endif
