/* What a file is told to be by how it begins. The first bytes are those that the formats' own documents give. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    NAMED("\x28\xB5\x2F\xFD\4X\1\0", "packed by zstd", "zstd -dc FILE | tamis ... -");
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
    NAMED("{\"user\": 1, \"item\": 2}\n{\"user\": 1, \"item\": 3}\n", "JSON, an object a line", "jq -r '[.USER, .ITEM] | @csv' FILE | tamis ... -");
    NAMED("{ \"user\": 1, \"item\": 2}\r\n{ \"user\": 1}\r\n", "JSON, an object a line", "jq -r '[.USER, .ITEM]");
    NAMED("{\n  \"user\": {\n    \"id\": 1}}\n", "JSON", "jq -r ");
    NAMED("[{\"user\":1,\"item\":2},\n{\"user\":1}]", "a JSON array", "jq -r '.[] | [.USER, .ITEM] | @csv'");
    NAMED("[\n  [1, 2],\n  [1, 3]\n]\n", "a JSON array", "jq -r '.[] | @csv'");
    NAMED("sep=;\nuser;item\n1;2\n", "a CSV file for spreadsheets, whose first line says what parts the columns,", "tail -n +2 FILE");
    NAMED("\xEF\xBB\xBF\"sep=,\"\r\nuser,item\r\n1,2\r\n", "a CSV file for spreadsheets, whose first line says what parts the columns,",
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
    ck_assert_int_eq(tamis_lines_read(path, &(tamis_lines){&told, count_line}, &error), TAMIS_DATA);
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
    return suite;
}
