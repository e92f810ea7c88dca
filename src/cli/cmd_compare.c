/* tamis compare: models, or their values per user, against the first of them: intervals and paired tests. */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/option.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/compare_output.h"
#include "cli/file.h"
#include "cli/message.h"
#include "cli/scores.h"
#include "cli/table.h"
#include "cli/testing.h"
#include "cli/text.h"

static const tamis_option rows[] = {
    BASE_OPTION(compare_options, test, "test", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "the test log: what is compared are models; may be given several times; of folds one each, joined by commas", .file = TAMIS_FILE_INPUT),
    BASE_OPTION(compare_options, form, "output-format", TAMIS_OPTION_CHOICE, CLI_FORMS, "table", "",
               "how to write the figures"),
    BASE_OPTION(compare_options, output, "output", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "write to this file instead of standard output", .file = TAMIS_FILE_STREAM),
    CLI_VERBOSE(compare_options),
};
CLI_TABLE(cli_compare_table, "compare", rows, compare_options);

static int no_memory(void)
{
    return cli_fail(TAMIS_FAILURE, "not enough memory for a comparison");
}

/* ---- who is compared */

static int name_contenders(comparison *c)
{
    size_t n = c->args->operands, all = 0;
    c->contender = calloc(n, sizeof *c->contender);
    if (!c->contender) return no_memory();
    c->contenders = n;
    for (size_t k = 0; k < n; k++) {
        contender *one = &c->contender[k];
        int code = cli_joined_read(c->args->command, c->args->operand[k], &one->path);
        if (!code) code = cli_joined_check(c->args->command, c->args->operand[k], &one->path);
        if (code) return code;
        all += one->runs = one->path.count;
    }
    c->score = calloc(all, sizeof *c->score);
    return c->score ? 0 : no_memory();
}

static int read_model(comparison *c, const char *path, cli_testing *testing, cli_scores *score)
{
    tamis_model *model = NULL;
    tamis_evaluation *evaluation = NULL;
    int code = cli_load(path, &model);
    if (!code) code = cli_testing_run(testing, model, &evaluation);
    if (!code) code = cli_scores_take(evaluation, score);
    if (!code) {
        c->test_rows += (double)tamis_evaluation_count(evaluation)->rows;
        c->train_rows += (double)tamis_model_interactions(model);
    }
    tamis_evaluation_free(evaluation);
    tamis_model_free(model);
    return code;
}

/* The names of the test logs, and how many folds they are. */
static int name_tests(comparison *c)
{
    c->test = calloc(c->args->given_count + 1, sizeof *c->test);
    c->tests = calloc(c->args->given_count + 1, sizeof *c->tests);
    c->folds = 1;
    if (!c->test || !c->tests) return no_memory();
    for (size_t k = 0; k < c->args->given_count; k++) {
        if (c->args->given[k].row != &rows[0]) continue;
        const char *text = c->test[c->test_count] = c->args->given[k].text;
        cli_joined *list = &c->tests[c->test_count++];
        int code = cli_joined_read(c->args->command, text, list);
        if (!code) code = cli_joined_check(c->args->command, text, list);
        if (code) return code;
        if (list->count > 1 && c->folds > 1 && list->count != c->folds)
            return cli_usage(c->args->command, "--test names %zu logs and then %zu; expected a log for each fold", c->folds, list->count);
        if (list->count > 1) c->folds = list->count;
    }
    for (size_t k = 0; k < c->contenders && c->folds > 1; k++)
        if (c->contender[k].runs != c->folds)
            return cli_usage(c->args->command, "\"%.200s\" is %zu of the %zu models that there should be, one for each log of --test, joined by commas",
                             c->args->operand[k], c->contender[k].runs, c->folds);
    return 0;
}

static int read_tests(comparison *c)
{
    int code = name_tests(c);
    const char **path = calloc(c->test_count + 1, sizeof *path);
    if (!code) c->fold = calloc(c->folds, sizeof *c->fold);
    if (!code && (!path || !c->fold)) code = no_memory();
    for (size_t f = 0; !code && f < c->folds; f++) {
        c->fold[f] = c->testing;
        c->fold[f].fold = f;
        c->fold[f].folds = c->folds;
        for (size_t k = 0; k < c->test_count; k++) path[k] = cli_joined_at(&c->tests[k], f); /* analyzer: possible-null-dereference, else there is a code */
        code = cli_testing_read(&c->fold[f], path, c->test_count);
        c->fold[f].tests = c->test;
    }
    free(path);
    return code;
}

