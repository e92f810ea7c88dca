/* Ids: byte strings in one arena, found through an open-addressing table. */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

uint64_t base_hash(const char *bytes, size_t count)
{
    /* eight bytes at a time into a multiply-mix; part of the model file's format, so it must not change */
    uint64_t h = UINT64_C(0x9E3779B97F4A7C15) ^ (uint64_t)count;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        h = (h ^ word) * UINT64_C(0xBF58476D1CE4E5B9);
        h ^= h >> 32;
        bytes += 8;
        count -= 8;
    }
    if (count) {
        h = (h ^ base_part_of_word(bytes, count)) * UINT64_C(0xBF58476D1CE4E5B9);
        h ^= h >> 32;
    }
    return base_mix(h);
}

static bool same(const base_ids *ids, size_t index, const char *bytes, size_t count)
{
    uint64_t from = ids->start[index];
    return ids->start[index + 1] - from == count && memcmp(ids->text + from, bytes, count) == 0;
}

/* The slot that holds the id, or the empty one where it belongs. */
static size_t probe(const base_ids *ids, const char *bytes, size_t count)
{
    size_t mask = ids->slots - 1, at = (size_t)base_hash(bytes, count) & mask;
    while (ids->slot[at] && !same(ids, ids->slot[at] - 1, bytes, count)) at = (at + 1) & mask;
    return at;
}

int64_t base_ids_find(const base_ids *ids, const char *bytes, size_t count)
{
    if (ids->slots == 0) return -1;
    return (int64_t)ids->slot[probe(ids, bytes, count)] - 1;
}

static bool rehash(base_ids *ids, size_t slots)
{
    uint32_t *slot = calloc(slots, sizeof *slot);
    if (!slot) return false;
    free(ids->slot);
    ids->slot = slot;
    ids->slots = slots;
    for (size_t k = 0; k < ids->count; k++) {
        size_t at = (size_t)base_hash(ids->text + ids->start[k], ids->start[k + 1] - ids->start[k]) & (slots - 1);
        while (slot[at]) at = (at + 1) & (slots - 1);
        slot[at] = (uint32_t)k + 1;
    }
    return true;
}

int64_t base_ids_append(base_ids *ids, const char *bytes, size_t count)
{
    if (ids->count >= INT32_MAX) return -1;
    uint64_t used = ids->count ? ids->start[ids->count] : 0;
    if (!base_grow(&ids->start, &ids->start_capacity, ids->count + 2, sizeof *ids->start) ||
        !base_grow(&ids->text, &ids->text_capacity, (size_t)used + count + 1, 1))
        return -1;
    memcpy(ids->text + used, bytes, count);
    ids->start[ids->count] = used;
    ids->start[++ids->count] = used + count;
    return (int64_t)ids->count - 1;
}

bool base_ids_settle(base_ids *ids)
{
    size_t slots = 64;
    while (slots < 2 * ids->count) slots *= 2;
    return rehash(ids, slots);
}

int64_t base_ids_add(base_ids *ids, const char *bytes, size_t count)
{
    if (ids->slots == 0 && !rehash(ids, 64)) return -1;
    size_t at = probe(ids, bytes, count);
    if (ids->slot[at]) return (int64_t)ids->slot[at] - 1;
    if (2 * (ids->count + 1) > ids->slots) {
        if (ids->slots > SIZE_MAX / 2 || !rehash(ids, ids->slots * 2)) return -1;
        at = probe(ids, bytes, count);
    }
    int64_t number = base_ids_append(ids, bytes, count);
    if (number >= 0) ids->slot[at] = (uint32_t)number + 1;
    return number;
}

const char *base_ids_get(const base_ids *ids, int64_t index, size_t *length)
{
    if (length) *length = (size_t)(ids->start[index + 1] - ids->start[index]);
    return ids->text + ids->start[index];
}

bool base_ids_copy(base_ids *to, const base_ids *from, const int32_t *keep)
{
    *to = (base_ids){0};
    size_t count = 0, bytes = 0, slots = 64;
    for (size_t k = 0; k < from->count; k++) {
        if (keep && keep[k] < 0) continue;
        count++;
        bytes += (size_t)(from->start[k + 1] - from->start[k]);
    }
    if (!base_grow(&to->start, &to->start_capacity, count + 1, sizeof *to->start) ||
        !base_grow(&to->text, &to->text_capacity, bytes + 1, 1)) {
        base_ids_clear(to);
        return false;
    }
    uint64_t used = 0;
    for (size_t k = 0; k < from->count; k++) {
        if (keep && keep[k] < 0) continue;
        size_t length;
        const char *text = base_ids_get(from, (int64_t)k, &length);
        memcpy(to->text + used, text, length);
        to->start[to->count++] = used;
        used += length;
    }
    to->start[to->count] = used;
    while (slots < 2 * count) slots *= 2;
    if (!rehash(to, slots)) {
        base_ids_clear(to);
        return false;
    }
    return true;
}

void base_ids_clear(base_ids *ids)
{
    if (ids->start_capacity) {
        free(ids->text);
        free(ids->start);
        free(ids->slot);
    }
    else if (ids->slots && !ids->start) {
        free(ids->slot); /* no id was ever added */
    }
    *ids = (base_ids){0};
}
