/* The model in memory: making one, asking it, its notes. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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
    tamis_status status = parameter_allocate(&list.at[MODEL_USER_FACTORS], error);
    if (!status) status = parameter_allocate(&list.at[MODEL_ITEM_FACTORS], error);
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

static tamis_status copy_seen(tamis_model *model, const int64_t *start, const int32_t *item, tamis_error *error)
{
    size_t users = (size_t)model->users, pairs = (size_t)start[users];
    model->seen_start = base_alloc_raw(users + 1, sizeof *start);
    model->seen_item = base_alloc_raw(pairs, sizeof *item);
    if (!model->seen_start || !model->seen_item)
        return base_no_memory(error, "the model's copy of the log", pairs + users + 1, sizeof *start);
    memcpy(model->seen_start, start, (users + 1) * sizeof *start);
    if (pairs) memcpy(model->seen_item, item, pairs * sizeof *item);
    return TAMIS_OK;
}

tamis_status model_new(const base_ids *users, const base_ids *items, const int64_t *seen_start,
                       const int32_t *seen_item, base_share *share, int64_t factors, bool bias, tamis_model **out,
                       tamis_error *error)
{
    *out = NULL;
    tamis_model *model = calloc(1, sizeof *model);
    if (!model) return base_no_memory(error, "a model", 1, sizeof *model);
    model->users = (int64_t)users->count;
    model->items = (int64_t)items->count;
    model->factors = factors;
    model->stride = ((size_t)factors + LANES - 1) / LANES * LANES;
    tamis_status status = TAMIS_OK;
    if (share) {
        base_share_hold(share);
        model->share = share;
        model->user_ids = *users;
        model->item_ids = *items;
        memcpy(&model->seen_start, &seen_start, sizeof seen_start);
        memcpy(&model->seen_item, &seen_item, sizeof seen_item);
    } else {
        if (!base_ids_copy(&model->user_ids, users, NULL) || !base_ids_copy(&model->item_ids, items, NULL))
            status = base_no_memory(error, "the model's ids", users->count + items->count, 16);
        if (!status) status = copy_seen(model, seen_start, seen_item, error);
    }
    if (!status) status = allocate(model, bias, error);
    if (status) {
        tamis_model_free(model);
        return status;
    }
    *out = model;
    return TAMIS_OK;
}

bool model_leave_share(tamis_model *model, bool *seen_held)
{
    base_ids users, items;
    *seen_held = false;
    if (!model->share) return true;
    bool done = base_ids_copy(&users, &model->user_ids, NULL);
    done = base_ids_copy(&items, &model->item_ids, NULL) && done;
    if (!done) {
        base_ids_clear(&users);
        base_ids_clear(&items);
        return false;
    }
    *seen_held = !base_share_drop(model->share);
    if (!*seen_held) {
        base_ids_clear(&model->user_ids);
        base_ids_clear(&model->item_ids);
    }
    model->share = NULL;
    model->user_ids = users;
    model->item_ids = items;
    return true;
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
    if (!model) return;
    model_clear_notes(model);
    if (model->map) {
        if (model->seen_is_own || model->users_are_own) {
            base_free(model->seen_start);
            base_free(model->seen_item);
        }
        if (model->users_are_own) {
            base_free(model->user_factors);
            base_ids_clear(&model->user_ids);
        }
        munmap(model->map, model->map_size);
    } else {
        if (base_share_drop(model->share)) {
            base_ids_clear(&model->user_ids);
            base_ids_clear(&model->item_ids);
            base_free(model->seen_start);
            base_free(model->seen_item);
        }
        const parameters list = model_parameters(model);
        parameters_free(&list);
    }
    free(model);
}

/* A note is one line of the file and one = ends its name: what would break that becomes a space. */
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
    if (index >= model->note_count) return NULL;
    if (value) *value = model->note[index].value;
    return model->note[index].name;
}

int64_t tamis_model_users(const tamis_model *model)
{
    return model->users;
}

int64_t tamis_model_items(const tamis_model *model)
{
    return model->items;
}

int64_t tamis_model_factors(const tamis_model *model)
{
    return model->factors;
}

int64_t tamis_model_interactions(const tamis_model *model)
{
    return model->seen_start[model->users];
}

const float *tamis_model_user_factors(const tamis_model *model, size_t *stride)
{
    if (stride) *stride = model->stride;
    return model->user_factors;
}

const float *tamis_model_item_factors(const tamis_model *model, size_t *stride)
{
    if (stride) *stride = model->stride;
    return model->item_factors;
}

const float *tamis_model_item_bias(const tamis_model *model)
{
    return model->item_bias;
}

const int32_t *tamis_model_row(const tamis_model *model, int64_t user, int64_t *count)
{
    *count = model->seen_start[user + 1] - model->seen_start[user];
    return model->seen_item + model->seen_start[user];
}

const char *tamis_model_user_id(const tamis_model *model, int64_t user, size_t *length)
{
    return base_ids_get(&model->user_ids, user, length);
}

const char *tamis_model_item_id(const tamis_model *model, int64_t item, size_t *length)
{
    return base_ids_get(&model->item_ids, item, length);
}

int64_t tamis_model_find_user(const tamis_model *model, const char *id, size_t length)
{
    return base_ids_find(&model->user_ids, id, length);
}

int64_t tamis_model_find_item(const tamis_model *model, const char *id, size_t length)
{
    return base_ids_find(&model->item_ids, id, length);
}
