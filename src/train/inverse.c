/* The inverse of a symmetric, positive definite matrix A by the sweep operator, a tile of pivots at a time.
 *
 * Notation. K is the set of pivots, D = A_KK⁻¹. To sweep K:
 *   A_ij -= A_iK D A_Kj,  A_iK = A_iK D,  A_KK = -D
 * for all other rows i and columns j, whether they have been swept or not. When all are swept, A is -A⁻¹. Like Cholesky's
 * factorisation and the inverse by it this takes n³/2 multiplications, nearly all of them in products of two tiles; but it is one
 * loop, and stays within the tiles below the diagonal. Pivots need no exchange, since what is left of a positive definite matrix
 * is one. D is computed in double, by the same operator with one pivot at a time.
 *
 * The kernel's product has the same bits in every tier; OpenBLAS's depend on the processor. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/threads.h"
#include "train/inverse.h"

enum { TILE = INVERSE_TILE, AREA = TILE * TILE, LANES = 16 };

static size_t tiles_before(int64_t row)
{
    return (size_t)row * ((size_t)row + 1) / 2;
}

static int64_t tiles_of(int64_t n)
{
    return (n + TILE - 1) / TILE;
}

double inverse_bytes(int64_t n)
{
    const double tiles = (double)tiles_of(n);
    return tiles * (tiles + 1) / 2 * AREA * sizeof(float);
}

double inverse_work_bytes(int64_t n, int threads)
{
    return (2 * (double)tiles_of(n) + threads + 3) * AREA * sizeof(float);
}

float *inverse_tile(const inverse_matrix *m, int64_t row, int64_t column)
{
    return m->tile + (tiles_before(row) + (size_t)column) * AREA;
}

float *inverse_at(const inverse_matrix *m, int64_t i, int64_t j)
{
    return inverse_tile(m, i / TILE, j / TILE) + i % TILE * TILE + j % TILE;
}

tamis_status inverse_new(int64_t n, inverse_matrix *m, tamis_error *error)
{
    *m = (inverse_matrix){.n = n, .tiles = tiles_of(n)};
    m->tile = base_alloc(tiles_before(m->tiles), AREA * sizeof *m->tile);
    if (!m->tile) return base_no_memory(error, "an item-item matrix", tiles_before(m->tiles), AREA * sizeof *m->tile);
    for (int64_t i = n; i < m->tiles * TILE; i++) *inverse_at(m, i, i) = 1;
    return TAMIS_OK;
}

void inverse_free(inverse_matrix *m)
{
    base_free(m->tile);
    m->tile = NULL;
}

/* What a sweep takes beside the matrix. */
typedef struct sweeper {
    const inverse_matrix *m;
    const kernel_tier *kernel;
    base_watch *watch;
    int threads;
    double *pivots;   /* TILE x TILE */
    float *packed;    /* -D, in panels */
    float *column;    /* per thread: a tile A_iK */
    float *scaled;    /* per tile row i: A_iK D */
    float *panels;    /* per tile row i: A_iK, in panels */
} sweeper;

static void transpose(const float *from, float *to)
{
    for (int r = 0; r < TILE; r += LANES)
        for (int c = 0; c < TILE; c += LANES)
            for (int k = r; k < r + LANES; k++)
                for (int n = c; n < c + LANES; n++) to[n * TILE + k] = from[k * TILE + n];
}

static void pack(const sweeper *s, const float *tile, float *panels)
{
    for (size_t r = 0; r < TILE; r += LANES) s->kernel->pack(tile + r * TILE, LANES, TILE, panels + r * TILE);
}

/* to = base + scale * a b', b in panels */
static void multiply(const sweeper *s, const float *a, const float *panels, float scale, const float *base, float *to)
{
    s->kernel->product(&(kernel_product){.a = a, .a_row = TILE, .a_step = 1, .b = panels, .b_panel = (size_t)LANES * TILE, .b_step = LANES,
                                         .c = to, .c_row = TILE, .base = base, .base_row = TILE, .rows = TILE, .steps = TILE,
                                         .columns = TILE, .scale = scale});
}

