/* Looking ids up while they come in. */
#include <stdlib.h>

#include "data/index.h"

enum { ROOM = 1 << 12 };

_Static_assert(sizeof(index_entry) == 16, "four entries to a cache line");

static inline uint32_t number_of(const index_entry *entry)
{
    return (uint32_t)(entry->word[1] >> 32);
}

static bool same_text(const base_ids *ids, uint32_t number, const char *bytes, size_t count)
{
    size_t length;
    const char *text = base_ids_get(ids, number, &length);
    return length == count && memcmp(text, bytes, count) == 0;
}

/* The entry that holds the id, or the empty one where it belongs. */
static inline index_entry *probe(const id_index *index, const index_key *key, const char *bytes, size_t count)
{
    for (size_t at = index_place(index, key);; at = (at + 1) & (index->room - 1)) {
        index_entry *entry = &index->entry[at];
        const uint32_t number = number_of(entry);
        if (!number) return entry;
        if (index_same_key(entry, key) && (count <= INDEX_INLINE || same_text(&index->ids, number - 1, bytes, count)))
            return entry;
    }
}

int64_t index_find(const id_index *index, const index_key *key, const char *bytes, size_t count)
{
    return index->room ? (int64_t)number_of(probe(index, key, bytes, count)) - 1 : -1;
}

static bool grow(id_index *index)
{
    const id_index old = *index;
    const size_t room = old.room ? 2 * old.room : ROOM;
    if (room > SIZE_MAX / sizeof(index_entry)) return false;
    index_entry *entry = base_alloc(room, sizeof *entry);
    if (!entry) return false;
    index->entry = entry;
    index->room = room;
    for (size_t k = 0; k < old.room; k++) {
        if (!number_of(&old.entry[k])) continue;
        size_t at = index_place(index, &old.entry[k]);
        while (number_of(&entry[at])) at = (at + 1) & (room - 1);
        entry[at] = old.entry[k];
    }
    base_free(old.entry);
    return true;
}

int64_t index_add(id_index *index, const index_key *key, const char *bytes, size_t count)
{
    if (3 * (index->ids.count + 1) > 2 * index->room && !grow(index)) return -1;
    index_entry *entry = probe(index, key, bytes, count);
    if (number_of(entry)) return (int64_t)number_of(entry) - 1;
    const int64_t number = base_ids_append(&index->ids, bytes, count);
    if (number < 0) return -1;
    *entry = *key;
    entry->word[1] |= (uint64_t)(number + 1) << 32;
    return number;
}

void index_clear(id_index *index)
{
    base_ids_clear(&index->ids);
    base_free(index->entry);
    *index = (id_index){0};
}
