/* Predicates of rows: what they say about fields, worked by hand, and where a text that is none is wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "data/predicate.h"
#include "suites.h"

static predicate p;
static tamis_error error;

START_TEST(test_answers)
{
    static const struct {
        const char *text, *field;
        predicate_answer answer;
    } cases[] = {
        {"rating<=2", "2", PREDICATE_YES}, {"rating<=2", "2.0", PREDICATE_YES}, {"rating<=2", "2.1", PREDICATE_NO},
        {"rating<2", "2", PREDICATE_NO}, {"rating<2", "-3e4", PREDICATE_YES}, {"rating>2", "2", PREDICATE_NO},
        {"rating>2", "10", PREDICATE_YES}, {"rating>=2", "2", PREDICATE_YES}, {"rating>=2", "1.99", PREDICATE_NO},
        {"rating<=2", "", PREDICATE_NO_NUMBER}, {"rating<=2", "n/a", PREDICATE_NO_NUMBER}, {"rating>2", "3x", PREDICATE_NO_NUMBER},
        {"event=view,cart", "cart", PREDICATE_YES}, {"event=view,cart", "view", PREDICATE_YES}, {"event=view,cart", "vie", PREDICATE_NO},
        {"event=view,cart", "views", PREDICATE_NO}, {"event=view,cart", "", PREDICATE_NO}, {"event!=view,cart", "cart", PREDICATE_NO},
        {"event!=view,cart", "buy", PREDICATE_YES}, {"event!=view", "", PREDICATE_YES},
        {"rating=2", "2.0", PREDICATE_YES}, {"rating=2,3", "03", PREDICATE_YES}, {"rating!=2", "2e0", PREDICATE_NO},
        {"rating=nan", "nan", PREDICATE_YES}, {"rating = 4 , 5", "5", PREDICATE_YES}, {"rating == 4", "4", PREDICATE_YES},
        {"a=\"x,y\",z", "x,y", PREDICATE_YES}, {"a=\"x,y\",z", "x", PREDICATE_NO}, {"a=\"say \"\"hi\"\"\"", "say \"hi\"", PREDICATE_YES},
        {"a=\"\"", "", PREDICATE_YES}, {"a=\" b\"", " b", PREDICATE_YES}, {"a=b c ", "b c", PREDICATE_YES}, {"a==b", "b", PREDICATE_YES},
        {"a=b=c", "b=c", PREDICATE_YES}, {"a=\"<\"", "<", PREDICATE_YES},
    };
    for (size_t k = 0; k < BASE_COUNT(cases); k++) {
        ck_assert_msg(!predicate_parse(&p, "--where", cases[k].text, &error), "%s", error.text);
        ck_assert_msg(predicate_ask(&p, cases[k].field, strlen(cases[k].field)) == cases[k].answer, "%s of \"%s\"", cases[k].text,
                      cases[k].field);
    }
}
END_TEST

START_TEST(test_columns)
{
    static const char *const cases[][2] = {{"rating<=2", "rating"}, {" user id != 3", "user id"}, {"\"a<b\">1", "a<b"}, {"3=x", "3"},
                                           {"\"say \"\"a\"\"\"=1", "say \"a\""}};
    for (size_t k = 0; k < BASE_COUNT(cases); k++) {
        ck_assert_msg(!predicate_parse(&p, "--where", cases[k][0], &error), "%s", error.text);
        ck_assert_str_eq(p.column, cases[k][1]);
    }
}
END_TEST

START_TEST(test_wrong)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"", "a column at character 1;"}, {"=3", "a column at character 1;"}, {"  <2", "a column at character 3;"},
        {"rating", "one of = != < <= > >= at character 7;"}, {"rating!2", "one of = != < <= > >= at character 7;"},
        {"rating<", "a number at character 8;"}, {"rating<=x", "a number at character 9;"}, {"rating<= two", "a number at character 10;"},
        {"rating<1,2", "the end at character 9;"}, {"rating>nan", "a number at character 8;"}, {"rating=>2x\x01", "no control character at character 11;"},
        {"rating=>4", "a value, in quotes if it begins with a sign, at character 8;"},
        {"kind=a,=b", "a value, in quotes if it begins with a sign, at character 8;"},
        {"a=", "a value at character 3;"}, {"a=b,", "a value at character 5;"}, {"a=,b", "a value at character 3;"},
        {"a=\"b", "a quote that is closed at character 3;"}, {"\"a=b", "a quote that is closed at character 1;"},
        {"a=\"b\"c", "the end at character 6;"}, {"a<\"1\",2", "the end at character 6;"},
        {"a=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33", "no more values at character 90;"},
    };
    for (size_t k = 0; k < BASE_COUNT(cases); k++) {
        ck_assert_int_eq(predicate_parse(&p, "--where", cases[k].text, &error), TAMIS_USAGE);
        ck_assert_msg(strstr(error.text, cases[k].expected) && strncmp(error.text, "--where ", 8) == 0, "%s: %s", cases[k].text,
                      error.text);
    }
    char text[2 * PREDICATE_TEXT];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ck_assert_int_eq(predicate_parse(&p, "--where", text, &error), TAMIS_USAGE);
    memcpy(text + 3, "=\"", 2);
    text[sizeof text - 2] = '"';
    ck_assert_int_eq(predicate_parse(&p, "--where", text, &error), TAMIS_USAGE);
}
END_TEST

/* ---- in a file: the plain rows that are read many at a time, and odd ones that are taken one by one, alike */

