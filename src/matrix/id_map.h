/* The ids of a log's or a model's users or items: byte strings numbered 0 .. count-1. Immutable, and held by reference: a log,
 * the parts of a split, models and studies hold one and the same. While ids come in, they are an id_set.
 *
 * Flat arrays, so that a model file can contain them and be mapped: id k is text[start[k] .. start[k+1]-1]; slot[] is a hash
 * table with open addressing (linear probing from base_hash(), slots a power of two, at most half full) of k + 1, 0 = empty. */
#ifndef TAMIS_MATRIX_ID_MAP_H
#define TAMIS_MATRIX_ID_MAP_H

#include <stdatomic.h>
#include <stdbool.h>

#include "matrix/mapped_file.h"
#include "tamis.h"

typedef struct id_map {
    int64_t count;
    size_t slots;
    const char *text;
    const uint64_t *start; /* count + 1 */
    const uint32_t *slot;
    mapped_file *mapped; /* the arrays lie in it; NULL: they are the map's own */
    atomic_int holders;
} id_map;

/* A map of arrays that lie in a mapped file and have been checked; one holder. NULL: out of memory. */
id_map *id_map_new_mapped(const id_map *arrays, mapped_file *file);
id_map *id_map_hold(id_map *map);
void id_map_drop(id_map *map); /* NULL: nothing */

/* The number of an id; -1: unknown. */
int64_t id_map_find(const id_map *map, const char *bytes, size_t count);
/* The bytes of an id, not closed by NUL; length may be NULL. */
const char *id_map_get(const id_map *map, int64_t number, size_t *length);
/* Whether both have the same ids in the same order. */
bool id_map_same(const id_map *a, const id_map *b);
/* Per id of `from` its number in `to`, -1: unknown. Freed by base_free(). NULL: out of memory, which has been told. */
int32_t *id_map_match(const id_map *from, const id_map *to, tamis_error *error);
/* The ids whose number[k] is >= 0, under that number; these ascend from 0. NULL: out of memory. */
id_map *id_map_subset(const id_map *map, const int32_t *number);
/* The ids of map, then those of more that it lacks. NULL: out of memory, or more than 2^31 - 1 ids. */
id_map *id_map_unite(const id_map *map, const id_map *more);

/* ---- ids that come in, numbered in order of arrival */
typedef struct id_set { /* as above; all zeros: empty */
    char *text;
    uint64_t *start;
    uint32_t *slot;
    int64_t count;
    size_t slots; /* 0: ids cannot be looked up as yet */
    size_t text_capacity, start_capacity;
} id_set;

/* The id's number, a new one when it is new. -1: out of memory, or 2^31 - 1 ids exist already. */
int64_t id_set_add(id_set *set, const char *bytes, size_t count);
/* The same for an id that is known to be new, at less cost: the hash table is made when it is first needed. */
int64_t id_set_append(id_set *set, const char *bytes, size_t count);
/* -1: unknown, or only appended. */
int64_t id_set_find(const id_set *set, const char *bytes, size_t count);
const char *id_set_get(const id_set *set, int64_t number, size_t *length);
/* Moves the ids into a map; the set is empty afterwards, whatever happens. NULL: out of memory. */
id_map *id_set_finish(id_set *set);
void id_set_clear(id_set *set);

#endif
