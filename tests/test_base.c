/* Random streams, ids, options, output files. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/base.h"
#include "base/cgroup.h"
#include "base/files.h"
#include "base/manifest.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/random.h"
#include "base/set.h"
#include "base/sha256.h"
#include "base/status.h"
#include "base/text.h"
#include "suites.h"

/* splitmix64 from state 0: the first outputs as published with the reference implementation (Vigna) */
START_TEST(stream_reference)
{
    base_stream s = {0};
    ck_assert_uint_eq(base_next(&s), UINT64_C(0xE220A8397B1DCDAF));
    ck_assert_uint_eq(base_next(&s), UINT64_C(0x6E789E6AA1B965F4));
    ck_assert_uint_eq(base_next(&s), UINT64_C(0x06C45D188009454F));
}
END_TEST

/* moments of N(0,1) and of U{0..9}: 5 standard errors wide */
START_TEST(stream_moments)
{
    base_stream s = base_stream_key(7, BASE_FOR_START, 1, 2);
    enum { N = 400000 };
    double sum = 0, square = 0, fourth = 0;
    int64_t count[10] = {0};
    for (int k = 0; k < N; k++) {
        double x = base_normal(&s);
        sum += x;
        square += x * x;
        fourth += x * x * x * x;
        count[base_below(&s, 10)]++;
    }
    ck_assert_double_lt(fabs(sum / N), 5 / sqrt(N));
    ck_assert_double_lt(fabs(square / N - 1), 5 * sqrt(2.0 / N));
    ck_assert_double_lt(fabs(fourth / N - 2.9), 0.1); /* Irwin-Hall of 12: kurtosis 3 - 6/60 = 2.9 */
    for (int k = 0; k < 10; k++) ck_assert_double_lt(fabs((double)count[k] - N / 10.0), 5 * sqrt(N * 0.09));
}
END_TEST

START_TEST(shuffle_is_a_permutation)
{
    int32_t order[1000];
    bool seen[1000] = {false};
    base_stream s = base_stream_key(1, BASE_FOR_BLOCKS, 0, 0);
    base_shuffle(&s, order, 1000);
    for (int k = 0; k < 1000; k++) {
        ck_assert(order[k] >= 0 && order[k] < 1000 && !seen[order[k]]);
        seen[order[k]] = true;
    }
}
END_TEST

START_TEST(numbers)
{
    double x;
    int64_t n;
    char text[32];
    ck_assert(base_parse_real("-1.5e3", &x) && x == -1500);
    ck_assert(base_parse_real("inf", &x) && isinf(x));
    ck_assert(!base_parse_real("nan", &x) && !base_parse_real("", &x) && !base_parse_real("1x", &x));
    ck_assert(!base_parse_real(" 1", &x) && !base_parse_real("0x10", &x));
    ck_assert(base_parse_integer("-12", &n) && n == -12);
    ck_assert(!base_parse_integer("99999999999999999999", &n) && !base_parse_integer("1.5", &n));
    ck_assert_str_eq(base_real_text(0.1, text), "0.1");
    ck_assert_str_eq(base_real_text(1.0 / 3, text), "0.3333333333333333");
}
END_TEST

typedef struct sample_options {
    size_t size;
    int64_t whole;
    double share;
    int flag, choice;
    const char *text;
    uint64_t seed;
} sample_options;

static const tamis_option rows[] = {
    BASE_OPTION(sample_options, whole, "whole", TAMIS_OPTION_INTEGER, "[1,100]", "7", "", ""),
    BASE_OPTION(sample_options, share, "share", TAMIS_OPTION_REAL, "[0,1)", NULL, "", ""),
    BASE_OPTION(sample_options, flag, "flag", TAMIS_OPTION_FLAG, NULL, "1", "", ""),
    BASE_OPTION(sample_options, choice, "choice", TAMIS_OPTION_CHOICE, "one|two|three", "two", "", ""),
    BASE_OPTION(sample_options, text, "text", TAMIS_OPTION_TEXT, "FILE", NULL, "", ""),
    BASE_OPTION(sample_options, seed, "seed", TAMIS_OPTION_SEED, "[0,inf)", "1", "", ""),
};
static const tamis_option_table table = {"sample", rows, BASE_COUNT(rows), sizeof(sample_options), NULL};

