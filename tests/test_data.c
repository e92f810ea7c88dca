/* Reading logs: every expectation is worked out by hand from the text beside it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/base.h"
#include "base/checksum.h"
#include "base/files.h"
#include "base/lines.h"
#include "base/date.h"
#include "base/number.h"
#include "base/random.h"
#include "base/table.h"
#include "data/core.h"
#include "data/log.h"
#include "suites.h"

/* ---- helpers */

static char path_text[200], text[1 << 16];
static tamis_log_options options;
static tamis_error error;
static tamis_log *log_read;

static const char *temporary(void)
{
    const char *directory = getenv("TMPDIR");
    snprintf(path_text, sizeof path_text, "%.150s/tamis-data-XXXXXX", directory ? directory : "/tmp");
    int file = mkstemp(path_text);
    ck_assert_int_ge(file, 0);
    close(file);
    return path_text;
}

static void setup(void)
{
    tamis_log_options_default(&options);
    log_read = NULL;
    temporary();
}

static void teardown(void)
{
    tamis_log_free(log_read);
    unlink(path_text);
}

static void put(const void *bytes, size_t count)
{
    FILE *file = fopen(path_text, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, count, file), count);
    fclose(file);
}

static tamis_status read_path(void)
{
    const char *paths[] = {path_text};
    tamis_log_free(log_read);
    tamis_status status = tamis_log_read(paths, 1, &options, &log_read, &error);
    ck_assert_int_eq(status == TAMIS_OK, log_read != NULL);
    ck_assert_int_eq(status == TAMIS_OK, error.text[0] == '\0');
    return status;
}

static tamis_status read_bytes(const void *bytes, size_t count)
{
    put(bytes, count);
    return read_path();
}

static tamis_status read_text(const char *content)
{
    return read_bytes(content, strlen(content));
}

/* "=4", "=?" where it is missing */
static size_t show_number(size_t used, char mark, double value)
{
    if (isnan(value)) return used + (size_t)snprintf(text + used, sizeof text - used, "%c?", mark);
    return used + (size_t)snprintf(text + used, sizeof text - used, "%c%.15g", mark, value);
}

/* "a: x y=4@10 b: z": users and their items, ratings, times. Line ends in ids become |. */
static const char *show(const tamis_log *log)
{
    size_t used = 0, length;
    text[0] = '\0';
    for (int64_t u = 0; u < tamis_log_users(log); u++) {
        int64_t n;
        const int32_t *item = tamis_log_row(log, u, &n);
        const char *id = tamis_log_user_id(log, u, &length);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%.*s:", u ? " " : "", (int)length, id);
        for (int64_t k = 0; k < n; k++) {
            int64_t at = log->matrix->start[u] + k;
            id = tamis_log_item_id(log, item[k], &length);
            used += (size_t)snprintf(text + used, sizeof text - used, " %.*s", (int)length, id);
            if (log->rating) used = show_number(used, '=', (double)log->rating[at]);
            if (times_any(&log->time)) used = show_number(used, '@', times_at(&log->time, at));
        }
    }
    for (char *c = text; *c; c++)
        if (*c == '\n' || *c == '\r') *c = '|';
    return text;
}

/* The number in an id such as i17. */
static int number_of_item(const tamis_log *log, int32_t item)
{
    char copy[20];
    size_t length;
    const char *id = tamis_log_item_id(log, item, &length);
    snprintf(copy, sizeof copy, "%.*s", (int)length, id);
    return atoi(copy + 1);
}

#define READS(content, shown)                                                                                          \
    do {                                                                                                               \
        tamis_status status_ = read_text(content);                                                                     \
        ck_assert_msg(status_ == TAMIS_OK, "%s", error.text);                                                          \
        ck_assert_str_eq(show(log_read), shown);                                                                       \
    } while (0)

/* The sentence is the file's name, then `start`, and holds `part`. */
static void refused(tamis_status status, tamis_status expected, const char *start, const char *part)
{
    ck_assert_msg(status == expected, "status %d: %s", (int)status, error.text);
    size_t name = strlen(path_text);
    if (expected == TAMIS_DATA) {
        ck_assert_msg(strncmp(error.text, path_text, name) == 0, "%s", error.text);
        ck_assert_msg(strncmp(error.text + name, start, strlen(start)) == 0, "%s; expected %s", error.text, start);
    }
    ck_assert_msg(strstr(error.text, part) != NULL, "%s; expected %s", error.text, part);
    ck_assert_int_ne(error.text[strlen(error.text) - 1], '.');
}
#define REFUSES(content, start, part) refused(read_text(content), TAMIS_DATA, start, part)

/* ---- CSV */

START_TEST(plain_csv)
{
    READS("user_id,item_id\nann,x\nbob,y\nann,y\n", "ann: x y bob: y");
    READS("user_id,item_id\r\nann,x\r\nbob,y\r\nann,y", "ann: x y bob: y");
    READS("user_id,item_id\rann,x\rbob,y\rann,y\r", "ann: x y bob: y");
    READS("\xEF\xBB\xBFuser_id,item_id\nann,x\n", "ann: x");
    READS("\n\r\nuser_id,item_id\n\n\nann,x\n\n", "ann: x");
    READS("1,10\n2,20\n", "1: 10 2: 20"); /* no header */
    READS("1,10,extra,extra,extra\n2,20\n", "1: 10 2: 20");
    const tamis_log_summary *s = tamis_log_summarize(log_read);
    ck_assert_int_eq(s->rows, 2);
    ck_assert_int_eq(s->users, 2);
    ck_assert_int_eq(s->items, 2);
    ck_assert_int_eq(s->interactions, 2);
    ck_assert_int_eq(s->bad + s->below_rating + s->duplicates, 0);
}
END_TEST

START_TEST(ids_are_kept_byte_for_byte)
{
    READS("user_id,item_id\n ann ,\tx\n\xC3\xA4 b,0x1\n", " ann : \tx \xC3\xA4 b: 0x1");
    READS("user_id,item_id\n007,1.0\n7,1\n07,+1\n", "007: 1.0 7: 1 07: +1");
    READS("user_id,item_id\n\"a,b\",\"he said \"\"hi\"\"\"\n", "a,b: he said \"hi\"");
    options.quotes = TAMIS_QUOTES_CSV;
    READS("user_id,item_id\n\"a\r\nb\",x\n\"c\n\nd\",y\n", "a||b: x c||d: y");
    options.quotes = TAMIS_QUOTES_AUTO;
    READS("user_id,item_id\nann,5\" disk\nbob,a\"\"b\n", "ann: 5\" disk bob: a\"\"b");
    READS("user_id,item_id\n\" ann\",\"x \"\n", " ann: x ");
}
END_TEST

/* A quote that opens a field between tabs and does not close on its line, or not before a tab, is none. */
START_TEST(bare_quotes)
{
    READS("u1\t\"heroes\nu2\tbjork\nu2\tblur\nu3\tthe 12\"\nu4\tbjork\n", "u1: \"heroes u2: bjork blur u3: the 12\" u4: bjork");
    READS("u1\t\"Weird Al\" Y\r\n\"\t\"\"\"\r\n\"u1\"\t\"\"\"x\"\n\"u1\t\"y\"z\"", "u1: \"Weird Al\" Y \"x \": \"\"\" \"u1: \"y\"z\"");
    /* what stands between two of them is no field where that would leave a row with too few */
    READS("uid\tartist\tiid\nu1\t\"heroes\tthe 12\"\nu2\t\"a\tb\"\t3\nu2\t\"love\"\t4\n", "u1: the 12\" u2: 3 4");
    READS("u1\t\"heroes\tthe 12\"\nu2\tblur\tx\n", "u1: \"heroes u2: blur");
    READS("u1\t\"heroes\tthe 12\"\nu2\tblur\n", "u1: heroes\tthe 12 u2: blur");
    options.quotes = TAMIS_QUOTES_NONE;
    READS("u1,\"heroes\nu2,\"a\"\nu2,\"b,c\n\"u3\",the 12\"", "u1: \"heroes u2: \"a\" \"b \"u3\": the 12\"");
    options.quotes = TAMIS_QUOTES_AUTO;
    READS("user_id|item_id|note\n1|2|\"open\n2|3|\"a\"b|\"\n3|4|x", "1: 2 2: 3 3: 4"); /* behind what is used */
    REFUSES("user_id|item_id|note\n1|2|\"open\n2|\"3|x\n", ":3:2: ", "--quotes none");
    options.on_error = TAMIS_ON_ERROR_SKIP;
    READS("u1;\"heroes\n\nu2;bjork\n\"u2;blur\nu3;the 12\"\nu4;\"x\" y;z\n", "u2: bjork u3: the 12\"");
    const tamis_log_summary *s = tamis_log_summarize(log_read);
    ck_assert_int_eq(s->rows, 5);
    ck_assert_int_eq(s->bad, 3);
    ck_assert_int_eq(s->empty, 1);
}
END_TEST

