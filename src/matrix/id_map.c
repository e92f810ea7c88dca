/* Ids in flat arrays: complete and shared, and while they come in. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/status.h"
#include "matrix/id_map.h"

enum { LEAST_SLOTS = 64 };

static const char *get(const char *text, const uint64_t *start, int64_t number, size_t *length)
{
    if (length) *length = (size_t)(start[number + 1] - start[number]);
    return text + start[number];
}

/* The slot of an id, or the empty one where it belongs; there is a table. */
static size_t probe(const id_map *map, const char *bytes, size_t count)
{
    const size_t mask = map->slots - 1;
    size_t at = (size_t)base_hash(bytes, count) & mask, length;
    for (; map->slot[at]; at = (at + 1) & mask) {
        const char *id = get(map->text, map->start, (int64_t)map->slot[at] - 1, &length);
        if (length == count && memcmp(id, bytes, count) == 0) break;
    }
    return at;
}

/* ---- complete */

id_map *id_map_new_mapped(const id_map *arrays, mapped_file *file)
{
    id_map *map = malloc(sizeof *map);
    if (!map) return NULL;
    *map = (id_map){.count = arrays->count, .slots = arrays->slots, .text = arrays->text, .start = arrays->start,
                    .slot = arrays->slot, .mapped = mapped_file_hold(file)};
    atomic_init(&map->holders, 1);
    return map;
}

id_map *id_map_hold(id_map *map)
{
    atomic_fetch_add_explicit(&map->holders, 1, memory_order_relaxed);
    return map;
}

void id_map_drop(id_map *map)
{
    if (!map || atomic_fetch_sub_explicit(&map->holders, 1, memory_order_acq_rel) > 1) return;
    if (!map->mapped) {
        free((void *)(uintptr_t)map->text);
        free((void *)(uintptr_t)map->start);
        free((void *)(uintptr_t)map->slot);
    }
    mapped_file_drop(map->mapped);
    free(map);
}

int64_t id_map_find(const id_map *map, const char *bytes, size_t count)
{
    return (int64_t)map->slot[probe(map, bytes, count)] - 1;
}

const char *id_map_get(const id_map *map, int64_t number, size_t *length)
{
    return get(map->text, map->start, number, length);
}

bool id_map_same(const id_map *a, const id_map *b)
{
    if (a == b) return true;
    return a->count == b->count && memcmp(a->start, b->start, ((size_t)a->count + 1) * sizeof *a->start) == 0 &&
           memcmp(a->text, b->text, (size_t)a->start[a->count]) == 0;
}

int32_t *id_map_match(const id_map *from, const id_map *to, tamis_error *error)
{
    int32_t *number = base_alloc_raw((size_t)from->count, sizeof *number);
    if (!number) (void)base_no_memory(error, "matching of ids", (size_t)from->count, sizeof *number);
    for (int64_t k = 0; number && k < from->count; k++) {
        size_t length;
        const char *id = id_map_get(from, k, &length);
        number[k] = (int32_t)(from == to ? k : id_map_find(to, id, length));
    }
    return number;
}

id_map *id_map_subset(const id_map *map, const int32_t *number)
{
    id_set kept = {0};
    bool done = true;
    for (int64_t k = 0; k < map->count && done; k++) {
        size_t length;
        const char *id = id_map_get(map, k, &length);
        if (number[k] >= 0) done = id_set_append(&kept, id, length) >= 0;
    }
    if (done) return id_set_finish(&kept);
    id_set_clear(&kept);
    return NULL;
}

id_map *id_map_unite(const id_map *map, const id_map *more)
{
    id_set all = {0};
    bool done = true;
    for (int64_t k = 0; k < map->count + more->count && done; k++) {
        size_t length;
        const bool first = k < map->count;
        const char *id = first ? id_map_get(map, k, &length) : id_map_get(more, k - map->count, &length);
        if (first || id_map_find(map, id, length) < 0) done = id_set_append(&all, id, length) >= 0;
    }
    if (done) return id_set_finish(&all);
    id_set_clear(&all);
    return NULL;
}

