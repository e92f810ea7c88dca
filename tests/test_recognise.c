/* What a file is told to be by how it begins (the first bytes are those that the formats' own documents give), and what is
 * noted about what its columns hold. */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/lines.h"
#include "base/random.h"
#include "base/table.h"
#include "data/log.h"
#include "suites.h"

static char path[200];
static tamis_error error;

static void setup(void)
{
    const char *directory = getenv("TMPDIR");
    snprintf(path, sizeof path, "%.150s/tamis-recognise-XXXXXX", directory ? directory : "/tmp");
    const int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
}

static void teardown(void)
{
    unlink(path);
}

static void put(const char *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, count, file), count);
    fclose(file);
}

static tamis_status read_log(const tamis_log_options *options, tamis_log **log)
{
    const char *const paths[] = {path};
    return tamis_log_read(paths, 1, options, log, &error);
}

/* ---- formats that are no log */

/* The sentence is: path is NAME; REMEDY. */
static void named(const char *bytes, size_t count, const char *name, const char *remedy)
{
    char start[400];
    tamis_log *log;
    put(bytes, count);
    ck_assert_int_eq(read_log(NULL, &log), TAMIS_DATA);
    snprintf(start, sizeof start, "%s is %s; ", path, name);
    ck_assert_msg(strncmp(error.text, start, strlen(start)) == 0, "%s; expected %s", error.text, start);
    ck_assert_msg(strstr(error.text, remedy) != NULL, "%s; expected %s", error.text, remedy);
}
#define NAMED(bytes, name, remedy) named(bytes, sizeof(bytes) - 1, name, remedy)

START_TEST(archives_and_packings)
{
    NAMED("PK\3\4\24\0\0\0\10\0\0\0!\0AAAABBBBCCCC\15\0\0\0ratings/u.csv", "a zip archive", "unzip -p FILE | tamis ... -");
#ifndef HAVE_ZSTD
    NAMED("\x28\xB5\x2F\xFD\4X\1\0", "packed by zstd", "zstd -dc FILE | tamis ... -");
#endif
    NAMED("BZh91AY&SY\1\2\3\4", "packed by bzip2", "bzip2 -dc FILE");
    NAMED("\xFD" "7zXZ\0\0\4", "packed by xz", "xz -dc FILE");
    NAMED("\x04\x22\x4D\x18\x64\x40", "packed by lz4", "lz4 -dc FILE");
    NAMED("\x1F\x9D\x90xyz", "packed by compress", "gzip -dc FILE");
    NAMED("7z\xBC\xAF\x27\x1C\0\4", "a 7z archive", "7z x -so FILE");
    char tar[512] = "u.data";
    memcpy(tar + 257, "ustar\0" "00", 8);
    named(tar, sizeof tar, "a tar archive", "tar -xOf FILE LOG");
    memcpy(tar + 257, "ustar  \0", 8);
    named(tar, sizeof tar, "a tar archive", "tar -xOf FILE LOG");
}
END_TEST

START_TEST(tables_of_other_programs)
{
    NAMED("PK\3\4\24\0\0\0\10\0\0\0!\0AAAABBBBCCCC\23\0\0\0[Content_Types].xml...PK\3\4......xl/workbook.xml", "a spreadsheet (.xlsx)",
          "save it as CSV in UTF-8");
    NAMED("PK\3\4\24\0\0\0\0\0\0\0!\0AAAABBBBCCCC\10\0\0\0mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK\3\4",
          "a spreadsheet (.ods)", "save it as CSV in UTF-8");
    NAMED("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0", "a spreadsheet (.xls)", "save it as CSV in UTF-8");
    NAMED("PK\3\4\24\0\0\0\0\0\0\0!\0AAAABBBBCCCC\13\0\0\0indices.npy\x93NUMPY....PK\3\4....indptr.npy", "a sparse matrix of SciPy (.npz)",
          "scipy.sparse.load_npz('FILE')");
    NAMED("PK\3\4\24\0\0\0\0\0\0\0!\0AAAABBBBCCCC\11\0\0\0train.npy\x93NUMPY", "a NumPy archive (.npz)", "numpy.load('FILE')");
    NAMED("\x93NUMPY\1\0v\0{'descr': '<i8'", "a NumPy array (.npy)", "numpy.load('FILE')");
    NAMED("PAR1\x15\4\x15\xA0\1", "a Parquet file", "pandas.read_parquet('FILE').to_csv('log.csv', index=False)");
    NAMED("ARROW1\0\0\xFF\xFF\xFF\xFF", "a Feather (Arrow) file", "pandas.read_feather('FILE')");
    NAMED("\x89HDF\r\n\x1A\n\0\0", "an HDF5 file", "pandas.read_hdf('FILE')");
    NAMED("\x80\4\x95\x1F\0\0\0\0\0\0\0", "a pickled Python object", "pandas.read_pickle('FILE')");
    NAMED("\x80\2}q\0(", "a pickled Python object", "pandas.read_pickle('FILE')");
    NAMED("SQLite format 3\0\x10\0\1\1", "an SQLite database", "sqlite3 -csv -header FILE 'select USER, ITEM from TABLE'");
    NAMED("MATLAB 5.0 MAT-file, Platform: GLNXA64", "a MATLAB file", "scipy.io.loadmat('FILE')");
    NAMED("RDX3\nX\n\0\0\0\3", "an R data file", "write.csv(");
    NAMED("\x89TAMIS\r\n", "a tamis model", "expected a log of interactions");
}
END_TEST

