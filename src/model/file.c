/* The model file: a container with these sections.
 *
 *   shape         i64 users, items, factors, stride
 *   notes         name=value lines
 *   user_ids.text, user_ids.start, user_ids.slot, and item_ids likewise: id_map as it lies in memory
 *   user_factors  float32, users rows of stride;  item_factors  likewise
 *   item_bias     float32, one per item; absent: no bias
 *   flip_shape    i64 factors, stride of flip_user_factors and flip_item_factors, float32; absent: none
 *   seen_start    i64, users + 1;  seen_item  i32, ascending within a user
 *   dislike_start, dislike_item  likewise; absent: none
 *
 * From version 2 on factors may be 0, of an item-item model, see neighbours.h: no factors then, but item_bias and
 *   neighbour_start, neighbour_item  like seen, items by items;  neighbour_value  float32, one per neighbour_item; absent: none
 *   history_start, history_item      like seen; absent: it is seen
 *   history_weight                   float32, one per interaction of the history; absent: 1 each
 *
 * A file may come from anywhere, so nothing in it is used before it is checked: after tamis_model_load() every index is
 * in range and every number finite. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/status.h"
#include "model/file.h"

static void add_part(file_parts *parts, const char *name, const void *bytes, size_t size)
{
    parts->at[parts->count++] = (container_part){name, bytes, size};
}

const file_matrix_names file_seen = {"seen_start", "seen_item"}, file_dislikes = {"dislike_start", "dislike_item"};
static const file_matrix_names neighbours = {"neighbour_start", "neighbour_item"}, history = {"history_start", "history_item"};

/* NULL: nothing. */
static void add_matrix(file_parts *parts, const file_matrix_names *name, const matrix *m)
{
    if (!m) return;
    add_part(parts, name->start, m->start, ((size_t)m->rows + 1) * sizeof *m->start);
    add_part(parts, name->item, m->index, (size_t)m->nnz * sizeof *m->index);
}

static void add_neighbours(const tamis_model *model, file_parts *parts)
{
    const model_neighbours *n = &model->neighbours;
    add_matrix(parts, &neighbours, n->items);
    if (n->items) add_part(parts, "neighbour_value", n->value, (size_t)n->items->nnz * sizeof *n->value);
    if (n->history != model->seen) add_matrix(parts, &history, n->history);
    if (n->weight) add_part(parts, "history_weight", n->weight, (size_t)n->history->nnz * sizeof *n->weight);
}

void file_list_parts(const tamis_model *model, file_parts *parts)
{
    const id_map *u = model->user_ids, *i = model->item_ids;
    const size_t users = (size_t)model->users, items = (size_t)model->items;
    const parameters arrays = model_parameters((tamis_model *)(uintptr_t)model); /* not written through */
    parts->shape = (model_shape){model->users, model->items, model->factors, (int64_t)model->stride};
    parts->flip = (flip_shape){model->flip_factors, (int64_t)model->flip_stride};
    const container_part known[] = {
        {"shape", &parts->shape, sizeof parts->shape},
        {"notes", model->note_text, model->note_length},
        {"user_ids.text", u->text, (size_t)u->start[users]},
        {"user_ids.start", u->start, (users + 1) * sizeof *u->start},
        {"user_ids.slot", u->slot, u->slots * sizeof *u->slot},
        {"item_ids.text", i->text, (size_t)i->start[items]},
        {"item_ids.start", i->start, (items + 1) * sizeof *i->start},
        {"item_ids.slot", i->slot, i->slots * sizeof *i->slot},
    };
    for (parts->count = 0; parts->count < BASE_COUNT(known); parts->count++) parts->at[parts->count] = known[parts->count];
    add_matrix(parts, &file_seen, model->seen);
    add_matrix(parts, &file_dislikes, model->dislikes);
    for (int k = 0; k < arrays.count; k++) { /* what a model does not have is left out */
        const parameter *p = &arrays.at[k];
        if (!*p->data) continue;
        if (k == MODEL_FLIP_USER) add_part(parts, "flip_shape", &parts->flip, sizeof parts->flip);
        add_part(parts, p->name, *p->data, parameter_floats(p) * sizeof(float));
    }
    add_neighbours(model, parts);
}

