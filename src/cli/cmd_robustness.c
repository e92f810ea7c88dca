/* tamis robustness: how methods stand noise in a log. */
#include <stddef.h>

#include "base/option.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/message.h"
#include "cli/study.h"

typedef struct robustness_output {
    const char *output;
} robustness_output;

static const tamis_option rows[] = {
    BASE_OPTION(robustness_output, output, "output", TAMIS_OPTION_TEXT, "DIR", NULL, "",
               "the directory to write into, made if missing; an unfinished run in it goes on", .file = TAMIS_FILE_DIRECTORY),
};
CLI_TABLE(cli_robustness_table, "robustness-output", rows, robustness_output);

int cmd_robustness(const cli_args *args)
{
    tamis_log_options reading;
    tamis_robustness_options options;
    robustness_output own;
    tamis_log *log = NULL;
    tamis_robustness *study = NULL;
    tamis_error error;
    cli_study going = {0};
    const tamis_study_progress progress = {&going, cli_study_tell};
    int code = cli_read_options(args, "log", &reading);
    if (!code) code = cli_read_options(args, "robustness", &options);
    if (!code) code = cli_read_own(args, &cli_robustness_table, &own);
    if (!code && !own.output) code = cli_missing(args->command, "-o DIR");
    cli_parts parts = {.command = "robustness", .directory = own.output,
                       .name = {"results.csv", "trials.csv", "summary.md", "report.html", "plots.gp"}};
    if (!code) code = cli_parts_check(&parts, args, "--output");
    if (!code) code = cli_read_log(args->operand, args->operands, &reading, &log);
    if (!code) cli_study_listen();
    if (!code)
        code = cli_status(tamis_robustness_run(log, &options, own.output, &progress, &study, &error), &error);
    if (!code) code = cli_study_finish(study, "noise", options.control, own.output);
    tamis_robustness_free(study);
    tamis_log_free(log);
    return code;
}
