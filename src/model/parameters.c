/* The loops over a list of arrays. */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "model/parameters.h"

void parameters_add(parameters *list, const parameter *row)
{
    assert(list->count < PARAMETERS_MOST); /* how many there are is fixed by the code, not by data */
    list->at[list->count++] = *row;
}

tamis_status parameter_allocate(const parameter *row, tamis_error *error)
{
    const size_t size = row->stride * sizeof **row->data;
    *row->data = base_alloc((size_t)row->rows, size);
    return *row->data ? TAMIS_OK : base_no_memory(error, row->name, (size_t)row->rows, size);
}

size_t parameter_floats(const parameter *row)
{
    return *row->data ? (size_t)row->rows * row->stride : 0;
}

size_t parameters_floats(const parameters *list)
{
    size_t sum = 0;
    for (int k = 0; k < list->count; k++) sum += parameter_floats(&list->at[k]);
    return sum;
}

void parameters_copy(const parameters *list, float *to)
{
    for (int k = 0; k < list->count; k++) {
        const size_t count = parameter_floats(&list->at[k]);
        if (count) memcpy(to, *list->at[k].data, count * sizeof *to);
        to += count;
    }
}

void parameters_restore(const parameters *list, const float *from)
{
    for (int k = 0; k < list->count; k++) {
        const size_t count = parameter_floats(&list->at[k]);
        if (count) memcpy(*list->at[k].data, from, count * sizeof *from);
        from += count;
    }
}

bool parameters_are_finite(const parameters *list)
{
    int others = 0; /* an integer, which compilers add up in vectors */
    for (int k = 0; k < list->count; k++) {
        const float *array = *list->at[k].data;
        const size_t count = parameter_floats(&list->at[k]);
        for (size_t f = 0; f < count; f++) others |= !(fabsf(array[f]) <= FLT_MAX);
    }
    return !others;
}

void parameters_free(const parameters *list, const mapped_file *map)
{
    for (int k = 0; k < list->count; k++) {
        if (!mapped_file_has(map, *list->at[k].data)) base_free(*list->at[k].data);
        *list->at[k].data = NULL;
    }
}