START_TEST(sizes)
{
    static const struct {
        double bytes;
        const char *text;
    } cases[] = {
        {0, "0 bytes"}, {1, "1 byte"}, {24, "24 bytes"}, {999, "999 bytes"}, {999.4, "999 bytes"}, {999.5, "1 kB"}, {1000, "1 kB"},
        {1234, "1.23 kB"}, {40000, "40 kB"}, {999499, "999 kB"}, {999500, "1 MB"}, {5.57e6, "5.57 MB"}, {123456789, "123 MB"},
        {67.4e9, "67.4 GB"}, {1.5e12, "1.5 TB"}, {2e15, "2000 TB"}, {0x1p62, "4611686 TB"},
    };
    char text[32];
    tamis_error error;
    for (size_t k = 0; k < BASE_COUNT(cases); k++) ck_assert_str_eq(base_bytes_text(cases[k].bytes, text), cases[k].text);
    ck_assert(strlen(base_bytes_text((double)INFINITY, text)) < 32);
    ck_assert_int_eq(base_no_memory(&error, "a row", 3, sizeof(float)), TAMIS_FAILURE);
    ck_assert_str_eq(error.text, "not enough memory for a row (12 bytes wanted)");
}
END_TEST

/* Files below a folder in the place of the system's. */
static void put_file(const char *folder, const char *name, const char *text)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char *slash = path + strlen(folder); (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        ck_assert(mkdir(path, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

START_TEST(control_groups)
{
    static const struct {
        const char *groups;
        struct {
            const char *name, *text;
        } files[4];
        double least;
    } cases[] = {
        {NULL, {{NULL, NULL}}, (double)INFINITY},
        {"", {{NULL, NULL}}, (double)INFINITY},
        {"0::/\n", {{"memory.max", "max\n"}}, (double)INFINITY},
        {"0::/\n", {{"memory.max", "536870912\n"}}, 536870912},
        {"0::/a/b\n", {{"a/b/memory.max", "max\n"}, {"a/memory.max", "300000000\n"}, {"memory.max", "400000000\n"}}, 3e8},
        {"0::/a/b\n", {{"a/b/memory.max", "200000000\n"}, {"a/memory.max", "300000000\n"}, {"a/c/memory.max", "1\n"}}, 2e8},
        {"0::/away/from/here\n", {{"memory.max", "7000000\n"}}, 7e6}, /* the path is the host's, the files are the container's */
        {"0::/../..\n", {{"memory.max", "7000000\n"}}, 7e6},
        {"12:cpu,cpuacct:/a\n5:memory:/docker/x\n", {{"memory/docker/x/memory.limit_in_bytes", "9000000\n"},
            {"memory/memory.limit_in_bytes", "9223372036854771712\n"}, {"cpu/a/memory.limit_in_bytes", "1\n"}}, 9e6},
        {"5:hugetlb,memory:/\n0::/u\n", {{"memory/memory.limit_in_bytes", "9000000\n"}, {"unified/u/memory.max", "8000000\n"}}, 8e6},
        {"5:memory_more:/a\n", {{"memory/a/memory.limit_in_bytes", "9000000\n"}}, (double)INFINITY},
        {"0::/a\n", {{"a/memory.max", "-5\n"}, {"memory.max", "nonsense\n"}}, (double)INFINITY},
        {"0::/a\n", {{"a/memory.max", "0\n"}, {"memory.max", ""}}, (double)INFINITY},
        {"nonsense\n:\n::\n0:\n0::/a", {{"a/memory.max", "6000000"}}, 6e6},
    };
    for (size_t k = 0; k < BASE_COUNT(cases); k++) {
        char folder[] = "/tmp/tamis-test-XXXXXX", name[100], command[100];
        ck_assert_ptr_nonnull(mkdtemp(folder));
        if (cases[k].groups) put_file(folder, "proc/self/cgroup", cases[k].groups);
        for (size_t f = 0; f < 4 && cases[k].files[f].name; f++) {
            snprintf(name, sizeof name, "sys/fs/cgroup/%s", cases[k].files[f].name);
            put_file(folder, name, cases[k].files[f].text);
        }
        const double least = base_cgroup_limit(folder);
        ck_assert_msg(least == cases[k].least, "case %zu: %g", k, least);
        snprintf(command, sizeof command, "rm -r %s", folder);
        ck_assert_int_eq(system(command), 0);
    }
    const char *whose;
    ck_assert(base_memory_limit(&whose) <= base_cgroup_limit(""));
}
END_TEST

START_TEST(options)
{
    sample_options o = {0};
    tamis_error error;
    char text[64];
    tamis_option_defaults(&table, &o, sizeof o);
    ck_assert(o.whole == 7 && isnan(o.share) && o.flag == 1 && o.choice == 1 && !o.text && o.seed == 1);
    ck_assert_int_eq(tamis_option_check(&table, &o, &error), TAMIS_OK);
    ck_assert_int_eq(tamis_option_set(&rows[0], &o, "1e2", &error), TAMIS_OK);
    ck_assert_int_eq(o.whole, 100);
    const char *bad[][2] = {{"0", "0"}, {"0", "101"}, {"0", "1.5"}, {"0", "abc"}, {"0", ""}, {"0", "1e99"},
                            {"1", "1"}, {"1", "-0.1"}, {"1", "nan"}, {"3", "four"}, {"3", "tw"}, {"5", "-1"}};
    for (size_t k = 0; k < BASE_COUNT(bad); k++) {
        ck_assert_int_eq(tamis_option_set(&rows[atoi(bad[k][0])], &o, bad[k][1], &error), TAMIS_USAGE);
        ck_assert_ptr_nonnull(strstr(error.text, rows[atoi(bad[k][0])].name));
    }
    ck_assert_int_eq(tamis_option_set(&rows[1], &o, "0.1", &error), TAMIS_OK);
    ck_assert_str_eq(tamis_option_text(&rows[1], &o, text, sizeof text), "0.1");
    ck_assert_int_eq(tamis_option_set(&rows[3], &o, "three", &error), TAMIS_OK);
    ck_assert_str_eq(tamis_option_text(&rows[3], &o, text, sizeof text), "three");
    o.whole = 0;
    ck_assert_int_eq(tamis_option_check(&table, &o, &error), TAMIS_USAGE);
    ck_assert_str_eq(error.text, "--whole: \"0\" is out of range; expected a whole number of at least 1 and at most 100");
}
END_TEST

/* A program of an earlier version, whose struct ended before the seed, and one of a later, whose struct goes on. */
START_TEST(options_of_other_versions)
{
    struct {
        sample_options o;
        int64_t later[2];
    } own, given;
    const size_t earlier = offsetof(sample_options, seed);
    tamis_error error;
    char text[64];
    memset(&given, 0xa5, sizeof given);
    tamis_option_defaults(&table, &given, earlier);
    ck_assert(given.o.size == earlier && given.o.whole == 7);
    ck_assert(given.o.seed == UINT64_C(0xa5a5a5a5a5a5a5a5)); /* beyond the caller's struct */
    ck_assert_int_eq(tamis_option_set(&rows[5], &given, "3", &error), TAMIS_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "--seed"));
    ck_assert_str_eq(tamis_option_text(&rows[5], &given, text, sizeof text), "");
    ck_assert_int_eq(tamis_option_check(&table, &given, &error), TAMIS_OK);
    memset(&own, 0, sizeof own);
    base_option_defaults(&table, &own);
    ck_assert_int_eq(tamis_option_set(&rows[0], &given, "9", &error), TAMIS_OK);
    ck_assert_int_eq(base_option_take(&table, &given, &own, &error), TAMIS_OK);
    ck_assert(own.o.size == sizeof own.o && own.o.whole == 9 && own.o.seed == 1);
    own.o.flag = 7;
    ck_assert_int_eq(base_option_check(&table, &own, &error), TAMIS_USAGE);
    ck_assert_str_eq(error.text, "--flag: 7 is neither 0 nor 1");
    own.o.flag = 1;

    memset(&given, 0xa5, sizeof given);
    tamis_option_defaults(&table, &given, sizeof given);
    ck_assert(given.o.size == sizeof given && given.o.seed == 1 && given.later[0] == 0 && given.later[1] == 0);
    ck_assert_int_eq(tamis_option_check(&table, &given, &error), TAMIS_OK);
    given.later[1] = 1;
    ck_assert_int_eq(tamis_option_check(&table, &given, &error), TAMIS_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "a later version"));
    given.o.size = 0;
    ck_assert_int_eq(tamis_option_check(&table, &given, &error), TAMIS_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "fill them in"));

    memset(&given, 0xa5, sizeof given);
    base_option_give(&own, sizeof own.o, &given, sizeof given);
    ck_assert(given.o.size == sizeof given && given.o.whole == 9 && given.later[0] == 0 && given.later[1] == 0);
    memset(&given, 0xa5, sizeof given);
    base_option_give(&own, sizeof own.o, &given, earlier);
    ck_assert(given.o.size == earlier && given.o.whole == 9 && given.o.seed == UINT64_C(0xa5a5a5a5a5a5a5a5));
}
END_TEST

