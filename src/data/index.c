/* Looking ids up while they come in. */
#include <stdlib.h>

#include "data/index.h"

_Static_assert(sizeof(index_entry) == 32, "two entries to a cache line");

static bool same(const id_index *index, const index_entry *entry, const index_key *key, const char *bytes, size_t count)
{
    if (memcmp(&entry->key, key, sizeof *key) != 0) return false;
    if (count <= INDEX_INLINE) return true;
    return memcmp(index->ids.text + index->ids.start[entry->number - 1], bytes, count) == 0;
}

/* The entry that holds the id, or the empty one where it belongs. */
static index_entry *probe(const id_index *index, const index_key *key, const char *bytes, size_t count, uint64_t hash)
{
    size_t at = (size_t)hash & (index->room - 1);
    while (index->entry[at].number && !same(index, &index->entry[at], key, bytes, count)) at = (at + 1) & (index->room - 1);
    return &index->entry[at];
}

int64_t index_find(const id_index *index, const char *bytes, size_t count, uint64_t hash)
{
    index_key key;
    if (index->room == 0) return -1;
    index_make_key(&key, bytes, count, hash);
    return (int64_t)probe(index, &key, bytes, count, hash)->number - 1;
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
        while (entry[at].number) at = (at + 1) & (room - 1);
        index_make_key(&entry[at].key, text, length, hash);
        entry[at].number = (uint32_t)k + 1;
    }
    base_free(index->entry);
    index->entry = entry;
    index->room = room;
    return true;
}

int64_t index_add(id_index *index, const char *bytes, size_t count, uint64_t hash)
{
    index_key key;
    if (3 * (index->ids.count + 1) > 2 * index->room && !grow(index)) return -1;
    index_make_key(&key, bytes, count, hash);
    index_entry *entry = probe(index, &key, bytes, count, hash);
    if (entry->number) return (int64_t)entry->number - 1;
    const int64_t number = base_ids_append(&index->ids, bytes, count);
    if (number < 0) return -1;
    entry->key = key;
    entry->number = (uint32_t)number + 1;
    return number;
}

void index_clear(id_index *index)
{
    base_ids_clear(&index->ids);
    base_free(index->entry);
    *index = (id_index){0};
}
