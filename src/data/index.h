/* A set of ids that grows while a log is read: base_ids, and a table for looking them up that waits for memory once, where
 * base_ids' own, made to lie in a file, waits three times (slot, start, text). An entry holds the id itself when it is at
 * most INDEX_INLINE bytes long, else its hash and length. */
#ifndef TAMIS_DATA_INDEX_H
#define TAMIS_DATA_INDEX_H

#include <string.h>

#include "base/base.h"

enum { INDEX_INLINE = 27 };

/* An id of at most INDEX_INLINE bytes: 24 in the first words, the others in the last one's low bits, above them the
 * length. A longer one: hash, length, and 255 for a length. The upper half of the last word is nothing. */
typedef struct index_key {
    uint64_t word[4];
} index_key;

/* A key, in whose upper half stands id + 1; 0: empty. */
typedef index_key index_entry;

typedef struct id_index {
    base_ids ids; /* without slots */
    index_entry *entry;
    size_t room; /* a power of two, at most two thirds in use */
} id_index;

/* hash: base_hash() of the id. Word by word, and where the key is kept: a copy would wait for the stores. */
static inline void index_make_key(index_key *key, const char *bytes, size_t count, uint64_t hash)
{
    uint64_t *word = key->word, last = (uint64_t)(count <= INDEX_INLINE ? count : 255) << 24;
    if (count > INDEX_INLINE) {
        word[0] = hash;
        word[1] = count;
        word[2] = 0;
    } else {
        size_t k = 0;
        for (; k < 3 && count >= 8; k++, bytes += 8, count -= 8) memcpy(&word[k], bytes, 8);
        if (k < 3)
            word[k++] = base_part_of_word(bytes, count);
        else
            for (size_t b = 0; b < count; b++) last |= (uint64_t)(unsigned char)bytes[b] << (8 * b);
        for (; k < 3; k++) word[k] = 0;
    }
    word[3] = last;
}

static inline bool index_same_key(const index_key *a, const index_key *b)
{
    const uint64_t other = (a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1]) | (a->word[2] ^ b->word[2]);
    return (other | (uint32_t)(a->word[3] ^ b->word[3])) == 0;
}

/* Asks memory for the place where a look-up begins. */
static inline void index_ask(const id_index *index, uint64_t hash)
{
    if (index->room) __builtin_prefetch(&index->entry[hash & (index->room - 1)]);
}

/* The key is the id's. -1: unknown. Any number of threads may look up at a time. */
int64_t index_find(const id_index *index, const index_key *key, const char *bytes, size_t count, uint64_t hash);
/* The id's number, a new one when it is new. -1: out of memory, or 2^31 - 1 ids exist already. */
int64_t index_add(id_index *index, const char *bytes, size_t count, uint64_t hash);
void index_clear(id_index *index);

#endif
