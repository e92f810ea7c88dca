/* tamis robustness: how methods stand noise in a log. */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/option.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/message.h"
#include "cli/study.h"

typedef struct robustness_output {
    const char *output, *noise_from;
} robustness_output;

static const tamis_option rows[] = {
    BASE_OPTION(robustness_output, noise_from, "noise-from", TAMIS_OPTION_TEXT, "PREDICATE", NULL, "",
               "rows of the log that are noise, such as rating<=2: they are in train and validation, never in test; --ratios are then "
               "shares of them, 0,0.5,1 by default"),
    BASE_OPTION(robustness_output, output, "output", TAMIS_OPTION_TEXT, "DIR", NULL, "",
               "the directory to write into, made if missing; an unfinished run in it goes on", .file = TAMIS_FILE_DIRECTORY),
};
CLI_TABLE(cli_robustness_table, "robustness-output", rows, robustness_output);

/* Natural noise in the place of what is put in: --ratios are shares of it. */
static int check_natural(const cli_args *args, tamis_robustness_options *options)
{
    static const char *const others[] = {"noise", "paper-protocol", "where", "where-not"};
    for (size_t k = 0; k < BASE_COUNT(others); k++)
        if (cli_text(args, others[k]))
            return cli_usage(args->command, "--%s does not go with --noise-from; leave one of them out", others[k]);
    const bool scaled = cli_text(args, "weight-scale") || (cli_text(args, "weight-transform") && strcmp(cli_text(args, "weight-transform"), "none") == 0);
    if (cli_text(args, "weight") && !scaled)
        return cli_usage(args->command, "--noise-from reads noise and all else by themselves, so that their weights would have different scales; "
                         "give --weight-scale");
    if (cli_text(args, "half-life") && !cli_text(args, "now"))
        return cli_usage(args->command, "--noise-from reads noise and all else by themselves, whose newest rows differ; give --now");
    if (!cli_text(args, "ratios")) options->ratios = "0,0.5,1";
    for (size_t k = 0; k < args->operands; k++)
        if (strcmp(args->operand[k], "-") == 0)
            return cli_usage(args->command, "--noise-from reads the log twice, which standard input (-) cannot be; expected a file");
    return 0;
}

/* The rows that are not noise, and those that are. All of these are there, whatever their rating. */
static int read_logs(const cli_args *args, const robustness_output *command, tamis_log_options *reading, tamis_log **log, tamis_log **natural)
{
    tamis_error error;
    if (!command->noise_from) return cli_read_log(args->operand, args->operands, reading, log);
    reading->where_not = command->noise_from;
    reading->where_name = "--noise-from";
    int code = cli_read_log_silent(args->operand, args->operands, reading, CLI_SILENT_RATING, log);
    if (code) return code;
    tamis_log_options noise = *reading;
    noise.where = command->noise_from;
    noise.where_not = NULL;
    noise.min_rating = -(double)INFINITY;
    noise.dislike = NULL;
    noise.dislike_below = (double)NAN;
    noise.min_user_interactions = noise.min_item_interactions = 1;
    code = cli_read_log_silent(args->operand, args->operands, &noise, CLI_SILENT_RATING, natural);
    return code ? code : cli_status(tamis_log_add_ids(*log, *natural, &error), &error);
}

int cmd_robustness(const cli_args *args)
{
    tamis_log_options reading;
    tamis_robustness_options options;
    robustness_output command;
    tamis_log *log = NULL, *natural = NULL;
    tamis_robustness *study = NULL;
    tamis_error error;
    cli_study going = {0};
    const tamis_study_progress progress = {&going, cli_study_tell};
    int code = cli_read_reading(args, &reading);
    if (!code) code = cli_read_options(args, "robustness", &options);
    if (!code) code = cli_read_command(args, &cli_robustness_table, &command);
    if (!code && !command.output) code = cli_missing(args->command, "-o DIR");
    /* cppcheck-suppress uninitvar ; a table of options fills it in */
    if (!code && command.noise_from) code = check_natural(args, &options);
    cli_parts parts = {.command = "robustness", .directory = command.output,
                       .name = {"results.csv", "tuning.csv", "summary.md", "report.html", "plots.gp"}};
    if (!code) code = cli_parts_check(&parts, args, "--output");
    if (!code) code = read_logs(args, &command, &reading, &log, &natural);
    options.natural = natural;
    options.log_name = args->operands ? args->operand[0] : NULL;
    char *text = cli_study_command(args);
    options.command = text;
    if (!code) cli_study_listen();
    if (!code)
        code = cli_status(tamis_robustness_run(log, &options, command.output, &progress, &study, &error), &error);
    if (!code) code = cli_study_finish(study, "noise", options.control, command.output);
    free(text);
    tamis_robustness_free(study);
    tamis_log_free(natural);
    tamis_log_free(log);
    return code;
}