START_TEST(other_text)
{
    NAMED("<!DOCTYPE html>\n<html><head>", "an HTML page", "get the file anew");
    NAMED("\n  <HTML lang=\"en\">", "an HTML page", "get the file anew");
    NAMED("<?xml version=\"1.0\"?>\n<log/>", "an XML document", "make CSV of it");
#ifndef HAVE_JANSSON
    NAMED("{\"user\": 1, \"item\": 2}\n{\"user\": 1, \"item\": 3}\n", "JSON, an object a line", "jq -r '[.USER, .ITEM] | @csv' FILE | tamis ... -");
    NAMED("{ \"user\": 1, \"item\": 2}\r\n{ \"user\": 1}\r\n", "JSON, an object a line", "jq -r '[.USER, .ITEM]");
#endif
    NAMED("{\n  \"user\": {\n    \"id\": 1}}\n", "JSON", "jq -r ");
    NAMED("[{\"user\":1,\"item\":2},\n{\"user\":1}]", "a JSON array", "jq -r '.[] | [.USER, .ITEM] | @csv'");
    NAMED("[\n  [1, 2],\n  [1, 3]\n]\n", "a JSON array", "jq -r '.[] | @csv'");
    NAMED("sep=;\nuser;item\n1;2\n", "CSV under a line for spreadsheets (sep=)", "tail -n +2 FILE");
    NAMED("\xEF\xBB\xBF\"sep=,\"\r\nuser,item\r\n1,2\r\n", "CSV under a line for spreadsheets (sep=)",
          "tail -n +2 FILE");
    NAMED("\xFF\xFEu\0s\0", "UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE");
    NAMED("\xFE\xFF\0u\0s", "UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE");
    NAMED("\xFF\xFE\0\0u\0\0\0", "UTF-32 text", "iconv -f UTF-32");
    NAMED("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer of Git LFS and not the file itself", "git lfs pull");
}
END_TEST

/* Ids may begin as such files do. */
START_TEST(logs_that_begin_alike)
{
    static const char *const first_user[] = {"PAR1", "ORC", "BZh91", "{3F2504E0-4F89-11D3}", "{", "[jazz]", "sepal", "RDX2", "X", "LZIP",
                                             "7z", "Rar!", "PK", "MATLAB", "ARROW1", "FEA1", "Obj", "<unknown>", "<htm>", "version"};
    char content[200];
    for (size_t k = 0; k < sizeof first_user / sizeof *first_user; k++) {
        tamis_log *log;
        snprintf(content, sizeof content, "%s,i1\n%s,i2\nu2,i1\n", first_user[k], first_user[k]);
        put(content, strlen(content));
        ck_assert_msg(read_log(NULL, &log) == TAMIS_OK, "%s", error.text);
        ck_assert_int_eq(tamis_log_interactions(log), 3);
        tamis_log_free(log);
    }
    static const char braces[] = "{1},{i1}\n{2},{i1}\n";
    tamis_log *log;
    put(braces, sizeof braces - 1);
    ck_assert_msg(read_log(NULL, &log) == TAMIS_OK, "%s", error.text);
    tamis_log_free(log);
}
END_TEST

/* Lists of ids and tables come through the same door; so does what is in a gzip file. */
static int count_line(void *context, const char *bytes, size_t count, int64_t number)
{
    (void)bytes, (void)count, (void)number;
    ++*(int *)context;
    return 0;
}

