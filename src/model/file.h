/* Reading a model file, as a whole or for some users. */
#ifndef TAMIS_MODEL_FILE_H
#define TAMIS_MODEL_FILE_H

#include <stdbool.h>

#include "model/container.h"
#include "model/model.h"
#include "tamis.h"

typedef struct model_shape {
    int64_t users, items, factors, stride;
} model_shape;

typedef struct flip_shape {
    int64_t factors, stride;
} flip_shape;

/* The sections that a model file is written from, with room for those of a checkpoint. */
typedef struct file_parts {
    model_shape shape;
    flip_shape flip;
    container_part at[26 + 3 * PARAMETERS_MOST];
    size_t count;
} file_parts;
void file_list_parts(const tamis_model *model, file_parts *parts);
/* tamis_model_load() or tamis_model_load_copy(), and the file's sections: they are there as long as the model. */
tamis_status model_load(const char *path, bool copy, container *file, tamis_model **model, tamis_error *error);

/* The sections of a matrix of users and items. */
typedef struct file_matrix_names {
    const char *start, *item;
} file_matrix_names;
extern const file_matrix_names file_seen, file_dislikes;

/* Sets *pointer to a section, which must hold count elements of size bytes. */
tamis_status file_take(const container *file, const char *name, uint64_t count, size_t size, void *pointer,
                       tamis_error *error);
/* The sentence "FILE: section NAME what; train the model anew". */
tamis_status file_wrong(const container *file, const char *section, const char *what, tamis_error *error);
/* Each loads its sections and checks their contents. */
tamis_status file_load_shape(const container *file, tamis_model *model, tamis_error *error);
tamis_status file_load_notes(const container *file, tamis_model *model, tamis_error *error);
tamis_status file_load_ids(const container *file, const char *name, int64_t count, id_map **ids, tamis_error *error);
tamis_status file_load_items(const container *file, tamis_model *model, tamis_error *error);
/* Numbers are finite, and zero behind a row's width. */
tamis_status file_check_rows(const container *file, const char *name, const float *rows, int64_t count, int64_t width,
                             size_t stride, tamis_error *error);

#endif
