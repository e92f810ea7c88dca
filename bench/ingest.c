/* From a file to a matrix: beside a bare libcsv loop, gzip -dc, and pandas where it is installed. */
#include <csv.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/writer.h"
#include "bench.h"

enum { ROWS = 10000000, USERS = 200000, ITEMS = 50000 };

typedef struct reading {
    const char *path;
    int threads;
    const char *weight; /* its column; NULL: none */
} reading;

/* u000123,item-00045,4,1400000000 and so on: popular users and items more often, in random order. quote: "\"" around each
 * field, or "" */
static void write_csv(const char *path, const char *quote)
{
    struct stat status;
    base_writer *writer;
    tamis_error error;
    if (stat(path, &status) == 0 && status.st_size > 0) return;
    base_stream s = {5};
    bench_must(base_writer_open(path, &writer, &error), &error);
    base_writer_format(writer, "user_id,item_id,rating,timestamp\n");
    for (int k = 0; k < ROWS; k++) {
        const double a = base_uniform(&s), b = base_uniform(&s);
        const char *q = quote;
        base_writer_format(writer, "%su%06d%s,%sitem-%05d%s,%s%d%s,%s%d%s\n", q,
                            (int)(base_mix((uint64_t)(a * a * USERS) + 1) % USERS), q, q,
                            (int)(base_mix((uint64_t)(b * b * ITEMS) + 1) % ITEMS), q, q, 1 + (int)base_below(&s, 5), q, q,
                            1400000000 + 3 * k, q);
    }
    bench_must(base_writer_commit(writer, &error), &error);
}

static double read_log(void *context)
{
    const reading *r = context;
    const char *paths[] = {r->path};
    tamis_log *log;
    tamis_error error;
    tamis_log_options options;
    tamis_log_options_default(&options);
    options.weight = r->weight;
    const int before = omp_get_max_threads();
    omp_set_num_threads(r->threads);
    const double begin = base_seconds();
    bench_must(tamis_log_read(paths, 1, &options, &log, &error), &error);
    const double seconds = base_seconds() - begin;
    omp_set_num_threads(before);
    tamis_log_free(log);
    return seconds;
}

static void count_field(void *bytes, size_t count, void *context)
{
    (void)bytes;
    *(size_t *)context += count;
}

static void count_row(int end, void *context)
{
    (void)end;
    ++*(size_t *)context;
}

static double bare_libcsv(void *context)
{
    const reading *r = context;
    static char buffer[1 << 18];
    struct csv_parser parser;
    size_t sum = 0;
    const double begin = base_seconds();
    FILE *file = fopen(r->path, "rb");
    if (!file || csv_init(&parser, 0) != 0) bench_stop("cannot read %s", r->path);
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, file)) > 0;)
        csv_parse(&parser, buffer, n, count_field, count_row, &sum);
    csv_fini(&parser, count_field, count_row, &sum);
    csv_free(&parser);
    fclose(file);
    return base_seconds() - begin;
}

static double bare_gzip(void *context)
{
    const reading *r = context;
    const char *const arguments[] = {"sh", "-c", "gzip -dc \"$1\" >/dev/null", "sh", r->path, NULL};
    return bench_child(arguments, NULL, 0, NULL);
}

static double pandas(void *context)
{
    const reading *r = context;
    char line[64];
    const char *const arguments[] = {"/usr/bin/python3", "-c",
        "import sys, time, pandas\nt = time.time()\nd = pandas.read_csv(sys.argv[1])\n"
        "pandas.factorize(d.iloc[:, 0]); pandas.factorize(d.iloc[:, 1])\nprint(time.time() - t)", r->path, NULL};
    bench_child(arguments, line, sizeof line, NULL);
    return strtod(line, NULL);
}

static bool has_pandas(void)
{
    return system("/usr/bin/python3 -c 'import pandas' 2>/dev/null") == 0;
}

/* What a log holds in memory. */
static double bytes_of(const tamis_log *log)
{
    const double n = (double)tamis_log_interactions(log), users = (double)log->users, items = (double)log->items;
    return n * (4 + (log->rating ? 4 : 0) + (log->time.second ? 4 : log->time.value ? 8 : 0)) + 8 * (users + 1) +
           (double)(log->user_ids->start[log->users] + log->item_ids->start[log->items]) + 8 * (users + items) +
           4 * (double)(log->user_ids->slots + log->item_ids->slots);
}

/* In a process of its own, so that its peak is that of reading: bench --read FILE */
void bench_read(const char *path)
{
    const char *paths[] = {path};
    tamis_log *log;
    tamis_error error;
    bench_must(tamis_log_read(paths, 1, NULL, &log, &error), &error);
    printf("%.0f\n", bytes_of(log));
    tamis_log_free(log);
}

void bench_ingest(bench *b)
{
    char plain[300], packed[310], quoted[310], line[64];
    double peak;
    snprintf(plain, sizeof plain, "%.250s/tamis-bench-%d.csv", b->scratch, ROWS);
    snprintf(packed, sizeof packed, "%s.gz", plain);
    snprintf(quoted, sizeof quoted, "%s-quoted", plain);
    write_csv(plain, "");
    write_csv(quoted, "\"");
    const char *const pack[] = {"sh", "-c", "test -s \"$1.gz\" || gzip -1k \"$1\"", "sh", plain, NULL};
    bench_child(pack, NULL, 0, NULL);
    reading one = {plain, 1, NULL}, two = {plain, 2, NULL}, zip = {packed, 2, NULL}, every = {quoted, 1, NULL}, weighted = {plain, 1, "rating"}, weighted_two = {plain, 2, "rating"};
    bench_compare(b, &(bench_pair){"s", read_log, &one, "libcsv loop", bare_libcsv, &one, BENCH_LOWER, 2.0},
                  "10 M rows, 1 thread");
    bench_compare(b, &(bench_pair){"s", read_log, &two, "libcsv loop", bare_libcsv, &two, BENCH_LOWER, 1.1},
                  "10 M rows, 2 threads");
    bench_compare(b, &(bench_pair){"s", read_log, &every, "libcsv loop", bare_libcsv, &every, BENCH_LOWER, 2.0},
                  "10 M rows quoted, 1 thread");
    bench_compare(b, &(bench_pair){"s", read_log, &weighted, "without weights", read_log, &one, BENCH_LOWER, 1.15},
                  "10 M rows weighted, 1 thread");
    bench_compare(b, &(bench_pair){"s", read_log, &weighted_two, "without weights", read_log, &two, BENCH_LOWER, 1.15},
                  "10 M rows weighted, 2 threads");
    bench_compare(b, &(bench_pair){"s", read_log, &zip, "gzip -dc", bare_gzip, &zip, BENCH_LOWER, 1.25},
                  "10 M rows in gzip, 2 threads");
    const char *const read[] = {b->self, "--read", plain, NULL};
    bench_child(read, line, sizeof line, &peak);
    bench_note(b, "MB", peak / 1e6, "matrix and ids", strtod(line, NULL) / 1e6, BENCH_LOWER, 2.0, "10 M rows, peak memory");
    if (has_pandas())
        bench_compare(b, &(bench_pair){"s", read_log, &two, "pandas, factorize", pandas, &two, BENCH_LOWER, 0.1},
                      "10 M rows, 2 threads");
}
