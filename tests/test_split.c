/* Ways to cut a log, the times they go by, and ids with blanks around. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/random.h"
#include "data/log.h"
#include "suites.h"

enum { TRAIN, VALIDATION, TEST, PARTS };
static tamis_error error;
static tamis_split_options options;
static tamis_log *log_cut, *part[PARTS];

static void setup(void)
{
    tamis_split_options_default(&options);
    log_cut = part[0] = part[1] = part[2] = NULL;
}

static void clear_parts(void)
{
    for (int p = 0; p < PARTS; p++) {
        tamis_log_free(part[p]);
        part[p] = NULL;
    }
}

static void teardown(void)
{
    clear_parts();
    tamis_log_free(log_cut);
}

static void make(int64_t users, int64_t items, int64_t count, const int32_t *user, const int32_t *item, const double *time)
{
    tamis_log_arrays a;
    tamis_log_arrays_default(&a);
    a.users = users;
    a.items = items;
    a.count = count;
    a.user = user;
    a.item = item;
    a.time = time;
    ck_assert_msg(tamis_log_from_arrays(&a, &log_cut, &error) == TAMIS_OK, "%s", error.text);
}

static tamis_status cut(void)
{
    clear_parts();
    return tamis_log_split(log_cut, &options, &part[TRAIN], &part[VALIDATION], &part[TEST], &error);
}

/* The items of a user in each part: "0 1 | 2 | 3". */
static const char *show(int64_t user)
{
    static char text[300];
    size_t used = 0;
    int64_t n;
    text[0] = '\0';
    for (int p = 0; p < PARTS; p++) {
        const int32_t *item = tamis_log_row(part[p], user, &n);
        for (int64_t k = 0; k < n; k++) used += (size_t)snprintf(text + used, sizeof text - used, "%d ", item[k]);
        if (p < TEST) used += (size_t)snprintf(text + used, sizeof text - used, "| ");
    }
    while (used && text[used - 1] == ' ') text[--used] = '\0';
    return text;
}

/* user 0 has five items, the later the smaller; user 1 two, user 2 one */
static void make_three(double unit)
{
    static const int32_t user[] = {0, 0, 0, 0, 0, 1, 1, 2}, item[] = {0, 1, 2, 3, 4, 0, 5, 6};
    const double day = 86400 * unit, start = 1577836800 * unit; /* 2020-01-01 */
    const double time[] = {start + 9 * day, start + 8 * day, start + 7 * day, start + 6 * day, start, start, start + day, start + 8 * day};
    tamis_log_free(log_cut);
    make(3, 7, 8, user, item, time);
}

START_TEST(the_last_of_each_user)
{
    make_three(1);
    options.last = 1;
    ck_assert_msg(cut() == TAMIS_OK, "%s", error.text);
    ck_assert_str_eq(show(0), "1 2 3 4 | | 0");
    ck_assert_str_eq(show(1), "0 | | 5");
    ck_assert_str_eq(show(2), "6 | |");
    options.last = 2;
    options.validation_last = 2;
    ck_assert_int_eq(cut(), TAMIS_OK);
    ck_assert_str_eq(show(0), "4 | 2 3 | 0 1");
    ck_assert_str_eq(show(1), "0 | | 5"); /* one stays, and test comes before validation */
    ck_assert_str_eq(show(2), "6 | |");
    options.last = 1000000;
    ck_assert_int_eq(cut(), TAMIS_OK);
    ck_assert_str_eq(show(0), "4 | | 0 1 2 3");
}
END_TEST

START_TEST(one_time_for_all)
{
    static const double units[] = {1, 1e3, 1e6};
    for (int k = 0; k < 3; k++) { /* dates mean the same whatever the times' unit */
        make_three(units[k]);
        options.test_from = "2020-01-09";
        options.validation_from = NULL;
        ck_assert_msg(cut() == TAMIS_OK, "%s", error.text);
        ck_assert_str_eq(show(0), "2 3 4 | | 0 1");
        ck_assert_str_eq(show(1), "0 5 | |");
        ck_assert_str_eq(show(2), "| | 6"); /* comes later only */
        options.validation_from = "1578355200"; /* 2020-01-07 */
        ck_assert_int_eq(cut(), TAMIS_OK);
        ck_assert_str_eq(show(0), "4 | 2 3 | 0 1");
    }
    options.validation_from = NULL;
    options.test_from = "2019-12-31 23:59:59";
    ck_assert_int_eq(cut(), TAMIS_DATA);
    ck_assert(strstr(error.text, "before --test-from; the log's are of 2020-01-01T00:00:00Z to 2020-01-10T00:00:00Z"));
    options.test_from = "2020-01-10 00:00:01";
    ck_assert_int_eq(cut(), TAMIS_DATA);
    ck_assert(strstr(error.text, "of --test-from or later"));
    options.test_from = "2020-01-05";
    options.validation_from = "2020-01-04";
    ck_assert_int_eq(cut(), TAMIS_DATA);
    ck_assert(strstr(error.text, "between --validation-from and --test-from"));
    options.validation_from = "2020-01-01";
    ck_assert_int_eq(cut(), TAMIS_DATA);
    ck_assert(strstr(error.text, "before --validation-from"));
}
END_TEST