/* All have the metrics of the first. */
static int check_metrics(const comparison *c)
{
    for (size_t k = 1; k < c->scores; k++) {
        bool same = c->score[k].metrics == c->score[0].metrics;
        for (size_t m = 0; same && m < c->score[0].metrics; m++)
            same = strcmp(c->score[k].name[m], c->score[0].name[m]) == 0;
        if (!same)
            return cli_fail(TAMIS_DATA, "the files of values per user have different columns; expected the same metrics "
                            "in all of them");
    }
    return 0;
}

static int read_scores(comparison *c)
{
    int code = c->command.test ? read_tests(c) : 0;
    for (size_t k = 0; !code && k < c->contenders; k++) {
        c->contender[k].score = &c->score[c->scores];
        for (size_t r = 0; !code && r < c->contender[k].runs; r++) {
            cli_scores *score = &c->score[c->scores++];
            const char *path = c->contender[k].path.part[r];
            code = c->command.test ? read_model(c, path, &c->fold[c->folds > 1 ? r : 0], score) : cli_scores_read(path, score);
        }
    }
    if (!code) code = check_metrics(c);
    if (!code) code = c->folds > 1 ? cli_scores_unite(c->score, c->scores) : cli_scores_align(c->score, c->scores);
    if (code) return code;
    c->metrics = c->score[0].metrics;
    c->users = c->score[0].users;
    return 0;
}

/* ---- numbers */

/* Over the folds that have the user. */
static double mean_of_folds(const contender *one, size_t user, size_t metric, size_t metrics)
{
    double sum = 0, defined = 0;
    for (size_t r = 0; r < one->runs; r++) {
        const double value = one->score[r].value[user * metrics + metric];
        if (isfinite(value)) sum += value, defined++;
    }
    return sum / defined;
}

static int average(const comparison *c, contender *one)
{
    size_t users = (size_t)c->users, metrics = c->metrics;
    one->value = calloc(metrics * users + 1, sizeof *one->value);
    one->mean = calloc(metrics * one->runs + 1, sizeof *one->mean);
    if (!one->value || !one->mean) return no_memory();
    for (size_t m = 0; m < metrics; m++)
        for (size_t r = 0; r < one->runs; r++) {
            double sum = 0, defined = 0;
            for (size_t u = 0; u < users; u++) {
                double value = one->score[r].value[u * metrics + m];
                one->value[m * users + u] += value / (double)one->runs;
                if (isfinite(value)) sum += value, defined++;
            }
            one->mean[m * one->runs + r] = sum / defined;
        }
    for (size_t u = 0; c->folds > 1 && u < users; u++)
        for (size_t m = 0; m < metrics; m++) one->value[m * users + u] = mean_of_folds(one, u, m, metrics);
    return 0;
}

/* The pairs in which both are defined, into x and y; their number. */
static size_t take_pairs(const double *a, const double *b, size_t count, double *x, double *y)
{
    size_t n = 0;
    for (size_t k = 0; k < count; k++) {
        if (!isfinite(a[k]) || !isfinite(b[k])) continue;
        x[n] = a[k];
        y[n++] = b[k];
    }
    return n;
}

/* b minus a, jointly with the others of its family. */
static int compare(const comparison *c, const double *a, const double *b, size_t count, outcome *o)
{
    tamis_paired_options options = c->paired;
    tamis_error error;
    o->a = o->b = 0;
    for (size_t k = 0; k < count; k++) {
        o->a += a[k] / (double)count;
        o->b += b[k] / (double)count;
    }
    options.comparisons = (int64_t)c->family[o->runs];
    const bool folds = o->runs && c->folds > 1;
    if (folds) options.overlap = c->test_rows / c->train_rows;
    int code = cli_status(tamis_paired_compare(b, a, (int64_t)count, &options, &o->paired, &error), &error);
    if (folds) o->paired.wilcoxon = o->paired.wilcoxon_p = o->paired.permutation_p = (double)NAN; /* they take folds for independent */
    return code;
}

/* Of several runs the first is held against the first and so on; where one has more, the rest have no partner. */
static size_t paired_runs(const comparison *c, size_t k)
{
    size_t a = c->contender[0].runs, b = c->contender[k].runs;
    return a < b ? a : b;
}

/* The pairs of an outcome. None: such as of coverage, which no user has alone. */
static size_t pairs_of(const comparison *c, const outcome *o, double *x, double *y)
{
    const contender *first = &c->contender[0], *one = &c->contender[o->contender];
    const size_t users = (size_t)c->users;
    if (o->runs)
        return take_pairs(first->mean + o->metric * first->runs, one->mean + o->metric * one->runs, paired_runs(c, o->contender), x, y);
    return take_pairs(first->value + o->metric * users, one->value + o->metric * users, users, x, y);
}

