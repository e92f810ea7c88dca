/* One ridge system, by Cholesky's decomposition in double; loops run along rows, so that they vectorise. */
#include <math.h>

#include "base/memory.h"
#include "train/fold_system.h"

bool fold_system_new(fold_system *s, size_t width)
{
    *s = (fold_system){.width = width, .matrix = base_alloc(width * width + 2 * width, sizeof *s->matrix)};
    s->right = s->matrix ? s->matrix + width * width : NULL;
    s->row = s->matrix ? s->right + width : NULL;
    return s->matrix != NULL;
}

void fold_system_clear(fold_system *s)
{
    base_free(s->matrix);
    s->matrix = NULL;
}

void fold_system_add_matrix(fold_system *s, const double *matrix, size_t stride, double scale)
{
    for (size_t a = 0; a < s->width; a++)
        for (size_t b = 0; b <= a; b++) s->matrix[a * s->width + b] += scale * matrix[a * stride + b];
}

void fold_system_add(fold_system *s, const float *q, const double *from, double weight, double target)
{
    const size_t d = s->width;
    for (size_t a = 0; a < d; a++) s->row[a] = (double)q[a] - (from ? from[a] : 0);
    for (size_t a = 0; a < d; a++) {
        const double w = weight * s->row[a];
        double *line = s->matrix + a * d;
        for (size_t b = 0; b <= a; b++) line[b] += w * s->row[b];
        s->right[a] += target * w;
    }
}

bool fold_system_solve(fold_system *s, double lambda)
{
    const size_t d = s->width;
    double *m = s->matrix, *x = s->right;
    for (size_t a = 0; a < d; a++) m[a * d + a] += lambda;
    for (size_t k = 0; k < d; k++) { /* L in place: column k, then what it takes from the rest */
        const double pivot = m[k * d + k];
        if (!(pivot > 0) || !isfinite(pivot)) return false;
        const double root = sqrt(pivot);
        m[k * d + k] = root;
        for (size_t a = k + 1; a < d; a++) s->row[a] = m[a * d + k] /= root;
        for (size_t a = k + 1; a < d; a++) {
            const double l = s->row[a];
            for (size_t b = k + 1; b <= a; b++) m[a * d + b] -= l * s->row[b];
        }
    }
    for (size_t a = 0; a < d; a++) { /* L y = right, L' p = y */
        for (size_t b = 0; b < a; b++) x[a] -= m[a * d + b] * x[b];
        x[a] /= m[a * d + a];
    }
    for (size_t a = d; a-- > 0;) {
        x[a] /= m[a * d + a];
        for (size_t b = 0; b < a; b++) x[b] -= m[a * d + b] * x[a];
    }
    return true;
}
