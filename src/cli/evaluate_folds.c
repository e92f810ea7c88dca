/* tamis evaluate of several models, each on a test log of its own or all on one: the means of their figures, the standard
 * deviation, and the figures of each. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/evaluate_folds.h"
#include "cli/file.h"
#include "cli/json.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/save.h"
#include "cli/table.h"
#include "cli/text.h"

typedef struct folds {
    evaluate_run *run;
    const cli_joined *models;
    cli_joined *tests;   /* of each operand */
    const char **path; /* of one fold */
    size_t count, test_count, metrics;
    bool apart;        /* each has a test log of its own */
    char (*name)[64];
    double *value;     /* metrics x folds, then their means, then their deviations */
    int64_t *users, *rows;
    cli_facts facts;
} folds;

static int no_memory(void)
{
    return cli_fail(TAMIS_FAILURE, "not enough memory for several models");
}

/* ---- measuring */

static int name_tests(folds *f)
{
    const cli_args *args = f->run->args;
    f->test_count = args->operands - 1;
    f->tests = calloc(f->test_count + 1, sizeof *f->tests);
    f->path = calloc(f->test_count + 1, sizeof *f->path);
    f->users = calloc(2 * f->count, sizeof *f->users);
    if (!f->tests || !f->path || !f->users) return no_memory();
    f->rows = f->users + f->count;
    for (size_t k = 0; k < f->test_count; k++) {
        int code = cli_joined_read(args->command, args->operand[k + 1], &f->tests[k]);
        if (!code) code = cli_joined_check(args->command, args->operand[k + 1], &f->tests[k]);
        if (code) return code;
        if (f->tests[k].count != 1 && f->tests[k].count != f->count)
            return cli_usage(args->command, "\"%.200s\" names %zu test logs for %zu models; expected one for each, or one for all",
                             args->operand[k + 1], f->tests[k].count, f->count);
        f->apart |= f->tests[k].count > 1;
    }
    return 0;
}

static double *at(const folds *f, size_t column, size_t metric)
{
    return &f->value[column * f->metrics + metric];
}

static int take(folds *f, size_t k, const tamis_evaluation *e)
{
    if (k == 0) {
        f->metrics = tamis_evaluation_metrics(e);
        f->name = calloc(f->metrics + 1, sizeof *f->name);
        f->value = calloc((f->count + 2) * f->metrics + 1, sizeof *f->value);
        if (!f->name || !f->value) return no_memory();
        for (size_t m = 0; m < f->metrics; m++) snprintf(f->name[m], sizeof *f->name, "%s", tamis_evaluation_name(e, m));
    }
    for (size_t m = 0; m < f->metrics; m++) *at(f, k, m) = tamis_evaluation_mean(e, m);
    f->users[k] = tamis_evaluation_count(e)->users;
    f->rows[k] = tamis_evaluation_count(e)->rows;
    return 0;
}

static int measure(folds *f, size_t k)
{
    cli_testing testing = f->run->t; /* which has read nothing */
    tamis_model *model = NULL;
    tamis_evaluation *outcome = NULL;
    testing.fold = k;
    testing.folds = f->count;
    for (size_t j = 0; j < f->test_count; j++) f->path[j] = cli_joined_at(&f->tests[j], k);
    int code = cli_load(f->models->part[k], &model);
    if (!code) code = cli_testing_read(&testing, f->path, f->test_count);
    if (!code) code = cli_testing_run(&testing, model, &outcome);
    if (!code) code = take(f, k, outcome);
    if (!code) cli_fact_file(&f->facts, "model", f->models->part[k]);
    if (!code) code = f->facts.code;
    testing.tests = f->run->args->operand + 1;
    if (!code && k + 1 == f->count) cli_testing_facts(&testing, &f->facts);
    tamis_evaluation_free(outcome);
    tamis_model_free(model);
    cli_testing_clear(&testing);
    return code;
}

static void summarize(folds *f)
{
    for (size_t m = 0; m < f->metrics; m++) {
        double mean = 0, squares = 0;
        for (size_t k = 0; k < f->count; k++) mean += *at(f, k, m) / (double)f->count;
        for (size_t k = 0; k < f->count; k++) squares += (*at(f, k, m) - mean) * (*at(f, k, m) - mean);
        *at(f, f->count, m) = mean;
        *at(f, f->count + 1, m) = sqrt(squares / (double)(f->count - 1));
    }
    if (!f->facts.brief)
        for (size_t m = 0; m < f->metrics; m++)
            if (m == 0 || strncmp(f->name[m], f->name[m - 1], strcspn(f->name[m], "@") + 1) != 0) cli_facts_metric(&f->facts, f->name[m]);
    cli_fact(&f->facts, "deviation", "over %zu %s, with %zu", f->count, f->apart ? "folds" : "runs", f->count - 1);
    cli_fact(&f->facts, "tamis", "%s", tamis_version());
}

/* ---- writing */

