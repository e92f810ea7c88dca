/* Cells that run side by side, in orders and with failures that are forced here: who is done first, who fails while others
 * are at work. What the files hold after each is written out by hand. */
#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/status.h"
#include "study/fill.h"
#include "suites.h"

enum { CELLS = 6 };
static const char columns[] = "digest,part,value";

static char directory[] = "/tmp/tamis-ledger-XXXXXX", path[64], waiting[64];
static study_digest digest[CELLS];
static ledger l;
static tamis_error error;
static int runs, told;   /* under lock */
static int stop_after;   /* 0: never */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int seen(const int *number)
{
    pthread_mutex_lock(&lock);
    const int now = *number;
    pthread_mutex_unlock(&lock);
    sched_yield();
    return now;
}

static tamis_status add(int64_t cell, study_text *rows)
{
    pthread_mutex_lock(&lock);
    runs++;
    pthread_mutex_unlock(&lock);
    for (int part = 0; part < 2; part++) study_add(rows, "%s,%d,0.%d\n", digest[cell], part, (int)cell);
    return TAMIS_OK;
}

static int tell(void *context, int64_t cell, int64_t done, int64_t cells)
{
    (void)context;
    if (cell < 0) return 0;
    pthread_mutex_lock(&lock);
    told++;
    pthread_mutex_unlock(&lock);
    ck_assert_int_eq(cells, CELLS);
    return stop_after && done >= stop_after;
}

static size_t lines(const char *file)
{
    char row[200];
    size_t count = 0;
    FILE *stream = fopen(file, "r");
    while (stream && fgets(row, sizeof row, stream)) count++;
    if (stream) fclose(stream);
    return count;
}

/* The file holds the first so many cells, in order. */
static void expect(int cells)
{
    char row[200], start[80];
    FILE *stream = fopen(path, "r");
    ck_assert_ptr_nonnull(stream);
    ck_assert_ptr_nonnull(fgets(row, sizeof row, stream));
    ck_assert_str_eq(row, "digest,part,value,check\n");
    for (int k = 0; k < 2 * cells; k++) {
        snprintf(start, sizeof start, "%s,%d,0.%d,", digest[k / 2], k % 2, k / 2);
        ck_assert_ptr_nonnull(fgets(row, sizeof row, stream));
        ck_assert_int_eq(strncmp(row, start, strlen(start)), 0);
        ck_assert_uint_eq(strlen(row), strlen(start) + 9);
    }
    ck_assert_ptr_null(fgets(row, sizeof row, stream));
    fclose(stream);
}

static tamis_status fill(tamis_status (*run)(void *, int64_t, study_text *, tamis_error *), int jobs)
{
    const ledger_plan plan = {.cells = CELLS, .digest = digest, .lines = 2, .jobs = jobs, .run = run, .tell = tell};
    runs = told = 0;
    tamis_status status = ledger_open(&l, directory, "cells.csv", columns, &error);
    if (!status) status = ledger_fill(&l, &plan, &error);
    ledger_close(&l);
    return status;
}

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/cells.csv", directory);
    snprintf(waiting, sizeof waiting, "%s/cells.csv.waiting", directory);
    for (int k = 0; k < CELLS; k++) {
        char text[20];
        snprintf(text, sizeof text, "cell %d", k);
        study_digest_of(text, digest[k]);
    }
    stop_after = 0;
}

static void teardown(void)
{
    unlink(path);
    unlink(waiting);
    rmdir(directory);
    memcpy(directory + sizeof directory - 7, "XXXXXX", 6);
}

static tamis_status plainly(void *context, int64_t cell, study_text *rows, tamis_error *e)
{
    (void)context, (void)e;
    return add(cell, rows);
}

static tamis_status first_comes_last(void *context, int64_t cell, study_text *rows, tamis_error *e)
{
    (void)context, (void)e;
    while (cell == 0 && seen(&told) < CELLS - 1) {}
    if (cell == 0) {
        expect(0);
        ck_assert_uint_eq(lines(waiting), 2 * (CELLS - 1));
    }
    return add(cell, rows);
}

START_TEST(order_is_that_of_the_plan)
{
    for (int jobs = 2; jobs <= 8; jobs += 2) {
        ck_assert_msg(fill(first_comes_last, jobs) == TAMIS_OK, "%s", error.text);
        expect(CELLS);
        ck_assert_int_ne(access(waiting, F_OK), 0);
        ck_assert_int_eq(runs, CELLS);
        ck_assert_msg(fill(plainly, jobs) == TAMIS_OK, "%s", error.text);
        ck_assert_int_eq(runs, 0);
        unlink(path);
    }
}
END_TEST

