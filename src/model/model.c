/* The model in memory: making one, its accessors, its notes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/status.h"
#include "model/model.h"

/* rows are padded to whole 64-byte lines, so that every row is aligned and no kernel needs a tail */
enum { LANES = 16 };

parameters model_parameters(tamis_model *model)
{
    const int64_t users = model->users, items = model->items;
    const parameter rows[] = {
        [MODEL_USER_FACTORS] = {"user_factors", PARAMETER_OF_USERS, users, model->factors, model->stride, &model->user_factors},
        [MODEL_ITEM_FACTORS] = {"item_factors", PARAMETER_OF_ITEMS, items, model->factors, model->stride, &model->item_factors},
        [MODEL_ITEM_BIAS] = {"item_bias", PARAMETER_OF_ITEMS, items, 1, 1, &model->item_bias},
        [MODEL_FLIP_USER] = {"flip_user_factors", PARAMETER_OF_USERS, users, model->flip_factors, model->flip_stride,
                             &model->flip_user},
        [MODEL_FLIP_ITEM] = {"flip_item_factors", PARAMETER_OF_ITEMS, items, model->flip_factors, model->flip_stride,
                             &model->flip_item},
    };
    parameters list = {.count = 0};
    for (size_t k = 0; k < BASE_COUNT(rows); k++) parameters_add(&list, &rows[k]);
    return list;
}

static tamis_status allocate(tamis_model *model, bool bias, tamis_error *error)
{
    const parameters list = model_parameters(model);
    tamis_status status = TAMIS_OK;
    if (model->factors) status = parameter_allocate(&list.at[MODEL_USER_FACTORS], error);
    if (!status && model->factors) status = parameter_allocate(&list.at[MODEL_ITEM_FACTORS], error);
    if (!status && bias) status = parameter_allocate(&list.at[MODEL_ITEM_BIAS], error);
    return status;
}

tamis_status model_add_flip(tamis_model *model, int64_t factors, tamis_error *error)
{
    model->flip_factors = factors;
    model->flip_stride = ((size_t)factors + LANES - 1) / LANES * LANES;
    const parameters list = model_parameters(model);
    tamis_status status = parameter_allocate(&list.at[MODEL_FLIP_USER], error);
    return status ? status : parameter_allocate(&list.at[MODEL_FLIP_ITEM], error);
}

tamis_status model_new(id_map *users, id_map *items, matrix *seen, int64_t factors, bool bias, tamis_model **out,
                       tamis_error *error)
{
    *out = NULL;
    tamis_model *model = calloc(1, sizeof *model);
    if (!model) return base_no_memory(error, "a model", 1, sizeof *model);
    model->user_ids = id_map_hold(users);
    model->item_ids = id_map_hold(items);
    model->seen = matrix_hold(seen);
    model->users = users->count;
    model->items = items->count;
    model->factors = factors;
    model->stride = ((size_t)factors + LANES - 1) / LANES * LANES;
    const tamis_status status = allocate(model, bias, error);
    if (status)
        tamis_model_free(model);
    else
        *out = model;
    return status;
}

tamis_status model_set_dislikes(tamis_model *model, matrix *dislikes, tamis_error *error)
{
    matrix *excluded = dislikes ? matrix_unite(model->seen, dislikes, NULL, NULL) : NULL;
    if (dislikes && !excluded)
        return base_no_memory(error, "dislikes", (size_t)(model->seen->nnz + dislikes->nnz), sizeof *dislikes->index);
    if (dislikes) dislikes = matrix_hold(dislikes);
    matrix_drop(model->dislikes);
    matrix_drop(model->excluded);
    model->dislikes = dislikes;
    model->excluded = excluded;
    return TAMIS_OK;
}

const matrix *model_trained(const tamis_model *model)
{
    return model->trained ? model->trained : model->seen;
}

bool model_is_cold(const tamis_model *model, int64_t user)
{
    const int64_t *start = model_trained(model)->start;
    return (model->factors || model->neighbours.items) && (user < 0 || start[user + 1] == start[user]);
}

tamis_model *model_hold(const tamis_model *model)
{
    tamis_model *held = (tamis_model *)(uintptr_t)model; /* which it may be: holders are no part of what it says */
    atomic_fetch_add(&held->others, 1);
    return held;
}

const matrix *model_counted(const tamis_model *model)
{
    return model->lender ? model_trained(model->lender) : model->seen;
}

/* User factors of their own, zeroed. */
static tamis_status allocate_users(tamis_model *model, tamis_error *error)
{
    const parameters list = model_parameters(model);
    tamis_status status = TAMIS_OK;
    if (model->factors) status = parameter_allocate(&list.at[MODEL_USER_FACTORS], error);
    if (!status && model->flip_factors) status = parameter_allocate(&list.at[MODEL_FLIP_USER], error);
    return status;
}

tamis_status model_with_users(const tamis_model *from, id_map *users, matrix *seen, tamis_model **out, tamis_error *error)
{
    *out = NULL;
    tamis_model *model = calloc(1, sizeof *model);
    if (!model) return base_no_memory(error, "a model", 1, sizeof *model);
    model->lender = model_hold(from->lender ? from->lender : from);
    model->user_ids = id_map_hold(users);
    model->item_ids = id_map_hold(from->item_ids);
    model->seen = matrix_hold(seen);
    model->users = users->count;
    model->items = from->items;
    model->factors = from->factors;
    model->stride = from->stride;
    model->item_factors = from->item_factors;
    model->item_bias = from->item_bias;
    model->flip_item = from->flip_item;
    model->flip_factors = from->flip_factors;
    model->flip_stride = from->flip_stride;
    model->neighbours.value = from->neighbours.value;
    if (from->neighbours.items) model->neighbours.items = matrix_hold(from->neighbours.items);
    const tamis_status status = allocate_users(model, error);
    if (status)
        tamis_model_free(model);
    else
        *out = model;
    return status;
}

