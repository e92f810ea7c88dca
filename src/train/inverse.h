/* The inverse of a symmetric, positive definite matrix, in tiles, of which only those on and below the diagonal are stored. */
#ifndef TAMIS_TRAIN_INVERSE_H
#define TAMIS_TRAIN_INVERSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/watch.h"
#include "kernel/kernel.h"
#include "tamis.h"

enum { INVERSE_TILE = 256 };

typedef struct inverse_matrix {
    int64_t n, tiles; /* rows; tiles of a side, of which the last one is filled up with rows of the identity */
    float *tile;      /* (0,0), (1,0), (1,1), (2,0) ..., each row by row */
} inverse_matrix;

/* Bytes of the matrix, and of what inverse_make() takes beside it with so many threads. */
double inverse_bytes(int64_t n);
double inverse_work_bytes(int64_t n, int threads);
/* All zero, but for the identity. */
tamis_status inverse_new(int64_t n, inverse_matrix *m, tamis_error *error);
void inverse_free(inverse_matrix *m);
/* Tile (row, column), row >= column; element (i, j), i >= j. */
float *inverse_tile(const inverse_matrix *m, int64_t row, int64_t column);
float *inverse_at(const inverse_matrix *m, int64_t i, int64_t j);
/* A becomes -A⁻¹, the same bits for any number of threads and in every tier. Above the diagonal tiles are neither read nor
 * right. TAMIS_DIVERGED: A is not positive definite in float32; TAMIS_STOPPED. */
tamis_status inverse_make(const inverse_matrix *m, const kernel_tier *kernel, int threads, base_watch *watch, tamis_error *error);

#endif