START_TEST(wherever_files_are_read)
{
    char command[1000];
    int told = 0;
    tamis_table *table;
    tamis_log *log;
    put("PAR1\x15\4\x15\xA0", 8);
    ck_assert_int_eq(base_lines_read(path, &(base_lines){&told, count_line}, &error), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(error.text, "is a Parquet file; "));
    ck_assert_int_eq(told, 0);
    ck_assert_int_eq(tamis_table_read(path, &table, &error), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(error.text, "is a Parquet file; "));
    snprintf(command, sizeof command, "gzip -c %s >%s.gz && mv %s.gz %s", path, path, path, path);
    ck_assert_int_eq(system(command), 0);
    ck_assert_int_eq(read_log(NULL, &log), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(error.text, "is a Parquet file; "));
    put("user,item\nu1,i1\n", 16);
    snprintf(command, sizeof command, "gzip -c %s | gzip -c >%s.gz && mv %s.gz %s", path, path, path, path);
    ck_assert_int_eq(system(command), 0);
    ck_assert_int_eq(read_log(NULL, &log), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(error.text, "is packed by gzip twice; unpack it first, as in: gzip -dc FILE | tamis ... -"));
    const char *const directory[] = {"/"};
    ck_assert_int_eq(tamis_log_read(directory, 1, NULL, &log, &error), TAMIS_FAILURE);
    ck_assert_ptr_nonnull(strstr(error.text, "/ is a directory; expected files"));
}
END_TEST

/* ---- columns that hold something else than they were taken for */

static tamis_log_options options;
static tamis_log *log_read;

static void setup_options(void)
{
    setup();
    tamis_log_options_default(&options);
}

static void teardown_log(void)
{
    tamis_log_free(log_read);
    log_read = NULL;
    teardown();
}

static const tamis_log_summary *take(void)
{
    tamis_log_free(log_read);
    ck_assert_msg(read_log(&options, &log_read) == TAMIS_OK, "%s", error.text);
    return tamis_log_summarize(log_read);
}

static const tamis_log_summary *take_text(const char *content)
{
    put(content, strlen(content));
    return take();
}

/* How many warnings there are; all notes in *text. */
static int warnings(const tamis_log_summary *s, char *text, size_t size)
{
    int count = 0;
    size_t used = 0;
    text[0] = '\0';
    for (int k = 0; k < s->notes; k++) {
        count += s->note[k].warning;
        used += (size_t)snprintf(text + used, size - used, "%s%s\n", s->note[k].warning ? "warning: " : "", s->note[k].text);
    }
    return count;
}

static void warned(const tamis_log_summary *s, int expected, const char *part)
{
    char text[8000];
    const int count = warnings(s, text, sizeof text);
    ck_assert_msg(count == expected, "%d warnings, expected %d:\n%s", count, expected, text);
    ck_assert_msg(strstr(text, part) != NULL, "expected: %s\n%s", part, text);
}
#define WARNS(content, part) warned(take_text(content), 1, part)
#define TWO_WARNINGS(content, part) warned(take_text(content), 2, part)
#define SILENT(content) silent(take_text(content))

static void silent(const tamis_log_summary *s)
{
    char text[8000];
    ck_assert_msg(warnings(s, text, sizeof text) == 0, "%s", text);
}

/* A log of rows that a function writes. */
static const tamis_log_summary *take_rows(int rows, void (*write)(FILE *file, int row))
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    for (int row = 0; row < rows; row++) write(file, row);
    fclose(file);
    return take();
}

static unsigned scatter(int row, unsigned below) /* the same for a row, whenever it is asked */
{
    return (unsigned)(base_mix((uint64_t)row * 7919 + below) >> 33) % below;
}

START_TEST(times_in_the_place_of_items)
{
    WARNS("1,2014-04-07T10:51:09.277Z,214536502,0\n", "column 2, taken as item, looks like times (such as 2014-04-07T10:51:09.277Z)");
    WARNS("1,2014-04-07T10:51:09.277Z,214536502,0\n1,2014-04-07T10:54:09.868Z,214536500,0\n2,2014-04-07T13:56:37.614Z,214662742,0\n",
          "; --item 3 takes the one that looks like ids (214536502)");
    WARNS("u1\t2010-10-17T01:48:53Z\t39.747652\t-104.99251\tp88c4\nu2\t2010-10-16T06:02:04Z\t39.891383\t-105.070814\tp7a0f\n",
          "; --item 5 takes the one that looks like ids (p88c4)");
    WARNS("u1;07.04.2014 10:51;i1\nu2;08.04.2014 10:52;i2\n", "taken as item, looks like times (such as 07.04.2014 10:51)");
    WARNS("u1,4/7/2014,i1\nu2,4/8/2014,i2\n", "looks like times");
    WARNS("u1,Mon Apr 07 10:51:09 2014,i1\nu2,Tue Apr 08 10:51:09 2014,i2\n", "looks like times");
    WARNS("u1,1396860669,i1\nu2,1396860849,i2\nu2,1396871797,i1\n", "taken as item, looks like times (such as 1396860669); --item 3");
    WARNS("u1,1396860669277,i1\nu2,1396860849868,i2\nu2,1396871797614,i1\n", "looks like times (such as 1396860669277); --item 3");
    WARNS("u1,20140407,i1\nu2,20140408,i2\nu2,20140407,i1\n", "looks like times (such as 20140407); --item 3");
    WARNS("2019-10-01 00:00:00 UTC,i1,u1\n2019-10-01 00:00:01 UTC,i2,u2\n",
          "column 1, taken as user, looks like times (such as 2019-10-01 00:00:00 UTC); --user 2 --item 3");
    /* a name does not make ids of dates; the other column is named by its name */
    options.header = TAMIS_HEADER_YES;
    WARNS("user,item,sku\nu1,2014-04-07,x1\nu2,2014-04-08,x2\n", "column item, taken as item, looks like times (such as 2014-04-07)");
    WARNS("user,item,sku\nu1,2014-04-07,x1\nu2,2014-04-08,x2\n", "; --item sku takes");
    options.item = "2"; /* who says so knows */
    SILENT("user,item,sku\nu1,2014-04-07,x1\nu2,2014-04-08,x2\n");
}
END_TEST

