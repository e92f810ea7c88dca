/* The matrix room: ids and sparse matrices against plain loops over dense arrays, and who holds them. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "data/log.h"
#include "suites.h"

START_TEST(ids_find_what_was_added)
{
    id_set set = {0};
    char text[32];
    ck_assert_int_eq(id_set_find(&set, "x", 1), -1);
    for (int k = 0; k < 5000; k++) {
        int n = snprintf(text, sizeof text, "user-%d", k * 7);
        ck_assert_int_eq(id_set_add(&set, text, (size_t)n), k);
        ck_assert_int_eq(id_set_add(&set, text, (size_t)n), k);
    }
    ck_assert_int_eq(id_set_add(&set, "a\xff\x01", 3), 5000);
    ck_assert_int_eq(id_set_add(&set, "a\xff", 2), 5001);
    ck_assert_int_eq(id_set_append(&set, "", 0), 5002);
    ck_assert_int_eq(id_set_find(&set, "a\xff", 2), -1); /* there is no table by now */
    ck_assert_int_eq(id_set_add(&set, "a\xff", 2), 5001);
    ck_assert_int_eq(id_set_find(&set, "", 0), 5002);
    id_map *all = id_set_finish(&set);
    ck_assert_int_eq(set.count, 0);
    ck_assert_int_eq(all->count, 5003);
    ck_assert_int_eq(id_map_find(all, "a\xff", 2), 5001);
    ck_assert_int_eq(id_map_find(all, "a", 1), -1);
    ck_assert_int_eq(id_map_find(all, "", 0), 5002);
    int32_t keep[5003];
    for (int k = 0; k < 5003; k++) keep[k] = k % 2 ? -1 : k / 2;
    id_map *half = id_map_subset(all, keep);
    ck_assert_int_eq(half->count, 2502);
    ck_assert_int_eq(id_map_find(half, "user-14", 7), 1);
    ck_assert_int_eq(id_map_find(half, "user-7", 6), -1);
    size_t length;
    const char *got = id_map_get(half, 2500, &length);
    ck_assert(length == 3 && memcmp(got, "a\xff\x01", 3) == 0);

    int32_t *number = id_map_match(half, all, NULL), *back = id_map_match(all, half, NULL), *own = id_map_match(all, all, NULL);
    for (int k = 0; k < 2502; k++) ck_assert_int_eq(number[k], 2 * k);
    for (int k = 0; k < 5003; k++) ck_assert(back[k] == keep[k] && own[k] == k);
    base_free(number);
    base_free(back);
    base_free(own);
    ck_assert(id_map_same(all, all) && !id_map_same(all, half));
    id_map *both = id_map_unite(half, all), *again = id_map_unite(both, half);
    ck_assert_int_eq(both->count, 5003);
    ck_assert_int_eq(id_map_find(both, "user-14", 7), 1);
    ck_assert_int_eq(id_map_find(both, "user-7", 6), 2502); /* the first that half lacks */
    ck_assert(again != both && id_map_same(again, both) && !id_map_same(again, all));
    id_map *maps[] = {all, half, both, again};
    for (int k = 0; k < 4; k++) id_map_drop(maps[k]);
}
END_TEST

START_TEST(no_id_is_a_map_too)
{
    id_set set = {0};
    id_map *none = id_set_finish(&set), *more;
    ck_assert_int_eq(none->count, 0);
    ck_assert_int_eq(id_map_find(none, "", 0), -1);
    more = id_map_unite(none, none);
    ck_assert(id_map_same(none, more));
    id_map_drop(none);
    id_map_drop(more);
    id_map_drop(NULL);
    matrix_drop(NULL);
    mapped_file_drop(NULL);
}
END_TEST

/* ---- matrices */

enum { ROWS = 37, COLUMNS = 23 };

typedef struct dense {
    bool at[ROWS + 5][COLUMNS + 5];
} dense;

static matrix *sparse(const dense *d, int64_t rows, int64_t columns)
{
    int64_t *start = base_alloc((size_t)rows + 1, sizeof *start), n = 0;
    int32_t *index = base_alloc((size_t)(rows * columns), sizeof *index);
    for (int64_t r = 0; r < rows; r++) {
        for (int32_t c = 0; c < columns; c++)
            if (d->at[r][c]) index[n++] = c;
        start[r + 1] = n;
    }
    return matrix_new(rows, columns, start, index);
}

/* Some rows and columns are empty, one row is full. */
static void fill(dense *d, uint64_t seed)
{
    base_stream s = {seed};
    memset(d, 0, sizeof *d);
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLUMNS; c++) d->at[r][c] = r == 11 || (r % 7 && c % 5 && base_below(&s, 3) == 0);
}

