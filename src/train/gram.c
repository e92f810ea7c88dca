/* Sums of products of rows: Gram matrices. */
#include <string.h>

#include "train/gram.h"

void gram_tile(const float *rows, int64_t count, size_t stride, size_t at[2], const kernel_ridge *kernel, double sum[GRAM_TILE])
{
    memset(sum, 0, GRAM_TILE * sizeof *sum);
    for (int64_t first = 0; first < count; first += GRAM_PIECE) {
        const int64_t n = count - first < GRAM_PIECE ? count - first : GRAM_PIECE;
        _Alignas(64) float tile[GRAM_TILE] = {0};
        const ridge_rows piece = {rows + (size_t)first * stride, NULL, n, stride};
        kernel->moments(&piece, NULL, NULL, at[0], at[1], tile, NULL);
        for (int k = 0; k < GRAM_TILE; k++) sum[k] += (double)tile[k];
    }
}

void gram_fill(const float *rows, int64_t count, size_t stride, const kernel_ridge *kernel, double *gram)
{
    double sum[GRAM_TILE];
    for (size_t a = 0; a < stride; a += RIDGE_LANES)
        for (size_t b = 0; b <= a; b += RIDGE_LANES) {
            gram_tile(rows, count, stride, (size_t[2]){a, b}, kernel, sum);
            for (size_t i = 0; i < RIDGE_LANES; i++)
                for (size_t j = 0; j < RIDGE_LANES; j++)
                    gram[(a + i) * stride + b + j] = gram[(b + j) * stride + a + i] = sum[i * RIDGE_LANES + j];
        }
}