/* Each pivot of the tile in turn, in double. False: one is not above 0, or has no inverse in float32. */
static bool sweep_pivots(const sweeper *s, float *tile)
{
    double *d = s->pivots;
    for (int i = 0; i < TILE; i++)
        for (int j = 0; j <= i; j++) d[i * TILE + j] = d[j * TILE + i] = (double)tile[i * TILE + j];
    for (size_t k = 0; k < TILE; k++) {
        double *row = d + k * TILE;
        if (!(row[k] > 0)) return false;
        const double inverse = 1 / row[k];
        for (size_t i = 0; i < TILE; i++) {
            double *other = d + i * TILE;
            const double factor = other[k] * inverse;
            if (i == k) continue;
            for (int j = 0; j < TILE; j++) other[j] -= factor * row[j];
            other[k] = factor;
        }
        for (int j = 0; j < TILE; j++) row[j] *= inverse;
        row[k] = -inverse;
    }
    bool finite = true;
    for (int k = 0; k < AREA; k++) {
        tile[k] = (float)d[k];
        finite &= isfinite(tile[k]);
    }
    for (int k = 0; k < TILE; k++) finite &= tile[k * TILE + k] < 0;
    return finite;
}

static void worked(const sweeper *s)
{
    if (omp_get_thread_num() == 0) base_worked(s->watch, (int64_t)AREA * TILE);
}

/* A_iK, transposed where what is stored is A_Ki; then its panels, and A_iK D. */
static void scale_column(const sweeper *s, int64_t i, int64_t pivot, float *column)
{
    const float *stored = i > pivot ? inverse_tile(s->m, i, pivot) : inverse_tile(s->m, pivot, i);
    if (i > pivot)
        memcpy(column, stored, AREA * sizeof *column);
    else
        transpose(stored, column);
    pack(s, column, s->panels + i * AREA);
    multiply(s, column, s->packed, -1, NULL, s->scaled + i * AREA);
}

static void put_column(const sweeper *s, int64_t i, int64_t pivot)
{
    if (i > pivot)
        memcpy(inverse_tile(s->m, i, pivot), s->scaled + i * AREA, AREA * sizeof(float));
    else
        transpose(s->scaled + i * AREA, inverse_tile(s->m, pivot, i));
}

static bool sweep_tile(const sweeper *s, int64_t pivot)
{
    const int64_t tiles = s->m->tiles, all = (int64_t)tiles_before(tiles);
    float *diagonal = inverse_tile(s->m, pivot, pivot);
    if (!sweep_pivots(s, diagonal)) return false;
    pack(s, diagonal, s->packed);
#pragma omp parallel num_threads(base_team(s->threads))
    {
        float *column = s->column + (size_t)omp_get_thread_num() * AREA;
#pragma omp for schedule(dynamic, 1)
        for (int64_t i = 0; i < tiles; i++)
            if (i != pivot) scale_column(s, i, pivot, column);
#pragma omp for schedule(dynamic, 1)
        for (int64_t t = 0; t < all; t++) {
            int64_t i = 0, j = t;
            while (j > i) j -= ++i; /* t = i (i + 1) / 2 + j */
            if (i == pivot || j == pivot || base_stopped(s->watch)) continue;
            float *tile = inverse_tile(s->m, i, j);
            multiply(s, s->scaled + i * AREA, s->panels + j * AREA, -1, tile, tile);
            worked(s);
        }
#pragma omp for schedule(static)
        for (int64_t i = 0; i < tiles; i++)
            if (i != pivot) put_column(s, i, pivot);
    }
    return true;
}

tamis_status inverse_make(const inverse_matrix *m, const kernel_tier *kernel, int threads, base_watch *watch, tamis_error *error)
{
    const size_t tiles = (size_t)m->tiles;
    sweeper s = {.m = m, .kernel = kernel, .watch = watch, .threads = threads,
                 .pivots = base_alloc_raw(AREA, sizeof *s.pivots),
                 .packed = base_alloc_raw(AREA, sizeof *s.packed),
                 .column = base_alloc_raw((size_t)threads, AREA * sizeof *s.column),
                 .scaled = base_alloc_raw(tiles, AREA * sizeof *s.scaled),
                 .panels = base_alloc_raw(tiles, AREA * sizeof *s.panels)};
    tamis_status status = TAMIS_OK;
    if (!s.pivots || !s.packed || !s.column || !s.scaled || !s.panels)
        status = base_no_memory(error, "the inverse of a matrix", 2 * tiles, AREA * sizeof(float));
    for (int64_t k = 0; k < m->tiles && !status && !base_stopped(watch); k++)
        if (!sweep_tile(&s, k))
            status = base_fail(error, TAMIS_DIVERGED, "the items' matrix is not positive definite, or overflows; take --regularization "
                                                      "nearer to its default");
    if (!status && base_stopped(watch)) status = base_fail(error, TAMIS_STOPPED, "stopped while a matrix was inverted");
    void *const arrays[] = {s.pivots, s.packed, s.column, s.scaled, s.panels};
    for (size_t k = 0; k < BASE_COUNT(arrays); k++) base_free(arrays[k]);
    return status;
}