START_TEST(delimiters)
{
    READS("user_id\titem_id\na b\tx y\nc\t z\n", "a b: x y c:  z");
    READS("user_id;item_id;note\n1;2;a,b\n", "1: 2");
    READS("user_id|item_id\n1|2\n", "1: 2");
    READS("user_id,\"a;b;c\",item_id\n1,x,2\n", "1: 2"); /* what quotes hold does not count */
    options.delimiter = " ";
    READS("user_id item_id\n1 2\n", "1: 2");
    options.delimiter = "tab";
    READS("user_id\titem_id\n1,5,6,7\t2\n", "1,5,6,7: 2");
    options.delimiter = "\\t";
    READS("1\t2\n", "1: 2");
    options.delimiter = "::";
    refused(read_text("1::2\n"), TAMIS_USAGE, "", "--delimiter: \"::\" is not one character");
    options.delimiter = NULL;
    REFUSES("1::2::5\n", ":1: ", "sed 's/::/,/g'");
    REFUSES("1 2 5\n", ":1: ", "--delimiter ' '");
    REFUSES("user_id\n1\n", ":1: ", "the first row has 1 column;");
}
END_TEST

START_TEST(headers_are_recognised)
{
    READS("item_id:token\tuser_id:token\trating:float\ttimestamp:float\nx\tann\t4\t10\n", "ann: x=4@10");
    READS("userId,movieId,rating,timestamp\n1,2,3.5,9\n", "1: 2=3.5@9");
    READS("reviewerID,asin,overall,unixReviewTime\nA1,B2,5,9\n", "A1: B2=5@9");
    READS("time,User ID,Item-ID\n9,1,2\n", "1: 2@9");
    /* of a name and its id the id counts, wherever they stand, and the first of two equals */
    READS("user,uid,item,item\n1,2,3,4\n", "2: 3");
    READS("user_id,item_id,user\n1,2,3\n", "1: 2");
    READS("movie,movieId,user_name,user,userId\n1,2,3,4,5\n", "5: 2");
    READS("user,session_id,item,product_id\n1,2,3,4\n", "1: 3"); /* but not the id of another thing */
    const tamis_log_summary *s = tamis_log_summarize(log_read);
    ck_assert_int_eq(s->header, 1);
    ck_assert_str_eq(s->column[0], "user");
    ck_assert_str_eq(s->column[1], "item");
    ck_assert_str_eq(s->column[2], "");
    options.header = TAMIS_HEADER_YES;
    READS("foo,bar\n1,2\n", "1: 2");
    REFUSES("foo,user\n1,2\n", ":1: ", "no column is known as the item's; name it with --item, one of foo, user");
    options.header = TAMIS_HEADER_NO;
    READS("user_id,item_id\n1,2\n", "user_id: item_id 1: 2");
}
END_TEST

START_TEST(headers_are_not_swallowed)
{
    const char *advice = "name them with --user NAME --item NAME, or say --no-header";
    REFUSES("who,what\n1,2\n", ":1: the first row (who, what) looks like a header", advice);
    REFUSES("u1,i1,mark\nu2,i2,4\n", ":1: ", advice);
    READS("ann,x\nbob,y\n", "ann: x bob: y");
    READS("ann,x\nbob,7\n", "ann: x bob: 7");
    options.header = TAMIS_HEADER_NO;
    READS("who,what\n1,2\n", "who: what 1: 2");
    options.header = TAMIS_HEADER_AUTO;
    options.user = "what";
    options.item = "who";
    READS("who,what\n1,2\n", "2: 1");
    options.user = "whom";
    REFUSES("who,what\n1,2\n", ":1: ", "there is no column \"whom\" (--user); the columns are who, what");
    options.header = TAMIS_HEADER_NO;
    refused(read_text("1,2\n"), TAMIS_USAGE, "", "--user \"whom\" is a name, but --no-header");
}
END_TEST

START_TEST(columns_by_position)
{
    options.user = "3";
    options.item = "1";
    READS("10,4,1\n20,5,2\n", "1: 10 2: 20");
    options.rating = "2";
    READS("10,4,1\n20,5,2\n", "1: 10=4 2: 20=5");
    READS("user_id,item_id,x\n10,4,1\n20,5,2\n", "1: 10=4 2: 20=5");
    options.rating = "9";
    REFUSES("10,4,1\n", ":1: ", "there is no column 9 (--rating); the first row has 3 columns");
    options.rating = NULL;
    options.item = "3";
    refused(read_text("10,4,1\n"), TAMIS_USAGE, "", ":1: column 3 would be both the user's and the item's");
    options.item = NULL;
    options.user = "2"; /* and the item's place is 2 too, unless it is said */
    REFUSES("10,4,1\n", ":1: ", "no column is known");
    options.user = options.item = NULL;
    READS("1,10,4.5,99\n", "1: 10=4.5@99");
    const tamis_log_summary *s = tamis_log_summarize(log_read);
    ck_assert_int_eq(s->header, 0);
    ck_assert_str_eq(s->column[0], "1");
    ck_assert_str_eq(s->column[2], "3");
    /* both positions given: a first row that looks like a header is one, and its names tell the rest */
    options.user = "2";
    options.item = "3";
    READS("when,who,what,rating\nx,1,20,5\nx,2,10,4\n", "1: 20=5 2: 10=4");
    ck_assert_str_eq(tamis_log_summarize(log_read)->column[0], "who");
    READS("x,who,what\ny,ann,b\n", "who: what ann: b"); /* nothing says that it is one */
    READS("a,b,time\n1,2,3\n", "2: 3"); /* asked for as the item, so not the time */
    options.header = TAMIS_HEADER_NO;
    READS("when,who,what\nx,1,20\n", "who: what 1: 20");
    options.header = TAMIS_HEADER_AUTO;
    options.user = options.item = NULL;
}
END_TEST

START_TEST(ratings_and_times)
{
    options.min_rating = 4;
    READS("user_id,item_id,rating\na,x,3.999\na,y,4\nb,x,5e0\nc,z,-1\n", "a: y=4 b: x=5");
    ck_assert_int_eq(tamis_log_summarize(log_read)->below_rating, 2);
    ck_assert_int_eq(tamis_log_summarize(log_read)->ratings_differ, 1); /* 4 and 5 */
    READS("user_id,item_id,rating\na,x,3\na,y,4\nb,x,4\n", "a: y=4 b: x=4");
    ck_assert_int_eq(tamis_log_summarize(log_read)->ratings_differ, 0);
    READS("user_id,item_id,rating\na,x,3.999\na,y,4\nb,x,5e0\nc,z,-1\n", "a: y=4 b: x=5");
    ck_assert_int_eq(tamis_log_summarize(log_read)->rows, 4);
    REFUSES("user_id,item_id,stuff\na,x,3\n", ":1: ", "--rating, one of user_id, item_id, stuff");
    REFUSES("user_id,item_id,rating\na,x,3\n", ": ", "1 row is rated below --min-rating 4 and 0 are bad");
    REFUSES("user_id,item_id,rating\na,x,nan\n",
            ":2:3: ", "rating \"nan\" is not a number; expected one such as 4 or 3.5");
    REFUSES("user_id,item_id,rating\na,x,0x4\n", ":2:3: ", "rating \"0x4\"");
    REFUSES("user_id,item_id,rating\na,x,1e99\n", ":2:3: ", "rating \"1e99\"");
    REFUSES("user_id,item_id,rating\na,x\n", ":2:3: ", "the row has 2 columns, but the rating's is column 3");
    options.min_rating = -(double)INFINITY;
    /* what the header calls a rating and is none is missing; what merely stands third costs its column, not the row */
    READS("user_id,item_id,rating,time\na,x,4,1\na,y,good,2\n", "a: x=4@1 y=?@2");
    READS("1,10,4,1\n1,11,good,2\n2,10,,3\n", "1: 10@1 11@2 2: 10@3");
    READS("user_id,item_id,rating,time\na,x,4,1\na,y,5\n", "a: x=4@1 y=5@?");
    options.rating = "rating";
    REFUSES("user_id,item_id,rating\na,x,4\na,y,good\n", ":3:3: ", "rating \"good\" is not a number");
    options.rating = NULL;
    options.time = "time";
    READS("user_id,item_id,time\na,x,2010-10-19T23:55:27Z\na,y,1970-01-02\n", "a: x@1287532527 y@86400");
    REFUSES("user_id,item_id,time\na,x,1\na,y,2010-13-01\n",
            ":3:3: ", "time \"2010-13-01\" is neither a number nor a date");
}
END_TEST