enum { USERS = 40, ITEMS = 90, MOST = 2000 };

static void make_many(bool timed)
{
    static int32_t user[MOST], item[MOST];
    static double time[MOST];
    base_stream s = {3};
    for (int k = 0; k < MOST; k++) {
        user[k] = (int32_t)base_below(&s, (uint32_t)(1 + k % USERS));
        item[k] = (int32_t)base_below(&s, ITEMS);
        time[k] = (double)base_below(&s, 50); /* many alike */
    }
    tamis_log_free(log_cut);
    make(USERS, ITEMS, MOST, user, item, timed ? time : NULL);
}

/* How often each pair is in the parts, where from is a set of them. */
static void count_pairs(unsigned parts, unsigned char count[USERS][ITEMS])
{
    int64_t n;
    for (int p = 0; p < PARTS; p++)
        for (int u = 0; u < USERS && parts >> p & 1; u++) {
            const int32_t *item = tamis_log_row(part[p], u, &n);
            for (int64_t k = 0; k < n; k++) count[u][item[k]]++;
        }
}

static void each_once(unsigned char count[USERS][ITEMS])
{
    for (int u = 0; u < USERS; u++)
        for (int i = 0; i < ITEMS; i++) ck_assert_int_eq(count[u][i], matrix_find(log_cut->matrix, u, i) >= 0);
}

/* in test each interaction is of one fold, each user's as evenly as can be; and each fold's parts are the whole log */
START_TEST(folds_are_even)
{
    unsigned char tested[USERS][ITEMS] = {{0}};
    int64_t least[USERS], most[USERS], n;
    make_many(false);
    options.folds = 4;
    for (options.fold = 1; options.fold <= 4; options.fold++) {
        unsigned char all[USERS][ITEMS] = {{0}};
        options.validation_fold = options.fold % 4 + 1;
        ck_assert_msg(cut() == TAMIS_OK, "%s", error.text);
        count_pairs(7, all);
        each_once(all);
        count_pairs(1 << TEST, tested);
        ck_assert(labs(4 * tamis_log_interactions(part[TEST]) - tamis_log_interactions(log_cut)) < 4 * USERS);
        for (int u = 0; u < USERS; u++) {
            (void)tamis_log_row(part[TEST], u, &n);
            if (options.fold == 1 || n < least[u]) least[u] = n;
            if (options.fold == 1 || n > most[u]) most[u] = n;
        }
    }
    each_once(tested);
    for (int u = 0; u < USERS; u++) ck_assert(most[u] - least[u] <= 1);
    options.fold = 2; /* the next fold's test was the last one's validation */
    options.validation_fold = 3;
    ck_assert_int_eq(cut(), TAMIS_OK);
    const tamis_log *held = part[VALIDATION];
    part[VALIDATION] = NULL;
    options.fold = 3;
    options.validation_fold = 0;
    ck_assert_int_eq(cut(), TAMIS_OK);
    ck_assert(held->matrix->nnz == part[TEST]->matrix->nnz &&
              memcmp(held->matrix->index, part[TEST]->matrix->index, (size_t)held->matrix->nnz * sizeof(int32_t)) == 0);
    tamis_log_free((tamis_log *)(uintptr_t)held);
}
END_TEST

