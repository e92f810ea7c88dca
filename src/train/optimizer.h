/* One step of an optimiser on a row, and the moments that it keeps. */
#ifndef TAMIS_TRAIN_OPTIMIZER_H
#define TAMIS_TRAIN_OPTIMIZER_H

#include "train/trainer.h"
#include "tamis.h"

/* The first and second moments of one side of one factorisation; NULL where the optimiser has none. */
typedef struct optimizer_moments {
    float *first, *second;           /* as the factors */
    float *bias_first, *bias_second; /* as the biases */
} optimizer_moments;

double optimizer_moments_bytes(int64_t rows, size_t stride, bool bias, int optimizer);
bool optimizer_moments_new(optimizer_moments *m, int64_t rows, size_t stride, bool bias, int optimizer);
void optimizer_moments_clear(optimizer_moments *m);
/* What one side's moments are called in a checkpoint. */
typedef struct optimizer_names {
    const char *first, *second, *bias_first, *bias_second;
} optimizer_names;
/* Adds the arrays that there are to the list; `like`: the factors that they belong to. */
void optimizer_moments_list(optimizer_moments *m, const optimizer_names *names, const parameter *like, parameters *list);

/* The constants of step t = 1, 2, ... for one role; one step on a row whose moments lie at `at`. */
kernel_step optimizer_constants(const tamis_train_options *o, double rate, double regularization, int64_t t);
void optimizer_step_row(const train_run *run, float *row, const optimizer_moments *moments, size_t at, size_t stride,
                        const float *gradient, const kernel_step *c);
void optimizer_step_bias(float *value, const optimizer_moments *moments, int64_t at, float gradient, int optimizer,
                         const kernel_step *c);

#endif
