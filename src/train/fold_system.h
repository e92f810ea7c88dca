/* One ridge system in double: (Σ w q q' + λ I) p = Σ w y q. */
#ifndef TAMIS_TRAIN_FOLD_SYSTEM_H
#define TAMIS_TRAIN_FOLD_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct fold_system {
    size_t width;
    double *matrix; /* width x width, of which the lower triangle counts */
    double *right, *row;
} fold_system;

/* All zeros. False: memory. */
bool fold_system_new(fold_system *s, size_t width);
void fold_system_clear(fold_system *s);
/* += scale times a matrix of rows `stride` apart. */
void fold_system_add_matrix(fold_system *s, const double *matrix, size_t stride, double scale);
/* += weight (q - from) (q - from)' and weight target (q - from); from NULL: 0. */
void fold_system_add(fold_system *s, const float *q, const double *from, double weight, double target);
/* p by Cholesky's decomposition, which overwrites the matrix; `right` becomes p. False: not positive definite. */
bool fold_system_solve(fold_system *s, double lambda);

#endif
