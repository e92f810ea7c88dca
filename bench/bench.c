/* bench [--runs N] [--json FILE] [--scratch FOLDER] [--check FOLDER] [--write-baseline FOLDER] [--tamis PROGRAM]
 * [--yardstick PROGRAM] GROUP...: measures, writes a table to standard output. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cblas.h>

#include "base/base.h"
#include "base/memory.h"
#include "bench.h"

static const struct {
    const char *name, *help;
    void (*run)(bench *b);
} groups[] = {
    {"updates", "bpr: updates per second beside the yardstick, two threads beside one, epochs beside the bare kernel",
     bench_updates},
    {"costs", "ns per pair of other methods beside bpr's", bench_costs},
    {"methods", "samples per second of every method, d 32, 64 and 128, one and two threads, beside the yardstick; "
     "sample by sample also beside the bare kernel",
     bench_methods},
    {"checkpoint", "a checkpoint of 1 GB beside dd with fsync", bench_checkpoint},
    {"ingest", "a CSV of 10 million rows, plain and gzip, to a matrix", bench_ingest},
    {"growth", "1, 10 and 100 million interactions; memory at 20 million (needs 8 GB)", bench_growth},
    {"kernels", "pairwise updates by tier and level of memory beside rows read and written in order", bench_kernels},
    {"quality", "ials and bsl on Gowalla: seconds to the best of other libraries and beyond", bench_quality},
    {"recommend", "one user from a model of 1 GB", bench_recommend},
    {"requests", "requests per second on one core, Gowalla and a million items, beside tamis_recommend()", bench_requests},
    {"fold-in", "a user of 50 items by every method, d 64, one core", bench_fold},
    {"ranking", "evaluations of Gowalla beside OpenBLAS's product alone; their memory", bench_ranking},
};

static void write_json(const bench *b, const char *path)
{
    FILE *out = fopen(path, "w");
    if (!out) bench_stop("cannot write %s", path);
    fputs("[\n", out);
    for (size_t k = 0; k < b->count; k++) {
        const bench_row *r = &b->row[k];
        fprintf(out, "  {\"group\": \"%s\", \"name\": \"%s\", \"value\": %.6g, \"unit\": \"%s\", \"against\": \"%s\", "
                "\"other\": %.6g, \"ratio\": %.4f, \"least\": %.4f, \"most\": %.4f, \"better\": \"%s\", \"goal\": ",
                r->group, r->name, r->value, r->unit, r->against, r->other, r->ratio, r->least, r->most,
                r->better == BENCH_HIGHER ? "higher" : "lower");
        fprintf(out, isnan(r->goal) ? "null}" : "%.4g}", r->goal);
        fputs(k + 1 < b->count ? ",\n" : "\n", out);
    }
    fputs("]\n", out);
    if (fclose(out) != 0) bench_stop("cannot write %s", path);
}

/* The ratios of one cpu tier: "group name against ratio", parted by tabs. */
static FILE *open_baseline(const char *folder, const char *mode)
{
    char path[300];
    snprintf(path, sizeof path, "%.250s/%s.tsv", folder, tamis_cpu_tier());
    FILE *file = fopen(path, mode);
    if (!file && *mode != 'r') bench_stop("cannot write %s", path);
    return file;
}

/* Rows that stand in the baseline as well and are worse than there by more than a fifth in every run: the number of them. */
static int check_baseline(const bench *b, const char *folder)
{
    const double slack = 1.2;
    char line[512];
    int worse = 0;
    FILE *in = open_baseline(folder, "r");
    if (!in) {
        printf("no baseline for cpu tier %s: nothing is compared\n", tamis_cpu_tier());
        return 0;
    }
    while (fgets(line, sizeof line, in)) {
        char *rest, *group = strtok_r(line, "\t", &rest), *name = strtok_r(NULL, "\t", &rest);
        char *against = strtok_r(NULL, "\t", &rest), *ratio = strtok_r(NULL, "\t", &rest);
        for (size_t k = 0; ratio && k < b->count; k++) {
            const bench_row *r = &b->row[k];
            if (strcmp(r->group, group) != 0 || strcmp(r->name, name) != 0 || strcmp(r->against, against) != 0) continue;
            const double was = strtod(ratio, NULL);
            const bool bad = r->better == BENCH_HIGHER ? r->most * slack < was : r->least > was * slack;
            if (bad) printf("%s: %s beside %s: %.3f at best, was %.3f\n", group, name, against,
                            r->better == BENCH_HIGHER ? r->most : r->least, was);
            worse += bad;
        }
    }
    fclose(in);
    return worse;
}