/* Takes so many bytes, then no more. */
typedef struct taker {
    size_t room, used;
    char bytes[64];
} taker;

static int take(void *context, const void *bytes, size_t count)
{
    taker *t = context;
    if (t->used + count > t->room) return 1;
    memcpy(t->bytes + t->used, bytes, count);
    t->used += count;
    return 0;
}

START_TEST(a_sink_takes_what_is_written)
{
    tamis_error error;
    base_writer *writer;
    taker all = {.room = 64}, few = {.room = 3};
    const tamis_sink to_all = {&all, take}, to_few = {&few, take};
    ck_assert_int_eq(base_writer_sink(&to_all, &writer, &error), TAMIS_OK);
    base_writer_format(writer, "%d,%g\n", 12, 0.5);
    ck_assert_int_eq(base_writer_commit(writer, &error), TAMIS_OK);
    ck_assert_uint_eq(all.used, 7);
    ck_assert_mem_eq(all.bytes, "12,0.5\n", 7);
    ck_assert_int_eq(base_writer_sink(&to_few, &writer, &error), TAMIS_OK);
    base_writer_bytes(writer, "12,0.5\n", 7);
    ck_assert_int_eq(base_writer_commit(writer, &error), TAMIS_STOPPED);
    ck_assert_uint_eq(few.used, 0);
    ck_assert_int_eq(base_writer_sink(&to_all, &writer, &error), TAMIS_OK);
    base_writer_fail(writer, ENOMEM);
    ck_assert_int_eq(base_writer_commit(writer, &error), TAMIS_FAILURE);
}
END_TEST