static void check_equal(const matrix *m, const dense *d, int64_t rows, int64_t columns)
{
    int64_t n = 0;
    ck_assert_int_eq(m->rows, rows);
    ck_assert_int_eq(m->columns, columns);
    for (int64_t r = 0; r < rows; r++) {
        ck_assert_int_eq(m->start[r], n);
        for (int32_t c = 0; c < columns; c++)
            if (d->at[r][c]) ck_assert_int_eq(m->index[n++], c);
    }
    ck_assert_int_eq(m->start[rows], n);
    ck_assert_int_eq(m->nnz, n);
}

START_TEST(an_element_is_found_where_it_stands)
{
    dense d;
    fill(&d, 1);
    matrix *m = sparse(&d, ROWS, COLUMNS);
    int64_t n = 0;
    for (int64_t r = 0; r < ROWS; r++)
        for (int32_t c = 0; c < COLUMNS; c++) ck_assert_int_eq(matrix_find(m, r, c), d.at[r][c] ? n++ : -1);
    int32_t *row = matrix_rows_of(m);
    for (int64_t k = 0; k < m->nnz; k++) ck_assert(d.at[row[k]][m->index[k]] && k >= m->start[row[k]] && k < m->start[row[k] + 1]);
    base_free(row);
    int64_t *count = matrix_column_counts(m);
    for (int c = 0; c < COLUMNS; c++) {
        int64_t expected = 0;
        for (int r = 0; r < ROWS; r++) expected += d.at[r][c];
        ck_assert_int_eq(count[c], expected);
    }
    base_free(count);
    matrix_drop(m);
}
END_TEST

START_TEST(transposed_and_in_parts)
{
    dense d, turned, part[2];
    uint8_t *mark;
    fill(&d, 2);
    matrix *m = sparse(&d, ROWS, COLUMNS);
    /* a matrix of 37 by 23 turned over does not fit a dense one: its rows are checked one by one */
    matrix *t = matrix_transpose(m), *again = matrix_transpose(t);
    check_equal(again, &d, ROWS, COLUMNS);
    ck_assert(t->rows == COLUMNS && t->columns == ROWS && t->nnz == m->nnz);
    for (int64_t c = 0, n = 0; c < COLUMNS; c++) {
        ck_assert_int_eq(t->start[c], n);
        for (int32_t r = 0; r < ROWS; r++)
            if (d.at[r][c]) ck_assert_int_eq(t->index[n++], r);
    }
    memset(part, 0, sizeof part);
    memset(&turned, 0, sizeof turned);
    mark = malloc((size_t)m->nnz);
    for (int64_t r = 0; r < ROWS; r++)
        for (int64_t k = m->start[r]; k < m->start[r + 1]; k++) {
            mark[k] = (uint8_t)(7 + (r + m->index[k]) % 2);
            part[mark[k] - 7].at[r][m->index[k]] = true;
        }
    matrix *even = matrix_subset(m, mark, 7), *odd = matrix_subset(m, mark, 8), *none = matrix_subset(m, mark, 9);
    check_equal(even, &part[0], ROWS, COLUMNS);
    check_equal(odd, &part[1], ROWS, COLUMNS);
    check_equal(none, &turned, ROWS, COLUMNS); /* nothing */
    matrix *all[] = {m, t, again, even, odd, none};
    for (int k = 0; k < 6; k++) matrix_drop(all[k]);
    free(mark);
}
END_TEST

START_TEST(united_and_grown)
{
    dense d, e, both;
    int32_t row[ROWS], column[COLUMNS];
    fill(&d, 3);
    fill(&e, 4);
    both = d;
    for (int r = 0; r < ROWS; r++) row[r] = r % 4 == 3 ? -1 : (r * 5 + 2) % ROWS; /* 5 and 37 have no common divisor */
    for (int c = 0; c < COLUMNS; c++) column[c] = c % 6 == 1 ? -1 : COLUMNS - 1 - c;
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLUMNS; c++)
            if (e.at[r][c] && row[r] >= 0 && column[c] >= 0) both.at[row[r]][column[c]] = true;
    matrix *m = sparse(&d, ROWS, COLUMNS), *other = sparse(&e, ROWS, COLUMNS), *united = matrix_unite(m, other, row, column);
    check_equal(united, &both, ROWS, COLUMNS);
    check_equal(m, &d, ROWS, COLUMNS);
    matrix *grown = matrix_grow(m, ROWS + 5, COLUMNS + 2);
    check_equal(grown, &d, ROWS + 5, COLUMNS + 2);
    matrix *all[] = {m, other, united, grown};
    for (int k = 0; k < 4; k++) matrix_drop(all[k]);
}
END_TEST

/* ---- who holds what */