START_TEST(nothing_is_lost)
{
    make_many(true);
    for (int way = 0; way < 3; way++) {
        unsigned char all[USERS][ITEMS] = {{0}};
        tamis_split_options_default(&options);
        options.last = way == 0 ? 3 : 0;
        options.validation_last = options.last;
        options.test_from = way == 1 ? "40" : NULL;
        options.validation_from = way == 1 ? "30" : NULL;
        options.folds = way == 2 ? 7 : 0;
        options.fold = options.folds;
        ck_assert_msg(cut() == TAMIS_OK, "%s", error.text);
        count_pairs(7, all);
        each_once(all);
    }
}
END_TEST

static void refuse(tamis_status status, const char *words)
{
    ck_assert_int_eq(cut(), status);
    ck_assert_msg(strstr(error.text, words) != NULL, "%s\nlacks %s", error.text, words);
    tamis_split_options_default(&options);
}

START_TEST(what_does_not_go_together)
{
    make_three(1);
    options.last = options.folds = 2;
    options.fold = 1;
    refuse(TAMIS_USAGE, "--last and --folds are two ways");
    options.validation_last = 1;
    refuse(TAMIS_USAGE, "--validation-last has no effect without --last");
    options.validation_from = "2020-01-01";
    refuse(TAMIS_USAGE, "--validation-from has no effect without --test-from");
    options.fold = 1;
    refuse(TAMIS_USAGE, "--fold has no effect without --folds");
    options.folds = 3;
    refuse(TAMIS_USAGE, "--folds 3 needs the --fold for test, 1 to 3; it is 0");
    options.folds = 3;
    options.fold = 4;
    refuse(TAMIS_USAGE, "it is 4");
    options.folds = options.fold = 1;
    refuse(TAMIS_USAGE, "--folds 1 leaves nothing");
    options.folds = options.fold = options.validation_fold = 2;
    refuse(TAMIS_USAGE, "expected another of three or more");
    options.folds = 3;
    options.fold = 1;
    options.order = TAMIS_SPLIT_TIME;
    refuse(TAMIS_USAGE, "without --order time");
    options.last = 1;
    options.validation_ratio = 0.1;
    refuse(TAMIS_USAGE, "expected --validation-last");
    options.test_from = "soon";
    refuse(TAMIS_USAGE, "--test-from soon: expected a time");
    options.test_from = options.validation_from = "2020-01-01";
    refuse(TAMIS_USAGE, "--validation-from 2020-01-01 is not before");
    options.last = -1;
    refuse(TAMIS_USAGE, "last");
    make_many(false);
    options.last = 1;
    refuse(TAMIS_DATA, "the log has no times, but --last needs a time in every row");
    options.test_from = "2020-01-01";
    refuse(TAMIS_DATA, "--test-from needs a time in every row");
}
END_TEST

/* ---- reading */

static tamis_status read_text(const char *text, const tamis_log_options *o)
{
    char path[200];
    const char *directory = getenv("TMPDIR"), *paths[] = {path};
    snprintf(path, sizeof path, "%.150s/tamis-split-XXXXXX", directory ? directory : "/tmp");
    const int file = mkstemp(path);
    ck_assert(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
    close(file);
    tamis_log_free(log_cut);
    const tamis_status status = tamis_log_read(paths, 1, o, &log_cut, &error);
    unlink(path);
    return status;
}

/* ---- times */

static double parsed(const char *format, const char *text)
{
    double value;
    const bool good = format ? date_parse_as(format, text, strlen(text), &value) : date_parse(text, strlen(text), &value);
    return good ? value : (double)NAN;
}

START_TEST(dates)
{
    /* 2019-10-01 is day 18170: 49 years with 12 leap days, 273 days of 2019 */
    const double day = 18170 * 86400.0, quarter = 13 * 3600 + 45 * 60;
    static const char *const wrong[] = {"2019-10-01 UTC+", "2019-10-01 00:00:00 CET", "2019/10-01", "2019-02-29", "2019-10-01 25:00", "10/1/2019"};
    static const struct {
        const char *format, *text;
        double after; /* 2019-10-01 */
    } good[] = {{"%d.%m.%Y", "01.10.2019", 0},          {"%d.%m.%Y %H:%M", "1.10.2019 13:45", 49500},
                {"%m/%d/%y %I:%M %p", "10/1/19 1:45 PM", 49500}, {"%m/%d/%Y %I:%M %p", "10/01/2019 12:00 am", 0},
                {"%m/%d/%Y %I %p", "10/01/2019 12 pm", 43200},   {"%b %d, %Y", "Oct 1, 2019", 0},
                {"%B %d %Y", "october 01 2019", 0},     {"%a, %d %b %Y %T %z", "Tue, 01 Oct 2019 15:45:00 +0200", 49500},
                {"%Y%m%d", "20191001", 0},              {"%Y-%m-%d %H:%M:%S.%f", "2019-10-01 13:45:00.25", 49500.25},
                {"%Y %j", "2019 274", 0},               {"%s", "1569888000", 0},
                {"%F %R", "2019-10-01 13:45", 49500},   {"%D%t", "10/01/19", 0},
                {"%%%Y|%m|%d", "%2019|10|01", 0},       {"%Y-%m-%dT%H:%M:%SZ", " 2019-10-01T13:45:00Z ", 49500}};
    ck_assert(parsed(NULL, "2019-10-01 00:00:00 UTC") == day && parsed(NULL, "2019-10-01 13:45:00 GMT") == day + quarter);
    ck_assert(parsed(NULL, "2019/10/01") == day && parsed(NULL, "2019/10/01 13:45") == day + quarter);
    ck_assert(parsed(NULL, "2019-10-01 13:45:00+02:00") == day + quarter - 7200 && parsed(NULL, "2019-10-01T13:45:00.500000") == day + quarter + 0.5);
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) ck_assert_msg(isnan(parsed(NULL, wrong[k])), "%s", wrong[k]);
    for (size_t k = 0; k < sizeof good / sizeof *good; k++) {
        ck_assert_ptr_null(date_check_format(good[k].format));
        ck_assert_msg(parsed(good[k].format, good[k].text) == day + good[k].after, "%s of %s: %.3f", good[k].text, good[k].format,
                      parsed(good[k].format, good[k].text) - day);
    }
}
END_TEST

