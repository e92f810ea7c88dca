/* The ids of a log while it is read: an id_set, and a hash table in which a look-up misses the cache once, where that of id_map,
 * which is made for files, misses it three times (slot, start, text). An entry holds an id of at most INDEX_INLINE bytes itself, of
 * a longer one its hash. A bucket is a cache line; all its entries are compared, since a branch for each could not be predicted.
 * The functions are here because they are called for every field of every row. */
#ifndef TAMIS_DATA_INDEX_H
#define TAMIS_DATA_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "matrix/id_map.h"

enum {
    INDEX_INLINE = 11,
    INDEX_BUCKET = 4,
    INDEX_BEHIND = 16 /* bytes from an id's first on that index_make_key() looks at */
};

/* An id of at most INDEX_INLINE bytes: its bytes, padded with zeros, and its length + 1 in bits 24 to 31 of the second word. A
 * longer one: its hash in the first word, and 255 in these bits. The upper half of the second word is not part of the key. */
typedef struct index_key {
    uint64_t word[2];
} index_key;

/* A key with the id's number + 1 in the upper half of its second word; 0: the entry is empty. */
typedef index_key index_entry;

typedef struct id_index {
    id_set ids; /* without a table of its own */
    index_entry *entry; /* buckets are filled from their first entry on; a full one overflows into the next */
    size_t room;        /* a power of two, at most four fifths in use */
} id_index;

/* Reads INDEX_BEHIND bytes, whatever `count` is. */
static inline index_key index_make_key(const char *bytes, size_t count)
{
    if (count > INDEX_INLINE) return (index_key){{base_hash(bytes, count), UINT64_C(255) << 24}};
    const uint64_t first = base_word(bytes), second = base_word(bytes + 8);
    const unsigned low = count < 8 ? (unsigned)count : 8, high = (unsigned)count - low;
    /* two shifts, since one by 64 is undefined */
    return (index_key){{first & (((UINT64_C(1) << 4 * low) << 4 * low) - 1),
                        (second & ((UINT64_C(1) << 8 * high) - 1)) | (uint64_t)(count + 1) << 24}};
}

/* The same without reading beyond the id. */
static inline index_key index_key_of(const char *bytes, size_t count)
{
    char padded[INDEX_BEHIND] = {0};
    if (count > INDEX_INLINE) return index_make_key(bytes, count);
    memcpy(padded, bytes, count);
    return index_make_key(padded, count);
}

static inline bool index_same_key(const index_key *a, const index_key *b)
{
    return ((a->word[0] ^ b->word[0]) | (uint32_t)(a->word[1] ^ b->word[1])) == 0;
}

/* The bucket where a look-up begins. */
static inline size_t index_place(const id_index *index, const index_key *key)
{
    /* ids of digits differ in few bits, the same ones in each byte: the words have different factors, so that a change in one
     * does not undo a change in the other */
    const uint64_t h = key->word[0] * UINT64_C(0xBF58476D1CE4E5B9) + (uint32_t)key->word[1] * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)((h ^ h >> 32) * UINT64_C(0x94D049BB133111EB) >> 32) & (index->room - INDEX_BUCKET);
}

/* Prefetches it. */
static inline void index_ask(const id_index *index, const index_key *key)
{
    if (index->room) __builtin_prefetch(&index->entry[index_place(index, key)]);
}

static inline uint32_t index_number(const index_entry *entry)
{
    return (uint32_t)(entry->word[1] >> 32);
}

/* Whether an id of more than INDEX_INLINE bytes is that of an entry with the same key. */
bool index_same_text(const id_index *index, const index_entry *entry, const char *bytes, size_t count);

/* The entry that holds the id, or the empty one where it belongs; there is a table. */
static inline index_entry *index_probe(const id_index *index, const index_key *key, const char *bytes, size_t count)
{
    for (size_t at = index_place(index, key);; at = (at + INDEX_BUCKET) & (index->room - INDEX_BUCKET)) {
        index_entry *bucket = &index->entry[at];
        unsigned same = 0, used = 0;
        for (unsigned k = 0; k < INDEX_BUCKET; k++) {
            same |= (unsigned)index_same_key(&bucket[k], key) << k;
            used += index_number(&bucket[k]) != 0;
        }
        for (; same; same &= same - 1) {
            index_entry *entry = &bucket[__builtin_ctz(same)];
            if (count <= INDEX_INLINE || index_same_text(index, entry, bytes, count)) return entry;
        }
        if (used < INDEX_BUCKET) return &bucket[used];
    }
}

/* The key is the id's. -1: unknown. Any number of threads may look up at a time. */
static inline int64_t index_find(const id_index *index, const index_key *key, const char *bytes, size_t count)
{
    return index->room ? (int64_t)index_number(index_probe(index, key, bytes, count)) - 1 : -1;
}

/* The id's number, a new one when it is new. -1: out of memory, or 2^31 - 1 ids exist already. */
int64_t index_add(id_index *index, const index_key *key, const char *bytes, size_t count);
void index_clear(id_index *index);

#endif
