/* tamis study: experiments on worlds with known truth. */
#include <stddef.h>
#include <string.h>

#include "base/option.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/message.h"
#include "cli/study.h"

typedef struct study_output {
    const char *output;
} study_output;

static const tamis_option rows[] = {
    BASE_OPTION(study_output, output, "output", TAMIS_OPTION_TEXT, "DIR", NULL, "",
               "the directory to write into, made if missing; an unfinished run in it goes on", .file = TAMIS_FILE_DIRECTORY),
};
CLI_TABLE(cli_study_table, "study-output", rows, study_output);

int cmd_study(const cli_args *args)
{
    tamis_log_options reading;
    tamis_mnar_options options;
    study_output command;
    tamis_log *log = NULL;
    tamis_robustness *study = NULL;
    tamis_error error;
    cli_study going = {0};
    const tamis_study_progress progress = {&going, cli_study_tell};
    if (strcmp(args->operand[0], "mnar") != 0)
        return cli_usage(args->command, "there is no study \"%.60s\"; there is: mnar", args->operand[0]);
    int code = cli_read_reading(args, &reading);
    if (!code) code = cli_read_options(args, "mnar", &options);
    if (!code) code = cli_read_command(args, &cli_study_table, &command);
    if (!code && !command.output) code = cli_missing(args->command, "-o DIR");
    cli_parts parts = {.command = "study", .directory = command.output,
                       .name = {"results.csv", "summary.md", "report.html", "plots.gp"}};
    if (!code) code = cli_parts_check(&parts, args, "--output");
    if (!code)
        code = cli_read_log_silent(args->operand + 1, args->operands - 1, &reading, CLI_SILENT_RATING, &log);
    if (!code) cli_study_listen();
    if (!code) code = cli_status(tamis_mnar_run(log, &options, command.output, &progress, &study, &error), &error);
    if (!code) code = cli_study_finish(study, "power", "mf", command.output);
    tamis_robustness_free(study);
    tamis_log_free(log);
    return code;
}