static void unix_time_third(FILE *file, int row)
{
    fprintf(file, "%u,%u,%d\n", scatter(row, 40), scatter(row, 90), 1396860669 + 60 * row);
}

START_TEST(times_in_the_place_of_ratings)
{
    const tamis_log_summary *s = take_rows(300, unix_time_third);
    silent(s);
    ck_assert_int_eq(s->notes, 1);
    ck_assert_ptr_nonnull(strstr(s->note[0].text, "column 3, taken as rating, looks like times (such as 1396860669); --time 3"));
    options.time = "3";
    ck_assert_int_eq(take()->notes, 0);
}
END_TEST

START_TEST(other_things_in_the_place_of_ids)
{
    WARNS("u1,39.747652,p1\nu2,-105.070814,p2\n", "column 2, taken as item, looks like fractions (such as 39.747652); --item 3");
    WARNS("u1,1.23457E+12,p1\nu2,4.00638E+12,p2\n", "column 2, taken as item, looks like fractions (such as 1.23457E+12)");
    WARNS("user_id,item_id\nu1,1.23457E+12\nu2,4.00638E+12\n", "looks like fractions"); /* ids that a spreadsheet has rounded */
    WARNS("u1,https://shop.example/a,p1\nu2,https://shop.example/b,p2\n", "looks like URLs (such as https://shop.example/a); --item 3");
    WARNS("u1,view,p1\nu2,add_to_cart,p2\nu2,view,p2\n", "column 2, taken as item, looks like kinds of events (such as view); --item 3");
    TWO_WARNINGS("2014-04-07,pv,u1,p1\n2014-04-08,buy,u2,p2\n", "column 1, taken as user, looks like times (such as 2014-04-07)");
    const tamis_log_summary *s = take_text("user_id,item_id\n17.0,3.0\n18.0,4.0\n18.0,3.0\n");
    silent(s);
    ck_assert_int_eq(s->notes, 2);
    ck_assert_ptr_nonnull(strstr(s->note[1].text, "item ids are written like 3.0"));
}
END_TEST

static void label_first(FILE *file, int row)
{
    fprintf(file, "%u,%u,%u\n", scatter(row, 3) == 0, scatter(row, 101), 1000 + scatter(row, 300));
}

static void number_first(FILE *file, int row)
{
    fprintf(file, "%d,u%u,i%u\n", row, scatter(row, 101), scatter(row, 300));
}

static void hash_first(FILE *file, int row)
{
    fprintf(file, "%016llx,u%u,i%u\n", (unsigned long long)base_mix((uint64_t)row), scatter(row, 101), scatter(row, 300));
}

static void rating_second(FILE *file, int row)
{
    fprintf(file, "u%u,%u,i%u\n", scatter(row, 101), 1 + scatter(row, 5), scatter(row, 300));
}

static void hash_second(FILE *file, int row)
{
    fprintf(file, "u%u,%016llx\n", scatter(row, 101), (unsigned long long)base_mix((uint64_t)row));
}