START_TEST(duplicates_are_merged)
{
    READS("user_id,item_id,rating,time\na,y,1,5\na,x,4,1\nb,x,2,2\na,x,3,9\na,x,2,3\n", "a: y=1@5 x=4@1 b: x=2@2");
    const tamis_log_summary *s = tamis_log_summarize(log_read);
    ck_assert_int_eq(s->rows, 5);
    ck_assert_int_eq(s->duplicates, 2);
    ck_assert_int_eq(s->interactions, 3);
}
END_TEST

/* A row of more than 64 items goes another way than a short one: against what a plain loop expects. */
START_TEST(long_rows_are_sorted)
{
    enum { ITEMS = 700, ROWS = 5000 };
    static int32_t user[ROWS], item[ROWS];
    static int seen[3][ITEMS];
    int64_t n, distinct = 0;
    memset(seen, 0, sizeof seen);
    for (uint32_t k = 0; k < ROWS; k++) {
        user[k] = (int32_t)(k * k % 3);
        item[k] = (int32_t)((k * 2654435761u >> 8) % ITEMS);
        distinct += !seen[user[k]][item[k]]++;
    }
    ck_assert_int_eq(tamis_log_from_pairs(user, item, ROWS, 3, ITEMS, &log_read, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_log_interactions(log_read), distinct);
    ck_assert_int_eq(tamis_log_summarize(log_read)->duplicates, ROWS - distinct);
    ck_assert_int_eq(tamis_log_users(log_read), 3);
    for (int u = 0; u < 3; u++) {
        const int32_t *row = tamis_log_row(log_read, u, &n);
        int64_t at = 0;
        for (int i = 0; i < ITEMS; i++)
            if (seen[u][i]) ck_assert_int_eq(row[at++], i);
        ck_assert_int_eq(at, n);
    }
}
END_TEST

START_TEST(many_rows_keep_their_payload)
{
    enum { ITEMS = 300 };
    FILE *file = fopen(path_text, "w");
    for (int k = 0; k < 3 * ITEMS; k++) {
        int item = k * 7 % ITEMS; /* 7 and 300 have no common divisor: each item three times */
        fprintf(file, "u%d,i%d,%d,%d\n", k % 2, item, k, 1000000 - k);
    }
    fclose(file);
    ck_assert_int_eq(read_path(), TAMIS_OK);
    ck_assert_int_eq(tamis_log_users(log_read), 2);
    double largest[2][ITEMS] = {{0}}, first[2][ITEMS] = {{0}};
    for (int k = 0; k < 3 * ITEMS; k++) {
        int u = k % 2, i = k * 7 % ITEMS;
        largest[u][i] = fmax(largest[u][i], k);
        first[u][i] = 1000000 - k; /* times fall */
    }
    for (int u = 0; u < 2; u++)
        for (int64_t k = log_read->matrix->start[u]; k < log_read->matrix->start[u + 1]; k++) {
            int i = number_of_item(log_read, log_read->matrix->index[k]);
            ck_assert_double_eq((double)log_read->rating[k], largest[u][i]);
            ck_assert_double_eq(times_at(&log_read->time, k), first[u][i]);
        }
}
END_TEST

START_TEST(several_files)
{
    char other[220];
    const char *paths[] = {path_text, other};
    snprintf(other, sizeof other, "%s-2", path_text);
    put("user_id,item_id,rating\na,x,4\n", 29);
    FILE *file = fopen(other, "w");
    fputs("\xEF\xBB\xBFitem_id\tuser_id\nx\ta\ny\tb\n", file);
    fclose(file);
    ck_assert_int_eq(tamis_log_read(paths, 2, &options, &log_read, &error), TAMIS_OK);
    ck_assert_str_eq(show(log_read), "a: x=4 b: y=?"); /* the second file has no ratings: it does not take the first one's */
    ck_assert_int_eq(tamis_log_summarize(log_read)->duplicates, 1);
    unlink(other);
}
END_TEST

/* What nothing asks for may be missing or no number: it is counted, less than any number, and written as an empty field. */
START_TEST(missing_numbers)
{
    READS("user_id,item_id,rating,time\na,x,n/a,5\na,y,,1\nb,x,4,soon\nb,y,\"4,5\",\nc,x,like,2\nc,y,1e99,2010-13-01\nc,z\n",
          "a: x=?@5 y=?@1 b: x=4@? y=?@? c: x=?@2 y=?@? z=?@?");
    const tamis_log_summary *s = tamis_log_summarize(log_read);
    ck_assert_int_eq(s->rows, 7);
    ck_assert_int_eq(s->bad, 0);
    ck_assert_int_eq(s->without_rating, 6);
    ck_assert_int_eq(s->without_time, 4);
    ck_assert_int_eq(s->ratings_differ, 0);
    READS("user_id,item_id,rating,time\na,x,,\na,x,3,7\na,x,2,\na,y,-1,\na,y,,-5\nb,x,,\nb,x,bad,bad\n",
          "a: x=3@7 y=-1@-5 b: x=?@?");
    s = tamis_log_summarize(log_read);
    ck_assert_int_eq(s->duplicates, 4);
    ck_assert_int_eq(s->without_rating, 4); /* rows, before duplicates are merged */
    ck_assert_int_eq(s->ratings_differ, 1);
    READS("user_id,item_id,rating\na,x,like\na,y,love\n", "a: x y"); /* none at all is no column */
    ck_assert_int_eq(tamis_log_summarize(log_read)->without_rating, 2);
    READS("1,10,5,many\n2,10,,7\n", "1: 10 2: 10"); /* without names, neither was one */
    s = tamis_log_summarize(log_read);
    ck_assert_int_eq(s->without_rating + s->without_time, 0);
    options.min_rating = 3; /* now ratings are used, times are not */
    REFUSES("user_id,item_id,rating\na,x,4\na,y,\n", ":3:3: ", "rating \"\" is not a number");
    READS("user_id,item_id,rating,time\na,x,4,soon\na,y,2,later\na,z,5,8\n", "a: x=4@? z=5@8");
    ck_assert_int_eq(tamis_log_summarize(log_read)->without_time, 1); /* rows below are not looked at further */
}
END_TEST

/* Files of which some have ratings and times, in either order; the third one turns out to have none. */
START_TEST(some_files_have_numbers)
{
    static const char *const content[] = {"user_id,item_id\na,x\nb,x\n", "user_id,item_id,rating,time\na,x,4,10\na,y,5,0.5\n",
                                          "c,x,1,1\nc,y,2,2\nc,z,three,3.\n", "user_id,item_id,rating,time\nd,x,,9\n"};
    static const struct {
        int file[3];
        const char *shown;
        int64_t unrated, untimed;
    } logs[] = {{{0, 1, 0}, "a: x=4@10 y=5@0.5 b: x=?@?", 4, 4},
                {{1, 0, 0}, "a: x=4@10 y=5@0.5 b: x=?@?", 4, 4},
                {{1, 2, 3}, "a: x=4@10 y=5@0.5 c: x=?@1 y=?@2 z=?@3 d: x=?@9", 4, 0},
                {{2, 1, 0}, "c: x=?@1 y=?@2 z=?@3 a: x=4@10 y=5@0.5 b: x=?@?", 5, 2},
                {{2, 2, 2}, "c: x@1 y@2 z@3", 0, 0},
                {{0, 0, 2}, "a: x@? b: x@? c: x@1 y@2 z@3", 0, 4}};
    char name[BASE_COUNT(content)][220];
    for (size_t k = 0; k < BASE_COUNT(content); k++) {
        snprintf(name[k], sizeof name[k], "%s-%zu", path_text, k);
        FILE *file = fopen(name[k], "w");
        fputs(content[k], file);
        fclose(file);
    }
    for (size_t k = 0; k < BASE_COUNT(logs); k++) {
        const char *const paths[] = {name[logs[k].file[0]], name[logs[k].file[1]], name[logs[k].file[2]]};
        tamis_log_free(log_read);
        ck_assert_msg(tamis_log_read(paths, 3, &options, &log_read, &error) == TAMIS_OK, "%s", error.text);
        ck_assert_str_eq(show(log_read), logs[k].shown);
        ck_assert_int_eq(tamis_log_summarize(log_read)->without_rating, logs[k].unrated);
        ck_assert_int_eq(tamis_log_summarize(log_read)->without_time, logs[k].untimed);
    }
    for (size_t k = 0; k < BASE_COUNT(content); k++) unlink(name[k]);
}
END_TEST

/* Times that are missing are neither before nor later. */
START_TEST(leakage_without_times)
{
    tamis_log *train = NULL;
    tamis_leakage leak;
    ck_assert_int_eq(read_text("user_id,item_id,time\na,x,9\na,y,\na,z,3\nb,x,9\nc,y,1\n"), TAMIS_OK);
    train = log_read;
    log_read = NULL;
    ck_assert_int_eq(read_text("user_id,item_id,time\na,v,\na,w,8\nb,v,\nc,v,0\n"), TAMIS_OK);
    ck_assert_int_eq(tamis_log_leakage(train, log_read, &leak, &error), TAMIS_OK);
    ck_assert_int_eq(leak.timed, 1);
    ck_assert_int_eq(leak.later_rows, 2); /* 9 of a, after 8; 1 of c, after 0 */
    tamis_log_free(train);
}
END_TEST

/* ---- the k-core */

START_TEST(core_by_hand)
{
    const char *log = "a,x\na,y\na,z\nb,x\nb,y\nc,y\nc,w\nd,w\n";
    /* users need 2: d goes, w has c alone. Items need 2: z (a alone) and w go. c keeps y alone and goes. x and y have
     * a, b. */
    options.min_user_interactions = options.min_item_interactions = 2;
    READS(log, "a: x y b: x y");
    const tamis_log_summary *s = tamis_log_summarize(log_read);
    ck_assert_int_eq(s->core_users, 2);
    ck_assert_int_eq(s->core_items, 2);
    ck_assert_int_eq(s->core_interactions, 4);
    ck_assert_int_eq(s->rows, 8);
    ck_assert_int_eq(s->interactions, 4);
    /* users need 1, items 3: only y has three users; d loses all and goes with w, x, z */
    options.min_user_interactions = 1;
    options.min_item_interactions = 3;
    READS(log, "a: y b: y c: y");
    options.min_user_interactions = options.min_item_interactions = 3;
    ck_assert_int_eq(read_text(log), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(error.text, "none of the 4 users and 4 items is left"));
}
END_TEST

/* A long path: users and items in turn, each with two neighbours but the ends, collapses from both sides to nothing. */
START_TEST(core_of_a_path)
{
    enum { LENGTH = 200000 };
    int32_t *user = malloc(2 * LENGTH * sizeof *user), *item = malloc(2 * LENGTH * sizeof *item);
    for (int k = 0; k < LENGTH; k++) {
        user[2 * k] = user[2 * k + 1] = k;
        item[2 * k] = k;
        item[2 * k + 1] = k + 1;
    }
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 2 * LENGTH, LENGTH, LENGTH + 1, &log_read, &error), TAMIS_OK);
    int64_t start[LENGTH + 1];
    log_draft draft = {.log = log_read, .start = start, .item = item, .nnz = 2 * LENGTH};
    memcpy(start, log_read->matrix->start, sizeof start);
    memcpy(item, log_read->matrix->index, 2 * LENGTH * sizeof *item);
    options.min_item_interactions = 2;
    ck_assert_int_eq(log_take_core(&draft, &options, &error), TAMIS_OK);
    ck_assert_int_eq(log_read->summary.core_items, 2); /* the two ends; users may have one */
    options.min_user_interactions = 2;
    ck_assert_int_eq(log_take_core(&draft, &options, &error), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(error.text, "expected lower numbers"));
    free(user);
    free(item);
}
END_TEST

