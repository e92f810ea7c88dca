/* OpenBLAS, for processors that only the portable tier is for.
 *
 * It is loaded when it is first needed, not with the library: on loading it makes a thread per processor, and ends the process
 * where it cannot, so it is loaded only if there is room for those threads. Its number of threads belongs to the whole process
 * and is not changed: a product of at most SMALL multiplications is done in the calling thread, whatever that number is, and
 * ours are cut into such. It has a fixed number of buffers and ends the process when more threads than that call it. */
#include <dlfcn.h>
#include <omp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "rank/blas.h"
#include "tamis.h"

#ifndef OPENBLAS_LIBRARY
#define OPENBLAS_LIBRARY "libopenblas.so.0"
#endif

enum { SMALL = 1 << 18, LEAST_BUFFERS = 48 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static rank_blas loaded;

/* ISO C has no cast from an object's address to a function's. */
static bool find(void *library, const char *name, void *function)
{
    void *address = dlsym(library, name);
    memcpy(function, &address, sizeof address);
    return address != NULL;
}

static void load(void)
{
    char *(*config)(void) = NULL;
    if (!base_room_for_threads(omp_get_num_procs())) return;
    void *library = dlopen(OPENBLAS_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    if (!find(library, "cblas_sgemm", &loaded.sgemm) || !find(library, "openblas_get_corename", &loaded.core) ||
        !find(library, "openblas_get_config", &config)) {
        loaded.sgemm = NULL;
        return;
    }
    const char *text = strstr(config(), "MAX_THREADS=");
    const long threads = text ? strtol(text + sizeof "MAX_THREADS=" - 1, NULL, 10) : 0;
    loaded.most_threads = threads > LEAST_BUFFERS ? (int)threads : LEAST_BUFFERS;
}

const rank_blas *rank_blas_load(void)
{
    pthread_once(&once, load);
    return loaded.sgemm ? &loaded : NULL;
}

void rank_blas_product(const rank_blas *blas, const rank_blas_operands *o)
{
    const int64_t most = o->rows < SMALL / o->steps ? o->rows : SMALL / o->steps, wide = SMALL / (most * o->steps);
    for (int64_t r = 0; r < o->rows; r += most)
        for (int64_t k = 0; k < o->columns; k += wide) {
            const int64_t rows = o->rows - r < most ? o->rows - r : most, columns = o->columns - k < wide ? o->columns - k : wide;
            blas->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)rows, (blasint)columns, (blasint)o->steps, 1.0f,
                        o->a + (size_t)r * o->stride, (blasint)o->stride, o->b + (size_t)k * o->stride, (blasint)o->stride,
                        0.0f, o->c + r * o->c_row + k, (blasint)o->c_row);
        }
}

const char *tamis_blas_core(void)
{
    const rank_blas *blas = rank_blas_load();
    return blas ? blas->core() : "none";
}
