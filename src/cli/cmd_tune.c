/* tamis tune: methods and options tried on validation, the best ones written down. */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/option.h"
#include "base/text.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/line.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/save.h"
#include "cli/study.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/validation.h"

typedef struct tune_command {
    const char *output, *set;
    cli_validation validation;
} tune_command;

static const tamis_option rows[] = {
    BASE_OPTION(tune_command, set, "set", TAMIS_OPTION_TEXT, "OPTION=VALUES", NULL, "",
               "fix an option of training (OPTION=VALUE) or say what it is drawn from: VALUE,VALUE,... or LOW..HIGH, by its logarithm "
               "as log:LOW..HIGH; METHOD:OPTION=... for one method; may be given several times"),
    CLI_VALIDATION(tune_command, validation),
    BASE_OPTION(tune_command, output, "output", TAMIS_OPTION_TEXT, "FILE", NULL, "",
               "write the best options, as tamis train --options reads them; what was tried is kept in FILE.trials.csv, from which a "
               "run that was stopped goes on", .file = TAMIS_FILE_OUTPUT),
};
CLI_TABLE(cli_tune_table, "tune-output", rows, tune_command);

static void print(const tamis_tune *tune, const char *metric, const char *ledger)
{
    enum { SHOWN = 20 };
    size_t count = 0;
    const tamis_tune_row *row;
    cli_table table = {.columns = 6, .left = true};
    cli_out out = {0};
    const char *const head[] = {metric, "method", "trial", "epochs", "kept", "options"};
    for (size_t k = 0; k < BASE_COUNT(head); k++) cli_table_cell(&table, "%s", head[k]);
    for (; (row = tamis_tune_rows(tune, count)); count++) {
        if (count >= SHOWN) continue;
        if (isnan(row->value))
            cli_table_cell(&table, "diverged");
        else
            cli_table_cell(&table, "%.4f", row->value);
        cli_table_cell(&table, "%s", row->method);
        cli_table_cell(&table, "%" PRId64, row->trial);
        cli_table_cell(&table, "%" PRId64, row->epochs);
        cli_table_cell(&table, "%" PRId64, row->kept_epoch);
        cli_table_cell(&table, "%s%s", row->options, row->trial == 1 ? " (the first trial)" : "");
    }
    cli_table_print(&table, &out);
    char more[64];
    if (count > SHOWN) cli_note("%s more in %s", cli_plural((int64_t)(count - SHOWN), "trial", more), ledger);
}

static tamis_status save(const void *tune, const char *path, tamis_error *error)
{
    return tamis_tune_save(tune, path, error);
}

static int finish(const tamis_tune *tune, const tamis_tune_options *options, const tune_command *command, const char *ledger)
{
    char trials[64], ratio[32];
    const tamis_tune_row *best = tamis_tune_rows(tune, 0);
    print(tune, options->metric, ledger);
    int code = cli_save(command->output, "the file of options", save, tune);
    if (!code)
        cli_note("%s: %s is best, of %s per method; next: tamis train LOG --options %s %s %s -o MODEL", command->output, best->method,
                 cli_plural(tamis_tune_trials(tune), "trial", trials), command->output,
                 command->validation.path ? "--validation" : "--validation-ratio",
                 command->validation.path ? command->validation.path : base_real_text(options->validation_ratio, ratio));
    return code;
}

static int run(const cli_args *args, const tamis_log *log, const tamis_log *validation, const tamis_tune_options *options,
               const tune_command *command)
{
    char ledger[BASE_PATH];
    tamis_tune *tune = NULL;
    tamis_error error;
    cli_study going = {0};
    const tamis_study_progress progress = {&going, cli_study_tell};
    if (snprintf(ledger, sizeof ledger, "%s.trials.csv", command->output) >= (int)sizeof ledger)
        return cli_usage(args->command, "--output: the name is too long");
    cli_study_listen();
    const tamis_status status = tamis_tune_run(log, validation, options, ledger, &progress, &tune, &error);
    cli_line_clear();
    int code = cli_status(status, &error);
    if (!code) code = finish(tune, options, command, ledger);
    tamis_tune_free(tune);
    return code;
}

/* Every text that was given to --set. */
static int read_sets(const cli_args *args, tamis_tune_options *options, const char ***set)
{
    *set = calloc(args->given_count + 1, sizeof **set);
    if (!*set) return cli_fail(TAMIS_FAILURE, "not enough memory for the options");
    for (size_t k = 0; k < args->given_count; k++)
        if (strcmp(args->given[k].row->name, "set") == 0) (*set)[options->sets++] = args->given[k].text;
    options->set = *set;
    return 0;
}

int cmd_tune(const cli_args *args)
{
    tamis_log_options reading;
    tamis_tune_options options;
    tune_command command;
    const char **set = NULL;
    tamis_log *log = NULL, *validation = NULL;
    int code = cli_read_reading(args, &reading);
    if (!code) code = cli_read_options(args, "tune", &options);
    if (!code) code = cli_read_command(args, &cli_tune_table, &command);
    if (!code && !command.output) code = cli_missing(args->command, "-o FILE");
    if (!code) code = cli_validation_check(args, &command.validation, cli_text(args, "validation-ratio") != NULL);
    if (!code) code = cli_check_files(args);
    options.sets = 0;
    if (!code) code = read_sets(args, &options, &set);
    if (!code) code = cli_read_log(args->operand, args->operands, &reading, &log);
    if (!code && command.validation.path) code = cli_validation_read(args, &command.validation, &reading, log, &validation);
    if (!code) code = run(args, log, validation, &options, &command);
    free(set);
    tamis_log_free(validation);
    tamis_log_free(log);
    return code;
}
