/* OpenBLAS's product of a block of users and items; see blas.c. */
#ifndef TAMIS_RANK_BLAS_H
#define TAMIS_RANK_BLAS_H

#include <cblas.h>
#include <stdint.h>

#include "rank/rank.h"

struct rank_blas {
    void (*sgemm)(enum CBLAS_ORDER, enum CBLAS_TRANSPOSE, enum CBLAS_TRANSPOSE, blasint, blasint, blasint, float, const float *,
                  blasint, const float *, blasint, float, float *, blasint);
    char *(*core)(void);
    int most_threads; /* that may call it at the same time */
};

/* NULL: it is not there, or cannot have its threads. */
const rank_blas *rank_blas_load(void);
/* rank_score_block() by it. */
void rank_blas_score(const rank_blas *blas, const rank_factors *f, const rank_work *work, int64_t count, int64_t first,
                     int64_t width);

#endif
