/* Looking ids up while they come in. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/index.h"

enum { ROOM = 1 << 12 };

_Static_assert(INDEX_BUCKET * sizeof(index_entry) == 64, "a bucket is a cache line");

bool index_same_text(const id_index *index, const index_entry *entry, const char *bytes, size_t count)
{
    size_t length;
    const char *text = id_set_get(&index->ids, (int64_t)index_number(entry) - 1, &length);
    return length == count && memcmp(text, bytes, count) == 0;
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
        if (!index_number(&old.entry[k])) continue;
        size_t at = index_place(index, &old.entry[k]);
        while (index_number(&entry[at])) at = (at + 1) & (room - 1);
        entry[at] = old.entry[k];
    }
    base_free(old.entry);
    return true;
}

int64_t index_add(id_index *index, const index_key *key, const char *bytes, size_t count)
{
    if (5 * ((size_t)index->ids.count + 1) > 4 * index->room && !grow(index)) return -1;
    index_entry *entry = index_probe(index, key, bytes, count);
    if (index_number(entry)) return (int64_t)index_number(entry) - 1;
    const int64_t number = id_set_append(&index->ids, bytes, count);
    if (number < 0) return -1;
    *entry = *key;
    entry->word[1] |= (uint64_t)(number + 1) << 32;
    return number;
}

void index_clear(id_index *index)
{
    id_set_clear(&index->ids);
    base_free(index->entry);
    *index = (id_index){0};
}
