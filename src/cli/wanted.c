/* What a request asks for, in rows of the model that answers it. */
#include "cli/wanted.h"

#ifdef HAVE_JANSSON

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/order.h"
#include "base/status.h"

/* A member that is there and not null. */
static json_t *member(const wanted *w, const char *name)
{
    json_t *value = json_object_get(w->json, name);
    return json_is_null(value) ? NULL : value;
}

/* An id is a string or a whole number, written into the room. NULL: neither. */
static const char *id_of(const json_t *value, char number[24], size_t *length)
{
    if (json_is_string(value)) {
        *length = json_string_length(value);
        return json_string_value(value);
    }
    if (!json_is_integer(value)) return NULL;
    *length = (size_t)snprintf(number, 24, "%" PRId64, (int64_t)json_integer_value(value));
    return number;
}

bool wanted_add(wanted_rows *list, int32_t item, float weight)
{
    if (list->count == list->room) {
        const int64_t room = 2 * list->room + 16;
        int32_t *items = realloc(list->item, (size_t)room * sizeof *items);
        if (items) list->item = items;
        float *weights = realloc(list->weight, (size_t)room * sizeof *weights);
        if (weights) list->weight = weights;
        if (!items || !weights) return false;
        list->room = room;
    }
    list->item[list->count] = item;
    list->weight[list->count++] = weight;
    return true;
}

tamis_status wanted_no_memory(tamis_error *error)
{
    return base_fail(error, TAMIS_FAILURE, "not enough memory");
}

/* {"item": "i1", "weight": 3} */
static tamis_status weighed(const json_t *value, const json_t **id, float *weight, tamis_error *error)
{
    const json_t *w = json_object_get(value, "weight");
    *id = json_object_get(value, "item");
    if (!*id || json_object_size(value) != (size_t)(w ? 2 : 1))
        return base_fail(error, TAMIS_USAGE, "\"history\" has an object that is no item; expected {\"item\": \"i1\", \"weight\": 3}");
    *weight = w ? (float)json_number_value(w) : 1;
    if (!w || (json_is_number(w) && isfinite(*weight) && *weight > 0)) return TAMIS_OK;
    return base_fail(error, TAMIS_USAGE, "\"history\" has a weight that is no number above 0");
}

static tamis_status read_items(wanted *w, const char *name, wanted_rows *list, tamis_error *error)
{
    const json_t *array = member(w, name), *value;
    const bool history = strcmp(name, "history") == 0;
    size_t k, length;
    char number[24];
    if (!array) return TAMIS_OK;
    if (!json_is_array(array)) return base_fail(error, TAMIS_USAGE, "\"%s\" is no array; expected item ids, [\"i1\", \"i2\"]", name);
    json_array_foreach(array, k, value) {
        float weight = 1;
        if (history && json_is_object(value)) {
            const tamis_status status = weighed(value, &value, &weight, error);
            if (status) return status;
        }
        const char *id = id_of(value, number, &length);
        if (!id) return base_fail(error, TAMIS_USAGE, "\"%s\" has something else than item ids at place %zu", name, k + 1);
        const int64_t row = tamis_model_find_item(w->served->model, id, length);
        w->unknown += row < 0;
        if (row >= 0 && !wanted_add(list, (int32_t)row, weight)) return wanted_no_memory(error);
    }
    return TAMIS_OK;
}

static tamis_status read_user(wanted *w, int64_t usual_k, tamis_error *error)
{
    const json_t *user = member(w, "user"), *k = member(w, "k");
    w->row = -1;
    w->k = usual_k;
    if (!user && !member(w, "history"))
        return base_fail(error, TAMIS_USAGE, "there is neither \"user\" nor \"history\"; expected one of them");
    if (user && !(w->user = id_of(user, w->number, &w->length)))
        return base_fail(error, TAMIS_USAGE, "\"user\" is no id; expected a string or a whole number");
    if (user) w->row = tamis_model_find_user(w->served->model, w->user, w->length);
    if (!k) return TAMIS_OK;
    if (!json_is_integer(k) || json_integer_value(k) < 1 || json_integer_value(k) > INT32_MAX)
        return base_fail(error, TAMIS_USAGE, "\"k\" is no whole number from 1 to 2147483647");
    w->k = (int64_t)json_integer_value(k);
    return TAMIS_OK;
}

/* The candidates that are among those of all requests, too. */
static void keep_common(wanted_rows *list, const cli_choice *choice)
{
    int64_t n = 0, at = 0;
    for (int64_t k = 0; choice->chosen && k < list->count; k++) {
        while (at < choice->candidate_count && choice->candidates[at] < list->item[k]) at++;
        if (at < choice->candidate_count && choice->candidates[at] == list->item[k]) list->item[n++] = list->item[k];
    }
    if (choice->chosen) list->count = n;
}

/* What the user does not get by --exclude. */
static bool add_exclusions(wanted *w)
{
    const cli_exclusion *of;
    const size_t count = cli_choice_of_user(&w->served->choice, w->user ? w->user : "", w->length, &of);
    for (size_t k = 0; k < count; k++)
        if (!wanted_add(&w->exclude, of[k].item, 1)) return false;
    return true;
}

tamis_status wanted_read(wanted *w, int64_t usual_k, tamis_error *error)
{
    tamis_status status = read_user(w, usual_k, error);
    if (!status) status = read_items(w, "history", &w->history, error);
    if (!status) status = read_items(w, "dislikes", &w->dislikes, error);
    if (!status) status = read_items(w, "candidates", &w->candidates, error);
    if (!status) status = read_items(w, "exclude", &w->exclude, error);
    if (!status && w->dislikes.count && !w->history.count && w->row < 0) /* nothing to fold in, but not to be shown */
        for (int64_t k = 0; k < w->dislikes.count && !status; k++)
            if (!wanted_add(&w->exclude, w->dislikes.item[k], 1)) status = wanted_no_memory(error);
    if (!status && !add_exclusions(w)) status = wanted_no_memory(error);
    if (status) return status;
    w->chosen = member(w, "candidates") != NULL;
    if (w->candidates.count) w->candidates.count = base_sort_distinct_int32(w->candidates.item, w->candidates.count);
    if (w->exclude.count) w->exclude.count = base_sort_distinct_int32(w->exclude.item, w->exclude.count);
    if (w->chosen) keep_common(&w->candidates, &w->served->choice);
    const int64_t items = tamis_model_items(w->served->model);
    if (w->k > items) w->k = items;
    return TAMIS_OK;
}

void wanted_clear(wanted *w)
{
    wanted_rows *const lists[] = {&w->history, &w->dislikes, &w->candidates, &w->exclude};
    for (size_t k = 0; k < BASE_COUNT(lists); k++) {
        free(lists[k]->item);
        free(lists[k]->weight);
    }
}

#endif
