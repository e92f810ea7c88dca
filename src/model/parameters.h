/* A named list of arrays: what a model is made of, and what a trainer must remember besides. Saving, loading, exporting,
 * copying, checking and freeing are one loop over it each. */
#ifndef TAMIS_MODEL_PARAMETERS_H
#define TAMIS_MODEL_PARAMETERS_H

#include <stdbool.h>

#include "matrix/mapped_file.h"
#include "tamis.h"

typedef enum parameter_side { PARAMETER_OF_USERS, PARAMETER_OF_ITEMS } parameter_side;

/* rows x stride float32, row by row; what lies between width and stride is zero. */
typedef struct parameter {
    const char *name; /* its section in a file, at most 18 bytes, since best.NAME is one too; and NAME.npy */
    parameter_side side;
    int64_t rows, width;
    size_t stride;
    float **data; /* where the pointer to the array is kept; NULL there: the array is absent */
} parameter;

enum { PARAMETERS_MOST = 24 };
typedef struct parameters {
    parameter at[PARAMETERS_MOST];
    int count;
} parameters;

void parameters_add(parameters *list, const parameter *row);
/* Zeroed, aligned to 64. */
tamis_status parameter_allocate(const parameter *row, tamis_error *error);
/* rows x stride; 0: the array is absent. */
size_t parameter_floats(const parameter *row);
size_t parameters_floats(const parameters *list);
/* All arrays, one after the other, to or from an array of parameters_floats(). */
void parameters_copy(const parameters *list, float *to);
void parameters_restore(const parameters *list, const float *from);
bool parameters_are_finite(const parameters *list);
/* Frees the arrays that do not lie in the mapped file, which may be NULL. */
void parameters_free(const parameters *list, const mapped_file *map);

#endif
