/* Loads a model file's items and some of its users, which is enough to recommend to them, in a time that does not depend on the number
 * of users. Of the users' sections it reads and checks only the blocks that hold these users: the slots that a look-up visits, and
 * the users' ids, factors and seen items. */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/status.h"
#include "model/file.h"

/* The sections of a matrix of users and items. */
typedef struct item_part {
    const file_matrix_names *name; /* NULL: there are none */
    int64_t pairs;
    const int64_t *start;
    const int32_t *item;
    int64_t *taken_start; /* what is copied of them */
    int32_t *taken_item;
    size_t capacity;
} item_part;

/* The users' sections in the file. */
typedef struct user_part {
    container *file;
    int64_t users, items;
    size_t stride;
    id_map ids; /* of all users, mapped, not checked */
    item_part seen, dislikes;
    const float *factors;
    id_set taken; /* what is copied of ids */
    bool cold;    /* a listed user is unknown or has no interactions */
    tamis_error *error;
} user_part;

/* Checks elements from .. from + count - 1 of a section. */
static tamis_status check(const user_part *part, const char *name, uint64_t from, uint64_t count, size_t size)
{
    return container_check(part->file, container_find(part->file, name), from * size, count * size, part->error);
}

/* Checks where one id starts and ends, and its text: the rest of these sections has not been checked. */
static tamis_status check_id(const user_part *part, int64_t row, uint64_t text_size)
{
    const uint64_t *start = part->ids.start;
    tamis_status status = check(part, "user_ids.start", (uint64_t)row, 2, sizeof *start);
    if (status) return status;
    if (start[row] > start[row + 1] || start[row + 1] > text_size)
        return file_wrong(part->file, "user_ids.start", "does not ascend within the ids' text", part->error);
    return check(part, "user_ids.text", start[row], start[row + 1] - start[row], 1);
}

/* The row of an id: the look-up of id_map, every index checked before it is used. *row = -1: unknown. */
static tamis_status find(const user_part *part, const char *id, size_t length, int64_t *row)
{
    const id_map *ids = &part->ids;
    const uint64_t text_size = container_find(part->file, "user_ids.text")->size;
    *row = -1;
    size_t at = (size_t)base_hash(id, length) & (ids->slots - 1);
    for (size_t step = 0; step < ids->slots; step++, at = (at + 1) & (ids->slots - 1)) {
        tamis_status status = check(part, "user_ids.slot", at, 1, sizeof *ids->slot);
        if (status) return status;
        *row = (int64_t)ids->slot[at] - 1;
        if (*row < 0) return TAMIS_OK;
        if (*row >= part->users) return file_wrong(part->file, "user_ids.slot", "has a slot out of range", part->error);
        if ((status = check_id(part, *row, text_size))) return status;
        if (ids->start[*row + 1] - ids->start[*row] == length && memcmp(ids->text + ids->start[*row], id, length) == 0)
            return TAMIS_OK;
    }
    return file_wrong(part->file, "user_ids.slot", "has no empty slot", part->error);
}

static tamis_status open_items(const user_part *part, const file_matrix_names *name, item_part *items)
{
    const container_section *section = container_find(part->file, name->item);
    *items = (item_part){.name = name, .pairs = section ? (int64_t)(section->size / sizeof *items->item) : 0};
    tamis_status status = file_take(part->file, name->start, (uint64_t)part->users + 1, sizeof *items->start, &items->start, part->error);
    return status ? status : file_take(part->file, name->item, (uint64_t)items->pairs, sizeof *items->item, &items->item, part->error);
}

