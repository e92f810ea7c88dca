/* OpenBLAS's threads. Our loops are parallel already, one product per thread, so OpenBLAS must not start threads of its
 * own inside them. Its setting belongs to the whole process, therefore it is counted who needs it at 1: the first one
 * in keeps the caller's number, the last one out restores it. */
#include <cblas.h>
#include <pthread.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "rank/rank.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int inside, saved;

rank_blas rank_blas_begin(const rank_scorer *scorer)
{
    rank_blas guard = {.held = !scorer || !scorer->product};
    if (!guard.held) return guard;
#ifdef _OPENMP
    guard.openmp_threads = omp_get_max_threads(); /* an OpenBLAS built upon OpenMP changes that too */
#endif
    pthread_mutex_lock(&lock);
    if (inside++ == 0) {
        saved = openblas_get_num_threads();
        if (saved != 1) openblas_set_num_threads(1);
    }
    pthread_mutex_unlock(&lock);
    return guard;
}

void rank_blas_end(rank_blas guard)
{
    if (!guard.held) return;
    pthread_mutex_lock(&lock);
    if (--inside == 0 && saved != 1) openblas_set_num_threads(saved);
    pthread_mutex_unlock(&lock);
#ifdef _OPENMP
    omp_set_num_threads(guard.openmp_threads);
#else
    (void)guard;
#endif
}

const char *tamis_blas_core(void)
{
    return openblas_get_corename();
}