/* ---- adjacency, MatrixMarket */

START_TEST(adjacency)
{
    options.format = TAMIS_FORMAT_ADJACENCY;
    READS("0 10 20 30\n1 20\n2\n\n3\t10  10 \r\n4 9", "0: 10 20 30 1: 20 3: 10 4: 9");
    ck_assert_int_eq(tamis_log_summarize(log_read)->rows, 7);
    ck_assert_int_eq(tamis_log_summarize(log_read)->duplicates, 1);
    refused(read_bytes("0 1\n1 2 \0", 9), TAMIS_DATA, ":2:3: ", "NUL byte");
    REFUSES("0\n1\n", ": ", "there is no row of data");
    options.min_rating = 1;
    REFUSES("0 1\n", ": ", "--min-rating needs ratings, but an adjacency list has none");
    options.min_rating = -(double)INFINITY; /* columns that are named are not passed over */
    options.time = "3";
    refused(read_text("0 1\n"), TAMIS_USAGE, ": ", "--time names a column, of which this format has none");
    options.format = TAMIS_FORMAT_MTX;
    options.time = NULL;
    options.user = "user_id";
    refused(read_text("%%MatrixMarket matrix coordinate pattern general\n1 1 1\n1 1\n"), TAMIS_USAGE, ": ", "--user names a column");
}
END_TEST

/* Words and rows that lie across the windows in which a file is read. */
START_TEST(across_windows)
{
    enum { WORDS = 400000 };
    FILE *file = fopen(path_text, "w");
    fputs("user", file);
    for (int k = 0; k < WORDS; k++)
        fprintf(file, " item%d", k);
    fclose(file);
    options.format = TAMIS_FORMAT_ADJACENCY;
    ck_assert_int_eq(read_path(), TAMIS_OK);
    ck_assert_int_eq(tamis_log_items(log_read), WORDS);
    size_t length;
    for (int k = 0; k < WORDS; k += 997) {
        char expected[20];
        const char *id = tamis_log_item_id(log_read, k, &length);
        ck_assert_int_eq((int)length, snprintf(expected, sizeof expected, "item%d", k));
        ck_assert_int_eq(memcmp(id, expected, length), 0);
    }
    file = fopen(path_text, "w");
    fputs("user_id,item_id,note\n", file);
    for (int k = 0; k < WORDS; k++)
        fprintf(file, "\"u %d\",i%d,\"\n\"\n", k / 1000, k % 1000);
    fputs("a\n", file);
    fclose(file);
    options.format = TAMIS_FORMAT_AUTO;
    options.quotes = TAMIS_QUOTES_CSV;
    /* a header line, then two lines a row */
    refused(read_path(), TAMIS_DATA, ":800002:2: ", "the row has 1 column, but the item's is column 2");
    options.on_error = TAMIS_ON_ERROR_SKIP;
    ck_assert_int_eq(read_path(), TAMIS_OK);
    ck_assert_int_eq(tamis_log_users(log_read), WORDS / 1000);
    ck_assert_int_eq(tamis_log_interactions(log_read), WORDS);
    ck_assert_int_eq(tamis_log_summarize(log_read)->continued, WORDS);
}
END_TEST

START_TEST(matrix_market)
{
    const char *head = "%%MatrixMarket matrix coordinate real general\n% a comment\n%\n\n3 4 3\n";
    char whole[400];
    snprintf(whole, sizeof whole, "%s2 1 4.5\n%% another\n1 4 1\n2 3 2e0\n", head);
    READS(whole, "2: 1=4.5 3=2 1: 4=1");
    options.min_rating = 2;
    READS(whole, "2: 1=4.5 3=2");
    options.min_rating = -(double)INFINITY;
    READS("%%matrixmarket MATRIX Coordinate Pattern General\n2 2 2\n1 1\n02 2\n", "1: 1 2: 2");
    READS("%%MatrixMarket matrix coordinate integer general\r\n2 2 1\r\n1 1 3\r\n", "1: 1=3");
    snprintf(whole, sizeof whole, "%s2 1 4.5\n1 4 1\n", head);
    REFUSES(whole, ": ", "2 entries, but the head says 3");
    snprintf(whole, sizeof whole, "%s2 1 4.5\n1 4 1\n1 1 1\n1 2 1\n", head);
    REFUSES(whole, ":9:1: ", "more entries than the 3");
    snprintf(whole, sizeof whole, "%s2 1 4.5\n1 5 1\n1 1 1\n", head);
    REFUSES(whole, ":7:2: ", "the column \"5\" is not a whole number from 1 to 4");
    snprintf(whole, sizeof whole, "%s2 1 4.5\n0 1 1\n1 1 1\n", head);
    REFUSES(whole, ":7:1: ", "the row \"0\"");
    snprintf(whole, sizeof whole, "%s2 1\n", head);
    REFUSES(whole, ":6:3: ", "the entry has 2 words; expected three");
    snprintf(whole, sizeof whole, "%s2 1 x\n", head);
    REFUSES(whole, ":6:3: ", "rating \"x\" is not a number");
    REFUSES("%%MatrixMarket matrix array real general\n1 1\n1\n", ":1:1: ", "expected a sparse matrix");
    REFUSES("%%MatrixMarket matrix coordinate complex general\n1 1 0\n", ":1:4: ", "expected real, integer or pattern");
    REFUSES("%%MatrixMarket matrix coordinate real symmetric\n1 1 0\n", ":1:5: ", "expected a general matrix");
    REFUSES("%%MatrixMarket matrix coordinate real general\n1 x 1\n", ":2:2: ", "three sizes");
    REFUSES("%%MatrixMarket matrix coordinate real general\n1 1 0\n", ": ", "no row of data");
}
END_TEST

