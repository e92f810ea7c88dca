/* Alternating runs, child processes, medians. */
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/option.h"
#include "bench.h"

_Noreturn void bench_stop(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

void bench_must(tamis_status status, const tamis_error *error)
{
    if (status) bench_stop("%s", error->text);
}

static int ascending(const void *a, const void *b)
{
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

double bench_median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, ascending);
    return count % 2 ? values[count / 2] : 0.5 * (values[count / 2 - 1] + values[count / 2]);
}

static void tell(bench *b, const bench_row *row)
{
    if (b->count == b->capacity) {
        b->capacity = b->capacity ? 2 * b->capacity : 64;
        b->row = realloc(b->row, b->capacity * sizeof *b->row);
        if (!b->row) bench_stop("not enough memory for the results");
    }
    b->row[b->count++] = *row;
    char goal[32] = "";
    if (!isnan(row->goal)) snprintf(goal, sizeof goal, "%s %.3g", row->better == BENCH_HIGHER ? ">=" : "<=", row->goal);
    const bool met = isnan(row->goal) || (row->better == BENCH_HIGHER ? row->ratio >= row->goal : row->ratio <= row->goal);
    printf("%-10s %-34s %9.4g %-12s %-24s %9.4g  %7.3f (%.3f to %.3f) %s%s\n", row->group, row->name, row->value,
           row->unit, row->against, row->other, row->ratio, row->least, row->most, goal, met ? "" : "  missed");
    fflush(stdout);
}

void bench_compare(bench *b, const bench_pair *pair, const char *name, ...)
{
    enum { MOST = 64 };
    double mine[MOST], theirs[MOST], ratio[MOST];
    const size_t runs = (size_t)(b->runs < MOST ? b->runs : MOST);
    bench_row row = {.group = b->group, .unit = pair->unit, .against = pair->against, .better = pair->better,
                     .goal = pair->goal};
    va_list arguments;
    va_start(arguments, name);
    vsnprintf(row.name, sizeof row.name, name, arguments);
    va_end(arguments);
    for (size_t k = 0; k < runs; k++) { /* whoever goes first takes turns */
        if (k % 2) theirs[k] = pair->theirs(pair->their_context);
        mine[k] = pair->mine(pair->my_context);
        if (k % 2 == 0) theirs[k] = pair->theirs(pair->their_context);
        ratio[k] = mine[k] / theirs[k];
        if (isnan(ratio[k])) {
            fprintf(stderr, "bench: %s: could not be measured\n", row.name);
            return;
        }
    }
    row.ratio = bench_median(ratio, runs);
    row.least = ratio[0];
    row.most = ratio[runs - 1];
    row.value = bench_median(mine, runs);
    row.other = bench_median(theirs, runs);
    tell(b, &row);
}

void bench_note(bench *b, const char *unit, double value, const char *against, double other, bench_better better,
                double goal, const char *name, ...)
{
    bench_row row = {.group = b->group, .unit = unit, .value = value, .other = other, .against = against,
                     .ratio = value / other, .better = better, .goal = goal};
    row.least = row.most = row.ratio;
    va_list arguments;
    va_start(arguments, name);
    vsnprintf(row.name, sizeof row.name, name, arguments);
    va_end(arguments);
    tell(b, &row);
}

static double now(void)
{
    return base_seconds();
}

double bench_child(const char *const *arguments, char *line, size_t size, double *peak)
{
    int ends[2];
    struct rusage usage;
    int status = 0;
    if (pipe(ends) != 0) bench_stop("no pipe");
    const double begin = now();
    pid_t child = fork();
    if (child < 0) bench_stop("cannot start %s", arguments[0]);
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execvp(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    close(ends[1]);
    FILE *out = fdopen(ends[0], "r");
    char rest[4096];
    if (line && size && !fgets(line, (int)size, out)) line[0] = '\0';
    while (fread(rest, 1, sizeof rest, out) > 0) continue;
    fclose(out);
    wait4(child, &status, 0, &usage);
    const double seconds = now() - begin;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) bench_stop("%s failed", arguments[0]);
    if (peak) *peak = (double)usage.ru_maxrss * 1024;
    return seconds;
}

void bench_set(tamis_train_options *options, const char *set)
{
    char text[256];
    tamis_error error;
    snprintf(text, sizeof text, "%s", set ? set : "");
    for (char *rest, *name = strtok_r(text, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
        const tamis_option_table *table;
        const tamis_option *row = NULL;
        for (size_t k = 0; !row && (table = tamis_train_option_table(options->method, k)); k++) row = base_option_find(table, name);
        bench_must(base_option_set(row, options, strtok_r(NULL, " ", &rest), &error), &error);
    }
}

double bench_run_yardstick(void *context)
{
    const bench_yardstick *y = context;
    char threads[16], epochs[16], factors[16], line[256];
    snprintf(threads, sizeof threads, "%d", y->threads);
    snprintf(epochs, sizeof epochs, "%d", y->epochs);
    snprintf(factors, sizeof factors, "%d", y->factors);
    const char *const arguments[] = {y->bench->yardstick, threads, epochs, factors, NULL};
    bench_child(arguments, line, sizeof line, NULL);
    const char *mean = strstr(line, "mean ");
    return mean ? strtod(mean + 5, NULL) : (double)NAN;
}