START_TEST(writer_appears_whole_or_not_at_all)
{
    char directory[] = "/tmp/tamis-writer-XXXXXX", path[64], line[64];
    base_writer *writer;
    tamis_error error;
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert(base_join(path, sizeof path, directory, "out.csv"));
    ck_assert_int_eq(base_writer_open(path, &writer, &error), TAMIS_OK);
    base_writer_format(writer, "%d,", 12);
    base_writer_field(writer, "a\"b,c", 5);
    ck_assert_int_ne(access(path, F_OK), 0);
    base_writer_discard(writer);
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert_int_eq(base_writer_open(path, &writer, &error), TAMIS_OK);
    base_writer_format(writer, "%d,", 12);
    base_writer_field(writer, "a\"b,c", 5);
    ck_assert_int_eq(base_writer_commit(writer, &error), TAMIS_OK);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    fclose(file);
    ck_assert_str_eq(line, "12,\"a\"\"b,c\"");
    unlink(path);
    ck_assert(base_join(path, sizeof path, directory, "out.gz"));
    ck_assert_int_eq(base_writer_open(path, &writer, &error), TAMIS_OK);
    for (int k = 0; k < 100000; k++) base_writer_format(writer, "%d\n", k);
    ck_assert_int_eq(base_writer_commit(writer, &error), TAMIS_OK);
    gzFile gzip = gzopen(path, "rb");
    for (int k = 0; k < 100000; k++) {
        ck_assert_ptr_nonnull(gzgets(gzip, line, sizeof line));
        ck_assert_int_eq(atoi(line), k);
    }
    gzclose(gzip);
    unlink(path);
    ck_assert_int_eq(base_writer_probe(path, &error), TAMIS_OK);
    ck_assert_int_eq(rmdir(directory), 0); /* nothing else was left there */
    ck_assert_int_eq(base_writer_open("/nowhere/at/all", &writer, &error), TAMIS_FAILURE);
    ck_assert_ptr_null(writer);
    ck_assert_int_eq(base_writer_open("/tmp", &writer, &error), TAMIS_FAILURE);
    ck_assert_int_eq(base_writer_probe("/nowhere/at/all", &error), TAMIS_FAILURE);
    ck_assert_int_eq(base_writer_probe("/dev/null", &error), TAMIS_OK);
    ck_assert_int_eq(base_writer_open("/dev/full", &writer, &error), TAMIS_OK);
    ck_assert_int_eq(base_writer_failed(writer), 0);
    for (int k = 0; k < 100000; k++) base_writer_format(writer, "x");
    ck_assert_int_eq(base_writer_failed(writer), 1);
    ck_assert_int_eq(base_writer_commit(writer, &error), TAMIS_FAILURE);
    ck_assert_str_eq(error.text, "cannot write /dev/full: No space left on device");
}
END_TEST

