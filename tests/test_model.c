/* The model in memory and on disk: what is saved is loaded, and no damaged or crafted file gets through. */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/random.h"
#include "data/log.h"
#include "model/container.h"
#include "model/model.h"
#include "suites.h"

static char folder[64], path[96];

static void make_folder(void)
{
    strcpy(folder, "/tmp/tamis-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/model.tamis", folder);
}

static void remove_folder(void)
{
    static const char *const names[] = {"model.tamis",   "again.tamis",  "user_factors.npy", "item_factors.npy",
                                        "item_bias.npy", "user_ids.txt", "item_ids.txt", "tamis.manifest"};
    char name[128];
    for (size_t k = 0; k < BASE_COUNT(names); k++) {
        snprintf(name, sizeof name, "%s/%s", folder, names[k]);
        unlink(name);
    }
    ck_assert_int_eq(rmdir(folder), 0); /* nothing else was left behind */
}

/* Ids up to a NULL. */
static id_map *ids_of(const char *const *ids)
{
    id_set set = {0};
    for (; *ids; ids++) ck_assert_int_ge(id_set_add(&set, *ids, strlen(*ids)), 0);
    return id_set_finish(&set);
}

/* A model of these users and items, who holds them alone. */
static tamis_model *model_of(const char *const *users, const char *const *items, const int64_t *start, const int32_t *seen, int64_t factors,
                             bool bias)
{
    id_map *user_ids = ids_of(users), *item_ids = ids_of(items);
    const size_t rows = (size_t)user_ids->count, pairs = (size_t)start[rows];
    int64_t *own_start = base_alloc(rows + 1, sizeof *own_start);
    int32_t *own_seen = base_alloc(pairs, sizeof *own_seen);
    memcpy(own_start, start, (rows + 1) * sizeof *own_start);
    if (pairs) memcpy(own_seen, seen, pairs * sizeof *own_seen);
    matrix *m = matrix_new(user_ids->count, item_ids->count, own_start, own_seen);
    tamis_model *model;
    ck_assert_int_eq(model_new(user_ids, item_ids, m, factors, bias, &model, NULL), TAMIS_OK);
    id_map_drop(user_ids);
    id_map_drop(item_ids);
    matrix_drop(m);
    return model;
}

/* Three users, four items, three factors; user 1 has seen nothing. */
static tamis_model *small_model(bool bias)
{
    static const char *const users[] = {"u0", "", "zo\xC3\xAB", NULL}, *const items[] = {"a", "item, the second", "\xFF\xFE", "d", NULL};
    static const int64_t start[] = {0, 2, 2, 5};
    static const int32_t seen[] = {1, 3, 0, 1, 2};
    tamis_model *model = model_of(users, items, start, seen, 3, bias);
    for (int r = 0; r < 3; r++)
        for (int k = 0; k < 3; k++) model->user_factors[r * 16 + k] = (float)(10 * r + k) / 8;
    for (int r = 0; r < 4; r++)
        for (int k = 0; k < 3; k++) model->item_factors[r * 16 + k] = -(float)(100 * r + k);
    for (int r = 0; bias && r < 4; r++) model->item_bias[r] = (float)r / 2;
    ck_assert(model_add_note(model, "method", "bpr"));
    ck_assert(model_add_note(model, "learning-rate", "0.05"));
    ck_assert(model_add_note(model, "odd=name", "two\nlines = one"));
    ck_assert(model_add_note(model, "empty", ""));
    return model;
}

static void same_note(const tamis_model *model, size_t index, const char *name, const char *value)
{
    const char *told;
    ck_assert_str_eq(tamis_model_note(model, index, &told), name);
    ck_assert_str_eq(told, value);
}