tamis_status tamis_model_save(const tamis_model *model, const char *path, tamis_error *error)
{
    file_parts parts;
    base_clear(error);
    if (!model) return base_null(error, "the model");
    file_list_parts(model, &parts);
    return container_write(path, parts.at, parts.count, error);
}

/* What a section must be: count elements of size bytes. */
tamis_status file_take(const container *file, const char *name, uint64_t count, size_t size, void *pointer,
                         tamis_error *error)
{
    const container_section *section = container_find(file, name);
    if (!section)
        return base_fail(error, TAMIS_DATA, "%s: has no section \"%s\"; expected a model, train it anew", file->path,
                         name);
    if (section->size / size != count || section->size % size)
        return base_fail(error, TAMIS_DATA,
                         "%s: section \"%s\" holds %" PRIu64 " bytes, expected %" PRIu64 " times %zu", file->path, name,
                         section->size, count, size);
    void *bytes = file->bytes + section->offset;
    memcpy(pointer, &bytes, sizeof bytes);
    return TAMIS_OK;
}

tamis_status file_wrong(const container *file, const char *section, const char *what, tamis_error *error)
{
    return base_fail(error, TAMIS_DATA, "%s: section \"%s\" %s; train the model anew", file->path, section, what);
}

tamis_status file_load_shape(const container *file, tamis_model *model, tamis_error *error)
{
    const model_shape *shape = NULL;
    tamis_status status = file_take(file, "shape", 1, sizeof *shape, &shape, error);
    if (status) return status;
    if (shape->users < 1 || shape->users > INT32_MAX || shape->items < 1 || shape->items > INT32_MAX ||
        shape->factors < 0 || shape->factors > 4096 || shape->stride != BASE_PADDED(shape->factors))
        return file_wrong(file, "shape", "holds sizes that no model has", error);
    model->users = shape->users;
    model->items = shape->items;
    model->factors = shape->factors;
    model->stride = (size_t)shape->stride;
    return TAMIS_OK;
}

tamis_status file_load_notes(const container *file, tamis_model *model, tamis_error *error)
{
    const container_section *section = container_find(file, "notes");
    model->path = strdup(file->path);
    if (!model->path) return base_no_memory(error, "a file's name", strlen(file->path), 1);
    if (!section) return TAMIS_OK;
    const char *text = (const char *)file->bytes + section->offset, *end = text + section->size;
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        const char *equals = stop ? memchr(text, '=', (size_t)(stop - text)) : NULL;
        if (!equals || memchr(text, '\0', (size_t)(stop - text)))
            return file_wrong(file, "notes", "holds a line that is not name=value", error);
        char *line = strndup(text, (size_t)(stop - text));
        if (!line) return base_no_memory(error, "the model's notes", 1, (size_t)section->size);
        line[equals - text] = '\0';
        bool added = model_add_note(model, line, line + (equals - text) + 1);
        free(line);
        if (!added) return base_no_memory(error, "the model's notes", 1, (size_t)section->size);
        text = stop + 1;
    }
    return TAMIS_OK;
}

/* Makes look-ups safe: starts ascend within the text, each id has one slot, and empty slots end every search. */
static tamis_status check_ids(const container *file, const char *name, const id_map *ids, uint64_t text_size,
                              tamis_error *error)
{
    if (ids->start[0] != 0 || ids->start[ids->count] != text_size)
        return file_wrong(file, name, "does not cover the ids' text", error);
    for (int64_t k = 0; k < ids->count; k++)
        if (ids->start[k] > ids->start[k + 1]) return file_wrong(file, name, "does not ascend", error);
    int64_t used = 0;
    for (size_t k = 0; k < ids->slots; k++) {
        if (ids->slot[k] > (uint64_t)ids->count) return file_wrong(file, name, "has a slot out of range", error);
        used += ids->slot[k] != 0;
    }
    if (used != ids->count) return file_wrong(file, name, "has not one slot for each id", error);
    return TAMIS_OK;
}