/* ---- gzip */

static size_t squeeze(const char *content, unsigned char *packed, size_t room)
{
    z_stream stream = {0};
    ck_assert_int_eq(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    char copy[400];
    snprintf(copy, sizeof copy, "%s", content);
    stream.next_in = (Bytef *)copy;
    stream.avail_in = (uInt)strlen(content);
    stream.next_out = packed;
    stream.avail_out = (uInt)room;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t size = room - stream.avail_out;
    deflateEnd(&stream);
    return size;
}

START_TEST(gzip)
{
    unsigned char packed[1000];
    size_t one = squeeze("user_id,item_id\na,x\nb", packed, sizeof packed);
    size_t two = one + squeeze(",y\n", packed + one, sizeof packed - one);
    ck_assert_int_eq(read_bytes(packed, two), TAMIS_OK);
    ck_assert_str_eq(show(log_read), "a: x b: y");
    memset(packed + two, 0, 100); /* filled up to a block */
    ck_assert_int_eq(read_bytes(packed, two + 100), TAMIS_OK);
    memcpy(packed + two, "garbage", 7);
    refused(read_bytes(packed, two + 7), TAMIS_DATA, ": ",
            "after the end of the gzip data stand bytes that are not gzip");
    for (size_t cut = 2; cut < two; cut++) {
        if (cut == one) continue; /* a whole member is a whole file, though here not a whole row */
        refused(read_bytes(packed, cut), TAMIS_DATA, ": ", "truncated");
    }
    refused(read_bytes(packed, one), TAMIS_DATA, ":3:2: ", "1 column");
    packed[one - 6] ^= 1; /* within the checksum */
    refused(read_bytes(packed, two), TAMIS_DATA, ": ", "the gzip data is damaged");
}
END_TEST

/* ---- errors */

START_TEST(bad_rows)
{
    options.quotes = TAMIS_QUOTES_CSV;
    REFUSES("user_id,item_id\n1,2\n\n\"3\n\",4\n,5\n", ":6:1: ", "the user id is empty");
    options.quotes = TAMIS_QUOTES_AUTO;
    REFUSES("user_id,item_id\n1,2\n3,\n", ":3:2: ", "the item id is empty");
    REFUSES("user_id,item_id\n1,2\n3\n", ":3:2: ", "(or skip bad rows with --on-error skip)");
    REFUSES("user_id,item_id\r\n1,2\r\n\r\n3\r\n", ":4:2: ", "1 column,");
    REFUSES("user_id,item_id\n\"a\"b,2\n", ":2:1: ", "text follows the quote");
    REFUSES("user_id,item_id\n1,\"a\" \n3,4\n", ":2:2: ", "text follows the quote");
    options.on_error = TAMIS_ON_ERROR_SKIP;
    READS("user_id,item_id\n1,2\n3,\n,4\n5\n\"a\"b,7\n6,7\n", "1: 2 6: 7");
    const tamis_log_summary *s = tamis_log_summarize(log_read);
    ck_assert_int_eq(s->rows, 6);
    ck_assert_int_eq(s->bad, 4);
    char expected[300];
    snprintf(expected, sizeof expected, "%s:3:2: the item id is empty; expected a name or number", path_text);
    ck_assert_str_eq(s->first_bad.text, expected);
    REFUSES("user_id,item_id\n3,\n", ": no interaction: every row is bad", "the item id is empty");
}
END_TEST

START_TEST(broken_files)
{
    REFUSES("user_id,item_id\n1,2\n3,\"4\n5,6\n", ":3:2: ", "not closed on its line; expected --quotes none if quotes are");
    REFUSES("\"user_id,item_id\n1,2\n", ":1:1: ", "or --quotes csv if fields span lines");
    options.quotes = TAMIS_QUOTES_CSV;
    REFUSES("user_id,item_id\n1,2\n3,\"4\n5,6\n", ":3:2: ", "closed neither within 1 MiB nor before the file ends");
    options.quotes = TAMIS_QUOTES_AUTO;
    options.on_error = TAMIS_ON_ERROR_SKIP; /* which changes nothing here */
    REFUSES("", ": ", "no interaction: there is no row of data");
    REFUSES("\n\n", ": ", "no interaction: there is no row of data");
    REFUSES("user_id,item_id\n", ": ", "no interaction: there is no row of data");
    refused(read_bytes("user_id,item_id\n1,2\n3,\0\n", 23), TAMIS_DATA, ":3:2: ", "a NUL byte");
    refused(read_bytes("u\0s\0e\0r\0", 8), TAMIS_DATA, ":1:1: ", "iconv -f UTF-16");
    refused(read_bytes("\xFF\xFEu\0s\0", 6), TAMIS_DATA, " is UTF-16", "iconv -f UTF-16");
    refused(read_bytes("PK\3\4....", 8), TAMIS_DATA, " is a zip archive", "unzip -p");
    refused(read_bytes("\xFD"
                       "7zXZ\0..",
                       8),
            TAMIS_DATA, " is packed", "xz -dc");
    unlink(path_text);
    refused(read_path(), TAMIS_FAILURE, "", "No such file");
    ck_assert_int_eq(mkdir(path_text, 0700), 0);
    refused(read_path(), TAMIS_FAILURE, "", "directory");
    rmdir(path_text);
}
END_TEST

/* The same sentence, whether a row that is too long is the first, stands in a field, or is made of many. */
START_TEST(rows_without_end)
{
    enum { LENGTH = 3 << 20 };
    char *bytes = malloc(LENGTH);
    for (int kind = 0; kind < 4; kind++) {
        static const char *const head[] = {"", "user_id,item_id\n1,2\n3,", "user_id,item_id\n1,2\n3,",
                                           "user_id,item_id\n1,2\n3,\""};
        static const char fill[] = {'a', 'a', ',', 'a'};
        options.quotes = kind == 3 ? TAMIS_QUOTES_CSV : TAMIS_QUOTES_AUTO;
        memset(bytes, fill[kind], LENGTH);
        memcpy(bytes, head[kind], strlen(head[kind]));
        refused(read_bytes(bytes, LENGTH), TAMIS_DATA, kind ? ":3:" : ":1:", "the row does not end within 1 MiB");
    }
    free(bytes);
}
END_TEST

START_TEST(options_are_checked)
{
    put("1,2\n", 4);
    options.min_user_interactions = 0;
    refused(read_path(), TAMIS_USAGE, "", "--min-user-interactions");
    tamis_log_options_default(&options);
    options.format = 9;
    refused(read_path(), TAMIS_USAGE, "", "--format");
    tamis_log_options_default(&options);
    options.quotes = 3;
    refused(read_path(), TAMIS_USAGE, "", "--quotes");
    options.quotes = -1;
    refused(read_path(), TAMIS_USAGE, "", "--quotes");
    tamis_log_options_default(&options);
    options.min_rating = (double)NAN;
    refused(read_path(), TAMIS_USAGE, "", "--min-rating");
    ck_assert_int_eq(tamis_log_read(NULL, 0, NULL, &log_read, &error), TAMIS_USAGE);
}
END_TEST

/* ---- numbers */

START_TEST(numbers)
{
    static const char *const good[] = {"0",
                                       "-0.5",
                                       "+3",
                                       "4.",
                                       ".5",
                                       "3.5e2",
                                       "1e-3",
                                       " 7 ",
                                       "0.1",
                                       "123456789012345678",
                                       "0.30000000000000004",
                                       "1e300",
                                       "4.9e-324",
                                       "00012",
                                       "2.2250738585072014e-308",
                                       "9007199254740993",
                                       "0.000001",
                                       "1E+05"};
    static const char *const bad[] = {"",   " ",     "abc", "nan", "inf", "0x10", "1,5",
                                      "1e", "1e400", "--1", "1 2", ".",   "-",    "e5"};
    double value = -1;
    for (size_t k = 0; k < BASE_COUNT(good); k++) {
        ck_assert_msg(number_parse_real(good[k], strlen(good[k]), &value), "%s", good[k]);
        ck_assert_msg(value == strtod(good[k], NULL), "%s", good[k]);
    }
    for (size_t k = 0; k < BASE_COUNT(bad); k++)
        ck_assert_msg(!number_parse_real(bad[k], strlen(bad[k]), &value), "%s", bad[k]);
}
END_TEST

START_TEST(times)
{
    /* days since 1970: 2000-03-01 is 30 years, 7 leap days, January and a leap February on: 30*365 + 7 + 31 + 29 =
     * 11017 */
    static const struct {
        const char *text;
        double seconds;
    } good[] = {{"2000-03-01", 11017 * 86400.0},
                {"1969-12-31 23:59:59", -1},
                {"1970-01-01T00:00Z", 0},
                {"1970-01-01T02:30:00+02:30", 0},
                {"1970-01-01T00:00:00.25-0100", 3600.25},
                {" 1970-01-02 ", 86400},
                {"2010-10-19T23:55:27Z", 1287532527},
                {"1287532527", 1287532527},
                {"1.5", 1.5}};
    static const char *const bad[] = {"",
                                      "2010",
                                      "2010-1-1",
                                      "2011-02-29",
                                      "2010-10-19T25:00",
                                      "2010-10-19T",
                                      "yesterday",
                                      "2010-10-19 10:00 am",
                                      "19-10-2010"};
    double value;
    for (size_t k = 0; k < BASE_COUNT(good); k++) {
        ck_assert_msg(date_parse(good[k].text, strlen(good[k].text), &value), "%s", good[k].text);
        ck_assert_double_eq(value, good[k].seconds);
    }
    for (size_t k = 0; k < BASE_COUNT(bad); k++)
        ck_assert_msg(!date_parse(bad[k], strlen(bad[k]), &value) || strcmp(bad[k], "2010") == 0, "%s", bad[k]);
}
END_TEST

START_TEST(number_text)
{
    char buffer[40];
    ck_assert_str_eq(number_float_text(3.7f, buffer), "3.7");
    ck_assert_str_eq(number_float_text(4, buffer), "4");
    ck_assert_str_eq(number_float_text(-0.1f, buffer), "-0.1");
    ck_assert_str_eq(number_real_text(1287532527, buffer), "1287532527");
    ck_assert_str_eq(number_real_text(0.1, buffer), "0.1");
    ck_assert_str_eq(number_real_text(0.1 + 0.2, buffer), "0.30000000000000004");
    base_stream stream = base_stream_key(1, BASE_FOR_NOISE, 2, 3);
    for (int k = 0; k < 2000; k++) { /* any bits come back */
        uint64_t bits = base_next(&stream);
        double value, back;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        number_real_text(value, buffer);
        ck_assert(number_parse_real(buffer, strlen(buffer), &back));
        ck_assert_double_eq(back, value);
        float single = (float)ldexp((double)(int32_t)bits, (int)(bits >> 40) % 60 - 30);
        number_float_text(single, buffer);
        ck_assert(number_parse_real(buffer, strlen(buffer), &back));
        ck_assert((float)back == single);
    }
}
END_TEST

/* ---- writing, pairs */

START_TEST(written_and_read_again)
{
    const char *content =
        "user_id,item_id,rating,timestamp\n\"a,b\",\"x \"\"y\"\"\",3.7,1287532527.25\n c ,\"l\n m\",-1,9\nd,e,many,\nd,f,,soon\n";
    options.quotes = TAMIS_QUOTES_CSV;
    ck_assert_int_eq(read_text(content), TAMIS_OK);
    char before[200], line[200];
    snprintf(before, sizeof before, "%s", show(log_read));
    ck_assert_int_eq(tamis_log_write(log_read, path_text, &error), TAMIS_OK);
    FILE *file = fopen(path_text, "r");
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    ck_assert_str_eq(line, "user_id,item_id,rating,timestamp\n");
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    ck_assert_str_eq(line, "\"a,b\",\"x \"\"y\"\"\",3.7,1287532527.25\n");
    fclose(file);
    ck_assert_ptr_nonnull(strstr(before, "d: e=?@? f=?@?"));
    ck_assert_int_eq(read_path(), TAMIS_OK);
    ck_assert_str_eq(show(log_read), before);
}
END_TEST

START_TEST(from_pairs)
{
    const int32_t user[] = {2, 0, 2, 2}, item[] = {3, 1, 0, 3};
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 4, 4, 5, &log_read, &error), TAMIS_OK);
    ck_assert_str_eq(show(log_read), "0: 1 1: 2: 0 3 3:"); /* all users have a row, with or without items */
    ck_assert_int_eq(tamis_log_items(log_read), 5);
    ck_assert_int_eq(tamis_log_summarize(log_read)->duplicates, 1);
    tamis_log *none;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 4, 2, 5, &none, &error), TAMIS_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "interaction 0 is of user 2 and item 3"));
    ck_assert_ptr_null(none);
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 0, 2, 5, &none, &error), TAMIS_DATA);
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 4, (int64_t)1 << 31, 5, &none, &error), TAMIS_USAGE);
}
END_TEST