static void check_small(const tamis_model *model, bool bias)
{
    size_t stride, length;
    int64_t count;
    ck_assert_int_eq(tamis_model_users(model), 3);
    ck_assert_int_eq(tamis_model_items(model), 4);
    ck_assert_int_eq(tamis_model_factors(model), 3);
    ck_assert_int_eq(tamis_model_interactions(model), 5);
    const float *p = tamis_model_user_factors(model, &stride), *q = tamis_model_item_factors(model, NULL);
    ck_assert_uint_eq(stride, 16);
    ck_assert_uint_eq((uintptr_t)p % 64 + (uintptr_t)q % 64, 0);
    ck_assert(p[2 * 16 + 1] == 21.0f / 8 && p[2 * 16 + 3] == 0 && q[3 * 16 + 2] == -302);
    ck_assert(bias ? tamis_model_item_bias(model)[3] == 1.5f : !tamis_model_item_bias(model));
    ck_assert_int_eq(tamis_model_row(model, 0, &count)[1], 3);
    ck_assert_int_eq(count, 2);
    tamis_model_row(model, 1, &count);
    ck_assert_int_eq(count, 0);
    ck_assert_mem_eq(tamis_model_item_id(model, 2, &length), "\xFF\xFE", 2);
    ck_assert_uint_eq(length, 2);
    ck_assert_int_eq(tamis_model_find_user(model, "zo\xC3\xAB", 4), 2);
    ck_assert_int_eq(tamis_model_find_user(model, "", 0), 1);
    ck_assert_int_eq(tamis_model_find_item(model, "item, the second", 16), 1);
    ck_assert_int_eq(tamis_model_find_item(model, "item", 4), -1);
    tamis_model_user_id(model, 1, &length);
    ck_assert_uint_eq(length, 0);
    same_note(model, 0, "method", "bpr");
    same_note(model, 1, "learning-rate", "0.05");
    same_note(model, 2, "odd name", "two lines = one");
    same_note(model, 3, "empty", "");
    ck_assert_ptr_null(tamis_model_note(model, 4, NULL));
}

