/* Sums of products of rows. */
#ifndef TAMIS_TRAIN_GRAM_H
#define TAMIS_TRAIN_GRAM_H

#include "kernel/ridge.h"

enum { GRAM_TILE = RIDGE_LANES * RIDGE_LANES, GRAM_PIECE = 1024 /* rows in cache while tiles pass */ };

/* Tile (a, b) of Σ q q', of factors a .. a + 15 by b .. b + 15, over count rows: pieces in float, their sum in double. */
void gram_tile(const float *rows, int64_t count, size_t stride, size_t at[2], const kernel_ridge *kernel, double sum[GRAM_TILE]);
/* All of it, stride x stride. */
void gram_fill(const float *rows, int64_t count, size_t stride, const kernel_ridge *kernel, double *gram);

#endif