static bool was_run(const bench *b, const char *group, size_t length)
{
    for (size_t k = 0; k < b->count; k++)
        if (strlen(b->row[k].group) == length && memcmp(b->row[k].group, group, length) == 0) return true;
    return false;
}

/* Rows of groups that were not run stay. */
static void write_baseline(const bench *b, const char *folder)
{
    char *kept = NULL, line[512];
    size_t length = 0, capacity = 0;
    FILE *in = open_baseline(folder, "r");
    while (in && fgets(line, sizeof line, in)) {
        if (was_run(b, line, strcspn(line, "\t"))) continue;
        if (!base_grow(&kept, &capacity, length + sizeof line, 1)) bench_stop("not enough memory");
        memcpy(kept + length, line, strlen(line));
        length += strlen(line);
    }
    if (in) fclose(in);
    FILE *out = open_baseline(folder, "w");
    if (length) fwrite(kept, 1, length, out);
    free(kept);
    for (size_t k = 0; k < b->count; k++)
        fprintf(out, "%s\t%s\t%s\t%.3f\n", b->row[k].group, b->row[k].name, b->row[k].against, b->row[k].ratio);
    if (fclose(out) != 0) bench_stop("cannot write the baseline in %s", folder);
}

static void run_group(bench *b, const char *name)
{
    bool found = false;
    for (size_t k = 0; k < BASE_COUNT(groups); k++) {
        if (strcmp(name, "all") != 0 && strcmp(name, groups[k].name) != 0) continue;
        found = true;
        b->group = groups[k].name;
        groups[k].run(b);
    }
    if (found) return;
    fprintf(stderr, "bench: there is no group \"%s\"; the groups are\n", name);
    for (size_t k = 0; k < BASE_COUNT(groups); k++) fprintf(stderr, "  %-10s %s\n", groups[k].name, groups[k].help);
    exit(2);
}

/* OpenBLAS is to use what the processor has: an older core's products would flatter ours. It chooses when it is loaded, hence
 * a new start. */
static void name_blas_core(char **arguments)
{
    const char *wanted = strcmp(tamis_cpu_tier(), "avx512") == 0 ? "SKYLAKEX" : "HASWELL", *set = getenv("OPENBLAS_CORETYPE");
    if (strncmp(tamis_cpu_tier(), "avx", 3) != 0 || (set && strcmp(set, wanted) == 0)) return;
    if (setenv("OPENBLAS_CORETYPE", wanted, 1) == 0) execv("/proc/self/exe", arguments);
}

int main(int count, char **arguments)
{
    name_blas_core(arguments);
    openblas_set_num_threads(1); /* a product per thread of ours */
    const char *json = NULL, *baseline = NULL, *next_baseline = NULL;
    const char *scratch = getenv("TMPDIR");
    bench b = {.self = arguments[0], .tamis = "./tamis", .yardstick = "bench/yardstick",
               .datasets = getenv("TAMIS_DATASETS"), .scratch = scratch ? scratch : "/tmp", .runs = 5};
    if (count == 3 && strcmp(arguments[1], "--read") == 0) {
        bench_read(arguments[2]);
        return 0;
    }
    int k = 1;
    for (; k + 1 < count && strncmp(arguments[k], "--", 2) == 0; k += 2) {
        if (strcmp(arguments[k], "--runs") == 0)
            b.runs = atoi(arguments[k + 1]);
        else if (strcmp(arguments[k], "--json") == 0)
            json = arguments[k + 1];
        else if (strcmp(arguments[k], "--check") == 0)
            baseline = arguments[k + 1];
        else if (strcmp(arguments[k], "--write-baseline") == 0)
            next_baseline = arguments[k + 1];
        else if (strcmp(arguments[k], "--scratch") == 0)
            b.scratch = arguments[k + 1];
        else if (strcmp(arguments[k], "--tamis") == 0)
            b.tamis = arguments[k + 1];
        else if (strcmp(arguments[k], "--yardstick") == 0)
            b.yardstick = arguments[k + 1];
        else
            break;
    }
    if (b.runs < 1) bench_stop("--runs takes a number from 1");
    if (baseline && access(baseline, R_OK) != 0) bench_stop("there is no folder %s", baseline);
    printf("cpu tier %s, OpenBLAS core %s, medians of %d alternating runs\n", tamis_cpu_tier(), openblas_get_corename(), b.runs);
    if (k == count) run_group(&b, "all");
    for (; k < count; k++) run_group(&b, arguments[k]);
    if (json) write_json(&b, json);
    if (next_baseline) write_baseline(&b, next_baseline);
    const int worse = baseline ? check_baseline(&b, baseline) : 0;
    free(b.row);
    return worse ? 1 : 0;
}