static unsigned char *read_file(const char *name, size_t *size)
{
    FILE *file = fopen(name, "rb");
    ck_assert_ptr_nonnull(file);
    unsigned char *bytes = malloc(1 << 20);
    *size = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

static void write_file(const char *name, const void *bytes, size_t size)
{
    unlink(name); /* writing over a file makes some file systems flush it, thousands of times here */
    FILE *file = fopen(name, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

static unsigned char *saved_small(bool bias, size_t *size)
{
    tamis_model *model = small_model(bias);
    ck_assert_int_eq(tamis_model_save(model, path, NULL), TAMIS_OK);
    tamis_model_free(model);
    return read_file(path, size);
}

/* Expects the file to be refused with a sentence that names it and holds `words`. */
static void refused(tamis_status status, const char *words)
{
    tamis_model *model = (tamis_model *)1;
    tamis_error error;
    ck_assert_int_eq(tamis_model_load(path, &model, &error), status);
    ck_assert_ptr_null(model);
    ck_assert_msg(strstr(error.text, "model.tamis") && strstr(error.text, words), "%s (expected: %s)", error.text,
                  words);
    ck_assert_int_ne(error.text[strlen(error.text) - 1], '.');
}

START_TEST(round_trip)
{
    char again[96];
    snprintf(again, sizeof again, "%s/again.tamis", folder);
    for (int bias = 0; bias < 2; bias++) {
        tamis_model *model = small_model(bias), *loaded;
        tamis_error error = {"stale"};
        check_small(model, bias);
        ck_assert_int_eq(tamis_model_save(model, path, &error), TAMIS_OK);
        ck_assert_str_eq(error.text, "");
        ck_assert_int_eq(tamis_model_load(path, &loaded, &error), TAMIS_OK);
        check_small(loaded, bias);
        /* a loaded model saves to the same bytes, also over the file it is mapped from */
        size_t size, size_again;
        ck_assert_int_eq(tamis_model_save(loaded, again, &error), TAMIS_OK);
        ck_assert_int_eq(tamis_model_save(loaded, path, &error), TAMIS_OK);
        unsigned char *one = read_file(path, &size), *two = read_file(again, &size_again);
        ck_assert_uint_eq(size, size_again);
        ck_assert_mem_eq(one, two, size);
        check_small(loaded, bias);
        free(one);
        free(two);
        tamis_model_free(model);
        tamis_model_free(loaded);
    }
    tamis_model_free(NULL);
}
END_TEST

START_TEST(every_flip)
{
    size_t size;
    unsigned char *bytes = saved_small(true, &size);
    for (size_t k = 0; k < size; k++)
        for (unsigned bit = 1; bit < 256; bit = bit == 1 ? 0x80 : bit == 0x80 ? 0xFF : 256) {
            tamis_model *model;
            tamis_error error = {""};
            bytes[k] ^= (unsigned char)bit;
            write_file(path, bytes, size);
            bytes[k] ^= (unsigned char)bit;
            ck_assert_msg(tamis_model_load(path, &model, &error) == TAMIS_DATA, "byte %zu, bits %x", k, bit);
            ck_assert_ptr_null(model);
            ck_assert_uint_gt(strlen(error.text), 20);
        }
    free(bytes);
}
END_TEST

START_TEST(every_length)
{
    size_t size;
    unsigned char *bytes = saved_small(false, &size);
    for (size_t length = 0; length < size; length++) {
        write_file(path, bytes, length);
        refused(TAMIS_DATA, length == 0 ? "is empty" : "is truncated");
    }
    bytes[size] = 0;
    write_file(path, bytes, size + 1);
    refused(TAMIS_DATA, "more than");
    free(bytes);
}
END_TEST

/* ---- files with the right checksums, made to deceive */

static uint32_t checksum(const void *bytes, size_t size)
{
    return (uint32_t)crc32(0, bytes, (unsigned)size);
}

static container_section *section_of(unsigned char *bytes, const char *name)
{
    uint32_t count;
    memcpy(&count, bytes + 24, 4);
    container_section *table = (container_section *)(void *)(bytes + 64);
    for (uint32_t k = 0; k < count; k++)
        if (strncmp(table[k].name, name, 24) == 0) return &table[k];
    ck_abort_msg("no section %s", name);
    return NULL;
}

/* The checksums of blocks of 64 KiB, which in these small files are those of whole sections. */
static void seal_blocks(unsigned char *bytes, size_t size, const container_section *table, uint32_t count)
{
    uint32_t sums[32], used = 0;
    for (uint32_t k = 0; k < count && k < 32 && 64 + (k + 1) * sizeof *table <= size; k++) {
        if (table[k].offset > size || table[k].size > size - table[k].offset) return;
        if (strncmp(table[k].name, "block_crc32", 24) == 0 && table[k].size == used * sizeof *sums)
            memcpy(bytes + table[k].offset, sums, used * sizeof *sums);
        if (table[k].size) sums[used++] = checksum(bytes + table[k].offset, (size_t)table[k].size);
    }
}

static void seal(unsigned char *bytes, size_t size)
{
    uint32_t count, sum;
    memcpy(&count, bytes + 24, 4);
    container_section *table = (container_section *)(void *)(bytes + 64);
    seal_blocks(bytes, size, table, count);
    for (uint32_t k = 0; k < count && 64 + (k + 1) * sizeof *table <= size; k++)
        if (table[k].offset <= size && table[k].size <= size - table[k].offset)
            table[k].crc32 = checksum(bytes + table[k].offset, (size_t)table[k].size);
    if (64 + (uint64_t)count * sizeof *table <= size) {
        sum = checksum(table, count * sizeof *table);
        memcpy(bytes + 28, &sum, 4);
    }
    sum = checksum(bytes, 60);
    memcpy(bytes + 60, &sum, 4);
}

/* Overwrites bytes of a section, or of the header when it is NULL, seals and expects to be refused. */
static void craft(const char *section, size_t at, const void *value, size_t length, const char *words)
{
    size_t size;
    unsigned char *bytes = saved_small(true, &size);
    memcpy(bytes + (section ? (size_t)section_of(bytes, section)->offset : 0) + at, value, length);
    seal(bytes, size);
    write_file(path, bytes, size);
    refused(TAMIS_DATA, words);
    free(bytes);
}

START_TEST(crafted)
{
    const uint32_t three = 3, swapped = 0x04030201, many = 0xFFFFFFFF;
    const uint64_t huge = UINT64_MAX - 7, small = 1, zero = 0;
    const int64_t minus = -1, most = INT64_MAX, five = 5;
    const int32_t item = 4, below = -1, same = 3;
    const float nan_value = NAN, infinite = -INFINITY, one = 1;
    craft(NULL, 12, &three, 4, "written by a newer version (3); this program reads versions 1 to 2");
    craft(NULL, 8, &swapped, 4, "other byte order");
    craft(NULL, 24, &many, 4, "4294967295 sections");
    craft(NULL, 16, &huge, 8, "is truncated: holds");
    craft(NULL, 40, &small, 8, "header is damaged");
    craft("shape", 0, &minus, 8, "sizes that no model has");
    craft("shape", 0, &most, 8, "sizes that no model has");
    craft("shape", 0, &five, 8, "\"user_ids.start\" holds");
    craft("shape", 8, &five, 8, "\"item_ids.start\" holds");
    craft("shape", 16, &minus, 8, "sizes that no model has");
    craft("shape", 24, &most, 8, "sizes that no model has");
    craft("notes", 0, "\n", 1, "name=value");
    craft("notes", 1, "\0", 1, "name=value");
    craft("user_ids.start", 0, &small, 8, "does not cover");
    craft("user_ids.start", 8, &huge, 8, "does not ascend");
    craft("item_ids.start", 32, &huge, 8, "does not cover");
    craft("item_ids.slot", 0, &many, 4, "slot out of range");
    craft("item_ids.slot", 0, "\1\1\1\1\1\1\1", 7, "slot");
    craft("seen_start", 0, &small, 8, "does not cover");
    craft("seen_start", 8, &huge, 8, "does not ascend");
    craft("seen_start", 24, &huge, 8, "does not cover");
    craft("seen_start", 24, &zero, 8, "does not cover");
    craft("seen_item", 0, &item, 4, "out of range");
    craft("seen_item", 0, &below, 4, "out of range");
    craft("seen_item", 0, &same, 4, "out of order");
    craft("user_factors", 4, &nan_value, 4, "not finite");
    craft("item_factors", 2 * 64 + 8, &infinite, 4, "row 2");
    craft("item_factors", 12, &one, 4, "padding");
    craft("item_bias", 0, &nan_value, 4, "\"item_bias\"");
}
END_TEST

static void craft_table(const char *section, size_t at, const void *value, size_t length, const char *words)
{
    size_t size;
    unsigned char *bytes = saved_small(true, &size);
    memcpy((unsigned char *)section_of(bytes, section) + at, value, length);
    seal(bytes, size);
    write_file(path, bytes, size);
    refused(TAMIS_DATA, words);
    free(bytes);
}

START_TEST(crafted_table)
{
    const uint64_t huge = UINT64_MAX - 63, zero = 0, large = 1 << 20;
    craft_table("seen_item", 24, &huge, 8, "does not lie within");
    craft_table("seen_item", 24, &zero, 8, "does not lie within");
    craft_table("seen_item", 32, &huge, 8, "does not lie within");
    craft_table("item_bias", 32, &large, 8, "does not lie within");
    craft_table("item_bias", 32, &zero, 8, "does not lie within");
    craft_table("block_crc32", 32, &zero, 8, "sections end at");
    craft_table("shape", 0, "\x1B[2Jshape", 9, "has no section \"shape\"");
    craft_table("item_factors", 0, "item_factorsitem_factors", 24, "does not lie within");
    craft_table("item_factors", 44, "\1", 1, "does not lie within");
    craft_table("user_factors", 0, "x", 1, "has no section \"user_factors\"");
}
END_TEST

static void use(const tamis_model *model)
{
    for (int64_t u = 0; u < model->users; u++) {
        size_t length;
        int64_t count;
        const char *id = tamis_model_user_id(model, u, &length);
        (void)tamis_model_find_user(model, id, length);
        (void)tamis_model_find_item(model, "nobody", 6);
        const int32_t *row = tamis_model_row(model, u, &count);
        for (int64_t k = 0; k < count; k++) ck_assert(row[k] >= 0 && row[k] < model->items);
    }
    for (int64_t i = 0; i < model->items; i++)
        ck_assert(isfinite(tamis_model_item_factors(model, NULL)[(size_t)i * model->stride]));
}

/* Random damage under right checksums: refused or harmless. */
START_TEST(fuzz)
{
    uint64_t state = 88172645463325252;
    size_t size;
    unsigned char *good = saved_small(true, &size), *bytes = malloc(size);
    int accepted = 0;
    for (int n = 0; n < 6000; n++) {
        memcpy(bytes, good, size);
        for (int k = 0; k <= n % 3; k++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            size_t at = 8 + (size_t)((state >> 16) % (size - 8));
            bytes[at] = (unsigned char)(n & 8 ? 0xFF : n & 16 ? 0 : state);
        }
        seal(bytes, size);
        write_file(path, bytes, size);
        tamis_model *model;
        tamis_error error;
        tamis_status status = tamis_model_load(path, &model, &error);
        ck_assert(status == TAMIS_OK || status == TAMIS_DATA);
        ck_assert_int_eq(status == TAMIS_OK, model != NULL);
        if (model) use(model);
        accepted += model != NULL;
        tamis_model_free(model);
    }
    ck_assert_int_gt(accepted, 100); /* most damage to factors is just another model */
    free(bytes);
    free(good);
}
END_TEST

/* A later program's section is passed over. */
START_TEST(unknown_section)
{
    size_t size;
    unsigned char *bytes = saved_small(true, &size);
    container_part parts[16];
    size_t count = 0;
    uint32_t sections;
    memcpy(&sections, bytes + 24, 4);
    const container_section *table = (const container_section *)(const void *)(bytes + 64);
    for (uint32_t k = 0; k < sections; k++) {
        parts[count++] = (container_part){table[k].name, bytes + table[k].offset, (size_t)table[k].size};
        if (k == 2) parts[count++] = (container_part){"flip_factors", "12345", 5};
    }
    ck_assert_int_eq(container_write(path, parts, count, NULL), TAMIS_OK);
    tamis_model *model;
    ck_assert_int_eq(tamis_model_load(path, &model, NULL), TAMIS_OK);
    check_small(model, true);
    tamis_model_free(model);
    free(bytes);
}
END_TEST

static tamis_status load_some(const char *const *ids, size_t count, tamis_model **model, tamis_error *error)
{
    size_t length[8];
    for (size_t k = 0; k < count; k++) length[k] = strlen(ids[k]);
    return tamis_model_load_users(path, &(tamis_user_list){ids, length, count}, model, error);
}

/* the small model's user 2 and user 1 (whose id is empty), in this order, one of them asked for twice, one unknown */
START_TEST(some_users)
{
    const char *const ids[] = {"zo\xC3\xAB", "nobody", "", "zo\xC3\xAB"};
    size_t size, length;
    int64_t count, count_there;
    free(saved_small(true, &size));
    tamis_model *model, *all;
    tamis_error error;
    ck_assert_msg(load_some(ids, 4, &model, &error) == TAMIS_OK, "%s", error.text);
    ck_assert_int_eq(tamis_model_load(path, &all, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_model_users(model), 2);
    ck_assert_int_eq(tamis_model_items(model), 4);
    ck_assert_int_eq(tamis_model_find_user(model, "zo\xC3\xAB", 4), 0);
    ck_assert_int_eq(tamis_model_find_user(model, "", 0), 1);
    ck_assert_int_eq(tamis_model_find_user(model, "nobody", 6), -1);
    for (int64_t u = 0; u < 2; u++) {
        tamis_model_user_id(model, u, &length);
        ck_assert_uint_eq(length, u ? 0 : 4);
        ck_assert_mem_eq(tamis_model_user_factors(model, NULL) + 16 * u,
                         tamis_model_user_factors(all, NULL) + 16 * (2 - u), 16 * sizeof(float));
        const int32_t *row = tamis_model_row(model, u, &count), *there = tamis_model_row(all, 2 - u, &count_there);
        ck_assert_int_eq(count, count_there);
        ck_assert(count == 0 || memcmp(row, there, (size_t)count * sizeof *row) == 0);
    }
    ck_assert_mem_eq(tamis_model_item_factors(model, NULL), tamis_model_item_factors(all, NULL), 4 * 16 * sizeof(float));
    same_note(model, 0, "method", "bpr");
    ck_assert_int_eq(tamis_model_save(model, path, &error), TAMIS_OK); /* it is a model like any other */
    tamis_model_free(model);
    tamis_model_free(all);
    ck_assert_int_eq(tamis_model_load(path, &model, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_model_users(model), 2);
    tamis_model_free(model);
    ck_assert_int_eq(load_some(ids + 1, 1, &model, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_model_users(model), 0);
    tamis_model_free(model);
}
END_TEST

/* Whatever byte is damaged, it is refused: in this small file every block is a whole section, and user 2 needs them all. */
START_TEST(damage_to_some_users)
{
    const char *const ids[] = {"zo\xC3\xAB"};
    size_t size, unseen = 0;
    unsigned char *bytes = saved_small(true, &size);
    for (size_t k = 0; k < size; k++) {
        tamis_model *model;
        tamis_error error = {""};
        bytes[k] ^= 0x40;
        write_file(path, bytes, size);
        bytes[k] ^= 0x40;
        tamis_status status = load_some(ids, 1, &model, &error);
        ck_assert_msg(status == TAMIS_DATA || status == TAMIS_OK, "byte %zu", k);
        unseen += status == TAMIS_OK;
        if (status == TAMIS_DATA) {
            ck_assert_ptr_null(model);
            ck_assert_ptr_nonnull(strstr(error.text, "model.tamis"));
        }
        tamis_model_free(model);
    }
    ck_assert_uint_eq(unseen, 0);
    free(bytes);
}
END_TEST

/* random damage under right checksums */
START_TEST(crafted_for_some_users)
{
    const char *const ids[] = {"zo\xC3\xAB", ""};
    size_t size;
    unsigned char *good = saved_small(true, &size), *bytes = malloc(size);
    base_stream s = {4};
    for (int n = 0; n < 5000; n++) {
        memcpy(bytes, good, size);
        for (int k = 0; k <= n % 3; k++) bytes[64 + base_below(&s, (uint32_t)size - 64)] = (unsigned char)base_next(&s);
        seal(bytes, size);
        write_file(path, bytes, size);
        tamis_model *model;
        tamis_error error;
        tamis_status status = load_some(ids, 2, &model, &error);
        ck_assert(status == TAMIS_OK || status == TAMIS_DATA);
        if (model) use(model);
        tamis_model_free(model);
    }
    free(bytes);
    free(good);
}
END_TEST

/* Whatever 8 bytes stand at whatever place of the users' sections: refused or harmless, in both ways to load. */
START_TEST(extreme_numbers)
{
    static const uint64_t extreme[] = {0, 1, 6, INT32_MAX, UINT32_MAX, INT64_MAX, INT64_MAX - 1, (uint64_t)INT64_MIN, UINT64_MAX,
                                       (uint64_t)INT64_MIN + 1, UINT64_C(1) << 62, UINT64_MAX - 4};
    static const char *const sections[] = {"shape", "user_ids.start", "user_ids.slot", "seen_start", "seen_item", "item_ids.start"};
    const char *const ids[] = {"zo\xC3\xAB", "", "u0"};
    size_t size;
    unsigned char *good = saved_small(true, &size), *bytes = malloc(size);
    for (size_t s = 0; s < BASE_COUNT(sections); s++)
        for (size_t at = 0; at + 8 <= section_of(good, sections[s])->size; at += 4)
            for (size_t k = 0; k < BASE_COUNT(extreme); k++)
                for (int some = 0; some < 2; some++) {
                    tamis_model *model;
                    tamis_error error;
                    memcpy(bytes, good, size);
                    memcpy(bytes + section_of(good, sections[s])->offset + at, &extreme[k], 8);
                    seal(bytes, size);
                    write_file(path, bytes, size);
                    tamis_status status = some ? load_some(ids, 3, &model, &error) : tamis_model_load(path, &model, &error);
                    ck_assert(status == TAMIS_OK || status == TAMIS_DATA);
                    if (model) use(model);
                    tamis_model_free(model);
                }
    /* the issue's: a start so far below zero that its row's length is no int64 */
    const int64_t far = INT64_MIN + 1;
    memcpy(bytes, good, size);
    memcpy(bytes + section_of(good, "seen_start")->offset + 16, &far, 8);
    seal(bytes, size);
    write_file(path, bytes, size);
    tamis_model *model;
    tamis_error error;
    ck_assert_int_eq(load_some(ids, 3, &model, &error), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(error.text, "\"seen_start\" does not ascend"));
    free(bytes);
    free(good);
}
END_TEST

/* A copy outlives what is done to its file; a mapped model outlives another that takes its name. */
START_TEST(copies)
{
    char other[96];
    size_t size;
    tamis_model *copy, *mapped;
    tamis_error error;
    unsigned char *bytes = saved_small(true, &size);
    snprintf(other, sizeof other, "%s/other", folder);
    ck_assert_int_eq(tamis_model_load_copy(path, &copy, &error), TAMIS_OK);
    check_small(copy, true);
    ck_assert_int_eq(truncate(path, 0), 0);
    check_small(copy, true);
    write_file(path, bytes, size);
    ck_assert_int_eq(tamis_model_load(path, &mapped, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_model_save(copy, other, &error), TAMIS_OK);
    ck_assert_int_eq(rename(other, path), 0);
    check_small(mapped, true);
    tamis_model_free(mapped);
    tamis_model_free(copy);
    size_t again;
    unsigned char *saved = read_file(path, &again);
    ck_assert(again == size && memcmp(saved, bytes, size) == 0);
    /* refused like a mapped one */
    bytes[size - 1] ^= 1;
    write_file(path, bytes, size);
    ck_assert_int_eq(tamis_model_load_copy(path, &copy, &error), TAMIS_DATA);
    ck_assert_ptr_null(copy);
    write_file(path, bytes, size / 2);
    ck_assert_int_eq(tamis_model_load_copy(path, &copy, &error), TAMIS_DATA);
    ck_assert_int_eq(tamis_model_load_copy("/dev/null", &copy, &error), TAMIS_FAILURE);
    ck_assert_int_eq(tamis_model_load_copy(folder, &copy, &error), TAMIS_FAILURE);
    free(saved);
    free(bytes);
}
END_TEST

START_TEST(many_notes)
{
    enum { NOTES = 20000 };
    char name[32];
    tamis_model *model = small_model(false), *loaded;
    for (int k = 0; k < NOTES; k++) {
        snprintf(name, sizeof name, "note-%d", k);
        ck_assert(model_add_note(model, name, name + 5));
    }
    ck_assert_int_eq(tamis_model_save(model, path, NULL), TAMIS_OK);
    ck_assert_int_eq(tamis_model_load(path, &loaded, NULL), TAMIS_OK);
    same_note(loaded, 4, "note-0", "0");
    same_note(loaded, NOTES + 3, "note-19999", "19999");
    ck_assert_ptr_null(tamis_model_note(loaded, NOTES + 4, NULL));
    tamis_model_free(model);
    tamis_model_free(loaded);
}
END_TEST

/* Notes of a newer version, or of nobody: what cannot be used is told with the file's name, and is the file's fault; of a model in memory
 * that has no notes it is the caller's. */
START_TEST(notes_of_another_version)
{
    static const struct {
        const char *method, *options, *words;
    } notes[] = {
        {"tomorrow", "", "the method \"tomorrow\", which tamis 0.1.0 does not have; use the version that trained it, or train it anew"},
        {"to\x1Bmorrow", "", "the method \"to\\x1Bmorrow\", which"},
        {NULL, "", "does not say how it was trained"},
        {"itemknn", "", "does not hold what itemknn trains"}, /* it has factors */
        {"bpr", "negative-sampling=tomorrow", "there is no sampler \"tomorrow\""},
    };
    tamis_error error;
    for (size_t k = 0; k < BASE_COUNT(notes); k++) {
        tamis_model *model = small_model(false), *loaded, *folded;
        tamis_train_options o;
        tamis_history h;
        char options[80];
        snprintf(options, sizeof options, "%s", notes[k].options);
        char *value = strchr(options, '=');
        if (value) *value++ = '\0';
        model_clear_notes(model);
        if (notes[k].method) ck_assert(model_add_note(model, "method", notes[k].method));
        if (value) ck_assert(model_add_note(model, options, value));
        ck_assert_int_eq(tamis_model_train_options(model, &o, &error), notes[k].method ? TAMIS_DATA : TAMIS_USAGE);
        ck_assert_msg(strstr(error.text, notes[k].words) && !strstr(error.text, "model.tamis"), "%s", error.text);
        ck_assert_int_eq(tamis_model_save(model, path, &error), TAMIS_OK);
        tamis_model_free(model);
        ck_assert_int_eq(tamis_model_load(path, &loaded, &error), TAMIS_OK);
        ck_assert_int_eq(tamis_model_train_options(loaded, &o, &error), TAMIS_DATA);
        ck_assert_msg(strstr(error.text, "model.tamis: the model") && strstr(error.text, notes[k].words), "%s", error.text);
        tamis_history_default(&h);
        ck_assert_int_eq(tamis_model_fold_in(loaded, &h, &folded, &error), TAMIS_DATA);
        ck_assert_msg(strstr(error.text, "model.tamis: the model") && strstr(error.text, notes[k].words), "%s", error.text);
        tamis_model_free(loaded);
    }
}
END_TEST

START_TEST(no_model)
{
    tamis_model *model;
    tamis_error error;
    refused(TAMIS_FAILURE, "cannot open");
    ck_assert_int_eq(tamis_model_load(folder, &model, &error), TAMIS_FAILURE);
    ck_assert_ptr_nonnull(strstr(error.text, "is a directory"));
    ck_assert_int_eq(tamis_model_load("/dev/null", &model, &error), TAMIS_FAILURE);
    ck_assert_ptr_nonnull(strstr(error.text, "no regular file"));
    ck_assert_int_eq(mkfifo(path, 0600), 0); /* must not wait for a writer */
    refused(TAMIS_FAILURE, "no regular file");
    unlink(path);
    write_file(path, "user_id,item_id\n1,2\n", 20);
    refused(TAMIS_DATA, "not a tamis model");
    write_file(path, "\x89TAMIS\n\n", 8);
    refused(TAMIS_DATA, "not a tamis model");
    write_file(path, "x", 1);
    refused(TAMIS_DATA, "not a tamis model");
    tamis_model *small = small_model(false);
    ck_assert_int_eq(tamis_model_save(small, "/nowhere/at/all", &error), TAMIS_FAILURE);
    ck_assert_ptr_nonnull(strstr(error.text, "/nowhere/at/all"));
    tamis_model_free(small);
}
END_TEST

static void check_npy(const char *name, const char *dictionary, const float *values, size_t count)
{
    char file[128];
    size_t size, length = strlen(dictionary);
    snprintf(file, sizeof file, "%s/%s", folder, name);
    unsigned char *bytes = read_file(file, &size);
    size_t header = 10 + (size_t)bytes[8] + 256 * (size_t)bytes[9];
    ck_assert_mem_eq(bytes, "\x93NUMPY\x01\x00", 8);
    ck_assert_uint_eq(header % 64, 0);
    ck_assert_uint_eq(size, header + 4 * count);
    ck_assert_mem_eq(bytes + 10, dictionary, length);
    for (size_t k = 10 + length; k < header - 1; k++) ck_assert_int_eq(bytes[k], ' ');
    ck_assert_int_eq(bytes[header - 1], '\n');
    ck_assert_mem_eq(bytes + header, values, 4 * count);
    free(bytes);
}

static void check_text(const char *name, const char *expected)
{
    char file[128];
    size_t size;
    snprintf(file, sizeof file, "%s/%s", folder, name);
    unsigned char *bytes = read_file(file, &size);
    ck_assert_uint_eq(size, strlen(expected));
    ck_assert_mem_eq(bytes, expected, size);
    free(bytes);
}

START_TEST(export_all)
{
    static const float users[] = {0, .125f, .25f, 1.25f, 1.375f, 1.5f, 2.5f, 2.625f, 2.75f}, bias[] = {0, .5f, 1, 1.5f};
    static const float items[] = {-0.0f, -1, -2, -100, -101, -102, -200, -201, -202, -300, -301, -302};
    tamis_model *model = small_model(true);
    ck_assert_int_eq(tamis_model_export(model, folder, NULL), TAMIS_OK);
    check_npy("user_factors.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 3), }", users, 9);
    check_npy("item_factors.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }", items, 12);
    check_npy("item_bias.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", bias, 4);
    check_text("user_ids.txt", "u0\n\nzo\xC3\xAB\n");
    check_text("item_ids.txt", "a\nitem, the second\n\xFF\xFE\nd\n");
    tamis_model_free(model);
}
END_TEST

START_TEST(export_refused)
{
    static const char *const users[] = {"u", NULL}, *const items[] = {"two\nlines", NULL};
    static const int64_t start[] = {0, 0};
    tamis_model *model = model_of(users, items, start, NULL, 1, false);
    tamis_error error;
    char missing[96];
    snprintf(missing, sizeof missing, "%s/sub", folder);
    ck_assert_int_eq(tamis_model_export(model, missing, &error), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(error.text, "item id \"two\\x0Alines\" holds a line break"));
    ck_assert_int_ne(access(missing, F_OK), 0); /* nothing was made */
    tamis_model_free(model);
    model = small_model(false);
    write_file(path, "x", 1);
    ck_assert_int_eq(tamis_model_export(model, path, &error), TAMIS_FAILURE);
    tamis_model_free(model);
}
END_TEST

/* what is masked counts as seen, once, by id; what the model does not know is passed over */
START_TEST(masked_counts_as_seen)
{
    const int32_t user[] = {0, 0, 1}, item[] = {0, 2, 1}, more_user[] = {1, 1, 0, 5}, more_item[] = {1, 0, 9, 1};
    tamis_log *log, *more;
    tamis_model *model;
    int64_t n;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 3, 2, 3, &log, NULL), TAMIS_OK);
    ck_assert_int_eq(tamis_log_from_pairs(more_user, more_item, 4, 6, 10, &more, NULL), TAMIS_OK);
    ck_assert_int_eq(model_new(log->user_ids, log->item_ids, log->matrix, 4, false, &model, NULL), TAMIS_OK);
    for (int twice = 0; twice < 2; twice++) {
        ck_assert_int_eq(tamis_model_mask(model, more, NULL), TAMIS_OK);
        const int32_t *row = tamis_model_row(model, 0, &n);
        ck_assert(n == 2 && row[0] == 0 && row[1] == 2);
        row = tamis_model_row(model, 1, &n);
        ck_assert(n == 2 && row[0] == 0 && row[1] == 1);
    }
    tamis_model_free(model);
    tamis_log_free(log);
    tamis_log_free(more);
}
END_TEST

Suite *model_suite(void)
{
    Suite *suite = suite_create("model");
    TCase *tests = tcase_create("model");
    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    tcase_add_test(tests, masked_counts_as_seen);
    tcase_add_test(tests, round_trip);
    tcase_add_test(tests, every_flip);
    tcase_add_test(tests, every_length);
    tcase_add_test(tests, crafted);
    tcase_add_test(tests, crafted_table);
    tcase_add_test(tests, fuzz);
    tcase_add_test(tests, unknown_section);
    tcase_add_test(tests, some_users);
    tcase_add_test(tests, damage_to_some_users);
    tcase_add_test(tests, crafted_for_some_users);
    tcase_add_test(tests, extreme_numbers);
    tcase_add_test(tests, copies);
    tcase_add_test(tests, many_notes);
    tcase_add_test(tests, notes_of_another_version);
    tcase_add_test(tests, no_model);
    tcase_add_test(tests, export_all);
    tcase_add_test(tests, export_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