/* ---- splits */

static tamis_log *part[3]; /* train, validation, test */

static void free_parts(void)
{
    for (int k = 0; k < 3; k++) {
        tamis_log_free(part[k]);
        part[k] = NULL;
    }
}

static int64_t row_length(const tamis_log *log, int64_t user)
{
    int64_t n;
    (void)tamis_log_row(log, user, &n);
    return n;
}

/* 2 users x 3 items, and then a log of 4 x 5, whose ids are numbers too: two more of each, without interactions */
START_TEST(ids_alone)
{
    const int32_t user[] = {0, 1, 1, 3}, item[] = {2, 0, 1, 4};
    tamis_log *log, *other;
    int64_t n;
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 3, 2, 3, &log, NULL), TAMIS_OK);
    ck_assert_int_eq(tamis_log_from_pairs(user, item, 4, 4, 5, &other, NULL), TAMIS_OK);
    for (int twice = 0; twice < 2; twice++) {
        ck_assert_int_eq(tamis_log_add_ids(log, other, NULL), TAMIS_OK);
        ck_assert_int_eq(tamis_log_users(log), 4);
        ck_assert_int_eq(tamis_log_items(log), 5);
        ck_assert_int_eq(tamis_log_interactions(log), 3);
        ck_assert_int_eq(tamis_log_row(log, 1, &n)[1], 1);
        ck_assert_int_eq(n, 2);
        (void)tamis_log_row(log, 3, &n);
        ck_assert_int_eq(n, 0);
        size_t length;
        ck_assert_int_eq(tamis_log_item_id(log, 4, &length)[0], '4');
    }
    tamis_log_free(log);
    tamis_log_free(other);
}
END_TEST

START_TEST(split_sizes)
{
    /* users with 1 to 10 items. test .2: round(n / 5) = 0 0 1 1 1 1 1 2 2 2; validation .1: 0 0 0 0 1 1 1 1 1 1 */
    static const int64_t test[] = {0, 0, 1, 1, 1, 1, 1, 2, 2, 2}, validation[] = {0, 0, 0, 0, 1, 1, 1, 1, 1, 1};
    int32_t user[55], item[55];
    int64_t n = 0;
    for (int32_t u = 0; u < 10; u++)
        for (int32_t i = 0; i <= u; i++, n++) {
            user[n] = u;
            item[n] = i;
        }
    ck_assert_int_eq(tamis_log_from_pairs(user, item, n, 10, 10, &log_read, &error), TAMIS_OK);
    tamis_split_options split;
    tamis_split_options_default(&split);
    ck_assert_double_eq(split.test_ratio, 0.2);
    split.validation_ratio = 0.1;
    ck_assert_int_eq(tamis_log_split(log_read, &split, &part[0], &part[1], &part[2], &error), TAMIS_OK);
    for (int64_t u = 0; u < 10; u++) {
        ck_assert_int_eq(row_length(part[2], u), test[u]);
        ck_assert_int_eq(row_length(part[1], u), validation[u]);
        ck_assert_int_eq(row_length(part[0], u), u + 1 - test[u] - validation[u]);
        /* each item in one part: the three rows together hold 0..u once */
        int seen[10] = {0};
        for (int k = 0; k < 3; k++) {
            int64_t count;
            const int32_t *row = tamis_log_row(part[k], u, &count);
            for (int64_t j = 0; j < count; j++) {
                seen[row[j]]++;
                ck_assert(j == 0 || row[j - 1] < row[j]);
            }
        }
        for (int i = 0; i <= u; i++)
            ck_assert_int_eq(seen[i], 1);
    }
    ck_assert_int_eq(tamis_log_users(part[2]), 10);
    ck_assert_int_eq(tamis_log_items(part[2]), 10);
    free_parts();
    /* .5 and .49: of 2 items both would go, round(1) and round(.98); one stays, and validation gives way */
    split.test_ratio = 0.5;
    split.validation_ratio = 0.49;
    ck_assert_int_eq(tamis_log_split(log_read, &split, &part[0], &part[1], &part[2], &error), TAMIS_OK);
    ck_assert_int_eq(row_length(part[0], 0), 1);
    ck_assert_int_eq(row_length(part[0], 1), 1);
    ck_assert_int_eq(row_length(part[1], 1), 0);
    ck_assert_int_eq(row_length(part[2], 1), 1);
    free_parts();
    split.test_ratio = 0.6;
    ck_assert_int_eq(tamis_log_split(log_read, &split, &part[0], NULL, NULL, &error), TAMIS_USAGE);
    split.test_ratio = 0.2;
    split.order = TAMIS_SPLIT_TIME;
    ck_assert_int_eq(tamis_log_split(log_read, &split, &part[0], NULL, NULL, &error), TAMIS_DATA);
    ck_assert_ptr_null(part[0]);
}
END_TEST