static int compare_all(comparison *c)
{
    size_t most = (size_t)c->users;
    for (size_t k = 1; k < c->contenders; k++) most = paired_runs(c, k) > most ? paired_runs(c, k) : most;
    double *x = calloc(2 * most + 1, sizeof *x), *y = x ? x + most : NULL;
    c->outcome = calloc(2 * c->metrics * c->contenders + 1, sizeof *c->outcome);
    int code = x && c->outcome ? 0 : no_memory();
    for (int runs = 0; !code && runs < 2; runs++)
        for (size_t m = 0; m < c->metrics; m++)
            for (size_t k = 1; k < c->contenders; k++) {
                const outcome o = {.metric = m, .contender = k, .runs = runs};
                if ((runs && paired_runs(c, k) < 2) || pairs_of(c, &o, x, y) == 0) continue;
                c->outcome[c->outcomes++] = o;
                c->family[runs]++;
            }
    for (size_t k = 0; k < c->outcomes && !code; k++)
        code = compare(c, x, y, pairs_of(c, &c->outcome[k], x, y), &c->outcome[k]);
    free(x);
    return code;
}

/* For each test over all that is printed; those over users and those over runs are a family each. */
static int correct(comparison *c)
{
    double *p = calloc(2 * c->outcomes + 1, sizeof *p), *adjusted = p ? p + c->outcomes : NULL;
    if (!p) return no_memory();
    for (int runs = 0; runs < 2; runs++)
        for (int test = 0; test < 3; test++) {
            size_t n = 0;
            for (size_t k = 0; k < c->outcomes; k++) {
                const tamis_paired *q = &c->outcome[k].paired;
                if (c->outcome[k].runs == runs)
                    p[n++] = test == 0 ? q->t_p : test == 1 ? q->wilcoxon_p : q->permutation_p;
            }
            if (n && isfinite(p[0])) tamis_holm(p, n, adjusted);
            else for (size_t k = 0; k < n; k++) adjusted[k] = (double)NAN;
            n = 0;
            for (size_t k = 0; k < c->outcomes; k++)
                if (c->outcome[k].runs == runs) c->outcome[k].holm[test] = adjusted[n++];
        }
    free(p);
    return 0;
}

/* Joint intervals end far out, where few resamples are. */
static void warn_of_resamples(const comparison *c)
{
    const double needed = ceil(20 * (double)c->family[0] / (1 - c->paired.confidence));
    char a[64], b[64], enough[80] = "";
    if (c->paired.bootstrap == 0 || (double)c->paired.bootstrap >= needed) return;
    if (needed <= 1e6) snprintf(enough, sizeof enough, "--bootstrap %.0f leaves 10 beyond each end, ", needed);
    cli_note("warning: %s are few for the intervals of %s; %s--bootstrap 0 takes Student's",
             cli_plural(c->paired.bootstrap, "resample", a), cli_plural((int64_t)c->family[0], "comparison", b), enough);
}

int cmd_compare(const cli_args *args)
{
    comparison c = {.args = args};
    int code = cli_testing_options(&c.testing, args);
    tamis_paired_options_default(&c.paired);
    if (!code) code = cli_read_command(args, &cli_compare_table, &c.command);
    if (!code) code = cli_apply(args, tamis_option_find_table("paired"), &c.paired);
    if (!code) code = cli_check(args, tamis_option_find_table("paired"), &c.paired);
    if (!code) code = cli_check_idle(args, "rare-threshold", false, "the --slice of tamis evaluate");
    c.paired.seed = c.testing.options.seed;
    c.paired.threads = c.testing.options.threads;
    if (!code) code = cli_check_files(args);
    if (!code) code = name_contenders(&c);
    if (!code) code = read_scores(&c);
    for (size_t k = 0; !code && k < c.contenders; k++) code = average(&c, &c.contender[k]);
    if (!code) code = compare_all(&c);
    if (!code) code = correct(&c);
    if (!code) warn_of_resamples(&c);
    if (!code) code = compare_print(&c);
    for (size_t k = 0; k < c.contenders; k++) {
        cli_joined_clear(&c.contender[k].path);
        free(c.contender[k].value);
        free(c.contender[k].mean);
    }
    for (size_t k = 0; k < c.scores; k++) cli_scores_clear(&c.score[k]);
    for (size_t f = 0; c.fold && f < c.folds; f++) cli_testing_clear(&c.fold[f]);
    for (size_t k = 0; k < c.test_count; k++) cli_joined_clear(&c.tests[k]);
    free(c.fold);
    free(c.tests);
    free(c.test);
    free(c.contender);
    free(c.score);
    free(c.outcome);
    return code;
}