tamis_status file_load_ids(const container *file, const char *name, int64_t count, id_map **out, tamis_error *error)
{
    char text[24], start[24], slot[24];
    snprintf(text, sizeof text, "%s.text", name);
    snprintf(start, sizeof start, "%s.start", name);
    snprintf(slot, sizeof slot, "%s.slot", name);
    const container_section *bytes = container_find(file, text), *slots = container_find(file, slot);
    id_map ids = {.count = count, .slots = slots ? (size_t)(slots->size / sizeof *ids.slot) : 0};
    uint64_t text_size = bytes ? bytes->size : 0;
    tamis_status status = file_take(file, text, text_size, 1, &ids.text, error);
    if (!status) status = file_take(file, start, (uint64_t)count + 1, sizeof *ids.start, &ids.start, error);
    if (!status) status = file_take(file, slot, ids.slots, sizeof *ids.slot, &ids.slot, error);
    if (status) return status;
    if (ids.slots < 2 * (size_t)count || (ids.slots & (ids.slots - 1)))
        return file_wrong(file, slot, "is not a power of two large enough", error);
    if ((status = check_ids(file, start, &ids, text_size, error))) return status;
    *out = id_map_new_mapped(&ids, file->mapped);
    return *out ? TAMIS_OK : base_no_memory(error, "ids", 1, sizeof **out);
}

/* A matrix, in two sections. */
static tamis_status load_matrix(const container *file, const file_matrix_names *name, int64_t rows, int64_t columns, matrix **out,
                                tamis_error *error)
{
    const container_section *items = container_find(file, name->item);
    const int64_t *start = NULL;
    const int32_t *item = NULL;
    uint64_t pairs = items ? items->size / sizeof *item : 0;
    tamis_status status = file_take(file, name->start, (uint64_t)rows + 1, sizeof *start, &start, error);
    if (!status) status = file_take(file, name->item, pairs, sizeof *item, &item, error);
    if (status) return status;
    if (start[0] != 0 || start[rows] < 0 || (uint64_t)start[rows] != pairs)
        return file_wrong(file, name->start, "does not cover its items", error);
    for (int64_t r = 0; r < rows; r++)
        if (start[r] > start[r + 1]) return file_wrong(file, name->start, "does not ascend", error);
    for (int64_t r = 0; r < rows; r++) {
        int64_t last = -1;
        for (int64_t k = start[r]; k < start[r + 1]; last = item[k++])
            if (item[k] <= last || item[k] >= columns)
                return file_wrong(file, name->item, "has an item out of range or out of order", error);
    }
    const matrix m = {.rows = rows, .columns = columns, .nnz = (int64_t)pairs, .start = start, .index = item};
    *out = matrix_new_mapped(&m, file->mapped);
    return *out ? TAMIS_OK : base_no_memory(error, "a matrix", 1, sizeof m);
}

static tamis_status load_dislikes(const container *file, tamis_model *model, tamis_error *error)
{
    matrix *dislikes = NULL;
    if (!container_find(file, file_dislikes.start)) return TAMIS_OK;
    tamis_status status = load_matrix(file, &file_dislikes, model->users, model->items, &dislikes, error);
    if (!status) status = model_set_dislikes(model, dislikes, error);
    matrix_drop(dislikes);
    return status;
}

/* Numbers must be finite and the padding of rows zero, since kernels read whole rows. All exponent bits set: infinite or NaN. */
tamis_status file_check_rows(const container *file, const char *name, const float *rows, int64_t count, int64_t width,
                               size_t stride, tamis_error *error)
{
    const uint32_t exponent = UINT32_C(0x7F800000);
    for (int64_t r = 0; r < count; r++, rows += stride) {
        uint32_t word, bad = 0;
        for (int64_t k = 0; k < width; k++) {
            memcpy(&word, rows + k, sizeof word);
            bad |= (word & exponent) == exponent;
        }
        for (size_t k = (size_t)width; k < stride; k++) {
            memcpy(&word, rows + k, sizeof word);
            bad |= word != 0;
        }
        if (bad)
            return base_fail(error, TAMIS_DATA,
                             "%s: section \"%s\", row %" PRId64
                             ": holds a number that is not finite, or one where there "
                             "is only padding; train the model anew",
                             file->path, name, r);
    }
    return TAMIS_OK;
}

static tamis_status load_parameter(const container *file, const parameter *p, tamis_error *error)
{
    tamis_status status = file_take(file, p->name, (uint64_t)p->rows, p->stride * sizeof(float), p->data, error);
    return status ? status : file_check_rows(file, p->name, *p->data, p->rows, p->width, p->stride, error);
}