static void print_table(const folds *f, cli_form form, cli_out *out)
{
    cli_table table = {.columns = 3 + f->count};
    cli_table_cell(&table, "%s", "");
    cli_table_cell(&table, "mean");
    cli_table_cell(&table, "deviation");
    for (size_t k = 0; k < f->count; k++) cli_table_cell(&table, "%s %zu", f->apart ? "fold" : "run", k + 1);
    for (size_t m = 0; m < f->metrics; m++) {
        cli_table_cell(&table, "%s", f->name[m]);
        for (size_t k = 0; k < f->count + 2; k++) {
            const double value = *at(f, (k + f->count) % (f->count + 2), m);
            if (isfinite(value)) cli_table_cell(&table, "%.4f", value);
            else cli_table_cell(&table, "-");
        }
    }
    cli_table_cell(&table, "users");
    cli_table_cell(&table, "%s", "");
    cli_table_cell(&table, "%s", "");
    for (size_t k = 0; k < f->count; k++) cli_table_cell(&table, "%s", cli_count(f->users[k], (char[32]){0}));
    cli_table_print_as(&table, form, out);
    cli_facts_print(&f->facts, form, out);
}

static void print_metrics(const folds *f, const char *name, size_t column, cli_json *json)
{
    cli_json_open(json, name, '{');
    for (size_t m = 0; m < f->metrics; m++) cli_json_real(json, f->name[m], *at(f, column, m));
    cli_json_close(json, '}');
}

static void print_json(const folds *f, cli_out *out)
{
    cli_json json = {.out = out};
    cli_json_open(&json, NULL, '{');
    print_metrics(f, "metrics", f->count, &json);
    print_metrics(f, "deviation", f->count + 1, &json);
    cli_json_open(&json, f->apart ? "folds" : "runs", '[');
    for (size_t k = 0; k < f->count; k++) {
        cli_json_open(&json, NULL, '{');
        cli_json_text(&json, "model", f->models->part[k]);
        cli_json_open(&json, "test", '[');
        for (size_t j = 0; j < f->test_count; j++) cli_json_text(&json, NULL, cli_joined_at(&f->tests[j], k));
        cli_json_close(&json, ']');
        cli_json_integer(&json, "users", f->users[k]);
        cli_json_integer(&json, "rows", f->rows[k]);
        print_metrics(f, "metrics", k, &json);
        cli_json_close(&json, '}');
    }
    cli_json_close(&json, ']');
    cli_facts_json(&f->facts, &json);
    cli_json_close(&json, '}');
    cli_json_line(&json);
}

/* A row per metric and model, then its mean and its deviation. */
static void print_csv(const folds *f, cli_out *out)
{
    char number[32], which[32];
    cli_out_text(out, f->apart ? "metric,fold,users,rows,value,facts\n" : "metric,run,users,rows,value,facts\n");
    for (size_t m = 0; m < f->metrics; m++)
        for (size_t k = 0; k < f->count + 2; k++) {
            snprintf(which, sizeof which, "%zu", k + 1);
            cli_out_text(out, f->name[m]);
            cli_out_text(out, ",");
            cli_out_text(out, k == f->count ? "mean" : k == f->count + 1 ? "deviation" : which);
            for (int c = 0; c < 3; c++) {
                const double value = c == 2 ? *at(f, k, m) : k < f->count ? (double)(c ? f->rows : f->users)[k] : (double)NAN;
                cli_out_text(out, ",");
                if (isfinite(value)) cli_out_text(out, base_real_text(value, number));
            }
            cli_out_text(out, ",");
            cli_facts_field(&f->facts, out);
            cli_out_text(out, "\n");
        }
}

static void print(const void *context, cli_out *out)
{
    const folds *f = context;
    const cli_form form = (cli_form)f->run->command.form;
    if (form == CLI_JSON_TEXT) print_json(f, out);
    else if (form == CLI_CSV) print_csv(f, out);
    else print_table(f, form, out);
}

/* Options about one model. */
static int refuse(const evaluate_run *r)
{
    const char *given = r->command.slice ? "slice" : r->command.per_user ? "per-user" : r->t.options.bootstrap ? "bootstrap" : NULL;
    if (!given) return 0;
    return cli_usage(r->args->command, "--%s is about one model, and \"%.200s\" is several; %s", given, r->args->operand[0],
                     *given == 'b' ? "expected none: tamis compare has intervals over folds" : "evaluate each by itself");
}

int evaluate_folds(evaluate_run *r, const cli_joined *models)
{
    folds f = {.run = r, .models = models, .count = models->count,
               .facts = {.brief = cli_form_is_text((cli_form)r->command.form) && !r->command.verbose}};
    int code = refuse(r);
    if (!code) code = name_tests(&f);
    for (size_t k = 0; !code && k < f.count; k++) code = measure(&f, k);
    if (!code) code = f.facts.code;
    if (!code) summarize(&f);
    if (!code) code = cli_write_files(&(cli_file){r->command.output, "the evaluation", print}, 1, &f);
    cli_facts_clear(&f.facts);
    for (size_t k = 0; f.tests && k < f.test_count; k++) cli_joined_clear(&f.tests[k]);
    free(f.tests);
    free(f.path);
    free(f.users);
    free(f.name);
    free(f.value);
    return code;
}
