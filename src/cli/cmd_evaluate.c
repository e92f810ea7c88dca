/* tamis evaluate: the metrics of a model on held-out logs, and per user. */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/option.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/evaluate_folds.h"
#include "cli/evaluate_output.h"
#include "cli/file.h"
#include "cli/history.h"
#include "cli/message.h"
#include "cli/table.h"
#include "cli/testing.h"

static const tamis_option rows[] = {
    BASE_OPTION(evaluate_options, slice, "slice", TAMIS_OPTION_TEXT, "WHAT", NULL, "",
               "figures of groups too: popularity (of the test items), activity (of the users), users:FILE:COLUMN or "
               "items:FILE:COLUMN (a CSV file with a header, ids in its first column); may be given several times"),
    BASE_OPTION(evaluate_options, form, "output-format", TAMIS_OPTION_CHOICE, CLI_FORMS, "table", "",
               "how to write the figures"),
    BASE_OPTION(evaluate_options, json, "json", TAMIS_OPTION_FLAG, NULL, "0", "", "the same as --output-format json"),
    BASE_OPTION(evaluate_options, output, "output", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "write to this file instead of standard output", .file = TAMIS_FILE_STREAM),
    BASE_OPTION(evaluate_options, per_user, "per-user", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "write every user's values as CSV, for tamis compare", .file = TAMIS_FILE_OUTPUT),
    CLI_VERBOSE(evaluate_options),
    BASE_OPTION(evaluate_options, fold_in, "fold-in", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "a log of users' histories, who are folded into the model first: users whom the model does not know, or new rows of those "
               "that it knows", .file = TAMIS_FILE_INPUT),
    CLI_COLUMNS(evaluate_options, fold_in_column, "fold-in"),
};
CLI_TABLE(cli_evaluate_table, "evaluate-output", rows, evaluate_options);

/* users:FILE:COLUMN; the file's name may hold colons itself. */
static int read_slice_table(evaluate_run *r, const char *text, tamis_slice *slice)
{
    tamis_error error;
    const char *file = strchr(text, ':') + 1, *column = strrchr(file, ':');
    char *path = column && column > file && column[1] ? strndup(file, (size_t)(column - file)) : NULL;
    if (!path)
        return cli_usage(r->args->command, "--slice: \"%.200s\" names no file and column; expected %.5s:FILE:COLUMN",
                         text, text);
    int code = cli_status(tamis_table_read(path, &r->table[r->tables], &error), &error);
    free(path);
    if (code) return code;
    slice->table = r->table[r->tables++];
    code = cli_status(tamis_table_find(slice->table, column + 1, &slice->column, &error), &error);
    return code;
}

static int read_slices(evaluate_run *r)
{
    r->slice = calloc(r->args->given_count + 1, sizeof *r->slice);
    r->table = calloc(r->args->given_count + 1, sizeof(tamis_table *));
    if (!r->slice || !r->table) return cli_fail(TAMIS_FAILURE, "not enough memory for slices");
    for (size_t k = 0; k < r->args->given_count; k++) {
        const char *text = r->args->given[k].text;
        tamis_slice *slice = &r->slice[r->slices];
        int code = 0;
        if (r->args->given[k].row != &rows[0]) continue;
        if (strcmp(text, "popularity") == 0) slice->by = TAMIS_SLICE_POPULARITY;
        else if (strcmp(text, "activity") == 0) slice->by = TAMIS_SLICE_ACTIVITY;
        else if (strncmp(text, "users:", 6) == 0 || strncmp(text, "items:", 6) == 0) {
            slice->by = *text == 'u' ? TAMIS_SLICE_USERS : TAMIS_SLICE_ITEMS;
            code = read_slice_table(r, text, slice);
        } else {
            code = cli_usage(r->args->command, "--slice: \"%.200s\" is none of popularity, activity, users:FILE:COLUMN, "
                             "items:FILE:COLUMN", text);
        }
        if (code) return code;
        r->slices++;
    }
    r->t.options.slice = r->slice;
    r->t.options.slices = r->slices;
    return 0;
}

