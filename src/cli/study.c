/* A study while it runs, and what is printed and drawn of it afterwards. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/files.h"
#include "cli/commands.h"
#include "cli/line.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/signal.h"
#include "cli/study.h"
#include "cli/table.h"

/* Cells take long: between them the time that is left is counted down. What was found in the directory took none. */
static void show(cli_study *study)
{
    const double now = base_seconds();
    char left[40] = "";
    if (study->computed > 0)
        cli_eta((study->last - study->start) / (double)study->computed * (double)(study->cells - study->done) - (now - study->last),
                left, sizeof left);
    const char *parts[] = {left, study->phase, study->text};
    cli_line_show("", study->done, study->cells, parts, BASE_COUNT(parts));
    study->shown = now;
}

int cli_study_tell(void *context, const tamis_study_step *step)
{
    cli_study *study = context;
    if (step) {
        study->last = base_seconds();
        if (study->start == 0) study->start = study->last;
        if (*step->text) study->computed++;
        study->done = step->done;
        study->cells = step->cells;
        study->phase = step->phase;
        snprintf(study->text, sizeof study->text, "%s", step->text);
    }
    if (study->cells && (step || base_seconds() - study->shown > 1)) show(study);
    if (step && step->done == step->cells) cli_line_clear();
    return 0;
}

/* What is done stands in its files: a signal may end the program at any time. */
void cli_study_listen(void)
{
    cli_signal_say("tamis: stopped; the same command goes on where it was\n");
}

/* Whether the file ends as a picture that has been written to its end does. */
static bool is_whole(const char *path)
{
    static const char png[] = "IEND\xAE\x42\x60\x82", svg[] = "</svg>";
    char end[64];
    FILE *file = fopen(path, "rb");
    size_t count = 0;
    if (file && fseek(file, 0, SEEK_END) == 0) {
        const long size = ftell(file), back = size < (long)sizeof end ? size : (long)sizeof end;
        if (back > 0 && fseek(file, -back, SEEK_END) == 0) count = fread(end, 1, (size_t)back, file);
    }
    if (file) (void)fclose(file); /* was but read */
    return count && (memmem(end, count, png, sizeof png - 1) || memmem(end, count, svg, sizeof svg - 1));
}

/* How many pictures plots.gp names are not there; pieces of them are removed. *all: how many it names. */
static int count_missing(const char *directory, int *all)
{
    char path[BASE_PATH], line[512], name[64];
    int missing = 0;
    *all = 0;
    snprintf(path, sizeof path, "%s/plots.gp", directory);
    FILE *script = fopen(path, "r");
    while (script && fgets(line, sizeof line, script)) {
        if (sscanf(line, "set output '%63[^']'", name) != 1) continue;
        snprintf(path, sizeof path, "%s/%s", directory, name);
        const bool whole = is_whole(path);
        if (!whole) (void)unlink(path);
        missing += !whole;
        ++*all;
    }
    if (script) (void)fclose(script);
    return missing;
}

static void gnuplot(const char *directory)
{
    extern char **environ;
    char *words[] = {"gnuplot", "plots.gp", NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status = -1, all;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, directory);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int code = posix_spawnp(&child, "gnuplot", &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (code == ENOENT) {
        cli_note("gnuplot is not installed: %s/plots.gp is written, but not drawn (report.html has its own figures); on "
                 "Debian: apt-get install gnuplot-nox", directory);
        return;
    }
    if (code == 0)
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    const int missing = count_missing(directory, &all); /* a full disk leaves pieces, and gnuplot content */
    if (all == 0)
        cli_note("%s: nothing to plot, since no run has a figure", directory);
    else if (code || status != 0 || missing)
        cli_note("gnuplot could not draw %s/plots.gp: %d of its %d pictures are missing; report.html has its own figures",
                 directory, missing, all);
    else
        cli_note("%s: plots drawn as .svg and .png", directory);
}

static void add_word(FILE *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
    if (*word && word[strspn(word, plain)] == '\0') {
        fprintf(out, " %s", word);
        return;
    }
    fputs(" '", out);
    for (; *word; word++) fputs(*word == '\'' ? "'\\''" : (char[]){*word, '\0'}, out);
    fputc('\'', out);
}

char *cli_study_command(const cli_args *args)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    fprintf(out, "tamis %s", args->command->name);
    for (int k = 0; k < args->words; k++) add_word(out, args->word[k]);
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}

