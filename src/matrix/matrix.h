/* A sparse matrix of users and items in compressed rows (CSR): row r has the columns index[start[r] .. start[r+1]-1], ascending,
 * each once. What belongs to an interaction (rating, time, weight) lies beside it, in arrays parallel to index[]. Immutable,
 * and held by reference, like id_map. */
#ifndef TAMIS_MATRIX_MATRIX_H
#define TAMIS_MATRIX_MATRIX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "matrix/mapped_file.h"

typedef struct matrix {
    int64_t rows, columns;
    int64_t nnz;          /* stored elements: start[rows] */
    const int64_t *start; /* rows + 1 */
    const int32_t *index;
    mapped_file *mapped; /* the arrays lie in it; NULL: they are the matrix's own */
    atomic_int holders;
} matrix;

/* Takes over two arrays that free() frees; one holder. NULL: an array is NULL, or out of memory; the arrays are freed then. */
matrix *matrix_new(int64_t rows, int64_t columns, int64_t *start, int32_t *index);
/* A matrix of arrays that lie in a mapped file and have been checked. NULL: out of memory. */
matrix *matrix_new_mapped(const matrix *arrays, mapped_file *file);
matrix *matrix_hold(matrix *m);
void matrix_drop(matrix *m); /* NULL: nothing */

/* Where an element stands in index[]; -1: nowhere. */
int64_t matrix_find(const matrix *m, int64_t row, int32_t column);
/* The row of element 0 <= k < nnz. */
int32_t matrix_row_at(const matrix *m, int64_t k);

/* Whether two matrices with as many rows have the same elements; NULL has none. */
bool matrix_same(const matrix *a, const matrix *b);

/* Each returns NULL when memory ends. */

/* Column by column: rows ascending. */
matrix *matrix_transpose(const matrix *m);
/* The row of each element; how many elements each column has. Freed by base_free(). */
int32_t *matrix_rows_of(const matrix *m);
int64_t *matrix_column_counts(const matrix *m);
/* The elements k whose part[k] is `wanted`. */
matrix *matrix_subset(const matrix *m, const uint8_t *part, uint8_t wanted);
/* The elements of m and, in row row[r] and column column[c], those of other; -1 there: left out. No row is named twice. NULL:
 * the same row, the same column. */
matrix *matrix_unite(const matrix *m, const matrix *other, const int32_t *row, const int32_t *column);
/* With further rows and columns, which are empty. */
matrix *matrix_grow(const matrix *m, int64_t rows, int64_t columns);

#endif