/* What a row counts is asked of histories alone, and checked together with how all logs are read. */
static int read_weights(evaluate_run *r)
{
    const tamis_option_table *weights = tamis_option_find_table("weights");
    base_option_defaults(weights, &r->t.reading);
    return cli_check_idle_table(r->args, "weights", NULL, r->command.fold_in != NULL, "--fold-in");
}

static int fold_in(evaluate_run *r)
{
    cli_history history = {.path = r->command.fold_in, .threads = r->t.options.threads};
    tamis_log *log;
    cli_beside(r->args, "fold-in-", &r->t.reading, &history.reading);
    int code = cli_apply(r->args, tamis_option_find_table("weights"), &history.reading);
    if (!code) code = cli_history_read(&history, &log);
    if (code) return code;
    code = cli_history_fold(&history, log, &r->model);
    tamis_log_free(log);
    return code;
}

/* Test logs that are joined want as many models. */
static int check_joined(const evaluate_run *r)
{
    int code = 0;
    for (size_t k = 1; !code && k < r->args->operands; k++) {
        cli_joined tests;
        code = cli_joined_read(r->args->command, r->args->operand[k], &tests);
        if (!code && tests.count > 1)
            code = cli_usage(r->args->command, "\"%.200s\" names %zu test logs for one model; expected a model for each, joined by commas",
                             r->args->operand[k], tests.count);
        cli_joined_clear(&tests);
    }
    return code;
}

static int evaluate_one(evaluate_run *r)
{
    int code = check_joined(r);
    if (!code) code = cli_load(r->args->operand[0], &r->model);
    if (!code && r->command.fold_in) code = fold_in(r);
    if (!code) code = read_slices(r);
    if (!code) code = cli_testing_read(&r->t, r->args->operand + 1, r->args->operands - 1);
    if (!code) code = cli_testing_run(&r->t, r->model, &r->outcome);
    return code ? code : evaluate_write(r);
}

static int evaluate(evaluate_run *r)
{
    cli_joined models;
    int code = cli_joined_read(r->args->command, r->args->operand[0], &models);
    if (!code && models.count > 1 && r->command.fold_in)
        code = cli_usage(r->args->command, "--fold-in is for one model, and there are %zu; leave it out", models.count);
    if (!code) code = cli_joined_check(r->args->command, r->args->operand[0], &models);
    if (!code) code = models.count > 1 ? evaluate_folds(r, &models) : evaluate_one(r);
    cli_joined_clear(&models);
    return code;
}

/* Options that say nothing without another. */
static int check_idle(const evaluate_run *r)
{
    bool popularity = false;
    for (size_t k = 0; k < r->args->given_count; k++)
        popularity |= r->args->given[k].row == &rows[0] && strcmp(r->args->given[k].text, "popularity") == 0;
    int code = cli_check_idle(r->args, "confidence", r->t.options.bootstrap > 0, "--bootstrap");
    return code ? code : cli_check_idle(r->args, "rare-threshold", popularity, "--slice popularity");
}

int cmd_evaluate(const cli_args *args)
{
    evaluate_run r = {.args = args};
    int code = cli_testing_options(&r.t, args);
    if (!code) code = cli_read_command(args, &cli_evaluate_table, &r.command);
    if (!code) code = cli_check_beside(args, "fold-in-");
    if (!code) code = read_weights(&r);
    if (!code) code = cli_check_files(args);
    if (r.command.json) r.command.form = CLI_JSON_TEXT;
    if (!code) code = cli_apply(args, tamis_option_find_table("interval"), &r.t.options);
    if (!code) code = cli_check(args, tamis_option_find_table("interval"), &r.t.options);
    if (!code) code = check_idle(&r);
    if (!code) code = evaluate(&r);
    tamis_evaluation_free(r.outcome);
    cli_testing_clear(&r.t);
    tamis_model_free(r.model);
    for (size_t k = 0; k < r.tables; k++) tamis_table_free(r.table[k]);
    free(r.table);
    free(r.slice);
    return code;
}