START_TEST(columns_that_are_no_ids_by_their_numbers)
{
    warned(take_rows(2000, label_first), 1, "column 1, taken as user, has hardly any values: 2 in 2000 rows; --user 2 --item 3");
    warned(take_rows(2000, number_first), 1, "column 1, taken as user, has nearly as many values as rows: 2000 in 2000 rows; --user 2 --item 3");
    warned(take_rows(2000, rating_second), 1, "column 2, taken as item, has hardly any values: 5 in 2000 rows; --item 3");
    warned(take_rows(2000, hash_first), 1,
           "column 1, taken as user, has nearly as many values as rows: 2000 in 2000 rows; --user 2 --item 3");
    warned(take_rows(2000, hash_second), 1, "column 2, taken as item, has nearly as many values as rows: 2000 in 2000 rows");
    ck_assert_int_eq(tamis_log_summarize(log_read)->note[0].kind, TAMIS_NOTE_COLUMN);
    ck_assert_int_eq(tamis_log_summarize(log_read)->note[0].rows, 2000);
    options.item = "2";
    silent(take());
}
END_TEST

/* ---- logs of which nothing is to be said */

static void movielens(FILE *file, int row)
{
    fprintf(file, "%u\t%u\t%u\t%u\n", 1 + scatter(row, 943), 1 + scatter(row, 1682), 1 + scatter(row, 5),
            874724710 + scatter(row, 18000000));
}

static void lastfm(FILE *file, int row)
{
    fprintf(file, "%016llx%016llx\t%08x-67ce-4a30-8f32-%012x\tartist name %u\t%u\n", (unsigned long long)base_mix((uint64_t)row / 49),
            (unsigned long long)base_mix((uint64_t)row / 49 + 77), scatter(row, 4000) * 9973, scatter(row, 4000), scatter(row, 4000),
            1 + scatter(row, 700));
}

static void check_in(FILE *file, int row)
{
    fprintf(file, "%d\t2010-10-%02dT%02u:%02u:%02uZ\t%.10f\t%.10f\t%u\n", row / 37, 1 + row % 28, scatter(row, 24), scatter(row, 60),
            scatter(row, 59), 30 + (double)scatter(row, 900000) / 60000, -97 - (double)scatter(row, 800000) / 70000, scatter(row, 90000));
}

static void yoochoose(FILE *file, int row)
{
    fprintf(file, "%d,2014-04-%02uT%02u:%02u:09.277Z,2145%05u,%s\n", row / 3, 1 + scatter(row, 28), scatter(row, 24), scatter(row, 60),
            scatter(row, 50000), row % 9 ? "0" : "S");
}

static void one_item_each(FILE *file, int row)
{
    fprintf(file, "%d,%u\n", row, scatter(row, 50));
}

static void one_rated_item_each(FILE *file, int row)
{
    fprintf(file, "%d,%u,%u\n", row, scatter(row, 500), 1 + scatter(row, 5));
}

static void amazon(FILE *file, int row)
{
    fprintf(file, "A%010u,B%09u,%u.0,%u\n", scatter(row, 900) * 997, scatter(row, 800) * 991, 1 + scatter(row, 5), 1096588800 + scatter(row, 200000000));
}

static void ean(FILE *file, int row)
{
    fprintf(file, "%u,400638%07u,%u\n", scatter(row, 900), scatter(row, 700) * 1009, 1 + scatter(row, 12));
}

static void hashes(FILE *file, int row)
{
    fprintf(file, "%llu,%llu,%u\n", (unsigned long long)base_mix(scatter(row, 800)), (unsigned long long)base_mix(900 + scatter(row, 900)),
            scatter(row, 40));
}

static void snowflake(FILE *file, int row) /* posts and their authors, both numbered by the clock */
{
    fprintf(file, "%u,%llu,%u\n", scatter(row, 800), 1215000000000000000ULL + (unsigned long long)scatter(row, 900) * 7777777777ULL,
            scatter(row, 40));
}

static void long_items(FILE *file, int row) /* as large as times, but nothing else is there to be the item */
{
    fprintf(file, "%u,%u,%u\n", scatter(row, 900), 1300000000 + scatter(row, 700) * 1009, 1 + scatter(row, 5));
}

static void dense(FILE *file, int row)
{
    fprintf(file, "%d,%d\n", row / 40, row / 40 + row % 40);
}

static void few_heavy_users(FILE *file, int row) /* what the first megabyte of a log grouped by user may hold */
{
    fprintf(file, "%d\t%u\t%08x\tname %u\n", row / 40, scatter(row, 300), scatter(row, 70000), scatter(row, 5000));
}

static void half_stars(FILE *file, int row)
{
    fprintf(file, "u%u;i%u;%u,5\n", scatter(row, 900), scatter(row, 700), scatter(row, 5));
}