tamis_status file_load_items(const container *file, tamis_model *model, tamis_error *error)
{
    const parameters list = model_parameters(model);
    tamis_status status = TAMIS_OK;
    if (model->factors) status = load_parameter(file, &list.at[MODEL_ITEM_FACTORS], error);
    if (!status && container_find(file, list.at[MODEL_ITEM_BIAS].name))
        status = load_parameter(file, &list.at[MODEL_ITEM_BIAS], error);
    return status;
}

static tamis_status load_flip(const container *file, tamis_model *model, tamis_error *error)
{
    const flip_shape *shape = NULL;
    if (!container_find(file, "flip_shape")) return TAMIS_OK;
    tamis_status status = file_take(file, "flip_shape", 1, sizeof *shape, &shape, error);
    if (status) return status;
    if (shape->factors < 1 || shape->factors > 4096 || shape->stride != BASE_PADDED(shape->factors))
        return file_wrong(file, "flip_shape", "holds sizes that no model has", error);
    model->flip_factors = shape->factors;
    model->flip_stride = (size_t)shape->stride;
    const parameters list = model_parameters(model);
    status = load_parameter(file, &list.at[MODEL_FLIP_USER], error);
    return status ? status : load_parameter(file, &list.at[MODEL_FLIP_ITEM], error);
}

/* float32, one per element of a matrix, all finite. */
static tamis_status load_values(const container *file, const char *name, const matrix *m, float **values, tamis_error *error)
{
    tamis_status status = file_take(file, name, (uint64_t)m->nnz, sizeof **values, values, error);
    return status ? status : file_check_rows(file, name, *values, m->nnz, 1, 1, error);
}

static tamis_status load_neighbours(const container *file, tamis_model *model, tamis_error *error)
{
    model_neighbours *n = &model->neighbours;
    tamis_status status = TAMIS_OK;
    if (container_find(file, history.start))
        status = load_matrix(file, &history, model->users, model->items, &n->history, error);
    else
        n->history = matrix_hold(model->seen);
    if (!status && container_find(file, "history_weight"))
        status = load_values(file, "history_weight", n->history, &n->weight, error);
    if (status || !container_find(file, neighbours.start)) return status;
    status = load_matrix(file, &neighbours, model->items, model->items, &n->items, error);
    return status ? status : load_values(file, "neighbour_value", n->items, &n->value, error);
}

static tamis_status load_users(const container *file, tamis_model *model, tamis_error *error)
{
    const parameters list = model_parameters(model);
    return model->factors ? load_parameter(file, &list.at[MODEL_USER_FACTORS], error) : TAMIS_OK;
}

tamis_status tamis_model_load(const char *path, tamis_model **model, tamis_error *error)
{
    container file;
    base_clear(error);
    return model_load(path, false, &file, model, error);
}

tamis_status tamis_model_load_copy(const char *path, tamis_model **model, tamis_error *error)
{
    container file;
    base_clear(error);
    return model_load(path, true, &file, model, error);
}

tamis_status model_load(const char *path, bool copy, container *file, tamis_model **out, tamis_error *error)
{
    *out = NULL;
    tamis_status status = container_open(path, copy, file, error);
    if (status) return status;
    tamis_model *model = calloc(1, sizeof *model);
    if (!model) {
        container_close(file);
        return base_no_memory(error, "a model", 1, sizeof *model);
    }
    model->mapped = file->mapped; /* from here on the model's, who unmaps it */
    status = file_load_shape(file, model, error);
    if (!status) status = file_load_notes(file, model, error);
    if (!status) status = file_load_ids(file, "user_ids", model->users, &model->user_ids, error);
    if (!status) status = file_load_ids(file, "item_ids", model->items, &model->item_ids, error);
    if (!status) status = load_matrix(file, &file_seen, model->users, model->items, &model->seen, error);
    if (!status) status = load_dislikes(file, model, error);
    if (!status) status = load_users(file, model, error);
    if (!status) status = file_load_items(file, model, error);
    if (!status) status = model->factors ? load_flip(file, model, error) : load_neighbours(file, model, error);
    file->mapped = NULL;
    if (status) {
        tamis_model_free(model);
        return status;
    }
    *out = model;
    return TAMIS_OK;
}