/* What a table of a study has. */
typedef struct shape {
    size_t methods, ratios, metrics;
} shape;

static shape shape_of(const tamis_robustness *study)
{
    shape s = {0};
    const tamis_robustness_row *first = tamis_robustness_rows(study, 0), *row;
    size_t rows = 0, of_first = 0;
    for (; (row = tamis_robustness_rows(study, rows)); rows++) {
        const bool same = strcmp(row->metric, first->metric) == 0;
        of_first += same;
        s.methods += same && row->ratio == first->ratio;
    }
    s.ratios = of_first / s.methods;
    /* cppcheck-suppress zerodiv ; a study has a row */
    s.metrics = rows / of_first;
    return s;
}

/* One table per metric: methods down, ratios across. */
static void print_metric(const tamis_robustness *study, const shape *s, size_t metric, const char *axis, cli_out *out)
{
    cli_table table = {.columns = s->ratios + 1};
    const size_t from = metric * s->ratios * s->methods;
    cli_table_cell(&table, "%s", tamis_robustness_rows(study, from)->metric);
    for (size_t r = 0; r < s->ratios; r++) cli_table_cell(&table, "%s %g", axis, tamis_robustness_rows(study, from + r * s->methods)->ratio);
    for (size_t m = 0; m < s->methods; m++) {
        cli_table_cell(&table, "%s", tamis_robustness_rows(study, from + m)->method);
        for (size_t r = 0; r < s->ratios; r++) {
            const tamis_robustness_row *at = tamis_robustness_rows(study, from + r * s->methods + m);
            char deviation[32] = "", star[8] = " ";
            if (isfinite(at->deviation)) snprintf(deviation, sizeof deviation, " ±%.4f", at->deviation);
            if (at->p_holm < 0.05) snprintf(star, sizeof star, "%s", at->difference > 0 ? "+" : "-");
            if (isfinite(at->mean))
                cli_table_cell(&table, "%.4f%s%s", at->mean, deviation, star);
            else
                cli_table_cell(&table, "diverged");
        }
    }
    cli_table_print(&table, out);
    cli_out_text(out, "\n");
}

static void print(const tamis_robustness *study, const char *axis, const char *control)
{
    const shape s = shape_of(study);
    cli_out out = {0};
    char text[300];
    cli_out_text(&out, tamis_robustness_verdict(study));
    cli_out_text(&out, ".\n\n");
    for (size_t k = 0; k < s.metrics; k++) print_metric(study, &s, k, axis, &out);
    const int64_t seeds = tamis_robustness_rows(study, 0)->seeds;
    if (seeds < 3)
        snprintf(text, sizeof text, "%s; tests from three seeds on\n", seeds == 1 ? "of one seed" : "mean ± standard deviation over 2 seeds");
    else
        snprintf(text, sizeof text, "mean ± standard deviation over %" PRId64 " seeds; + above, - below %.60s by more than chance (paired t over "
                 "seeds, corrected, Holm, p < 0.05)\n", seeds, control);
    cli_out_text(&out, text);
}

int cli_study_finish(const tamis_robustness *study, const char *axis, const char *control, const char *directory)
{
    const char *warning;
    print(study, axis, control);
    for (size_t k = 0; (warning = tamis_robustness_warning(study, k)); k++) cli_note("warning: %s", warning);
    gnuplot(directory);
    cli_note("%s: results.csv, summary.md and report.html written", directory);
    return 0;
}
