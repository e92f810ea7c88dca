/* OpenBLAS's product. */
#ifndef TAMIS_RANK_BLAS_H
#define TAMIS_RANK_BLAS_H

#include <cblas.h>
#include <stddef.h>
#include <stdint.h>

typedef struct rank_blas {
    void (*sgemm)(enum CBLAS_ORDER, enum CBLAS_TRANSPOSE, enum CBLAS_TRANSPOSE, blasint, blasint, blasint, float, const float *,
                  blasint, const float *, blasint, float, float *, blasint);
    char *(*core)(void);
    int most_threads; /* that may call it at the same time */
} rank_blas;

/* NULL: it is not there, or cannot have its threads. */
const rank_blas *rank_blas_load(void);

/* C = A B': rows of A and B are `stride` apart, of which the first `steps` numbers count. */
typedef struct rank_blas_operands {
    const float *a, *b;
    size_t stride;
    int64_t steps;
    float *c;
    int64_t c_row, rows, columns;
} rank_blas_operands;
void rank_blas_product(const rank_blas *blas, const rank_blas_operands *operands);

#endif