/* Numbers from 1e11 on are milliseconds: dates from then on would make a log of dates one of milliseconds. */
START_TEST(never)
{
    tamis_log_options o;
    tamis_log_options_default(&o);
    ck_assert(parsed(NULL, "5138-11-16 09:46:39") == 99999999999 && isnan(parsed(NULL, "5138-11-16 09:46:40")));
    ck_assert(isnan(parsed(NULL, "9999-12-31")) && isnan(parsed("%d.%m.%Y", "31.12.9999")) && isnan(parsed(NULL, "9999-12-31T23:59:59Z")));
    ck_assert_msg(read_text("user,item,time\na,x,2019-10-01\na,y,9999-12-31\n", &o) == TAMIS_OK, "%s", error.text);
    ck_assert(times_at(&log_cut->time, 0) == 1569888000 && isnan(times_at(&log_cut->time, 1)));
    ck_assert(tamis_log_summarize(log_cut)->without_time == 1);
    o.time = "time";
    ck_assert_int_eq(read_text("user,item,time\na,x,2019-10-01\na,y,9999-12-31\n", &o), TAMIS_DATA);
    ck_assert(strstr(error.text, ":3:3: time \"9999-12-31\" is neither a number nor a date before 5138;"));
}
END_TEST

START_TEST(wrong_dates_and_formats)
{
    static const char *const wrong[][2] = {{"%d.%m.%Y", "31.02.2019"}, {"%d.%m.%Y", "1.10.2019x"}, {"%d.%m.%Y", "1.10."}, {"%d.%m.%Y", ""},
                                           {"%b %d %Y", "Okt 1 2019"}, {"%Y-%m-%d", "1569888000"}, {"%m/%d/%Y", "13/1/2019"},
                                           {"%Y %j", "2019 367"}, {"%I %p %F", "13 pm 2019-10-01"}};
    char text[40];
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) ck_assert_msg(isnan(parsed(wrong[k][0], wrong[k][1])), "%s", wrong[k][1]);
    ck_assert_str_eq(date_check_format("%Y-%m-%d %Q"), "%Q");
    ck_assert_str_eq(date_check_format("%Y-%m-%d %"), "%");
    ck_assert_str_eq(date_check_format("year"), "");
    ck_assert_str_eq(date_check_format("%H:%M"), "");
    ck_assert_str_eq(date_check_format("%Y"), "");
    ck_assert_str_eq(date_text(0, text), "1970-01-01T00:00:00Z");
    ck_assert_str_eq(date_text(951782399, text), "2000-02-28T23:59:59Z");
    ck_assert_str_eq(date_text(951868800, text), "2000-03-01T00:00:00Z");
    ck_assert_str_eq(date_text(1569937500.9, text), "2019-10-01T13:45:00Z");
    ck_assert_str_eq(date_text(253402300799, text), "9999-12-31T23:59:59Z");
    ck_assert_str_eq(date_text(-1.5, text), "1969-12-31T23:59:58Z"); /* to the second before */
    ck_assert_str_eq(date_text(-315619200, text), "1960-01-01T00:00:00Z"); /* ten years with three leap days */
    ck_assert_str_eq(date_text(-2203891200, text), "1900-03-01T00:00:00Z"); /* 1900 has no leap day: 25,508 days */
    ck_assert_str_eq(date_text(-2203891201, text), "1900-02-28T23:59:59Z");
    ck_assert_str_eq(date_text(-62167219200, text), "0000-01-01T00:00:00Z");
    ck_assert_str_eq(date_text(-62167219201, text), "-62167219201");
    ck_assert_str_eq(date_text(253402300800, text), "253402300800");
}
END_TEST