const matrix *model_excluded(const tamis_model *model)
{
    return model->excluded ? model->excluded : model->seen;
}

void model_clear_notes(tamis_model *model)
{
    for (size_t k = 0; k < model->note_count; k++) free((char *)(uintptr_t)model->note[k].name);
    free(model->note);
    free(model->note_text);
    model->note = NULL;
    model->note_text = NULL;
    model->note_count = model->note_length = model->note_capacity = model->note_room = 0;
}

void tamis_model_free(tamis_model *model)
{
    if (!model || atomic_fetch_sub(&model->others, 1) > 0) return;
    model_extra *folding = atomic_load(&model->folding);
    if (folding) folding->free(folding);
    if (model->lender) { /* what is not its own */
        model->item_factors = model->item_bias = model->flip_item = model->neighbours.value = NULL;
        tamis_model_free(model->lender);
    }
    const parameters list = model_parameters(model);
    parameters_free(&list, model->mapped);
    model_neighbours_clear(&model->neighbours, model->mapped);
    id_map_drop(model->user_ids);
    id_map_drop(model->item_ids);
    matrix_drop(model->seen);
    matrix_drop(model->dislikes);
    matrix_drop(model->excluded);
    matrix_drop(model->trained);
    matrix_drop(model->masked);
    base_free(atomic_load(&model->popularity));
    mapped_file_drop(model->mapped);
    model_clear_notes(model);
    free(model->path);
    free(model);
}

/* A note is a line name=value of the file: line ends, and = in a name, become spaces. */
static void put_clean(char *to, const char *from, size_t count, bool name)
{
    for (size_t k = 0; k < count; k++) to[k] = from[k] == '\n' || (name && from[k] == '=') ? ' ' : from[k];
}

bool model_add_note(tamis_model *model, const char *name, const char *value)
{
    size_t name_length = strlen(name), value_length = strlen(value), line = name_length + value_length + 2;
    if (!base_grow(&model->note, &model->note_capacity, model->note_count + 1, sizeof *model->note) ||
        !base_grow(&model->note_text, &model->note_room, model->note_length + line, 1))
        return false;
    char *pair = malloc(line);
    if (!pair) return false;
    put_clean(pair, name, name_length + 1, true);
    put_clean(pair + name_length + 1, value, value_length + 1, false);
    model->note[model->note_count++] = (model_note){pair, pair + name_length + 1};
    char *text = model->note_text + model->note_length;
    memcpy(text, pair, line);
    text[name_length] = '=';
    text[line - 1] = '\n';
    model->note_length += line;
    return true;
}

const char *tamis_model_note(const tamis_model *model, size_t index, const char **value)
{
    if (!model || index >= model->note_count) return NULL;
    if (value) *value = model->note[index].value;
    return model->note[index].name;
}

int64_t tamis_model_users(const tamis_model *model)
{
    return model ? model->users : 0;
}

int64_t tamis_model_items(const tamis_model *model)
{
    return model ? model->items : 0;
}

int64_t tamis_model_factors(const tamis_model *model)
{
    return model ? model->factors : 0;
}

int64_t tamis_model_interactions(const tamis_model *model)
{
    return model ? model->seen->nnz : 0;
}

const float *tamis_model_user_factors(const tamis_model *model, size_t *stride)
{
    if (stride) *stride = model ? model->stride : 0;
    return model ? model->user_factors : NULL;
}

const float *tamis_model_item_factors(const tamis_model *model, size_t *stride)
{
    if (stride) *stride = model ? model->stride : 0;
    return model ? model->item_factors : NULL;
}

const float *tamis_model_item_bias(const tamis_model *model)
{
    return model ? model->item_bias : NULL;
}

int64_t tamis_model_dislike_count(const tamis_model *model)
{
    return model && model->dislikes ? model->dislikes->nnz : 0;
}

const int32_t *tamis_model_dislikes(const tamis_model *model, int64_t user, int64_t *count)
{
    *count = 0;
    if (!model || !model->dislikes) return NULL;
    const int64_t *start = model->dislikes->start + user;
    *count = start[1] - start[0];
    return model->dislikes->index + start[0];
}

const int32_t *tamis_model_neighbours(const tamis_model *model, int64_t item, const float **value, int64_t *count)
{
    const matrix *m = model ? model->neighbours.items : NULL;
    *count = m ? m->start[item + 1] - m->start[item] : 0;
    if (value) *value = m ? model->neighbours.value + m->start[item] : NULL;
    return m ? m->index + m->start[item] : NULL;
}

const int32_t *tamis_model_row(const tamis_model *model, int64_t user, int64_t *count)
{
    *count = 0;
    if (!model) return NULL;
    const int64_t *start = model->seen->start + user;
    *count = start[1] - start[0];
    return model->seen->index + start[0];
}

const char *tamis_model_user_id(const tamis_model *model, int64_t user, size_t *length)
{
    return model ? id_map_get(model->user_ids, user, length) : NULL;
}

const char *tamis_model_item_id(const tamis_model *model, int64_t item, size_t *length)
{
    return model ? id_map_get(model->item_ids, item, length) : NULL;
}

int64_t tamis_model_find_user(const tamis_model *model, const char *id, size_t length)
{
    return model ? id_map_find(model->user_ids, id, length) : -1;
}

int64_t tamis_model_find_item(const tamis_model *model, const char *id, size_t length)
{
    return model ? id_map_find(model->item_ids, id, length) : -1;
}