START_TEST(honest_logs)
{
    static void (*const honest[])(FILE *, int) = {movielens, lastfm, one_item_each, one_rated_item_each, amazon, ean, hashes, snowflake,
                                                  long_items, dense, few_heavy_users, half_stars};
    static const int rows[] = {1, 2, 3, 5, 20, 99, 100, 1000, 3000};
    char text[8000];
    for (size_t k = 0; k < sizeof honest / sizeof *honest; k++)
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
            ck_assert_msg(warnings(take_rows(rows[r], honest[k]), text, sizeof text) == 0, "log %zu, %d rows: %s", k, rows[r], text);
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        options.item = "5";
        silent(take_rows(rows[r], check_in));
        options.item = "3";
        silent(take_rows(rows[r], yoochoose));
        options.item = NULL;
        warned(take_rows(rows[r], check_in), 1, "column 2, taken as item, looks like times");
        warned(take_rows(rows[r], yoochoose), 1, "column 2, taken as item, looks like times");
    }
    warned(take_rows(3000, check_in), 1, "; --item 5 takes");
    warned(take_rows(3000, yoochoose), 1, "; --item 3 takes");
    SILENT("user_id,item_id,title\nu1,https://news.example/1,a\nu2,https://news.example/2,b\n");
    SILENT("u1,https://news.example/1\nu2,https://news.example/2\n");
    SILENT("1,1\n1,2\n2,3\n3,4\n");
    SILENT("ann,heroes\nbob,12:51\n");
}
END_TEST

/* The judgement does not depend on threads, nor on gzip, and reads a few rows of a large file. */
START_TEST(the_same_for_any_number_of_threads)
{
    char first[8000], text[8000], command[1000];
    const int before = omp_get_max_threads();
    for (int threads = 1; threads <= 5; threads += 2) {
        omp_set_num_threads(threads);
        warnings(take_rows(150000, check_in), threads == 1 ? first : text, sizeof text);
        if (threads > 1) ck_assert_str_eq(first, text);
    }
    omp_set_num_threads(before);
    ck_assert_ptr_nonnull(strstr(first, "; --item 5 takes the one that looks like ids"));
    snprintf(command, sizeof command, "gzip -1 -c %s >%s.gz && mv %s.gz %s", path, path, path, path);
    ck_assert_int_eq(system(command), 0);
    warnings(take(), text, sizeof text);
    ck_assert_str_eq(first, text);
}
END_TEST

START_TEST(of_several_files)
{
    char second[220];
    const char *const paths[] = {path, second};
    snprintf(second, sizeof second, "%s-2", path);
    put("u1,i1\nu2,i2\n", 12);
    ck_assert_int_eq(rename(path, second), 0);
    put("user_id,item_id\nu1,i1\nu3,i2\n", 28);
    ck_assert_int_eq(tamis_log_read(paths, 2, &options, &log_read, &error), TAMIS_OK);
    const tamis_log_summary *s = tamis_log_summarize(log_read);
    ck_assert_int_eq(s->notes, 1);
    ck_assert_int_eq(s->note[0].kind, TAMIS_NOTE_FILE);
    ck_assert_ptr_nonnull(strstr(s->note[0].text, "-2: no header: user = column 1, item = column 2"));
    unlink(second);
}
END_TEST

/* Semicolons part the columns where commas part the digits. */
START_TEST(decimal_commas)
{
    const tamis_log_summary *s = take_text("user;item;rating\nu1;i1;4,5\nu1;i2;3,0\nu2;i1;1,5\n");
    ck_assert_int_eq(s->interactions, 3);
    ck_assert_int_eq(s->notes, 1);
    ck_assert_str_eq(s->note[0].text, "ratings (column rating) are written with a comma (4,5) and not used: every row counts as a positive; "
                     "with points: sed 's/\\([0-9]\\),\\([0-9]\\)/\\1.\\2/g' FILE | tamis ... -");
    s = take_text("user,item,rating\nu1,i1,\"4,5\"\nu1,i2,\"3,0\"\nu2,i1,\"1,5\"\n"); /* sed would take the others for such, too */
    ck_assert_str_eq(s->note[0].text, "ratings (column rating) are written with a comma (4,5) and not used: every row counts as a positive");
    s = take_text("1;40,5;3,2;7\n1;41;3,25;8\n2;40,5;3,2;7\n"); /* user 1, "items" 40,5 and 41 */
    ck_assert_int_eq(s->users, 2);
    warned(s, 1, "column 2, taken as item, looks like fractions (such as 40,5)");
    ck_assert_int_eq(take_text("1,0;2,0\n1,0;3,0\n")->users, 1);
    ck_assert_int_eq(take_text("1,2,3;4\n2,2,5;6\n")->items, 1); /* commas part, and a field holds a list */
    ck_assert_int_eq(take_text("1,2;x\n2,2;x\n")->users, 2);
}
END_TEST