/* all or none, and a manifest of them; its CRC32 are zlib's of the files as they are on the disk */
START_TEST(sets_appear_together)
{
    enum { LARGE = 17 << 20 }; /* more than is summed in one go */
    char directory[] = "/tmp/tamis-set-XXXXXX", path[64], other[64], text[400], wanted[400];
    base_writer *one, *two;
    base_set *set;
    tamis_error error;
    char *bytes = malloc(LARGE);
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert(base_join(path, sizeof path, directory, "large") && base_join(other, sizeof other, directory, "other"));
    for (int k = 0; k < LARGE; k++) bytes[k] = (char)(k * 7 + k / 1000);
    for (int commits = 0; commits < 2; commits++) {
        ck_assert_int_eq(base_set_new(directory, "a test", "x", &set, &error), TAMIS_OK);
        ck_assert_int_eq(base_set_add(set, "large", &one, &error), TAMIS_OK);
        ck_assert_int_eq(base_set_add(set, "other", &two, &error), TAMIS_OK);
        ck_assert_int_eq(base_set_add(set, "absent", NULL, &error), TAMIS_OK);
        base_writer_bytes(one, bytes, LARGE);
        base_writer_format(two, "y");
        if (commits)
            ck_assert_int_eq(base_set_commit(set, &error), TAMIS_OK);
        else
            base_set_discard(set);
        ck_assert_int_eq(access(path, F_OK) == 0 && access(other, F_OK) == 0, commits);
    }
    ck_assert_int_eq(base_manifest_check(path, &error), TAMIS_OK);
    ck_assert_int_eq(base_manifest_check(other, &error), TAMIS_OK);
    char manifest[64];
    ck_assert(base_join(manifest, sizeof manifest, directory, "tamis.manifest"));
    FILE *file = fopen(manifest, "r");
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    snprintf(wanted, sizeof wanted, "# made together by a test: CRC32, bytes, name\n%08lx %d large\n%08lx 1 other\n- - absent\n",
             crc32_z(0, (const Bytef *)bytes, LARGE), LARGE, crc32_z(0, (const Bytef *)"y", 1));
    ck_assert_str_eq(text, wanted);
    file = fopen(path, "r+");
    fseek(file, LARGE - 2, SEEK_SET);
    fputc('!', file);
    fclose(file);
    ck_assert_int_eq(base_manifest_check(path, &error), TAMIS_DATA);
    ck_assert_ptr_nonnull(strstr(error.text, "large is not the one that a test made with the other files of"));
    /* what begins as files of a set do is put aside, others stay */
    char absent[64], aside[64];
    ck_assert(base_join(absent, sizeof absent, directory, "absent") && base_join(aside, sizeof aside, directory, "absent~"));
    for (int alike = 0; alike < 2; alike++) {
        file = fopen(absent, "w");
        fputs(alike ? "xyz" : "notes", file);
        fclose(file);
        ck_assert_int_eq(base_manifest_check(absent, &error), TAMIS_DATA);
        ck_assert_int_eq(base_set_new(directory, "a test", "x", &set, &error), TAMIS_OK);
        ck_assert_int_eq(base_set_add(set, "absent", NULL, &error), TAMIS_OK);
        ck_assert_int_eq(base_set_commit(set, &error), TAMIS_OK);
        ck_assert_int_eq(access(aside, F_OK) == 0, alike);
        ck_assert_int_eq(access(absent, F_OK) == 0, !alike);
    }
    ck_assert_int_eq(base_set_new(path, "a test", "", &set, &error), TAMIS_FAILURE); /* a file, no directory */
    ck_assert_ptr_null(set);
    ck_assert_int_eq(base_set_new(NULL, "", "", &set, &error), TAMIS_OK);
    for (int k = 0; k < 32; k++) ck_assert_int_eq(base_set_add(set, "nothing", NULL, &error), TAMIS_OK);
    ck_assert_int_eq(base_set_add(set, path, &one, &error), TAMIS_FAILURE);
    ck_assert_ptr_null(one);
    base_set_discard(set);
    const char *left[] = {path, other, aside, manifest};
    for (size_t k = 0; k < BASE_COUNT(left); k++) ck_assert_int_eq(unlink(left[k]), 0);
    ck_assert_int_eq(rmdir(directory), 0);
    free(bytes);
}
END_TEST