enum { ROWS = 40000 };
static char path[] = "/tmp/tamis-where-XXXXXX";

/* Row k: user k / 20, item k % 20 and more, a rating of k % 6 (5: half a star, "0.5"), an event; every 97th row is quoted, with a
 * doubled quote in its event. */
static void write_log(void)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "user,item,rating,event,note\n");
    for (int k = 0; k < ROWS; k++) {
        const char *rating = k % 6 == 5 ? "0.5" : (const char *[]){"0", "1", "2", "3", "4"}[k % 6], *event = k % 3 ? k % 3 == 1 ? "view" : "buy" : "cart";
        if (k % 97)
            fprintf(file, "%d,%d,%s,%s,x\n", k / 20, k % 20, rating, event);
        else
            fprintf(file, "\"%d\",%d,\"%s\",\"say \"\"%s\"\"\",x\n", k / 20, k % 20, rating, event);
    }
    fclose(file);
}

static int64_t read_where(const char *where, const char *where_not, int64_t *left_out)
{
    const char *paths[] = {path};
    tamis_log_options options;
    tamis_log *log;
    tamis_log_options_default(&options);
    options.where = where;
    options.where_not = where_not;
    ck_assert_msg(!tamis_log_read(paths, 1, &options, &log, &error), "%s", error.text);
    const int64_t rows = tamis_log_interactions(log);
    *left_out = tamis_log_summarize(log)->left_out;
    ck_assert_int_eq(tamis_log_summarize(log)->rows, ROWS);
    ck_assert_int_eq(rows + *left_out, ROWS); /* there are no duplicates */
    tamis_log_free(log);
    return rows;
}

START_TEST(test_rows)
{
    int64_t counts[6] = {0}, left_out;
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    write_log();
    for (int k = 0; k < ROWS; k++) {
        const double rating = k % 6 == 5 ? 0.5 : k % 6;
        const bool quoted = k % 97 == 0, cart = k % 3 == 0, view = k % 3 == 1;
        counts[0] += rating <= 2;
        counts[1] += !quoted && (cart || view);
        counts[2] += quoted && cart;
        counts[3] += rating > 0.5 && !(cart && !quoted);
        counts[4] += k / 20 == 7;
        counts[5] += rating == 0.5;
    }
    ck_assert_int_eq(read_where("rating<=2", NULL, &left_out), counts[0]);
    ck_assert_int_eq(read_where("3<=2", NULL, &left_out), counts[0]); /* by position */
    ck_assert_int_eq(read_where(NULL, "rating>2", &left_out), counts[0]);
    ck_assert_int_eq(read_where("event=cart,view", NULL, &left_out), counts[1]);
    ck_assert_int_eq(read_where("event=\"say \"\"cart\"\"\"", NULL, &left_out), counts[2]);
    ck_assert_int_eq(read_where("rating>0.5", "event=cart", &left_out), counts[3]);
    ck_assert_int_eq(read_where("USER=7", NULL, &left_out), counts[4]); /* by role */
    ck_assert_int_eq(read_where("rating=.5", NULL, &left_out), counts[5]);
    ck_assert_int_eq(read_where("note=x", "note!=x", &left_out), ROWS);
    unlink(path);
}
END_TEST

Suite *predicate_suite(void)
{
    Suite *suite = suite_create("predicate");
    TCase *test = tcase_create("predicate");
    tcase_add_test(test, test_answers);
    tcase_add_test(test, test_columns);
    tcase_add_test(test, test_wrong);
    tcase_add_test(test, test_rows);
    suite_add_tcase(suite, test);
    return suite;
}