/* Why a log has no times is said with the place, when they are needed. */
START_TEST(split_without_times)
{
    static const struct {
        const char *content, *start, *reason;
    } logs[] = {{"user_id,item_id\na,x\n", ": ", "no column is known to hold times, but --order time needs"},
                {"user_id,item_id,time\na,x,1\na,y,soon\na,z\n", ":3:3: ", "time \"soon\" is neither a number nor"},
                {"user_id,item_id,time\na,x,1\na,y,\na,z,soon\n", ":3:3: ", "the time is missing"},
                {"user_id,item_id,time\na,x,1\na,y\n", ":3:3: ", "the time is missing"},
                {"user_id,item_id,time\na,x,1\n\na,x,\nb,y,\n", ":4:3: ", "the time is missing, but --order time needs"},
                {"1,10,5,7\n1,11,5,8\n2,10,4,x\n", ":3:4: ", "time \"x\" is neither"},
                {"%%MatrixMarket matrix coordinate pattern general\n1 1 1\n1 1\n", ": ", "a MatrixMarket file has no"}};
    tamis_split_options split;
    tamis_split_options_default(&split);
    split.order = TAMIS_SPLIT_TIME;
    for (size_t k = 0; k < BASE_COUNT(logs); k++) {
        ck_assert_int_eq(read_text(logs[k].content), TAMIS_OK);
        refused(tamis_log_split(log_read, &split, &part[0], NULL, NULL, &error), TAMIS_DATA, logs[k].start,
                logs[k].reason);
    }
    READS("user_id,item_id,time\na,x,\na,x,3\na,y,2\n", "a: x@3 y@2"); /* the other row of the pair has one */
    split.test_ratio = 0.5;
    ck_assert_int_eq(tamis_log_split(log_read, &split, &part[0], NULL, &part[2], &error), TAMIS_OK);
    ck_assert_str_eq(show(part[2]), "a: x@3");
    free_parts();
}
END_TEST

/* ---- lines */

static int collect(void *context, const char *bytes, size_t count, int64_t number)
{
    size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "%d=%.*s;", (int)number, (int)count, bytes);
    return context && number == *(int *)context;
}

static int count_pairs(void *context, const char *bytes, size_t count, int64_t number)
{
    int64_t *seen = context;
    (void)number;
    *seen += count == 2 && memcmp(bytes, "aa", 2) == 0;
    return 0;
}

START_TEST(lines)
{
    enum { LONG = 3 << 20 };
    unsigned char packed[1000];
    int last = 2;
    base_lines all = {NULL, collect}, two = {&last, collect};
    text[0] = '\0';
    const char *list = "\xEF\xBB\xBFuser_id\r\n\nann\n\r\n b,c \nlast";
    put(list, strlen(list));
    ck_assert_int_eq(base_lines_read(path_text, &all, &error), TAMIS_OK);
    ck_assert_str_eq(text, "1=user_id;3=ann;5= b,c ;6=last;");
    text[0] = '\0';
    put(packed, squeeze("ann\nbob\nzoe\n", packed, sizeof packed));
    ck_assert_int_eq(base_lines_read(path_text, &two, &error), TAMIS_STOPPED);
    ck_assert_str_eq(text, "1=ann;2=bob;");
    put("ann\nb\0b\n", 8);
    refused(base_lines_read(path_text, &all, &error), TAMIS_DATA, ":2:1: ", "a NUL byte");
    char *bytes = malloc(LONG); /* lines of 3 bytes lie across the windows, which are a power of two */
    for (int k = 0; k < LONG; k++) bytes[k] = k % 3 == 2 ? '\n' : 'a';
    put(bytes, LONG);
    int64_t seen = 0;
    base_lines count = {&seen, count_pairs};
    ck_assert_int_eq(base_lines_read(path_text, &count, &error), TAMIS_OK);
    ck_assert_int_eq(seen, LONG / 3);
    memset(bytes + 3, 'a', LONG - 3);
    put(bytes, LONG);
    refused(base_lines_read(path_text, &count, &error), TAMIS_DATA, ":2: ", "does not end within 1 MiB");
    free(bytes);
    unlink(path_text);
    ck_assert_int_eq(base_lines_read(path_text, &all, &error), TAMIS_FAILURE);
}
END_TEST

START_TEST(split_by_time)
{
    READS("user_id,item_id,timestamp\na,v,5\na,w,1\na,x,4\na,y,2\na,z,3\nb,w,7\nb,v,9\nb,x,8\nb,z,6\n",
          "a: v@5 w@1 x@4 y@2 z@3 b: v@9 w@7 x@8 z@6");
    tamis_split_options split;
    tamis_split_options_default(&split);
    split.order = TAMIS_SPLIT_TIME;
    split.test_ratio = 0.4;       /* of 5: 2; of 4: round(1.6) = 2 */
    split.validation_ratio = 0.2; /* 1; round(.8) = 1 */
    ck_assert_int_eq(tamis_log_split(log_read, &split, &part[0], &part[1], &part[2], &error), TAMIS_OK);
    ck_assert_str_eq(show(part[2]), "a: v@5 x@4 b: v@9 x@8");
    ck_assert_str_eq(show(part[1]), "a: z@3 b: w@7");
    ck_assert_str_eq(show(part[0]), "a: w@1 y@2 b: z@6");
    free_parts();
}
END_TEST

/* The same users and items in another order, with another user before them, are cut alike; another seed cuts otherwise.
 */
START_TEST(split_depends_on_ids_alone)
{
    char one[800] = "user_id,item_id\n", two[800] = "user_id,item_id\nnew,z3\nnew,z9\n", line[20];
    char first[200], second[200], third[200];
    tamis_split_options split;
    tamis_split_options_default(&split);
    for (int k = 0; k < 20; k++) {
        snprintf(line, sizeof line, "u,i%d\n", k);
        strcat(one, line);
        snprintf(line, sizeof line, "u,i%d\n", k * 7 % 20);
        strcat(two, line);
    }
    char *shown[] = {first, second, third};
    for (int k = 0; k < 3; k++) {
        ck_assert_int_eq(read_text(k == 1 ? two : one), TAMIS_OK);
        split.seed = k == 2 ? 8 : 7;
        ck_assert_int_eq(tamis_log_split(log_read, &split, &part[0], NULL, &part[2], &error), TAMIS_OK);
        int64_t user = tamis_log_users(log_read) - 1;
        int chosen[20] = {0};
        for (int64_t j = part[2]->matrix->start[user]; j < part[2]->matrix->start[user + 1]; j++)
            chosen[number_of_item(part[2], part[2]->matrix->index[j])] = 1;
        for (int i = 0; i < 20; i++)
            shown[k][i] = chosen[i] ? 'x' : '.';
        shown[k][20] = '\0';
        tamis_log_free(part[0]);
        tamis_log_free(part[2]);
    }
    ck_assert_str_eq(first, second);
    ck_assert_str_ne(first, third);
}
END_TEST

