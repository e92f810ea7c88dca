/* A set of ids that grows while a log is read: an id_set, and a table for looking them up that waits for memory once, where the
 * set's own, made to lie in a file, waits three times (slot, start, text). An entry holds the id itself when it is at
 * most INDEX_INLINE bytes long, as most are; a longer one's hash. A bucket of entries is a cache line: all are compared,
 * as a branch for each could not be foreseen. */
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

/* An id of at most INDEX_INLINE bytes: the bytes from the lowest up, zeros behind them, its length and 1 in bits 24 to
 * 31 of the second word. A longer one: its hash, and 255 there. The upper half of the second word is nothing. */
typedef struct index_key {
    uint64_t word[2];
} index_key;

/* A key, in whose upper half stands id + 1; 0: empty. */
typedef index_key index_entry;

typedef struct id_index {
    id_set ids; /* that cannot look them up */
    index_entry *entry; /* a bucket's are taken from the first on; one that is full goes on in the next */
    size_t room;        /* a power of two, at most four fifths in use */
} id_index;

/* INDEX_BEHIND bytes can be read, whatever `count` is. */
static inline index_key index_make_key(const char *bytes, size_t count)
{
    if (count > INDEX_INLINE) return (index_key){{base_hash(bytes, count), UINT64_C(255) << 24}};
    const uint64_t first = base_word(bytes), second = base_word(bytes + 8);
    const unsigned low = count < 8 ? (unsigned)count : 8, high = (unsigned)count - low;
    /* a shift by 64 is none: the mask of no byte comes from two shifts */
    return (index_key){{first & (((UINT64_C(1) << 4 * low) << 4 * low) - 1),
                        (second & ((UINT64_C(1) << 8 * high) - 1)) | (uint64_t)(count + 1) << 24}};
}

/* The same where no more than the id may be read. */
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
    /* digits differ in few bits, and in the same ones everywhere: each word has a factor of its own, so that a change in one
     * does not undo a change in the other */
    const uint64_t h = key->word[0] * UINT64_C(0xBF58476D1CE4E5B9) + (uint32_t)key->word[1] * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)((h ^ h >> 32) * UINT64_C(0x94D049BB133111EB) >> 32) & (index->room - INDEX_BUCKET);
}

/* Asks memory for it. */
static inline void index_ask(const id_index *index, const index_key *key)
{
    if (index->room) __builtin_prefetch(&index->entry[index_place(index, key)]);
}

static inline uint32_t index_number(const index_entry *entry)
{
    return (uint32_t)(entry->word[1] >> 32);
}

/* Whether a long id, whose key is an entry's, is that entry's. */
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