START_TEST(quoting)
{
    char text[300];
    ck_assert_str_eq(base_quote(text, sizeof text, "a\tb\x01", 4), "a\\x09b\\x01");
    char many[200];
    memset(many, 'x', sizeof many);
    ck_assert_uint_eq(strlen(base_quote(text, sizeof text, many, sizeof many)), 63);
    ck_assert_uint_lt(strlen(base_quote(text, 16, many, sizeof many)), 16);
    /* what a terminal obeys, C1 as UTF-8 too; letters stay whole, also where they are cut */
    ck_assert_str_eq(base_quote(text, sizeof text, "\x1B[2J \xC2\x9B" "31m \x7F \xC3\xA4\xC2\xA9", 15), "\\x1B[2J \\xC2\\x9B31m \\x7F \xC3\xA4");
    memcpy(many + 59, "\xE2\x82\xAC", 3);
    ck_assert_uint_eq(strlen(base_quote(text, sizeof text, many, sizeof many)), 59 + 3);
    tamis_error error;
    base_fail(&error, TAMIS_DATA, "%s: line\n%s", "a\x1B]0;title\x07" "b", "\xC2\x85");
    ck_assert_str_eq(error.text, "a\\x1B]0;title\\x07b: line\\x0A\\xC2\\x85");
    memset(many, '\x1B', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    base_fail(&error, TAMIS_DATA, "%s%s%s%s%s%s%s", many, many, many, many, many, many, many); /* longer than there is room */
    ck_assert_uint_lt(strlen(error.text), sizeof error.text);
}
END_TEST

/* The examples of FIPS 180-4 and lengths around a block, the latter by sha256sum. */
START_TEST(sha256)
{
    static const struct {
        size_t count;
        const char *sum;
    } repeated[] = { /* of the letter a */
        {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
        {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
        {1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    };
    char path[] = "/tmp/tamis-sha256-XXXXXX", text[65];
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
    for (size_t k = 0; k < BASE_COUNT(repeated); k++) {
        FILE *out = fopen(path, "wb");
        for (size_t n = 0; n < repeated[k].count; n++) fputc('a', out);
        fclose(out);
        ck_assert_int_eq(base_sha256(path, text, NULL), TAMIS_OK);
        ck_assert_str_eq(text, repeated[k].sum);
    }
    FILE *out = fopen(path, "wb");
    fputs("abc", out);
    fclose(out);
    ck_assert_int_eq(base_sha256(path, text, NULL), TAMIS_OK);
    ck_assert_str_eq(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    unlink(path);
    tamis_error error;
    ck_assert_int_eq(base_sha256(path, text, &error), TAMIS_FAILURE);
    ck_assert_str_eq(text, "");
}
END_TEST

/* a list of names fits where it stands; what does not fit is told by "...", never by half a name */
START_TEST(names_in_a_sentence)
{
    base_list list = {0};
    base_list_add(&list, "one", "");
    ck_assert_str_eq(list.text, "one");
    base_list_add(&list, "two", "@K");
    ck_assert_str_eq(list.text, "one, two@K");
    for (int k = 0; k < 1000; k++) base_list_add(&list, "three", "");
    const size_t length = strlen(list.text);
    ck_assert(length < sizeof list.text && length > sizeof list.text - 20);
    ck_assert_str_eq(list.text + length - 10, "three, ...");
    base_list wide = {0};
    char name[sizeof wide.text + 1] = "";
    memset(name, 'x', sizeof name - 1);
    base_list_add(&wide, name, "");
    ck_assert_str_eq(wide.text, "...");
}
END_TEST

Suite *base_suite(void)
{
    Suite *suite = suite_create("base");
    TCase *tests = tcase_create("base");
    tcase_add_test(tests, stream_reference);
    tcase_add_test(tests, names_in_a_sentence);
    tcase_add_test(tests, stream_moments);
    tcase_add_test(tests, shuffle_is_a_permutation);
    tcase_add_test(tests, numbers);
    tcase_add_test(tests, sizes);
    tcase_add_test(tests, control_groups);
    tcase_add_test(tests, options);
    tcase_add_test(tests, options_of_other_versions);
    tcase_add_test(tests, a_sink_takes_what_is_written);
    tcase_add_test(tests, writer_appears_whole_or_not_at_all);
    tcase_add_test(tests, sets_appear_together);
    tcase_add_test(tests, quoting);
    tcase_add_test(tests, sha256);
    suite_add_tcase(suite, tests);
    return suite;
}