static tamis_status open_part(container *file, const tamis_model *model, user_part *part, tamis_error *error)
{
    const container_section *text = container_find(file, "user_ids.text"), *slot = container_find(file, "user_ids.slot");
    const uint64_t users = (uint64_t)model->users;
    *part = (user_part){.file = file, .users = model->users, .items = model->items, .stride = model->stride, .error = error};
    part->ids.count = model->users;
    part->ids.slots = slot ? (size_t)(slot->size / sizeof *part->ids.slot) : 0;
    tamis_status status = file_take(file, "user_ids.text", text ? text->size : 0, 1, &part->ids.text, error);
    if (!status) status = file_take(file, "user_ids.start", users + 1, sizeof *part->ids.start, &part->ids.start, error);
    if (!status) status = file_take(file, "user_ids.slot", part->ids.slots, sizeof *part->ids.slot, &part->ids.slot, error);
    if (!status) status = open_items(part, &file_seen, &part->seen);
    if (!status && container_find(file, file_dislikes.start)) status = open_items(part, &file_dislikes, &part->dislikes);
    if (!status)
        status = file_take(file, "user_factors", users, part->stride * sizeof *part->factors, &part->factors, error);
    if (!status && (part->ids.slots < 2 * users || (part->ids.slots & (part->ids.slots - 1))))
        status = file_wrong(file, "user_ids.slot", "is not a power of two large enough", error);
    return status;
}

/* Copies row r of the file's items to row k of those that are taken. */
static tamis_status copy_items(const user_part *part, item_part *items, int64_t k, int64_t r)
{
    if (!items->name) return TAMIS_OK;
    tamis_status status = check(part, items->name->start, (uint64_t)r, 2, sizeof *items->start);
    if (status) return status;
    const int64_t from = items->start[r], end = items->start[r + 1], at = items->taken_start[k];
    if (from < 0 || end < from || end > items->pairs)
        return file_wrong(part->file, items->name->start, "does not ascend within its items", part->error);
    const int64_t n = end - from;
    if ((status = check(part, items->name->item, (uint64_t)from, (uint64_t)n, sizeof *items->item))) return status;
    if (!base_grow(&items->taken_item, &items->capacity, (size_t)(at + n) + 1, sizeof *items->taken_item))
        return base_no_memory(part->error, "a user's items", (size_t)(at + n), sizeof *items->item);
    for (int64_t j = 0, last = -1; j < n; last = items->item[from + j++]) {
        if (items->item[from + j] <= last || items->item[from + j] >= part->items)
            return file_wrong(part->file, items->name->item, "has an item out of range or out of order", part->error);
        items->taken_item[at + j] = items->item[from + j];
    }
    items->taken_start[k + 1] = at + n;
    return TAMIS_OK;
}

/* Copies row r of the file to the model's row k. */
static tamis_status copy_user(user_part *part, const tamis_model *model, int64_t k, int64_t r)
{
    float *to = model->user_factors + (size_t)k * part->stride;
    tamis_status status = check(part, "user_factors", (uint64_t)r, 1, part->stride * sizeof *to);
    if (!status) status = copy_items(part, &part->seen, k, r);
    if (!status) status = copy_items(part, &part->dislikes, k, r);
    if (status) return status;
    memcpy(to, part->factors + (size_t)r * part->stride, part->stride * sizeof *to);
    return file_check_rows(part->file, "user_factors", to, 1, model->factors, part->stride, part->error);
}

static bool start_items(item_part *items, size_t count)
{
    if (!items->name) return true;
    items->taken_start = base_alloc(count + 1, sizeof *items->taken_start);
    return items->taken_start && base_grow(&items->taken_item, &items->capacity, 1, sizeof *items->taken_item);
}

/* NULL: out of memory. */
static matrix *finish_items(item_part *items, int64_t users, int64_t columns)
{
    matrix *m = matrix_new(users, columns, items->taken_start, items->taken_item);
    items->taken_start = NULL;
    items->taken_item = NULL;
    return m;
}

static tamis_status finish_dislikes(user_part *part, tamis_model *model)
{
    if (!part->dislikes.name) return TAMIS_OK;
    matrix *dislikes = finish_items(&part->dislikes, model->users, part->items);
    tamis_status status = dislikes ? model_set_dislikes(model, dislikes, part->error)
                                   : base_no_memory(part->error, "the users' rows", (size_t)model->users, sizeof(int64_t));
    matrix_drop(dislikes);
    return status;
}