/* Each of 10 items is as likely as another to be drawn: 2000 users, 2 of 10 each, so 400 +- 18 (binomial). */
START_TEST(split_is_even)
{
    enum { USERS = 2000, ITEMS = 10 };
    int32_t *user = malloc(USERS * ITEMS * sizeof *user), *item = malloc(USERS * ITEMS * sizeof *item);
    for (int32_t k = 0; k < USERS * ITEMS; k++) {
        user[k] = k / ITEMS;
        item[k] = k % ITEMS;
    }
    ck_assert_int_eq(tamis_log_from_pairs(user, item, USERS * ITEMS, USERS, ITEMS, &log_read, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_log_split(log_read, NULL, &part[0], NULL, &part[2], &error), TAMIS_OK);
    int drawn[ITEMS] = {0};
    for (int64_t k = 0; k < tamis_log_interactions(part[2]); k++)
        drawn[part[2]->matrix->index[k]]++;
    for (int i = 0; i < ITEMS; i++)
        ck_assert_int_le(abs(drawn[i] - USERS / 5), 72);
    tamis_log_free(part[0]);
    tamis_log_free(part[2]);
    free(user);
    free(item);
}
END_TEST

/* ---- real logs, where they are at hand */

static bool dataset(const char *name, char *buffer, size_t size)
{
    const char *place = getenv("TAMIS_DATASETS");
    return place && base_join(buffer, size, place, name) && access(buffer, R_OK) == 0;
}

START_TEST(real_logs)
{
    char file[500];
    const char *paths[] = {file};
    if (dataset("gowalla/train.csv.gz", file, sizeof file)) {
        ck_assert_int_eq(tamis_log_read(paths, 1, NULL, &log_read, &error), TAMIS_OK);
        ck_assert_int_eq(tamis_log_users(log_read), 29858);
        ck_assert_int_eq(tamis_log_items(log_read), 40981);
        ck_assert_int_eq(tamis_log_summarize(log_read)->rows, 810128);
        ck_assert_int_eq(tamis_log_interactions(log_read), 810128);
    }
    if (dataset("ml-100k/ratings.csv", file, sizeof file)) {
        options.min_rating = 4;
        tamis_log_free(log_read);
        ck_assert_int_eq(tamis_log_read(paths, 1, &options, &log_read, &error), TAMIS_OK);
        ck_assert_int_eq(tamis_log_interactions(log_read), 55375);
        ck_assert_int_eq(tamis_log_summarize(log_read)->below_rating, 44625);
    }
}
END_TEST

static tamis_status read_table(const char *content, tamis_table **table, tamis_error *e)
{
    put(content, strlen(content));
    return tamis_table_read(path_text, table, e);
}

/* block by block, by several threads, and joined: what zlib makes of it in one go */
START_TEST(checksums_are_zlibs)
{
    static const uint64_t sizes[] = {0, 1, CHECKSUM_BLOCK, CHECKSUM_BLOCK + 1, 50 * CHECKSUM_BLOCK + 7, (1 << 26) + 11};
    unsigned char *bytes = malloc(sizes[BASE_COUNT(sizes) - 1]);
    uint32_t *sums = malloc(checksum_blocks(sizes[BASE_COUNT(sizes) - 1]) * sizeof *sums);
    ck_assert(bytes && sums);
    for (uint64_t k = 0; k < sizes[BASE_COUNT(sizes) - 1]; k++) bytes[k] = (unsigned char)(base_mix(k / 3) >> k % 5);
    for (size_t k = 0; k < BASE_COUNT(sizes); k++) {
        const uint32_t whole = (uint32_t)crc32_z(0, bytes, sizes[k]);
        ck_assert_uint_eq(checksum(bytes, sizes[k]), whole);
        checksum_each(bytes, sizes[k], sums);
        ck_assert_uint_eq(checksum_join(sums, sizes[k]), whole);
        for (uint64_t b = 0; b < checksum_blocks(sizes[k]); b++) {
            const uint64_t at = b * CHECKSUM_BLOCK, rest = sizes[k] - at;
            ck_assert_uint_eq(sums[b], (uint32_t)crc32_z(0, bytes + at, rest < CHECKSUM_BLOCK ? rest : CHECKSUM_BLOCK));
        }
    }
    free(bytes);
    free(sums);
}
END_TEST

START_TEST(small_tables)
{
    tamis_table *table;
    tamis_error e;
    size_t column, length;
    double value;
    int64_t line;
    const char *content = "id,genre,year\r\n1,\"a, \"\"b\"\"\",1990\r\n\r\n\"2\",\"x\ny\",\r\n3,,soon";
    ck_assert_int_eq(read_table(content, &table, &e), TAMIS_OK);
    ck_assert_int_eq(base_table_rows(table), 3);
    ck_assert_uint_eq(base_table_columns(table), 3);
    ck_assert_int_eq(tamis_table_find(table, "genre", &column, &e), TAMIS_OK);
    ck_assert_uint_eq(column, 1);
    ck_assert_int_eq(tamis_table_find(table, "3", &column, &e), TAMIS_OK);
    ck_assert_uint_eq(column, 2);
    ck_assert_int_eq(tamis_table_find(table, "4", &column, &e), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(e.text, "the columns are id, genre, year"));
    ck_assert_str_eq(base_table_text(table, 0, 1, &length), "a, \"b\"");
    ck_assert_uint_eq(length, 6);
    ck_assert_str_eq(base_table_text(table, 1, 0, &length), "2");
    ck_assert_str_eq(base_table_text(table, 2, 1, &length), "");
    ck_assert_int_eq(base_table_number(table, 0, 2, &value, &e), TAMIS_OK);
    ck_assert(value == 1990);
    ck_assert_int_eq(base_table_number(table, 2, 2, &value, &e), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(e.text, ":6:3: year \"soon\" is not a number"));
    ck_assert_str_eq(base_table_place(table, 1, &line), path_text);
    ck_assert_int_eq(line, 4);
    tamis_table_free(table);
    ck_assert_int_eq(read_table("a;b\n1;2;3\n", &table, &e), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(e.text, ":2:3: the row has 3 fields; expected 2"));
    ck_assert_ptr_null(table);
    ck_assert_int_eq(read_table("a;b\n1;\"2\n", &table, &e), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(e.text, ":2:2: the quote that opens this field is closed neither"));
    ck_assert_int_eq(read_table("a;b\n1;\"2\"3\n", &table, &e), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(e.text, ":2:2: text follows the quote that ends a field; expected quotes around whole"));
    ck_assert_int_eq(read_table("id,title\n1,5\" disk\n2,\"a \"\"12\"\"\"\n", &table, &e), TAMIS_OK);
    ck_assert_str_eq(base_table_text(table, 0, 1, &length), "5\" disk");
    ck_assert_str_eq(base_table_text(table, 1, 1, &length), "a \"12\"");
    tamis_table_free(table);
    ck_assert_int_eq(read_table("id\ttitle\n1\t\"heroes\n2\tthe 12\"\n3\t\"quoted\"\n", &table, &e), TAMIS_OK);
    ck_assert_int_eq(base_table_rows(table), 3);
    ck_assert_str_eq(base_table_text(table, 0, 1, &length), "\"heroes");
    ck_assert_str_eq(base_table_text(table, 2, 1, &length), "quoted");
    tamis_table_free(table);
    ck_assert_int_eq(read_table("", &table, &e), TAMIS_DATA);
    ck_assert_int_eq(read_table("one\nx\n\"\"\n", &table, &e), TAMIS_OK);
    ck_assert_int_eq(base_table_rows(table), 2);
    tamis_table_free(table);
}
END_TEST

Suite *data_suite(void)
{
    const TTest *const tests[] = {plain_csv,
                                  ids_are_kept_byte_for_byte,
                                  bare_quotes,
                                  delimiters,
                                  headers_are_recognised,
                                  headers_are_not_swallowed,
                                  columns_by_position,
                                  ratings_and_times,
                                  duplicates_are_merged,
                                  long_rows_are_sorted,
                                  many_rows_keep_their_payload,
                                  several_files,
                                  missing_numbers,
                                  some_files_have_numbers,
                                  leakage_without_times,
                                  core_by_hand,
                                  core_of_a_path,
                                  adjacency,
                                  across_windows,
                                  matrix_market,
                                  gzip,
                                  bad_rows,
                                  broken_files,
                                  rows_without_end,
                                  options_are_checked,
                                  numbers,
                                  times,
                                  number_text,
                                  written_and_read_again,
                                  from_pairs,
                                  ids_alone,
                                  split_sizes,
                                  lines,
                                  split_without_times,
                                  split_by_time,
                                  split_depends_on_ids_alone,
                                  split_is_even,
                                  small_tables,
                                  checksums_are_zlibs,
                                  real_logs};
    Suite *suite = suite_create("data");
    TCase *cases = tcase_create("logs");
    tcase_add_checked_fixture(cases, setup, teardown);
    for (size_t k = 0; k < BASE_COUNT(tests); k++)
        tcase_add_test(cases, tests[k]);
    suite_add_tcase(suite, cases);
    return suite;
}