static void limit_files(rlim_t size)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = size;
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* Cell 0 meets a disk that is full in the middle of its rows; cell 1 is done after that, on a disk that has room again. */
static tamis_status full_for_the_first(void *context, int64_t cell, study_text *rows, tamis_error *e)
{
    (void)context, (void)e;
    while (cell == 0 && seen(&runs) == 0) {} /* the other is at work */
    if (cell == 0) limit_files(sizeof columns + 6 + 50);
    tamis_status status = add(cell, rows);
    while (cell == 1 && !ledger_stops(&l)) sched_yield();
    if (cell == 1) limit_files(RLIM_INFINITY);
    return status;
}

START_TEST(nothing_is_written_after_a_failure)
{
    signal(SIGXFSZ, SIG_IGN);
    (void)omp_get_max_threads(); /* some OpenMP runtimes begin with a file in shared memory, which the limit would cut short */
    ck_assert_int_eq(fill(full_for_the_first, 2), TAMIS_FAILURE);
    ck_assert_ptr_nonnull(strstr(error.text, "cannot write"));
    ck_assert_ptr_nonnull(strstr(error.text, path));
    expect(0);
    ck_assert_int_ne(access(waiting, F_OK), 0);
    ck_assert_int_eq(runs, 2);
    ck_assert_msg(fill(plainly, 2) == TAMIS_OK, "%s", error.text);
    expect(CELLS);
}
END_TEST

static tamis_status third_fails(void *context, int64_t cell, study_text *rows, tamis_error *e)
{
    (void)context;
    while (cell == 3 && seen(&told) < 4) {}
    if (cell == 3) return base_fail(e, TAMIS_DATA, "no luck");
    while (cell == 5 && !ledger_stops(&l)) sched_yield();
    return add(cell, rows);
}

START_TEST(a_cell_that_fails_takes_no_other_with_it)
{
    ck_assert_int_eq(fill(third_fails, 2), TAMIS_DATA);
    ck_assert_str_eq(error.text, "no luck");
    expect(3);
    ck_assert_msg(fill(plainly, 3) == TAMIS_OK, "%s", error.text);
    ck_assert_int_eq(runs, 1);
    expect(CELLS);
    ck_assert_int_ne(access(waiting, F_OK), 0);
}
END_TEST

START_TEST(told_to_stop)
{
    for (stop_after = 1; stop_after < CELLS; stop_after++) {
        ck_assert_int_eq(fill(plainly, 1), TAMIS_STOPPED);
        expect(stop_after);
        ck_assert_int_eq(runs, 1);
    }
    stop_after = 0;
    ck_assert_msg(fill(plainly, 1) == TAMIS_OK, "%s", error.text);
    ck_assert_int_eq(runs, 1);
    expect(CELLS);
}
END_TEST

static tamis_status removes_the_file(void *context, int64_t cell, study_text *rows, tamis_error *e)
{
    (void)context, (void)e;
    if (cell == 2) unlink(path);
    return add(cell, rows);
}

static tamis_status replaces_the_file(void *context, int64_t cell, study_text *rows, tamis_error *e)
{
    (void)context, (void)e;
    if (cell == 2) {
        unlink(path);
        FILE *other = fopen(path, "w");
        fclose(other);
    }
    return add(cell, rows);
}

START_TEST(a_file_that_went_is_told)
{
    ck_assert_int_eq(fill(removes_the_file, 1), TAMIS_FAILURE);
    ck_assert_ptr_nonnull(strstr(error.text, "was removed or replaced"));
    ck_assert_int_eq(fill(replaces_the_file, 2), TAMIS_FAILURE);
    ck_assert_ptr_nonnull(strstr(error.text, "was removed or replaced"));
    ck_assert_msg(fill(plainly, 2) == TAMIS_OK, "%s", error.text);
    expect(CELLS);
}
END_TEST

START_TEST(one_process_at_a_time)
{
    ledger other;
    ck_assert_int_eq(ledger_open(&l, directory, "cells.csv", columns, &error), TAMIS_OK);
    ck_assert_int_eq(ledger_open(&other, directory, "cells.csv", columns, &error), TAMIS_FAILURE);
    ck_assert_ptr_nonnull(strstr(error.text, "is being written by another run"));
    ledger_close(&other);
    ledger_close(&l);
    ck_assert_msg(fill(plainly, 1) == TAMIS_OK, "%s", error.text);
}
END_TEST

Suite *ledger_suite(void)
{
    Suite *suite = suite_create("ledger");
    TCase *group = tcase_create("ledger");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, order_is_that_of_the_plan);
    tcase_add_test(group, nothing_is_written_after_a_failure);
    tcase_add_test(group, a_cell_that_fails_takes_no_other_with_it);
    tcase_add_test(group, told_to_stop);
    tcase_add_test(group, a_file_that_went_is_told);
    tcase_add_test(group, one_process_at_a_time);
    suite_add_tcase(suite, group);
    return suite;
}
