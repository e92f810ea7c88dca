/* A set of ids that grows while a log is read: base_ids, and a table for looking them up that waits for memory once, where
 * base_ids' own, made to lie in a file, waits three times (slot, start, text). An entry holds the id itself when it is at
 * most INDEX_INLINE bytes long, else its hash and length. */
#ifndef TAMIS_DATA_INDEX_H
#define TAMIS_DATA_INDEX_H

#include <string.h>

#include "base/base.h"

enum { INDEX_INLINE = 27 };

typedef struct index_key {
    char bytes[INDEX_INLINE];
    uint8_t length; /* 255: longer than INDEX_INLINE; bytes are hash and length */
} index_key;

typedef struct index_entry {
    index_key key;
    uint32_t number; /* id + 1; 0: empty */
} index_entry;

typedef struct id_index {
    base_ids ids; /* without slots */
    index_entry *entry;
    size_t room; /* a power of two, at most two thirds in use */
} id_index;

static inline void index_make_key(index_key *key, const char *bytes, size_t count, uint64_t hash)
{
    uint64_t word[4] = {0};
    size_t k = 0;
    if (count <= INDEX_INLINE) {
        for (; k + 8 <= count; k += 8) memcpy(&word[k / 8], bytes + k, 8);
        word[k / 8] = base_part_of_word(bytes + k, count - k);
        memcpy(key, word, sizeof *key);
        key->length = (uint8_t)count;
    } else {
        word[0] = hash;
        word[1] = count;
        memcpy(key, word, sizeof *key);
        key->length = 255;
    }
}

/* Asks memory for the place where a look-up begins. */
static inline void index_ask(const id_index *index, uint64_t hash)
{
#if defined(__GNUC__)
    if (index->room) __builtin_prefetch(&index->entry[hash & (index->room - 1)]);
#else
    (void)index;
    (void)hash;
#endif
}

/* hash: base_hash() of the id. -1: unknown. Any number of threads may look up at a time. */
int64_t index_find(const id_index *index, const char *bytes, size_t count, uint64_t hash);
/* The id's number, a new one when it is new. -1: out of memory, or 2^31 - 1 ids exist already. */
int64_t index_add(id_index *index, const char *bytes, size_t count, uint64_t hash);
void index_clear(id_index *index);

#endif