/* ---- ids */

START_TEST(ids_that_differ_by_blanks)
{
    const tamis_log_summary *s = take_text("user,item\nu1,i1\nu1 ,i2\nu2,i1\n u2,i1\nu1 ,i3\n");
    warned(s, 1, "user ids that differ from another by blanks alone: 2, such as \"u1 \", in 3 rows; --trim takes it off");
    ck_assert_int_eq(s->note[0].kind, TAMIS_NOTE_ID);
    ck_assert_int_eq(s->note[0].rows, 3);
    WARNS("u1\ti1\nu2\ti1 \nu3\ti1 \nu4\ti2\n",
          "item ids that differ from another by blanks alone: 1, such as \"i1 \", in 2 rows");
    s = take_text("user, item\nu1, i1\nu2, i2\nu3, i3\n");
    silent(s);
    ck_assert_int_eq(s->notes, 1);
    ck_assert_ptr_nonnull(strstr(s->note[0].text, "3 of 3 item ids begin or end with a blank, which is part of the id"));
    ck_assert_int_eq(take_text("user,item\nu1,the beatles\nu2,the who \nu3,abba\n")->notes, 0);
}
END_TEST

START_TEST(ids_for_what_is_missing)
{
    const tamis_log_summary *s;
    WARNS("user,item\nNA,i1\nNA,i2\nNA,i3\nu1,i1\n", "\"NA\" is the user of 3 of 4 rows");
    s = take_text("user,item\n\"NA\",i1\n\"NA\",i2\n\"NA\",i3\nu1,i1\n");
    ck_assert_ptr_nonnull(strstr(s->note[0].text, "\"NA\" is the user of 3 of 4 rows"));
    WARNS("user,item\nNA,i1\nNA,i2\nNA,i3\nu1,i1\n", "--where-not '1=NA' leaves them out");
    WARNS("item\tuser\ni1\t\\N\ni2\t\\N\ni3\t\\N\ni1\tu1\n", "--where-not '2=\\N' leaves them out");
    WARNS("user,item\nu1,nan\nu2,nan\nu3,nan\nu4,nan\nu4,i1\n", "\"nan\" is the item of 4 of 5 rows");
    WARNS("user,item\nnull,i1\nnull,i1\nnull,i3\nnull,i4\nu4,i1\n", "\"null\" is the user of 4 of 5 rows"); /* a row is a row, twice too */
    SILENT("user,item\nNA,i1\nNA,i2\nu2,i1\nu2,i2\nu3,i3\nu3,i1\n"); /* as many as others have: Namibia */
    SILENT("user,item\n0,i1\n0,i2\n0,i3\n1,i1\n"); /* a number like others */
    FILE *file = fopen(path, "w");
    for (int row = 0; row < 1000; row++) fprintf(file, "%d,%d\n", row < 400 ? 0 : row, row % 70);
    fclose(file);
    warned(take(), 1, "\"0\" is the user of 400 of 1000 rows");
}
END_TEST

/* ---- ratings, labels, events */

static void told(const char *content, int64_t rows, const char *sentence)
{
    const tamis_log_summary *s = take_text(content);
    ck_assert_int_eq(s->notes, 1);
    ck_assert_str_eq(s->note[0].text, sentence);
    ck_assert_int_eq(s->note[0].kind, TAMIS_NOTE_RATING);
    ck_assert_int_eq(s->note[0].rows, rows);
    ck_assert_int_eq(s->note[0].warning, 0);
}

START_TEST(labels_that_are_not_used)
{
    static const char *const names[] = {"click", "clicked", "is_click", "label", "like", "liked", "target", "y", "purchased", "relevant", "IsLike"};
    char content[200], sentence[300];
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        snprintf(content, sizeof content, "user_id,item_id,%s\nu1,i1,1\nu1,i2,0\nu2,i1,0\nu2,i3,1\nu3,i1,0\n", names[k]);
        snprintf(sentence, sizeof sentence, "ratings (column %s) are not used: every row counts as a positive, also 3 with 0; --min-rating 1 "
                 "keeps those with 1", names[k]);
        told(content, 3, sentence);
        options.min_rating = 1; /* what it says does it */
        const tamis_log_summary *s = take();
        ck_assert_int_eq(s->notes, 0);
        ck_assert_int_eq(s->interactions, 2);
        options.min_rating = -INFINITY;
    }
    told("user,item,vote\nu1,i1,-1\nu1,i2,1\n", 1, "ratings (column vote) are not used: every row counts as a positive, also 1 with -1; "
         "--min-rating 1 keeps those with 1");
    told("u1,i1,5\nu1,i2,3\nu2,i1,2\n", 0, "ratings (column 3) are not used: every row counts as a positive; --min-rating X keeps rows "
         "rated X and above");
    ck_assert_int_eq(take_text("user_id,item_id,click\nu1,i1,1\nu1,i2,1\n")->notes, 0);
    options.relevance = "relevant";
    ck_assert_int_eq(take_text("user_id,item_id,relevant\nu1,i1,1\nu1,i2,0\n")->notes, 0);
}
END_TEST