/* ---- coming in */

/* The set as a map, to look an id up. */
static size_t probe_set(const id_set *set, const char *bytes, size_t count)
{
    const id_map map = {.slots = set->slots, .text = set->text, .start = set->start, .slot = set->slot};
    return probe(&map, bytes, count);
}

/* A fresh table, with room for so many ids. */
static bool rehash(id_set *set, int64_t ids)
{
    size_t slots = LEAST_SLOTS, length;
    while (slots < 2 * (size_t)ids) slots *= 2;
    uint32_t *slot = calloc(slots, sizeof *slot);
    if (!slot) return false;
    for (int64_t k = 0; k < set->count; k++) {
        const char *id = id_set_get(set, k, &length);
        size_t at = (size_t)base_hash(id, length) & (slots - 1);
        while (slot[at]) at = (at + 1) & (slots - 1);
        slot[at] = (uint32_t)k + 1;
    }
    free(set->slot);
    set->slot = slot;
    set->slots = slots;
    return true;
}

static int64_t put(id_set *set, const char *bytes, size_t count)
{
    if (set->count >= INT32_MAX) return -1;
    const uint64_t used = set->count ? set->start[set->count] : 0;
    if (!base_grow(&set->start, &set->start_capacity, (size_t)set->count + 2, sizeof *set->start) ||
        !base_grow(&set->text, &set->text_capacity, (size_t)used + count + 1, 1))
        return -1;
    memcpy(set->text + used, bytes, count);
    set->start[set->count] = used;
    set->start[++set->count] = used + count;
    return set->count - 1;
}

int64_t id_set_append(id_set *set, const char *bytes, size_t count)
{
    free(set->slot);
    set->slot = NULL;
    set->slots = 0;
    return put(set, bytes, count);
}

int64_t id_set_add(id_set *set, const char *bytes, size_t count)
{
    if (set->slots < 2 * ((size_t)set->count + 1) && !rehash(set, set->count + 1)) return -1;
    const size_t at = probe_set(set, bytes, count);
    if (set->slot[at]) return (int64_t)set->slot[at] - 1;
    const int64_t number = put(set, bytes, count);
    if (number >= 0) set->slot[at] = (uint32_t)number + 1;
    return number;
}

int64_t id_set_find(const id_set *set, const char *bytes, size_t count)
{
    return set->slots ? (int64_t)set->slot[probe_set(set, bytes, count)] - 1 : -1;
}

const char *id_set_get(const id_set *set, int64_t number, size_t *length)
{
    return get(set->text, set->start, number, length);
}

/* Gives back what growing by doubling has left over. */
static void trim(void *array_pointer, size_t bytes)
{
    void *array, *smaller;
    memcpy(&array, array_pointer, sizeof array);
    if ((smaller = realloc(array, bytes))) memcpy(array_pointer, &smaller, sizeof smaller);
}

id_map *id_set_finish(id_set *set)
{
    id_map *map = NULL;
    if (base_grow(&set->start, &set->start_capacity, (size_t)set->count + 1, sizeof *set->start) &&
        base_grow(&set->text, &set->text_capacity, 1, 1) && (set->slots || rehash(set, set->count)) &&
        (map = malloc(sizeof *map))) {
        set->start[0] = 0;
        trim(&set->start, ((size_t)set->count + 1) * sizeof *set->start);
        trim(&set->text, (size_t)set->start[set->count] + 1);
        *map = (id_map){.count = set->count, .slots = set->slots, .text = set->text, .start = set->start, .slot = set->slot};
        atomic_init(&map->holders, 1);
        *set = (id_set){0};
    }
    id_set_clear(set);
    return map;
}

void id_set_clear(id_set *set)
{
    free(set->text);
    free(set->start);
    free(set->slot);
    *set = (id_set){0};
}