START_TEST(times_of_a_format)
{
    tamis_log_options o;
    tamis_log_options_default(&o);
    o.time_format = "%d.%m.%Y";
    ck_assert_msg(read_text("user,item,time\na,x,01.10.2019\na,y,\"2.10.2019\"\na,z,soon\n", &o) == TAMIS_OK, "%s", error.text);
    ck_assert(times_at(&log_cut->time, 0) == 1569888000 && times_at(&log_cut->time, 1) == 1569974400 && isnan(times_at(&log_cut->time, 2)));
    o.time_format = "%Y%m%d"; /* digits, but no number */
    ck_assert_int_eq(read_text("user,item,time\na,x,20191001\n", &o), TAMIS_OK);
    ck_assert(times_at(&log_cut->time, 0) == 1569888000);
    o.time = "time";
    ck_assert_int_eq(read_text("user,item,time\na,x,20191301\n", &o), TAMIS_DATA);
    ck_assert(strstr(error.text, ":2:3: time \"20191301\" is none of --time-format %Y%m%d"));
    o.time_format = "%Y-%m-%d %Q";
    ck_assert_int_eq(read_text("user,item,time\na,x,1\n", &o), TAMIS_USAGE);
    ck_assert(strstr(error.text, "%Q is not known"));
    o.time_format = "%H:%M";
    ck_assert_int_eq(read_text("user,item,time\na,x,1\n", &o), TAMIS_USAGE);
    ck_assert(strstr(error.text, "says no year and day"));
}
END_TEST

START_TEST(blanks_around_ids)
{
    static const char text[] = "user,item\n a,x\na\t,\" x \"\na b,\ty \n";
    tamis_log_options o;
    tamis_log_options_default(&o);
    ck_assert_int_eq(read_text(text, &o), TAMIS_OK);
    ck_assert(tamis_log_users(log_cut) == 3 && tamis_log_items(log_cut) == 3);
    const tamis_log_summary *s = tamis_log_summarize(log_cut);
    bool told = false;
    for (int k = 0; k < s->notes; k++) told |= s->note[k].kind == TAMIS_NOTE_ID && strstr(s->note[k].text, "--trim takes it off");
    ck_assert(told);
    o.trim = 1;
    ck_assert_int_eq(read_text(text, &o), TAMIS_OK);
    size_t length;
    ck_assert(tamis_log_users(log_cut) == 2 && tamis_log_items(log_cut) == 2 && tamis_log_summarize(log_cut)->duplicates == 1);
    ck_assert(memcmp(tamis_log_user_id(log_cut, 1, &length), "a b", 3) == 0 && length == 3);
    ck_assert_int_eq(read_text("user,item\na,x\n ,y\n", &o), TAMIS_DATA);
    ck_assert(strstr(error.text, ":3:1: the user id is empty"));
}
END_TEST

Suite *split_suite(void)
{
    Suite *suite = suite_create("split");
    TCase *test = tcase_create("split");
    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, the_last_of_each_user);
    tcase_add_test(test, one_time_for_all);
    tcase_add_test(test, folds_are_even);
    tcase_add_test(test, nothing_is_lost);
    tcase_add_test(test, what_does_not_go_together);
    tcase_add_test(test, dates);
    tcase_add_test(test, wrong_dates_and_formats);
    tcase_add_test(test, never);
    tcase_add_test(test, times_of_a_format);
    tcase_add_test(test, blanks_around_ids);
    suite_add_tcase(suite, test);
    return suite;
}
