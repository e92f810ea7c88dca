/* Looking ids up while they come in. */
#include <stdlib.h>

#include "data/index.h"

_Static_assert(sizeof(index_entry) == 32, "two entries to a cache line");

static inline uint32_t number_of(const index_entry *entry)
{
    return (uint32_t)(entry->word[3] >> 32);
}

static void set_entry(index_entry *entry, const index_key *key, uint32_t number)
{
    *entry = *key;
    entry->word[3] |= (uint64_t)number << 32;
}

static inline bool same(const id_index *index, const index_entry *entry, const index_key *key, const char *bytes,
                        size_t count)
{
    if (!index_same_key(entry, key)) return false;
    return count <= INDEX_INLINE || memcmp(index->ids.text + index->ids.start[number_of(entry) - 1], bytes, count) == 0;
}

/* The entry that holds the id, or the empty one where it belongs. */
static inline index_entry *probe(const id_index *index, const index_key *key, const char *bytes, size_t count,
                                 uint64_t hash)
{
    size_t at = (size_t)hash & (index->room - 1);
    while (number_of(&index->entry[at]) && !same(index, &index->entry[at], key, bytes, count))
        at = (at + 1) & (index->room - 1);
    return &index->entry[at];
}

int64_t index_find(const id_index *index, const index_key *key, const char *bytes, size_t count, uint64_t hash)
{
    return index->room ? (int64_t)number_of(probe(index, key, bytes, count, hash)) - 1 : -1;
}

static bool grow(id_index *index)
{
    const size_t room = index->room ? 2 * index->room : 1024;
    if (room > SIZE_MAX / sizeof(index_entry)) return false;
    index_entry *entry = base_alloc(room, sizeof *entry);
    if (!entry) return false;
    for (size_t k = 0; k < index->ids.count; k++) {
        size_t length;
        const char *text = base_ids_get(&index->ids, (int64_t)k, &length);
        const uint64_t hash = base_hash(text, length);
        size_t at = (size_t)hash & (room - 1);
        while (number_of(&entry[at])) at = (at + 1) & (room - 1);
        index_key key;
        index_make_key(&key, text, length, hash);
        set_entry(&entry[at], &key, (uint32_t)k + 1);
    }
    base_free(index->entry);
    index->entry = entry;
    index->room = room;
    return true;
}

int64_t index_add(id_index *index, const char *bytes, size_t count, uint64_t hash)
{
    if (3 * (index->ids.count + 1) > 2 * index->room && !grow(index)) return -1;
    index_key key;
    index_make_key(&key, bytes, count, hash);
    index_entry *entry = probe(index, &key, bytes, count, hash);
    if (number_of(entry)) return (int64_t)number_of(entry) - 1;
    const int64_t number = base_ids_append(&index->ids, bytes, count);
    if (number >= 0) set_entry(entry, &key, (uint32_t)number + 1);
    return number;
}

void index_clear(id_index *index)
{
    base_ids_clear(&index->ids);
    base_free(index->entry);
    *index = (id_index){0};
}