/* the parts of a split hold the log's ids, and go on when it is gone */
START_TEST(parts_share_their_log)
{
    enum { PAIRS = 400 };
    int32_t user[PAIRS], item[PAIRS];
    tamis_log *log, *part[3];
    tamis_split_options o;
    size_t length;
    for (int k = 0; k < PAIRS; k++) {
        user[k] = k % 20;
        item[k] = k / 20;
    }
    tamis_split_options_default(&o);
    o.validation_ratio = 0.1;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, PAIRS, 20, 20, &log, NULL), TAMIS_OK);
    ck_assert_int_eq(tamis_log_split(log, &o, &part[0], &part[1], &part[2], NULL), TAMIS_OK);
    for (int k = 0; k < 3; k++)
        ck_assert(part[k]->user_ids == log->user_ids && part[k]->item_ids == log->item_ids && part[k]->matrix != log->matrix);
    tamis_log_free(log);
    tamis_log_free(part[0]);
    const char *id = tamis_log_user_id(part[1], 17, &length);
    ck_assert(length == 2 && memcmp(id, "17", 2) == 0);
    tamis_log_free(part[1]);
    tamis_log_free(part[2]);
}
END_TEST

typedef struct held {
    id_map *ids;
    matrix *m;
    int64_t wrong;
} held;

static void *hold_and_drop(void *context)
{
    held *h = context;
    for (int k = 0; k < 20000; k++) {
        id_map *ids = id_map_hold(h->ids);
        matrix *m = matrix_hold(h->m);
        h->wrong += id_map_find(ids, "b", 1) != 1 || matrix_find(m, 0, 1) != 0;
        matrix_drop(m);
        id_map_drop(ids);
    }
    id_map_drop(h->ids);
    matrix_drop(h->m);
    return NULL;
}

/* each thread is given a hold of its own; the last one to end frees */
START_TEST(counted_by_many_threads)
{
    enum { THREADS = 4 };
    pthread_t thread[THREADS];
    held h[THREADS];
    id_set set = {0};
    ck_assert(id_set_add(&set, "a", 1) == 0 && id_set_add(&set, "b", 1) == 1);
    id_map *ids = id_set_finish(&set);
    int64_t *start = base_alloc(2, sizeof *start);
    int32_t *index = base_alloc(1, sizeof *index);
    start[1] = 1;
    index[0] = 1;
    matrix *m = matrix_new(1, 2, start, index);
    for (int t = 0; t < THREADS; t++) {
        h[t] = (held){id_map_hold(ids), matrix_hold(m), 0};
        ck_assert_int_eq(pthread_create(&thread[t], NULL, hold_and_drop, &h[t]), 0);
    }
    id_map_drop(ids);
    matrix_drop(m);
    for (int t = 0; t < THREADS; t++) {
        ck_assert_int_eq(pthread_join(thread[t], NULL), 0);
        ck_assert_int_eq(h[t].wrong, 0);
    }
}
END_TEST

/* a map and a matrix keep the pages that they lie in */
START_TEST(pages_stay_as_long_as_what_lies_in_them)
{
    struct layout {
        uint64_t start[3];
        int64_t rows[3];
        uint32_t slot[64];
        int32_t index[2];
        char text[2];
    } *at = mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(at != MAP_FAILED);
    *at = (struct layout){{0, 1, 2}, {0, 1, 2}, {0}, {1, 0}, {'a', 'b'}};
    for (int k = 0; k < 2; k++) at->slot[base_hash(&at->text[k], 1) % 64] = (uint32_t)k + 1;
    mapped_file *file = mapped_file_new(at, sizeof *at);
    ck_assert(mapped_file_has(file, at) && mapped_file_has(file, (char *)at + sizeof *at - 1) && !mapped_file_has(file, (char *)at + sizeof *at));
    ck_assert(!mapped_file_has(file, (char *)at - 1) && !mapped_file_has(NULL, NULL) && !mapped_file_has(file, NULL));
    const id_map arrays = {.count = 2, .slots = 64, .text = at->text, .start = at->start, .slot = at->slot};
    const matrix rows = {.rows = 2, .columns = 2, .nnz = 2, .start = at->rows, .index = at->index};
    id_map *ids = id_map_new_mapped(&arrays, file);
    matrix *m = matrix_new_mapped(&rows, file);
    mapped_file_drop(file);
    ck_assert_int_eq(id_map_find(ids, "b", 1), 1);
    id_map_drop(ids);
    ck_assert_int_eq(matrix_find(m, 1, 0), 1);
    matrix_drop(m); /* under a sanitizer: nothing is left */
}
END_TEST

Suite *matrix_suite(void)
{
    Suite *suite = suite_create("matrix");
    TCase *tests = tcase_create("matrix");
    tcase_add_test(tests, ids_find_what_was_added);
    tcase_add_test(tests, no_id_is_a_map_too);
    tcase_add_test(tests, an_element_is_found_where_it_stands);
    tcase_add_test(tests, transposed_and_in_parts);
    tcase_add_test(tests, united_and_grown);
    tcase_add_test(tests, parts_share_their_log);
    tcase_add_test(tests, counted_by_many_threads);
    tcase_add_test(tests, pages_stay_as_long_as_what_lies_in_them);
    suite_add_tcase(suite, tests);
    return suite;
}