START_TEST(events_that_are_not_used)
{
    told("user_id,item_id,event_type\nu1,i1,view\nu1,i2,cart\nu2,i1,purchase\n", 0,
         "column event_type (view, cart, purchase) is not used: every row counts as a positive; --where "
         "'event_type=purchase' keeps rows with that alone");
    told("u1\ti1\tc1\tpv\nu1\ti2\tc1\tbuy\nu2\ti1\tc2\tpv\n", 0,
         "column 4 (pv, buy) is not used: every row counts as a positive; --where '4=buy' keeps rows with that alone");
    told("user_id,item_id,behavior_type\nu1,i1,1\nu1,i2,4\nu2,i1,3\n", 0,
         "column behavior_type (1, 4, 3) is not used: every row counts as a positive; --rating behavior_type --min-rating X keeps rows "
         "with X and above");
    told("user_id,item_id,click\nu1,i1,True\nu1,i2,False\n", 0,
         "column click (True, False) is not used: every row counts as a positive; --where 'click=False' keeps rows with "
         "that alone");
    ck_assert_int_eq(take_text("user_id,item_id,event_type\nu1,i1,purchase\nu1,i2,purchase\n")->notes, 0);
    ck_assert_int_eq(take_text("user_id,item_id,country\nu1,i1,DE\nu1,i2,FR\n")->notes, 0);
}
END_TEST

/* The names by which columns are recognised, one by one: "user_id" is the usual one, whatever it is written like. */
START_TEST(names_of_columns)
{
    static const char *const alike[] = {"user_id", "UserID", "user id", "USER-ID", "userid", "user_id:token"};
    for (size_t k = 0; k < BASE_COUNT(alike); k++) ck_assert_int_eq(tamis_column_place(TAMIS_COLUMN_USER, alike[k]), 0);
    ck_assert_int_eq(tamis_column_place(TAMIS_COLUMN_ITEM, "item_id"), 0);
    const int64_t id = tamis_column_place(TAMIS_COLUMN_ITEM, "movie_id"), title = tamis_column_place(TAMIS_COLUMN_ITEM, "movie");
    ck_assert(0 < id && id < title);
    ck_assert_int_ge(tamis_column_place(TAMIS_COLUMN_RATING, "stars"), 0);
    ck_assert_int_ge(tamis_column_place(TAMIS_COLUMN_TIME, "timestamp"), 0);
    static const char *const strange[] = {"", ":", "usr", "user_ids", "item_id", " "};
    for (size_t k = 0; k < BASE_COUNT(strange); k++) ck_assert_int_eq(tamis_column_place(TAMIS_COLUMN_USER, strange[k]), -1);
}
END_TEST

Suite *recognise_suite(void)
{
    Suite *suite = suite_create("recognise");
    TCase *foreign = tcase_create("foreign");
    tcase_add_checked_fixture(foreign, setup, teardown);
    tcase_add_test(foreign, archives_and_packings);
    tcase_add_test(foreign, tables_of_other_programs);
    tcase_add_test(foreign, other_text);
    tcase_add_test(foreign, logs_that_begin_alike);
    tcase_add_test(foreign, wherever_files_are_read);
    suite_add_tcase(suite, foreign);
    TCase *columns = tcase_create("columns");
    tcase_add_checked_fixture(columns, setup_options, teardown_log);
    tcase_add_test(columns, names_of_columns);
    tcase_add_test(columns, times_in_the_place_of_items);
    tcase_add_test(columns, times_in_the_place_of_ratings);
    tcase_add_test(columns, other_things_in_the_place_of_ids);
    tcase_add_test(columns, columns_that_are_no_ids_by_their_numbers);
    tcase_add_test(columns, honest_logs);
    tcase_add_test(columns, the_same_for_any_number_of_threads);
    tcase_add_test(columns, of_several_files);
    tcase_add_test(columns, decimal_commas);
    tcase_add_test(columns, ids_that_differ_by_blanks);
    tcase_add_test(columns, ids_for_what_is_missing);
    tcase_add_test(columns, labels_that_are_not_used);
    tcase_add_test(columns, events_that_are_not_used);
    suite_add_tcase(suite, columns);
    return suite;
}