/* Copies the listed users that the file knows, each once, in the list's order. */
static tamis_status copy_users(user_part *part, const tamis_user_list *list, tamis_model *model)
{
    int64_t row;
    model->user_factors = base_alloc(list->count ? list->count * part->stride : 1, sizeof *model->user_factors);
    if (!model->user_factors || !start_items(&part->seen, list->count) || !start_items(&part->dislikes, list->count))
        return base_no_memory(part->error, "the users' factors", list->count, part->stride * sizeof(float));
    model->users = 0;
    for (size_t k = 0; k < list->count; k++) {
        tamis_status status = find(part, list->id[k], list->length[k], &row);
        if (status) return status;
        if (row < 0) part->cold = true;
        if (row < 0 || id_set_find(&part->taken, list->id[k], list->length[k]) >= 0) continue;
        if (id_set_add(&part->taken, list->id[k], list->length[k]) < 0)
            return base_no_memory(part->error, "ids", list->length[k], 1);
        if ((status = copy_user(part, model, model->users, row))) return status;
        if (part->seen.start[row + 1] == part->seen.start[row]) part->cold = true;
        model->users++;
    }
    model->seen = finish_items(&part->seen, model->users, part->items);
    model->user_ids = id_set_finish(&part->taken);
    return model->seen && model->user_ids ? finish_dislikes(part, model) : base_no_memory(part->error, "the users' rows", list->count, sizeof(int64_t));
}

/* What is recommended to users without interactions: this alone looks at all users' rows. */
static tamis_status count_popularity(const user_part *part, tamis_model *model)
{
    const item_part *seen = &part->seen;
    tamis_status status = check(part, seen->name->item, 0, (uint64_t)seen->pairs, sizeof *seen->item);
    if (status) return status;
    float *popularity = base_alloc((size_t)model->items, sizeof *popularity);
    int64_t *clicks = base_alloc((size_t)model->items, sizeof *clicks);
    if (!popularity || !clicks) status = base_no_memory(part->error, "the popularity of items", (size_t)model->items, sizeof *clicks);
    for (int64_t k = 0; k < seen->pairs && !status; k++) {
        if (seen->item[k] < 0 || seen->item[k] >= model->items)
            status = file_wrong(part->file, seen->name->item, "has an item out of range", part->error);
        else
            clicks[seen->item[k]]++;
    }
    for (int64_t i = 0; i < model->items && !status; i++) popularity[i] = (float)clicks[i];
    base_free(clicks);
    atomic_store(&model->popularity, popularity);
    return status;
}

/* Checks the sections that are needed as a whole. */
static tamis_status check_whole(container *file, tamis_error *error)
{
    static const char *const whole[] = {"shape",          "notes",         "item_ids.text", "item_ids.start",
                                        "item_ids.slot", "item_factors", "item_bias"};
    tamis_status status = TAMIS_OK;
    for (size_t k = 0; k < BASE_COUNT(whole) && !status; k++) {
        const container_section *section = container_find(file, whole[k]);
        if (section) status = container_check(file, section, 0, section->size, error);
    }
    return status;
}

tamis_status tamis_model_load_users(const char *path, const tamis_user_list *list, tamis_model **out, tamis_error *error)
{
    container file;
    user_part part = {.file = NULL};
    *out = NULL;
    base_clear(error);
    tamis_status status = container_open_parts(path, &file, error);
    if (status == TAMIS_STOPPED) return tamis_model_load(path, out, error); /* of an earlier version: all of it */
    if (status) return status;
    tamis_model *model = calloc(1, sizeof *model);
    if (!model) status = base_no_memory(error, "a model", 1, sizeof *model);
    if (!status) status = check_whole(&file, error);
    if (!status) status = file_load_shape(&file, model, error);
    if (!status && !model->factors) { /* an item-item model: of a user's scores all items' rows may be a part */
        tamis_model_free(model);
        container_close(&file);
        return tamis_model_load(path, out, error);
    }
    if (!status) status = file_load_notes(&file, model, error);
    if (!status) status = file_load_ids(&file, "item_ids", model->items, &model->item_ids, error);
    if (!status) status = file_load_items(&file, model, error);
    if (!status) status = open_part(&file, model, &part, error);
    if (!status) status = copy_users(&part, list, model);
    if (!status && part.cold) status = count_popularity(&part, model);
    id_set_clear(&part.taken);
    base_free(part.seen.taken_start);
    free(part.seen.taken_item);
    base_free(part.dislikes.taken_start);
    free(part.dislikes.taken_item);
    if (model) model->partial = true;
    if (model) model->mapped = mapped_file_hold(file.mapped);
    container_close(&file);
    if (status)
        tamis_model_free(model);
    else
        *out = model;
    return status;
}
