/* Sparse matrices in compressed rows. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/order.h"
#include "matrix/matrix.h"

matrix *matrix_new(int64_t rows, int64_t columns, int64_t *start, int32_t *index)
{
    matrix *m = start && index ? malloc(sizeof *m) : NULL;
    if (!m) {
        free(start);
        free(index);
        return NULL;
    }
    *m = (matrix){.rows = rows, .columns = columns, .nnz = start[rows], .start = start, .index = index};
    atomic_init(&m->holders, 1);
    return m;
}

matrix *matrix_new_mapped(const matrix *arrays, mapped_file *file)
{
    matrix *m = malloc(sizeof *m);
    if (!m) return NULL;
    *m = (matrix){.rows = arrays->rows, .columns = arrays->columns, .nnz = arrays->nnz, .start = arrays->start,
                  .index = arrays->index, .mapped = mapped_file_hold(file)};
    atomic_init(&m->holders, 1);
    return m;
}

matrix *matrix_hold(matrix *m)
{
    atomic_fetch_add_explicit(&m->holders, 1, memory_order_relaxed);
    return m;
}

void matrix_drop(matrix *m)
{
    if (!m || atomic_fetch_sub_explicit(&m->holders, 1, memory_order_acq_rel) > 1) return;
    if (!m->mapped) {
        free((void *)(uintptr_t)m->start);
        free((void *)(uintptr_t)m->index);
    }
    mapped_file_drop(m->mapped);
    free(m);
}

int32_t matrix_row_at(const matrix *m, int64_t k)
{
    int64_t low = 0, high = m->rows;
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (m->start[middle] <= k)
            low = middle;
        else
            high = middle;
    }
    return (int32_t)low;
}

int64_t matrix_find(const matrix *m, int64_t row, int32_t column)
{
    /* the last one that is not above column; without a branch on what is read, which could not be foreseen */
    const int32_t *at = m->index + m->start[row];
    int64_t n = m->start[row + 1] - m->start[row];
    if (n == 0) return -1;
    while (n > 1) {
        const int64_t half = n / 2;
        at += at[half] <= column ? half : 0;
        n -= half;
    }
    return *at == column ? at - m->index : -1;
}

bool matrix_same(const matrix *a, const matrix *b)
{
    const int64_t n = a ? a->nnz : 0;
    if (n != (b ? b->nnz : 0)) return false;
    return n == 0 || (memcmp(a->start, b->start, ((size_t)a->rows + 1) * sizeof *a->start) == 0 &&
                      memcmp(a->index, b->index, (size_t)n * sizeof *a->index) == 0);
}

/* Room for a matrix of so many rows and elements, at least one. */
static bool allocate(int64_t rows, int64_t nnz, int64_t **start, int32_t **index)
{
    *start = base_alloc((size_t)rows + 1, sizeof **start);
    *index = base_alloc_raw((size_t)nnz + 1, sizeof **index);
    if (*start && *index) return true;
    base_free(*start);
    base_free(*index);
    return false;
}

matrix *matrix_transpose(const matrix *m)
{
    int64_t *start;
    int32_t *index;
    if (!allocate(m->columns, m->nnz, &start, &index)) return NULL;
    for (int64_t k = 0; k < m->nnz; k++) start[m->index[k] + 1]++;
    for (int64_t c = 0; c < m->columns; c++) start[c + 1] += start[c];
    for (int64_t r = 0; r < m->rows; r++)
        for (int64_t k = m->start[r]; k < m->start[r + 1]; k++) index[start[m->index[k]]++] = (int32_t)r;
    memmove(start + 1, start, (size_t)m->columns * sizeof *start); /* start[c] has become the end of c */
    start[0] = 0;
    return matrix_new(m->columns, m->rows, start, index);
}

int32_t *matrix_rows_of(const matrix *m)
{
    int32_t *row = base_alloc_raw((size_t)m->nnz, sizeof *row);
    for (int64_t r = 0; row && r < m->rows; r++)
        for (int64_t k = m->start[r]; k < m->start[r + 1]; k++) row[k] = (int32_t)r;
    return row;
}

int64_t *matrix_column_counts(const matrix *m)
{
    int64_t *count = base_alloc((size_t)m->columns, sizeof *count);
    for (int64_t k = 0; count && k < m->nnz; k++) count[m->index[k]]++;
    return count;
}

matrix *matrix_subset(const matrix *m, const uint8_t *part, uint8_t wanted)
{
    int64_t *start, n = 0;
    int32_t *index;
    for (int64_t k = 0; k < m->nnz; k++) n += part[k] == wanted;
    if (!allocate(m->rows, n, &start, &index)) return NULL;
    n = 0;
    for (int64_t r = 0; r < m->rows; r++) {
        for (int64_t k = m->start[r]; k < m->start[r + 1]; k++)
            if (part[k] == wanted) index[n++] = m->index[k];
        start[r + 1] = n;
    }
    return matrix_new(m->rows, m->columns, start, index);
}

matrix *matrix_unite(const matrix *m, const matrix *other, const int32_t *row, const int32_t *column)
{
    int64_t *start, n = 0;
    int32_t *index, *row_of = base_alloc_raw((size_t)m->rows, sizeof *row_of); /* other's row, -1: none */
    if (!row_of || !allocate(m->rows, m->nnz + other->nnz, &start, &index)) {
        base_free(row_of);
        return NULL;
    }
    for (int64_t r = 0; r < m->rows; r++) row_of[r] = -1;
    for (int64_t r = 0; r < other->rows; r++)
        if (!row || row[r] >= 0) row_of[row ? row[r] : r] = (int32_t)r;
    for (int64_t r = 0; r < m->rows; r++) {
        const int64_t from = n, count = m->start[r + 1] - m->start[r], q = row_of[r];
        memcpy(index + n, m->index + m->start[r], (size_t)count * sizeof *index);
        n += count;
        for (int64_t k = q < 0 ? 0 : other->start[q]; q >= 0 && k < other->start[q + 1]; k++) {
            const int32_t c = column ? column[other->index[k]] : other->index[k];
            if (c >= 0) index[n++] = c;
        }
        if (n > from + count) n = from + base_sort_distinct_int32(index + from, n - from);
        start[r + 1] = n;
    }
    base_free(row_of);
    return matrix_new(m->rows, m->columns, start, index);
}

matrix *matrix_grow(const matrix *m, int64_t rows, int64_t columns)
{
    int64_t *start;
    int32_t *index;
    if (!allocate(rows, m->nnz, &start, &index)) return NULL;
    memcpy(start, m->start, ((size_t)m->rows + 1) * sizeof *start);
    for (int64_t r = m->rows; r < rows; r++) start[r + 1] = m->nnz;
    if (m->nnz) memcpy(index, m->index, (size_t)m->nnz * sizeof *index);
    return matrix_new(rows, columns, start, index);
}
